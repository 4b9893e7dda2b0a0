"""A fork server as its clients know it: started in a process of its own, asked for a child, and ended."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.course.secret import VARIABLE
from grading.sandbox import bubblewrap

START_SECONDS = 120
MAX_FOLDER = 40
AS_NOBODY = "root's sandbox runs as nobody: can everybody read Python's libraries, grading/ and helpers/?"
LOG_BYTES = 10_000  # of a log, what is looked at


class ForkServerError(Exception):
    """The fork server does not run; the sentence says why."""


class ForkServer:
    """A running fork server, to be closed. Its children die with it, and it dies with the process that started it.

    preload: a module with the functions `prepare()`, called once, and `run(request)`, called in each child.
    is_sandboxed: run it in the sandbox. A child whose request names a `scratch` folder is in one of its own: it sees
        that of the server's folder, and writes in memory what it writes in the request's `folder`, which lies therein.
    """

    def __init__(self, preload: str, is_sandboxed: bool = False):
        # The paths of sockets are short: 107 bytes, of which guests need some 40. In the sandbox no link leads there.
        parent = os.path.realpath(tempfile.gettempdir())
        parent = parent if len(os.fsencode(parent)) <= MAX_FOLDER else "/tmp"
        self._folder = tempfile.TemporaryDirectory(prefix="gradus-", dir=parent, ignore_cleanup_errors=True)
        folder = Path(self._folder.name)
        self.address = str(folder / "socket")
        self._log = folder / "log"
        self._is_ready = False
        self._imported: set[str] = set()
        self.is_sandboxed = is_sandboxed
        command = [sys.executable, "-P", "-m", "grading.engine.serving", preload]
        environment = os.environ | bubblewrap.THREADS
        environment.pop("MPLBACKEND", None)  # each child chooses its own
        environment.pop(VARIABLE, None)  # tasks bring it; students' code may not see it
        self._line, theirs = socket.socketpair()  # its end tells the server that we are gone; it says when it is ready
        with theirs, socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen(128)
            command += [str(listener.fileno()), str(folder), "sandboxed" if is_sandboxed else "free"]
            if is_sandboxed:
                command = bubblewrap.wrapped(command, folder)
            self._process = subprocess.Popen(
                command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=self._log.open("wb"),
                env=environment,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Wait for the slow imports. Raises ForkServerError."""
        if self._is_ready:
            return
        readable, _, _ = select.select([self._line], [], [], START_SECONDS)
        self._is_ready = bool(readable and self._line.recv(1))
        if not self._is_ready:
            hint = f" ({AS_NOBODY})" if self.is_sandboxed and os.getuid() == 0 else ""
            raise ForkServerError(f"The warm process did not start: {last_line(self._log)}{hint}")

    def preload(self, modules: Iterable[str]) -> None:
        """Have the server import those of the modules that it has not, before it forks again."""
        new = set(modules) - self._imported
        with suppress(OSError):  # it is gone, as its next client is told
            self._line.sendall("".join(f"{name}\n" for name in sorted(new)).encode())
            self._imported |= new

    @property
    def is_running(self) -> bool:
        """Whether it can fork."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the server and all its children."""
        self._line.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


def scratch(address: str) -> tempfile.TemporaryDirectory[str]:
    """Make a temporary folder that goes with the fork server at `address` at the latest, however that ends."""
    return tempfile.TemporaryDirectory(dir=Path(address).parent, ignore_cleanup_errors=True)


def last_line(log: Path) -> str:
    """Return the last line of a log, which says what went wrong."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_BYTES))
        lines = file.read().decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else "it says nothing"


class Child:
    """A child of a fork server, used as a subprocess.Popen is; to be closed, which kills all that it started."""

    stdin = stdout = stderr = None

    def __init__(self, address: str, request: dict[str, Any]):
        """Fork a child that runs `request`. Raises OSError where no server listens at the address.

        The file that a request names as its `log` takes what the child says on stderr.
        """
        self.returncode: int | None = None
        self._lines = b""
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(address)
            self._socket.sendall(json.dumps(request).encode() + b"\n")
            self.pid = self._next("pid")
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        """Return what becomes readable when the child has ended."""
        return self._socket.fileno()

    def poll(self) -> int | None:
        """Return the exit code, negative for a signal, or None while the child runs."""
        return self.wait(0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end; return the exit code, or None after `timeout` seconds."""
        if self.returncode is None and select.select([self._socket], [], [], timeout)[0]:
            try:
                self.returncode = self._next("exit")
            except OSError:  # the child took its keeper along
                self.returncode = -signal.SIGKILL
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the child and its process group."""
        if self.returncode is None:
            try:
                self._socket.sendall(bytes([number]))
            except OSError:
                self.returncode = -signal.SIGKILL

    def kill(self) -> None:
        """Kill the child."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Kill the child and everything that it started, and wait until they are gone."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            while self._socket.recv(4096):
                pass
        except OSError:
            pass
        self._socket.close()

    def _next(self, key: str) -> int:
        while b"\n" not in self._lines:
            received = self._socket.recv(4096)
            if not received:
                raise ConnectionError("The fork server is gone.")
            self._lines += received
        line, _, self._lines = self._lines.partition(b"\n")
        number: int = json.loads(line)[key]
        return number
