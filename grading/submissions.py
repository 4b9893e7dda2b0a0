"""One student's submission on disk: what was handed in, and its result, which a kill at any moment leaves whole."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from grading.digest import digest
from grading.reading import MAX_BYTES
from grading.record import Recorder
from grading.results import MISSING, VERSION, Note, Reason, Remark, Result, ResultError, ungradable
from grading.task import Graded

RESULT, RECORDED = "result.json", "recorded.json"
# nbgrader's own, and what systems leave in folders.
IGNORED = ("timestamp.txt", ".DS_Store", "Thumbs.db", "desktop.ini")


class Submission:
    """What one student handed in for a stage, and the place of its result."""

    def __init__(self, course: Path, student: str, stage: str):
        self.student = student
        self._stage = stage
        self._folder = course / "submitted" / student / stage
        self._place = course / "autograded" / student / stage

    def files(self) -> dict[str, bytes]:
        """Read the notebooks, the newest first, each no further than what is too large anyway. Raises OSError."""
        paths = [path for path in self._folder.iterdir() if _is_notebook(path)]
        return {path.name: _head(path) for path in sorted(paths, key=lambda path: (-path.stat().st_mtime, path.name))}

    def unused(self) -> list[str]:
        """Return the names of other files handed in: none is used, lest it stand in for a library."""
        return sorted(
            path.name
            for path in self._folder.iterdir()
            if path.is_file() and not _is_notebook(path) and path.name not in IGNORED
        )

    def settled(self) -> Result | None:
        """Return the result of what needs no grading: nothing handed in, or nothing that can be read or recorded."""
        if not self._folder.exists():
            return MISSING
        try:
            self.student.encode()
            self.files()
        except UnicodeEncodeError:
            return ungradable(Reason.BAD_NAME)
        except OSError as error:
            return ungradable(Reason.UNREADABLE, error=error.strerror)
        return None

    def current(self, hashes: Mapping[str, str]) -> Result | None:
        """Return the result that is there, unless the submission, the stage or the engine has changed since."""
        result = read_result(self._place / RESULT)
        return result if result and result.hashes == _with_files(hashes, self.files()) else None

    def is_of_another_version(self) -> bool:
        """Whether there is a result that another version of Gradus wrote."""
        content = read_json(self._place / RESULT)
        return isinstance(content, dict) and content.get("version") != VERSION

    def write(self, graded: Graded, files: Mapping[str, bytes], hashes: Mapping[str, str]) -> Result:
        """Write the executed notebook, then the result of grading `files`, which makes it count; return the result."""
        result = replace(Result.from_json(graded.result), student=self.student, stage=self._stage)
        if not result.is_ours:  # what went wrong with our own machinery is tried again the next time
            result = replace(result, hashes=_with_files(hashes, files))
        if unused := self.unused():
            result = result.with_remarks(Remark(Note.NOT_USED, {"files": unused}))
        if graded.notebook is not None:
            write_atomically(self._place / f"{self._stage}.ipynb", graded.notebook)
        write_atomically(self._place / RESULT, result.to_json())
        return result

    def record(self, recorder: Recorder, result: Result) -> None:
        """Bring the gradebook in agreement with the result, unless it is already.

        A submission that cannot be graded gets no points, not even 0, and what was recorded before stays.
        """
        if not result.has_points:
            return
        kept = read_json(self._place / RECORDED) or {"result": "", "answers": {}}
        current = digest((self._place / RESULT).read_bytes())
        if kept["result"] == current and recorder.agrees(self.student, result):
            return
        answers = {question.name: question.answer for question in result.questions}
        changed = {name for name, answer in answers.items() if kept["answers"].get(name) != answer}
        recorder.record(self.student, result, changed)
        write_atomically(self._place / RECORDED, json.dumps({"result": current, "answers": answers}).encode())


def read_result(path: Path) -> Result | None:
    """Return the result in a file; None where there is none, or it is damaged or of another version."""
    try:
        return Result.from_json(path.read_bytes())
    except (FileNotFoundError, ResultError):
        return None


def read_json(path: Path) -> dict[str, Any] | None:
    """Return what a file of ours holds; None where there is none, or it is damaged."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that at any moment the old or the new one is there, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _is_notebook(path: Path) -> bool:
    """Whether it is a notebook that was handed in: a link may lead to somebody else's, or to the solution."""
    return path.suffix.lower() == ".ipynb" and path.is_file() and not path.is_symlink()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _with_files(hashes: Mapping[str, str], files: Mapping[str, bytes]) -> dict[str, str]:
    parts = (part for name, content in sorted(files.items()) for part in (os.fsencode(name), content))
    return {"submission": digest(*parts), **hashes}
