"""Whose row of a learning platform's table is whose: by what was collected, by the roster, else by name."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grading.course.origin import read_origin
from grading.course.roster import Person
from grading.course.stages import stage_names
from grading.intake.layouts.platforms import Owner
from grading.intake.names import stage_in
from grading.intake.owners import NAME
from grading.intake.people import By, People
from grading.records.standing import Standing
from grading.returns.sheet import ReturnError, Sheet

FITTING = 0.5  # of the rows must be of our students: else it is another class's table
NUMBER = "moodle"  # the kind of key that each assignment numbers anew


@dataclass(frozen=True)
class Entry:
    """A row that stands for a person: its place, its line in the file, and what it says of the person."""

    row: int
    line: int
    owner: Owner


@dataclass(frozen=True)
class Placed:
    """Whose rows are whose: the students by row, and the lines and names of rows that are nobody's, or two people's."""

    students: Mapping[int, str]
    strangers: tuple[str, ...]


def place(
    course: Path, stage: str, sheet: Sheet, entries: Sequence[Entry], standings: Mapping[str, Standing]
) -> Placed:
    """Find whose each row is. Raises ReturnError where the table is of another assignment or another class."""
    stages = stage_names(course)
    named = stage_in(Path(sheet.name).stem, stages)
    if named and re.sub("[ -]", "_", named["stage"].lower()) != stage.lower():
        raise ReturnError(f"{sheet.name} is of {named['stage']}, not of {stage}: give the table of this assignment.")
    origins = {student: read_origin(course / "submitted" / student / stage) for student in standings}
    collected: dict[tuple[str, str], set[str]] = defaultdict(set)
    for student, origin in origins.items():
        for pair in origin.keys.items():
            collected[pair].add(student)
    numbers = {key for kind, key in collected if kind == NUMBER}
    theirs = {entry.owner.keys[NUMBER] for entry in entries if NUMBER in entry.owner.keys}
    if numbers and theirs and not numbers & theirs:
        raise ReturnError(
            f"{sheet.name} is of another assignment: it has none of the participant numbers under which {stage} was "
            "handed in. Download the worksheet of this assignment."
        )
    known = {student: _person(standing, origins[student].keys.get(NAME, "")) for student, standing in standings.items()}
    people = People(known, stages)
    covered = people.covered(entry.owner for entry in entries)
    found = {entry.row: _student(entry.owner, collected, people, covered) for entry in entries}
    rows = Counter(student for student in found.values() if student)
    students = {row: student for row, student in found.items() if student and rows[student] == 1}
    if len(students) < FITTING * len(entries) or not students:
        raise ReturnError(
            f"{sheet.name} has {len(entries)} students, and {len(students)} of them are known here: give the table of "
            "this course, or read it with `gradus roster` first."
        )
    strangers = tuple(f"line {one.line}: {one.owner.label}" for one in entries if one.row not in students)
    return Placed(students, strangers)


def _person(standing: Standing, called: str) -> Person:
    """Return a student as the roster does, else under the name that the platform gave when the work was collected."""
    person = standing.person
    return person if person.name != person.id else replace(person, family=called or person.id)


def _student(
    owner: Owner, collected: Mapping[tuple[str, str], set[str]], people: People, covered: frozenset[str]
) -> str | None:
    """Return whose row it is: what was collected under its number tells, unless the roster says otherwise."""
    match = people.of_owner(owner, covered)
    for pair in owner.keys.items():
        students = collected.get(pair, set())
        if len(students) == 1:
            return None if match.by is By.KEY and not match.ids >= students else next(iter(students))
    return match.student
