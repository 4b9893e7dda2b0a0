"""The judge: runs check cells outside the process of the student's code, of which it sees only values."""

import inspect
import io
import linecache
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

from grading.judging.exceptions import GuestGone, StudentError, TimeUp
from grading.judging.remote import REMOTE_PROBES, Connection, asking
from grading.syntax.names import used_names
from helpers import probes
from helpers.checks import CheckFailed
from helpers.evidence.model import Evidence
from helpers.messages import _
from helpers.setup import sentence_of

FILE = "<check>"  # what Python calls the file of a check
AGAIN_SECONDS = 1.0  # after which a check that swallowed the alarm hears it again


@dataclass(frozen=True)
class Judged:
    """What a check said: `ended` as an Execution does, the text that it printed, its error or its points, if any.

    points: what a check that holds in part is worth. evidence: what a notebook shows beside its sentence.
    """

    ended: str
    text: str = ""
    error: dict[str, Any] | None = None
    points: float | None = None
    evidence: Evidence | None = None


class Judge:
    """One submission's judge: it knows the names of setup cells itself, and asks a guest for those of answers."""

    def __init__(self, answers: Collection[str]):
        """Take the names that answer cells define in the instructor's notebook."""
        self._answers = frozenset(answers)
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._why: dict[str, str] = {}
        self._used: set[str] = set()  # by what setup cells define

    def set_up(self, source: str) -> None:
        """Run a setup cell."""
        self._used |= used_names(source)
        with redirect_stdout(io.StringIO()):
            exec(compile(source, "<setup>", "exec"), self._names)
        for name, value in self._names.items():
            if value is probes:
                self._names[name] = REMOTE_PROBES
            elif inspect.isfunction(value) and value.__module__.startswith(probes.__name__):
                self._names[name] = getattr(REMOTE_PROBES, name)

    def explain(self, names: Collection[str], why: str) -> None:
        """Take note of why a cell did not define its names: checks that miss one say so."""
        self._why |= dict.fromkeys(names, why)

    def judge(self, source: str, connection: Connection, seconds: float) -> Judged:
        """Run a check cell against the guest at the other end, for so many seconds at most."""
        text = io.StringIO()
        linecache.cache[FILE] = len(source), None, source.splitlines(keepends=True), FILE  # as in a notebook
        wanted = sorted((used_names(source) | self._used) & self._answers)
        for name in self._answers:
            self._names.pop(name, None)
        try:
            with _alarm(seconds), redirect_stdout(text), _displayed() as points, asking(connection) as remote:
                self._names |= remote.names(wanted)
                exec(compile(source, FILE, "exec"), self._names)
        except TimeUp:
            return Judged("stopped", text.getvalue())
        except GuestGone:
            return Judged("died", text.getvalue())
        except Exception as error:
            evidence = error.evidence if isinstance(error, CheckFailed) else None
            return Judged("error", text.getvalue(), self._shown(error), evidence=evidence)
        return Judged("ok", text.getvalue(), points=next(iter(points), None))

    def _shown(self, error: Exception) -> dict[str, Any]:
        """Return the error output of a check cell: what the student is to read, and none of the check's lines."""
        if isinstance(error, StudentError):
            lines = error.lines
        elif hasattr(error, "_render_traceback_"):
            lines = error._render_traceback_()
        elif isinstance(error, NameError) and error.name in self._why:
            lines = [_("{name} is not defined: {why}").format(name=error.name, why=self._why[error.name])]
        else:
            lines = [sentence_of(error)]
        return {"ename": type(error).__name__, "evalue": str(error), "traceback": lines}


@contextmanager
def _displayed() -> Iterator[list[Any]]:
    """Give the list of the values that checks show: the points of one that holds in part."""
    values: list[Any] = []
    before, sys.displayhook = sys.displayhook, values.append
    try:
        yield values
    finally:
        sys.displayhook = before


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise TimeUp after so many seconds, whatever is waited for. For the main thread only, as signals are."""

    def ring(*_: object) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
