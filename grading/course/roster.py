"""The roster: who the students of a course are, in a table that a spreadsheet can edit."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grading.course.files import write_atomically

ROSTER = "roster.csv"
COLUMNS = ("id", "given", "family", "email", "keys", "aliases")
SEPARATOR = "; "  # between the keys, and between the aliases, of one person


class RosterError(Exception):
    """The roster cannot be read; the sentence says which line, and what to do."""


@dataclass(frozen=True)
class Person:
    """One student: the one id that names folders and the gradebook, the person's names and email.

    keys: what learning platforms call the person, by platform: {"moodle": "1234", "login": "ada"}.
    aliases: other names under which files of this person came.
    """

    id: str
    given: str = ""
    family: str = ""
    email: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name as people read it, else the id."""
        return f"{self.given} {self.family}".strip() or self.id


def read_roster(course: Path) -> dict[str, Person]:
    """Read roster.csv: the students by id, none where there is no roster. Raises RosterError."""
    path = course / ROSTER
    if not path.is_file():
        return {}
    people: dict[str, Person] = {}
    for line, row in enumerate(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))), start=2):
        named = {column: (row.get(column) or "").strip() for column in COLUMNS}
        keys = dict(part.split("=", 1) for part in named["keys"].split(SEPARATOR.strip()) if "=" in part)
        keys = {kind.strip(): key.strip() for kind, key in keys.items()}
        aliases = tuple(part.strip() for part in named["aliases"].split(SEPARATOR.strip()) if part.strip())
        if not named["id"]:
            raise RosterError(f"{ROSTER}, line {line}: there is no id; give this person one, or delete the line.")
        if named["id"] in people:
            raise RosterError(
                f"{ROSTER}, line {line}: the id {named['id']} is there twice; each person has one of their own."
            )
        people[named["id"]] = Person(named["id"], named["given"], named["family"], named["email"], keys, aliases)
    return people


def write_roster(course: Path, people: Iterable[Person]) -> None:
    """Write roster.csv, by family name, as spreadsheets read it."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for one in sorted(people, key=lambda one: (one.family.casefold(), one.given.casefold(), one.id)):
        keys = SEPARATOR.join(f"{kind}={key}" for kind, key in one.keys.items())
        table.writerow([one.id, one.given, one.family, one.email, keys, SEPARATOR.join(one.aliases)])
    write_atomically(course / ROSTER, text.getvalue().encode("utf-8-sig"))
