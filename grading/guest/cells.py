"""Runs the student's cells in a guest's shell, each from its own seed, until it ends or is interrupted."""

import asyncio
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from IPython.core.interactiveshell import ExecutionResult

from grading.guest.lacks import lack_of, line_of, split_at
from grading.guest.shell import Shell
from grading.syntax.names import defined_names
from grading.wire.frames import Message

MAX_LINE, MAX_LINES = 10_000, 50


@contextmanager
def interruptible() -> Iterator[None]:
    """Let an interrupt end what runs; at other times it would end the guest."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _cancelling(task: asyncio.Task[Any]) -> Iterator[None]:
    """Let an interrupt cancel a task, which would outlive an exception in the loop."""
    loop = asyncio.get_running_loop()
    signal.signal(signal.SIGINT, lambda *_: loop.call_soon_threadsafe(task.cancel))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


class Cells:
    """Runs cells, one after the other, in one shell."""

    def __init__(self, shell: Shell):
        self._shell = shell
        self._lacking: dict[str, str] = {}  # the names that skipped statements would have defined, and why they were

    async def run(self, message: Message) -> Message:
        """Run a cell; return how it ended, with its error and its line if it had one, and what was skipped of it.

        What asks for something that graders lack is skipped: the statements below it may do without.
        """
        source: str = message["source"]
        skipped: list[tuple[int, str]] = []
        seed_all(message["seed"])
        while True:
            self._shell.last_traceback = []
            with self._shell.own_streams():
                result = await self._run_source(source)
            error = result.error_before_exec or result.error_in_exec
            if error is None:
                return {"ended": "ok", "skipped": skipped}
            line = line_of(error)
            why = self._lack_of(error) if result.error_in_exec else None
            if line is None or why is None:
                return {"ended": "error", "line": line, "skipped": skipped} | _described(error, self._shell)
            skipped.append((line, why))
            source = self._without(source, line, why)

    def _lack_of(self, error: BaseException) -> str | None:
        """Say what graders lack that an error asks for, be it the name of something that was skipped."""
        if isinstance(error, NameError):
            return self._lacking.get(error.name or "")
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
            with interruptible():
                result: ExecutionResult = shell.run_cell(source, store_history=True)
                return result
        cell = shell.run_cell_async(
            source, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=failed
        )
        task = asyncio.ensure_future(cell)
        with _cancelling(task):
            try:
                return await task
            finally:
                shell.events.trigger("post_execute")


def seed_all(seed: int) -> None:
    """Seed everything that draws at random."""
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)


def _described(error: BaseException, shell: Shell) -> dict[str, Any]:
    text = error.msg if isinstance(error, SyntaxError) else str(error)  # without the name that IPython gave the cell
    lines = shell.last_traceback[-MAX_LINES:]
    return {"ename": type(error).__name__, "evalue": str(text)[:MAX_LINE], "traceback": lines}
