"""Files in folders that others fill: read only where they are files, and no further than a limit; written whole."""

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

CHUNK = 2**20
# What keeps us from writing anybody's files, not one student's.
OF_THE_MACHINE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO),
    *(errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ETXTBSY),
)


def is_file(path: Path) -> bool:
    """Whether there is a file itself, no link to one: that may lead to somebody else's. Raises OSError."""
    return stat.S_ISREG(path.lstat().st_mode)


def chunks(path: Path, limit: int) -> Iterator[bytes]:
    """Yield what a file holds, in parts. Raises OSError for what is no file, and for one larger than `limit` bytes."""
    # So that the open waits for nobody at the other end of a pipe, and starts no device.
    if not is_file(path):
        raise OSError(errno.EINVAL, "not a file", str(path))
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a file", str(path))
        left = limit
        while chunk := file.read(min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
            yield chunk


def read(path: Path, limit: int) -> bytes:
    """Return what a file holds. Raises OSError for what is no file, and for one larger than `limit` bytes."""
    return b"".join(chunks(path, limit))


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that at any moment the old or the new one is there, whole. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)  # whatever lies there: to open a pipe would wait for ever
    with new.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


@contextmanager
def only_one(path: Path, refusal: Callable[[str], Exception]) -> Iterator[TextIO]:
    """Hold a lock file, which is yielded to say in it who holds it. Raises OSError where it cannot be made.

    refusal: makes what is raised while another process holds it, of what that one has said.
    """
    path.parent.mkdir(exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise refusal(lock.read().strip()) from None
        lock.truncate(0)
        yield lock
