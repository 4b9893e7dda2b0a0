"""Take the last collecting back: what it changed is kept as it was before."""

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

from grading.course.files import write_atomically
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

    def keep(self, folder: Path) -> None:
        """Keep a folder of the course as it is, or that there is none. Raises OSError."""
        name = str(folder.relative_to(self._course))
        if name in self._folders:
            return
        if not self._folders:
            shutil.rmtree(self._kept, ignore_errors=True)
            self._kept.mkdir(mode=0o700, parents=True)
            (self._kept.parent / ".gitignore").write_text("*\n")
        if folder.is_dir() and not folder.is_symlink():
            shutil.copytree(folder, self._kept / BEFORE / name, symlinks=True)
        with (self._kept / LIST).open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")
        self._folders.append(name)

    def close(self) -> None:
        """Note how the folders are now, so that later changes are seen. Raises OSError."""
        if self._folders:
            after = {name: _state(self._course / name) for name in self._folders}
            write_atomically(self._kept / AFTER, json.dumps({"source": self._source, "after": after}).encode())


def undo(course: Path) -> tuple[str, list[str], list[str]]:
    """Take back what the last collecting changed: its source, the folders taken back, those changed since and left.

    Raises UndoError.
    """
    kept = course / FOLDER / KEPT
    try:
        folders = (kept / LIST).read_text("utf-8").splitlines()
    except OSError:
        raise UndoError("There is no collecting to take back: none was done, or the last one is taken back.") from None
    source, after = _after(kept)
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
    shutil.rmtree(kept)
    return source, back, changed


def _after(kept: Path) -> tuple[str, dict[str, str]]:
    """Return the source, and how its collecting left each folder; nothing where it did not come to its end."""
    try:
        told = json.loads((kept / AFTER).read_bytes())
        return str(told["source"]), dict(told["after"])
    except (OSError, ValueError, KeyError, TypeError):
        return "what was not collected to the end", {}


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
