"""Lists of a class, as platforms and people export them: read, whatever their columns are called."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grading.course.roster import RosterError, aliases_in, keys_in
from grading.course.tables import Row, Table, plain, read_table
from grading.intake.headers import EMAIL, HEADERS, NAME, NAMES, NUMBER, STUDENT_ID, is_known
from grading.intake.layouts.worksheet import Participant, is_worksheet, participants_of
from grading.intake.names import exact
from grading.intake.people import EMAIL as AN_EMAIL

OURS, WORKSHEET, CANVAS = "a roster of Gradus", "Moodle's grading worksheet", "Canvas's gradebook"
GITHUB, NBGRADER, OTHER = "GitHub Classroom's roster", "nbgrader's students", "a list of a class"
PARTICIPANTS, BRIGHTSPACE = "Moodle's participants", "Brightspace's grades"


@dataclass(frozen=True)
class Entry:
    """What one line says of a person. ids: student numbers and logins, the best first."""

    line: int
    ids: tuple[str, ...] = ()
    given: str = ""
    family: str = ""
    email: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The full name."""
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True)
class ClassList:
    """What a file was recognised as, how it is written, the people in it, and which of its columns tell of them."""

    file: str
    kind: str
    separator: str
    encoding: str
    entries: tuple[Entry, ...]
    used: tuple[str, ...]
    ignored: tuple[str, ...]


def read_classlist(path: Path) -> ClassList:
    """Read a list of a class. Raises RosterError, and TableError for what is no table."""
    table = read_table(path, is_known)
    kind = _kind(table)
    used: set[str] = set()
    entries = tuple(_entries(table, kind, used))
    if not any(entry.ids or entry.email or entry.name for entry in entries):
        if not table.rows:
            raise RosterError(f"{table.name} has nobody below its header: export it again.")
        raise RosterError(
            f"{table.name} has no column that names people (it has {', '.join(filter(None, table.header))}): "
            "export it again with ids, emails or names."
        )
    entries = tuple(entry for entry in entries if entry.ids or entry.email or entry.name)
    _refuse_twice(table.name, "id", ((entry, entry.ids[0]) for entry in entries if entry.ids))
    _refuse_twice(table.name, "email", ((entry, entry.email) for entry in entries if entry.email))
    told = tuple(header for header in table.header if plain(header) in used)
    ignored = tuple(header for header in table.header if header and plain(header) not in used)
    return ClassList(table.name, kind, table.separator, table.encoding, entries, told, ignored)


def _kind(table: Table) -> str:
    headers = {plain(header) for header in table.header}
    if {"id", "keys", "aliases"} <= headers:
        return OURS
    if is_worksheet(table):
        return WORKSHEET
    if "githubusername" in headers:
        return GITHUB
    if "sisloginid" in headers or ({"id", "section"} <= headers and headers & {"student", "etudiant"}):
        return CANVAS
    if "orgdefinedid" in headers:
        return BRIGHTSPACE
    if {"id", "first_name", "last_name"} <= set(table.header):
        return NBGRADER
    names = all(
        any(header in HEADERS[part] or NAMES[part].fullmatch(header) for header in headers)
        for part in ("given", "family")
    )
    return PARTICIPANTS if names and headers & {"emailaddress", "adressedecourriel", "emailadresse"} else OTHER


def _entries(table: Table, kind: str, used: set[str]) -> Iterator[Entry]:
    """Read the rows; used: gets the headers, as `plain` gives them, of columns that tell something."""
    if kind == WORKSHEET:
        used |= {*NUMBER, *NAME, *EMAIL, *STUDENT_ID}
        yield from map(_of_participant, participants_of(table).values())
        return
    unknown = {"email": _of_emails(table)}
    for row in table.rows:
        cell = _Cells(table, row, used, unknown)
        if kind == OURS:
            keys, aliases = keys_in(cell("keys")), aliases_in(cell("aliases"))
            ids = (cell("id"),) if cell("id") else ()
            yield Entry(row.line, ids, cell("given"), cell("family"), cell("email"), keys, aliases)
        elif kind == CANVAS:
            yield from _of_canvas(row, cell)
        else:
            yield _of_row(row, cell, kind)


def _of_emails(table: Table) -> str:
    """Return the header, as `plain` gives it, of the one column that holds emails and nothing else, whatever its name.

    "" where a header says so itself, or where there are several such columns.
    """
    if any(plain(header) in HEADERS["email"] for header in table.header):
        return ""
    cells = {header: list(filter(None, (row.cells.get(header) for row in table.rows))) for header in table.header}
    found = [plain(header) for header, held in cells.items() if held and all(map(AN_EMAIL.fullmatch, held))]
    found = [header for header in found if header and not is_known(header)]
    return found[0] if len(found) == 1 else ""


class _Cells:
    """The cells of a row, by what their headers mean, or by a header itself.

    used: gets the headers that tell something. unknown: headers by what their columns hold, for all that they say.
    """

    def __init__(self, table: Table, row: Row, used: set[str], unknown: Mapping[str, str]):
        self._unknown = unknown
        self._by_header = {plain(header): row.cells.get(header, "") for header in reversed(table.header)}
        self._headers = [plain(header) for header in table.header]
        self._used = used

    def __call__(self, meaning: str) -> str:
        headers = (*HEADERS.get(meaning, ()), meaning)
        if pattern := NAMES.get(meaning):
            headers += tuple(filter(pattern.fullmatch, self._headers))
        headers += (self._unknown.get(meaning, ""),)
        header = next((header for header in headers if self._by_header.get(header)), "")
        self._used.add(header)
        return self._by_header.get(header, "").lstrip("#") if header else ""


def _of_participant(one: Participant) -> Entry:
    ids = (one.student_id,) if one.student_id else ()
    given, family = _parted(one.name)
    return Entry(one.line, ids, given, family, one.email, {"moodle": one.number})


def _of_canvas(row: Row, cell: _Cells) -> Iterator[Entry]:
    """Read a row of Canvas's gradebook, but for those that are nobody's: points possible, the test student."""
    name, login, number = cell("name"), cell("login"), cell("sisuserid")
    if not cell("id").isdigit() or name in ("Student, Test", "Test Student"):
        return
    given, family = _parted(name)
    email = login if "@" in login else cell("email")
    login = login.partition("@")[0]
    keys = {"canvas": cell("id"), "login": login, "sid": number}
    ids = tuple(filter(None, (login, number)))
    yield Entry(row.line, ids, given, family, email, {kind: key for kind, key in keys.items() if key})


def _of_row(row: Row, cell: _Cells, kind: str) -> Entry:
    given, family = cell("given"), cell("family")
    if not given and (name := cell("family first")):
        given, family = _parted(name, is_family_first=True)
    elif not given and (name := cell("name")):
        given, family = _parted(name)
    elif not given and "," in family:
        given, family = _parted(family)
    number, login, email, github = cell("id"), cell("login"), cell("email"), cell("github")
    if kind == GITHUB and (" " in number or "@" in number):  # whatever the teacher wrote as identifier
        given, family = _parted(number) if "@" not in number and not given else (given, family)
        number, email = "", number if "@" in number else email
    ids = tuple(dict.fromkeys(filter(None, (number, login))))
    keys = {"login": login, "github": github}
    return Entry(row.line, ids, given, family, email, {kind: key for kind, key in keys.items() if key})


def _parted(name: str, is_family_first: bool = False) -> tuple[str, str]:
    """Return given and family name: parted by a comma, or the family's in capitals, or by the last word."""
    if "," in name:
        family, _, given = name.partition(",")
        return given.strip(), family.strip()
    parts = name.split()
    capitals = [part for part in parts if part.isupper() and len(part) > 1]
    if capitals and len(capitals) < len(parts):
        return " ".join(part for part in parts if part not in capitals), " ".join(capitals)
    first, last = " ".join(parts[:-1]), " ".join(parts[-1:])
    return (last, first) if is_family_first and first else (first, last)


def _refuse_twice(file: str, what: str, values: Iterator[tuple[Entry, str]]) -> None:
    seen: dict[str, int] = {}
    for entry, value in values:
        if (first := seen.setdefault(exact(value), entry.line)) != entry.line:
            raise RosterError(
                f"{file}, lines {first} and {entry.line}: the {what} {value} is there twice; each person has one."
            )
