"""Messages on a connection: two frames each, one of JSON, one of raw bytes."""

import json
from itertools import pairwise
from multiprocessing.connection import Connection

from grading.wire.errors import MAX_NUMBERS, MAX_TEXT, malformed, too_large


def send(connection: Connection, message: dict, blobs: list[memoryview]) -> None:
    """Send a message. Raises WireError where it is too large, and OSError where nobody listens."""
    try:
        text = json.dumps(message | {"sizes": [len(blob) for blob in blobs]}).encode()
    except ValueError:  # a number of too many digits
        raise too_large() from None
    if len(text) > MAX_TEXT or sum(map(len, blobs)) > MAX_NUMBERS:
        raise too_large()
    connection.send_bytes(text)
    connection.send_bytes(b"".join(blobs))


def receive(connection: Connection) -> tuple[dict, list[memoryview]]:
    """Receive a message. Raises WireError where what came is none, and EOFError or OSError where none comes."""
    text, numbers = connection.recv_bytes(MAX_TEXT), memoryview(bytearray(connection.recv_bytes(MAX_NUMBERS)))
    try:
        message = json.loads(text)
        sizes = [0]
        for size in message["sizes"]:
            if type(size) is not int or size < 0:
                raise ValueError
            sizes.append(sizes[-1] + size)
        if sizes[-1] != len(numbers):
            raise ValueError
    except (KeyError, RecursionError, TypeError, ValueError):
        raise malformed() from None
    return message, [numbers[start:end] for start, end in pairwise(sizes)]
