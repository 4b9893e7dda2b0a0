"""A made-up class: submissions of a stage drawn from its answer bank, damaged as real ones are, from a seed."""

import copy
import itertools
import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.authoring.bank import Answer, read_bank
from grading.authoring.cells import Stage
from grading.course.release import BEGIN, END
from grading.rehearsal import cell_damages, file_damages
from grading.rehearsal.damages import Files, whole
from grading.syntax.names import defined_names, last_used, used_names

DAMAGES = cell_damages.DAMAGES | file_damages.DAMAGES
NAMES = (
    "ada", "alan", "barbara", "blaise", "carl", "david", "edsger", "emmy", "frances", "geoffrey", "grace", "hedy",
    "henri", "john", "katherine", "kurt", "margaret", "marie", "norbert", "pierre", "rosalind", "sophie", "srinivasa",
    "yann",
)  # fmt: skip
# Which part of a class hands in a damaged file, leaves the last exercises blank, writes nothing.
DAMAGED, UNFINISHED, UNTOUCHED = 0.1, 0.08, 0.03
# In the place of an answer: Python itself ends when a check calls it.
EXIT = "import os\n\ndef {name}(*args):\n    os._exit(1)"


class CohortError(Exception):
    """The class cannot be written; the sentence says why."""


@dataclass(frozen=True)
class Student:
    """One made-up student: the name, the answers handed in, and the name of the damage done to the file, if any.

    answers: at most one per exercise; the others are left as released, all of them where it is ().
    """

    name: str
    answers: tuple[Answer, ...]
    damage: str | None = None

    @property
    def fails(self) -> set[str]:
        """The checks that the answers must fail."""
        return {name for answer in self.answers for name in answer.fails}


def solution_answers(stage: Stage) -> dict[str, Answer]:
    """Return the stage's own solution to each exercise, by its name."""
    return {
        cell.name: Answer(cell.name, _without_marks(cell.source), (), "", cell.line) for cell in stage.of_kind("answer")
    }


def make_class(course: Path, stage: Stage, size: int, seed: int, damaged: bool = True) -> list[Student]:
    """Draw a class: the first student right throughout, the last with nothing done, the others as students are.

    Most have 0 to 4 mistakes; some leave the last exercises blank, a few write nothing, and, if `damaged`, one in ten
    hands in a file that needs mending or cannot be graded.
    """
    draw = random.Random(seed)
    solutions, bank = solution_answers(stage), read_bank(course, stage)
    right = {name: [solutions[name], *(a for a in bank if a.right and a.exercise == name)] for name in solutions}
    wrong = {name: [a for a in bank if not a.right and a.exercise == name] for name in solutions}
    damages = draw.sample(list(DAMAGES), len(DAMAGES))
    damage_of = dict(zip(_some(draw, size, DAMAGED), itertools.cycle(damages), strict=False)) if damaged else {}
    others = [position for position in range(1, size - 1) if position not in damage_of]
    unfinished = set(draw.sample(others, min(len(others), round(UNFINISHED * size))))
    others = [position for position in others if position not in unfinished]
    untouched = {*draw.sample(others, min(len(others), round(UNTOUCHED * size))), *([size - 1] if size > 1 else [])}

    students = []
    for position in range(size):
        again, which = divmod(position, len(NAMES))
        name = f"{NAMES[which]}{again or ''}"
        answers = {exercise: draw.choice(options) for exercise, options in right.items()}
        if position > 0:
            mistaken = [exercise for exercise in solutions if wrong[exercise]]
            for exercise in draw.sample(mistaken, min(len(mistaken), draw.choice((0, 1, 1, 2, 3, 4)))):
                answers[exercise] = draw.choice(wrong[exercise])
        if position in unfinished:
            for exercise in list(answers)[-draw.randint(2, max(2, len(answers) // 3)) :]:
                del answers[exercise]
        if damage_of.get(position) == cell_damages.exiting.__name__:
            answers |= _exit_answer(stage, draw)
        if position in untouched:
            answers = {}
        students.append(Student(name, tuple(answers.values()), damage_of.get(position)))
    return students


def packed(course: Path, stage: Stage) -> list[Student]:
    """Make students who together hand in every answer of the bank, each at most one per exercise.

    A wrong answer costs its own checks only, so a student with one wrong answer to every exercise fails the union.
    """
    solutions, bank = solution_answers(stage), read_bank(course, stage)
    students = [Student("solution", tuple(solutions.values())), Student("untouched", ())]
    for verdict in ("right", "wrong"):
        columns = [
            [answer for answer in bank if answer.exercise == name and answer.right == (verdict == "right")]
            for name in solutions
        ]
        for i, row in enumerate(itertools.zip_longest(*columns)):
            answers = solutions | {answer.exercise: answer for answer in row if answer}
            students.append(Student(f"{verdict}{i}", tuple(answers.values())))
    return students


@cache
def checks_of(stage: Stage) -> dict[str, list[str]]:
    """Return the checks of each exercise, those that fail where it is left blank: the last answer that a check uses."""
    defined = {cell.name: defined_names(cell.source) for cell in stage.of_kind("answer")}
    checks: dict[str, list[str]] = {name: [] for name in defined}
    for check in stage.of_kind("check"):
        checks[last_used(check.source, defined)].append(check.name)
    return checks


def expected(student: Student, stage: Stage) -> dict[str, Any]:
    """Return what grading must find: status, points of the checks and their maximum, failed checks, damage.

    says: the code of the remark that the damage must earn, or of the reason why it cannot be graded.
    """
    points = {cell.name: cell.points for cell in stage.of_kind("check")}
    answered = {answer.exercise for answer in student.answers}
    fails = student.fails.union(*(names for exercise, names in checks_of(stage).items() if exercise not in answered))
    status = "partial" if student.damage == cell_damages.exiting.__name__ else "graded"
    partly = sum(answer.earns for answer in student.answers)
    got: float | None = partly + sum(points[name] for name in points.keys() - fails)
    damage = DAMAGES[student.damage] if student.damage else None
    if damage and damage.is_hopeless:
        status, got, fails = "ungradable", None, set()
    return {
        "status": status,
        "points": got,
        "maximum": sum(points.values()),
        "fails": sorted(fails),
        "damage": student.damage,
        "says": damage and damage.says,
    }


def submission(release: NotebookNode, answers: tuple[Answer, ...]) -> NotebookNode:
    """Return a copy of the released notebook with these answers filled in."""
    notebook = copy.deepcopy(release)
    sources = {answer.exercise: answer.source for answer in answers}
    for cell in notebook.cells:
        cell.source = sources.get(_grade_id(cell), cell.source)
    return notebook


def files_of(release: NotebookNode, student: Student) -> Files:
    """Return the files that a student hands in for the stage of this release, damage done."""
    make = DAMAGES[student.damage].make if student.damage else whole
    return make(submission(release, student.answers), random.Random(student.name))


def write_submissions(release: Path, students: list[Student], submitted: Path) -> None:
    """Write what each student hands in to submitted/<student>/<stage>/."""
    notebook = nbformat.read(release, as_version=4)
    for student in students:
        folder = submitted / student.name / release.stem
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files_of(notebook, student).items():
            (folder / name).write_bytes(content)


def write_cohort(course: Path, stage: Stage, size: int, seed: int, lang: str) -> Path:
    """Write a class to submitted/, and beside it the key of what grading must find; return the key's path.

    The same class may be written again. Raises CohortError, having written nothing, where other work lies there.
    """
    release, submitted = course / "notebooks" / lang / f"{stage.name}.ipynb", course / "submitted"
    if not release.exists():
        raise CohortError(f"There is no {release}: run `gradus build` first.")
    students = make_class(course, stage, size, seed)
    _refuse_others(release, students, submitted)
    write_submissions(release, students, submitted)
    key = submitted / f"{stage.name}_key.json"
    outcomes = {student.name: expected(student, stage) for student in students}
    key.write_text(json.dumps(outcomes, indent=1) + "\n", "utf-8")
    return key


def _refuse_others(release: Path, students: list[Student], submitted: Path) -> None:
    """Refuse where a folder of the stage is not of this class, or holds what this class would not write."""
    stage, notebook = release.stem, nbformat.read(release, as_version=4)
    by_name = {student.name: student for student in students}
    for folder in sorted(submitted.glob(f"*/{stage}")):
        student = by_name.get(folder.parent.name)
        ours = files_of(notebook, student) if student else {}
        paths = [folder] if student is None else [path for path in sorted(folder.rglob("*")) if path.is_file()]
        for path in paths:
            if path.is_dir() or path.read_bytes() != ours.get(str(path.relative_to(folder))):
                raise CohortError(
                    f"{path.relative_to(submitted.parent)} is not of this made-up class, which would mix with it: "
                    f"write the class in another copy of the course, or move the work of {stage} away first."
                )


def _some(draw: random.Random, size: int, share: float) -> list[int]:
    """Draw this share of the positions, in order; neither the first nor the last."""
    return sorted(draw.sample(range(1, max(1, size - 1)), min(max(0, size - 2), round(share * size))))


def _without_marks(source: str) -> str:
    """Return a solution without the lines that mark it for the build: no student writes these."""
    return "\n".join(line for line in source.splitlines() if line.strip() not in (BEGIN, END))


def _exit_answer(stage: Stage, draw: random.Random) -> dict[str, Answer]:
    """Return an answer that ends Python, to an exercise that only its own checks call."""
    checks, uses = checks_of(stage), {cell.name: used_names(cell.source) for cell in stage.of_kind("check")}
    exercise = draw.choice([e for e in checks if checks[e] == [name for name in uses if e in uses[name]]])
    return {exercise: Answer(exercise, EXIT.format(name=exercise), tuple(checks[exercise]), "", 0)}


def _grade_id(cell: NotebookNode) -> str:
    """Return the name of a cell that has one, else ""."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
