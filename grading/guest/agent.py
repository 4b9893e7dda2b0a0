"""The grader's agent in a guest: it runs cells, and beside the student's objects it does what the judge asks.

Nothing here is trusted: the student's code could change any of it. All that the judge takes from it are values.
"""

import asyncio
import builtins
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from multiprocessing.connection import Connection
from types import CodeType
from typing import Any

import numpy as np
import torch
from IPython.core.interactiveshell import ExecutionResult

from grading import PACKAGE
from grading.guest.lacks import lack_of, line_of, split_at
from grading.guest.screen import Pipes
from grading.guest.shell import Shell
from grading.syntax.names import defined_names
from grading.wire.changes import apply, changes, contents
from grading.wire.errors import WireError
from grading.wire.frames import receive, send
from grading.wire.values import Reader, Writer
from helpers.kinds import is_series, reading
from helpers.setup import own_lines

MAX_LINE, MAX_LINES = 10_000, 50
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


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let an interrupt end what runs; at other times it would end the guest."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _cancelling(task: asyncio.Task) -> Iterator[None]:
    """Let an interrupt cancel a task, which would outlive an exception in the loop."""
    loop = asyncio.get_running_loop()
    signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(task.cancel))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


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
    def __init__(self, shell: Shell, connection: Connection, pipes: Pipes):
        self._shell, self._connection, self._pipes = shell, connection, pipes
        self._handles: list[Any] = []
        self._lacking: dict[str, str] = {}  # the names that skipped statements would have defined, and why they were

    async def serve(self) -> None:
        """Answer question after question; in between, tasks that cells have started go on."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._connection.poll():
                comes = loop.create_future()
                loop.add_reader(self._connection.fileno(), lambda comes=comes: comes.done() or comes.set_result(None))
                try:
                    await comes
                finally:
                    loop.remove_reader(self._connection.fileno())
            message, blobs = receive(self._connection)
            self._shell.screen.begin(message.get("number"))
            try:
                match message["do"]:
                    case "run":
                        answer = await self._run(message), []
                    case "begin":
                        answer = self._begin(message["seed"]), []
                    case "end":
                        answer = self._end(), []
                    case _:
                        with _interruptible():
                            answer = self.answer(message, blobs)
            except BaseException as error:
                answer = self.failure(error), []
            self._pipes.drain()
            self._send(message.get("number"), *answer)

    def _send(self, number: Any, answer: dict, blobs: list[memoryview]) -> None:
        screen = self._shell.screen
        with screen.lock:
            tail = {"number": number, "cut": screen.end()}
            try:
                send(self._connection, answer | tail, blobs)
            except WireError as error:  # too large
                send(self._connection, self.failure(error) | tail, [])

    def _begin(self, seed: int) -> dict:
        """Begin a check: whatever cells left behind, its inputs and results are those of a fresh guest."""
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        _seed(seed)
        return {}

    def _end(self) -> dict:
        """End a check: show the figures that the student's functions drew."""
        self._shell.events.trigger("post_execute")
        return {}

    async def _run(self, message: dict) -> dict:
        """Run a cell; return how it ended, with its error and its line if it had one, and what was skipped of it.

        What asks for something that graders lack is skipped: the statements below it may do without.
        """
        source, skipped = message["source"], []
        _seed(message["seed"])
        while True:
            self._shell.last_traceback = []
            with self._shell.own_streams():
                result = await self._run_source(source)
            error = result.error_before_exec or result.error_in_exec
            if error is None:
                return {"ended": "ok", "skipped": skipped}
            line = line_of(error)
            why = self._lack_of(error) if result.error_in_exec and line else None
            if why is None:
                return {"ended": "error", "line": line, "skipped": skipped} | _described(error, self._shell)
            skipped.append([line, why])
            source = self._without(source, line, why)

    def _lack_of(self, error: BaseException) -> str | None:
        """Say what graders lack that an error asks for, be it the name of something that was skipped."""
        if isinstance(error, NameError):
            return self._lacking.get(error.name)
        return lack_of(error)

    def _without(self, source: str, line: int, why: str) -> str:
        """Return what of a cell comes after the statement at a line, which was skipped for this reason."""
        if source.lstrip().startswith("%%"):
            return "#\n" + source.lstrip().partition("\n")[2]
        statement, rest = split_at(self._shell.transform_cell(source), line)
        self._lacking |= dict.fromkeys(defined_names(statement), why)
        return rest

    async def _run_source(self, source: str) -> ExecutionResult:
        shell = self._shell
        try:
            transformed, failed = shell.transform_cell(source), None
        except Exception:
            transformed, failed = source, sys.exc_info()
        if not shell.should_run_async(source, transformed_cell=transformed, preprocessing_exc_tuple=failed):
            with _interruptible():
                return shell.run_cell(source, store_history=True)
        cell = shell.run_cell_async(
            source, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=failed
        )
        task = asyncio.ensure_future(cell)
        with _cancelling(task):
            try:
                return await task
            finally:
                shell.events.trigger("post_execute")

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
        question["number"] = self._shell.screen.number
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


def _seed(seed: int) -> None:
    """Seed everything that draws at random."""
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)


def _described(error: BaseException, shell: Shell) -> dict[str, Any]:
    text = error.msg if isinstance(error, SyntaxError) else str(error)  # without the name that IPython gave the cell
    lines = shell.last_traceback[-MAX_LINES:]
    return {"ename": type(error).__name__, "evalue": str(text)[:MAX_LINE], "traceback": lines}
