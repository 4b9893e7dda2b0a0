"""Where each student stands in a stage: points and marks by hand, late or not, all out of the same total."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

from grading.course.course_file import read_dates
from grading.course.dates import Dates, Late
from grading.course.origin import read_origin
from grading.course.roster import Person, read_roster
from grading.course.stages import stage_names
from grading.records.marks import Mark, Marks, read_marks, read_students
from grading.records.submissions import Submission, handed_in
from grading.records.times import handed_in_at
from grading.results.model import MISSING, UNGRADED, CheckResult, OpenQuestion, Result


@dataclass(frozen=True)
class Standing:
    """One student's result, with what was given by hand, and what being late costs.

    marks: those given by hand, by check and question. out_of: what the mark is given out of, None for the stage's own
    points. time and due: when it was handed in, and until when it could be, as the course's clocks show it, None where
    nobody says. Points are those of checks and of open questions that have been marked; what waits for a marker counts
    neither for nor against.
    """

    person: Person
    result: Result
    marks: Marks = field(default_factory=dict)
    late: Late = field(default_factory=Late)
    is_excused: bool = False
    out_of: float | None = None
    time: datetime | None = None
    due: datetime | None = None

    @property
    def status(self) -> str:
        """What became of the submission, or that the student is excused."""
        return "excused" if self.is_excused else str(self.result.status)

    @property
    def points_by_name(self) -> dict[str, float | None]:
        """The points of each check and open question, those given by hand where there are any; None while it waits."""
        return {one.name: self._points(one) for one in self._graded}

    @property
    def total(self) -> float:
        """The points that the stage can give."""
        return sum(one.maximum for one in self._graded)

    @property
    def waiting(self) -> float:
        """The points of the open questions that are still to be marked."""
        return sum(one.maximum for one in self._graded if self._points(one) is None)

    @property
    def waits(self) -> int:
        """How many open questions are still to be marked; none of who is excused."""
        return 0 if self.is_excused else sum(self._points(one) is None for one in self._graded)

    @property
    def points(self) -> float:
        """The points so far, before anything is taken off."""
        return sum(points or 0.0 for points in self.points_by_name.values())

    @property
    def by_hand(self) -> float:
        """How many of the points were given by hand."""
        names = self.points_by_name.keys() & self.marks.keys()
        return sum((self.marks[name].points or 0.0) + self.marks[name].extra for name in names)

    @property
    def taken_off(self) -> float:
        """The points that being late costs."""
        return self.points * self.late.percent / 100

    @property
    def mark(self) -> float | None:
        """What counts in the end, out of `out_of`; None for who is excused, or has no points, not even 0."""
        return self.mark_out_of(self.out_of)

    def mark_out_of(self, out_of: float | None) -> float | None:
        """Return what counts in the end, out of so much, or of the stage's own points; None for no mark."""
        if self.is_excused or not self.result.has_points:
            return None
        counts = max(self.points - self.taken_off, 0.0)
        return counts * out_of / self.total if out_of and self.total else counts

    @property
    def has_old_marks(self) -> bool:
        """Whether points were given by hand for an answer that has changed since."""
        return any(self.marks[name].is_old for name in self.points_by_name.keys() & self.marks.keys())

    @property
    def _graded(self) -> tuple[CheckResult | OpenQuestion, ...]:
        return (*self.result.checks, *self.result.questions)

    def _points(self, one: CheckResult | OpenQuestion) -> float | None:
        mark = self.marks.get(one.name, Mark())
        points = one.points if mark.points is None else mark.points
        return None if points is None else points + mark.extra


def course_dates(course: Path) -> Dates:
    """Read course.toml. Raises CourseFileError and RosterError."""
    return read_dates(course, stage_names(course), read_roster(course))


def class_standings(course: Path, stage: str) -> dict[str, Standing]:
    """Return where everybody stands who is in the roster or the gradebook, or has handed in anything, by id.

    Raises CourseFileError, RosterError and MarksError.
    """
    present = handed_in(course)
    everybody = present | read_roster(course).keys() | read_students(course, stage)
    results = {}
    for student in sorted(everybody):
        submission = Submission(course, student, stage)
        result = submission.settled() if student in present else MISSING
        results[student] = result or submission.kept() or UNGRADED
    return standings(course, stage, results)


def standings(course: Path, stage: str, results: Mapping[str, Result]) -> dict[str, Standing]:
    """Return where students with these results stand. Raises CourseFileError, RosterError and MarksError."""
    people, told, marks = read_roster(course), course_dates(course), read_marks(course, stage)
    dates, found = told.of(stage), {}
    for student, result in results.items():
        folder = course / "submitted" / student / stage
        time = handed_in_at(folder, told.zone)
        late = dates.late(student, time, read_origin(folder).is_late) if result.has_points else Late()
        found[student] = Standing(
            people.get(student, Person(student)),
            result,
            marks.get(student, {}),
            late,
            student in dates.excused,
            dates.out_of,
            on_clock(time, told.zone),
            on_clock(dates.due_for(student), told.zone),
        )
    return found


def on_clock(time: datetime | None, zone: tzinfo | None) -> datetime | None:
    """Return a time as clocks in this zone show it, None for this machine's."""
    try:
        return time and time.astimezone(zone)
    except (ValueError, OverflowError):  # a year that no zone has
        return time
