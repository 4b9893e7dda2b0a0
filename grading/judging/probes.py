"""The module `probes` as a check sees it: each probe runs in the student's process, its source sent along."""

import ast
import inspect
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from grading.judging.remote import RemoteGuest
from helpers import probes


class _RemoteModule:
    """The probes: each runs in the guest, its source sent along; functions passed to it are called back here."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(probes, name)
        if not inspect.isfunction(function):
            raise AttributeError(f"There is no probe {name!r}.")
        source = whole_source(function.__module__)

        def probe(*args: Any, **kwargs: Any) -> Any:
            guest = RemoteGuest.current
            if guest is None:
                raise RuntimeError(f"The probe {name} was called outside a check.")
            return guest.ask({"do": "probe", "name": name, "source": source}, list(args), kwargs)

        return probe


REMOTE_PROBES = _RemoteModule()


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
