"""Plain tables of a stage, for whatever else marks are needed: grades.csv and checks.csv."""

import csv
import io
from collections.abc import Mapping

from grading.records.standing import Standing
from grading.returns.marks import mark_of

GRADES, CHECKS = "grades.csv", "checks.csv"
COLUMNS = ("id", "given", "family", "raw", "late", "final", "by_hand", "status", "to_mark", "total", "out_of")


def grades(standings: Mapping[str, Standing], missing: float | None) -> bytes:
    """Return a row a student: points, what being late costs, the mark; empty where there is none.

    missing: the mark of who handed in nothing.
    """
    return _written(COLUMNS, [_person(standing) + _grade(standing, missing) for standing in standings.values()])


def checks(standings: Mapping[str, Standing]) -> bytes:
    """Return a row a student, a column a check or open question: the points that count, empty where there are none."""
    found = [standing.points_by_name for standing in standings.values()]
    names = list(dict.fromkeys(name for points in found for name in points))
    rows = [
        [*_person(standing), *(_number(points.get(name)) for name in names)]
        for standing, points in zip(standings.values(), found, strict=True)
    ]
    return _written((*COLUMNS[:3], *names), rows)


def status_of(standing: Standing) -> str:
    """Return what became of a submission, or that the student is excused."""
    return "excused" if standing.is_excused else str(standing.result.status)


def _person(standing: Standing) -> list[str]:
    return [standing.person.id, standing.person.given, standing.person.family]


def _grade(standing: Standing, missing: float | None) -> list[str]:
    final = _number(mark_of(standing, standing.out_of, missing))
    if not standing.result.has_points:
        return ["", "", final, "", status_of(standing), "", "", ""]
    numbers = (standing.points, -standing.taken_off or 0.0)
    more = (standing.waiting, standing.total, standing.out_of or standing.total)
    return [
        *map(_number, numbers),
        final,
        _number(standing.by_hand),
        status_of(standing),
        *map(_number, more),
    ]


def _number(number: float | None) -> str:
    return "" if number is None else f"{round(number, 2):g}"


def _written(header: tuple[str, ...], rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(header)
    table.writerows(rows)
    return text.getvalue().encode("utf-8-sig", "backslashreplace")
