"""Grade a class: what changed runs on all cores, each result is written as it comes, and the gradebook follows."""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from grading.digest import digest, engine_digest
from grading.rebuild import MAX_BYTES
from grading.record import Recorder
from grading.run import Limits
from grading.task import Graded, Task, ungradable
from grading.workers import Workers

Submit = Callable[[Task], Future[Graded]]

STATUSES = ("graded", "partial", "ungradable", "missing")
RESULT, RECORDED = "result.json", "recorded.json"


class GradeError(Exception):
    """The class cannot be graded; the sentence says why. What was graded before is kept."""


@dataclass(frozen=True)
class Outcome:
    """One student's result, as in result.json, and whether it is new.

    Its status is "graded", "partial" (with what happened), "ungradable" (with why) or "missing".
    """

    student: str
    result: Mapping[str, Any]
    is_new: bool

    @property
    def status(self) -> str:
        """What became of the submission."""
        return self.result["status"]


class _Submission:
    """What one student handed in for a stage, and the place of its result."""

    def __init__(self, course: Path, student: str, stage: str):
        self.student = student
        self.folder = course / "submitted" / student / stage
        self._stage = stage
        self._place = course / "autograded" / student / stage

    def files(self) -> dict[str, bytes]:
        """Read the notebooks, the newest first, each no further than what is too large anyway."""
        paths = [path for path in self.folder.glob("*.ipynb") if path.is_file()]
        return {path.name: _head(path) for path in sorted(paths, key=lambda path: (-path.stat().st_mtime, path.name))}

    def refused(self) -> dict[str, Any] | None:
        """Return the result of a submission under a name that no gradebook takes."""
        try:
            self.student.encode()
        except UnicodeEncodeError:
            return ungradable("The name of the student's folder is not valid UTF-8: rename it.")
        return None

    def current(self, hashes: Mapping[str, str]) -> dict[str, Any] | None:
        """Return the result that is there, unless the submission, the stage or the engine has changed since."""
        result = _read(self._place / RESULT)
        return result if result and result.get("hashes") == self._hashes(hashes) else None

    def write(self, graded: Graded, hashes: Mapping[str, str]) -> dict[str, Any]:
        """Write the executed notebook, then the result, which makes it count; return the result."""
        result = {"student": self.student, "stage": self._stage} | json.loads(graded.result)
        result["hashes"] = self._hashes(hashes)
        if graded.notebook is not None:
            _write_atomically(self._place / f"{self._stage}.ipynb", graded.notebook)
        _write_atomically(self._place / RESULT, json.dumps(result, ensure_ascii=False, indent=1).encode())
        return result

    def record(self, recorder: Recorder, result: Mapping[str, Any]) -> None:
        """Bring the gradebook in agreement with the result, unless it is already.

        A submission that cannot be graded gets no points, not even 0, and what was recorded before stays.
        """
        if "checks" not in result:
            return
        kept = _read(self._place / RECORDED) or {"result": "", "answers": {}}
        current = digest((self._place / RESULT).read_bytes())
        if kept["result"] == current and recorder.agrees(self.student, result):
            return
        answers = {question["name"]: question["answer"] for question in result["open"]}
        changed = {name for name, answer in answers.items() if kept["answers"].get(name) != answer}
        recorder.record(self.student, result, changed)
        _write_atomically(self._place / RECORDED, json.dumps({"result": current, "answers": answers}).encode())

    def _hashes(self, hashes: Mapping[str, str]) -> dict[str, str]:
        files = (part for name, content in sorted(self.files().items()) for part in (os.fsencode(name), content))
        return {"submission": digest(*files), **hashes}


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


@contextmanager
def local_workers(jobs: int) -> Iterator[Submit]:
    """Give a function that grades tasks on this machine, `jobs` at a time."""
    with ThreadPoolExecutor(jobs) as pool:
        try:
            with Workers() as workers:
                yield lambda task: pool.submit(workers.grade, task)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def grade(
    course: Path,
    stage: str,
    console: Console,
    workers: AbstractContextManager[Submit],
    jobs: int,
    students: list[str] | None = None,
    force: bool = False,
) -> list[Outcome]:
    """Grade submitted/*/<stage> into autograded/ and the gradebook; return everybody's outcome, by name.

    students: only these. force: also what is unchanged. jobs: how many tasks `workers` runs at a time.
    Raises GradeError, RecordError and ForkServerError.
    """
    path = course / "source" / stage / f"{stage}.ipynb"
    if not path.exists():
        raise GradeError(f"There is no {path.relative_to(course)}: run `gradus build` first.")
    instructor = path.read_bytes()
    secret = os.environ.get("GRADUS_SECRET", "")
    hashes = {"source": digest(instructor, secret.encode()), "engine": engine_digest()}
    (course / "autograded").mkdir(exist_ok=True)
    with _only_one(course), Recorder(course, stage, nbformat.reads(instructor.decode(), as_version=4)) as recorder:
        handed_in = (course / "submitted").glob("[!.]*/")
        known = recorder.students() | {folder.name for folder in handed_in}
        for student in students or []:
            if student not in known:
                raise GradeError(f"There is no student {student!r} in submitted/ or in the gradebook.")
        batch = [
            _Submission(course, student, stage) for student in sorted(known) if not students or student in students
        ]
        outcomes, todo = {}, []
        for submission in batch:
            result = {"status": "missing"} if not submission.folder.exists() else submission.refused()
            if result is None and not force:
                result = submission.current(hashes)
            if result is None:
                todo.append(submission)
            else:
                outcomes[submission.student] = Outcome(submission.student, result, is_new=False)
                submission.record(recorder, result)
        if todo:
            with workers as submit:
                limits = _limits(course, stage, instructor, hashes, secret, submit)
                tasks = ((item, Task(item.files(), instructor, limits, secret)) for item in todo)
                for submission, graded in _track(tasks, submit, jobs, len(todo), f"Grading {stage}", console):
                    result = submission.write(graded, hashes)
                    outcomes[submission.student] = Outcome(submission.student, result, is_new=True)
                    submission.record(recorder, result)
    return [outcomes[submission.student] for submission in batch]


def show(stage: str, outcomes: list[Outcome], console: Console) -> None:
    """Print a table of all students, and how many there are of each status."""
    table = Table("student", "points", "status", "remarks", title=stage)
    for outcome in outcomes:
        result = outcome.result
        points = f"{result['points']:g} / {result['maximum']:g}" if "points" in result else "–"
        remarks = "\n".join(filter(None, (result.get("reason", ""), *result.get("warnings", ()))))
        name = outcome.student.encode("utf-8", "backslashreplace").decode()
        table.add_row(*map(escape, (name, points, outcome.status, remarks)))
    if outcomes:
        console.print(table)
    counts = Counter(outcome.status for outcome in outcomes)
    said = ", ".join(f"{counts[status]} {status}" for status in STATUSES if counts[status])
    unchanged = sum(not outcome.is_new and outcome.status != "missing" for outcome in outcomes)
    console.print(
        f"{said or 'Nobody handed anything in: put notebooks into submitted/ with `gradus collect`'}"
        f"{f'; {unchanged} of them before, and unchanged' if unchanged else ''}."
    )


@contextmanager
def _only_one(course: Path) -> Iterator[None]:
    """Hold the course's lock: two that grade at once would write each other's files."""
    with (course / "autograded" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GradeError("Another `gradus grade` is at work in this course: wait until it has ended.") from None
        yield


def _limits(
    course: Path, stage: str, instructor: bytes, hashes: Mapping[str, str], secret: str, submit: Submit
) -> Limits:
    """Return the limits that follow from the reference notebook, which is graded first if it has changed.

    Raises GradeError if it does not earn all points.
    """
    kept = course / "autograded" / ".reference" / f"{stage}.json"
    reference = _read(kept)
    if reference is None or reference["hashes"] != hashes:
        graded = submit(Task({f"{stage}.ipynb": instructor}, instructor, Limits(), secret)).result()
        result = json.loads(graded.result)
        lost = [check for check in result.get("checks", ()) if check["points"] != check["maximum"]]
        if result["status"] != "graded" or lost:
            what = f"{lost[0]['name']}: {lost[0]['message']}" if lost else result["reason"]
            raise GradeError(f"The solution of {stage} itself does not earn all points, mend it first. {what}")
        reference = {"hashes": hashes, "seconds": result["cells"]}
        _write_atomically(kept, json.dumps(reference).encode())
    return Limits.from_reference(reference["seconds"])


def _track(tasks: Iterator, submit: Submit, jobs: int, total: int, title: str, console: Console) -> Iterator:
    """Yield what each task gave as it comes, with a progress bar; keep only a few tasks in memory."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    waiting: dict[Future[Graded], Any] = {}
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task(title, total=total)
        while True:
            for item, task in tasks:
                waiting[submit(task)] = item
                if len(waiting) > 2 * jobs:
                    break
            if not waiting:
                return
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in done:
                yield waiting.pop(future), future.result()
                progress.advance(bar)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that at any moment the old or the new one is there, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
