"""Marks in a column of somebody's table: out of what the table says, in its way to write numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from grading.records.standing import Standing
from grading.results.model import Status
from grading.returns.placing import Placed
from grading.returns.sheet import ReturnError, Sheet


@dataclass(frozen=True)
class Filled:
    """A table that was filled in, and what there is to say of it.

    content: the file. marks: how many were written. out_of: what they are out of. strangers: rows that are nobody's.
    kept: students for whom there is no mark, and whose cells held one. absent: those with a mark whom the table does
    not have. capped: those with more points than the platform takes.
    """

    name: str
    content: bytes
    marks: int
    out_of: float
    strangers: tuple[str, ...]
    kept: tuple[str, ...]
    absent: tuple[str, ...]
    capped: tuple[str, ...]


def fill(
    sheet: Sheet,
    column: str,
    placed: Placed,
    standings: Mapping[str, Standing],
    maximum: str,
    missing: float | None,
    may_exceed: bool = True,
    untouched: tuple[str, ...] = (),
) -> Filled:
    """Write each student's mark in a column; where there is no mark, the cell stays as it is.

    maximum: what the table says that marks are out of. missing: what who handed in nothing gets. untouched: cells that
    hold one of these stay. Raises ReturnError.
    """
    out_of = _number(maximum)
    ours = next((standing.out_of for standing in standings.values()), None)
    if out_of and ours and out_of != ours:
        raise ReturnError(f"{sheet.name} has marks out of {out_of:g}, course.toml says {ours:g}: make them the same.")
    has_comma = "," in maximum if maximum else sheet.table.separator == ";"
    marks = 0
    kept: list[str] = []
    capped: list[str] = []
    for row, student in placed.students.items():
        standing, held = standings[student], sheet.table.rows[row].cells.get(column, "")
        if held in untouched:
            continue
        mark = mark_of(standing, out_of or ours, missing)
        if mark is None:
            kept += [student] if held else []
            continue
        if out_of and mark > out_of and not may_exceed:
            mark = out_of
            capped.append(student)
        sheet.write(row, column, f"{mark:.2f}".replace(".", "," if has_comma else "."))
        marks += 1
    there = set(placed.students.values())
    absent = tuple(one for one, standing in standings.items() if standing.mark is not None and one not in there)
    total = out_of or ours or max((standing.total for standing in standings.values()), default=0.0)
    return Filled(sheet.name, sheet.content(), marks, total, placed.strangers, tuple(kept), absent, tuple(capped))


def mark_of(standing: Standing, out_of: float | None, missing: float | None) -> float | None:
    """Return a student's mark, None for no mark. missing: that of who handed in nothing and is not excused."""
    is_missing = standing.result.status is Status.MISSING and not standing.is_excused
    return missing if is_missing else standing.mark_out_of(out_of)


def _number(text: str) -> float | None:
    """Read a number, with a comma or a point before its decimals; None where there is none, and for 0."""
    found = re.fullmatch(r"(\d+)(?:[.,](\d+))?", text.strip())
    return float(f"{found[1]}.{found[2] or 0}") or None if found else None
