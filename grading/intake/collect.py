"""Collect what students handed in: notebooks of a folder or a zip, each put where the graders look for it."""

import filecmp
import os
import re
import shutil
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, takewhile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grading.authoring.source import stage_names
from grading.recovery.pieces import stage_of
from grading.recovery.reading import MAX_BYTES, RebuildError, read_submission

# More than a large course hands in, less than fills a disk.
MAX_FILES = 20_000
MAX_TOTAL = 4 * 2**30
# Notebooks shrink to a tenth; one that printed a line a million times shrinks more, and must not cost its class.
MAX_RATIO = 100
RATIO_MATTERS_ABOVE = 2**30

# In submitted/<student>/<stage>/: what a newer notebook replaced. Graders take the notebooks beside this folder only.
EARLIER = "earlier"

MOODLE = re.compile(r"(?P<name>.+)_(?P<key>\d+)_assignsubmission_[a-z]+(_(?P<file>.*))?")
CANVAS = re.compile(r"(?P<name>.+?)(_LATE)?_(?P<key>\d+)_(?P<number>\d+)_(?P<file>.+)")
COPY_MARKS = re.compile(r"(?i)(?<![a-z])(copie|copy)([ _](de|of))?(?![a-z])|\(\d+\)")


@dataclass(frozen=True)
class Placed:
    """One student's notebook of one stage; outcome: "new", "replaced" or "unchanged"."""

    student: str
    stage: str
    file: str
    outcome: str


@dataclass(frozen=True)
class Left:
    """A file that was not collected, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Collected:
    """What became of every file."""

    placed: list[Placed]
    left: list[Left]


class CollectError(Exception):
    """The folder or archive is refused as a whole, and nothing was written; the sentence says why."""


def collect(course: Path, source: Path) -> Collected:
    """Put each notebook of a folder or a zip at submitted/<student>/<stage>/<stage>.ipynb. Raises CollectError.

    Moodle's, Canvas's and nbgrader's names of files and folders are recognised. Elsewhere a notebook's student is
    the folder that holds it; where all lie in one folder, the file's name without the stage: `ada_02_manual.ipynb`.
    The stage comes from the file's name, else from a folder's, else from the notebook. Of two notebooks of one student
    and stage the newest is taken. One that is there already and differs is first copied to the folder `earlier`.
    """
    submitted = course / "submitted"
    with _files(source) as files:
        try:
            found, left = _recognise(files, stage_names(course))
            newest, older = _newest(found)
            submitted.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=submitted, prefix=".collect-") as folder:
                copies = [_copy(notebook.file, Path(folder) / str(i)) for i, notebook in enumerate(newest)]
                placed = [_place(notebook, path, submitted) for notebook, path in zip(newest, copies, strict=True)]
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise CollectError(f"{source.name} is damaged, download it again: {error}.") from None
    return Collected(placed, left + older)


@dataclass(frozen=True)
class _File:
    """A file of the folder or archive."""

    path: PurePosixPath
    modified: float
    size: int
    open: Callable[[], BinaryIO]


@dataclass(frozen=True)
class _Found:
    """A notebook whose student and stage are known.

    key: tells namesakes apart: an id of Moodle or Canvas, or a folder. number: grows with each upload to Canvas.
    """

    file: _File
    student: str
    key: str
    stage: str
    number: int = 0

    @property
    def age(self) -> tuple:
        """What sorts notebooks of one student from old to new; `02_manual (1)` came after `02_manual`."""
        return self.number, self.file.modified, len(self.file.path.name), str(self.file.path)


@contextmanager
def _files(source: Path) -> Iterator[list[_File]]:
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


def _files_of_folder(source: Path) -> Iterator[_File]:
    for folder, folders, names in os.walk(source):
        for name in (*folders, *names):
            path = Path(folder) / name
            status = path.lstat()
            relative = PurePosixPath(path.relative_to(source).as_posix())
            if stat.S_ISREG(status.st_mode):
                yield _File(relative, status.st_mtime, status.st_size, lambda path=path: path.open("rb"))
            elif not stat.S_ISDIR(status.st_mode):
                _refuse(source, f"{relative} is a link or a device, not a file")


def _files_of_zip(source: Path, archive: zipfile.ZipFile) -> Iterator[_File]:
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
            yield _File(path, _modified(member), member.file_size, lambda member=member: archive.open(member))


def _modified(member: zipfile.ZipInfo) -> float:
    try:
        return datetime(*member.date_time).timestamp()
    except (ValueError, OverflowError):  # some programs write month 0
        return 0.0


def _harmless(source: Path, files: list[_File]) -> list[_File]:
    if len(files) > MAX_FILES:
        _refuse(source, f"it holds {len(files)} files, more than {MAX_FILES}")
    total = sum(file.size for file in files)
    if total > MAX_TOTAL:
        _refuse(source, f"it holds {total / 2**30:.1f} GiB, more than {MAX_TOTAL / 2**30:.0f}")
    return files


def _refuse(source: Path, why: str) -> None:
    raise CollectError(f"{source.name} is refused, nothing was collected: {why}.")


def _recognise(files: list[_File], stages: list[str]) -> tuple[list[_Found], list[Left]]:
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
            notebook = _Found(file, student, key, stage, number)
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


def _stage(file: _File, name: str, stages: list[str]) -> tuple[str, str]:
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


def _plain_students(notebooks: list[_Found], stages: list[str]) -> Iterator[_Found]:
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


def _tell_apart(found: list[_Found]) -> list[_Found]:
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


def _newest(found: list[_Found]) -> tuple[list[_Found], list[Left]]:
    """Keep the newest notebook of each student and stage."""
    newest, older = {}, []
    for notebook in sorted(found, key=lambda notebook: notebook.age, reverse=True):
        kept = newest.setdefault((notebook.student, notebook.stage), notebook)
        if kept is not notebook:
            older.append(Left(str(notebook.file.path), f"older than {kept.file.path}, which was taken"))
    return [newest[key] for key in sorted(newest)], older


def _copy(file: _File, path: Path) -> Path:
    """Copy a file out, complete and checked, before anything is replaced."""
    with file.open() as stream, path.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    os.utime(path, (file.modified, file.modified))
    return path


def _place(notebook: _Found, copy: Path, submitted: Path) -> Placed:
    """Move a copy to its place; what was there before is kept."""
    target = submitted / notebook.student / notebook.stage / f"{notebook.stage}.ipynb"
    outcome = "new"
    if target.exists():
        outcome = "unchanged" if filecmp.cmp(copy, target, shallow=False) else "replaced"
    if outcome == "replaced":
        _set_aside(target)
    if outcome != "unchanged":
        target.parent.mkdir(parents=True, exist_ok=True)
        copy.replace(target)
    return Placed(notebook.student, notebook.stage, str(notebook.file.path), outcome)


def _set_aside(path: Path) -> None:
    """Copy a notebook to the folder of earlier ones, under the time of its last change."""
    folder = path.parent / EARLIER
    folder.mkdir(exist_ok=True)
    time = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%dT%H-%M-%S")
    for number in count(1):
        aside = folder / (f"{time}.ipynb" if number == 1 else f"{time}-{number}.ipynb")
        if not aside.exists():
            shutil.copy2(path, aside)
            return
        if filecmp.cmp(path, aside, shallow=False):
            return
