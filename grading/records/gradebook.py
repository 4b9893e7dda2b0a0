"""Write results into nbgrader's gradebook: the one writer, so that formgrader, exports and marks by hand work."""

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import SaveCells
from nbgrader.utils import compute_checksum
from sqlalchemy.exc import OperationalError

from grading.course.course_file import read_dates
from grading.course.plain import settings
from grading.course.release import as_released, keep_language
from grading.course.stages import stage_names
from grading.engine.digest import digest
from grading.records.marks import Mark
from grading.records.times import handed_in_at
from grading.results.model import Result


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

    def given(self, student: str) -> dict[str, Mark]:
        """Return what instructors gave a student's cells by now; none of who is not there. Raises RecordError."""
        with _told():
            self._gradebook.db.rollback()  # whoever else writes, what is there now counts
            cells = self._cells_of(student)
            return {
                name: Mark(one.manual_score, one.extra_credit or 0.0, comment=words.manual_comment or "")
                for name, (one, words) in cells.items()
            }

    def give(self, student: str, marks: Mapping[str, Mark]) -> bool:
        """Write what an instructor gave some cells, as formgrader does; False if it does not know the submission.

        A mark without points takes back what was given. Raises RecordError.
        """
        with _told():
            cells = self._cells_of(student)
            for name, mark in marks.items():
                if name in cells:
                    grade, words = cells[name]
                    grade.manual_score, grade.extra_credit = mark.points, mark.extra or None
                    grade.needs_manual_grade = mark.is_old or (mark.points is None and grade.auto_score is None)
                    words.manual_comment = mark.comment or None
            self._gradebook.db.commit()
            return cells.keys() >= marks.keys()

    def _cells_of(self, student: str) -> dict[str, tuple[Grade, Comment]]:
        """Return the grades of a student's open questions, with their comments, by name; none of who is not there."""
        try:
            notebook = self._gradebook.find_submission_notebook(self._stage, self._stage, student)
        except MissingEntry:
            return {}
        comments = {self._names[comment.cell_id]: comment for comment in notebook.comments}
        grades = ((self._names[grade.cell_id], grade) for grade in notebook.grades)
        return {name: (grade, comments[name]) for name, grade in grades if name in comments}

    def take_off(self, points: Mapping[str, float]) -> None:
        """Keep beside the scores what being late costs these students, where nbgrader's exports and pages look for it.

        Raises RecordError.
        """
        with _told():
            rows = (
                self._gradebook.db.query(
                    SubmittedNotebook.id, SubmittedAssignment.student_id, SubmittedNotebook.late_submission_penalty
                )
                .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
                .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
                .filter(Assignment.name == self._stage)
            )
            for notebook, student, penalty in rows.all():
                if student in points and (penalty or 0.0) != points[student]:
                    change = {"late_submission_penalty": points[student] or None}
                    self._gradebook.db.query(SubmittedNotebook).filter_by(id=notebook).update(change)
            self._gradebook.db.commit()

    def _handed_in(self, student: str) -> dict[str, Any]:
        """Return when the submission was handed in, in UTC, as nbgrader keeps it; nothing where nobody says."""
        time = handed_in_at(self._course / "submitted" / student / self._stage, self._zone)
        return {"timestamp": time.replace(tzinfo=None)} if time else {}

    @cached_property
    def _zone(self) -> tzinfo | None:
        return read_dates(self._course, stage_names(self._course)).zone

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


def cell_hashes(instructor: NotebookNode) -> dict[str, str]:
    """Return a short hash of each check and open question, by name."""
    cells = [cell for cell in _marked(instructor) if cell.metadata.nbgrader.grade]
    return {cell.metadata.nbgrader.grade_id: digest(cell.source.encode())[:12] for cell in cells}


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
