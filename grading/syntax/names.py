"""What Python itself says of a cell's code, whatever that is: a tree, a table of its names, or nothing."""

import ast
import symtable
import warnings
from collections.abc import Callable
from functools import cache
from typing import TypeVar

# Longer code is not read: that would take minutes, and no cell of a person's is.
MAX_SOURCE = 100_000
# What Python raises of code that is none, or that nests deeper than its parser, tree or tables can hold.
UNREADABLE = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError, SystemError)

Read = TypeVar("Read")


def parsed(source: str) -> ast.Module | None:
    """Return the tree of some code, None where there is none."""
    return _read(ast.parse, source)


def names_of(source: str) -> symtable.SymbolTable | None:
    """Return the names that some code uses and defines, None where that cannot be told."""
    return _read(lambda text: symtable.symtable(text, "cell", "exec"), source)


@cache
def defined_names(source: str) -> frozenset[str]:
    """Return the names that a cell defines in the notebook when it runs."""
    table = names_of(source)
    symbols = table.get_symbols() if table else ()
    return frozenset(symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported())


@cache
def used_names(source: str) -> frozenset[str]:
    """Return the names that a cell takes from the notebook or from Python itself."""
    table, names = names_of(source), set()
    tables = [table] if table else []
    for table in tables:
        names |= {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}
        tables += table.get_children()
    return frozenset(names)


def _read(read: Callable[[str], Read], source: str) -> Read | None:
    if len(source) > MAX_SOURCE:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a student's escapes in strings
        try:
            return read(source)
        except UNREADABLE:
            return None
