"""The grader's end of a guest's connection: it waits no longer than there is time, whatever the guest sends or not."""

import select
import socket
import struct
import time

CHUNK = 2**16  # bytes to receive at once: to make room for many takes longer than to ask again


class Silence(Exception):
    """Nothing came, or nothing could be sent, before the deadline."""


class Channel:
    """Frames of bytes over a socket, as multiprocessing's Connection has them, before a deadline.

    deadline: a time.monotonic() after which Silence is raised.
    """

    def __init__(self, connected: socket.socket):
        self.deadline = 0.0
        self._socket = connected
        self._received = bytearray()
        self._is_moving = False

    @property
    def is_whole(self) -> bool:
        """Whether messages were sent and received whole or not at all, even if an alarm rang."""
        return not self._is_moving

    def fileno(self) -> int:
        """Return what becomes readable when something comes."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send_bytes(self, content: bytes) -> None:
        """Send a frame. Raises Silence and OSError."""
        left = memoryview(struct.pack("!i", len(content)) + content)
        self._is_moving = True
        while left:
            try:
                left = left[self._socket.send(left, socket.MSG_DONTWAIT) :]
            except BlockingIOError:  # the other side has enough to read
                self._wait([], [self._socket])
        self._is_moving = False

    def recv_bytes(self, most: int) -> bytes:
        """Receive a frame of so many bytes at most. Raises Silence, EOFError and OSError."""
        self._await(4)
        (size,) = struct.unpack_from("!i", self._received)
        if not 0 <= size <= most:
            raise OSError("This is too large a frame, or none.")
        self._await(4 + size)
        content = bytes(memoryview(self._received)[4 : 4 + size])
        del self._received[: 4 + size]
        return content

    def _await(self, size: int) -> None:
        """Wait until so many bytes have been received."""
        while len(self._received) < size:
            self._wait([self._socket], [])
            self._is_moving = True
            chunk = self._socket.recv(CHUNK, socket.MSG_DONTWAIT)
            self._received += chunk
            self._is_moving = False
            if not chunk:
                raise EOFError

    def _wait(self, reading: list[socket.socket], writing: list[socket.socket]) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0 or not any(select.select(reading, writing, [], left)):
            raise Silence
