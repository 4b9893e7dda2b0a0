"""Grade one submission: from the bytes of its files to the bytes of its result and of its executed notebook."""

import json
import platform
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.rebuild import RebuildError, Rebuilt, read_submission, rebuild
from grading.run import Limits, Ran, run
from grading.verdicts import Verdict, message_of, partial_credit
from helpers.messages import set_language

# What happened to a cell, for the instructor.
HAPPENED = {
    "died": "ended Python itself",
    "stopped": "did not end in time",
    "unrun": "was not run, no time was left",
}
VERSIONS = ("gradus", "ipykernel", "nbgrader", "numpy", "torch")


@dataclass(frozen=True)
class Task:
    """What grading one submission takes. `files`: the notebooks handed in, by name, the newest first."""

    files: dict[str, bytes]
    instructor: bytes
    limits: Limits
    secret: str


@dataclass(frozen=True)
class Graded:
    """What grading one submission gives: the result, as JSON, and the executed notebook, None where nothing ran."""

    result: bytes
    notebook: bytes | None


Submit = Callable[[Task], Future[Graded]]


def ungradable(reason: str) -> dict[str, Any]:
    """Return the result of a submission that cannot be graded: no points, not even 0."""
    return {"status": "ungradable", "reason": reason}


def grade(task: Task, address: str) -> Graded:
    """Grade one submission in kernels of the fork server at `address`. Raises KernelError and OSError."""
    started, clock = datetime.now(UTC), time.monotonic()
    instructor = nbformat.reads(task.instructor.decode(), as_version=4)
    try:
        rebuilt, warnings = _choose(task.files, instructor)
    except RebuildError as error:
        result, notebook = ungradable(str(error)), None
    else:
        notebook = rebuilt.notebook
        set_language(notebook.metadata.gradus.lang)
        ran = run(notebook, task.limits, address)
        result = _result(rebuilt, ran) | {"warnings": warnings + rebuilt.warnings}
    result |= {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - clock, 3),
        "versions": {name: version(name) for name in VERSIONS} | {"python": platform.python_version()},
    }
    written = None if notebook is None else nbformat.writes(notebook).encode("utf-8", "backslashreplace")
    return Graded(json.dumps(result, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"), written)


def _choose(files: dict[str, bytes], instructor: NotebookNode) -> tuple[Rebuilt, list[str]]:
    """Rebuild the notebook that has the most answers; say so if there is a choice. Raises RebuildError."""
    if not files:
        raise RebuildError("The folder holds no notebook: ask for the .ipynb file.")
    rebuilt, errors = {}, []
    for name, content in files.items():
        try:
            rebuilt[name] = rebuild(read_submission(content), instructor)
        except RebuildError as error:
            errors.append(error if len(files) == 1 else RebuildError(f"{name}: {error}"))
    if not rebuilt:
        raise errors[0]
    chosen = min(rebuilt, key=lambda name: len(rebuilt[name].unanswered))
    others = [name for name in files if name != chosen]
    note = f"Several notebooks were handed in; {chosen} has the most answers and is graded, not: {', '.join(others)}."
    return rebuilt[chosen], [note] if others else []


def _result(rebuilt: Rebuilt, ran: list[Ran]) -> dict[str, Any]:
    """Return status, points, and what became of each check and open question."""
    notebook = rebuilt.notebook
    by_name = {cell.name: cell for cell in ran}
    checks, questions = [], []
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if not mark.get("grade"):
            continue
        if mark.solution:
            points = 0.0 if mark.grade_id in rebuilt.unanswered else None
            verdict = Verdict(mark.grade_id, points, mark.points, "", by_hand=True)
            questions.append(asdict(verdict) | {"answer": sha256(cell.source.encode()).hexdigest()})
        else:
            check = by_name[mark.grade_id]
            verdict = Verdict(mark.grade_id, _points(cell, check), mark.points, message_of(cell), by_hand=False)
            checks.append(asdict(verdict) | {"seconds": check.seconds, "seed": check.seed})
    happened = [f"{cell.name} {HAPPENED[cell.ended]}" for cell in ran if not cell.is_whole]
    return {
        "status": "partial" if happened else "graded",
        "reason": "; ".join(happened),
        "lang": notebook.metadata.gradus.lang,
        "points": sum(check["points"] for check in checks),
        "maximum": sum(check["maximum"] for check in checks),
        "checks": checks,
        "open": questions,
        "unanswered": rebuilt.unanswered,
        "cells": {cell.name: cell.seconds for cell in ran},
    }


def _points(cell: NotebookNode, check: Ran) -> float:
    if check.ended != "ok":
        return 0.0
    partial = partial_credit(cell)
    return float(cell.metadata.nbgrader.points) if partial is None else partial
