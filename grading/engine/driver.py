"""One guest, driven over one socket: start it, run cells and ask questions within limits, kill all that it started."""

import platform
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grading.engine.forkserver import Child, last_line, scratch
from grading.engine.outputs import SHOWN, Outputs
from grading.judging.judge import Judged
from grading.sandbox.bubblewrap import environment, hand_over
from grading.wire.channel import Channel, Silence
from grading.wire.errors import WireError
from grading.wire.frames import Blobs, Message, receive, send
from helpers.evidence.model import Evidence
from helpers.messages import _

START_SECONDS = 60
# How long a cell has to end after an interrupt, and a check's figures to be drawn after its end.
INTERRUPT_SECONDS = 3
DRAW_SECONDS = 2
# A student's cell must not wait for a network that graders do not have, nor change what is installed.
ENVIRONMENT = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
# As in Jupyter's kernels: programs show colours, and wait for no key.
ENVIRONMENT |= {"TERM": "xterm-color", "CLICOLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}
ENVIRONMENT |= {"PAGER": "cat", "GIT_PAGER": "cat"}
# The types of exceptions of what does not parse.
NO_PYTHON = ("IndentationError", "SyntaxError", "TabError")
# Of what a guest says of a cell: the lengths of a word and of a text, lines, and how many statements were skipped.
MAX_WORD, MAX_TEXT, MAX_LINE, MAX_SKIPPED = 50, 200, 10**6, 20
# What a guest may show while a check runs: verdicts and errors are the judge's to give.
SHOWN_OF_CHECKS = SHOWN - {"execute_result", "error"}


class GuestError(Exception):
    """A guest could not be started."""


@dataclass(frozen=True)
class Execution:
    """What became of one cell: "ok", "error", "stopped" (out of time) or "died" (the guest did); times in seconds.

    points: of a check that holds in part. why: what a cell that ended with an error ended with, in words. skipped: the
    lines that were skipped, each with what graders lack for it. evidence: what a notebook shows beside the sentence of
    a check that fails.
    """

    ended: str
    outputs: list[NotebookNode]
    seconds: float
    points: float | None = None
    why: str = ""
    skipped: tuple[str, ...] = ()
    evidence: Evidence | None = None


class Guest:
    """A running guest: a child of the fork server at an address, in a scratch folder of its own; to be closed.

    seconds: of CPU time that it may take.
    """

    def __init__(self, address: str, seconds: float):
        """Start it and wait until it answers. Raises GuestError, and OSError where there is no server."""
        self._number, self._is_asked, self._outputs = 0, False, Outputs()
        with ExitStack() as opened, socket.socket(socket.AF_UNIX) as listener:
            folder = Path(opened.enter_context(scratch(address)))
            work, log, grader = folder / "work", folder / "log", folder / "grader"
            work.mkdir()
            log.touch()
            listener.bind(str(grader))
            listener.listen()
            request = {
                "socket": str(grader),
                "log": str(log),
                "scratch": str(folder),
                "folder": str(work),
                "seconds": seconds,
                "environment": environment(work) | ENVIRONMENT,
            }
            hand_over(folder)
            self._child = opened.enter_context(closing(Child(address, request)))
            select.select([listener.fileno(), self._child.fileno()], [], [], START_SECONDS)
            listener.setblocking(False)
            try:
                self._channel = opened.enter_context(closing(Channel(listener.accept()[0])))
                self._channel.deadline = time.monotonic() + START_SECONDS
                self.receive()
            except (Silence, WireError, EOFError, OSError):
                raise GuestError(f"A guest did not start: {last_line(log)}") from None
            self._opened = opened.pop_all()

    @property
    def is_running(self) -> bool:
        """Whether it can run another cell."""
        return self._child.poll() is None

    def execute(self, source: str, seed: int, seconds: float) -> Execution:
        """Run a cell, seeded; interrupt it after so many seconds, and kill the guest if that does not help."""
        start, outputs = time.monotonic(), Outputs()
        self._begin(outputs, start + seconds)
        ended, why = "error", ""
        skipped: tuple[str, ...] = ()
        try:
            self.send({"do": "run", "source": source, "seed": seed})
            answer, _blobs = self.receive()
        except WireError as error:
            outputs.add_error({"ename": "WireError", "traceback": [str(error)]})
        except Silence:
            ended = "stopped" if self.is_running else "died"
            self._interrupt()
        except (EOFError, OSError):
            ended = "died"
            self._kill()
        else:
            skipped = _skipped(answer)
            if answer.get("ended") == "ok":
                ended = "ok"
            else:
                outputs.add_error(answer)
                why = _why(answer)
        return Execution(ended, outputs.finish(), time.monotonic() - start, why=why, skipped=skipped)

    def judge(self, check: Callable[["Guest", float], Judged], seed: int, seconds: float) -> Execution:
        """Have a check run here, against the student's objects there, as `execute` has cells run there.

        check: given this guest to ask, and the seconds that it may take.
        """
        start, outputs = time.monotonic(), Outputs(SHOWN_OF_CHECKS)
        self._begin(outputs, start + seconds)
        try:
            self.send({"do": "begin", "seed": seed})  # nothing is to be heard: the check's first question follows
            judged = check(self, start + seconds - time.monotonic())
            if judged.ended in ("ok", "error"):
                self._channel.deadline = time.monotonic() + DRAW_SECONDS
                with suppress(Silence, EOFError, OSError):
                    self._ask({"do": "end"})
        except Silence:
            judged = Judged("stopped" if self.is_running else "died")
        except (EOFError, OSError):
            judged = Judged("died")
        if judged.ended == "died":
            self._kill()
        elif judged.ended == "stopped":
            self._interrupt()
        outputs.add_text("stdout", judged.text)
        if judged.error:
            outputs.add_error(judged.error)
        if judged.points is not None:  # as nbgrader reads it
            outputs.add_node(new_output("execute_result", data={"text/plain": repr(judged.points)}))
        seconds = time.monotonic() - start
        return Execution(judged.ended, outputs.finish(), seconds, judged.points, evidence=judged.evidence)

    def send(self, message: Message, blobs: Blobs | None = None) -> None:
        """Ask a question, or answer one. Raises WireError where it is too large, Silence, and OSError."""
        if "do" in message:
            self._number += 1
            self._is_asked = True
        send(self._channel, message | {"number": self._number}, blobs or [])

    def receive(self) -> tuple[Message, Blobs]:
        """Return the answer, or a question of its own; what is shown meanwhile is gathered.

        Raises WireError where what came is no message, Silence, EOFError and OSError.
        """
        while True:
            message, blobs = receive(self._channel)
            if message.get("number") != self._number:  # of an earlier question
                continue
            if "show" not in message:
                self._is_asked = "callback" in message
                self._outputs.cut(message.get("cut"))
                return message, blobs
            self._outputs.add(message["show"], message.get("content"))

    def close(self) -> None:
        """Kill the guest and everything that it started; remove its folder."""
        self._opened.close()

    def _begin(self, outputs: Outputs, deadline: float) -> None:
        self._outputs, self._channel.deadline = outputs, deadline

    def _ask(self, message: Message) -> None:
        self.send(message)
        with suppress(WireError):
            self.receive()

    def _interrupt(self) -> None:
        """Interrupt what runs, if anything does there, and kill the guest if that does not help."""
        if not self._is_asked and self._channel.is_whole:
            return
        self._child.send_signal(signal.SIGINT)
        self._channel.deadline = time.monotonic() + INTERRUPT_SECONDS
        with suppress(Silence, WireError, EOFError, OSError):
            while self._is_asked and self._channel.is_whole:  # a question of its own is no end
                self.receive()
        if self._is_asked or not self._channel.is_whole:
            self._kill()

    def _kill(self) -> None:
        self._child.kill()
        self._child.wait()


def _why(answer: Message) -> str:
    """Say at which line a cell stopped, and of what."""
    line, kind, text = _line(answer.get("line")), _text(answer.get("ename"), MAX_WORD), _text(answer.get("evalue"))
    version = ".".join(platform.python_version_tuple()[:2])
    if kind in NO_PYTHON:
        sentence = _("its cell is no Python {version}, line {line}: {text}")
    else:
        sentence = _("its cell stopped at line {line}: {kind}: {text}")
    return sentence.format(version=version, line=line, kind=kind, text=text)


def _skipped(answer: Message) -> tuple[str, ...]:
    """Return the lines that the guest says it has skipped, with their reasons."""
    told = answer.get("skipped")
    if not isinstance(told, list):
        return ()
    pairs = [one for one in told[:MAX_SKIPPED] if isinstance(one, list) and len(one) == 2]
    return tuple(
        f"{line} ({why[:MAX_TEXT]})" for line, why in pairs if isinstance(_line(line), int) and isinstance(why, str)
    )


def _line(said: Any) -> int | str:
    return said if isinstance(said, int) and 0 < said < MAX_LINE else "?"


def _text(said: Any, most: int = MAX_TEXT) -> str:
    return said[:most] if isinstance(said, str) else "?"
