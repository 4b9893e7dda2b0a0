"""Plain tables of a stage, for whatever else marks are needed: grades.csv and checks.csv."""

from collections.abc import Mapping

from grading.course.tables import written, written_number
from grading.records.standing import Standing
from grading.returns.marks import mark_of

GRADES, CHECKS = "grades.csv", "checks.csv"
COLUMNS = ("id", "given", "family", "raw", "late", "final", "by_hand", "status", "to_mark", "total", "out_of")


def grades(standings: Mapping[str, Standing], missing: float | None) -> bytes:
    """Return a row a student: points, what being late costs, the mark; empty where there is none.

    missing: the mark of who handed in nothing.
    """
    return written([COLUMNS, *(standing.person.row + _grade(standing, missing) for standing in standings.values())])


def checks(standings: Mapping[str, Standing]) -> bytes:
    """Return a row a student, a column a check or open question: the points that count, empty where there are none."""
    found = [standing.points_by_name for standing in standings.values()]
    names = list(dict.fromkeys(name for points in found for name in points))
    rows = [
        [*standing.person.row, *(written_number(points.get(name)) for name in names)]
        for standing, points in zip(standings.values(), found, strict=True)
    ]
    return written([(*COLUMNS[:3], *names), *rows])


def _grade(standing: Standing, missing: float | None) -> list[str]:
    final = written_number(mark_of(standing, standing.out_of, missing))
    if not standing.result.has_points:
        return ["", "", final, "", standing.status, "", "", ""]
    numbers = (standing.points, -standing.taken_off or 0.0)
    more = (standing.waiting, standing.total, standing.out_of or standing.total)
    return [
        *map(written_number, numbers),
        final,
        written_number(standing.by_hand),
        standing.status,
        *map(written_number, more),
    ]
