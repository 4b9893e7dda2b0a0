"""Messages on a connection: a frame each, which holds the length of a text of JSON, the text, and raw bytes."""

import json
import struct
from itertools import pairwise
from typing import Any, Protocol

from grading.wire.errors import MAX_NUMBERS, MAX_TEXT, MAX_VALUES, malformed, too_large

Message = dict[str, Any]  # what JSON can hold; its `sizes` are those of the blobs, the raw bytes of tensors and arrays
Blobs = list[memoryview]
LENGTH = struct.Struct("!I")
MAX_FRAME = LENGTH.size + MAX_TEXT + MAX_NUMBERS


class FrameConnection(Protocol):
    """What frames cross on: multiprocessing's own in a guest, a Channel in the grader."""

    def send_bytes(self, content: bytes, /) -> None:
        """Send a frame."""

    def recv_bytes(self, most: int, /) -> bytes:
        """Receive a frame of so many bytes at most."""
        ...


def send(connection: FrameConnection, message: Message, blobs: Blobs) -> None:
    """Send a message. Raises WireError where it is too large, and OSError where nobody listens."""
    try:
        text = json.dumps(message | {"sizes": [len(blob) for blob in blobs]}).encode()
    except ValueError:  # a number of too many digits
        raise too_large() from None
    if len(text) > MAX_TEXT or sum(map(len, blobs)) > MAX_NUMBERS:
        raise too_large()
    connection.send_bytes(b"".join((LENGTH.pack(len(text)), text, *blobs)))


def receive(connection: FrameConnection) -> tuple[Message, Blobs]:
    """Receive a message. Raises WireError where what came is none, and EOFError or OSError where none comes."""
    frame = memoryview(bytearray(connection.recv_bytes(MAX_FRAME)))  # arrays may be made of its own memory
    try:
        start = LENGTH.size + LENGTH.unpack_from(frame)[0]
        text, numbers = frame[LENGTH.size : start], frame[start:]
        if len(text) != start - LENGTH.size or len(text) > MAX_TEXT or len(numbers) > MAX_NUMBERS:
            raise ValueError
        message = json.loads(bytes(text))
        sizes = [0]
        if len(message["sizes"]) > MAX_VALUES:
            raise ValueError
        for size in message["sizes"]:
            if type(size) is not int or size < 0:
                raise ValueError
            sizes.append(sizes[-1] + size)
        if sizes[-1] != len(numbers):
            raise ValueError
    except (KeyError, MemoryError, RecursionError, TypeError, ValueError, struct.error):
        raise malformed() from None
    return message, [numbers[start:end] for start, end in pairwise(sizes)]
