"""A guest and its objects as a check sees them: it asks, and what is no plain value stays there."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from grading.judging.exceptions import EXCEPTIONS, MAX_NAME, GuestGone, TimeUp, student_error
from grading.judging.probes import whole_source
from grading.wire.changes import Contents, apply, copies, mentions
from grading.wire.channel import Silence
from grading.wire.errors import MAX_NUMBERS, MAX_VALUES, malformed, too_large
from grading.wire.frames import Blobs, Message
from grading.wire.values import Node, Reader, Writer
from helpers import probes

PART_ITEMS, PART_BYTES = 1000, 4 * 2**20  # what is asked for at once of what iterates


class Connection(Protocol):
    """What the judge asks: it sends questions, and receives answers and questions back."""

    def send(self, message: Message, blobs: Blobs) -> None:
        """Send a question, or the answer to one."""

    def receive(self) -> tuple[Message, Blobs]:
        """Return an answer, or a question."""
        ...


class Remote:
    """An object in the guest: it can be called if it could be there, and its attributes can be read; no more."""

    _gradus: tuple["RemoteGuest", int]

    def __init__(self, guest: "RemoteGuest", number: int):
        self.__dict__["_gradus"] = guest, number

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # Python itself looks for those
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._gradus[0].ask({"do": "attribute"}, [self, name])

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"The attribute {name!r} of a student's object cannot be set: use a probe.")

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Remote":
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class _RemoteCallable(Remote):
    """What can be called: with values, which stay as they are, whatever it does to them."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._gradus[0].ask({"do": "call"}, [self, *args], kwargs)

    def __in_place__(self, *args: Any) -> Any:
        """Call it, and make of the arguments what it makes of them: `check.changed` asks for it."""
        return self._gradus[0].ask({"do": "call"}, [self, *args], in_place=True)

    def __probed__(self, probe: str) -> Any:
        """Ask a probe about it: checks of helpers do, which do not see the judge's own names."""
        return getattr(REMOTE_PROBES, probe)(self)


class _RemoteSeries(Remote):
    """What stands for a list: its items can be read, one after the other."""

    def __iter__(self) -> Iterator[Any]:
        return self._gradus[0].items(self)


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


class RemoteGuest:
    """A guest as a check sees it: one question, one answer."""

    current: "RemoteGuest | None" = None

    def __init__(self, connection: Connection):
        self._connection = connection

    def names(self, names: list[str]) -> dict[str, Any]:
        """Return what the guest's notebook has under these names, without those that it has not."""
        found = self.ask({"do": "names"}, names)
        return {name: found[name] for name in names if name in found} if isinstance(found, dict) else {}

    def ask(
        self, message: Message, args: list[Any], kwargs: Mapping[str, Any] | None = None, in_place: bool = False
    ) -> Any:
        """Send a question and return the answer. The arguments stay as they are, unless the check wants them changed.

        in_place: whether what a call changed in its arguments is changed in them. Without, only what it returns shows
        it: where that is one of them, it is a changed copy.
        Raises StudentError, of a subclass that is the type of exception raised in the guest as well, WireError, and
        GuestGone.
        """
        return self._exchange(message, args, kwargs, in_place)[0]

    def items(self, series: Remote) -> Iterator[Any]:
        """Read what iterates in the guest: no more in all than a list could send, and hardly more than is taken."""
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
        self, message: Message, args: list[Any], kwargs: Mapping[str, Any] | None = None, in_place: bool = False
    ) -> tuple[Any, Reader]:
        """Do what `ask` does; return also what has read the answer."""
        callbacks: list[Callable[..., Any]] = []

        def reference(value: Any) -> Node:
            if message["do"] == "probe" and inspect.isroutine(value):
                callbacks.append(value)
                return {"is": "callback", "number": len(callbacks) - 1}
            return self._number(value)

        writer = Writer(reference)
        try:
            self._send(message | {"args": writer.write(args), "kwargs": writer.write(dict(kwargs or {}))}, writer)
            answer, blobs = self._connection.receive()
            while "callback" in answer:
                self._call_back(callbacks, answer, blobs)
                answer, blobs = self._connection.receive()
        except Silence:
            raise TimeUp from None
        except (EOFError, OSError):
            raise GuestGone from None
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
            raise student_error(answer["error"])
        return value, reader

    def _call_back(self, callbacks: list[Callable[..., Any]], question: Message, blobs: Blobs) -> None:
        """Call a function of the check's for a probe, and send what it gives and what it changed in its arguments."""
        reader = Reader(blobs, self._remote)
        args, kwargs = reader.read(question.get("args")), reader.read(question.get("kwargs"))
        before = Contents(reader.objects)
        try:
            function = callbacks[question["callback"]]
            value = function(*args, **kwargs)
        except Exception as error:
            kind = next(name for name in (one.__name__ for one in type(error).__mro__) if name in EXCEPTIONS)
            self._send({"error": {"kind": kind, "args": [str(argument) for argument in error.args]}})
            return
        writer = Writer(self._number, reader.objects)
        answer = {"value": writer.write(value)}
        self._send(answer | {"changes": before.changes(writer)}, writer)

    def _send(self, message: Message, writer: Writer | None = None) -> None:
        self._connection.send(message, writer.blobs if writer else [])

    def _number(self, value: Any) -> Node:
        if isinstance(value, Remote):
            return {"is": "handle", "number": value._gradus[1]}
        kind = type(value).__name__
        raise TypeError(f"A check passes plain values to students' functions, not a {kind}: use a probe.")

    def _remote(self, node: Node) -> Remote:
        kind, number = node["kind"], node["number"]
        if node["is"] != "handle" or not isinstance(kind, str) or not isinstance(number, int):
            raise malformed()
        known = {"callable": _RemoteCallable, "series": _RemoteSeries}
        bases = tuple(base for flag, base in known.items() if node.get(flag) is True) or (Remote,)
        remote: Remote = type(kind[:MAX_NAME], bases, {})(self, number)
        return remote


@contextmanager
def asking(connection: Connection) -> Iterator[RemoteGuest]:
    """Give the guest at the other end, which probes ask, too."""
    RemoteGuest.current = RemoteGuest(connection)
    try:
        yield RemoteGuest.current
    finally:
        RemoteGuest.current = None
