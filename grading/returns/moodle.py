"""What goes back to Moodle: its grading worksheet filled in, and a zip of feedback files as its import wants them."""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from grading.course.files import read
from grading.course.tables import Row, plain
from grading.intake.headers import NUMBER
from grading.intake.layouts.platforms import Owner
from grading.intake.layouts.worksheet import is_worksheet, participants_of
from grading.records.standing import Standing
from grading.returns.marks import Filled, fill, refuse_scale
from grading.returns.placing import Entry, place
from grading.returns.sheet import ReturnError, Sheet

# Moodle's own headers, as `plain` gives them, in English, French and German.
GRADE = ("grade", "note", "bewertung")
MAXIMUM = ("maximumgrade", "notemaximale", "bestwertung")
SCALE = ("scale", "bareme", "skala")
IS_OPEN = ("gradecanbechanged", "lanotepeutetremodifiee", "bewertungkanngeandertwerden")
NO = ("no", "non", "nein")
ZIP = "moodle-feedback.zip"
MAX_PAGE = 256 * 2**20
THE_SAME_DAY = (1980, 1, 1, 0, 0, 0)  # so that the same pages make the same file


def fill_worksheet(
    course: Path, stage: str, path: Path, standings: Mapping[str, Standing], missing: float | None
) -> tuple[Filled, dict[str, str]]:
    """Fill in a grading worksheet of Moodle.

    Returns it, and the students by the names of the folders in which Moodle looks for their feedback.
    Raises ReturnError.
    """
    sheet = Sheet(path)
    grade, number = sheet.column(*GRADE), sheet.column(*NUMBER)
    if not is_worksheet(sheet.table) or number is None or grade is None:
        raise ReturnError(
            f"{path.name} is no grading worksheet of Moodle, with the columns Identifier and Grade, Identifiant "
            "and Note, or ID and Bewertung: in the assignment, choose Download grading worksheet."
        )
    maximum, scale, is_open = sheet.column(*MAXIMUM), sheet.column(*SCALE), sheet.column(*IS_OPEN)
    if scale and not maximum:
        refuse_scale(path.name, scale)
    participants, entries = participants_of(sheet.table), []
    for position, row in enumerate(sheet.table.rows):
        digits = re.search(r"\d+$", row.cells.get(number, ""))
        if one := participants.get(digits[0]) if digits else None:
            keys = {"moodle": one.number, "email": one.email, "sid": one.student_id}
            owner = Owner(one.name, {kind: key for kind, key in keys.items() if key}, is_hidden=not one.name)
            entries.append(Entry(position, row.line, owner))
    placed = place(course, stage, sheet, entries, standings)
    highest = next((row.cells.get(maximum, "") for row in sheet.table.rows), "") if maximum else ""

    def is_closed(row: Row) -> bool:
        return is_open is not None and plain(row.cells.get(is_open, "")) in NO

    filled = fill(sheet, grade, placed, standings, highest, missing, is_closed, may_exceed=False)
    return filled, {_folder(entry): placed.students[entry.row] for entry in entries if entry.row in placed.students}


def feedback_zip(course: Path, stage: str, students: Mapping[str, str]) -> bytes:
    """Return a zip of the students' pages, as Moodle imports it; students: by the names of their folders."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, student in students.items():
            page = course / "feedback" / student / stage / f"{stage}.html"
            if page.is_file():
                member = zipfile.ZipInfo(f"{folder}/{stage}.html", THE_SAME_DAY)
                archive.writestr(member, read(page, MAX_PAGE), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _folder(entry: Entry) -> str:
    """Return the name of a folder, which Moodle parts at its underscores: the second part has to be the number."""
    name = re.sub(r"[_/\\]+", " ", entry.owner.name).strip() or "Participant"
    return f"{name}_{entry.owner.keys['moodle']}_assignsubmission_file_"
