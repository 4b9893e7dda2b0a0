"""Tables beside the pages, which a spreadsheet may open: no cell of them is a formula."""

from collections.abc import Iterable, Mapping
from functools import partial

from grading.course.roster import Person
from grading.course.tables import written, written_number
from grading.overview.gathering import Class

STARTS = tuple("=+-@\t\r\n＝＋－＠")  # of what spreadsheets compute
PERSON = ("id", "given", "family")
_number = partial(written_number, digits=4)


def checks_table(group: Class) -> bytes:
    """Return a row a student: the status, points so far, and the points of each check and open question."""
    found = {student: one.points_by_name for student, one in group.standings.items()}
    names = list(dict.fromkeys(name for points in found.values() for name in points))
    rows = []
    for student, one in group.standings.items():
        points = _number(one.points) if one.result.has_points else ""
        rows.append([*one.person.row, one.status, points, *(_number(found[student].get(name)) for name in names)])
    return _safe([(*PERSON, "status", "points", *names), *rows])


def shares_table(people: Iterable[Person], shares: Mapping[str, Mapping[str, float]]) -> bytes:
    """Return a row a student, and the share of the points of checks in each stage."""
    rows = [[*one.row, *(_number(of_stage.get(one.id)) for of_stage in shares.values())] for one in people]
    return _safe([(*PERSON, *shares), *rows])


def _safe(rows: Iterable[Iterable[str]]) -> bytes:
    """Write a table. What begins as a formula does gets an apostrophe, by which spreadsheets know a text."""
    return written([harmless(cell) for cell in row] for row in rows)


def harmless(cell: str) -> str:
    """Return the text of a cell so that no spreadsheet computes it."""
    return f"'{cell}" if cell.lstrip(" ").startswith(STARTS) and not is_number(cell) else cell


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, which may begin with a sign."""
    return cell.removeprefix("-").replace(".", "", 1).isdecimal()
