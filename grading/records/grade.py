"""Grade a class: what changed runs on all cores, each result is written as it comes, and the gradebook follows."""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from grading.course.files import write_atomically
from grading.course.secret import fingerprint, make_secret, secret_of
from grading.engine.digest import digest, engine_digest
from grading.engine.task import Graded, Limits, Submit, Task
from grading.records.gradebook import Recorder
from grading.records.submissions import RESULT, Submission, handed_in, read_json, unreadable
from grading.results.model import MISSING, Result, Status
from grading.results.wording import reason_of

AGAIN = "Hidden tests draw other inputs now, so all of them have to be graded again."


class GradeError(Exception):
    """The class cannot be graded; the sentence says why. What was graded before is kept."""


@dataclass(frozen=True)
class Outcome:
    """One student's result, as in result.json, and whether it is new."""

    student: str
    result: Result
    is_new: bool

    @property
    def status(self) -> Status:
        """What became of the submission."""
        return self.result.status


def grade(
    course: Path,
    stage: str,
    workers: AbstractContextManager[Submit],
    jobs: int,
    students: list[str] | None = None,
    force: bool = False,
    needs_sandbox: bool = False,
    confirm: Callable[[str], bool] = lambda question: True,
    tell: Callable[[str], None] = lambda sentence: None,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> list[Outcome]:
    """Grade submitted/*/<stage> into autograded/ and the gradebook; return everybody's outcome, by name.

    students: only these. force: also what is unchanged. jobs: how many tasks `workers` runs at a time.
    needs_sandbox: refuse to run students' code where there is none. confirm: asked before results of another secret
    are graded again. tell: hears what is good to know before it starts. report: hears how many are graded, of how many.
    Raises GradeError, RecordError, SecretError and ForkServerError.
    """
    path = course / "source" / stage / f"{stage}.ipynb"
    if not path.exists():
        raise GradeError(f"There is no {path.relative_to(course)}: run `gradus build` first.")
    instructor = path.read_bytes()
    (course / "autograded").mkdir(exist_ok=True)
    with _only_one(course), ExitStack() as opened:
        secret = _settled_secret(course, stage, students, confirm)
        hashes = {"source": digest(instructor), "secret": fingerprint(secret), "engine": engine_digest()}
        present = handed_in(course)
        settled, todo, outdated = [], [], 0
        for student in sorted(present.intersection(students) if students else present):
            submission = Submission(course, student, stage)
            result = submission.settled() or (None if force else submission.current(hashes))
            if result is None:
                todo.append(submission)
                outdated += submission.is_of_another_version()
            else:
                settled.append((submission, result))
        if outdated:
            tell(f"{outdated} results are of another version of Gradus: these submissions are graded again.")
        submit = opened.enter_context(workers) if todo else None  # they start while the gradebook opens
        recorder = opened.enter_context(Recorder(course, stage, nbformat.reads(instructor.decode(), as_version=4)))
        absent = recorder.students() - present
        for student in students or []:
            if student not in present | absent:
                raise GradeError(f"There is no student {student!r} in submitted/ or in the gradebook.")
        outcomes = [Outcome(student, MISSING, False) for student in absent if not students or student in students]
        for submission, result in settled:
            outcomes.append(Outcome(submission.student, submission.record(recorder, result), is_new=False))
        if submit:
            asked = Task({f"{stage}.ipynb": instructor}, instructor, Limits(), secret, needs_sandbox)
            asked = replace(asked, limits=_limits(course, stage, asked, hashes, submit))

            def tasks() -> Iterator[tuple[Submission, Task]]:
                for item in todo:
                    try:
                        yield item, replace(asked, files=item.files())
                    except OSError as error:  # it was there a moment ago
                        outcomes.append(Outcome(item.student, unreadable(error), is_new=True))

            report(0, len(todo))
            for done, (submission, task, graded) in enumerate(_each(tasks(), submit, jobs), start=1):
                result = submission.record(recorder, submission.write(graded, task.files, hashes))
                outcomes.append(Outcome(submission.student, result, is_new=True))
                report(done, len(todo))
    return sorted(outcomes, key=lambda outcome: outcome.student)


@contextmanager
def _only_one(course: Path) -> Iterator[None]:
    """Hold the course's lock: two that grade at once would write each other's files."""
    with (course / "autograded" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GradeError("Another `gradus grade` is at work in this course: wait until it has ended.") from None
        yield


def _settled_secret(course: Path, stage: str, students: list[str] | None, confirm: Callable[[str], bool]) -> str:
    """Return the course's secret, made now where there is none. Raises SecretError, and GradeError if that may not be.

    Results do not hold with another secret than the one with which they were drawn.
    """
    secret = secret_of(course)
    current = fingerprint(secret) if secret else None
    places = (course / "autograded").glob(f"[!.]*/{stage}/{RESULT}")
    results = (read_json(path) for path in places if not students or path.parts[-3] in students)
    hashes = [result.get("hashes") for result in results if result]
    drawn = [found.get("secret") for found in hashes if found and isinstance(found, dict)]
    others = sum(used != current for used in drawn)
    question = f"{others} submissions of {stage} were graded with another secret, or with none. {AGAIN}"
    if others and not confirm(question):
        raise GradeError("Nothing was graded. Put the secret back with which it was, or answer yes.")
    return secret or make_secret(course)


def _limits(course: Path, stage: str, task: Task, hashes: Mapping[str, str], submit: Submit) -> Limits:
    """Return the limits that follow from the reference notebook, which `task` grades first if it has changed.

    Raises GradeError if it does not earn all points.
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
