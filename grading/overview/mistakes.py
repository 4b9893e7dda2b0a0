"""Mistakes by their sentence: who was told what, whatever numbers stood in it and in whatever language it was said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grading.overview.exercises import Exercise
from grading.overview.gathering import Class, failed
from grading.overview.sentences import Said, read_sentences
from grading.records.executed import read_executed, sources_in
from grading.results.model import CheckResult, Failure
from grading.results.wording import one_line

MAX_NOTEBOOK = 64 * 2**20


@dataclass
class Mistake:
    """One sentence, and who was told it. checks: that said so. example: whose answer shows it best."""

    said: Said
    checks: list[str] = field(default_factory=list)
    students: set[str] = field(default_factory=set)
    is_raised: bool = False
    example: str = ""


@dataclass
class ExerciseMistakes:
    """What went wrong in one exercise, the commonest first. blank: who did not write it."""

    exercise: Exercise
    mistakes: list[Mistake]
    blank: set[str]


def mistakes_of(group: Class) -> list[ExerciseMistakes]:
    """Return what checks said, by exercise, in the order of the notebook; of exercises in which something was said."""
    found: dict[str, dict[str, Mistake]] = {}
    blank: dict[str, set[str]] = {}
    for student, standing in group.graded.items():
        for check in failed(standing):
            exercise = group.cells.of_check.get(check.name, "")
            if check.failure is Failure.UNWRITTEN:
                blank.setdefault(exercise, set()).add(student)
                continue
            for said in said_by(check):
                mistake = found.setdefault(exercise, {}).setdefault(said.masked(str), Mistake(said))
                mistake.students.add(student)
                mistake.is_raised |= check.failure is Failure.RAISED and not said.is_known
                if check.name not in mistake.checks:
                    mistake.checks.append(check.name)
    points = {student: standing.result.points for student, standing in group.graded.items()}
    listed = []
    for name in dict.fromkeys([*group.cells.exercises, *found, *blank]):
        if name not in found and name not in blank:
            continue
        mistakes = sorted(found.get(name, {}).values(), key=lambda one: (-len(one.students), one.said.masked()))
        for one in mistakes:
            one.example = max(sorted(one.students), key=points.__getitem__)
        listed.append(
            ExerciseMistakes(group.cells.exercises.get(name, Exercise(name, {})), mistakes, blank.get(name, set()))
        )
    return listed


def said_by(check: CheckResult) -> list[Said]:
    """Return what a check that failed said, taken apart; of an exception its last line."""
    return read_sentences(one_line(check) if check.failure is Failure.RAISED else check.message)


def answers_of(course: Path, student: str, stage: str, names: Iterable[str]) -> dict[str, str]:
    """Return what a student wrote in these answers, as it was graded; nothing where that cannot be read."""
    try:
        return sources_in(read_executed(course, student, stage, MAX_NOTEBOOK), set(names))
    except (OSError, ValueError):
        return {}


def examples(course: Path, group: Class, listed: Iterable[ExerciseMistakes]) -> Mapping[tuple[str, str], str]:
    """Return the answers that show mistakes, by student and exercise; each notebook is read once."""
    wanted: dict[str, set[str]] = {}
    for one in listed:
        for mistake in one.mistakes:
            wanted.setdefault(mistake.example, set()).add(one.exercise.name)
    found = {}
    for student, names in wanted.items():
        for name, source in answers_of(course, student, group.stage, names).items():
            found[student, name] = source
    return found
