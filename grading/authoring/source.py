"""The authors' texts, read stage by stage, with every mistake in them."""

from pathlib import Path

from grading.authoring.cells import Stage, read_cells
from grading.authoring.problems import Problem, SourceError
from grading.authoring.rules import mistakes
from grading.authoring.syllabus import Syllabus, read_syllabus
from grading.course.stages import stage_names


def read_stages(course: Path) -> list[Stage]:
    """Read every stage's text. Raises SourceError with all mistakes of all stages."""
    stages, problems = [], []
    syllabus = read_syllabus(course)
    for name in stage_names(course):
        try:
            stages.append(read_stage(course, name, syllabus))
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)
    return stages


def read_stage(course: Path, name: str, syllabus: Syllabus | None = None) -> Stage:
    """Read one stage's text and check it. Raises SourceError."""
    syllabus = read_syllabus(course) if syllabus is None else syllabus
    path = Path("source") / name / f"{name}.py"
    stage = Stage(name, path, tuple(read_cells(course, path)))
    known = {known_id for row in syllabus[name][1] for known_id in row.ids} if name in syllabus else set()
    problems = [Problem(path, cell.line, sentence) for cell, sentence in mistakes(stage, known)]
    if problems:
        raise SourceError(sorted(problems, key=lambda problem: problem.line))
    return stage
