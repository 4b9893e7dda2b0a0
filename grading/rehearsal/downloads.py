"""A made-up class as a platform hands it over: its list, two downloads, and the key of what grading must find."""

import copy
import json
import random
import shutil
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.authoring.cells import Stage
from grading.rehearsal.cohort import CohortError, Student, expected, files_of, make_class
from grading.rehearsal.damages import Files
from grading.rehearsal.layouts import DUE, LAYOUTS, PACKED_LATER, HandIn
from grading.rehearsal.people import Member, list_of, members_of, table

FOLDER = "cohort"
DAY = timedelta(days=1)
DOWNLOADS = {"first.zip": DUE - DAY, "last.zip": DUE + 3 * DAY}
# Which part of the class hands in after the due date, hands in a second time, hands in nothing.
LATE, AGAIN, NOTHING = 0.12, 0.15, 0.05


@dataclass(frozen=True)
class MadeClass:
    """A made-up class: each student's answers, who the student is, and all that was handed in, in the order of time."""

    stage: Stage
    students: list[Student]
    members: list[Member]
    handed_in: list[HandIn]

    def latest(self, until: datetime) -> dict[str, HandIn]:
        """Return what each had handed in last at a time, by id."""
        return {one.member.id: one for one in self.handed_in if one.time <= until}


def make_hand_ins(course: Path, stage: Stage, size: int, seed: int, lang: str) -> MadeClass:
    """Make a class, and what it hands in: some late, some again, some never. Raises CohortError."""
    path = course / "notebooks" / lang / f"{stage.name}.ipynb"
    if not path.exists():
        raise CohortError(f"There is no {path}: run `gradus build` first.")
    students = make_class(course, stage, size, seed)
    members = members_of([student.name for student in students])
    draw, release = random.Random(seed), nbformat.read(path, as_version=4)
    some = list(range(1, size - 1))
    draw.shuffle(some)
    late, again, nothing = (round(share * size) for share in (LATE, AGAIN, NOTHING))
    kinds = dict.fromkeys(some[:late], "late") | dict.fromkeys(some[late : late + again], "again")
    kinds |= dict.fromkeys(some[late + again : late + again + nothing], "nothing")
    found: list[tuple[datetime, Member, Files]] = []
    for number, (student, member) in enumerate(zip(students, members, strict=True)):
        kind, before = kinds.get(number, ""), timedelta(minutes=draw.randint(1, 2000))
        if kind == "again":
            found.append((DUE - before - DAY, member, files_of(release, Student(student.name, ()))))
            before = min(before, DAY / 2)
        if kind != "nothing":
            files = files_of(_with_texts(stage, release, student, lang, draw), student)
            found.append((DUE + before if kind == "late" else DUE - before, member, files))
    found.sort(key=lambda one: one[0])
    handed_in = [
        HandIn(member, files, time, number, stage.name, lang) for number, (time, member, files) in enumerate(found, 1)
    ]
    return MadeClass(stage, students, members, handed_in)


def write_downloads(course: Path, made: MadeClass, layout: str) -> Path:
    """Write what a platform hands over of a class into cohort/<stage>-<layout>/; return this folder."""
    folder = course / FOLDER / f"{made.stage.name}-{layout}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "class.csv").write_text(list_of(made.members, layout), "utf-8")
    if layout == "moodle":
        (folder / "worksheet.csv").write_text(_worksheet(made), "utf-8")
    for name, until in DOWNLOADS.items():
        _write(folder / name, list(made.latest(until).values()), layout, until)
    (folder / "key.json").write_text(json.dumps(key_of(made, layout), indent=1) + "\n", "utf-8")
    return folder


def _with_texts(stage: Stage, release: NotebookNode, student: Student, lang: str, draw: random.Random) -> NotebookNode:
    """Return the released notebook with texts for its open questions: model answers, short ones, none."""
    texts = {cell.name: _in_language(cell.source, lang) for cell in stage.of_kind("open")}
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        text = texts.get(cell.metadata.get("nbgrader", {}).get("grade_id"))
        if text and student.answers:
            cell.source = draw.choice((text, text, text.split(". ")[0] + ".", cell.source))
    return notebook


def _in_language(source: str, lang: str) -> str:
    """Return a model answer in one of the languages in which it stands."""
    english, _, french = source.partition("**Français.**")
    return (french if lang == "fr" else english.replace("**English.**", "")).strip()


def key_of(made: MadeClass, layout: str) -> dict[str, dict[str, object]]:
    """Return what grading must find of each, by id, after both downloads are collected."""
    latest = made.latest(max(DOWNLOADS.values()))
    key: dict[str, dict[str, object]] = {}
    for student, member in zip(made.students, made.members, strict=True):
        last, found = latest.get(member.id), dict(expected(student, made.stage))
        has_notebook = last is not None and any(name.endswith(".ipynb") for name in last.files)
        is_untouched = layout == "github" and not student.answers and not student.damage
        if not has_notebook or is_untouched:  # what a clone has untouched was not handed in
            found |= {"status": "missing", "points": None, "fails": []}
        key[member.id] = found | {"name": member.name, "late": last is not None and last.is_late}
    return key


def _worksheet(made: MadeClass) -> str:
    """Return Moodle's grading worksheet."""
    latest = made.latest(max(DOWNLOADS.values()))
    header = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Grade can be changed")
    rows = [(*header, "Last modified (submission)", "Last modified (grade)", "Feedback comments")]
    for one in made.members:
        last = latest.get(one.id)
        status = "Submitted for grading - Not graded" if last else "No submission - Not graded"
        time = f"{last.time:%A, %-d %B %Y, %-I:%M %p}" if last else "-"
        rows.append(
            (f"Participant {one.number}", one.name, one.person.email, status, "", "100.00", "Yes", time, "-", "")
        )
    return table(rows)


def _write(path: Path, handed_in: list[HandIn], layout: str, packed: datetime) -> None:
    """Write a download: with the time of packing beside each file, if the platform does so, else that of handing in."""
    shape, extra = LAYOUTS[layout]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in extra(handed_in).items():
            archive.writestr(zipfile.ZipInfo(name, packed.timetuple()[:6]), content)
        for one in handed_in:
            time = packed if layout in PACKED_LATER else one.time
            for name, content in shape(one).items():
                info = zipfile.ZipInfo(name, time.timetuple()[:6])
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
