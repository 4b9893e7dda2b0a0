"""All that one student handed in for a stage, in order: the newest is graded, the others are kept in earlier/."""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePosixPath

from grading.course.origin import ORIGIN, Origin, read_origin, read_origin_file, write_origin_file
from grading.intake.layouts.times import read_time
from grading.intake.undo import Journal

# In submitted/<student>/<stage>/: what a newer notebook replaced. Graders take the notebooks beside this folder only.
EARLIER = "earlier"
TIMESTAMP = "timestamp.txt"  # nbgrader's


class PlaceError(Exception):
    """A student's notebooks cannot be put in their place; the sentence says why."""


@dataclass(frozen=True)
class Version:
    """A notebook that was handed in: a file with its content, where it came from, when it was changed."""

    content: Path
    digest: str
    origin: Origin
    modified: float

    @property
    def instant(self) -> float:
        """When it was handed in, as seconds since 1970; when it was changed, where nobody says that."""
        return self.origin.time.timestamp() if self.origin.time else self.modified

    @property
    def age(self) -> tuple[int, float, int, str, str]:
        """What sorts from old to new; `02_manual (1)` came after `02_manual`."""
        path = self.origin.path
        return self.origin.number, self.instant, len(PurePosixPath(path).name), path, self.digest

    @property
    def _worth(self) -> tuple[bool, tuple[int, float, int, str, str], str]:
        """What decides between two that hold the same."""
        return self.origin.time is not None, self.age, repr(self.origin)

    @cached_property
    def name(self) -> str:
        """The name of its file in earlier/."""
        return f"{datetime.fromtimestamp(self.instant):%Y-%m-%dT%H-%M-%S}-{self.digest[:6]}"


def version_of(content: Path, origin: Origin, modified: float) -> Version:
    """Return a notebook as a version; modified: seconds since 1970."""
    with content.open("rb") as file:
        digest = sha256()
        while chunk := file.read(2**20):
            digest.update(chunk)
    return Version(content, digest.hexdigest(), origin, modified)


@dataclass(frozen=True)
class Standing:
    """What is in submitted/<student>/<stage>/: the newest version, and the earlier ones.

    before: the digest of the one that graders took before, "" for none. is_changed: whether anything was.
    """

    newest: Version
    earlier: tuple[Version, ...]
    before: str
    is_changed: bool


def place(folder: Path, stage: str, new: Iterable[Version], journal: Journal) -> Standing:
    """Put versions into submitted/<student>/<stage>/, with the same outcome in whatever order they come.

    Raises PlaceError.
    """
    for path in (folder.parent, folder, folder / EARLIER):
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise PlaceError(f"{'/'.join(path.parts[-3:])} is no folder: move it away, and collect again.")
    try:
        target = folder / f"{stage}.ipynb"
        before, kept = _current(folder, target), _kept(folder)
        best: dict[str, Version] = {}
        for version in (*([before] if before else []), *kept, *new):
            known = best.get(version.digest)
            best[version.digest] = max(known, version, key=lambda one: one._worth) if known else version
        *earlier, newest = sorted(best.values(), key=lambda one: one.age)
        is_changed = not _is_settled(before, kept, newest, earlier)
        if is_changed:
            journal.keep(folder)
            _write(folder, target, newest, earlier)
        aside = tuple(replace(one, content=folder / EARLIER / f"{one.name}.ipynb") for one in earlier)
        return Standing(replace(newest, content=target), aside, before.digest if before else "", is_changed)
    except OSError as error:
        raise PlaceError(f"{'/'.join(folder.parts[-3:])} cannot be written: {error.strerror}.") from None


def _current(folder: Path, target: Path) -> Version | None:
    """Return the version that graders take now."""
    if target.is_symlink() or not target.is_file():
        return None
    origin = read_origin(folder)
    if origin == Origin() and (folder / TIMESTAMP).is_file():
        origin = replace(origin, time=_with_zone(read_time((folder / TIMESTAMP).read_text("utf-8", "replace")[:100])))
    return version_of(target, origin, target.stat().st_mtime)


def _with_zone(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time and not time.tzinfo else time  # nbgrader's times are in UTC


def _kept(folder: Path) -> list[Version]:
    """Return the versions in earlier/."""
    paths = sorted((folder / EARLIER).glob("*.ipynb"))
    return [version_of(path, read_origin_file(path.with_suffix(".json")), path.stat().st_mtime) for path in paths]


def _is_settled(before: Version | None, kept: list[Version], newest: Version, earlier: list[Version]) -> bool:
    is_same = before is not None and before.digest == newest.digest and before.origin == newest.origin
    there = {(one.content.name, one.digest, repr(one.origin)) for one in kept}
    return is_same and there == {(f"{one.name}.ipynb", one.digest, repr(one.origin)) for one in earlier}


def _write(folder: Path, target: Path, newest: Version, earlier: list[Version]) -> None:
    """Write the earlier ones first, so that at any moment each version is somewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    for version in earlier:
        path = folder / EARLIER / f"{version.name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        _copy(version, path)
        write_origin_file(path.with_suffix(".json"), version.origin)
    _copy(newest, target)
    write_origin_file(folder / ORIGIN, newest.origin)
    if newest.origin.time:
        (folder / TIMESTAMP).write_text(f"{newest.origin.time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n")
    else:
        (folder / TIMESTAMP).unlink(missing_ok=True)
    names = {version.name for version in earlier}
    for path in (folder / EARLIER).glob("*"):
        if path.stem not in names and path.suffix in (".ipynb", ".json"):
            path.unlink()
    with suppress(OSError):  # there is none, or something in it
        (folder / EARLIER).rmdir()


def _copy(version: Version, path: Path) -> None:
    """Copy a version, whole at any moment."""
    if path != version.content:
        new = path.with_name(f".{path.name}.new")
        shutil.copyfile(version.content, new)
        new.replace(path)
    os.utime(path, (version.instant, version.instant))
