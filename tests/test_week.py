"""The week, rehearsed: a made-up class in each platform's layout is collected, graded and returned."""

import csv
import json
import shutil
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conftest import COURSE, STAGES, gradus
from grading.cli.app import app
from grading.course.origin import read_origin
from grading.course.roster import read_roster, write_roster
from grading.intake.classlists import read_classlist
from grading.intake.collect import Collected, collect
from grading.intake.merging import merge
from grading.rehearsal.downloads import MadeClass, key_of, make_hand_ins, write_downloads
from grading.rehearsal.layouts import LAYOUTS

STAGE, SIZE = "02_manual", 60


@pytest.fixture
def course(tmp_path) -> Path:
    """Return a course without any work handed in, its folders those of this one."""
    for name in ("source", "notebooks", "data", "nbgrader_config.py", "pyproject.toml"):
        (tmp_path / name).symlink_to(COURSE / name)
    return tmp_path


@cache
def made_class(size: int = SIZE) -> MadeClass:
    return make_hand_ins(COURSE, STAGES[STAGE], size, 1, "en")


def collected(course: Path, folder: Path, has_roster: bool = True) -> list[Collected]:
    """Collect both downloads of a made-up class."""
    if has_roster:
        write_roster(course, merge({}, read_classlist(folder / "class.csv")).people.values())
    worksheet = folder / "worksheet.csv"
    last = collect(course, folder / "last.zip", worksheet if worksheet.exists() else None)
    return [collect(course, folder / "first.zip"), last]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_file_is_under_its_student_or_open(course, layout):
    made = made_class()
    folder = write_downloads(course, made, layout)
    _, last = collected(course, folder)
    roster = read_roster(course)
    assert {one.id: one.name for one in roster.values()} == {
        one.id: one.name for one in made.members
    } or layout == "canvas"
    key = key_of(made, layout)
    latest = {one.member.id: one for one in made.handed_in}
    wanted = {student for student in key if key[student]["status"] != "missing"}
    open_ones = {"ada", made.members[-1].id} if layout == "brightspace" else set()  # of one name, which is all it says
    assert len(last.unplaced) == len(open_ones)
    placed = {path.parts[-2] for path in (course / "submitted").glob(f"*/{STAGE}")}
    assert placed == wanted - open_ones
    for student in placed:
        graded = {path.read_bytes() for path in (course / "submitted" / student / STAGE).glob("*.ipynb")}
        files = latest[student].files
        assert graded == {content for name, content in files.items() if name.endswith(".ipynb")}, student
    told = {student: read_origin(course / "submitted" / student / STAGE) for student in placed}
    if layout == "canvas":
        assert {student for student in told if told[student].is_late} == {one for one in placed if key[one]["late"]}
    elif layout != "github":
        assert all(origin.time is not None for origin in told.values())
    assert all("earlier" not in one.outcome for one in last.placed)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_without_a_roster_nobody_is_lost_or_merged(course, layout):
    made = made_class()
    _, last = collected(course, write_downloads(course, made, layout), has_roster=False)
    wanted = {student for student, found in key_of(made, layout).items() if found["status"] != "missing"}
    students = {path.parts[-2] for path in (course / "submitted").glob(f"*/{STAGE}")}
    assert len(students) + len(last.unplaced) == len(wanted)


def test_the_command_writes_downloads_and_says_what_to_type(course, monkeypatch):
    monkeypatch.chdir(course)
    ran = CliRunner().invoke(app, ["cohort", STAGE, "--size", "5", "--layout", "moodle"])
    assert ran.exit_code == 0
    folder = course / "cohort/02_manual-moodle"
    assert {path.name for path in folder.iterdir()} == {
        "class.csv",
        "worksheet.csv",
        "first.zip",
        "last.zip",
        "key.json",
    }
    for line in ran.stdout.splitlines()[2:]:
        assert CliRunner().invoke(app, line.split()[1:]).exit_code == 0
    ran = CliRunner().invoke(app, ["cohort", STAGE, "--layout", "teams"])
    assert ran.stderr.startswith("There is no layout 'teams'. Choose one of: moodle, canvas, ")


def test_a_class_goes_from_moodle_to_moodle(course):
    """The class has late ones, a second hand-in, two of one name, and damaged files; its key says what comes out."""
    made = made_class(14)
    folder = write_downloads(course, made, "moodle")
    shutil.rmtree(course / "submitted", ignore_errors=True)
    relative = folder.relative_to(course)
    for words in (
        ("roster", f"{relative}/class.csv"),
        ("collect", f"{relative}/first.zip"),
        ("collect", f"{relative}/last.zip", "--worksheet", f"{relative}/worksheet.csv"),
        ("grade", STAGE),
        ("return", STAGE, "--moodle", f"{relative}/worksheet.csv"),
    ):
        ran = gradus(course, *words)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    key = json.loads((folder / "key.json").read_text())
    for student, found in key.items():
        result = course / "autograded" / student / STAGE / "result.json"
        status = json.loads(result.read_bytes())["status"] if result.exists() else "missing"
        assert status == found["status"], student
    with (course / "returns" / STAGE / "worksheet.csv").open(encoding="utf-8-sig", newline="") as file:
        marks = {row["Identifier"]: row["Grade"] for row in csv.DictReader(file)}
    members = {f"Participant {one.number}": one.id for one in made.members}
    assert {members[number] for number in marks if marks[number]} == {
        student for student, found in key.items() if found["status"] in ("graded", "partial")
    }
