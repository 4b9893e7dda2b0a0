"""A made-up class: submissions of a stage drawn from its answer bank, from a seed."""

import copy
import random
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.answers import Answer, read_bank
from grading.source import Stage

NAMES = (
    "ada", "alan", "barbara", "blaise", "carl", "david", "edsger", "emmy", "frances", "geoffrey", "grace", "hedy",
    "henri", "john", "katherine", "kurt", "margaret", "marie", "norbert", "pierre", "rosalind", "sophie", "srinivasa",
    "yann",
)  # fmt: skip


@dataclass(frozen=True)
class Student:
    """One made-up student: the name, the answers from the bank, and what each check should give.

    answers: one per exercise, () for a notebook handed in untouched.
    """

    name: str
    answers: tuple[Answer, ...]

    @property
    def fails(self) -> set[str]:
        """The checks that the answers must fail."""
        return {name for answer in self.answers for name in answer.fails}


def solution_answers(stage: Stage) -> dict[str, Answer]:
    """Return the stage's own solution to each exercise, by its name."""
    return {cell.name: Answer(cell.name, cell.source, (), "", cell.line) for cell in stage.of_kind("answer")}


def make_class(course: Path, stage: Stage, size: int, seed: int) -> list[Student]:
    """Draw a class: the first student right throughout, the last with nothing done, the others with 0 to 4 mistakes."""
    draw = random.Random(seed)
    solutions, bank = solution_answers(stage), read_bank(course, stage)
    right = {name: [solutions[name], *(a for a in bank if a.right and a.exercise == name)] for name in solutions}
    wrong = {name: [a for a in bank if not a.right and a.exercise == name] for name in solutions}
    students = []
    for position in range(size):
        again, which = divmod(position, len(NAMES))
        name = f"{NAMES[which]}{again or ''}"
        answers = {exercise: draw.choice(options) for exercise, options in right.items()}
        if position > 0:
            mistaken = [exercise for exercise in solutions if wrong[exercise]]
            for exercise in draw.sample(mistaken, min(len(mistaken), draw.choice((0, 1, 1, 2, 3, 4)))):
                answers[exercise] = draw.choice(wrong[exercise])
        blank = size > 1 and position == size - 1
        students.append(Student(name, () if blank else tuple(answers.values())))
    return students


def submission(release: NotebookNode, answers: tuple[Answer, ...]) -> NotebookNode:
    """Return a copy of the released notebook with these answers filled in."""
    notebook = copy.deepcopy(release)
    sources = {answer.exercise: answer.source for answer in answers}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in sources:
            cell.source = sources[name]
    return notebook


def write_submissions(release: Path, students: list[Student], submitted: Path) -> None:
    """Write each student's notebook to submitted/<student>/<stage>/<stage>.ipynb."""
    notebook = nbformat.read(release, as_version=4)
    for student in students:
        path = submitted / student.name / release.stem / release.name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(submission(notebook, student.answers), path)
