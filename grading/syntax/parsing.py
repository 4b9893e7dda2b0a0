"""Have Python read the code of a cell, whatever that is: as a tree, as a table of its names, or not at all."""

import ast
import re
import symtable
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import TypeVar

# Longer code is not read: that would take minutes, and no cell of a person's is.
MAX_SOURCE = 100_000
# What Python raises of code that is none, or that nests deeper than its parser, tree or tables can hold.
UNREADABLE = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError, SystemError)

# What was found of so many sources, more than a notebook has, is kept for whoever asks next; not so the trees of long
# ones: a tree is up to 300 times as large as its source.
KEPT, SHORT = 500, 2000
MAGICS = re.compile(r"(?m)^[ \t]*[%!].*$")

Read = TypeVar("Read")


def tree_of(source: str) -> ast.Module | None:
    """Return the tree of a cell, without its magics where they are in the way; None where there is none.

    Others get the same tree: nobody may change it.
    """
    return _tree_of_short(source) if len(source) <= SHORT else _read(ast.parse, source)


@lru_cache(KEPT)
def _tree_of_short(source: str) -> ast.Module | None:
    return _read(ast.parse, source)


def table_of(source: str) -> symtable.SymbolTable | None:
    """Return the table of the names in a cell, without its magics likewise; None where there is none."""
    return _read(_table, source)


def _table(text: str) -> symtable.SymbolTable:
    if sys.version_info >= (3, 12):  # where a table holds the variables of comprehensions, as if they stayed
        text = ast.unparse(_AsGenerators().visit(ast.parse(text)))
    return symtable.symtable(text, "cell", "exec")


class _AsGenerators(ast.NodeTransformer):
    """Have generators stand for comprehensions: they keep their variables for themselves in any Python."""

    def _visit_comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return ast.GeneratorExp(ast.Tuple(parts, ast.Load()), node.generators)

    visit_ListComp = visit_SetComp = visit_DictComp = _visit_comprehension


def _read(read: Callable[[str], Read], source: str) -> Read | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a student's escapes in strings
        for text in dict.fromkeys((source, MAGICS.sub("", source))):
            if len(text) <= MAX_SOURCE:
                with suppress(*UNREADABLE):
                    return read(text)
    return None
