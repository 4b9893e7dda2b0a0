"""The files of a folder or a zip, once all of them are known to be harmless."""

import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

# More than a large course hands in, less than fills a disk.
MAX_FILES = 20_000
MAX_TOTAL = 4 * 2**30
# Notebooks shrink to a tenth; one that printed a line a million times shrinks more, and must not cost its class.
MAX_RATIO = 100
RATIO_MATTERS_ABOVE = 2**30


class CollectError(Exception):
    """The folder or archive is refused as a whole, and nothing was written; the sentence says why."""


@dataclass(frozen=True)
class File:
    """A file of the folder or archive."""

    path: PurePosixPath
    modified: float
    size: int
    open: Callable[[], BinaryIO]


@contextmanager
def files_of(source: Path) -> Iterator[list[File]]:
    """Give the files of a folder or an archive once all of them are known to be harmless."""
    if source.is_dir():
        yield _harmless(source, list(_files_of_folder(source)))
    elif zipfile.is_zipfile(source):
        try:
            archive = zipfile.ZipFile(source)
        except zipfile.BadZipFile as error:
            raise CollectError(f"{source.name} is damaged, download it again: {error}.") from None
        with archive:
            files = _harmless(source, list(_files_of_zip(source, archive)))
            total, packed = sum(file.size for file in files), source.stat().st_size
            if total > max(RATIO_MATTERS_ABOVE, MAX_RATIO * packed):
                _refuse(source, f"it unpacks to {total // packed} times its size, as no notebooks do")
            yield files
    elif source.exists():
        raise CollectError(f"{source.name} is neither a folder nor a zip: unpack it and collect the folder.")
    else:
        raise CollectError(f"There is no folder or archive {source}.")


def _files_of_folder(source: Path) -> Iterator[File]:
    for folder, folders, names in os.walk(source):
        for name in (*folders, *names):
            path = Path(folder) / name
            status = path.lstat()
            relative = PurePosixPath(path.relative_to(source).as_posix())
            if stat.S_ISREG(status.st_mode):
                yield File(relative, status.st_mtime, status.st_size, lambda path=path: path.open("rb"))
            elif not stat.S_ISDIR(status.st_mode):
                _refuse(source, f"{relative} is a link or a device, not a file")


def _files_of_zip(source: Path, archive: zipfile.ZipFile) -> Iterator[File]:
    for member in archive.infolist():
        name = member.filename.replace("\\", "/")
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or re.match("[A-Za-z]:", name):
            _refuse(source, f"{name} would lie outside the folder that it is unpacked to")
        if stat.S_ISLNK(member.external_attr >> 16):
            _refuse(source, f"{name} is a link or a device, not a file")
        if member.flag_bits & 1:
            _refuse(source, f"{name} needs a password")
        if not member.is_dir():
            yield File(path, _modified(member), member.file_size, lambda member=member: archive.open(member))


def _modified(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError):  # some programs write month 0
        return 0.0


def _harmless(source: Path, files: list[File]) -> list[File]:
    if len(files) > MAX_FILES:
        _refuse(source, f"it holds {len(files)} files, more than {MAX_FILES}")
    total = sum(file.size for file in files)
    if total > MAX_TOTAL:
        _refuse(source, f"it holds {total / 2**30:.1f} GiB, more than {MAX_TOTAL / 2**30:.0f}")
    return files


def _refuse(source: Path, why: str) -> None:
    raise CollectError(f"{source.name} is refused, nothing was collected: {why}.")
