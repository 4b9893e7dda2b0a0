"""Who the people of a made-up class are, on each platform: names in several scripts, two of one name, keys, lists."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grading.course.roster import Person
from grading.rehearsal.cohort import NAMES

GIVEN_AND_FAMILY = (
    ("Ada", "Lovelace"), ("Alan", "Turing"), ("Barbara", "Liskov"), ("Blaise", "Pascal"), ("Carl Friedrich", "Gauß"),
    ("David", "Hilbert"), ("Edsger", "Dijkstra"), ("Emmy", "Noether"), ("Frances", "Allen"), ("Geoffrey", "Hinton"),
    ("Grace", "Hopper"), ("Hedy", "Lamarr"), ("Henri", "Poincaré"), ("John", "von Neumann"), ("Katherine", "O'Johnson"),
    ("Kurt", "Gödel"), ("Margaret", "Hamilton"), ("Marie", "Skłodowska-Curie"), ("Norbert", "Wiener"),
    ("Pierre", "de Fermat"), ("Rosalind", "Franklin"), ("Sophie", "Germain"), ("Srinivasa", "Rāmānujan"),
    ("Yann", "LeCun"),
)  # fmt: skip
OTHERS = (
    ("小明", "王"), ("Андрей", "Колмогоров"), ("Ελένη", "Παπαδοπούλου"), ("محمد", "الخوارزمي"), ("Ánh", "Nguyễn Thị"),
    ("太郎", "山田"), ("कमला", "देवी"), ("Øyvind", "Ångström"),
)  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One made-up person, and the number by which platforms know the person."""

    person: Person
    number: int

    @property
    def id(self) -> str:
        """The id in the roster, which is the login of the platforms that have one."""
        return self.person.id

    @property
    def name(self) -> str:
        """The full name."""
        return self.person.name


def members_of(ids: Sequence[str]) -> list[Member]:
    """Return the people of a class, by their ids; the last has the name of the first."""
    members = []
    for number, student in enumerate(ids):
        again, which = divmod(number, len(NAMES))
        given, family = GIVEN_AND_FAMILY[which]
        if again:
            others = [GIVEN_AND_FAMILY[(which + 5 * again) % len(NAMES)][1], *(family for _, family in OTHERS)]
            given, family = OTHERS[which] if again == 1 and which < len(OTHERS) else (given, others[0])
        if len(ids) > 3 and number == len(ids) - 1:
            given, family = GIVEN_AND_FAMILY[0]
        members.append(Member(Person(student, given, family, f"{student}@example.org"), 1000 + number))
    return members


def list_of(members: Iterable[Member], layout: str) -> str:
    """Return the list of the class as a platform exports it."""
    rows: list[tuple[str, ...]] = []
    for one in members:
        person, number = one.person, str(one.number)
        named = (person.family, person.given)
        rows.append(
            {
                "canvas": (f"{person.family}, {person.given}", number, "", person.id, "NN 1"),
                "gradescope": (person.name, person.email, person.id),
                "github": (person.email, person.id, number, person.name),
                "brightspace": (f"#{person.id}", f"#{person.id}", *named, person.email, "#"),
                "moodle": (person.given, person.family, person.id, person.email),
            }.get(layout, (person.id, person.given, person.family, person.email))
        )
    header = {
        "canvas": ("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
        "gradescope": ("Full Name", "Email", "SID"),
        "github": ("identifier", "github_username", "github_id", "name"),
        "brightspace": ("OrgDefinedId", "Username", "Last Name", "First Name", "Email", "End-of-Line Indicator"),
        "moodle": ("First name", "Last name", "ID number", "Email address"),
    }.get(layout, ("id", "first_name", "last_name", "email"))
    points = [("    Points Possible", "", "", "", "")] if layout == "canvas" else []
    return table([header, *points, *rows])


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV, as platforms write it for spreadsheets."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return "\ufeff" + text.getvalue()
