"""Collect what students handed in: notebooks of a folder or a zip, each put where the graders look for it."""

import filecmp
import os
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from grading.authoring.source import stage_names
from grading.intake.archive import CollectError, File, files_of
from grading.intake.layouts import EARLIER, Found, Left, recognise


@dataclass(frozen=True)
class Placed:
    """One student's notebook of one stage; outcome: "new", "replaced" or "unchanged"."""

    student: str
    stage: str
    file: str
    outcome: str


@dataclass(frozen=True)
class Collected:
    """What became of every file."""

    placed: list[Placed]
    left: list[Left]


def collect(course: Path, source: Path) -> Collected:
    """Put each notebook of a folder or a zip at submitted/<student>/<stage>/<stage>.ipynb. Raises CollectError.

    Moodle's, Canvas's and nbgrader's names of files and folders are recognised. Elsewhere a notebook's student is
    the folder that holds it; where all lie in one folder, the file's name without the stage: `ada_02_manual.ipynb`.
    The stage comes from the file's name, else from a folder's, else from the notebook. Of two notebooks of one student
    and stage the newest is taken. One that is there already and differs is first copied to the folder `earlier`.
    """
    submitted = course / "submitted"
    with files_of(source) as files:
        try:
            found, left = recognise(files, stage_names(course))
            newest, older = newest_of(found)
            submitted.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=submitted, prefix=".collect-") as folder:
                copies = [copy_out(notebook.file, Path(folder) / str(i)) for i, notebook in enumerate(newest)]
                placed = [place(notebook, path, submitted) for notebook, path in zip(newest, copies, strict=True)]
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise CollectError(f"{source.name} is damaged, download it again: {error}.") from None
    return Collected(placed, left + older)


def newest_of(found: list[Found]) -> tuple[list[Found], list[Left]]:
    """Keep the newest notebook of each student and stage."""
    newest, older = {}, []
    for notebook in sorted(found, key=lambda notebook: notebook.age, reverse=True):
        kept = newest.setdefault((notebook.student, notebook.stage), notebook)
        if kept is not notebook:
            older.append(Left(str(notebook.file.path), f"older than {kept.file.path}, which was taken"))
    return [newest[key] for key in sorted(newest)], older


def copy_out(file: File, path: Path) -> Path:
    """Copy a file out, complete and checked, before anything is replaced."""
    with file.open() as stream, path.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
    os.utime(path, (file.modified, file.modified))
    return path


def place(notebook: Found, copy: Path, submitted: Path) -> Placed:
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
