"""Identity: two owners never become one, one stays one, and what nobody can tell stays open."""

import shlex
import shutil
import unicodedata
import zipfile
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import nbformat
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from conftest import COURSE
from conftest import STAGES as STAGES_OF
from grading.cli.app import app
from grading.course.origin import read_origin
from grading.course.roster import Person, read_roster
from grading.intake.archives.encodings import decode
from grading.intake.archives.files import CollectError
from grading.intake.collect import collect
from grading.intake.layouts.platforms import Owner
from grading.intake.names import COPIES, NOBODY, VERSIONS, joined, spellings
from grading.intake.people import SEVERAL, People
from grading.rehearsal.cohort import solution_answers, submission
from handed_in import STAGES, graded, make_course, make_roster, names, notebook, tree, unpacked, zipped


@pytest.fixture
def course(tmp_path) -> Path:
    return make_course(tmp_path / "course")


def people(*roster: Person) -> People:
    return People({one.id: one for one in roster}, list(STAGES))


# Names

ADA = Person("p2300130", "Ada", "Lovelace", "ada.l@uni.org", {"canvas": "11", "login": "alovelace"}, ("Countess",))
ROBIN = Person("p2300131", "Jean-Pierre", "O'Robin", "jp@uni.org")
ZOE, ZOÉ = Person("z1", "Zoe", "Martin"), Person("z2", "Zoé", "Martin")
MUELLER = Person("m1", "Jürgen", "Müller")
KAMAL, KAMALA = Person("k1", "कमल", "देवी"), Person("k2", "कमला", "देवी")
WANG = Person("w1", "小明", "王")
ANDREJ = Person("a1", "Андрей", "Ёлкин")
CLASS = people(ADA, ROBIN, ZOE, ZOÉ, MUELLER, KAMAL, KAMALA, WANG, ANDREJ)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Ada Lovelace", "p2300130"),
        ("LOVELACE, Ada", "p2300130"),
        ("lovelace_ada", "p2300130"),
        ("AdaLovelace", "p2300130"),
        ("02_manual - Ada Lovelace (2)", "p2300130"),
        ("P2300130", "p2300130"),
        ("p2300130_ada_02_manual", "p2300130"),
        ("ada.l", "p2300130"),
        ("Ada.L@uni.org 02_manual", "p2300130"),
        ("Lovelace Ada alovelace", "p2300130"),
        ("countess", "p2300130"),
        ("Jean Pierre ORobin", "p2300131"),
        ("robin jean-pierre o", ""),
        ("jeanpierre o’robin", "p2300131"),
        ("Zoé Martin", "z2"),
        (unicodedata.normalize("NFD", "Zoé Martin"), "z2"),
        ("Zoe Martin", "z1 z2"),
        ("Mueller Jurgen", ""),
        ("Mueller Juergen", "m1"),
        ("Muller Jurgen", "m1"),
        ("कमल देवी", "k1"),
        ("देवी कमला", "k2"),
        ("王小明", "w1"),
        ("小明 王", "w1"),
        ("АНДРЕЙ ЕЛКИН", "a1"),
        ("Ada", ""),
        ("A. Lovelace", ""),
        ("Ada Maria Lovelace", ""),
        ("p2300199 Ada Lovelace", ""),
        ("p2300131 Ada Lovelace", ""),
        ("02_manual", ""),
    ],
)
def test_who_is_meant_by_a_file_s_name(text, ids):
    match = CLASS.of_path([f"{text}.ipynb"])
    assert {"": None}.get(ids, ids) == (" ".join(sorted(match.ids)) if match.ids and not match.why else None)


@pytest.mark.parametrize(
    ("text", "ids"),
    [("0013", "13"), ("0013_02_manual", "13"), ("Ada Lovelace 0013", "13"), ("013", ""), ("00013", "13"), ("0014", "")],
)
def test_zeros_that_a_spreadsheet_took_off_an_id_are_found_in_a_path(text, ids):
    found = people(Person("13", "Ada", "Lovelace"), Person("14"), Person("014"), Person("2301")).of_path([text])
    assert "".join(found.ids) == ids


def test_a_login_that_is_somebody_else_s_name_tells_nobody():
    marie, other = Person("p1", "Marie", "Curie", "marie@uni.org"), Person("p2", "Marie", "Noether", "mn@uni.org")
    assert people(marie, other).of_path(["marie_02_manual.ipynb"]).student is None
    assert people(marie).of_path(["marie_02_manual.ipynb"]).student == "p1"


def test_an_alias_that_is_somebody_else_s_name_tells_nobody():
    ada, other = Person("p1", "Ada", "King", aliases=("Ada Robin",)), Person("p2", "Ada", "Robin")
    assert people(ada, other).of_path(["Ada Robin_02_manual.ipynb"]).student is None
    assert people(ada, other).of_owner(Owner("Ada Robin", {"moodle": "7"})).student is None
    assert people(ada).of_owner(Owner("Ada Robin", {"moodle": "7"})).student == "p1"


def test_a_folder_or_zip_that_is_named_after_a_student_is_the_student_s(course, tmp_path):
    make_roster(course, Person("p1", "Ada", "Robin"), Person("p2", "Emmy", "Noether"))
    collect(course, zipped(tmp_path / "Ada Robin.zip", {"02_manual.ipynb": b"1"}))
    collect(course, unpacked(tmp_path / "p2", {"02_manual.ipynb": b"2"}))
    assert len(collect(course, unpacked(tmp_path / "Downloads", {"02_manual.ipynb": b"3"})).unplaced) == 1
    assert graded(course) == {"p1": b"1", "p2": b"2"}


def test_a_path_that_names_two_is_open():
    assert CLASS.of_path(["Ada Lovelace", "02_manual_Andrej.ipynb"]).student == "p2300130"
    assert CLASS.of_path(["Ada Lovelace", "02_manual_王小明.ipynb"]).student is None
    assert CLASS.of_path(["Zoe Martin", "z1_02_manual.ipynb"]).student == "z1"


@pytest.mark.parametrize(
    ("owner", "student"),
    [
        (Owner("lovelaceada", {"canvas": "11"}), "p2300130"),
        (Owner("lovelaceada", {"canvas": "12"}), "p2300130"),  # unless the roster has Canvas's keys of others here
        (Owner("kingaugusta", {"canvas": "11"}), None),
        (Owner("orobinjeanpierre", {"canvas": "11"}), None),
        (Owner("Team Rocket", {"canvas": "11"}), None),
        (Owner("Ada King", {"canvas": "11"}), "p2300130"),
        (Owner("", {"login": "ALovelace"}), "p2300130"),
        (Owner("", {"login": "x_alovelace"}), None),
        (Owner("", {"ends_in_login": "Week 3_x_alovelace"}), "p2300130"),
        (Owner("Somebody Else", {"email": "ada.l@uni.org"}), "p2300130"),
        (Owner("Андрей Ёлкин", {"email": "ada.l@uni.org"}), None),
        (Owner("Ada Lovelace", {"email": "other@home.org"}), "p2300130"),
        (Owner("Participant", {"moodle": "5"}, is_hidden=True), None),
    ],
)
def test_who_is_meant_by_what_a_platform_says(owner, student):
    assert CLASS.of_owner(owner).student == student


def test_a_key_that_is_not_the_roster_s_speaks_against_a_name():
    found = [Owner("noetheremmy", {"canvas": "20"}), Owner("lovelaceada", {"canvas": "12"})]
    emmy = Person("p9", "Emmy", "Noether", keys={"canvas": "20"})
    both = people(ADA, emmy)
    assert both.covered(found) == {"canvas"}
    assert both.of_owner(found[1], both.covered(found)).student is None


SIX = (
    Person("p1", "Ann", "Archer", "ann@uni.org"),
    Person("p2", "Bo", "Brook"),
    Person("p12", "Bob", "Carr"),
    Person("p2300130", "Ada", "Robin", keys={"login": "arobin"}),
    Person("p123", "Emmy", "Noether"),
    Person("x1", "Ann Archer", "Bob"),
)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("p1_p2", "p1 p2"),
        ("p1p2", "p1 p2"),
        ("P1-p12", "p1 p12"),
        ("p1 and p12", "p1 p12"),
        ("p123_p1", "p1 p123"),
        ("p2300130_p2", "p2 p2300130"),
        ("Ann Archer_Bo Brook", "p1 p2"),
        ("AnnArcherBoBrook", "p1 p2"),
        ("archer_ann + p12", "p1 p12"),
        ("ann@uni.org Bob Carr", "p1 p12"),
        ("arobin & Bob Carr", "p12 p2300130"),
        ("p1_Ann Archer", "p1"),
        ("Ann Archer Bob", "x1"),
        ("p12", "p12"),
        ("arobin Ada Robin", "p2300130"),
        ("p1p3", ""),
    ],
)
def test_one_path_that_names_several_says_so_and_proposes_nobody_else(course, tmp_path, said, ids):
    make_roster(course, *SIX)
    path = f"02_manual_{said}.ipynb"
    source = zipped(tmp_path / "in.zip", {path: b"1", "other_02_manual.ipynb": b"2"})
    unplaced = {one.file: one for one in collect(course, source).unplaced}
    if " " in ids:
        assert (unplaced[path].why, unplaced[path].may_be) == (SEVERAL, tuple(ids.split()))
        assert unplaced[path].settle.endswith(f"--who {shlex.quote(f'{path}=ID')}")
    elif ids:
        assert graded(course) == {ids: b"1"}
    else:
        assert unplaced[path].may_be == ()


# Folders of one person with files of another


FOLDERS = ("Cleo Adams_103_assignsubmission_file_", "Cleo Adams", "123-456 - Cleo Adams - Mar 15, 2024 1102 AM")


@pytest.mark.parametrize("settled", ["p1", "p2"])
@pytest.mark.parametrize("folder", FOLDERS)
def test_another_s_name_in_one_s_folder_is_open_and_what_settles_it_holds(course, tmp_path, folder, settled):
    make_roster(course, Person("p1", "Cleo", "Adams"), Person("p2", "Dan", "Diaz"), Person("p3", "Emmy", "Noether"))
    other = f"{folder}/02_manual_Dan_Diaz.ipynb"
    emmy = f"{folder.replace('Cleo Adams', 'Emmy Noether').replace('3', '4')}/02_manual.ipynb"
    members = {f"{folder}/02_manual.ipynb": b"1", other: b"2", emmy: b"3"}
    source = zipped(tmp_path / "in.zip", members)
    collected = collect(course, source)
    assert graded(course) == {"p1": b"1", "p3": b"3"}
    assert [(one.file, one.label, one.may_be) for one in collected.unplaced] == [(other, other, ("p1", "p2"))]
    collect(course, source, who={other: settled})
    before = tree(course)
    assert {path.split("/")[0] for path in before if before[path] == b"2"} == {settled}
    assert (collect(course, source).unplaced, tree(course)) == ([], before)
    assert all(not one.aliases for one in read_roster(course).values())
    keys = read_origin(course / "submitted/p2/02_manual").keys
    assert keys == {}  # those of the folder are not Dan's
    collect(course, zipped(tmp_path / "again.zip", {**members, other: b"new"}))
    assert (course / "unplaced/list.txt").exists()  # another file of this path is not settled


def test_what_a_team_member_s_file_is_called_is_no_other_s(course, tmp_path):
    make_roster(course, Person("p1", "Cleo", "Adams"), Person("p2", "Dan", "Diaz"))
    path = f"{FOLDERS[0]}/02_manual_Dan Diaz_Cleo Adams.ipynb"
    assert collect(course, zipped(tmp_path / "in.zip", {path: b"1", "p2/02_manual.ipynb": b"2"})).unplaced == []


def test_what_settles_a_folder_does_not_settle_another_s_file_in_it(course, tmp_path):
    make_roster(course, Person("p1", "Cleo", "Adams"), Person("p2", "Dan", "Diaz"))
    folder = FOLDERS[0].replace("Cleo", "C.")
    members = {f"{folder}/02_manual.ipynb": b"1", f"{folder}/02_manual_Dan Diaz.ipynb": b"2"}
    collected = collect(course, zipped(tmp_path / "in.zip", members), who={"C. Adams": "p1"})
    assert graded(course) == {"p1": b"1"}
    assert [one.may_be for one in collected.unplaced] == [("p1", "p2")]


# Namesakes


def moodle(name: str, key: int, file: str = "02_manual") -> str:
    return f"{name}_{key}_assignsubmission_file_/{file}.ipynb"


def test_two_of_one_name_are_open_until_a_line_settles_them(course, tmp_path):
    make_roster(course, Person("p1", "Ada", "Robin"), Person("p2", "Ada", "Robin"), Person("p3", "Emmy", "Noether"))
    members = {moodle("Ada Robin", 101): b"1", moodle("Ada Robin", 102): b"2", moodle("E. Noether", 103): b"3"}
    source = zipped(tmp_path / "in.zip", members)
    collected = collect(course, source)
    assert graded(course) == {}
    assert [(one.label, one.may_be) for one in collected.unplaced] == [
        ("Ada Robin_101", ("p1", "p2")),
        ("Ada Robin_102", ("p1", "p2")),
        ("E. Noether", ("p3",)),
    ]
    assert collected.unplaced[2].settle == f"gradus collect {source} --who 'E. Noether=p3'"
    collected = collect(course, source, who={"Ada Robin_101": "p2", "Ada Robin_102": "p1", "E. Noether": "p3"})
    assert graded(course) == {"p2": b"1", "p1": b"2", "p3": b"3"}
    assert collected.unplaced == []
    assert not (course / "unplaced").exists()
    assert read_roster(course)["p3"].aliases == ("E. Noether",)
    assert {one.outcome for one in collect(course, source).placed} == {"unchanged"}


def ran(course: Path, *arguments: str | Path) -> str:
    """Return what `gradus collect` prints."""
    with chdir(course):
        return CliRunner().invoke(app, ["collect", *map(str, arguments)]).stdout


@pytest.mark.parametrize("name", ["E. N", "E. N_101"])
def test_a_name_that_was_settled_wrongly_is_told_when_a_worksheet_knows_better(course, tmp_path, name):
    make_roster(course, Person("p1", "Emmy", "Noether", "emmy@uni.org"), Person("p2", "Kurt", "Gödel"))
    source = zipped(tmp_path / "in.zip", {moodle("E. N", 101): notebook("1")})
    worksheet = tmp_path / "w.csv"
    worksheet.write_text("Identifier,Full name,Email address,Grade\nParticipant 101,E. N,emmy@uni.org,\n", "utf-8")
    collect(course, source, who={name: "p2"})
    assert graded(course) == {"p2": notebook("1")}
    printed = ran(course, source, "--worksheet", worksheet)
    assert graded(course) == {"p1": notebook("1"), "p2": notebook("1")}
    assert (
        f"roster.csv: '{name}' is another name of Kurt Gödel (p2), but the worksheet says Emmy Noether (p1). If that "
        "is right, delete this alias in the line of p2.\n"
        "submitted/p2/02_manual holds the very file that Emmy Noether has now: if it came there by mistake, delete "
        "that folder.\n"
    ) in printed
    shutil.rmtree(course / "submitted/p2")
    make_roster(course, *(replace(one, aliases=()) for one in read_roster(course).values()))
    printed = ran(course, source, "--worksheet", worksheet)
    assert "another name" not in printed
    assert "very file" not in printed


def test_one_file_of_two_people_is_told_unless_it_is_blank_or_a_team_s(course, tmp_path):
    (course / "source/02_manual/02_manual.ipynb").write_bytes(
        (COURSE / "source/02_manual/02_manual.ipynb").read_bytes()
    )
    released = nbformat.read(COURSE / "notebooks/en/02_manual.ipynb", as_version=4)
    solved = nbformat.writes(submission(released, tuple(solution_answers(STAGES_OF["02_manual"]).values()))).encode()
    blank = nbformat.writes(released).encode()
    people = ("Ada Lovelace", "Emmy Noether", "Kurt Gödel", "Alan Turing")
    make_roster(course, *names(people))
    contents = dict(zip(people, (solved, solved, blank, blank), strict=True))
    (tmp_path / "first").mkdir()
    printed = [
        ran(course, zipped(tmp_path / "in.zip", {moodle(name, 101 + n): content}))
        for n, (name, content) in enumerate(contents.items())
    ]
    said = "The same file of 02_manual, byte for byte, came from Ada Lovelace, Emmy Noether: look at it.\n"
    assert [said in text for text in printed] == [False, True, False, False]
    assert not any("byte for byte" in text for text in printed[2:])
    metadata = "submission_7:\n  :submitters:\n  - :name: Kurt Gödel\n  - :name: Alan Turing\n"
    members = {
        "submission_metadata.yml": metadata.encode(),
        "submission_7/02_manual.ipynb": solved + b" ",
    }
    assert "byte for byte" not in ran(course, zipped(tmp_path / "team.zip", members))
    assert graded(course)["p3"] == graded(course)["p4"] == solved + b" "


def test_one_who_is_in_the_roster_and_one_who_is_not(course, tmp_path):
    make_roster(course, Person("p1", "Ada", "Robin"))
    collected = collect(
        course, zipped(tmp_path / "in.zip", {moodle("Ada Robin", 101): b"1", moodle("Ada Robin", 102): b"2"})
    )
    assert graded(course) == {}
    assert {one.label for one in collected.unplaced} == {"Ada Robin_101", "Ada Robin_102"}


def test_a_namesake_in_another_download_is_open(course, tmp_path):
    make_roster(course, Person("p1", "Ada", "Robin"))
    collect(course, zipped(tmp_path / "1.zip", {moodle("Ada Robin", 101): b"1"}))
    collected = collect(course, zipped(tmp_path / "2.zip", {moodle("Ada Robin", 102): b"2"}))
    assert [one.label for one in collected.unplaced] == ["Ada Robin_102"]
    collect(course, zipped(tmp_path / "3.zip", {moodle("Ada Robin", 201, "01_math"): b"3"}))
    assert graded(course) == {"p1": b"1"}
    assert graded(course, "01_math") == {"p1": b"3"}


def test_who_says_a_name_that_several_have_is_asked_which(course, tmp_path):
    make_roster(course, Person("p1", "Ada", "Robin"))
    source = zipped(tmp_path / "in.zip", {moodle("A. Robin", 101): b"1", moodle("A. Robin", 102): b"2"})
    for who, sentence in (
        ({"A. Robin": "p1"}, "Several people are called 'A. Robin' here: say which, of A. Robin_101, A. Robin_102."),
        ({"Alan": "p1"}, "Nobody in this download is called 'Alan': write the name as the list has it."),
        ({"A. Robin_101": "p7"}, "roster.csv has no id 'p7', which --who gives to 'A. Robin_101': look it up there."),
    ):
        with pytest.raises(CollectError) as error:
            collect(course, source, who=who)
        assert str(error.value) == sentence
    assert not (course / "submitted").exists()
    assert read_roster(course)["p1"].aliases == ()


def test_a_file_without_any_name_is_settled_by_its_path_and_not_remembered(course, tmp_path):
    make_roster(course, Person("p1", "Ada", "Robin"), Person("p2", "Emmy", "Noether"))
    source = zipped(tmp_path / "in.zip", {"02_manual.ipynb": b"1", "02_manual (1).ipynb": b"2"})
    collect(course, source, who={"02_manual (1).ipynb": "p1"})
    assert graded(course) == {"p1": b"2"}
    assert read_roster(course)["p1"].aliases == ()


STAMPED = ("20261120", "2026-11-20", "20112026", "20261120_110233", "20261120-1102", "20261120T110233", "20Nov2026",
           "20 novembre 2026", "Nov 20, 2026", "20261120_11h02", "1730712345", "4711", "1.5")  # fmt: skip


@pytest.mark.parametrize("stamp", STAMPED)
def test_a_date_a_time_or_a_number_is_no_name_and_no_alias(course, tmp_path, stamp):
    make_roster(course, Person("p1", "Ada", "Robin"), Person("p2", "Emmy", "Noether", aliases=(stamp,)))
    path = f"02_manual_{stamp}.ipynb"
    source = zipped(tmp_path / "in.zip", {path: b"1", "p2_02_manual.ipynb": b"2"})
    (unplaced,) = collect(course, source).unplaced
    assert unplaced.settle == f"gradus collect {source} --who {shlex.quote(f'{path}=ID')}"
    with pytest.raises(CollectError, match="Nobody in this download is called"):
        collect(course, source, who={stamp: "p1"})
    collect(course, source, who={path: "p1"})
    assert graded(course) == {"p1": b"1", "p2": b"2"}
    assert read_roster(course)["p1"].aliases == ()


@pytest.mark.parametrize("stamp", STAMPED[:-3])
def test_a_date_in_a_name_is_no_part_of_the_name(course, tmp_path, stamp):
    make_roster(course, Person("20230001", "Ada", "Robin"), Person("20230002", "Emmy", "Noether"))
    members = {f"02_manual_Ada Robin_{stamp}.ipynb": b"1", f"02_manual_E. Noether_{stamp}.ipynb": b"2"}
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert graded(course) == {"20230001": b"1"}
    assert [one.label for one in collected.unplaced] == ["E. Noether"]


def test_a_name_that_begins_like_a_month_stays(course, tmp_path):
    make_roster(course, Person("p1", "Ada", "May"), Person("p2", "Julia", "Martin"))
    members = {"Ada_May_12_2024_02_manual.ipynb": b"1", "Julia Martin 3 2024 02_manual.ipynb": b"2"}
    collected = collect(course, zipped(tmp_path / "in.zip", members | {"J. Martin 3 2024 02_manual.ipynb": b"3"}))
    assert graded(course) == {"p1": b"1", "p2": b"2"}
    assert [one.label for one in collected.unplaced] == ["J. Martin 3 2024"]


def test_an_id_that_looks_like_a_date_is_an_id(course, tmp_path):
    make_roster(course, Person("20261120", "Ada", "Robin"), Person("20261121", "Emmy", "Noether"))
    collect(course, zipped(tmp_path / "in.zip", {"02_manual_20261120.ipynb": b"1", "20261121/02_manual.ipynb": b"2"}))
    assert graded(course) == {"20261120": b"1", "20261121": b"2"}


def test_without_a_roster_a_date_is_nobody(course, tmp_path):
    members = {"02_manual_20261120.ipynb": b"1", "ada_02_manual.ipynb": b"2"}
    assert len(collect(course, zipped(tmp_path / "in.zip", members)).unplaced) == 1
    assert graded(course) == {"ada": b"2"}


def test_without_a_roster_there_are_no_ids(course, tmp_path):
    with pytest.raises(CollectError, match="There is no roster, so there are no ids"):
        collect(course, zipped(tmp_path / "in.zip", {"ada_02_manual.ipynb": b"1"}), who={"ada": "p1"})


@pytest.mark.parametrize(
    ("downloads", "folders"),
    [
        ([[moodle("Ada", 1)], [moodle("Ada", 2)]], {"Ada", "Ada-2"}),
        ([[moodle("Ada", 1), moodle("Ada", 2)], [moodle("Ada", 1)]], {"Ada-1", "Ada-2"}),
        ([[moodle("Ada", 1)], [moodle("Ada", 2, "01_math")]], {"Ada"}),
        ([["ada_1_701_02_manual.ipynb"], ["ada_2_802_01_math.ipynb"]], {"ada", "ada-2"}),
        ([["ada_1_701_02_manual.ipynb", "ada_2_802_02_manual.ipynb"], ["ada_1_903_01_math.ipynb"]], {"ada-1", "ada-2"}),
        ([[moodle("a*d", 1), moodle("a?d", 2)]], {"a_d-1", "a_d-2"}),
        ([[moodle("a*d", 1)], [moodle("a?d", 2)]], {"a_d", "a_d-2"}),
        ([[moodle("é" * 150, 1), moodle("é" * 149 + "a", 2)]], {"é" * 69 + "-1", "é" * 69 + "-2"}),
        ([["a/ada/02_manual.ipynb", "a/emmy/02_manual.ipynb"], ["b/ada/02_manual.ipynb"]], {"ada", "emmy"}),
        ([["a/work/02_manual.ipynb"], ["b/work/02_manual.ipynb"]], {"work", "work-b_work"}),
    ],
)
def test_two_owners_have_two_folders_without_a_roster(course, tmp_path, downloads, folders):
    for number, paths in enumerate(downloads):
        collect(course, zipped(tmp_path / f"{number}.zip", {path: f"{number} {path}".encode() for path in paths}))
    assert {path.name for path in (course / "submitted").iterdir()} == folders


def test_names_keep_their_letters_and_marks(course, tmp_path):
    given = ("कमला देवी", "ก้องภพ", "محمّد", "שְׁלֹמֹה", "Nguyễn Thị Ánh", "가나다")
    collect(course, zipped(tmp_path / "in.zip", {moodle(name, key): b"" for key, name in enumerate(given)}))
    assert {path.name for path in (course / "submitted").iterdir()} == {
        unicodedata.normalize("NFC", name) for name in given
    }


# Names in archives that do not say their encoding


def without_flag(path: Path, members: dict[bytes, bytes]) -> Path:
    """Write a zip as programs did that knew no Unicode."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, content in enumerate(members.values()):
            archive.writestr(f"{number:04}".ljust(len(list(members)[number]), "-"), content)
    data = path.read_bytes()
    for number, name in enumerate(members):
        data = data.replace(f"{number:04}".ljust(len(name), "-").encode(), name)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "Zoé Çelik"), ("cp437", "Zoé Çelik"), ("cp850", "Zoé Ãlves"), ("cp866", "Андрей Белый"),
     ("cp1252", "Zoé Çelik"), ("gbk", "王小明 李"), ("shift_jis", "山田 太郎")],
)  # fmt: skip
def test_names_are_decoded_in_the_way_whose_names_the_roster_knows(course, tmp_path, encoding, said):
    make_roster(course, *names([said, "Emmy Noether", "Ada Lovelace"]))
    members = {moodle(name, key).encode(encoding): name.encode() for key, name in enumerate((said, "Emmy Noether"), 1)}
    collect(course, without_flag(tmp_path / "in.zip", members))
    assert graded(course) == {"p1": said.encode(), "p2": b"Emmy Noether"}


def test_without_a_roster_they_are_utf_8_or_else_cp437(course, tmp_path):
    members = {moodle("Zoé", 1).encode(): b"1", moodle("Émile", 2).encode("cp437"): b"2"}
    collect(course, without_flag(tmp_path / "in.zip", members))
    assert set(graded(course)) == {"Zoé", "Émile"}


def test_what_two_ways_read_as_two_people_names_nobody():
    assert decode(["Zoé".encode("cp1252")], lambda text: text in ("Zoé", "ZoÚ")) == ["Zo_xe9"]
    assert decode(["Zoé".encode("cp1252")], lambda text: text == "Zoé") == ["Zoé"]


# Any owners, any layout

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyzéèçñüöåøßłśžİı",
    "абвгдежзиклмнопрстуфхцчшщыьэюяёїђ",
    "αβγδεζηθικλμνξοπρστυφχψωάέήί",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "कखगघचछजटठडतथदधनपफबभमयरलवशसह",
    "กขคงจชซดตถทนบปผพฟมยรลวสหอ",
    "王李张刘陈杨黄赵吴周徐孙马朱胡",
    "あいうえおかがきくさしすせそたちつてとなにの",
    "가나다라마바사아자차카타파하김이박최",
)
MARKS = ("", "\u0301", "", "", "", "ाीे", "ัิี้", "", "", "")


@st.composite
def full_names(draw) -> str:
    """Draw a given and a family name of one script, composed or not, in capitals or not."""
    which = draw(st.integers(0, len(ALPHABETS) - 1))
    letters, marks = st.sampled_from(ALPHABETS[which]), st.sampled_from(["", *MARKS[which]])
    word = st.lists(st.tuples(letters, marks).map("".join), min_size=1, max_size=6).map("".join)
    name = f"{draw(word)} {draw(word)}".title()
    words = (COPIES, VERSIONS, NOBODY)  # Copy Final is not told from a copy
    assume(not any(pattern.search(part) for pattern in words for part in name.split()))
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), name)


def letters_of(text: str) -> str:
    return "".join(letter for letter in text.lower() if unicodedata.category(letter)[0] in "LMN")


def canvas(name: str, key: int) -> str:
    given, family = name.split(" ")
    return f"{letters_of(family + given)}_{key}_{key + 5000}_02_manual.ipynb"


# By layout: the path of a name and a number, and whether two of one name may be.
SHAPES: dict[str, tuple[Callable[[str, int], str], bool]] = {
    "Moodle": (lambda name, key: moodle(name, key), True),
    "Moodle without folders": (lambda name, key: f"{name}_{key}_assignsubmission_file_02_manual.ipynb", True),
    "Moodle, names hidden": (lambda name, key: moodle("Participant", key), True),
    "Canvas": (canvas, True),
    "Brightspace": (lambda name, key: f"{key}-77 - {name} - Mar 15, 2024 1102 AM/02_manual.ipynb", True),
    "Blackboard": (lambda name, key: f"02_manual_u{key}_attempt_2024-03-15-11-02-33_02_manual.ipynb", True),
    "nbgrader": (lambda name, key: f"submitted/u{key}/02_manual/02_manual.ipynb", True),
    "exchange": (lambda name, key: f"inbound/u{key}+02_manual+2024-03-15 11:02:33 UTC/02_manual.ipynb", True),
    "GitHub Classroom": (lambda name, key: f"nn-submissions/nn-u{key}/notebooks/en/02_manual.ipynb", True),
    "ILIAS": (lambda name, key: f"Ex/{'_'.join(reversed(name.split()))}_u{key}_{key}/02_manual.ipynb", True),
    "folders": (lambda name, key: f"class/{name}/02_manual.ipynb", False),
    "groups": (lambda name, key: f"group {key % 3}/{name}/02_manual.ipynb", False),
    "flat": (lambda name, key: f"{name}_02_manual.ipynb", False),
    "flat, stage first": (lambda name, key: f"02_manual-{name} (1).ipynb", False),
    "copies": (lambda name, key: f"Copy of 02_manual ({key}).ipynb", True),
}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    owners=st.lists(full_names(), min_size=1, max_size=8),
    shape=st.sampled_from(sorted(SHAPES)),
    has_roster=st.booleans(),
    late=st.integers(0, 7),
)
def test_as_many_as_handed_in_are_collected_or_open(owners, shape, has_roster, late):
    path_of, may_repeat = SHAPES[shape]
    if not may_repeat:
        owners = list({joined(name): name for name in owners}.values())
    paths = {path_of(name, 100 + number): number for number, name in enumerate(owners)}
    with TemporaryDirectory() as folder, patch("os.fsync"):
        course = make_course(Path(folder) / "course")
        if has_roster:
            roster = ((f"p{number}", name.split(" "), f"u{100 + number}") for number, name in enumerate(owners))
            make_roster(course, *(Person(one, *name, keys={"login": login}) for one, name, login in roster))
        opened = set()
        for number, part in enumerate((list(paths)[late:], list(paths)[:late])):
            if part:
                source = zipped(Path(folder) / f"{number}.zip", {path: notebook(str(paths[path])) for path in part})
                opened |= {one.file for one in collect(course, source).unplaced}
        placed = tree(course)
        students = {path.split("/")[0] for path in placed}
        assert len(students) == len(placed)  # nobody's replaced another's
        assert len(students) + len(opened) == len(paths)
        kept = [path.read_bytes() for path in (course / "unplaced").rglob("*.ipynb") if path.is_file()]
        assert sorted([*placed.values(), *kept]) == sorted(notebook(str(number)) for number in range(len(paths)))
        if has_roster:
            assert all(content == notebook(path.split("/")[0][1:]) for path, content in placed.items())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    owners=st.lists(full_names(), min_size=2, max_size=6),
    shape=st.sampled_from(sorted(SHAPES)),
    strangers=st.integers(1, 3),
)
def test_who_is_not_in_the_roster_gets_nobody_s_place(owners, shape, strangers):
    told = [spellings(name) for name in owners]
    assume(sum(map(len, told)) == len(set().union(*told)))  # else no name would tell them apart
    path_of, _ = SHAPES[shape]
    paths = {path_of(name, 100 + number): number for number, name in enumerate(owners)}
    known = {number: name for number, name in enumerate(owners) if number >= strangers}
    with TemporaryDirectory() as folder, patch("os.fsync"):
        course = make_course(Path(folder) / "course")
        roster = ((f"p{number}", name.split(" "), f"u{100 + number}") for number, name in known.items())
        make_roster(
            course, Person("other"), *(Person(one, *name, keys={"login": login}) for one, name, login in roster)
        )
        source = zipped(Path(folder) / "in.zip", {path: notebook(str(paths[path])) for path in paths})
        collected = collect(course, source)
        assert len(graded(course)) + len(collected.unplaced) == len(paths)
        assert all(content == notebook(student[1:]) for student, content in graded(course).items())
