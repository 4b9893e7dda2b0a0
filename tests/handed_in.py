"""Downloads to collect, made up in the shapes of platforms, and what came of them."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from grading.course.roster import Person, write_roster

STAGES = ("01_math", "02_manual")


def make_course(folder: Path) -> Path:
    """Return a course that has a few stages and nothing else."""
    for stage in STAGES:
        (folder / "source" / stage).mkdir(parents=True)
        (folder / "source" / stage / f"{stage}.py").touch()
    (folder / "source/syllabus.toml").touch()
    return folder


def make_roster(course: Path, *people: Person) -> None:
    write_roster(course, people)


def notebook(text: str = "", stage: str | None = None) -> bytes:
    """Return a notebook with one cell, and perhaps the stage in its metadata."""
    cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    metadata = {"gradus": {"stage": stage}} if stage else {}
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}).encode()


def zipped(path: Path, members: Mapping[str, bytes], minutes: Mapping[str, int] | None = None) -> Path:
    """Write a zip; minutes: when a member was changed, after noon."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            hours, minute = divmod((minutes or {}).get(name, 0), 60)
            info = zipfile.ZipInfo(name, (2025, 3, 1, 12 + hours, minute, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return path


def as_bytes(folder: Path, members: Mapping[str, bytes], minutes: Mapping[str, int] | None = None) -> bytes:
    """Return a zip's content."""
    path = zipped(folder / "inner.zip", members, minutes)
    content = path.read_bytes()
    path.unlink()
    return content


def unpacked(path: Path, members: Mapping[str, bytes]) -> Path:
    for name, content in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def tree(course: Path) -> dict[str, bytes]:
    """Return every notebook below submitted/ with its content."""
    root = course / "submitted"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.ipynb"))}


def graded(course: Path, stage: str = "02_manual") -> dict[str, bytes]:
    """Return the notebook of each student that is graded."""
    return {
        path.split("/")[0]: content
        for path, content in tree(course).items()
        if path.endswith(f"/{stage}/{stage}.ipynb")
    }


def names(people: Iterable[str]) -> list[Person]:
    """Return people with ids p1, p2, …, by full names."""
    return [
        Person(f"p{number}", *name.rsplit(" ", 1)) if " " in name else Person(f"p{number}", family=name)
        for number, name in enumerate(people, 1)
    ]
