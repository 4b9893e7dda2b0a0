"""Have Python read the code of a cell, whatever that is: as a tree, as a table of its names, or not at all."""

import ast
import re
import symtable
import warnings
from collections.abc import Callable
from typing import TypeVar

# Longer code is not read: that would take minutes, and no cell of a person's is.
MAX_SOURCE = 100_000
# What Python raises of code that is none, or that nests deeper than its parser, tree or tables can hold.
UNREADABLE = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError, SystemError)

Read = TypeVar("Read")


def tree_of(source: str) -> ast.Module | None:
    """Return the tree of a cell, without its magics where they are in the way; None where there is none."""
    return _read(ast.parse, source) or _read(ast.parse, re.sub(r"(?m)^[ \t]*[%!].*$", "", source))


def table_of(source: str) -> symtable.SymbolTable | None:
    """Return the table of the names in a cell, None where there is none."""
    return _read(lambda text: symtable.symtable(text, "cell", "exec"), source)


def _read(read: Callable[[str], Read], source: str) -> Read | None:
    if len(source) > MAX_SOURCE:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a student's escapes in strings
        try:
            return read(source)
        except UNREADABLE:
            return None
