"""What goes back to Canvas: its gradebook export, with the column of one assignment filled in."""

import re
from collections.abc import Mapping
from pathlib import Path

from grading.course.tables import Row
from grading.intake.layouts.platforms import Owner
from grading.intake.names import stage_in
from grading.records.standing import Standing
from grading.returns.marks import Filled, fill
from grading.returns.placing import Entry, place
from grading.returns.sheet import ReturnError, Sheet

KEYS = {"ID": "canvas", "SIS Login ID": "login", "SIS User ID": "sid"}
POINTS = "Points Possible"
TEST_STUDENT = "student, test"
# Excused in Canvas, and not assigned to this student.
UNTOUCHED = ("EX", "N/A")


def fill_export(
    course: Path, stage: str, path: Path, standings: Mapping[str, Standing], missing: float | None
) -> Filled:
    """Fill in a gradebook export of Canvas. Raises ReturnError."""
    sheet = Sheet(path)
    if "ID" not in sheet.table.header or not {"Student", "LastName"} & set(sheet.table.header):
        raise ReturnError(
            f"{path.name} is no gradebook export of Canvas, which has the columns Student and ID: "
            "in the gradebook, choose Export Entire Gradebook."
        )
    column, points, entries = _column(sheet, stage), "", []
    for position, row in enumerate(sheet.table.rows):
        name = _name(row)
        if POINTS in name:
            points = row.cells.get(column, "")
        elif row.cells.get("ID") and name.casefold() != TEST_STUDENT:
            keys = {kind: row.cells.get(header, "") for header, kind in KEYS.items()}
            keys |= {"email": keys["login"]} if "@" in keys["login"] else {}
            owner = Owner(name, {kind: key for kind, key in keys.items() if key})
            entries.append(Entry(position, row.line, owner))
    placed = place(course, stage, sheet, entries, standings)
    return fill(sheet, column, placed, standings, points, missing, lambda row: row.cells.get(column) in UNTOUCHED)


def _name(row: Row) -> str:
    """Return the name in a row, family name first."""
    return row.cells.get("Student") or ", ".join(filter(None, map(row.cells.get, ("LastName", "FirstName"))))


def _column(sheet: Sheet, stage: str) -> str:
    """Return the header of the assignment's column: its title has the stage's name, a number follows it."""
    titles = {header: re.sub(r" \(\d+\)$", "", header) for header in sheet.table.header}
    found = [header for header, title in titles.items() if stage_in(title, [stage])]
    whole = [header for header in found if titles[header].casefold() == stage.casefold()]
    if len(whole or found) != 1:
        columns = ", ".join(found or [header for header in titles if header != titles[header]]) or "none"
        raise ReturnError(
            f"{sheet.name} has {'several columns' if found else 'no column'} of {stage}, but these: {columns}. "
            f"Name one of the assignments {stage} in Canvas, and export again."
        )
    return (whole or found)[0]
