"""Layouts: the shapes in which each platform, and people themselves, hand over what was handed in."""

import shlex
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grading.cli.app import app
from grading.course.origin import read_origin
from grading.course.roster import Person
from grading.intake.archives.files import CollectError
from grading.intake.collect import collect
from handed_in import as_bytes, graded, make_course, make_roster, notebook, tree, unpacked, zipped

ZONE = timezone(timedelta(hours=1))
ADA = Person("p1", "Ada", "Lovelace", "ada@uni.org", {"canvas": "1234", "login": "alovelace", "github": "ada-l"})
EMMY = Person("p2", "Emmy", "Noether", "noether@uni.org", {"moodle": "102", "canvas": "1235", "github": "emmy"})
ZOE = Person("p3", "Zoé", "O'Neil-Ünal", "zoe@uni.org", {"login": "zoneil"})
KURT = Person("p4", "Kurt", "Gödel", "goedel@uni.org")

GRADESCOPE = """\
submission_409194023:
  :submitters:
  - :name: Ada Lovelace
    :sid: '123456789'
    :email: ada@uni.org
  :created_at: 2024-03-15 10:02:33.861687000 Z
  :score: 2.0
  :results:
    output: |-
      ========
      Final Score:2.0
submission_409194024:
  :submitters:
  - :name: Emmy N.
    :sid: p2
    :email: em@home.org
  - :name: Kurt Gödel
    :sid: ''
    :email: kurt@home.org
  :created_at: 2024-03-16 10:02:33.861687000 Z
  :history:
  - :created_at: !ruby/object:Time 2024-03-15
submission_409194025:
  :submitters: []
"""
RECEIPT = """\
Name: Emmy Noether (noether)
Assignment: 02_manual
Date Submitted: Friday, 15 March 2024 11:02:33 o'clock CET
Current Mark: Needs Marking

Files:
\tOriginal filename: work.ipynb
\tFilename: 02_manual_noether_attempt_2024-03-15-11-02-33_work.ipynb
"""
# By layout: files, whose each is with the roster, and without it. A file with a text is that text.
LAYOUTS: dict[str, dict[str, tuple[str | None, str | None, str]]] = {
    "Moodle": {
        "Ada Lovelace_101_assignsubmission_file_/02_manual.ipynb": ("p1", "Ada Lovelace", ""),
        "Emmy Noether_102_assignsubmission_file_/Copie de 02_manual.ipynb": ("p2", "Emmy Noether", ""),
        "Zoé ONeil-Ünal_103_assignsubmission_file_/work/02_manual.ipynb": ("p3", "Zoé ONeil-Ünal", ""),
        "Ada Lovelace_101_assignsubmission_onlinetext_/onlinetext.html": (None, None, "<p>"),
    },
    "Moodle, family name first, without folders": {
        "LOVELACE Ada_101_assignsubmission_file_02_manual (1).ipynb": ("p1", "LOVELACE Ada", ""),
        "Gödel Kurt_104_assignsubmission_file_02_manual-kurt.ipynb": ("p4", "Gödel Kurt", ""),
    },
    "Moodle, names hidden": {
        "Participant_102_assignsubmission_file_/02_manual.ipynb": ("p2", "Participant-102", ""),
    },
    "Moodle, by group": {
        "Group A/Ada Lovelace_101_assignsubmission_file_/02_manual.ipynb": ("p1", "Ada Lovelace", ""),
        "Group B/Emmy Noether_102_assignsubmission_file_/02_manual.ipynb": ("p2", "Emmy Noether", ""),
    },
    "Canvas": {
        "lovelaceada_LATE_1234_5678_02_manual-2.ipynb": ("p1", "lovelaceada", ""),
        "noetheremmy_1235_5679_02_manual.ipynb": ("p2", "noetheremmy", ""),
        "gödelkurt_1237_5680_homework.ipynb": ("p4", "gödelkurt", ""),
        "oneilünalzoé_1236_5681_02_manual-1.ipynb": ("p3", "oneilünalzoé", ""),
    },
    "Brightspace": {
        "123-456 - Ada Lovelace - Mar 15, 2024 1102 AM/02_manual.ipynb": ("p1", "Ada Lovelace", ""),
        "124-456 - Zoé O'Neil-Ünal - Mar 16, 2024 926 PM/02_manual.ipynb": ("p3", "Zoé O'Neil-Ünal", ""),
        "index.html": (None, None, "<html>"),
    },
    "Blackboard": {
        "02_manual_alovelace_attempt_2024-03-15-11-02-33_02_manual.ipynb": ("p1", "alovelace", ""),
        "02_manual_noether_attempt_2024-03-15-11-02-33_work.ipynb": ("p2", "Emmy Noether", ""),
        "02_manual_noether_attempt_2024-03-15-11-02-33.txt": (None, None, RECEIPT),
        "02_manual_alovelace_attempt_2024-03-15-11-02-33.txt": (None, None, "damaged"),
    },
    "GitHub Classroom": {
        "course-submissions/course-ada-l/notebooks/en/02_manual.ipynb": ("p1", "ada-l", ""),
        "course-submissions/course-emmy/notebooks/fr/02_manual.ipynb": ("p2", "emmy", ""),
        "course-submissions/course-emmy/README.md": (None, None, "#"),
    },
    "clones": {
        "ada-l/notebooks/en/02_manual.ipynb": ("p1", "ada-l", ""),
        "emmy/notebooks/fr/02_manual.ipynb": ("p2", "emmy", ""),
    },
    "nbgrader": {
        "submitted/p1/02_manual/02_manual.ipynb": ("p1", "p1", ""),
        "submitted/p1/02_manual/timestamp.txt": (None, None, "2024-03-15 10:02:33 UTC"),
        "submitted/p2/02_manual/02_manual.ipynb": ("p2", "p2", ""),
    },
    "nbgrader's exchange": {
        "inbound/p1+02_manual+2024-03-15 10:02:33 UTC+MTJhYi0/02_manual.ipynb": ("p1", "p1", ""),
        "inbound/p2+02_manual+2024-03-15 11:02:33.123456 UTC/02_manual.ipynb": ("p2", "p2", ""),
    },
    "ILIAS": {
        "Uebung/Lovelace_Ada_alovelace_7001/02_manual.ipynb": ("p1", "Ada Lovelace", ""),
        "Uebung/Goedel_Kurt_kgoedel_7002/Verspaetete Abgabe - 02_manual.ipynb": ("p4", "Kurt Goedel", ""),
    },
    "flat": {
        "02_manual-Ada Lovelace (1).ipynb": ("p1", "Ada Lovelace", ""),
        "noether_emmy_02_manual_v2.ipynb": ("p2", "noether_emmy", ""),
        "p3_02_manual_2024_03_15.ipynb": ("p3", "p3", ""),
        "KurtGödel 02-manual final.ipynb": ("p4", "KurtGödel", ""),
    },
    "a folder in a folder": {
        "week 3/Ada Lovelace/deep/er/02_manual.ipynb": ("p1", "er", ""),
        "week 3/emmy noether/x/02_manual.ipynb": ("p2", "x", ""),
    },
}  # fmt: skip


@pytest.fixture
def course(tmp_path) -> Path:
    return make_course(tmp_path / "course")


def members_of(layout: str) -> dict[str, bytes]:
    return {
        name: text.encode() if text else notebook(name, "02_manual") for name, (_, _, text) in LAYOUTS[layout].items()
    }


@pytest.mark.parametrize("as_zip", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("has_roster", [True, False], ids=["roster", "no roster"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_file_is_its_owner_s(course, tmp_path, layout, has_roster, as_zip):
    if has_roster:
        make_roster(course, ADA, EMMY, ZOE, KURT)
    members = members_of(layout)
    source = zipped(tmp_path / "in.zip", members) if as_zip else unpacked(tmp_path / "in", members)
    collected = collect(course, source)
    assert collected.unplaced == []
    owners = {name: row[not has_roster] for name, row in LAYOUTS[layout].items() if row[0]}
    assert graded(course) == {owner: members[name] for name, owner in owners.items()}


def test_gradescope_s_list_says_who_worked_together_and_when(course, tmp_path):
    make_roster(course, ADA, EMMY, ZOE, KURT)
    root = "assignment_123_export"
    members = {f"{root}/submission_40919402{number}/02_manual.ipynb": notebook(str(number)) for number in (3, 4, 5)}
    collected = collect(
        course, zipped(tmp_path / "in.zip", members | {f"{root}/submission_metadata.yml": GRADESCOPE.encode()})
    )
    three, four, _ = members.values()
    assert graded(course) == {"p1": three, "p2": four, "p4": four}
    assert read_origin(course / "submitted/p1/02_manual").time == datetime(2024, 3, 15, 10, 2, 33, 861687, tzinfo=UTC)
    assert [one.file for one in collected.unplaced] == [f"{root}/submission_409194025/02_manual.ipynb"]


def test_gradescope_without_a_roster(course, tmp_path):
    members = {f"submission_40919402{number}/02_manual.ipynb": notebook(str(number)) for number in (3, 4)}
    collect(course, zipped(tmp_path / "in.zip", members | {"submission_metadata.yml": GRADESCOPE.encode()}))
    assert set(graded(course)) == {"Ada Lovelace", "Emmy N", "Kurt Gödel"}


@pytest.mark.parametrize("text", ["submission_1: [", "- 1", "submission_1:\n  :submitters: 5\n", "\0", "a: &a [*a]"])
def test_a_damaged_list_names_nobody(course, tmp_path, text):
    make_roster(course, ADA)
    members = {"submission_1/02_manual.ipynb": b"1", "submission_metadata.yml": text.encode()}
    assert len(collect(course, zipped(tmp_path / "in.zip", members)).unplaced) == 1


# Moodle's worksheet

WORKSHEET = """\
Identifier,"Full name","Email address",Status,Group,Grade,"Last modified (submission)"
"Participant 101","Ada Lovelace",ada@uni.org,x,"Team 1",,"Friday, 15 March 2024, 11:02 AM"
"Participant 102","E. Noether",noether@uni.org,x,"Team 1",,"Friday, 15 March 2024, 9:05 PM"
"Participant 103","Kurt Gödel",,x,"Team 2",,-
"""


def worksheet(tmp_path: Path, text: str = WORKSHEET) -> Path:
    path = tmp_path / "worksheet.csv"
    path.write_text(text, "utf-8-sig")
    return path


def test_a_worksheet_says_whose_number_is_whose_and_when(course, tmp_path):
    make_roster(course, ADA, EMMY, ZOE, KURT)
    members = {
        "Participant_101_assignsubmission_file_/02_manual.ipynb": b"1",
        "E. Noether_102_assignsubmission_file_/02_manual.ipynb": b"2",
        "Participant_103_assignsubmission_file_/02_manual.ipynb": b"3",
        "Participant_999_assignsubmission_file_/02_manual.ipynb": b"4",
    }
    source = zipped(tmp_path / "in.zip", members, {"Participant_999_assignsubmission_file_/02_manual.ipynb": 90})
    collected = collect(course, source, worksheet(tmp_path), zone=ZONE)
    assert graded(course) == {"p1": b"1", "p2": b"2", "p4": b"3"}
    assert [one.label for one in collected.unplaced] == ["Participant_999"]
    times = {student: read_origin(course / "submitted" / student / "02_manual").time for student in ("p1", "p2", "p4")}
    assert times["p1"] == datetime(2024, 3, 15, 11, 2, tzinfo=ZONE)
    assert times["p2"] == datetime(2024, 3, 15, 21, 5, tzinfo=ZONE)
    assert times["p4"] == datetime(2025, 3, 1, 12, 0, tzinfo=ZONE)  # the archive's


def test_a_team_s_work_is_each_member_s(course, tmp_path):
    make_roster(course, ADA, EMMY, ZOE, KURT)
    members = {
        "Team 1_7_assignsubmission_file_/02_manual.ipynb": b"1",
        "Team 2_103_assignsubmission_file_/02_manual.ipynb": b"2",
    }
    collect(course, zipped(tmp_path / "in.zip", members), worksheet(tmp_path))
    assert graded(course) == {"p1": b"1", "p2": b"1", "p4": b"2"}


def test_a_worksheet_names_who_is_hidden_without_a_roster_too(course, tmp_path):
    members = {"Participant_101_assignsubmission_file_/02_manual.ipynb": b"1"}
    collect(course, zipped(tmp_path / "in.zip", members), worksheet(tmp_path))
    assert graded(course) == {"Ada Lovelace": b"1"}


def test_the_line_that_settles_repeats_the_worksheet(course, tmp_path, monkeypatch):
    make_roster(course, ADA, Person("p2", "Emmy", "Noether"))
    monkeypatch.chdir(course)
    table = Path("the worksheet.csv")
    table.write_text('Identifier,"Full name",Grade\n"Participant 7","E. Noether",\n')
    zipped(Path("in.zip"), {"Participant_7_assignsubmission_file_/02_manual.ipynb": b"1"})
    ran = CliRunner().invoke(app, ["collect", "in.zip", "--worksheet", str(table)])
    (line,) = (line.strip() for line in ran.stdout.splitlines() if "--who" in line and "gradus" in line)
    assert line.startswith("gradus collect in.zip --worksheet 'the worksheet.csv' --who 'E. Noether=p2'")
    assert CliRunner().invoke(app, shlex.split(line, comments=True)[1:]).exit_code == 0
    assert graded(course) == {"p2": b"1"}


def test_a_number_and_a_name_that_are_two_people_s_are_open(course, tmp_path):
    make_roster(course, ADA, EMMY, ZOE, KURT)
    members = {
        "Kurt Gödel_101_assignsubmission_file_/02_manual.ipynb": b"1",
        "Ada Lovelace_102_assignsubmission_file_/02_manual.ipynb": b"2",
    }
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert [(one.label, one.may_be) for one in collected.unplaced] == [("Ada Lovelace_102", ("p1", "p2"))]
    assert graded(course) == {"p4": b"1"}


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        ("Alan_777_assignsubmission_file_/02_manual.ipynb", "worksheet.csv is of another assignment: nobody in it "),
        ("ada_1234_5678_02_manual.ipynb", "A worksheet tells of Moodle's downloads, and this is none: "),
    ],
)  # fmt: skip
def test_a_worksheet_of_something_else_is_refused(course, tmp_path, member, sentence):
    with pytest.raises(CollectError) as error:
        collect(course, zipped(tmp_path / "in.zip", {member: b"1"}), worksheet(tmp_path))
    assert str(error.value).startswith(sentence)
    assert not (course / "submitted").exists()


# Canvas


def test_canvas_says_who_is_late_and_hides_names(course, tmp_path):
    make_roster(course, ADA, EMMY)
    members = {
        "lovelaceada_LATE_1234_5678_02_manual.ipynb": b"1",
        "noetheremmy_1235_5679_02_manual.ipynb": b"2",
        "anon_x7F3a_5680_02_manual.ipynb": b"3",
        "LATE_anon_y8G4b_5681_02_manual.ipynb": b"4",
    }
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    origins = [read_origin(course / "submitted" / student / "02_manual") for student in ("p1", "p2")]
    assert [(origin.is_late, origin.time) for origin in origins] == [(True, None), (False, None)]
    assert {(one.label, one.why) for one in collected.unplaced} == {
        ("anon_x7F3a", "the platform hides the names"),
        ("anon_y8G4b", "the platform hides the names"),
    }
    assert collected.untimed == []


@pytest.mark.parametrize(
    "name",
    ["02_manual_2024_03_15.ipynb", "ada_2024_03_15_02_manual.ipynb", "ada_15_03_2024_02_manual.ipynb",
     "ada_20240315_110233_02_manual.ipynb", "02_manual_12_34_ada.ipynb", "ada_03_2024_02_manual.ipynb",
     "group_1_2_02_manual.ipynb"],
)  # fmt: skip
def test_a_dated_name_is_no_canvas_name(course, tmp_path, name):
    collected = collect(course, zipped(tmp_path / "in.zip", {name: b"1", "x_02_manual.ipynb": b"2"}))
    keys = {path.parts[-2]: read_origin(path).keys for path in (course / "submitted").glob("*/*/")}
    assert all("canvas" not in key for key in keys.values())
    assert len(keys) + len(collected.unplaced) == 2


def test_who_handed_in_no_notebook_is_told(course, tmp_path):
    members = {
        "Ada Lovelace_101_assignsubmission_file_/02_manual.ipynb": b"1",
        "Ada Lovelace_101_assignsubmission_onlinetext_/onlinetext.html": b"",
        "Emmy Noether_102_assignsubmission_file_/answers.pdf": b"2",
        "Emmy Noether_102_assignsubmission_file_/more/notes.txt": b"3",
        "Kurt_103_assignsubmission_onlinetext_/onlinetext.html": b"",
    }
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert collected.without == {"Emmy Noether_102": ["answers.pdf", "notes.txt"]}


# Files that name nobody


@pytest.mark.parametrize("has_roster", [True, False])
@pytest.mark.parametrize("folder", ["", "TP notes/", "TP notes/02_manual/"])
def test_copies_in_one_folder_name_nobody(course, tmp_path, folder, has_roster):
    if has_roster:
        make_roster(course, ADA)
    names = [
        "Copy of 02_manual.ipynb",
        "Copia de 02_manual.ipynb",
        "02-manual (1).ipynb",
        "02_manual_2024_03_15.ipynb",
        "Untitled.ipynb",
    ]
    members = {f"{folder}{name}": notebook(name, "02_manual") for name in names}
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert tree(course) == {}
    assert sorted(one.file for one in collected.unplaced) == sorted(members)
    kept = {path.read_bytes() for path in (course / "unplaced").rglob("*.ipynb") if path.is_file()}
    assert kept == set(members.values())


# Archives in archives, and endings


def test_zips_in_zips_are_their_owner_s(course, tmp_path):
    make_roster(course, ADA, EMMY, ZOE, KURT)
    work = as_bytes(tmp_path, {"work/02_manual.ipynb": b"1", "work/data.bin": b"0"})
    deep = as_bytes(tmp_path, {"more.zip": as_bytes(tmp_path, {"02_manual.ipynb": b"2"})})
    other = as_bytes(tmp_path, {"Kurt Gödel_104_assignsubmission_file_/02_manual.ipynb": b"not Kurt's"})
    members = {
        "Ada Lovelace_101_assignsubmission_file_/hand-in.zip": work,
        "Emmy Noether_102_assignsubmission_file_/hand-in.zip": deep,
        "Zoé ONeil-Ünal_103_assignsubmission_file_/02_manual.zip": other,
    }
    collect(course, zipped(tmp_path / "in.zip", members))
    assert graded(course) == {"p1": b"1", "p2": b"2", "p3": b"not Kurt's"}


def test_downloads_in_a_zip_keep_their_times(course, tmp_path):
    ada, emmy = (f"{name}_assignsubmission_file_/02_manual.ipynb" for name in ("Ada Lovelace_101", "Emmy_102"))
    inner = as_bytes(tmp_path, {ada: b"1", emmy: b"2"}, {emmy: 90})
    outer = zipped(tmp_path / "in.zip", {"all/moodle.zip": inner}, {"all/moodle.zip": 300})
    collect(course, outer, zone=ZONE)
    assert read_origin(course / "submitted/Ada Lovelace/02_manual").time == datetime(2025, 3, 1, 12, 0, tzinfo=ZONE)


def test_what_a_student_zips_came_when_the_zip_did(course, tmp_path):
    inner = as_bytes(tmp_path, {"02_manual.ipynb": b"1"})
    ada, emmy = (f"{name}_assignsubmission_file_/work.zip" for name in ("Ada Lovelace_101", "Emmy_102"))
    collect(course, zipped(tmp_path / "in.zip", {ada: inner, emmy: inner}, {ada: 90}), zone=ZONE)
    assert read_origin(course / "submitted/Ada Lovelace/02_manual").time == datetime(2025, 3, 1, 13, 30, tzinfo=ZONE)


def test_an_archive_with_one_time_says_when_it_was_packed(course, tmp_path):
    ada, emmy = (f"{name}_assignsubmission_file_/02_manual.ipynb" for name in ("Ada_101", "Emmy_102"))
    collected = collect(course, zipped(tmp_path / "in.zip", {ada: b"1", emmy: b"2"}, {ada: 20}), zone=ZONE)
    assert collected.untimed == [("Ada", "02_manual"), ("Emmy", "02_manual")]
    assert collected.lacks_worksheet
    assert read_origin(course / "submitted/Ada/02_manual").time is None


def test_a_zip_for_each_student(course, tmp_path):
    members = {
        "ada_02_manual.zip": as_bytes(tmp_path, {"02_manual/02_manual.ipynb": b"1"}),
        "emmy.zip": as_bytes(tmp_path, {"work/old/02_manual.ipynb": b"2"}),
    }
    collect(course, unpacked(tmp_path / "in", members))
    assert graded(course) == {"ada": b"1", "emmy": b"2"}


def test_zips_of_a_group_are_not_one_person_s(course, tmp_path):
    inner = {name: as_bytes(tmp_path, {"02_manual.ipynb": name.encode()}) for name in ("ada", "emmy", "kurt")}
    members = {"A/ada.zip": inner["ada"], "A/emmy.zip": inner["emmy"], "B/kurt/work.zip": inner["kurt"]}
    collect(course, unpacked(tmp_path / "in", members))
    assert graded(course) == {"ada": b"ada", "emmy": b"emmy", "kurt": b"kurt"}


@pytest.mark.parametrize("ending", [".ipynb.txt", ".ipynb.json", ".json", ".IPYNB", ".txt"])
def test_notebooks_are_taken_by_what_they_hold(course, tmp_path, ending):
    members = {
        f"ada/02_manual{ending}": notebook("1"),
        f"emmy/02_manual{ending}": notebook("2"),
        "ada/data.json": b"[1, 2]",
    }
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert graded(course) == {"ada": notebook("1"), "emmy": notebook("2")}
    assert [(one.file, one.reason) for one in collected.left] == [("ada/data.json", "not a notebook")]


def test_what_a_clone_has_untouched_was_not_handed_in(course, tmp_path):
    released = {f"notebooks/en/{stage}.ipynb": notebook(stage, stage) for stage in ("01_math", "02_manual")}
    unpacked(course, released)
    clones = {f"{name}/{path}": content for name in ("ada", "emmy") for path, content in released.items()}
    clones["ada/notebooks/en/02_manual.ipynb"] = notebook("answers", "02_manual")
    collected = collect(course, unpacked(tmp_path / "in", clones))
    assert list(tree(course)) == ["ada/02_manual/02_manual.ipynb"]
    assert {one.reason for one in collected.left} == {"a clone's notebook, as it was published"}
