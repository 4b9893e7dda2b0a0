"""Code without what may name people: comments, docstrings, and texts that are not the stage's own."""

import ast
from collections.abc import Collection, Iterable


def known_texts(code: Iterable[str]) -> set[str]:
    """Return the literal texts in a stage's own code: they name nobody."""
    return {
        node.value
        for tree in map(_parsed, code)
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def bare(source: str, known: Collection[str]) -> str | None:
    """Return code without comments, docstrings and texts, but those that are known; None where it is no Python."""
    tree = _parsed(source)
    if tree is None:
        return None
    try:
        return ast.unparse(_Bare(known).visit(tree))
    except (RecursionError, ValueError):
        return None


class _Bare(ast.NodeTransformer):
    """Takes texts out of code."""

    def __init__(self, known: Collection[str]):
        self._known = known

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body:
                kept = [one for one in body if not _is_text(one)]
                setattr(node, name, kept or [ast.Pass()])
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if isinstance(node.value, str) and node.value not in self._known:
            return ast.Constant("")
        return ast.Constant(b"") if isinstance(node.value, bytes) else node


def _is_text(node: ast.AST) -> bool:
    """Whether a statement is a text alone: a docstring, or what somebody put away."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant | ast.JoinedStr)
        and not (isinstance(node.value, ast.Constant) and not isinstance(node.value.value, str | bytes))
    )


def _parsed(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
