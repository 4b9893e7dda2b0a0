"""Take the last collecting back: what it changed is kept as it was before."""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from grading.course.files import write_atomically
from grading.course.roster import Person, read_roster, write_roster
from grading.course.secret import FOLDER

# In .gradus/collected/: the folders as they were, which ones were changed, and how they were left.
KEPT, BEFORE, LIST, AFTER = "collected", "before", "changed.txt", "after.json"


class UndoError(Exception):
    """Nothing can be taken back; the sentence says why."""


class Journal:
    """What one collecting changes: the folders as they were, each kept before its first change."""

    def __init__(self, course: Path, source: str):
        self._course, self._kept, self._source = course, course / FOLDER / KEPT, source
        self._folders: list[str] = []
        self._is_begun = False

    def keep(self, folder: Path) -> None:
        """Keep a folder of the course as it is, or that there is none. Raises OSError."""
        name = str(folder.relative_to(self._course))
        if name in self._folders:
            return
        self._begin()
        if folder.is_dir() and not folder.is_symlink():
            shutil.copytree(folder, self._kept / BEFORE / name, symlinks=True)
        with (self._kept / LIST).open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")
        self._folders.append(name)

    def close(self, aliases: Mapping[str, str]) -> None:
        """Note how the folders are now, so that later changes are seen. Raises OSError.

        aliases: ids by the aliases that the roster is about to get.
        """
        if aliases:
            self._begin()
        if self._is_begun:
            after = {name: _state(self._course / name) for name in self._folders}
            told = {"source": self._source, "after": after, "aliases": dict(aliases)}
            write_atomically(self._kept / AFTER, json.dumps(told).encode())

    def _begin(self) -> None:
        """Forget the former collecting, once."""
        if self._is_begun:
            return
        shutil.rmtree(self._kept, ignore_errors=True)
        self._kept.mkdir(mode=0o700, parents=True)
        (self._kept.parent / ".gitignore").write_text("*\n")
        (self._kept / LIST).touch()
        self._is_begun = True


@dataclass(frozen=True)
class Undone:
    """What was taken back: of which source, which folders, and aliases of the roster; `changed` since, folders stay."""

    source: str
    back: list[str]
    changed: list[str]
    aliases: dict[str, str]


def undo(course: Path) -> Undone:
    """Take back what the last collecting changed. Raises UndoError and RosterError, before anything is changed."""
    kept = course / FOLDER / KEPT
    try:
        folders = (kept / LIST).read_text("utf-8").splitlines()
    except OSError:
        raise UndoError("There is no collecting to take back: none was done, or the last one is taken back.") from None
    source, after, aliases = _after(kept)
    people = read_roster(course)
    aliases = {alias: one for alias, one in aliases.items() if one in people and alias in people[one].aliases}
    back, changed = [], []
    for name in folders:
        if after.get(name) not in (None, _state(course / name)):
            changed.append(name)
            continue
        shutil.rmtree(course / name, ignore_errors=True)
        if (kept / BEFORE / name).is_dir():
            shutil.copytree(kept / BEFORE / name, course / name, symlinks=True)
        else:
            _remove_empty(course / name, course)
        back.append(name)
    if aliases:
        write_roster(course, (_without(one, aliases) for one in people.values()))
    shutil.rmtree(kept)
    return Undone(source, back, changed, aliases)


def _without(one: Person, aliases: Mapping[str, str]) -> Person:
    return replace(one, aliases=tuple(alias for alias in one.aliases if aliases.get(alias) != one.id))


def _after(kept: Path) -> tuple[str, dict[str, str], dict[str, str]]:
    """Return the source, how its collecting left each folder, and the new aliases; nothing where it was cut short."""
    try:
        told = json.loads((kept / AFTER).read_bytes())
        return str(told["source"]), dict(told["after"]), dict(told.get("aliases", {}))
    except (OSError, ValueError, KeyError, TypeError):
        return "what was not collected to the end", {}, {}


def _remove_empty(folder: Path, course: Path) -> None:
    """Remove the folders above one that is gone, if nothing is in them."""
    for parent in folder.parents:
        if parent.parent == course or any(parent.iterdir()):
            return
        parent.rmdir()


def _state(folder: Path) -> str:
    """Return what changes when anything in a folder does."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            status = path.lstat()
            found.append(f"{path.relative_to(folder)} {status.st_size} {status.st_mtime_ns}")
    return sha256("\n".join(sorted(found)).encode("utf-8", "backslashreplace")).hexdigest() if folder.is_dir() else ""
