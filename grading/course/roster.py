"""The roster: who the students of a course are, in a table that a spreadsheet can edit."""

import csv
import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grading.course.files import write_atomically
from grading.course.tables import Row, Table, TableError, read_table

ROSTER = "roster.csv"
COLUMNS = ("id", "given", "family", "email", "keys", "aliases")
SEPARATOR = "; "  # between the keys, and between the aliases, of one person
MAX_NAME = 200  # bytes of what names a folder


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

    @property
    def row(self) -> list[str]:
        """The cells of tables with the columns id, given and family."""
        return [self.id, self.given, self.family]

    @property
    def label(self) -> str:
        """The name with the id behind it, the id alone where there is no name."""
        return self.id if self.name == self.id else f"{self.name} · {self.id}"


def read_roster(course: Path) -> dict[str, Person]:
    """Read roster.csv, however a spreadsheet saved it: students by id, none where there is none. Raises RosterError.

    An id that has lost zeros in front is as the student's folder in submitted/ is called.
    """
    people: dict[str, Person] = {}
    rows = _rows(course)
    whole = _whole(course, rows)
    for row in rows:
        named = {column: row.cells.get(column, "") for column in COLUMNS}
        keys, aliases = keys_in(named["keys"]), aliases_in(named["aliases"])
        where, student = f"{ROSTER}, line {row.line}", named["id"]
        if not student:
            raise RosterError(f"{where}: there is no id; give this person one, or delete the line.")
        if student in people:
            raise RosterError(f"{where}: the id {student} is there twice; each person has one of their own.")
        if not may_name_folders(student):
            raise RosterError(f"{where}: the id {student!r} cannot name a folder; use letters, digits, - . _ @ only.")
        student = whole.get(student, student)
        people[student] = Person(student, named["given"], named["family"], named["email"], keys, aliases)
    return people


def write_roster(course: Path, people: Iterable[Person]) -> None:
    """Write roster.csv, by family name; its separator and the columns that others added stay. Raises RosterError."""
    former, whole = _table(course), lost_zeros(course)
    others = [column for column in former.header if column and column not in COLUMNS] if former else []
    added = {
        whole.get(student, student): [row.cells.get(column, "") for column in others]
        for row in _rows(course)
        if (student := row.cells.get("id", ""))
    }
    text = io.StringIO()
    table = csv.writer(text, delimiter=former.separator if former else ",")
    table.writerow([*COLUMNS, *others])
    for one in sorted(people, key=lambda one: (one.family.casefold(), one.given.casefold(), one.id)):
        keys = SEPARATOR.join(f"{kind}={key}" for kind, key in one.keys.items())
        cells = [one.id, one.given, one.family, one.email, keys, SEPARATOR.join(one.aliases)]
        table.writerow(cells + added.get(one.id, [""] * len(others)))
    write_atomically(course / ROSTER, text.getvalue().encode("utf-8-sig"))


def lost_zeros(course: Path) -> dict[str, str]:
    """Return ids that lost zeros in front when a spreadsheet saved the roster, and what they were. Raises RosterError.

    A student's folder in submitted/ tells, if there is one that may be meant.
    """
    return _whole(course, _rows(course))


def keys_in(cell: str) -> dict[str, str]:
    """Return the keys that a cell of a roster holds, by platform."""
    keys = dict(part.split("=", 1) for part in cell.split(SEPARATOR.strip()) if "=" in part)
    return {kind.strip(): key.strip() for kind, key in keys.items()}


def aliases_in(cell: str) -> tuple[str, ...]:
    """Return the aliases that a cell of a roster holds."""
    return tuple(part.strip() for part in cell.split(SEPARATOR.strip()) if part.strip())


def may_name_folders(student: str) -> bool:
    """Whether an id can name a student's folder."""
    is_bare = student == student.strip(". ") and len(student.encode("utf-8", "replace")) <= MAX_NAME
    return bool(student) and is_bare and all(map(is_harmless, student))


def is_harmless(letter: str) -> bool:
    """Whether a letter of any script, a mark or a sign has no meaning to paths, nbgrader's patterns and its lists."""
    return unicodedata.category(letter)[0] in "LMN" or letter in " _.@'+-"


def _whole(course: Path, rows: Iterable[Row]) -> dict[str, str]:
    ids = {row.cells.get("id", "") for row in rows}
    folders = {path.name for path in (course / "submitted").glob("0*/") if path.name.isdecimal()} - ids
    found = {student: [name for name in folders if name.lstrip("0") == student] for student in ids}
    return {
        student: names[0]
        for student, names in found.items()
        if len(names) == 1 and not (course / "submitted" / student).exists()
    }


def _table(course: Path) -> Table | None:
    """Read the roster as a table, None where there is none. Raises RosterError."""
    path = course / ROSTER
    if not path.is_file() or not path.stat().st_size:
        return None
    try:
        table = read_table(path)
    except TableError as error:
        raise RosterError(str(error)) from None
    if "id" not in table.header:
        raise RosterError(f"{ROSTER} has no column id: give it back the header {','.join(COLUMNS)}.")
    return table


def _rows(course: Path) -> tuple[Row, ...]:
    table = _table(course)
    return table.rows if table else ()
