"""The source of the probes, which the judge sends along: they run in the student's process."""

import ast
import inspect
import sys
from functools import cache

from helpers import probes


def read_probes() -> None:
    """Read the source of all probes: forks of this process then have it."""
    for function in vars(probes).values():
        if inspect.isfunction(function):
            whole_source(function.__module__)


@cache
def whole_source(module: str) -> str:
    """Return the source of a module of probes after that of those from which it imports, without these imports.

    In the student's process it must not import helpers.probes: the student may have changed what that is there.
    """
    bodies: dict[str, list[ast.stmt]] = {}

    def add(name: str) -> None:
        if name in bodies:
            return
        body = ast.parse(inspect.getsource(sys.modules[name])).body
        imports = {line: line.module or "" for line in body if isinstance(line, ast.ImportFrom)}
        shared = {line: name for line, name in imports.items() if name.startswith(f"{probes.__name__}.")}
        for other in shared.values():
            add(other)
        bodies[name] = [line for line in body if line not in shared]

    add(module)
    return "\n".join(ast.unparse(ast.Module(body, [])) for body in bodies.values())
