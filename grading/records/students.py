"""The roster's people in nbgrader's gradebook, so that formgrader and exports show their names."""

from collections.abc import Collection
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import OperationalError

from grading.course.plain import settings
from grading.course.roster import Person
from grading.records.gradebook import RecordError


def write_students(course: Path, people: Collection[Person]) -> list[str]:
    """Write names and emails into the gradebook; nobody is deleted. Returns who else is in it. Raises RecordError."""
    directory = CourseDirectory(config=settings(course, course, "*"))
    try:
        with Gradebook(directory.db_url, directory.course_id) as gradebook:
            for one in people:
                named = {"first_name": one.given or None, "last_name": one.family or None, "email": one.email or None}
                gradebook.update_or_create_student(one.id, **named)
            return sorted({student.id for student in gradebook.students} - {one.id for one in people})
    except OperationalError as error:
        raise RecordError(
            f"The gradebook cannot be used ({error.orig}): close what else uses it, then give the same command again; "
            "the roster is written."
        ) from None
