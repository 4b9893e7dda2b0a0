"""What the newest of a student's notebooks lets wonder: a blank one after one that was worked on."""

from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.course.files import read
from grading.intake.versions import Standing, Version
from grading.recovery.reading import MAX_BYTES, RebuildError, read_submission
from grading.recovery.rebuild import rebuild


def is_blank_again(course: Path, stage: str, standing: Standing) -> bool:
    """Whether nothing is answered in what is graded, and something in an earlier version."""
    instructor = _instructor(course / "source" / stage / f"{stage}.ipynb")
    if instructor is None or not all(_is_blank(version, instructor) for version in standing.graded):
        return False
    return any(_is_blank(version, instructor) is False for version in standing.earlier)


def _is_blank(version: Version, instructor: NotebookNode) -> bool | None:
    """Whether a notebook has no answer at all; None for one that cannot be read."""
    try:
        rebuilt = rebuild(read_submission(read(version.content, MAX_BYTES)).notebook, instructor)
    except (RebuildError, OSError):
        return None
    answers = [cell for cell in instructor.cells if cell.metadata.gradus.role in ("answer", "open")]
    return len(rebuilt.unanswered) == len(answers)


@cache
def _instructor(path: Path) -> NotebookNode | None:
    return nbformat.reads(path.read_text("utf-8"), as_version=4) if path.exists() else None
