"""The answer bank: right and wrong answers to each exercise of a stage, each with its expected verdict."""

from dataclasses import dataclass
from pathlib import Path

from grading.authoring.cells import Stage, numbered_cells


@dataclass(frozen=True)
class Answer:
    """One answer to one exercise.

    exercise: the grade_id of the answer cell. source: what the student wrote there.
    fails: the checks that it must fail, () for a right answer. says: a phrase that one of their messages must contain.
    line: where the answer starts in the bank, from 1. earns: the points that these checks give all the same.
    unseen: why no visible check can fail it.
    """

    exercise: str
    source: str
    fails: tuple[str, ...]
    says: str
    line: int
    earns: float = 0
    unseen: str = ""

    @property
    def right(self) -> bool:
        """Whether every check must pass."""
        return not self.fails


def read_bank(course: Path, stage: Stage) -> list[Answer]:
    """Read data/answers/<stage>.py.

    Raises ValueError, naming file and line, where an answer has no verdict or names an exercise or a check that the
    stage does not have, and SourceError where the bank cannot be read into cells.
    """
    path = Path("data/answers") / f"{stage.name}.py"
    exercises = {cell.name for cell in stage.of_kind("answer")}
    checks = {cell.name for cell in stage.of_kind("check")}
    answers = []
    for line, cell in numbered_cells(course, path):
        if cell.cell_type == "markdown":
            continue
        marks = cell.metadata
        exercise = marks.get("right") or marks.get("wrong")
        fails, says = tuple(marks.get("fails", ())), marks.get("says", "")
        if exercise not in exercises:
            raise ValueError(f"{path}:{line}: {stage.name} has no exercise {exercise}")
        if not set(fails) <= checks:
            raise ValueError(f"{path}:{line}: {stage.name} has no check {', '.join(set(fails) - checks)}")
        if ("wrong" in marks) != bool(fails and says):
            raise ValueError(f'{path}:{line}: a wrong answer needs fails=[…] and says="…", a right one neither')
        earns, unseen = marks.get("earns", 0), marks.get("unseen", "")
        answers.append(Answer(exercise, cell.source, fails, says, line, earns, unseen))
    return answers
