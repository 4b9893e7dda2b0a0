"""The main job on embedded data: a made-up class, damaged files among it, is graded, and a table shows who did what."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from grading.cli.tables import show_class
from grading.course.secret import VARIABLE, in_environment
from grading.results.model import Result

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

    show_class(stage, outcomes, console)
    expected = {student.name: cohort.expected(student, text) for student in students}
    astray = [outcome.student for outcome in outcomes if not _agrees(outcome.result, expected[outcome.student])]
    console.print(f"Not as the answer bank says: {', '.join(astray)}" if astray else "Each is as the answer bank says.")
    console.print(f"Feedback pages:  {folder / 'feedback'}/<student>/{stage}/{stage}.html")
    console.print(f"Results, graded notebooks: {folder / 'autograded'}/<student>/{stage}/")
    console.print(f"Students' notebooks: {course / 'notebooks' / lang}")


def _agrees(result: Result, expected: Mapping[str, Any]) -> bool:
    failed = sorted(check.name for check in result.checks if not check.holds)
    points = result.points if result.has_points else None
    return {"status": result.status, "points": points, "fails": failed}.items() <= expected.items()
