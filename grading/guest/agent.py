"""The grader's agent in a guest: it runs cells, and beside the student's objects it does what the judge asks.

Nothing here is trusted: the student's code could change any of it. All that the judge takes from it are values.
"""

import asyncio
import builtins
from functools import cache
from itertools import islice
from multiprocessing.connection import Connection
from types import CodeType
from typing import Any

import torch

from grading import PACKAGE
from grading.guest.cells import MAX_LINE, MAX_LINES, Cells, interruptible, seed_all
from grading.guest.lacks import lack_of
from grading.guest.screen import Pipes
from grading.guest.shell import Shell
from grading.wire.changes import Contents, apply
from grading.wire.errors import WireError
from grading.wire.frames import Blobs, Message, receive, send
from grading.wire.values import Node, Reader, Writer
from helpers.kinds import is_series, reading
from helpers.setup import own_lines

OURS, PROBES = str(PACKAGE), "<probes>"


def serve(connection: Connection, shell: Shell, pipes: Pipes) -> None:
    """Do what the grader at the other end of a connection asks, until it hangs up."""
    agent = _Agent(shell, connection, pipes)
    loop, task = asyncio.new_event_loop(), None
    while True:
        if loop.is_closed():  # by a cell
            loop, task = asyncio.new_event_loop(), None
        asyncio.set_event_loop(loop)
        if task is None or task.done():
            task = loop.create_task(agent.serve())
        try:
            return loop.run_until_complete(task)
        except (EOFError, OSError):
            return
        except (KeyboardInterrupt, RuntimeError):  # an interrupt that came late; a cell that stopped the loop
            continue


@cache
def _compiled(source: str) -> CodeType:
    """Compile the source of probes, which takes longer than to run most of them."""
    return compile(source, PROBES, "exec")


class _Series:
    """What iterates, read in parts: an exception that comes after some items is raised once those have been taken."""

    def __init__(self, value: Any):
        self._items = reading(value)
        self._error: BaseException | None = None

    def read(self, most: int) -> list[Any]:
        """Return the next items."""
        if self._error is not None:
            raise self._error
        found: list[Any] = []
        try:
            for item in islice(self._items, most):
                found.append(item)
        except BaseException as error:
            if not found:
                raise
            self._error = error
        return found


class _Agent:
    def __init__(self, shell: Shell, connection: Connection, pipes: Pipes):
        self._shell, self._connection, self._pipes = shell, connection, pipes
        self._handles: list[Any] = []
        self._numbers: dict[int, int] = {}  # the places of handles, by the ids of what they stand for
        self._cells = Cells(shell)

    async def serve(self) -> None:
        """Answer question after question; in between, tasks that cells have started go on."""
        comes = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._connection.fileno(), comes.set)
        while True:
            await comes.wait()
            comes.clear()
            message, blobs = receive(self._connection)
            self._shell.screen.begin(message.get("number"))
            answer: tuple[Message, Blobs]
            try:
                match message["do"]:
                    case "run":
                        answer = await self._cells.run(message), []
                    case "begin":
                        self._begin(message["seed"])
                        continue  # a question follows, and only its answer is waited for
                    case "end":
                        answer = self._end(), []
                    case _:
                        with interruptible():
                            answer = self.answer(message, blobs)
            except BaseException as error:
                answer = self.failure(error), []
            self._pipes.drain()
            self._send(message.get("number"), *answer)

    def _send(self, number: Any, answer: Message, blobs: Blobs) -> None:
        screen = self._shell.screen
        with screen.lock:
            tail = {"number": number, "cut": screen.end()}
            try:
                send(self._connection, answer | tail, blobs)
            except WireError as error:  # too large
                send(self._connection, self.failure(error) | tail, [])

    def _begin(self, seed: int) -> None:
        """Begin a check: whatever cells left behind, its inputs and results are those of a fresh guest."""
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        seed_all(seed)

    def _end(self) -> Message:
        """End a check: show the figures that the student's functions drew."""
        self._shell.events.trigger("post_execute")
        return {}

    def answer(self, message: Message, blobs: Blobs) -> tuple[Message, Blobs]:
        """Do what a message asks; return the message that says what came of it. Raises what the student's code does.

        Only a call tells what it changed in its arguments.
        """
        reader = Reader(blobs, self._resolve)
        args, kwargs = reader.read(message.get("args", [])), reader.read(message.get("kwargs", {}))
        if message["do"] != "call":
            writer = Writer(self._reference)
            return {"value": writer.write(self._do(message, args, kwargs))}, writer.blobs
        before = Contents(reader.objects)
        raised = None
        try:
            value = args[0](*args[1:], **kwargs)
        except BaseException as error:
            raised = error
        writer = Writer(self._reference, reader.objects)
        answer = self.failure(raised) if raised is not None else {"value": writer.write(value)}
        return answer | {"changes": before.changes(writer)}, writer.blobs

    def failure(self, error: BaseException) -> Message:
        """Return the message that tells the judge of an exception, with the student's own lines and no others."""
        lines = own_lines(self._shell, error, error.__traceback__, hidden=(OURS, PROBES))
        if why := lack_of(error):
            lines = [*lines, why]
        return {
            "error": {
                "kind": type(error).__name__,
                "kinds": [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"],
                "text": str(error)[:MAX_LINE],
                "lines": [line[:MAX_LINE] for line in lines[-MAX_LINES:]],
            }
        }

    def _do(self, message: Message, args: list[Any], kwargs: dict[str, Any]) -> Any:
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

    def _call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Have the judge call a function of its own; return what that gives."""
        writer = Writer(self._reference)
        question = {"callback": number, "args": writer.write(list(args)), "kwargs": writer.write(kwargs)}
        question["number"] = self._shell.screen.number
        send(self._connection, question, writer.blobs)
        answer, blobs = receive(self._connection)
        if "error" in answer:
            raise getattr(builtins, answer["error"]["kind"])(*answer["error"]["args"])
        reader = Reader(blobs, self._resolve, writer.objects)
        value = reader.read(answer["value"])
        apply(answer["changes"], reader, writer.objects)
        return value

    def _reference(self, value: Any) -> Node:
        number = self._numbers.setdefault(id(value), len(self._handles))
        if number == len(self._handles):
            self._handles.append(value)
        about = {"kind": type(value).__name__, "callable": callable(value), "series": is_series(value)}
        return {"is": "handle", "number": number} | about

    def _resolve(self, node: Node) -> Any:
        if node["is"] == "callback":
            return lambda *args, **kwargs: self._call_back(node["number"], args, kwargs)
        return self._handles[node["number"]]
