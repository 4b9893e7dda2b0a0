"""Marks in a column of somebody's table: out of what the table says, in its way to write numbers."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from grading.course.tables import Row
from grading.records.standing import Standing
from grading.results.model import Status
from grading.returns.placing import Placed
from grading.returns.sheet import ReturnError, Sheet

NUMBER = re.compile(r"(-?\d+)(?:[.,](\d+))?")
NO_MARK = ("", "-", "–", "EX", "N/A")  # what cells hold where there is none


@dataclass(frozen=True)
class Filled:
    """A table that was filled in, and what there is to say of it.

    content: the file. marks: how many were written. out_of: what they are out of. strangers: rows that are nobody's.
    kept: students for whom there is no mark, and whose cells held one. absent: those with a mark whom the table does
    not have. capped: those with more points than the platform takes. closed: those with a mark whose cells the platform
    has closed. changed: students whose cells held another mark, that one, and the one they hold now.
    """

    name: str
    content: bytes
    marks: int
    out_of: float
    strangers: tuple[str, ...]
    kept: tuple[str, ...]
    absent: tuple[str, ...]
    capped: tuple[str, ...]
    closed: tuple[str, ...]
    changed: tuple[tuple[str, str, str], ...]


def fill(
    sheet: Sheet,
    column: str,
    placed: Placed,
    standings: Mapping[str, Standing],
    maximum: str,
    missing: float | None,
    is_closed: Callable[[Row], bool],
    may_exceed: bool = True,
) -> Filled:
    """Write each student's mark in a column; where there is no mark, the cell stays as it is.

    maximum: what the table says that marks are out of. missing: what who handed in nothing gets. is_closed: whether a
    row takes no mark. Raises ReturnError.
    """
    _refuse_scale(sheet.name, (maximum, *(sheet.table.rows[row].cells.get(column, "") for row in placed.students)))
    out_of = _number(maximum) or None
    ours = next((standing.out_of for standing in standings.values()), None)
    if out_of and ours and out_of != ours:
        raise ReturnError(f"{sheet.name} has marks out of {out_of:g}, course.toml says {ours:g}: make them the same.")
    has_comma = "," in maximum if maximum else sheet.table.separator == ";"
    marks = 0
    kept: list[str] = []
    capped: list[str] = []
    closed: list[str] = []
    changed: list[tuple[str, str, str]] = []
    for row, student in placed.students.items():
        standing, held = standings[student], sheet.table.rows[row].cells.get(column, "")
        mark = mark_of(standing, out_of or ours, missing)
        if mark is None:
            kept += [] if held in NO_MARK else [student]
            continue
        if is_closed(sheet.table.rows[row]):
            closed.append(student)
            continue
        if out_of and mark > out_of and not may_exceed:
            mark = out_of
            capped.append(student)
        text = f"{mark:.2f}".replace(".", "," if has_comma else ".")
        if held not in NO_MARK and _number(held) != _number(text):
            changed.append((student, held, text))
        sheet.write(row, column, text)
        marks += 1
    there = set(placed.students.values())
    absent = tuple(one for one, standing in standings.items() if standing.mark is not None and one not in there)
    total = out_of or ours or max((standing.total for standing in standings.values()), default=0.0)
    told = (tuple(kept), absent, tuple(capped), tuple(closed), tuple(changed))
    return Filled(sheet.name, sheet.content(), marks, total, placed.strangers, *told)


def mark_of(standing: Standing, out_of: float | None, missing: float | None) -> float | None:
    """Return a student's mark, None for no mark. missing: that of who handed in nothing and is not excused."""
    is_missing = standing.result.status is Status.MISSING and not standing.is_excused
    return missing if is_missing else standing.mark_out_of(out_of)


def refuse_scale(file: str, scale: str) -> NoReturn:
    """Refuse a table of an assignment that is not marked in points. Raises ReturnError."""
    raise ReturnError(
        f"{file} is of an assignment that is marked on a scale ({scale}), not in points: set it to points there and "
        "download the table again, or give it no table and enter what is in grades.csv."
    )


def _refuse_scale(file: str, cells: Iterable[str]) -> None:
    """Refuse a table in which marks, or what they are out of, are no numbers."""
    word = next((cell for cell in cells if cell not in NO_MARK and _number(cell) is None), None)
    if word:
        refuse_scale(file, word)


def _number(text: str) -> float | None:
    """Read a number, with a comma or a point before its decimals; None where there is none."""
    found = NUMBER.fullmatch(text.strip())
    return float(f"{found[1]}.{found[2] or 0}") if found else None
