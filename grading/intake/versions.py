"""All that one student handed in for a stage, in order: the newest is graded, the others are kept in earlier/."""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import IO

from grading.course.origin import Origin, read_origin, read_origin_file, write_origin, write_origin_file
from grading.intake.layouts.times import read_time
from grading.intake.undo import Journal

# In submitted/<student>/<stage>/: what a newer notebook replaced. Graders take the notebooks beside this folder only.
EARLIER = "earlier"
TIMESTAMP = "timestamp.txt"  # nbgrader's
MAX_TOGETHER = 5  # notebooks that came in at one time and are graded together


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
    def age(self) -> tuple[int, float, float, int, str, str]:
        """What sorts from old to new; `02_manual (1)` came after `02_manual`."""
        path = self.origin.path
        return self.origin.number, self.instant, self.modified, len(PurePosixPath(path).name), path, self.digest

    @property
    def hand_in(self) -> float:
        """What is the same of all that came in together: the number that a platform gave it, else its time."""
        return self.origin.number or self.instant

    @property
    def worth(self) -> tuple[bool, tuple[int, float, float, int, str, str], str]:
        """What decides between two that hold the same."""
        return self.origin.time is not None, self.age, repr(self.origin)

    @property
    def name(self) -> str:
        """The name of its file in earlier/."""
        return f"{datetime.fromtimestamp(self.instant):%Y-%m-%dT%H-%M-%S}-{self.digest[:6]}.ipynb"


@dataclass(frozen=True)
class Standing:
    """What is in submitted/<student>/<stage>/: what is graded, the newest first, and the earlier ones.

    before: the digests of what was graded before. is_changed: whether anything was.
    """

    graded: tuple[Version, ...]
    earlier: tuple[Version, ...]
    before: frozenset[str]
    is_changed: bool

    def outcome(self, version: Version) -> str:
        """Return what became of a version."""
        digests = {one.digest for one in self.graded}
        if version.digest not in digests:
            return "earlier"
        if not self.before:
            return "new"
        return "unchanged" if digests == self.before else "joined" if self.before < digests else "replaced"


def version_of(content: Path, origin: Origin, modified: float) -> Version:
    """Return a notebook as a version; modified: seconds since 1970."""
    with content.open("rb") as file:
        return Version(content, digest_of(file), origin, modified)


def digest_of(file: IO[bytes]) -> str:
    """Return what tells a content from others."""
    digest = sha256()
    while chunk := file.read(2**20):
        digest.update(chunk)
    return digest.hexdigest()


def place(folder: Path, stage: str, new: Iterable[Version], journal: Journal, zone: tzinfo | None = None) -> Standing:
    """Put versions into submitted/<student>/<stage>/, with the same outcome in whatever order they come.

    What came in at one time is graded together: its answers may be in several files. zone: the course's now: times that
    were read in another one are read anew. Raises PlaceError.
    """
    for path in (folder.parent, folder, folder / EARLIER):
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise PlaceError(f"{'/'.join(path.parts[-3:])} is no folder: move it away, and collect again.")
    try:
        graded, kept = _graded(folder, stage), _kept(folder)
        best: dict[str, Version] = {}
        for version in (*graded.values(), *kept.values(), *new):
            version = replace(version, origin=_alone(version.origin, version.origin.path).in_zone(zone))
            known = best.get(version.digest, version)
            best[version.digest] = max(known, version, key=lambda one: one.worth)
        newest, *others = sorted(best.values(), key=lambda one: one.age, reverse=True)
        together = _came_with(newest, others)
        aside = {folder / EARLIER / one.name: one for one in others if one not in together}
        taken = _together(folder, stage, [newest, *together])
        is_changed = _told(graded | kept) != _told(taken | aside)
        if is_changed:
            journal.keep(folder)
            _write(folder, graded | kept, taken, aside)
        return Standing(
            tuple(replace(one, content=path) for path, one in taken.items()),
            tuple(replace(one, content=path) for path, one in aside.items()),
            frozenset(one.digest for one in graded.values()),
            is_changed,
        )
    except OSError as error:
        raise PlaceError(f"{'/'.join(folder.parts[-3:])} cannot be written: {error.strerror}.") from None


def versions_in(folder: Path, stage: str) -> Iterator[Version]:
    """Yield all versions that lie in submitted/<student>/<stage>/."""
    yield from (*_graded(folder, stage).values(), *_kept(folder).values())


def settled_in(course: Path) -> dict[tuple[str, str], set[str]]:
    """Return whose the instructor said that notebooks are: students by path and digest."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for folder in (course / "submitted").glob("[!.]*/*/"):
        origins = (read_origin(folder), *map(read_origin_file, (folder / EARLIER).glob("*.json")))
        if any(origin.settled for origin in origins):
            for one in versions_in(folder, folder.name):
                if one.origin.path in one.origin.settled:
                    found[one.origin.path, one.digest].add(folder.parent.name)
    return found


def _came_with(newest: Version, others: Iterable[Version]) -> list[Version]:
    """Return what came in at the same time as the newest version, under other names."""
    found: dict[str, Version] = {}
    for one in others:
        if one.hand_in == newest.hand_in and one.origin.path != newest.origin.path:
            found.setdefault(one.origin.path, one)
    return list(found.values())[: MAX_TOGETHER - 1]


def _names(stage: str) -> list[str]:
    """Return the names of notebooks that are graded together, the newest first."""
    return [f"{stage}.ipynb", *(f"{stage} ({number}).ipynb" for number in range(2, MAX_TOGETHER + 1))]


def _together(folder: Path, stage: str, versions: list[Version]) -> dict[Path, Version]:
    """Return where versions lie that are graded together; origin.json tells of the first where the others are from."""
    first = versions[0].origin
    paths = [version.origin.path for version in versions]
    settled = tuple(path for version in versions for path in version.origin.settled)
    told = replace(first, beside=tuple(paths[1:]), settled=settled)
    origins = [told, *(_alone(told, path) for path in paths[1:])]
    places = zip(_names(stage), versions, origins, strict=False)
    return {folder / name: replace(version, origin=origin) for name, version, origin in places}


def _graded(folder: Path, stage: str) -> dict[Path, Version]:
    """Return the versions that are graded now."""
    origin = read_origin(folder)
    if origin == Origin() and (folder / TIMESTAMP).is_file():
        time = read_time((folder / TIMESTAMP).read_text("utf-8", "replace")[:100])
        origin = replace(origin, time=time.replace(tzinfo=time.tzinfo or UTC) if time else None)
    paths = [origin.path, *origin.beside]
    found = {}
    for number, name in enumerate(_names(stage)):
        if (folder / name).is_file() and not (folder / name).is_symlink():
            path = paths[number] if number < len(paths) else name
            told = _alone(origin, path) if number else origin
            found[folder / name] = version_of(folder / name, told, (folder / name).stat().st_mtime)
    return found


def _alone(origin: Origin, path: str) -> Origin:
    """Return what the origin of several says of one of them."""
    return replace(origin, path=path, beside=(), settled=tuple(one for one in origin.settled if one == path))


def _kept(folder: Path) -> dict[Path, Version]:
    """Return the versions in earlier/."""
    paths = sorted((folder / EARLIER).glob("*.ipynb"))
    return {path: version_of(path, read_origin_file(path.with_suffix(".json")), path.stat().st_mtime) for path in paths}


def _told(versions: Mapping[Path, Version]) -> dict[Path, tuple[str, Origin, float]]:
    return {path: (one.digest, one.origin, round(one.modified, 3)) for path, one in versions.items()}


def _write(
    folder: Path, before: Mapping[Path, Version], taken: Mapping[Path, Version], aside: Mapping[Path, Version]
) -> None:
    """Copy all to where it has to go before anything is replaced, so that at any moment each version is somewhere."""
    folder.mkdir(parents=True, exist_ok=True)
    if aside:
        (folder / EARLIER).mkdir(exist_ok=True)
    wanted = {**aside, **taken}
    moved = [path for path in wanted if path not in before or before[path].digest != wanted[path].digest]
    for path in moved:
        shutil.copyfile(wanted[path].content, _new(path))
    for path in moved:
        _new(path).replace(path)
    for path, version in wanted.items():
        os.utime(path, (version.modified, version.modified))
    for path, version in aside.items():
        write_origin_file(path.with_suffix(".json"), version.origin)
    target, newest = next(iter(taken.items()))
    write_origin(folder, newest.origin)
    former = before.get(target)
    is_ours = former is None or _read_time(folder / TIMESTAMP) == _spelt(former.origin.time)
    if former is None or former.digest != newest.digest or (former.origin.time != newest.origin.time and is_ours):
        _write_time(folder / TIMESTAMP, newest.origin.time)  # else somebody has changed it
    for path in before.keys() - wanted.keys():
        path.unlink()
        path.with_suffix(".json").unlink(missing_ok=True)
    with suppress(OSError):  # there is none, or something in it
        (folder / EARLIER).rmdir()


def _write_time(path: Path, time: datetime | None) -> None:
    if time:
        path.write_text(_spelt(time))
    else:
        path.unlink(missing_ok=True)


def _read_time(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.is_file() else ""


def _spelt(time: datetime | None) -> str:
    """Return a time as timestamp.txt has it."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\n" if time else ""


def _new(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")
