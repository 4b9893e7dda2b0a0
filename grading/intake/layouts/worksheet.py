"""Moodle's grading worksheet: which participant number is whose, who is in which group, and when each handed in."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grading.course.tables import Row, Table, TableError, plain, read_table
from grading.intake.headers import EMAIL, GROUP, HANDED_IN, NAME, NUMBER, STUDENT_ID, is_known
from grading.intake.layouts.platforms import BLIND, Claim, Owner
from grading.intake.layouts.times import read_time
from grading.intake.names import joined, spellings

# How a participant is numbered: other lists have ids of letters and digits in columns of these names.
NUMBERED = re.compile(rf"(?i)(?:teilnehm\D*|{'|'.join(map(re.escape, BLIND))})\s*\d+")


@dataclass(frozen=True)
class Participant:
    """One line: Moodle's number of a participant, what it says of the person, and when the work was handed in."""

    line: int
    number: str
    name: str = ""
    email: str = ""
    student_id: str = ""
    group: str = ""
    time: datetime | None = None


def is_worksheet(table: Table) -> bool:
    """Whether a table numbers participants, as Moodle's worksheets do and GitHub's rosters do not."""
    column = _column(table, NUMBER)
    if column is None:
        return False
    return any(NUMBERED.fullmatch(row.cells.get(column, "")) for row in table.rows[:1])


def participants_of(table: Table) -> dict[str, Participant]:
    """Return the participants of a worksheet, by number."""
    number, name, email = (_column(table, names) for names in (NUMBER, NAME, EMAIL))
    student_id, group = _column(table, STUDENT_ID), _column(table, GROUP)
    time = next((header for header in table.header if HANDED_IN.match(plain(header))), None)
    found = {}
    for row in table.rows:
        if digits := re.search(r"\d+$", _cell(row, number)):
            found[digits[0]] = Participant(
                row.line,
                digits[0],
                _cell(row, name),
                _cell(row, email),
                _cell(row, student_id),
                _cell(row, group),
                read_time(_cell(row, time)),
            )
    return found


class Worksheet:
    """The participants of one assignment."""

    def __init__(self, path: Path):
        """Read a worksheet. Raises TableError."""
        table = read_table(path, is_known)
        if not is_worksheet(table):
            raise TableError(
                f"{path.name} is no grading worksheet of Moodle: its first column would be Identifier, Identifiant or "
                "ID. In the assignment, choose Download grading worksheet."
            )
        self.name = path.name
        self.participants = participants_of(table)
        self._names = Counter(joined(one.name) for one in self.participants.values())
        self._groups: dict[str, list[Participant]] = {}
        for one in self.participants.values():
            if one.group:
                self._groups.setdefault(joined(one.group), []).append(one)

    def knows(self, claim: Claim) -> bool:
        """Whether a participant or a group of this assignment handed in."""
        return any(self._members(owner) for owner in claim.owners)

    def told(self, claim: Claim) -> Claim:
        """Return a claim with what the worksheet says of its owners: a group's members stand in its place."""
        members = [one for owner in claim.owners for one in self._members(owner)]
        if not members:
            return claim
        owners = tuple(self._owner(one, claim.owners[0]) for one in members)
        time = max((one.time for one in members if one.time), default=None)
        return replace(claim, owners=owners, time=time, called=None if len(owners) > 1 else claim.owners[0])

    def _members(self, owner: Owner) -> list[Participant]:
        number = owner.keys.get("moodle", "")
        one = self.participants.get(number)
        if one and (owner.is_hidden or not one.name or spellings(owner.name) & spellings(one.name)):
            return [one]
        return self._groups.get(joined(owner.name), [])

    def _owner(self, one: Participant, claimed: Owner) -> Owner:
        keys = {"moodle": one.number, "email": one.email, "sid": one.student_id}
        name = one.name or ("" if claimed.is_hidden else claimed.name)
        is_listed = bool(one.name) and self._names[joined(one.name)] == 1
        kept = {kind: key for kind, key in keys.items() if key}
        return Owner(name or claimed.name, kept, is_hidden=not name, is_listed=is_listed)


def _column(table: Table, names: tuple[str, ...]) -> str | None:
    return next((header for header in table.header if plain(header) in names), None)


def _cell(row: Row, column: str | None) -> str:
    return row.cells.get(column, "") if column else ""
