"""One kernel, driven over ipc: start it warm, execute cells within limits, kill all that it started."""

import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file
from nbformat import NotebookNode
from nbformat.v4 import new_output

from grading.forkserver import Child, last_line, scratch
from grading.judge import Judged
from grading.outputs import SHOWN, Outputs
from grading.sandbox import environment, hand_over

START_SECONDS = 60
# How long a cell has to end after an interrupt, and its last outputs to arrive after its reply.
INTERRUPT_SECONDS = 3
DRAIN_SECONDS = 2
# A student's cell must not wait for a network that graders do not have, nor change what is installed.
ENVIRONMENT = {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
ARGUMENTS = ["--HistoryManager.enabled=False", "--log-level=CRITICAL"]


# What a kernel may show while a check runs: verdicts and errors are the judge's to give.
SHOWN_OF_CHECKS = SHOWN - {"execute_result", "error"}


class KernelError(Exception):
    """A kernel could not be started."""


@dataclass(frozen=True)
class Execution:
    """What became of one cell: "ok", "error", "stopped" (out of time) or "died" (the kernel did); times in seconds.

    points: of a check that holds in part.
    """

    ended: str
    outputs: list[NotebookNode]
    seconds: float
    points: float | None = None


class Kernel:
    """A fork of the warm process at a fork server's address, in a scratch folder of its own; to be closed.

    seconds: of CPU time that it may take.
    """

    def __init__(self, address: str, seconds: float):
        """Start it and wait until it answers. Raises KernelError, and OSError where there is no server."""
        self._scratch = scratch(address)
        folder = Path(self._scratch.name)
        (folder / "work").mkdir()
        self._address = str(folder / "judge")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._address)
        self._listener.listen()
        file, _ = write_connection_file(
            str(folder / "kernel.json"), transport="ipc", ip=str(folder / "ipc"), key=os.urandom(16).hex().encode()
        )
        self._context = zmq.Context()
        self._context.reconnect_ivl = 5  # milliseconds; the sockets appear while we wait
        self._client = BlockingKernelClient(context=self._context)
        self._client.load_connection_file(file)
        request = {"arguments": ["-f", file, *ARGUMENTS], "seconds": seconds}
        self._log = folder / "log"
        self._log.touch()
        request |= {"scratch": str(folder), "folder": str(folder / "work"), "log": str(self._log)}
        request["environment"] = environment(folder / "work") | ENVIRONMENT | {"IPYTHONDIR": str(folder / "ipython")}
        hand_over(folder)
        self._child = Child(address, request)
        try:
            self._client.start_channels(stdin=False, hb=False, control=False)
            self._poller = zmq.Poller()
            for source in (self._client.shell_channel.socket, self._client.iopub_channel.socket, self._child):
                self._poller.register(source, zmq.POLLIN)
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    @property
    def is_running(self) -> bool:
        """Whether it can execute another cell."""
        return self._child.poll() is None

    def execute(self, code: str, seed: int, seconds: float) -> Execution:
        """Execute a cell, seeded; interrupt it after so many seconds, and kill the kernel if that does not help."""
        start, outputs = time.monotonic(), Outputs()
        request = self._request(code, {"seed": seed})
        reply = self._follow(request, outputs, start + seconds)
        if reply is None:
            ended = "stopped" if self.is_running else "died"
            self._interrupt(request, outputs)
        elif reply.get("status") == "ok":
            ended = "ok"
        else:
            ended = "error"
            outputs.add_error(reply)
        return Execution(ended, outputs.finish(), time.monotonic() - start)

    def judge(self, check: Callable[[Connection, float], Judged], seed: int, seconds: float) -> Execution:
        """Have a check run here, against the student's objects there, as `execute` has cells run there.

        check: given a connection to the agent in the kernel, and the seconds that it may take.
        """
        start, outputs = time.monotonic(), Outputs(SHOWN_OF_CHECKS)
        request = self._request("", {"seed": seed, "judge": self._address})
        if select.select([self._listener, self._child], [], [], seconds)[0] and self.is_running:
            with Connection(self._listener.accept()[0].detach()) as connection:
                judged = check(connection, start + seconds - time.monotonic())
        else:
            judged = Judged("stopped" if self.is_running else "died")
        patience = 0 if judged.ended == "stopped" else DRAIN_SECONDS
        if self._follow(request, outputs, time.monotonic() + patience) is None:
            self._interrupt(request, outputs)
        outputs.add_text("stdout", judged.text)
        if judged.error:
            outputs.add_error(judged.error)
        if judged.points is not None:  # as nbgrader reads it
            outputs.add_node(new_output("execute_result", data={"text/plain": repr(judged.points)}))
        return Execution(judged.ended, outputs.finish(), time.monotonic() - start, judged.points)

    def close(self) -> None:
        """Kill the kernel and everything that it started; remove its folder."""
        self._listener.close()
        self._child.close()
        self._client.stop_channels()
        self._context.destroy(linger=0)
        self._scratch.cleanup()

    def _request(self, code: str, orders: dict[str, Any]) -> dict[str, Any]:
        """Ask the kernel to execute; return the message, which its answers refer to."""
        content = {"code": code, "silent": "judge" in orders, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": False}
        request = self._client.session.msg("execute_request", content, metadata=orders)
        self._client.shell_channel.send(request)
        return request

    def _interrupt(self, request: dict[str, Any], outputs: Outputs) -> None:
        """Interrupt what runs, and kill the kernel if that does not help."""
        self._child.send_signal(signal.SIGINT)
        if self._follow(request, outputs, time.monotonic() + INTERRUPT_SECONDS) is None:
            self._child.kill()
            self._child.wait()

    def _wait_until_ready(self) -> None:
        """Ask until both channels answer: a subscription may come too late for the first answer."""
        request, heard, deadline = None, set(), time.monotonic() + START_SECONDS
        while len(heard) < 2:
            if time.monotonic() > deadline or not self.is_running:
                raise KernelError(f"A kernel did not start: {last_line(self._log)}")
            if request is None or not self._poller.poll(50):
                request = self._client.session.msg("kernel_info_request")
                self._client.shell_channel.send(request)
            for channel in (self._client.shell_channel, self._client.iopub_channel):
                if _receive(channel):
                    heard.add(channel)

    def _follow(self, request: dict[str, Any], outputs: Outputs, deadline: float) -> dict[str, Any] | None:
        """Gather outputs until the request is done; return the reply, None if time runs out or the kernel dies."""
        shell, iopub = self._client.shell_channel, self._client.iopub_channel
        reply, is_idle = None, False
        while reply is None or not is_idle:
            if time.monotonic() >= deadline:  # however much there is still to read
                break
            ready = dict(self._poller.poll(max(0, 1000 * (deadline - time.monotonic()))))
            if iopub.socket in ready:
                message = _receive(iopub)
                if message and message["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                    is_idle = message["msg_type"] == "status" and message["content"].get("execution_state") == "idle"
                    outputs.add(message)
            elif shell.socket in ready:
                message = _receive(shell)
                if message and message["parent_header"].get("msg_id") == request["header"]["msg_id"]:
                    reply = message["content"]
                    deadline = min(deadline, time.monotonic() + DRAIN_SECONDS)
            elif ready:
                break
        return reply


def _receive(channel: Any) -> dict[str, Any] | None:
    """Return the next message that is well-formed, or None."""
    if not channel.msg_ready():
        return None
    try:
        message = channel.get_msg(timeout=0)
    except Exception:  # not one of the kernel's own: a fork of it, or what a student made up
        return None
    is_whole = isinstance(message["msg_type"], str) and all(
        isinstance(message[part], dict) for part in ("parent_header", "content")
    )
    return message if is_whole else None
