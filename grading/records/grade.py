"""Grade a class: what changed runs on all cores, each result is written as it comes, and the gradebook follows."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import nbformat
from nbformat import NotebookNode

from grading.course.files import only_one, write_atomically
from grading.course.plain import has_late_plugin
from grading.course.releases import instructors_notebook
from grading.course.roster import read_roster
from grading.course.secret import fingerprint, make_secret, secret_of
from grading.engine.digest import digest, engine_digest
from grading.engine.task import OF_REFERENCE, Graded, Limits, Submit, Task
from grading.records.gradebook import Recorder, cell_hashes
from grading.records.history import Change, State, changes, last_state, remember
from grading.records.marks import read_students
from grading.records.standing import Standing, course_dates, standings
from grading.records.submissions import Submission, handed_in, not_kept, read_json, results_of, unreadable
from grading.results.model import MISSING, Result, Status
from grading.results.wording import reason_of

AGAIN = "Hidden tests draw other inputs now, so all of them have to be graded again."


class GradeError(Exception):
    """The class cannot be graded; the sentence says why. What was graded before is kept."""


@dataclass(frozen=True)
class Outcome:
    """Where one student stands, whether the submission was graded now, and what changed since the last time.

    is_first: whether there is nothing to compare with. declined: what grading it now gave, where the result that was
    there before is better, and kept.
    """

    standing: Standing
    is_new: bool
    changes: tuple[Change, ...] = ()
    is_first: bool = False
    declined: Result | None = None

    @property
    def student(self) -> str:
        """The student's id."""
        return self.standing.person.id

    @property
    def result(self) -> Result:
        """What grading found, as in result.json."""
        return self.standing.result

    @property
    def status(self) -> Status:
        """What became of the submission."""
        return self.result.status


@dataclass(frozen=True)
class _Graded:
    """What grading one submission gave, before it is compared with the last time."""

    result: Result
    is_new: bool
    declined: Result | None = None


def grade(
    course: Path,
    stage: str,
    workers: AbstractContextManager[Submit],
    jobs: int,
    students: list[str] | None = None,
    force: bool = False,
    needs_sandbox: bool = False,
    keep_better: bool = False,
    is_dry: bool = False,
    now: datetime | None = None,
    confirm: Callable[[str], bool] = lambda question: True,
    tell: Callable[[str], None] = lambda sentence: None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> list[Outcome]:
    """Grade submitted/*/<stage> into autograded/ and the gradebook; return everybody's outcome, by name.

    students: only these. force: also what is unchanged. jobs: how many tasks `workers` runs at a time.
    needs_sandbox: refuse to run students' code where there is none. keep_better: where the new result has fewer points,
    keep the one that is there. is_dry: write nothing. now: the time for the history. confirm: asked before results of
    another secret are graded again. tell: hears what is good to know before it starts. report: hears how many are
    graded, of how many.
    Raises GradeError, RecordError, MarksError, CourseFileError, RosterError, ReleasesError, SecretError and
    ForkServerError.
    """
    path = course / "source" / stage / f"{stage}.ipynb"
    if not path.exists():
        raise GradeError(f"There is no {path.relative_to(course)}: run `gradus build` first.")
    course_dates(course)  # before anybody is graded
    if has_late_plugin(course):
        tell("nbgrader_config.py sets a plugin for late submissions, which is not used: what counts is course.toml.")
    instructor = instructors_notebook(course, stage)
    notebook = nbformat.reads(instructor.decode(), as_version=4)
    with nullcontext() if is_dry else _only_one(course), ExitStack() as opened:
        secret = _settled_secret(course, stage, students, confirm, is_dry)
        hashes = {"source": digest(instructor), "secret": fingerprint(secret), "engine": engine_digest()}
        present = handed_in(course)
        graded: dict[str, _Graded] = {}
        todo, outdated = [], 0
        for student in sorted(present.intersection(students) if students else present):
            submission = Submission(course, student, stage)
            result = submission.settled() or (None if force else submission.current(hashes))
            if result is None:
                todo.append(submission)
                outdated += submission.is_of_another_version()
            else:
                graded[student] = _Graded(result, is_new=False)
        if outdated:
            tell(f"{outdated} results are of another version of Gradus: these submissions are graded again.")
        submit = opened.enter_context(workers) if todo else None  # they start while the gradebook opens
        recorder = None if is_dry else opened.enter_context(Recorder(course, stage, notebook))
        absent = (read_students(course, stage) | read_roster(course).keys()) - present
        for student in students or []:
            if student not in present | absent:
                raise GradeError(f"There is no student {student!r} in submitted/, the roster or the gradebook.")
        graded |= {one: _Graded(MISSING, is_new=False) for one in (absent.intersection(students or absent))}
        if recorder:
            for student, found in graded.items():
                result = Submission(course, student, stage).record(recorder, found.result)
                graded[student] = replace(found, result=result)
        if submit:
            asked = Task({f"{stage}.ipynb": instructor}, instructor, OF_REFERENCE, secret, needs_sandbox)
            asked = replace(asked, limits=_limits(course, stage, asked, hashes, submit, is_dry))

            def tasks() -> Iterator[tuple[Submission, Task]]:
                for item in todo:
                    try:
                        yield item, replace(asked, files=item.files())
                    except OSError as error:  # it was there a moment ago
                        graded[item.student] = _Graded(unreadable(error), is_new=True)

            report(0, len(todo))
            for done, (submission, task, came) in enumerate(_each(tasks(), submit, jobs), start=1):
                graded[submission.student] = _settle(submission, task, came, hashes, recorder, keep_better)
                report(done, len(todo))
        return _compared(course, stage, graded, notebook, recorder, now or datetime.now(UTC))


def _settle(
    submission: Submission,
    task: Task,
    came: Graded,
    hashes: Mapping[str, str],
    recorder: Recorder | None,
    keep_better: bool,
) -> _Graded:
    """Keep what a worker gave, or what was there before if that is better; without a recorder nothing is written."""
    try:
        result, before = submission.result_of(came, task.files, hashes), submission.kept()
        if keep_better and before and before.has_points and not (result.has_points and result.points >= before.points):
            if recorder:
                submission.decline(result)
                before = submission.record(recorder, before)
            return _Graded(before, is_new=True, declined=result)
        if recorder:
            submission.write(result, came.notebook)
            result = submission.record(recorder, result)
        return _Graded(result, is_new=True)
    except OSError as error:
        return _Graded(not_kept(error), is_new=True)


def _compared(
    course: Path,
    stage: str,
    graded: Mapping[str, _Graded],
    notebook: NotebookNode,
    recorder: Recorder | None,
    now: datetime,
) -> list[Outcome]:
    """Compare everybody with the last time, and, where there is a recorder, keep what changed."""
    outcomes = []
    cells = cell_hashes(notebook)
    where = standings(course, stage, {student: found.result for student, found in graded.items()})
    for student, standing in sorted(where.items()):
        found, folder = graded[student], course / "autograded" / student / stage
        if not found.result.hashes:  # nothing was handed in, or it could not be read, or grading itself failed
            outcomes.append(Outcome(standing, found.is_new))
            continue
        before, state = last_state(folder), State.of(found.result, standing.marks, cells)
        changed = changes(before, state)
        try:
            if recorder and (state != before or found.declined is not None):
                remember(folder, state, changed, now, found.declined)
        except OSError as error:
            standing = replace(standing, result=not_kept(error))
        outcomes.append(Outcome(standing, found.is_new, changed, before is None, found.declined))
    if recorder:
        recorder.take_off({one: standing.taken_off for one, standing in where.items() if standing.result.has_points})
    return outcomes


def _only_one(course: Path) -> AbstractContextManager[TextIO]:
    """Hold the course's lock: two that grade at once would write each other's files. Raises GradeError."""
    busy = GradeError("Another `gradus grade` is at work in this course: wait until it has ended.")
    return only_one(course / "autograded" / ".lock", lambda said: busy)


def _settled_secret(
    course: Path, stage: str, students: list[str] | None, confirm: Callable[[str], bool], is_dry: bool
) -> str:
    """Return the course's secret, made now where there is none. Raises SecretError, and GradeError if that may not be.

    Results do not hold with another secret than the one with which they were drawn. is_dry: make one that is not kept.
    """
    secret = secret_of(course)
    current = fingerprint(secret) if secret else None
    places = results_of(course, stage).items()
    results = (read_json(path) for student, path in places if not students or student in students)
    hashes = [result.get("hashes") for result in results if result]
    drawn = [found.get("secret") for found in hashes if found and isinstance(found, dict)]
    others = sum(used != current for used in drawn)
    question = f"{others} submissions of {stage} were graded with another secret, or with none. {AGAIN}"
    if others and not is_dry and not confirm(question):
        raise GradeError("Nothing was graded. Put the secret back with which it was, or answer yes.")
    return secret or (secrets.token_hex() if is_dry else make_secret(course))


def _limits(course: Path, stage: str, task: Task, hashes: Mapping[str, str], submit: Submit, is_dry: bool) -> Limits:
    """Return the limits that follow from the reference notebook, which `task` grades first if it has changed.

    is_dry: write nothing. Raises GradeError if it does not earn all points.
    """
    kept = course / "autograded" / ".reference" / f"{stage}.json"
    reference = read_json(kept)
    if reference is None or reference.get("hashes") != hashes:
        result = Result.from_json(submit(task).result().result)
        if not result.has_points:
            more = "`gradus doctor` tells more."
            raise GradeError(f"The solution of {stage} could not be graded. {reason_of(result)} {more}")
        lost = [check for check in result.checks if not check.holds]
        if result.status is not Status.GRADED or lost:
            what = f"{lost[0].name}: {lost[0].message}" if lost else reason_of(result)
            raise GradeError(f"The solution of {stage} itself does not earn all points, mend it first. {what}")
        reference = {"hashes": hashes, "seconds": result.cells}
        if not is_dry:
            write_atomically(kept, json.dumps(reference).encode())
    return Limits.from_reference(reference["seconds"])


def _each(
    tasks: Iterator[tuple[Submission, Task]], submit: Submit, jobs: int
) -> Iterator[tuple[Submission, Task, Graded]]:
    """Yield what each task gave as it comes; keep only a few tasks in memory."""
    waiting: dict[Future[Graded], tuple[Submission, Task]] = {}
    while True:
        for item, task in tasks:
            waiting[submit(task)] = item, task
            if len(waiting) > 2 * jobs:
                break
        if not waiting:
            return
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            yield *waiting.pop(future), future.result()
