"""The main job on embedded data: a made-up class, damaged files among it, is graded, and a table shows who did what."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grading.course.secret import VARIABLE, in_environment
from grading.results.model import CheckResult, Failure, Result
from grading.results.wording import remarks_of

SIZE = 12
SEED = 5
SECRET = "demo"  # the same class earns the same points each time


def run(course: Path, stage: str, lang: str, console: Console) -> None:
    """Build the notebooks, grade a class under demo/, write its feedback pages and print the table of results."""
    with console.status("Building the notebooks"):
        from grading.authoring.build import build
        from grading.authoring.source import read_stage
        from grading.engine.pool import local_workers
        from grading.pages.feedback import feedback
        from grading.records import grade
        from grading.rehearsal import cohort

        build(course)
        folder = course / "demo"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(course / "source" / stage, folder / "source" / stage)
        shutil.copy(course / "nbgrader_config.py", folder)
        text = read_stage(course, stage)
        students = cohort.make_class(course, text, SIZE, SEED)
        cohort.write_submissions(course / "notebooks" / lang / f"{stage}.ipynb", students, folder / "submitted")

    jobs = os.cpu_count() or 1
    with in_environment(os.environ.get(VARIABLE) or SECRET):
        outcomes = grade.grade(folder, stage, console, local_workers(jobs), jobs)
    feedback(folder, stage, console)

    table = Table("student", "score", "status", "what was wrong", title=f"{stage}: a class of {SIZE}")
    for outcome in outcomes:
        table.add_row(*map(escape, (outcome.student, _score(outcome.result), outcome.status, _wrong(outcome.result))))
    console.print(table)
    expected = {student.name: cohort.expected(student, text) for student in students}
    astray = [outcome.student for outcome in outcomes if not _agrees(outcome.result, expected[outcome.student])]
    console.print(f"Not as the answer bank says: {', '.join(astray)}" if astray else "Each is as the answer bank says.")
    console.print(f"Feedback pages:  {folder / 'feedback'}/<student>/{stage}/{stage}.html")
    console.print(f"Results, graded notebooks: {folder / 'autograded'}/<student>/{stage}/")
    console.print(f"Students' notebooks: {course / 'notebooks' / lang}")


def _score(result: Result) -> str:
    """Return the share of the checks' points; open questions wait for a marker."""
    return f"{100 * result.points / result.maximum:.0f} %" if result.has_points else "–"


def _agrees(result: Result, expected: Mapping[str, Any]) -> bool:
    failed = sorted(check.name for check in result.checks if not check.holds)
    points = result.points if result.has_points else None
    return {"status": result.status, "points": points, "fails": failed}.items() <= expected.items()


def _wrong(result: Result) -> str:
    """Return what happened to the file, and a line per failed check; what was never written makes one line together."""
    failed = [check for check in result.checks if not check.holds]
    blank = [check.name for check in failed if check.failure is Failure.UNWRITTEN]
    lines = remarks_of(result)
    lines += [f"{check.name}: {_short(check)}" for check in failed if check.failure is not Failure.UNWRITTEN]
    if blank:
        more = f" and {len(blank) - 3} more" if len(blank) > 3 else ""
        lines.append(f"not written: {', '.join(blank[:3])}{more}")
    return "\n".join(lines)


def _short(check: CheckResult) -> str:
    """Return a check's sentence in one line; of a traceback the last line, which says what was raised."""
    lines = check.message.splitlines()
    return " ".join(" ".join(lines[-1:] if check.failure is Failure.RAISED else lines).split())
