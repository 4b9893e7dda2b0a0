"""A limit of time for code of the student's own."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from helpers.messages import _


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block if it takes more than `seconds`; put back the timer and its handler afterwards.

    An alarm that was set before and rings sooner counts as well. Python code is stopped between two instructions, a
    single call of torch not before it returns; an import is let finish, or half a module would be left behind, and what
    comes after it has its `seconds`. Without a limit where there can be none: outside the main thread, and on Windows,
    which has no such timer.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, frame: FrameType | None) -> None:
        if not _is_importing(frame):
            raise TimeoutError(_("this takes more than {seconds:g} s: does a loop never end?").format(seconds=seconds))

    before, began = signal.signal(signal.SIGALRM, ring), time.monotonic()
    left, interval = signal.getitimer(signal.ITIMER_REAL)
    # It rings again: after an import, and for code that caught the first exception and went on.
    signal.setitimer(signal.ITIMER_REAL, min(seconds, left or seconds), seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if before is None else before)
        if left:
            passed = time.monotonic() - began
            signal.setitimer(signal.ITIMER_REAL, max(left - passed, 1e-6), interval)


def _is_importing(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
        frame = frame.f_back
    return frame is not None
