"""The judge's agent in a kernel: beside the student's objects, it does what the judge asks and tells what came of it.

Nothing here is trusted: the student's code could change any of it. All that the judge takes from it are values.
"""

import builtins
import signal
import socket
from contextlib import suppress
from functools import cache
from itertools import islice
from multiprocessing.connection import Connection
from types import CodeType
from typing import Any

import torch
from IPython.core.interactiveshell import InteractiveShell

from grading import PACKAGE
from grading.wire import Reader, WireError, Writer, apply, changes, contents, receive, send
from helpers.kinds import is_series, reading
from helpers.setup import own_lines

MAX_LINE, MAX_LINES = 10_000, 50
OURS, PROBES = str(PACKAGE), "<probes>"


def serve(address: str, shell: InteractiveShell) -> None:
    """Do what the judge at the unix socket `address` asks, until it hangs up."""
    torch.set_grad_enabled(True)  # whatever the cells before left behind
    torch.set_default_dtype(torch.float32)
    client = socket.socket(socket.AF_UNIX)
    client.connect(address)
    with Connection(client.detach()) as connection, suppress(EOFError, OSError, KeyboardInterrupt):
        agent = _Agent(shell, connection)
        try:
            while True:
                message, blobs = receive(connection)
                try:
                    answer = agent.answer(message, blobs)
                except BaseException as error:
                    answer = agent.failure(error), []
                try:
                    send(connection, *answer)
                except WireError as error:  # too large
                    send(connection, agent.failure(error), [])
        finally:
            # An interrupt of what has just ended would end the kernel. The next cell can be interrupted again.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    shell.events.trigger("post_execute")  # shows the figures that the student's functions drew


@cache
def _compiled(source: str) -> CodeType:
    """Compile the source of probes, which takes longer than to run most of them."""
    return compile(source, PROBES, "exec")


class _Series:
    """What iterates, read in parts: an exception that comes after some items is raised once those have been taken."""

    def __init__(self, value: Any):
        self._items = reading(value)
        self._error: BaseException | None = None

    def read(self, most: int) -> list:
        """Return the next items."""
        if self._error is not None:
            raise self._error
        found: list = []
        try:
            for item in islice(self._items, most):
                found.append(item)
        except BaseException as error:
            if not found:
                raise
            self._error = error
        return found


class _Agent:
    def __init__(self, shell: InteractiveShell, connection: Connection):
        self._shell, self._connection = shell, connection
        self._handles: list[Any] = []

    def answer(self, message: dict, blobs: list[memoryview]) -> tuple[dict, list[memoryview]]:
        """Do what a message asks; return the message that says what came of it. Raises what the student's code does.

        Only a call tells what it changed in its arguments.
        """
        reader = Reader(blobs, self._resolve)
        args, kwargs = reader.read(message.get("args", [])), reader.read(message.get("kwargs", {}))
        if message["do"] != "call":
            writer = Writer(self._reference)
            return {"value": writer.write(self._do(message, args, kwargs))}, writer.blobs
        before = contents(reader.objects, self._reference)
        raised = None
        try:
            value = args[0](*args[1:], **kwargs)
        except BaseException as error:
            raised = error
        writer = Writer(self._reference, reader.objects)
        answer = self.failure(raised) if raised is not None else {"value": writer.write(value)}
        return answer | {"changes": changes(before, reader.objects, writer, self._reference)}, writer.blobs

    def failure(self, error: BaseException) -> dict:
        """Return the message that tells the judge of an exception, with the student's own lines and no others."""
        lines = own_lines(self._shell, error, error.__traceback__, hidden=(OURS, PROBES))
        return {
            "error": {
                "kind": type(error).__name__,
                "kinds": [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"],
                "text": str(error)[:MAX_LINE],
                "lines": [line[:MAX_LINE] for line in lines[-MAX_LINES:]],
            }
        }

    def _do(self, message: dict, args: list, kwargs: dict) -> Any:
        match message["do"]:
            case "names":
                names = self._shell.user_ns
                return {name: names[name] for name in args if name in names}
            case "attribute":
                return getattr(*args)
            case "iterate":
                return _Series(args[0])
            case "items":
                return args[0].read(args[1])
            case "probe":
                scope: dict[str, Any] = {"__name__": PROBES, "__builtins__": builtins}
                exec(_compiled(message["source"]), scope)
                return scope[message["name"]](*args, **kwargs)

    def _call_back(self, number: int, args: tuple, kwargs: dict) -> Any:
        """Have the judge call a function of its own; return what that gives."""
        writer = Writer(self._reference)
        question = {"callback": number, "args": writer.write(list(args)), "kwargs": writer.write(kwargs)}
        send(self._connection, question, writer.blobs)
        answer, blobs = receive(self._connection)
        if "error" in answer:
            raise getattr(builtins, answer["error"]["kind"])(*answer["error"]["args"])
        reader = Reader(blobs, self._resolve, writer.objects)
        value = reader.read(answer["value"])
        apply(answer["changes"], reader, writer.objects)
        return value

    def _reference(self, value: Any) -> dict:
        number = next((number for number, known in enumerate(self._handles) if known is value), len(self._handles))
        if number == len(self._handles):
            self._handles.append(value)
        about = {"kind": type(value).__name__, "callable": callable(value), "series": is_series(value)}
        return {"is": "handle", "number": number} | about

    def _resolve(self, node: dict) -> Any:
        if node["is"] == "callback":
            return lambda *args, **kwargs: self._call_back(node["number"], args, kwargs)
        return self._handles[node["number"]]
