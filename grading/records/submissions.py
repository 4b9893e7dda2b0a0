"""One student's submission on disk: what was handed in, and its result, which a kill at any moment leaves whole."""

import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from grading.course.files import OF_THE_MACHINE, chunks, is_file, read, write_atomically
from grading.course.origin import ORIGIN
from grading.engine.digest import digest
from grading.engine.task import Graded
from grading.records.gradebook import Recorder
from grading.recovery.reading import MAX_BYTES
from grading.results.model import MISSING, VERSION, Note, Reason, Remark, Result, ResultError, ungradable

RESULT, RECORDED, DECLINED = "result.json", "recorded.json", "declined.json"
# Where it came from, nbgrader's own, and what systems leave in folders.
IGNORED = (ORIGIN, "timestamp.txt", ".DS_Store", "Thumbs.db", "desktop.ini")
# Notebooks of one folder that are read, the newest; together they may be as large as one. Names that a remark lists.
MAX_NOTEBOOKS, MAX_NAMED = 20, 20
MAX_RESULT = 64 * 2**20


def handed_in(course: Path) -> set[str]:
    """Return the names of all that lies in submitted/ as students' folders do, whatever it is. Raises OSError."""
    folder = course / "submitted"
    return {path.name for path in folder.iterdir() if _is_somebodys(path)} if folder.exists() else set()


def results_of(course: Path, stage: str) -> dict[str, Path]:
    """Return where the results of a stage lie that grading has written, by student, whatever is in them."""
    found = sorted((course / "autograded").glob(f"[!.]*/{stage}/{RESULT}"))
    return {path.parent.parent.name: path for path in found}


class Submission:
    """What one student handed in for a stage, and the place of its result."""

    def __init__(self, course: Path, student: str, stage: str):
        self.student = student
        self._stage = stage
        self._folder = course / "submitted" / student / stage
        self._place = course / "autograded" / student / stage
        self._hash = ""  # of what `settled` has read

    def files(self) -> dict[str, bytes]:
        """Read the notebooks, the newest first, as many as there is room for. Raises OSError."""
        return {path.name: read(path, MAX_BYTES) for path in self._notebooks()[0]}

    def unused(self) -> list[Remark]:
        """Return remarks on what else was handed in: none is used, lest it stand in for a library. Raises OSError."""
        others = sorted(path.name for path in self._folder.iterdir() if _is_unused(path))
        _, left = self._notebooks()
        limits = {"notebooks": MAX_NOTEBOOKS, "limit": MAX_BYTES // 2**20}
        remarks = [Remark(Note.NOT_USED, {"files": _listed(others)})] if others else []
        return [*remarks, Remark(Note.NOT_READ, {"files": _listed(left), **limits})] if left else remarks

    def settled(self) -> Result | None:
        """Return the result of what needs no grading: nothing handed in, or nothing that can be read or recorded."""
        try:
            student = self._folder.parent
            if not student.is_dir():
                return ungradable(Reason.NO_FOLDER, place=f"submitted/{self.student}")
            if not self._folder.exists() and not self._folder.is_symlink():
                return MISSING
            if not stat.S_ISDIR(self._folder.lstat().st_mode):
                return ungradable(Reason.NO_FOLDER, place=f"submitted/{self.student}/{self._stage}")
            self.student.encode()
            fitting, others = self._notebooks()
            if others and not fitting:
                return ungradable(Reason.TOO_LARGE, limit=MAX_BYTES // 2**20)
            self._hash = self._hashed()
        except UnicodeEncodeError:
            return ungradable(Reason.BAD_NAME)
        except OSError as error:
            return unreadable(error)
        return None

    def current(self, hashes: Mapping[str, str]) -> Result | None:
        """Return the result that is there, unless the submission, the stage or the engine has changed since."""
        result, wanted = self.kept(), {"submission": self._hash, **hashes}
        declined = (read_json(self._place / DECLINED) or {}).get("hashes")
        return result if result and wanted in (result.hashes, declined) else None

    def has_changed(self) -> bool:
        """Whether something else was graded than what `settled` has found."""
        result = self.kept()
        return bool(result and result.hashes and self._hash and result.hashes.get("submission") != self._hash)

    def is_of_another_build(self, source: str) -> bool:
        """Whether there is a result of another notebook of the stage; source: the hash of this one."""
        result = self.kept()
        declined = (read_json(self._place / DECLINED) or {}).get("hashes") or {}
        hashes = result.hashes if result else {}
        return bool(hashes) and source not in (hashes.get("source"), declined.get("source"))

    def kept(self) -> Result | None:
        """Return the result that is there, whatever has changed since."""
        return read_result(self._place / RESULT)

    def is_of_another_version(self) -> bool:
        """Whether there is a result that another version of Gradus wrote."""
        content = read_json(self._place / RESULT)
        return isinstance(content, dict) and content.get("version") != VERSION

    def result_of(self, graded: Graded, files: Mapping[str, bytes], hashes: Mapping[str, str]) -> Result:
        """Return the result of grading `files`, with what it depends on. Raises OSError."""
        result = replace(Result.from_json(graded.result), student=self.student, stage=self._stage)
        if not result.is_ours:  # what went wrong with our own machinery is tried again the next time
            submission = _hash((name, [content]) for name, content in files.items())
            result = replace(result, hashes={"submission": submission, **hashes})
        return result.with_remarks(*self.unused())

    def write(self, result: Result, notebook: bytes | None) -> None:
        """Write the executed notebook, then the result, which makes it count. Raises OSError."""
        if notebook is not None:
            write_atomically(self._place / f"{self._stage}.ipynb", notebook)
        write_atomically(self._place / RESULT, result.to_json())

    def decline(self, result: Result) -> None:
        """Remember that this result was not kept, so that it need not be found again. Raises OSError."""
        write_atomically(self._place / DECLINED, json.dumps({"hashes": dict(result.hashes)}).encode())

    def record(self, recorder: Recorder, result: Result) -> Result:
        """Bring the gradebook in agreement with the result, unless it is already; return it, or what is in the way.

        A submission that cannot be graded gets no points, not even 0, and what was recorded before stays.
        """
        if not result.has_points:
            return result
        try:
            kept = read_json(self._place / RECORDED) or {}
            current = digest(read(self._place / RESULT, MAX_RESULT))
            if kept.get("result") == current and recorder.agrees(self.student, result):
                return result
            answers = {question.name: question.answer for question in result.questions}
            before = kept["answers"] if isinstance(kept.get("answers"), dict) else {}
            changed = {name for name, answer in answers.items() if before.get(name) != answer}
            recorder.record(self.student, result, changed)
            write_atomically(self._place / RECORDED, json.dumps({"result": current, "answers": answers}).encode())
        except OSError as error:
            return not_kept(error)
        return result

    def _notebooks(self) -> tuple[list[Path], list[str]]:
        """Return the notebooks there is room for, the newest first, and the names of the others. Raises OSError."""
        found = [(path, path.lstat()) for path in self._folder.iterdir() if _is_notebook(path)]
        fitting: list[Path] = []
        others, room = [], MAX_BYTES
        for path, status in sorted(found, key=lambda item: (-item[1].st_mtime, item[0].name)):
            if status.st_size <= room and len(fitting) < MAX_NOTEBOOKS:
                fitting.append(path)
                room -= status.st_size
            else:
                others.append(path.name)
        return fitting, others

    def _hashed(self) -> str:
        """Hash the notebooks as `files` gives them, without holding one whole. Raises OSError."""
        return _hash((path.name, chunks(path, MAX_BYTES)) for path in self._notebooks()[0])


def unreadable(error: OSError) -> Result:
    """Return the result of a submission that cannot be read."""
    return ungradable(Reason.UNREADABLE, error=error.strerror)


def not_kept(error: OSError) -> Result:
    """Return the result of a submission whose files of ours cannot be written. Raises what stops everybody's."""
    if error.errno in OF_THE_MACHINE:
        raise error
    return ungradable(Reason.NOT_KEPT, place=str(error.filename), error=error.strerror)


def read_result(path: Path) -> Result | None:
    """Return the result in a file; None where there is none, or it is damaged or of another version."""
    try:
        return Result.from_json(read(path, MAX_RESULT))
    except (OSError, ResultError):
        return None


def read_json(path: Path) -> dict[str, Any] | None:
    """Return what a file of ours holds; None where there is none, or it is damaged."""
    try:
        content = json.loads(read(path, MAX_RESULT))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _is_somebodys(path: Path) -> bool:
    """Whether it stands in a student's place: a folder, or what is neither that nor a file beside them, a key.json."""
    is_beside = path.suffix and not path.is_symlink() and path.is_file()
    return not (path.name.startswith(".") or path.name in IGNORED or is_beside)


def _is_notebook(path: Path) -> bool:
    """Whether it is a notebook that was handed in: a link may lead to somebody else's, or to the solution."""
    return path.suffix.lower() == ".ipynb" and is_file(path)


def _is_unused(path: Path) -> bool:
    """Whether it was handed in for a notebook, or beside it, and is none; folders beside it are nobody's business."""
    is_named = path.suffix.lower() == ".ipynb" or path.name in IGNORED
    if stat.S_ISDIR(path.lstat().st_mode):
        return is_named
    return not _is_notebook(path) and not (path.name in IGNORED and is_file(path))


def _listed(names: list[str]) -> list[str]:
    return [*names[:MAX_NAMED], *([f"and {len(names) - MAX_NAMED} more"] if len(names) > MAX_NAMED else [])]


def _hash(files: Iterable[tuple[str, Iterable[bytes]]]) -> str:
    """Return one hash of notebooks, by name, each in parts."""

    def parts() -> Iterator[bytes]:
        for name, content in sorted(files):
            whole = sha256()
            for part in content:
                whole.update(part)
            yield from (os.fsencode(name), whole.digest())

    return digest(*parts())
