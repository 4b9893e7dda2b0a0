"""Calls of Linux that Python has not, with the errors that it would raise."""

import ctypes
import os
import sys
from pathlib import Path

libc = ctypes.CDLL(None, use_errno=True)

HUGE_BYTES, MADV_COLLAPSE = 2**21, 25  # a huge page of x86, and of ARM with pages of 4 KiB


def collapse_memory() -> None:
    """Hold what this process has written in huge pages, where Linux can (6.1 or newer): forks copy an entry for each.

    With small ones an entry for each 4 KiB is copied, and dropped when the fork ends.
    """
    if sys.platform != "linux":
        return
    for line in Path("/proc/self/maps").read_text().splitlines():
        reach, access, _offset, _device, inode = line.split()[:5]
        start, end = (int(address, 16) // HUGE_BYTES for address in reach.split("-"))
        if access.startswith("rw") and inode == "0" and start + 1 < end:
            whole = ctypes.c_void_p((start + 1) * HUGE_BYTES), ctypes.c_size_t((end - start - 1) * HUGE_BYTES)
            libc.madvise(*whole, MADV_COLLAPSE)


def mount(source: str | None, target: Path | str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mount something. Raises OSError."""
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind, options)]
    call(libc.mount(*words[:3], ctypes.c_ulong(flags), words[3]), str(target))


def call(result: int, what: str | None = None) -> None:
    """Raise the OSError that a call's result stands for, if it does. what: it was about."""
    if result:
        number = ctypes.get_errno() or -result
        raise OSError(number, os.strerror(number), what)
