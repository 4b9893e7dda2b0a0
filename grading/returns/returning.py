"""Give marks and feedback back: everything is made first, and written when nothing stands in the way."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grading.course.files import write_atomically
from grading.course.releases import instructors_notebook
from grading.engine.digest import digest
from grading.pages.feedback import DEFAULT, Written, feedback
from grading.records.gradebook import Recorder
from grading.records.standing import Standing, class_standings
from grading.records.submissions import Submission
from grading.results.model import Status
from grading.returns.canvas import fill_export
from grading.returns.marks import Filled
from grading.returns.moodle import ZIP, feedback_zip, fill_worksheet
from grading.returns.plain import CHECKS, GRADES, checks, grades
from grading.returns.sheet import ReturnError

FOLDER = "returns"


@dataclass(frozen=True)
class Returned:
    """What was written, and where everybody stands.

    files: relative to the course. moodle, canvas: the tables that were filled in. changed: students who handed in
    something else since they were graded. outdated: those who were graded with another notebook of the stage.
    """

    files: tuple[Path, ...]
    standings: Mapping[str, Standing]
    moodle: Filled | None
    canvas: Filled | None
    changed: tuple[str, ...]
    outdated: tuple[str, ...]
    pages: Written


def give_back(
    course: Path,
    stage: str,
    moodle: Path | None = None,
    canvas: Path | None = None,
    missing: float | None = None,
    reveal: Collection[str] = DEFAULT,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Returned:
    """Write to returns/<stage>/ what a stage's students, and the platforms of the course, are given.

    moodle: its grading worksheet. canvas: its gradebook export. missing: the mark of who handed in nothing, None for
    none. reveal, report: of the pages. Raises ReturnError, having written nothing; and FeedbackError, CourseFileError,
    RosterError, MarksError and RecordError.
    """
    standings = class_standings(course, stage)
    if all(one.result.status in (Status.MISSING, Status.UNGRADED) for one in standings.values()):
        raise ReturnError(f"Nobody has a result for {stage}: run `gradus grade {stage}` first.")
    files = {GRADES: grades(standings, missing), CHECKS: checks(standings)}
    worksheet, folders = fill_worksheet(course, stage, moodle, standings, missing) if moodle else (None, {})
    export = fill_export(course, stage, canvas, standings, missing) if canvas else None
    for filled in filter(None, (worksheet, export)):
        if filled.name in files:
            raise ReturnError(f"Two of the files are called {filled.name}: give one of them another name.")
        files[filled.name] = filled.content
    pages = feedback(course, stage, reveal=reveal, report=report)
    if moodle:
        files[ZIP] = feedback_zip(course, stage, folders)
    with Recorder(course, stage, nbformat.read(course / "source" / stage / f"{stage}.ipynb", as_version=4)) as recorder:
        recorder.take_off({name: one.taken_off for name, one in standings.items() if one.result.has_points})
    folder = course / FOLDER / stage
    for name, content in files.items():
        write_atomically(folder / name, content)
    changed = tuple(student for student in standings if _has_changed(Submission(course, student, stage)))
    source = digest(instructors_notebook(course, stage))
    graded = (student for student, standing in standings.items() if standing.result.has_points)
    outdated = tuple(one for one in graded if Submission(course, one, stage).is_of_another_build(source))
    paths = tuple(Path(FOLDER, stage, name) for name in files)
    return Returned(paths, standings, worksheet, export, changed, outdated, pages)


def _has_changed(submission: Submission) -> bool:
    return submission.settled() is None and submission.has_changed()
