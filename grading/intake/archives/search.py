"""The files of a folder or a zip, and of the zips in it: what may be a notebook, and why all else is none."""

import os
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grading.intake.archives.encodings import Knows, decode
from grading.intake.archives.files import COMPANION, DAMAGES, LINK, CollectError, File, Left, why, why_not
from grading.intake.archives.zips import directory_size, members_of

# Of an archive in the source: how large it may be, and the list of its files, how many notebooks are taken of it.
MAX_ARCHIVE = 2**30
MAX_DIRECTORY = 4 * 2**20
MAX_OF_ONE, MAX_BYTES_OF_ONE = 2000, 2 * 2**30
MAX_DEPTH = 3
ASK = "ask for the notebook itself"


@contextmanager
def files_of(
    source: Path, folder: Path, zone: tzinfo | None, knows: Knows
) -> Iterator[tuple[list[File], list[File], list[Left]]]:
    """Give the files of a source that may be notebooks, those that tell of others, and what else there is.

    folder: where archives in the archive are unpacked. zone: that of times in archives, None for this machine's.
    knows: whether the class has somebody named as in a path. Raises CollectError if the source cannot be read at all.
    """
    if source.is_dir():
        yield _sorted(_Search(folder, zone, knows), _of_folder(source, knows))
    elif zipfile.is_zipfile(source):
        try:
            archive = zipfile.ZipFile(source)
        except DAMAGES as error:
            raise CollectError(f"{source.name} is damaged, download it again: {error}.") from None
        with archive:
            yield _sorted(_Search(folder, zone, knows), members_of(archive, zone, knows))
    elif source.exists():
        raise CollectError(f"{source.name} is neither a folder nor a zip: unpack it and collect the folder.")
    else:
        raise CollectError(f"There is no folder or archive {source}.")


class _Search:
    """Where to unpack archives, and how to read them."""

    def __init__(self, folder: Path, zone: tzinfo | None, knows: Knows):
        self._folder, self._zone, self._knows, self._copies = folder, zone, knows, 0
        self._count = self._bytes = 0  # of what is taken of one archive in the source

    def opened(self, file: File, depth: int = 1) -> Iterator[File | Left]:
        """Yield what an archive in the source holds, or why it is not opened."""
        if depth == 1:
            self._count = self._bytes = 0
        if depth > MAX_DEPTH:
            yield Left(str(file.path), f"an archive in archives in an archive: {ASK}")
        elif file.size > MAX_ARCHIVE:
            yield Left(str(file.path), f"an archive of more than {MAX_ARCHIVE // 2**30} GiB: {ASK}")
        else:
            yield from self._unpacked(file, depth)

    def _unpacked(self, outer: File, depth: int) -> Iterator[File | Left]:
        """Yield the files of an archive that was handed in, copied out of it, as if it were a folder."""
        copy = self._new()
        try:
            with outer.open() as stream, copy.open("wb") as file:
                shutil.copyfileobj(stream, file)
            if directory_size(copy) > MAX_DIRECTORY:
                yield Left(str(outer.path), f"an archive of so many files is no hand-in: {ASK}")
                return
            with zipfile.ZipFile(copy) as archive:
                for item in members_of(archive, self._zone, self._knows, outer):
                    if isinstance(item, Left) or why_not(item):
                        yield item
                        continue
                    self._count, self._bytes = self._count + 1, self._bytes + item.size
                    if self._count > MAX_OF_ONE or self._bytes > MAX_BYTES_OF_ONE:
                        yield Left(str(item.path), f"one of more than {MAX_OF_ONE} notebooks in one archive: {ASK}")
                    elif item.path.suffix.lower() == ".zip":
                        yield from self.opened(item, depth + 1)
                    else:
                        yield self._copied(item)
        except DAMAGES as error:
            yield Left(str(outer.path), f"an archive that cannot be opened ({why(error)}): {ASK}")
        finally:
            copy.unlink(missing_ok=True)

    def _copied(self, file: File) -> File | Left:
        copy = self._new()
        try:
            with file.open() as stream, copy.open("wb") as target:
                shutil.copyfileobj(stream, target)
        except DAMAGES as error:
            copy.unlink(missing_ok=True)
            return Left(str(file.path), why(error))
        return replace(file, open=lambda: copy.open("rb"))

    def _new(self) -> Path:
        self._copies += 1
        return self._folder / f"unpacked-{self._copies}"


def _sorted(search: _Search, items: Iterable[File | Left]) -> tuple[list[File], list[File], list[Left]]:
    """Part the files of a source, those of its archives too, into notebooks, companions and what is left."""
    notebooks: list[File] = []
    companions: list[File] = []
    left: list[Left] = []

    def place(item: File | Left) -> None:
        if isinstance(item, Left):
            left.append(item)
        elif reason := why_not(item):
            left.append(Left(str(item.path), reason))
        elif item.path.suffix.lower() == ".zip":
            for inner in search.opened(item):
                place(inner)
        else:
            (companions if COMPANION.fullmatch(item.path.name) else notebooks).append(item)

    for item in items:
        place(item)
    return notebooks, companions, left


def _of_folder(source: Path, knows: Knows) -> Iterator[File | Left]:
    errors: list[OSError] = []
    found: list[Path] = []
    for folder, folders, names in os.walk(source, onerror=errors.append):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        found += [Path(folder) / name for name in (*names, *links)]
    if source in {Path(error.filename) for error in errors}:
        raise CollectError(f"{source} cannot be read: {errors[0].strerror}.")
    unread = [Path(error.filename) for error in errors]
    names = decode([os.fsencode(path.relative_to(source)) for path in (*found, *unread)], knows)
    for error, name in zip(errors, names[len(found) :], strict=True):
        yield Left(name, f"a folder that cannot be read ({error.strerror})")
    for path, name in zip(found, names, strict=False):
        try:
            status = path.lstat()
        except OSError as error:
            yield Left(name, why(error))
            continue
        if stat.S_ISREG(status.st_mode):
            yield File(PurePosixPath(name), status.st_mtime, False, status.st_size, _opener(path))
        else:
            yield Left(name, LINK)


def _opener(path: Path) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")

    return opened
