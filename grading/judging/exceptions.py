"""The exceptions that reach a check: those of the student's code, and those that end it."""

import builtins
from typing import Any

from grading.wire.errors import malformed

MAX_NAME, MAX_LINE, MAX_LINES = 50, 10_000, 50
# Exceptions that take more than a sentence, or that Python itself catches.
STRANGE = (UnicodeError, BaseExceptionGroup, StopIteration, StopAsyncIteration)
# The exceptions that a check may expect of a student's function, by type.
EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, STRANGE)
}


class TimeUp(BaseException):
    """The check has had its time. No check catches it."""


class GuestGone(BaseException):
    """The guest has ended, or does not speak any more. No check catches it."""


class StudentError(Exception):
    """An exception of the student's code; `lines`: what a notebook shows of it."""

    lines: list[str]


def student_error(error: Any) -> StudentError:
    """Return the exception that stands for one of the student's code."""
    try:
        kind, text, lines = str(error["kind"])[:MAX_NAME], str(error["text"])[:MAX_LINE], error["lines"]
        lines = [str(line)[:MAX_LINE] for line in lines[-MAX_LINES:]]
        known = next((EXCEPTIONS[name] for name in error["kinds"] if name in EXCEPTIONS), Exception)
        raised: StudentError = type(kind, (StudentError, *([known] if known is not Exception else [])), {})(text)
    except (KeyError, RecursionError, TypeError, ValueError):
        raise malformed() from None
    raised.lines = lines
    return raised
