"""The judge: runs check cells outside the process of the student's code, of which it sees only values."""

import ast
import builtins
import inspect
import io
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from grading.syntax.names import used_names
from grading.wire.channel import Silence
from grading.wire.values import (
    MAX_NUMBERS,
    MAX_VALUES,
    Reader,
    Writer,
    apply,
    changes,
    contents,
    copies,
    malformed,
    mentions,
    too_large,
)
from helpers import probes
from helpers.messages import _
from helpers.setup import sentence_of

MAX_NAME, MAX_LINE, MAX_LINES = 50, 10_000, 50
PART_ITEMS, PART_BYTES = 1000, 4 * 2**20  # what is asked for at once of what iterates
AGAIN_SECONDS = 1.0  # after which a check that swallowed the alarm hears it again
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


class KernelGone(BaseException):
    """The kernel has ended, or does not speak any more. No check catches it."""


class Guest(Protocol):
    """What the judge asks: it sends questions, and receives answers and questions back."""

    def send(self, message: dict[str, Any], blobs: list[memoryview]) -> None:
        """Send a question, or the answer to one."""

    def receive(self) -> tuple[dict[str, Any], list[memoryview]]:
        """Return an answer, or a question."""


class StudentError(Exception):
    """An exception of the student's code; `lines`: what a notebook shows of it."""

    lines: list[str]


@dataclass(frozen=True)
class Judged:
    """What a check said: `ended` as an Execution does, the text that it printed, its error or its points, if any.

    points: what a check that holds in part is worth.
    """

    ended: str
    text: str = ""
    error: dict[str, Any] | None = None
    points: float | None = None


class Judge:
    """One submission's judge: it knows the names of setup cells itself, and asks a kernel for those of answers."""

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
                self._names[name] = _REMOTE_PROBES
            elif inspect.isfunction(value) and value.__module__.startswith(probes.__name__):
                self._names[name] = getattr(_REMOTE_PROBES, name)

    def explain(self, names: Collection[str], why: str) -> None:
        """Take note of why a cell did not define its names: checks that miss one say so."""
        self._why |= dict.fromkeys(names, why)

    def judge(self, source: str, guest: Guest, seconds: float) -> Judged:
        """Run a check cell against the kernel that can be asked, for so many seconds at most."""
        text = io.StringIO()
        wanted = sorted((used_names(source) | self._used) & self._answers)
        for name in self._answers:
            self._names.pop(name, None)
        try:
            with _alarm(seconds), redirect_stdout(text), _displayed() as points, _remote(guest) as remote:
                self._names |= remote.names(wanted)
                exec(compile(source, "<check>", "exec"), self._names)
        except TimeUp:
            return Judged("stopped", text.getvalue())
        except KernelGone:
            return Judged("died", text.getvalue())
        except Exception as error:
            return Judged("error", text.getvalue(), self._shown(error))
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


class _Remote:
    """An object in the kernel: it can be called if it could be there, and its attributes can be read; no more."""

    def __init__(self, kernel: "_Kernel", number: int):
        self.__dict__["_gradus"] = kernel, number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # Python itself looks for those
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._gradus[0].ask({"do": "attribute"}, [self, name])

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"The attribute {name!r} of a student's object cannot be set: use a probe.")

    def __deepcopy__(self, _memo: dict) -> "_Remote":
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class _RemoteCallable(_Remote):
    """What can be called: with values, which stay as they are, whatever it does to them."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._gradus[0].ask({"do": "call"}, [self, *args], kwargs)

    def __in_place__(self, *args: Any) -> Any:
        """Call it, and make of the arguments what it makes of them: `check.changed` asks for it."""
        return self._gradus[0].ask({"do": "call"}, [self, *args], in_place=True)

    def __probed__(self, probe: str) -> Any:
        """Ask a probe about it: checks of helpers do, which do not see the names of this module."""
        return getattr(_REMOTE_PROBES, probe)(self)


class _RemoteSeries(_Remote):
    """What stands for a list: its items can be read, one after the other."""

    def __iter__(self) -> Iterator:
        return self._gradus[0].items(self)


class _RemoteModule:
    """The probes: each runs in the kernel, its source sent along; functions passed to it are called back here."""

    def __getattr__(self, name: str) -> Callable:
        function = getattr(probes, name)
        if not inspect.isfunction(function):
            raise AttributeError(f"There is no probe {name!r}.")
        source = _whole_source(function.__module__)

        def probe(*args: Any, **kwargs: Any) -> Any:
            kernel = _Kernel.current
            if kernel is None:
                raise RuntimeError(f"The probe {name} was called outside a check.")
            return kernel.ask({"do": "probe", "name": name, "source": source}, list(args), kwargs)

        return probe


_REMOTE_PROBES = _RemoteModule()


def read_probes() -> None:
    """Read the source of all probes: forks of this process then have it."""
    for function in vars(probes).values():
        if inspect.isfunction(function):
            _whole_source(function.__module__)


@cache
def _whole_source(module: str) -> str:
    """Return the source of a module of probes after that of those from which it imports, without these imports.

    In the student's process it must not import helpers.probes: the student may have changed what that is there.
    """
    bodies: dict[str, list[ast.stmt]] = {}

    def add(name: str) -> None:
        if name in bodies:
            return
        body = ast.parse(inspect.getsource(sys.modules[name])).body
        imports = [line for line in body if isinstance(line, ast.ImportFrom)]
        shared = [line for line in imports if line.module.startswith(f"{probes.__name__}.")]
        for line in shared:
            add(line.module)
        bodies[name] = [line for line in body if line not in shared]

    add(module)
    return "\n".join(ast.unparse(ast.Module(body, [])) for body in bodies.values())


class _Kernel:
    """The kernel's end of a connection, as a check sees it: one question, one answer."""

    current: "_Kernel | None" = None

    def __init__(self, guest: Guest):
        self._guest = guest

    def names(self, names: list[str]) -> dict[str, Any]:
        """Return what the kernel's notebook has under these names, without those that it has not."""
        found = self.ask({"do": "names"}, names)
        return {name: found[name] for name in names if name in found} if isinstance(found, dict) else {}

    def ask(self, message: dict, args: list, kwargs: Mapping[str, Any] | None = None, in_place: bool = False) -> Any:
        """Send a question and return the answer. The arguments stay as they are, unless the check wants them changed.

        in_place: whether what a call changed in its arguments is changed in them. Without, only what it returns shows
        it: where that is one of them, it is a changed copy.
        Raises StudentError, of a subclass that is the type of exception raised in the kernel as well, WireError, and
        KernelGone.
        """
        return self._exchange(message, args, kwargs, in_place)[0]

    def items(self, series: _Remote) -> Iterator:
        """Read what iterates in the kernel: no more in all than a list could send, and hardly more than is taken."""
        reading, most, room, values = self.ask({"do": "iterate"}, [series]), 1, MAX_NUMBERS, MAX_VALUES
        while True:
            found, reader = self._exchange({"do": "items"}, [reading, most])
            if not isinstance(found, list) or len(found) > most:
                raise malformed()
            room, values = room - reader.size, values - reader.values
            if room < 0 or values < 0:
                raise too_large()
            if not found:
                return
            yield from found
            most = max(1, min(2 * most, PART_ITEMS, PART_BYTES * most // max(reader.size, 1)))

    def _exchange(
        self, message: dict, args: list, kwargs: Mapping[str, Any] | None = None, in_place: bool = False
    ) -> tuple[Any, Reader]:
        """Do what `ask` does; return also what has read the answer."""
        callbacks: list[Callable] = []

        def reference(value: Any) -> dict:
            if message["do"] == "probe" and inspect.isroutine(value):
                callbacks.append(value)
                return {"is": "callback", "number": len(callbacks) - 1}
            return self._number(value)

        writer = Writer(reference)
        try:
            self._send(message | {"args": writer.write(args), "kwargs": writer.write(dict(kwargs or {}))}, writer)
            answer, blobs = self._guest.receive()
            while "callback" in answer:
                self._call_back(callbacks, answer, blobs)
                answer, blobs = self._guest.receive()
        except Silence:
            raise TimeUp from None
        except (EOFError, OSError):
            raise KernelGone from None
        sent, changed = {}, []
        if message["do"] == "call":  # an answer to a probe neither changes its arguments nor mentions them
            sent, changed = writer.objects, answer.get("changes", [])
            if not in_place:
                changed = changed if mentions(answer.get("value")) else []
                sent = copies(sent) if changed else sent
        reader = Reader(blobs, self._remote, sent)
        value = reader.read(answer.get("value"))
        apply(changed, reader, sent)
        if "error" in answer:
            raise _student_error(answer["error"])
        return value, reader

    def _call_back(self, callbacks: list[Callable], question: dict, blobs: list[memoryview]) -> None:
        """Call a function of the check's for a probe, and send what it gives and what it changed in its arguments."""
        reader = Reader(blobs, self._remote)
        args, kwargs = reader.read(question.get("args")), reader.read(question.get("kwargs"))
        before = contents(reader.objects, self._number)
        try:
            function = callbacks[question["callback"]]
            value = function(*args, **kwargs)
        except Exception as error:
            kind = next(name for name in (one.__name__ for one in type(error).__mro__) if name in EXCEPTIONS)
            self._send({"error": {"kind": kind, "args": [str(argument) for argument in error.args]}})
            return
        writer = Writer(self._number, reader.objects)
        answer = {"value": writer.write(value)}
        self._send(answer | {"changes": changes(before, reader.objects, writer, self._number)}, writer)

    def _send(self, message: dict, writer: Writer | None = None) -> None:
        self._guest.send(message, writer.blobs if writer else [])

    def _number(self, value: Any) -> dict:
        if isinstance(value, _Remote):
            return {"is": "handle", "number": value._gradus[1]}
        kind = type(value).__name__
        raise TypeError(f"A check passes plain values to students' functions, not a {kind}: use a probe.")

    def _remote(self, node: dict) -> _Remote:
        kind, number = node["kind"], node["number"]
        if node["is"] != "handle" or not isinstance(kind, str) or not isinstance(number, int):
            raise malformed()
        known = {"callable": _RemoteCallable, "series": _RemoteSeries}
        bases = tuple(base for flag, base in known.items() if node.get(flag) is True) or (_Remote,)
        return type(kind[:MAX_NAME], bases, {})(self, number)


@contextmanager
def _remote(guest: Guest) -> Iterator[_Kernel]:
    """Give the kernel that probes ask, too."""
    _Kernel.current = _Kernel(guest)
    try:
        yield _Kernel.current
    finally:
        _Kernel.current = None


@contextmanager
def _displayed() -> Iterator[list[float]]:
    """Give the list of the values that checks show: the points of one that holds in part."""
    values: list[float] = []
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


def _student_error(error: Any) -> Exception:
    """Return the exception that stands for one of the student's code."""
    try:
        kind, text, lines = str(error["kind"])[:MAX_NAME], str(error["text"])[:MAX_LINE], error["lines"]
        lines = [str(line)[:MAX_LINE] for line in lines[-MAX_LINES:]]
        known = next((EXCEPTIONS[name] for name in error["kinds"] if name in EXCEPTIONS), Exception)
        raised = type(kind, (StudentError, *([known] if known is not Exception else [])), {})(text)
    except (KeyError, TypeError, ValueError):
        raise malformed() from None
    raised.lines = lines
    return raised
