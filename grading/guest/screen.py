"""What a guest shows: text, pictures and errors, gathered and sent to the grader as messages, in their order."""

import base64
import codecs
import io
import json
import os
import select
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

from grading.wire.frames import send

# What a cell may show, in bytes: the grader keeps less.
MAX_BYTES = 2**21
# What is shown however much was shown before, unless it is large itself.
SPARED = ("execute_result", "error")
# Text is gathered until there is so much of it, or so many seconds have passed; no message holds more.
CHUNK, SECONDS = 2**15, 0.2


class Screen:
    """Sends what is shown while the question `number` is answered. Safe to be used by all threads of the guest."""

    def __init__(self, connection: Connection):
        self.lock = threading.RLock()
        self._connection = connection
        self._pid = os.getpid()
        self._pending: list[tuple[str, str]] = []
        self._size, self._flushed = 0, time.monotonic()
        self.begin(None)

    def begin(self, number: Any) -> None:
        """From now on, things are shown for this question."""
        with self.lock:
            self.number, self._room, self._cut = number, MAX_BYTES, 0

    def write(self, name: str, text: str) -> None:
        """Show text on a stream, "stdout" or "stderr"."""
        if os.getpid() != self._pid:  # a fork of the guest's own: its parent reads the pipe
            os.write(1, text.encode("utf-8", "replace"))
            return
        with self.lock:
            if len(text) > self._room:
                self._cut += len(text) - self._room
                text = text[: self._room]
            if text:
                self._room -= len(text)
                self._pending.append((name, text))
                self._size += len(text)
            if self._size > CHUNK or time.monotonic() - self._flushed > SECONDS:
                self.flush()

    def show(self, kind: str, **content: Any) -> None:
        """Show what is no text: `kind` and `content` as in Jupyter's messages."""
        if os.getpid() != self._pid:
            return
        with self.lock:
            self.flush()
            if kind == "clear_output":
                self._room, self._cut = MAX_BYTES, 0
            text = json.dumps(content, default=_plain)
            if len(text) > self._room and not (kind in SPARED and len(text) < CHUNK):
                self._cut += len(text)
                return
            self._room -= len(text)
            self._send(kind, json.loads(text))

    def flush(self) -> None:
        """Send the text that was gathered."""
        if os.getpid() != self._pid:
            return
        with self.lock:
            pending, self._pending = self._pending, []
            self._size, self._flushed = 0, time.monotonic()
            while pending:
                name = pending[0][0]
                count = next((i for i, (other, _) in enumerate(pending) if other != name), len(pending))
                text = "".join(text for _, text in pending[:count])
                for start in range(0, len(text), CHUNK):
                    self._send("stream", {"name": name, "text": text[start : start + CHUNK]})
                del pending[:count]

    def end(self) -> int:
        """Send the rest of what the question has shown; return how many bytes were cut off."""
        with self.lock:
            self.flush()
            return self._cut

    def _send(self, kind: str, content: dict[str, Any]) -> None:
        send(self._connection, {"show": kind, "content": content, "number": self.number}, [])


class Stream(io.TextIOBase):
    """A standard stream of the guest. Cells cannot close it: the next ones need it."""

    encoding = "UTF-8"
    errors = "replace"

    def __init__(self, screen: Screen, name: str):
        super().__init__()
        self._screen, self.name = screen, name

    def write(self, text: str) -> int:
        """Show text."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._screen.write(self.name, text)
        return len(text)

    def flush(self) -> None:
        """Send what was written."""
        self._screen.flush()

    def close(self) -> None:
        """Stay open."""

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the number of the pipe that programs started here write to."""
        return 1 if self.name == "stdout" else 2


class Pipes:
    """Shows what reaches the file descriptors of stdout and stderr directly, from programs and libraries."""

    def __init__(self, screen: Screen):
        self._screen, self._lock = screen, threading.Lock()
        self._names: dict[int, str] = {}
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            reading, writing = os.pipe()
            os.set_blocking(reading, False)
            os.dup2(writing, descriptor)
            os.close(writing)
            self._names[reading] = name
        self._decoders = {reading: codecs.getincrementaldecoder("utf-8")("replace") for reading in self._names}
        self._written = select.poll()
        for reading in self._names:
            self._written.register(reading, select.POLLIN)
        threading.Thread(target=self._watch, name="pipes", daemon=True).start()

    def drain(self) -> None:
        """Show what was written so far, and no more than a cell may show: a program may write on and on."""
        with self._lock:
            for _ in range(MAX_BYTES // CHUNK):
                ready = self._written.poll(0)
                if not ready:
                    return
                for reading, _event in ready:
                    self._take(reading)

    def _take(self, reading: int) -> None:
        try:
            text = os.read(reading, CHUNK)
        except BlockingIOError:  # a fork of the guest's own was quicker
            return
        if text:
            self._screen.write(self._names[reading], self._decoders[reading].decode(text))
        else:  # nobody can write to it any more
            self._written.unregister(reading)
            del self._names[reading]

    def _watch(self) -> None:
        while self._names:
            select.select(list(self._names), [], [])
            self.drain()


def _plain(value: Any) -> Any:
    """Return what JSON can hold of a value in something displayed."""
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)
