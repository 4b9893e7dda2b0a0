"""Grade one submission in this process: rebuild it, run it, judge it; the parent has imported what that takes."""

import json
import os
import platform
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.validator import get_validator

from grading.course.secret import VARIABLE
from grading.engine.runner import Ran, name_of
from grading.engine.runner import run as run_notebook
from grading.engine.task import Graded, Limits, Task
from grading.judging.probes import read_probes
from grading.recovery.merging import merge
from grading.recovery.reading import RebuildError
from grading.recovery.rebuild import Rebuilt
from grading.results.model import CheckResult, Note, OpenQuestion, Reason, Remark, Result, Status
from grading.results.verdicts import failure_of, message_of
from grading.sandbox.limits import limit_memory
from grading.syntax.names import defined_names
from grading.syntax.suspicions import suspicions
from helpers.messages import set_language

VERSIONS = ("gradus", "ipython", "nbgrader", "numpy", "torch")


def prepare() -> None:
    """Read what the judge sends to guests."""
    read_probes()
    _versions()
    get_validator(4)  # compiles nbformat's schema, which takes longer than reading a notebook


def run(request: dict[str, Any]) -> None:
    """Grade the task that lies in `folder`, in guests of the server at `guests`, and leave there what it gives."""
    InteractiveShell.clear_instance()  # that of the image is for guests: checks run in no notebook
    folder = Path(request["folder"])
    details = json.loads((folder / "task.json").read_text("utf-8"))
    os.environ[VARIABLE] = details["secret"]
    limit_memory()  # small values can grow large in a check's hands: then it fails, not the machine
    task = Task(
        {name: (folder / f"file{i}").read_bytes() for i, name in enumerate(details["files"])},
        (folder / "instructor").read_bytes(),
        Limits(**details["limits"]),
        details["secret"],
    )
    try:
        graded = grade(task, request["guests"], request["guests_are_sandboxed"])
    except Exception as error:
        (folder / "why").write_text(f"{type(error).__name__}: {error}", "utf-8", "replace")
        raise
    (folder / "result").write_bytes(graded.result)
    if graded.notebook is not None:
        (folder / "notebook").write_bytes(graded.notebook)


def grade(task: Task, address: str, is_sandboxed: bool) -> Graded:
    """Grade one submission in guests of the fork server at `address`. Raises GuestError and OSError."""
    started, clock = datetime.now(UTC), time.monotonic()
    instructor = nbformat.v4.reads(task.instructor.decode())
    try:
        rebuilt, remarks = merge(task.files, instructor)
    except RebuildError as error:
        result, notebook = Result(Status.UNGRADABLE, reasons=(error.remark,)), None
    else:
        notebook = rebuilt.notebook
        set_language(notebook.metadata.gradus.lang)
        names: dict[str, set[str]] = {"setup": set(), "answer": set()}
        for cell in instructor.cells:
            if cell.metadata.gradus.role in names:
                names[cell.metadata.gradus.role] |= defined_names(cell.source)
        answers = names["answer"] - names["setup"]  # what a setup cell defines is the judge's own
        ran = run_notebook(notebook, answers, task.limits, address)
        result = _result(rebuilt, ran).with_remarks(*remarks, *rebuilt.remarks, *_remarks(notebook, ran))
    result = replace(
        result,
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - clock, 3),
        sandboxed=is_sandboxed,
        versions=_versions(),
    )
    if notebook is None:
        return Graded(result.to_json(), None)
    written = json.dumps(notebook, ensure_ascii=False)  # nbformat indents, which takes several times as long
    return Graded(result.to_json(), written.encode("utf-8", "backslashreplace"))


@cache
def _versions() -> dict[str, str]:
    """Return the versions of what a submission is graded with."""
    return {name: version(name) for name in VERSIONS} | {"python": platform.python_version()}


def _remarks(notebook: NotebookNode, ran: list[Ran]) -> Iterator[Remark]:
    """Yield remarks on what was skipped, and on what code names that a person should look at."""
    if skipped := [f"{cell.name} {line}" for cell in ran for line in cell.skipped]:
        yield Remark(Note.SKIPPED, {"lines": skipped})
    suspicious = []
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.gradus.role in ("answer", "extra", "predict"):
            found = suspicions(cell.source)
            names = "; ".join(f"{word}: {', '.join(names)}" for word, names in found.items())
            suspicious += [f"{name_of(cell)} ({names})"] if found else []
    if suspicious:
        yield Remark(Note.SUSPICIOUS, {"cells": suspicious})


def _result(rebuilt: Rebuilt, ran: list[Ran]) -> Result:
    """Return status, points, and what became of each check and open question."""
    notebook = rebuilt.notebook
    by_name = {cell.name: cell for cell in ran}
    checks, questions = [], []
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if not mark.get("grade"):
            continue
        if mark.solution:
            look = rebuilt.looks.get(mark.grade_id)
            points = 0.0 if mark.grade_id in rebuilt.unanswered and not look else None
            answer = sha256(cell.source.encode()).hexdigest()
            questions.append(OpenQuestion(mark.grade_id, points, mark.points, answer, look))
        else:
            checks.append(_check(cell, by_name[mark.grade_id]))
    reasons = tuple(Remark(Reason(cell.ended), {"cell": cell.name}) for cell in ran if not cell.is_whole)
    return Result(
        Status.PARTIAL if reasons else Status.GRADED,
        reasons,
        lang=notebook.metadata.gradus.lang,
        checks=tuple(checks),
        questions=tuple(questions),
        unanswered=rebuilt.unanswered,
        cells={cell.name: cell.seconds for cell in ran},
    )


def _check(cell: NotebookNode, ran: Ran) -> CheckResult:
    """Return what a check that ran gave."""
    maximum = cell.metadata.nbgrader.points
    points = 0.0 if ran.ended != "ok" else float(maximum) if ran.points is None else ran.points
    failure, message = (None, "") if points == maximum else (failure_of(cell), message_of(cell))
    return CheckResult(ran.name, points, maximum, failure, message, ran.seconds, ran.seed, ran.evidence)
