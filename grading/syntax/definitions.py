"""The statements that define a cell's names: what stands in for an answer, be the cell readable or not."""

import ast
import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from grading.syntax.names import defined_names
from grading.syntax.parsing import KEPT, tree_of


@lru_cache(KEPT)
def definitions(source: str) -> Mapping[str, str]:
    """Return the names that functions, classes, imports and assignments of a cell define, each with its statement.

    Code that does not parse may define what it says after `def` and `class`; the statement is then all of it.
    """
    tree = tree_of(source)
    if tree is None:
        return dict.fromkeys(re.findall(r"(?m)^(?:async\s+)?(?:def|class)\s+(\w+)", source), source)
    found: dict[str, str] = {}
    for node in tree.body:
        if names := names_bound(node):
            found |= dict.fromkeys(names, code_of(node, source))
    return found


def intended_names(source: str) -> Collection[str]:
    """Return the names that a cell defines when it runs, or would if Python could read it."""
    return defined_names(source) or definitions(source).keys()


def names_bound(node: ast.stmt, assigned: bool = True) -> list[str]:
    """Return the names that a statement defines at the top level of its cell, or of its blocks."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        case ast.Assign() | ast.AnnAssign() if assigned:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
            return [name.id for name in names if isinstance(name.ctx, ast.Store)]
    return [name for inner in _blocks(node) for name in names_bound(inner, assigned)]


def code_of(node: ast.stmt, source: str) -> str:
    """Return the code of a statement, its decorators included."""
    first = min(other.lineno for other in (node, *getattr(node, "decorator_list", ())))
    if first == node.lineno and node.col_offset:  # not the first of its line
        return ast.get_source_segment(source, node) or ""
    lines = source.split("\n")[first - 1 : node.end_lineno]
    last = lines[-1].encode()
    if last[node.end_col_offset :].lstrip().startswith(b";"):
        lines[-1] = last[: node.end_col_offset].decode()
    return "\n".join(lines)


@lru_cache(KEPT)
def is_finished(code: str, name: str) -> bool:
    """Whether code defines a function or a class of this name, or what may be called by it, and leaves no blank."""
    tree = tree_of(code)
    if tree is None:
        return False
    nodes = [node for node in _flat(tree.body) if name in names_bound(node)]
    if not nodes or not _is_callable(nodes[-1]):
        return False
    return not _is_stub(nodes[-1]) and not ("..." in code and _has_ellipsis(nodes[-1]))


def _blocks(node: ast.stmt) -> list[ast.stmt]:
    """Return the statements in the blocks of a compound statement, none of a function or a class."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    parts = (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    return [inner for part in parts for key in ("body", "orelse", "finalbody") for inner in getattr(part, key, ())]


def _flat(nodes: list[ast.stmt]) -> list[ast.stmt]:
    """Return statements and, after each, those in its blocks."""
    return [each for node in nodes for each in (node, *_flat(_blocks(node)))]


def _is_callable(node: ast.stmt) -> bool:
    """Whether a statement that defines a name may give it something to call."""
    value = getattr(node, "value", None)
    return value is None or isinstance(value, ast.Lambda | ast.Name | ast.Attribute | ast.Call)


def _has_ellipsis(node: ast.stmt) -> bool:
    """Whether a definition leaves a `...` that is no index."""
    indices = {each for index in ast.walk(node) if isinstance(index, ast.Subscript) for each in ast.walk(index.slice)}
    return any(isinstance(each, ast.Constant) and each.value is ... and each not in indices for each in ast.walk(node))


def _is_stub(node: ast.stmt) -> bool:
    """Whether a definition does nothing but say that it is not written yet."""
    if isinstance(node, ast.ClassDef):
        return any(map(_raises, (each for each in node.body if isinstance(each, ast.FunctionDef))))
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (_raises(node) or not _does(node))


def _does(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    """Return the statements of a function that do anything."""
    return [
        each
        for each in node.body
        if not isinstance(each, ast.Pass) and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]


def _raises(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function still ends where the released one does."""
    ends = (each for each in node.body if isinstance(each, ast.Return | ast.Raise))
    end = next(ends, None)
    return isinstance(end, ast.Raise) and "NotImplementedError" in ast.dump(end)
