"""A class as it stands in one stage: all results that can be read, and what is left out, by name."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grading.course.roster import read_roster
from grading.course.stages import stage_names
from grading.intake.unplaced import kept_there
from grading.overview.exercises import OverviewError, StageCells, read_cells
from grading.records.marks import read_students
from grading.records.standing import Standing, standings
from grading.records.submissions import Submission, handed_in, results_of
from grading.results.model import MISSING, UNGRADED, CheckResult, Result
from grading.results.wording import DAMAGED, OUTDATED, STRANGER


@dataclass
class Class:
    """Where everybody stands in a stage.

    left_out: whose results are not looked at, and why. shares: of the points of checks, by stage, by student; of this
    stage and those before it that have results. unplaced: notebooks nobody's name was found for, what their
    owner is called, and why.
    """

    stage: str
    cells: StageCells
    standings: dict[str, Standing]
    left_out: dict[str, str] = field(default_factory=dict)
    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    unplaced: list[tuple[str, str]] = field(default_factory=list)

    @property
    def graded(self) -> dict[str, Standing]:
        """Those who have points, by id."""
        return {student: one for student, one in self.standings.items() if one.result.has_points}

    def name_of(self, student: str) -> str:
        """Return a student's name with the id, if they differ."""
        person = self.standings[student].person
        return person.id if person.name == person.id else f"{person.name} ({person.id})"


def gather(course: Path, stage: str, report: Callable[[int, int], None] = lambda done, total: None) -> Class:
    """Read a class's results of a stage.

    Raises OverviewError where there are none, CourseFileError, RosterError and MarksError.
    """
    cells = read_cells(course, stage)
    results, left_out = read_results(course, stage, report)
    if not any(result.has_points or result.reasons for result in results.values()):
        why = "; ".join(f"{student}: {why}" for student, why in list(left_out.items())[:3])
        raise OverviewError(f"Nobody has a result for {stage}: run `gradus grade {stage}` first.{why and f' ({why})'}")
    stages = stage_names(course)
    shares = {one: shares_of(course, one, results) for one in stages[: stages.index(stage)]}
    shares[stage] = {student: share for student, one in results.items() if (share := share_of(one)) is not None}
    return Class(
        stage,
        cells,
        standings(course, stage, results),
        left_out,
        {one: found for one, found in shares.items() if found},
        kept_there(course),
    )


def read_results(
    course: Path, stage: str, report: Callable[[int, int], None] = lambda done, total: None
) -> tuple[dict[str, Result], dict[str, str]]:
    """Return the results of a stage by student, and whose are left out, and why."""
    present = handed_in(course)
    kept = results_of(course, stage).keys()
    everybody = present | read_roster(course).keys() | read_students(course, stage)
    results, left_out = {}, {}
    for student in sorted(kept - everybody):
        left_out[student] = STRANGER
    report(0, len(everybody))
    for done, student in enumerate(sorted(everybody), start=1):
        submission = Submission(course, student, stage)
        result = _sound(submission.kept()) if student in kept else None
        if result is None and student in kept:
            why = OUTDATED if submission.is_of_another_version() else DAMAGED
            left_out[student] = why.format(stage=stage)
        elif result is None:
            result = submission.settled() if student in present else MISSING
        if student not in left_out:
            results[student] = result or UNGRADED
        report(done, len(everybody))
    return results, left_out


def shares_of(course: Path, stage: str, students: Iterable[str]) -> dict[str, float]:
    """Return which share of the points of a stage's checks students have, who have any result."""
    found = {student: _sound(Submission(course, student, stage).kept()) for student in students}
    return {student: share for student, one in found.items() if one and (share := share_of(one)) is not None}


def share_of(result: Result) -> float | None:
    """Return the share of the points of checks that a result has, None where there are none."""
    return result.points / result.maximum if result.has_points and result.maximum else None


def _sound(result: Result | None) -> Result | None:
    """Return a result whose checks hold what they should, None for any other: somebody may have edited the file."""
    numbers = [one.maximum for one in result.verdicts] if result else []
    numbers += [one.points for one in result.checks] if result else []
    texts = [text for one in result.checks for text in (one.name, one.message)] if result else []
    texts += [*result.unanswered, *(one.name for one in result.questions)] if result else []
    is_sound = all(isinstance(one, int | float) for one in numbers) and all(isinstance(one, str) for one in texts)
    return result if is_sound else None


def failed(standing: Standing) -> list[CheckResult]:
    """Return the checks that lost points."""
    return [check for check in standing.result.checks if not check.holds]
