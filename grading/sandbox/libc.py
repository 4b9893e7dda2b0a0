"""Calls of Linux that Python has not, with the errors that it would raise."""

import ctypes
import os
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str | None, target: Path | str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mount something. Raises OSError."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind, options)]
    call(libc.mount(*words[:3], ctypes.c_ulong(flags), words[3]), str(target))


def call(result: int, what: str | None = None) -> None:
    """Raise the OSError that a call's result stands for, if it does. what: it was about."""
    if result:
        number = ctypes.get_errno() or -result
        raise OSError(number, os.strerror(number), what)
