"""Write results into nbgrader's gradebook: the one writer, so that formgrader, exports and marks by hand work."""

import copy
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import dateutil.parser
from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum, parse_utc
from sqlalchemy.exc import OperationalError

from grading.course.files import read
from grading.course.plain import settings
from grading.course.release import as_released, keep_language
from grading.results.model import Result

# Of what nbgrader would take for the name of a zone, a file, or a number of seconds: only names of zones.
ENDS_WITH_ZONE = re.compile(r" [A-Za-z_]+(/[A-Za-z_]+)*$")
MAX_TIME = 100  # bytes


class RecordError(Exception):
    """The gradebook cannot be written; the sentence says why."""


class Recorder:
    """The gradebook of a course, open for one stage. To be used as a context."""

    def __init__(self, course: Path, stage: str, instructor: NotebookNode):
        """Open it, and bring the stage in it up to date. Raises RecordError."""
        self._course, self._stage = course, stage
        self._directory = CourseDirectory(config=settings(course, course, stage))
        with _told():
            self._gradebook = Gradebook(self._directory.db_url, self._directory.course_id)
            try:
                self._update_stage(instructor)
            except BaseException:
                self._gradebook.close()
                raise

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *exception: object) -> None:
        self._gradebook.close()

    def students(self) -> set[str]:
        """Return the students that the gradebook knows."""
        with _told():
            return {student.id for student in self._gradebook.students}

    def agrees(self, student: str, result: Result) -> bool:
        """Whether the gradebook holds the result's scores."""
        with _told():
            return self._scores.get(student) == _scores(result)

    def record(self, student: str, result: Result, changed: set[str]) -> None:
        """Bring a student's scores in agreement with a result; marks and comments given by hand stay as they are.

        changed: the open questions whose answers are not those recorded before: a mark they have is to be looked at
        again. Raises RecordError.
        """
        scores = _scores(result)
        with _told():
            self._gradebook.update_or_create_student(student)
            submission = self._gradebook.update_or_create_submission(self._stage, student, **self._handed_in(student))
            notebook = next(notebook for notebook in submission.notebooks if notebook.name == self._stage)
            for grade in notebook.grades:
                name = self._names[grade.cell_id]
                is_changed = grade.auto_score != scores[name] or name in changed
                grade.auto_score = scores[name]
                if grade.manual_score is None:
                    grade.needs_manual_grade = grade.auto_score is None
                elif is_changed:
                    grade.needs_manual_grade = True
            for comment in notebook.comments:
                is_blank = self._names[comment.cell_id] in result.unanswered
                comment.auto_comment = "No response." if is_blank else None
            self._gradebook.db.commit()

    def _handed_in(self, student: str) -> dict[str, Any]:
        """Return when the submission was handed in, as nbgrader's timestamp.txt beside it says; nothing elsewhere."""
        timestamp = _time_in(self._course / "submitted" / student / self._stage / "timestamp.txt")
        return {"timestamp": timestamp} if timestamp else {}

    @cached_property
    def _names(self) -> dict[str, str]:
        """The names of all cells by their ids: asked for one by one, each would be a query."""
        return dict(self._gradebook.db.query(BaseCell.id, BaseCell.name).all())

    @cached_property
    def _scores(self) -> dict[str, dict[str, float | None]]:
        """The automatic scores of the stage when it was opened, by student and cell."""
        found: dict[str, dict[str, float | None]] = defaultdict(dict)
        rows = (
            self._gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, Grade.auto_score)
            .join(Grade, Grade.cell_id == BaseCell.id)
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .filter(Assignment.name == self._stage)
        )
        for student, cell, score in rows:
            found[student][cell] = score
        return found

    def _update_stage(self, instructor: NotebookNode) -> None:
        """Write the stage's cells as nbgrader's generate_assignment does, if they are not there as they should be."""
        notebook = _with_stubs(instructor)
        self._gradebook.update_or_create_assignment(self._stage)
        try:
            known = self._gradebook.find_notebook(self._stage, self._stage)
        except MissingEntry:
            known = None
        if known is not None:
            checksums = {cell.name: cell.checksum for cell in known.source_cells}
            wanted = {c.metadata.nbgrader.grade_id: c.metadata.nbgrader.checksum for c in _marked(notebook)}
            if checksums == wanted:
                return
            if checksums.keys() != wanted.keys() and known.submissions:
                differing = ", ".join(sorted(checksums.keys() ^ wanted.keys()))
                raise RecordError(
                    f"{self._stage} has graded submissions with other cells than its source now has ({differing}): "
                    "give the cells their names back, or give the changed notebook the name of a new stage."
                )
        place = {"notebook": self._stage, "assignment": self._stage, "db_url": self._directory.db_url}
        SaveCells().preprocess(notebook, {"nbgrader": place})
        self._gradebook.db.expire_all()


@contextmanager
def _told() -> Iterator[None]:
    """Say in a sentence what keeps the gradebook from being read or written."""
    try:
        yield
    except OperationalError as error:
        raise RecordError(
            f"The gradebook cannot be used ({error.orig}): close what else uses it, then grade again; "
            "the results so far are kept in autograded/."
        ) from None


def _time_in(path: Path) -> datetime | None:
    """Read the time that nbgrader's collect wrote; None where there is none, or something else."""
    try:
        text = read(path, MAX_TIME).decode().strip()
        time: datetime = parse_utc(text if ENDS_WITH_ZONE.search(text) else dateutil.parser.parse(text))
    except Exception:  # no file, no time, a zone that no clock has: dateutil raises anything
        return None
    return time


def _scores(result: Result) -> dict[str, float | None]:
    return {one.name: one.points for one in result.verdicts}


def _with_stubs(instructor: NotebookNode) -> NotebookNode:
    """Return the notebook that the gradebook keeps: answers as released, checks with their hidden tests."""
    notebook = copy.deepcopy(instructor)
    keep_language(notebook, "en")
    for cell in _marked(notebook):
        if cell.metadata.gradus.role != "check":
            cell.source = as_released(cell, "en")
        cell.metadata.nbgrader.checksum = compute_checksum(cell)
    return notebook


def _marked(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
