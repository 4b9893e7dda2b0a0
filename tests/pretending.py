"""A class that is graded in no time: what each student hands in says which points it gets."""

import json
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from hashlib import sha256
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from conftest import COURSE, new_course
from grading.engine.task import Graded, Submit, Task
from grading.records import grade as step
from grading.results.model import CheckResult, Failure, OpenQuestion, Reason, Result, Status, ungradable

STAGE = "02_manual"
CELLS = {
    cell.metadata.nbgrader.grade_id: cell
    for cell in nbformat.read(COURSE / "source" / STAGE / f"{STAGE}.ipynb", as_version=4).cells
    if cell.metadata.get("nbgrader", {}).get("grade")
}
CHECKS = [name for name, cell in CELLS.items() if not cell.metadata.nbgrader.solution]
(OPEN,) = CELLS.keys() - CHECKS
ALL, OF_OPEN = (sum(CELLS[name].metadata.nbgrader.points for name in names) for names in (CHECKS, [OPEN]))
SHOWN = "data.plot_loss(*numbers)"  # in the demo whose outputs the question is about
RELEASED = (COURSE / "notebooks/en" / f"{STAGE}.ipynb").read_bytes()


def course_of(folder: Path) -> Path:
    """Make a course folder with one stage."""
    return new_course(folder, STAGE)


def hand_in(
    course: Path,
    student: str,
    *lost: str,
    text: str = "",
    status: str = "graded",
    outputs: tuple = (),
    lang: str = "en",
) -> Path:
    """Hand in what loses these checks, with a text for the open question, of whose run these are the outputs.

    Returns the folder.
    """
    folder = course / "submitted" / student / STAGE
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"lost": lost, "text": text, "status": status, "outputs": outputs, "lang": lang})
    (folder / f"{STAGE}.ipynb").write_text(content, "utf-8")
    return folder


def lenient(course: Path, name: str) -> None:
    """Change a check of the course so that all answers pass it."""
    path = course / "source" / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name).source = "# lenient"
    nbformat.write(notebook, path)


def worth(course: Path, name: str, points: float) -> None:
    """Change the points of a check of the course."""
    path = course / "source" / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)
    cell.metadata.nbgrader.points = points
    nbformat.write(notebook, path)


def pretend(task: Task) -> Future[Graded]:
    """Give a submission the points that it asks for."""
    future: Future[Graded] = Future()
    future.set_result(_graded(task))
    return future


def _graded(task: Task) -> Graded:
    (content,) = task.files.values()
    nothing = {"lost": [], "text": "", "status": "graded", "outputs": [], "lang": "en"}
    wish = nothing if content == task.instructor else json.loads(content)
    if wish["status"] == "ungradable":
        return Graded(ungradable(Reason.EMPTY).to_json(), None)
    cells = nbformat.reads(task.instructor.decode(), as_version=4).cells
    ours = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in cells}
    checks = []
    for name in CHECKS:
        is_lost = name in wish["lost"] and "lenient" not in ours[name].source
        maximum = ours[name].metadata.nbgrader.points
        failure, message = (Failure.MISTAKE, "this is not right") if is_lost else (None, "")
        checks.append(CheckResult(name, 0.0 if is_lost else maximum, maximum, failure, message))
    text = wish["text"]
    question = OpenQuestion(OPEN, None if text else 0.0, OF_OPEN, sha256(text.encode()).hexdigest())
    unanswered = () if text else (OPEN,)
    status, lang = Status(wish["status"]), wish["lang"]
    result = Result(status, lang=lang, checks=tuple(checks), questions=(question,), unanswered=unanswered)
    return Graded(result.to_json(), _executed(text, wish["outputs"]) if text else RELEASED)


def _executed(text: str, outputs: list) -> bytes:
    """Return the notebook of a run, with what was answered, and what the demo that the question is about has shown."""
    notebook = json.loads(RELEASED)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == OPEN:
            cell["source"] = text
        if SHOWN in "".join(cell["source"]):
            cell["outputs"] = outputs
    return json.dumps(notebook).encode()


def pretenders() -> AbstractContextManager[Submit]:
    """What `grade` grades a class with."""
    return nullcontext(pretend)


def grade(course: Path, **options) -> dict[str, step.Outcome]:
    """Grade a course and return everybody's outcome."""
    return {outcome.student: outcome for outcome in step.grade(course, STAGE, pretenders(), 1, **options)}


def mark(course: Path, student: str, points: float, name: str = OPEN, extra: float | None = None) -> None:
    """Give points by hand, as formgrader does."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
        found = gradebook.find_grade(name, STAGE, STAGE, student)
        found.manual_score, found.extra_credit, found.needs_manual_grade = points, extra, False
        gradebook.db.commit()
