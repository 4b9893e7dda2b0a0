"""A course's folder of its own: texts, answer banks and settings, copied from a checkout, and nothing else of it."""

import shutil
import tomllib
from pathlib import Path
from typing import Any

from grading.course.course_file import write_example
from grading.course.files import write_atomically
from grading.course.stages import stage_names

COPIED = (
    "source",
    "data/answers",
    "docs/marking",
    "docs/students.md",
    "docs/students.fr.md",
    "nbgrader_config.py",
    "LICENSE",
)
# What a class brings, and what is made anew.
IGNORED = """\
.gradus/
.ipynb_checkpoints/
gradebook.db*
/autograded/
/cohort/
/data/answers/*.draft.py
/demo/
/feedback/
/marks/
/notebooks/*/*(kept *
/overview/
/release/
/returns/
/roster.csv
/submitted/
/unplaced/
"""
HEAD = """\
# The students' tree that `gradus publish` writes goes to `repository`, with a tag v<version>: Colab links and the first
# cell of each notebook point there. Raise the version with each release.
[project]
"""
PROJECT = """\
name = "{name}"
version = "{version}"
description = "{description}"
license = "{license}"
requires-python = "{python}"
dependencies = [
{dependencies}
]

[project.optional-dependencies]
lab = ["{lab}"]

[project.urls]
repository = "{repository}"
"""


class FoundingError(Exception):
    """The course cannot be made; the sentence says why."""


def found(folder: Path, checkout: Path) -> list[Path]:
    """Copy a course out of a checkout into a new or empty folder; return what was written there, relative to it.

    Raises FoundingError, and copies nothing then.
    """
    if not (checkout / "source/syllabus.toml").is_file():
        raise FoundingError(f"{checkout} holds no course: name a clone of Gradus, the folder with source/ in it.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FoundingError(f"{folder} is not empty: name a new folder.")
    if checkout.resolve() in (folder.resolve(), *folder.resolve().parents):
        raise FoundingError(f"{folder} lies in {checkout}: a course of your own needs a folder elsewhere.")
    if absent := [name for name in (*COPIED, "pyproject.toml") if not (checkout / name).exists()]:
        raise FoundingError(f"{checkout} lacks {', '.join(absent)}: name a clone of Gradus that is whole.")
    for name in COPIED:
        _copy(checkout / name, folder / name)
    project = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))["project"]
    write_atomically(folder / "pyproject.toml", (HEAD + project_lines(project)).encode())
    write_atomically(folder / ".gitignore", IGNORED.encode())
    write_example(folder, stage_names(folder))
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def project_lines(project: dict[str, Any]) -> str:
    """Return the lines of a pyproject.toml, below its `[project]`, that say what another says of the project."""
    return PROJECT.format(
        name=project["name"],
        version=project["version"],
        description=project["description"],
        license=project["license"],
        python=project["requires-python"],
        dependencies="\n".join(f'    "{dependency}",' for dependency in project["dependencies"]),
        lab=project["optional-dependencies"]["lab"][0],
        repository=project["urls"]["repository"],
    )


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(
            source, target, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.draft.py")
        )
    else:
        shutil.copyfile(source, target)
