"""Read from nbgrader's gradebook what instructors gave by hand in formgrader; nothing is ever written to it."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Assignment, BaseCell, Comment, Grade, SubmittedAssignment, SubmittedNotebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import Select, create_engine, make_url, select
from sqlalchemy.exc import OperationalError

from grading.course.plain import settings


class MarksError(Exception):
    """The gradebook cannot be read; the sentence says why."""


@dataclass
class Mark:
    """What an instructor gave one cell: points instead of the automatic ones, extra credit, a comment.

    is_old: whether the points were given for an answer that has changed since.
    """

    points: float | None = None
    extra: float = 0.0
    is_old: bool = False
    comment: str = ""


Marks = dict[str, Mark]


def read_marks(course: Path, stage: str) -> dict[str, Marks]:
    """Return the marks of a stage by student and cell; none where there is no gradebook yet. Raises MarksError."""
    address = make_url(CourseDirectory(config=settings(course, course, stage)).db_url)
    file = address.database if address.get_backend_name() == "sqlite" else None
    if file and not Path(file).exists():
        return {}  # connecting would make an empty one
    marks: dict[str, Marks] = defaultdict(lambda: defaultdict(Mark))
    engine = create_engine(address)
    try:
        with engine.connect() as connection:
            columns = ("manual_score", "extra_credit", "needs_manual_grade")
            for student, cell, points, extra, is_waiting in connection.execute(_of(Grade, stage, *columns)):
                marks[student][cell] = Mark(points, extra or 0.0, is_old=points is not None and is_waiting)
            for student, cell, comment in connection.execute(_of(Comment, stage, "manual_comment")):
                marks[student][cell].comment = comment or ""
    except OperationalError as error:
        raise MarksError(f"The gradebook cannot be read ({error.orig}): close what uses it, then try again.") from None
    finally:
        engine.dispose()
    return marks


def _of(table: type[Grade] | type[Comment], stage: str, *columns: str) -> Select[Any]:
    """Select these columns of a stage's grades or comments, after the student's name and the cell's."""
    return (
        select(SubmittedAssignment.student_id, BaseCell.name, *(getattr(table, column) for column in columns))
        .join(table, table.cell_id == BaseCell.id)
        .join(SubmittedNotebook, SubmittedNotebook.id == table.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == stage)
    )
