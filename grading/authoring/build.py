"""From the authors' texts to everything that is generated: notebooks, releases, indexes, marking notes, catalogue."""

import difflib
import json
import re
import tomllib
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.authoring import catalogue
from grading.authoring.documents import index, marking_notes
from grading.authoring.notebooks import instructor_notebook, releases
from grading.authoring.problems import SourceError
from grading.authoring.source import read_stage, read_stages
from grading.authoring.syllabus import read_syllabus, syllabus_page
from grading.course.course_file import read_languages
from grading.course.files import only_one

# nbgrader's working folder: written, not kept by git, so not compared.
RELEASE = Path("release")
# What a cell holds as long as nobody has worked in it.
UNTOUCHED = {"answer": "NotImplementedError", "predict": "= None"}


class BuildError(Exception):
    """Nothing is built now; the sentence says why."""


def build(course: Path) -> list[Path]:
    """Write what is generated and return the files that changed. Raises SourceError, CourseFileError, BuildError.

    A notebook in which somebody has worked is kept beside the new one, under a name with the time.
    """
    busy = BuildError("Another `gradus build` is at work in this course: wait until it has ended, then build again.")
    with only_one(course / ".gradus" / "build.lock", lambda said: busy):
        return _write(course)


def _write(course: Path) -> list[Path]:
    changed = []
    for path, content in generate(course).items():
        target = course / path
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.parts[0] == "notebooks" and target.exists() and _worked_in(target):
            kept = target.with_stem(f"{target.stem} (kept {datetime.now():%Y-%m-%d %H.%M.%S})")
            changed.append(target.rename(kept).relative_to(course))
        target.write_bytes(content)
        changed.append(path)
    return changed


def check(course: Path) -> str:
    """Return a diff from the generated files that lie there to those that should, "" if they agree. Writes nothing."""
    diffs = [f"{path}: no text generates this file, delete it\n" for path in _stale(course)]
    for path, content in generate(course).items():
        if path.is_relative_to(RELEASE):
            continue
        found = (course / path).read_bytes() if (course / path).exists() else b""
        if found != content:
            diffs.append(_diff(path, found, content))
    return "".join(diffs)


def is_outdated(course: Path, name: str) -> bool:
    """Whether a stage's text would now give another instructor notebook than the one that lies there, or none."""
    notebook = course / "source" / name / f"{name}.ipynb"
    if not notebook.exists():
        return True
    try:
        new = instructor_notebook(read_stage(course, name), *address_of(course))
    except SourceError:
        return True
    return notebook.read_text("utf-8") != _written(new)


def generate(course: Path) -> dict[Path, bytes]:
    """Return the content of every generated file by its path in the course. Raises SourceError, CourseFileError."""
    stages = read_stages(course)
    address, languages = address_of(course), read_languages(course)
    files: dict[Path, str] = {}
    for stage in stages:
        files[stage.path.with_suffix(".ipynb")] = _written(instructor_notebook(stage, *address))
        files[Path("docs/marking") / f"{stage.name}.md"] = marking_notes(stage)
    for (lang, name), text in releases(course, stages, files, languages).items():
        files[RELEASE / lang / name / f"{name}.ipynb"] = text
        files[Path("notebooks") / lang / f"{name}.ipynb"] = text
    files[Path("notebooks/README.md")] = index(stages, *address, languages)
    files[Path("docs/syllabus.md")] = syllabus_page(stages, read_syllabus(course))
    return {path: text.encode() for path, text in files.items()} | catalogue.compile_catalogues(course)


def address_of(course: Path) -> tuple[str, str]:
    """Return the address of the public repository, which stands in pyproject.toml alone, and the version there."""
    project = tomllib.loads((course / "pyproject.toml").read_text("utf-8"))["project"]
    return project["urls"]["repository"].removesuffix("/").removesuffix(".git"), project["version"]


def _written(notebook: NotebookNode) -> str:
    text: str = nbformat.writes(notebook)
    return text + "\n"


def _worked_in(path: Path) -> bool:
    """Tell whether somebody has run or answered a cell of a student's notebook."""
    if path.suffix != ".ipynb":
        return False
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (ValueError, AttributeError):  # not a notebook any more: somebody's work all the same
        return True
    return any(
        cell.get("outputs") or UNTOUCHED.get(cell.metadata.get("gradus", {}).get("role"), "") not in cell.source
        for cell in cells
    )


def _stale(course: Path) -> list[Path]:
    """Find generated files of a stage whose text is gone, or in a language that is not published."""
    texts, languages = {path.stem for path in (course / "source").glob("*/*.py")}, read_languages(course)
    patterns = ("source/*/*.ipynb", "notebooks/*/*.ipynb", "docs/marking/*.md")
    found = [path.relative_to(course) for pattern in patterns for path in course.glob(pattern)]
    return [
        path
        for path in found
        if re.fullmatch(r"\d\d_\w+", path.stem)
        and (path.stem not in texts or (path.parts[0] == "notebooks" and path.parts[1] not in languages))
    ]


def _diff(path: Path, found: bytes, content: bytes) -> str:
    """Compare two versions of a file; notebooks cell by cell, as people read them."""
    if path.suffix == ".mo":
        return f"{path}: out of date\n"
    before, after = (_readable(path, text.decode("utf-8", "replace")) for text in (found, content))
    return "".join(difflib.unified_diff(before, after, f"{path} (as it is)", f"{path} (as generated)", n=2))


def _readable(path: Path, text: str) -> list[str]:
    if path.suffix != ".ipynb" or not text:
        return text.splitlines(keepends=True)
    try:
        cells = json.loads(text)["cells"]
        return [
            line + "\n"
            for cell in cells
            for line in [f"[{cell['id']}] {json.dumps(cell['metadata'])}", *"".join(cell["source"]).splitlines()]
        ]
    except (ValueError, KeyError):
        return text.splitlines(keepends=True)
