"""A file of what was handed in: whether it may be a notebook, and what keeps it from being read."""

import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from grading.course.files import OF_THE_MACHINE
from grading.recovery.reading import MAX_BYTES

NOTEBOOK = re.compile(r"(?i)\.(ipynb|json|txt)$")  # what is called otherwise than .ipynb is looked into
COMPANION = re.compile(r"submission_metadata\.yml|timestamp\.txt|.+_attempt_\d{4}(-\d\d){5}\.txt")
OTHER_ARCHIVES = re.compile(r"(?i)\.(rar|7z|tar|tgz|gz|bz2|xz)$")
DAMAGES = (OSError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError)

NO_NOTEBOOK = "not a notebook"
LINK = "a link or a device, not a file"


class CollectError(Exception):
    """Nothing was collected; the sentence says why."""


class UnreadableError(Exception):
    """A file cannot be read; the text says why."""


@dataclass(frozen=True)
class Left:
    """A file that was not collected, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class File:
    """A file that may be a notebook, or tells of others.

    modified: when, as seconds since 1970; is_stated: whether an archive says that this is when it was handed in.
    outer: the archive in the source that holds it. is_wall: whether it names no zone, so that the course's was taken.
    """

    path: PurePosixPath
    modified: float
    is_stated: bool
    size: int
    open: Callable[[], BinaryIO]
    outer: "File | None" = None
    is_wall: bool = False

    def read(self) -> bytes:
        """Return the content. Raises UnreadableError."""
        try:
            with self.open() as stream:
                return stream.read(MAX_BYTES + 1)
        except DAMAGES as error:
            raise UnreadableError(why(error)) from None

    def below(self, part: int) -> "File":
        """Return the outermost of it and the archives that hold it that lies below this part of its path.

        What an owner's folder holds was handed in when that was: times in an archive of the owner's own are older.
        """
        return self.outer.below(part) if self.outer and len(self.outer.path.parts) > part else self


def why_not(file: File) -> str:
    """Say why a file is neither a notebook nor tells of any, "" if it may be one."""
    path = file.path
    if "__MACOSX" in path.parts or path.name.startswith("._") or path.name == ".DS_Store":
        return "written by macOS, not by the student"
    if OTHER_ARCHIVES.search(path.name):
        return "an archive that is no zip: ask for the notebook itself"
    if path.suffix.lower() == ".zip":
        return ""
    if not (NOTEBOOK.search(path.name) or COMPANION.fullmatch(path.name)):
        return NO_NOTEBOOK
    if ".ipynb_checkpoints" in path.parts:
        return "a checkpoint that JupyterLab keeps"
    if file.size > MAX_BYTES:
        return f"larger than {MAX_BYTES // 2**20} MiB: ask for it again, without its outputs"
    return ""


def why(error: Exception) -> str:
    """Say why a file cannot be read. Raises what keeps all of them from being read or copied."""
    if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
        raise error
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be read: {error.strerror}"
    return "damaged in the archive: download it again"


def as_time(seconds: float) -> datetime:
    """Return seconds since 1970 as a time."""
    return datetime.fromtimestamp(seconds, UTC)
