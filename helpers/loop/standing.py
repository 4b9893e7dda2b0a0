"""What is known of a check, and what code tells: the names that it uses, whether an answer is written."""

from collections.abc import Callable
from dataclasses import dataclass
from traceback import walk_tb
from types import CodeType
from typing import Any

OPEN, FAILS, HOLDS, FORM = "·", "✗", "✓", "◦"


@dataclass
class Standing:
    """What is known of one check.

    names: what its code uses. again: runs it. tried: the code that it saw last. failures: in a row, of new code.
    """

    name: str
    mark: str = OPEN
    sentence: str = ""
    names: frozenset[str] = frozenset()
    again: Callable[[], object] = lambda: None
    seconds: float = 0.0
    tried: tuple[CodeType, ...] = ()
    failures: int = 0


def unwritten(error: BaseException) -> bool:
    """Tell whether an error is the one that stands for an answer in a release: torch raises such errors, too."""
    frames = [frame for frame, _line in walk_tb(error.__traceback__)]
    return isinstance(error, NotImplementedError) and bool(frames) and str(error) in frames[-1].f_code.co_consts


def codes_of(answer: Any) -> list[CodeType]:
    """Return the code of a function, or of the functions of a class."""
    functions = vars(answer).values() if isinstance(answer, type) else [answer]
    codes = (getattr(function, "__code__", None) for function in functions)
    return [code for code in codes if isinstance(code, CodeType)]


def used_names(code: CodeType) -> frozenset[str]:
    """Return the names that code uses, functions within it as well."""
    inner = (used_names(part) for part in code.co_consts if isinstance(part, CodeType))
    return frozenset(code.co_names).union(*inner)
