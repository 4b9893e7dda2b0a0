"""Whose notebooks are, and of which stage, as the names of files and folders say."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import PurePosixPath

from grading.intake.archive import File
from grading.recovery.pieces import stage_of
from grading.recovery.reading import MAX_BYTES, RebuildError, read_submission

# In submitted/<student>/<stage>/: what a newer notebook replaced. Graders take the notebooks beside this folder only.
EARLIER = "earlier"

MOODLE = re.compile(r"(?P<name>.+)_(?P<key>\d+)_assignsubmission_[a-z]+(_(?P<file>.*))?")
CANVAS = re.compile(r"(?P<name>.+?)(_LATE)?_(?P<key>\d+)_(?P<number>\d+)_(?P<file>.+)")
COPY_MARKS = re.compile(r"(?i)(?<![a-z])(copie|copy)([ _](de|of))?(?![a-z])|\(\d+\)")


@dataclass(frozen=True)
class Left:
    """A file that was not collected, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Found:
    """A notebook whose student and stage are known.

    key: tells namesakes apart: an id of Moodle or Canvas, or a folder. number: grows with each upload to Canvas.
    """

    file: File
    student: str
    key: str
    stage: str
    number: int = 0

    @property
    def age(self) -> tuple:
        """What sorts notebooks of one student from old to new; `02_manual (1)` came after `02_manual`."""
        return self.number, self.file.modified, len(self.file.path.name), str(self.file.path)


def recognise(files: list[File], stages: list[str]) -> tuple[list[Found], list[Left]]:
    """Find student and stage of each notebook; say of the other files why they are none."""
    found, left, plain = [], [], []
    for file in files:
        reason = _no_notebook(file.path, stages)
        if reason:
            left.append(Left(str(file.path), reason))
            continue
        parts, name = file.path.parts, file.path.name
        moodle = next((match for part in parts if (match := MOODLE.fullmatch(part))), None)
        canvas = CANVAS.fullmatch(name)
        student, key, number = "", "", 0
        if moodle:
            student, key = moodle["name"], moodle["key"]
            name = name.removeprefix(moodle[0].removesuffix(moodle["file"] or ""))
        elif canvas:
            student, key, number, name = canvas["name"], canvas["key"], int(canvas["number"]), canvas["file"]
        elif len(parts) > 2 and parts[-2] in stages and not _without_stage(name, stages):
            student, key = parts[-3], parts[-3]
        stage, why_not = _stage(file, name, stages)
        if stage:
            notebook = Found(file, student, key, stage, number)
            (found if student else plain).append(notebook)
        else:
            left.append(Left(str(file.path), why_not))
    found += _plain_students(plain, stages)
    whose = "nothing says whose it is: put it in a folder named after the student"
    left += [Left(str(notebook.file.path), whose) for notebook in found if not _safe(notebook.student)]
    return _tell_apart([notebook for notebook in found if _safe(notebook.student)]), left


def _no_notebook(path: PurePosixPath, stages: list[str]) -> str:
    """Say why a file is no submission, "" if it may be one."""
    if "__MACOSX" in path.parts or path.name.startswith("._") or path.name == ".DS_Store":
        return "written by macOS, not by the student"
    if path.suffix.lower() != ".ipynb":
        return "not a notebook"
    if ".ipynb_checkpoints" in path.parts:
        return "a checkpoint that JupyterLab keeps"
    if any(pair[0] in stages and pair[1] == EARLIER for pair in zip(path.parts, path.parts[1:], strict=False)):
        return "set aside when a newer one was collected"
    return ""


def _stage_in(name: str, stages: list[str]) -> re.Match | None:
    """Find the stage in a file's name, with the number of a copy behind it."""
    for stage in sorted(stages, key=len, reverse=True):
        pattern = re.escape(stage).replace("_", "[ _-]")
        found = re.search(rf"(?i)(?<![a-z0-9])(?P<stage>{pattern})([ _-]\d{{1,2}})?(?![a-z0-9])", name)
        if found:
            return found
    return None


def _stage(file: File, name: str, stages: list[str]) -> tuple[str, str]:
    """Return the stage of a notebook, or "" and why there is none."""
    known = {re.sub("[ -]", "_", stage.lower()): stage for stage in stages}
    named = _stage_in(PurePosixPath(name).stem, stages)
    if named:
        return known[re.sub("[ -]", "_", named["stage"].lower())], ""
    folder = next((part for part in reversed(file.path.parts[:-1]) if part in stages), None)
    if folder:
        return folder, ""
    try:
        with file.open() as stream:
            stage = stage_of(read_submission(stream.read(MAX_BYTES + 1)).notebook)
    except RebuildError as error:
        return "", f"its name holds no stage, and it cannot be read. {error}"
    if stage is None:
        return "", "neither its name nor its content says which stage it is"
    return (stage, "") if stage in stages else ("", f"it is of stage {stage}, which this course does not have")


def _plain_students(notebooks: list[Found], stages: list[str]) -> Iterator[Found]:
    """Find the students of notebooks in no layout that is known, "" where nothing says.

    A student's folder is the outermost one that holds a notebook itself, apart from one that holds everything.
    """
    folders = [notebook.file.path.parts[:-1] for notebook in notebooks]
    folders = [folder[:-1] if folder and folder[-1] in stages else folder for folder in folders]
    same = takewhile(lambda parts: len(set(parts)) == 1, zip(*folders, strict=False))
    outer = tuple(parts[0] for parts in same) if len(notebooks) > 1 else ()
    holders = set(folders)
    for notebook, folder in zip(notebooks, folders, strict=True):
        inner = (folder[:size] for size in range(len(outer) + 1, len(folder) + 1))
        owner = next((folder for folder in inner if folder in holders), None)
        if owner:
            yield replace(notebook, student=owner[-1], key="/".join(owner))
        else:
            yield replace(notebook, student=_without_stage(notebook.file.path.name, stages) or "".join(outer[-1:]))


def _without_stage(name: str, stages: list[str]) -> str:
    """Return what else a file's name says, apart from the stage and marks of copies."""
    name = COPY_MARKS.sub(" ", PurePosixPath(name).stem)
    named = _stage_in(name, stages)
    return (name.replace(named[0], " ") if named else name).strip(" _-.")


def _tell_apart(found: list[Found]) -> list[Found]:
    """Make the students' names safe, with the key behind them for those who share one."""
    keys = defaultdict(set)
    for notebook in found:
        keys[notebook.stage, _safe(notebook.student)].add(notebook.key)
    return [
        replace(notebook, student=_safe(f"{notebook.student}-{notebook.key}" if len(shared) > 1 else notebook.student))
        for notebook in found
        for shared in [keys[notebook.stage, _safe(notebook.student)]]
    ]


def _safe(name: str) -> str:
    """Return a student's name as a folder's, without what paths, nbgrader's patterns and its lists give a meaning."""
    letters = re.sub(r"[^\w .@'+-]", "_", unicodedata.normalize("NFC", name))
    return " ".join(letters.split()).encode()[:200].decode(errors="ignore").strip(". ")
