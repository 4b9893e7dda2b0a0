"""The main job on embedded data: a made-up class, damaged files among it, is graded as a real one."""

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.authoring.build import build
from grading.authoring.source import read_stage
from grading.course.secret import VARIABLE, in_environment
from grading.engine.pool import local_workers
from grading.pages.feedback import feedback
from grading.records.grade import Outcome, grade
from grading.rehearsal import cohort
from grading.results.model import Result

SIZE = 12
SEED = 5
SECRET = "demo"  # the same class earns the same points each time


@dataclass(frozen=True)
class Demo:
    """A made-up class in a folder of its own, and what grading must find."""

    folder: Path
    stage: str
    expected: Mapping[str, Mapping[str, Any]]

    def astray(self, outcomes: Iterable[Outcome]) -> list[str]:
        """Return the students of whom grading found something else."""
        return [outcome.student for outcome in outcomes if not _agrees(outcome.result, self.expected[outcome.student])]


def prepare(course: Path, stage: str, lang: str) -> Demo:
    """Build the notebooks, and write a class's work under demo/."""
    build(course)
    folder = course / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(course / "source" / stage, folder / "source" / stage)
    shutil.copy(course / "nbgrader_config.py", folder)
    text = read_stage(course, stage)
    students = cohort.make_class(course, text, SIZE, SEED)
    cohort.write_submissions(course / "notebooks" / lang / f"{stage}.ipynb", students, folder / "submitted")
    return Demo(folder, stage, {student.name: cohort.expected(student, text) for student in students})


def run(demo: Demo, report: Callable[[int, int], None] = lambda done, total: None) -> list[Outcome]:
    """Grade the class and write its feedback pages. report: hears how many are graded, of how many."""
    jobs = os.cpu_count() or 1
    with in_environment(os.environ.get(VARIABLE) or SECRET):
        outcomes = grade(demo.folder, demo.stage, local_workers(jobs), jobs, report=report)
    feedback(demo.folder, demo.stage)
    return outcomes


def _agrees(result: Result, expected: Mapping[str, Any]) -> bool:
    failed = sorted(check.name for check in result.checks if not check.holds)
    points = result.points if result.has_points else None
    return {"status": result.status, "points": points, "fails": failed}.items() <= expected.items()
