"""What platforms, and people themselves, make of the files that are handed in: names, folders, lists beside them."""

import io
import json
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from grading.rehearsal.damages import Files
from grading.rehearsal.people import Member

DUE = datetime(2025, 3, 14, 20, 0)


@dataclass(frozen=True)
class HandIn:
    """What one made-up person handed in at one time. number: grows with each hand-in of the class."""

    member: Member
    files: Files
    time: datetime
    number: int
    stage: str
    lang: str

    @property
    def is_late(self) -> bool:
        """Whether it came after the due date."""
        return self.time > DUE


Shape = Callable[[HandIn], Files]


def _in(folder: str, files: Files) -> Files:
    return {f"{folder}/{name}": content for name, content in files.items()}


def _moodle(one: HandIn) -> Files:
    name = one.member.name.replace("'", "")  # Moodle leaves out what file names may not have somewhere
    start = f"{name}_{one.member.number}_assignsubmission"
    return _in(f"{start}_file_", one.files) | {f"{start}_onlinetext_/onlinetext.html": b"<p>Here it is.</p>"}


def _canvas(one: HandIn) -> Files:
    person = one.member.person
    squeezed = (letter for letter in (person.family + person.given).lower() if unicodedata.category(letter)[0] in "LMN")
    start = f"{''.join(squeezed)}{'_LATE' if one.is_late else ''}_{one.member.number}"
    return {
        f"{start}_{90000 + 10 * one.number + number}_{name}": content
        for number, (name, content) in enumerate(one.files.items())
    }


def _gradescope(one: HandIn) -> Files:
    return _in(f"assignment_4711_export/submission_{4000 + one.number}", one.files)


def _gradescope_list(handed_in: list[HandIn]) -> Files:
    lines = []
    for one in handed_in:
        person = one.member.person
        lines += [
            f"submission_{4000 + one.number}:",
            "  :submitters:",
            f"  - :name: {json.dumps(person.name, ensure_ascii=False)}",
        ]
        lines += [f"    :sid: '{person.id}'", f"    :email: {person.email}"]
        lines += [f"  :created_at: {one.time:%Y-%m-%d %H:%M:%S}.861687000 Z", "  :score: 0.0"]
    return {"assignment_4711_export/submission_metadata.yml": "\n".join(lines).encode()}


def _brightspace(one: HandIn) -> Files:
    return _in(f"{one.member.number}-77 - {one.member.name} - {one.time:%b %-d, %Y %-I%M %p}", one.files)


def _blackboard(one: HandIn) -> Files:
    start = f"{one.stage}_{one.member.id}_attempt_{one.time:%Y-%m-%d-%H-%M-%S}"
    receipt = f"Name: {one.member.name} ({one.member.id})\nAssignment: {one.stage}\nCurrent Mark: Needs Marking\n"
    return {f"{start}.txt": receipt.encode()} | {f"{start}_{name}": content for name, content in one.files.items()}


def _github(one: HandIn) -> Files:
    folder = f"nn-submissions/nn-{one.member.id}"
    return _in(f"{folder}/notebooks/{one.lang}", one.files) | {f"{folder}/README.md": b"# Neural networks\n"}


def _nbgrader(one: HandIn) -> Files:
    stamp = f"{one.time:%Y-%m-%d %H:%M:%S} UTC"
    return _in(f"inbound/{one.member.id}+{one.stage}+{stamp}+aBc", one.files | {"timestamp.txt": stamp.encode()})


def _flat(one: HandIn) -> Files:
    """Name files as people do: by id or name, before or behind the stage, with dates; several go into a zip."""
    person, number = one.member.person, one.member.number
    if len(one.files) > 1:
        return {f"{person.id}.zip": _zipped(one.files)}
    habits = (
        f"{one.stage}-{person.name} (1)", f"{person.id}_{one.stage}_v2", f"{person.family}_{person.given}_{one.stage}",
        f"{person.id}_{one.stage}_{one.time:%Y_%m_%d}", f"Copie de {one.stage} {person.name}",
    )  # fmt: skip
    is_one_of_two = person.name == "Ada Lovelace"  # two files cannot have one name
    habit = habits[1] if is_one_of_two else habits[number % len(habits)]
    return {f"{habit}.{name.rpartition('.')[2]}": content for name, content in one.files.items()}


def _zipped(files: Files) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def _nothing(handed_in: list[HandIn]) -> Files:
    return {}


LAYOUTS: dict[str, tuple[Shape, Callable[[list[HandIn]], Files]]] = {
    "moodle": (_moodle, _nothing),
    "canvas": (_canvas, _nothing),
    "gradescope": (_gradescope, _gradescope_list),
    "brightspace": (_brightspace, lambda handed_in: {"index.html": b"<html>"}),
    "blackboard": (_blackboard, _nothing),
    "github": (_github, _nothing),
    "nbgrader": (_nbgrader, _nothing),
    "flat": (_flat, _nothing),
}
# Platforms in whose archives all files have the time of the download.
PACKED_LATER = ("moodle", "canvas")
