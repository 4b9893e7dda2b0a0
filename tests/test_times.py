"""Times of handing in: the newest is graded in whatever order downloads come, and the last collecting can be undone."""

import io
import os
import random
import shlex
import struct
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from itertools import permutations
from pathlib import Path

import nbformat
import pytest
from rich.console import Console
from typer.testing import CliRunner

from conftest import COURSE, STAGES
from grading.cli.app import app
from grading.cli.collected import show_collected
from grading.course.origin import Origin, read_origin, read_origin_file
from grading.course.roster import Person, read_roster
from grading.intake.collect import collect
from grading.intake.layouts.times import read_time
from grading.records.times import handed_in_at
from grading.rehearsal.cohort import solution_answers, submission
from handed_in import graded, make_course, make_roster, names, notebook, tree, unpacked, zipped

ZONE = timezone(timedelta(hours=2))


@pytest.fixture
def course(tmp_path) -> Path:
    return make_course(tmp_path / "course")


def everything(course: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file below submitted/ and unplaced/, with its time."""
    found = [path for name in ("submitted", "unplaced") for path in (course / name).rglob("*") if path.is_file()]
    return {str(path.relative_to(course)): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Friday, 15 March 2024, 11:02 AM", datetime(2024, 3, 15, 11, 2)),
        ("vendredi 15 mars 2024, 23:02", datetime(2024, 3, 15, 23, 2)),
        ("mardi 1er août 2023, 9h05", datetime(2023, 8, 1, 9, 5)),
        ("Mar 15, 2024 1202 AM", datetime(2024, 3, 15, 0, 2)),
        ("Sep 24, 2024 926 PM", datetime(2024, 9, 24, 21, 26)),
        ("Freitag, 15. März 2024, 11:02", datetime(2024, 3, 15, 11, 2)),
        ("Dienstag, 8. Oktober 2030, 18:01", datetime(2030, 10, 8, 18, 1)),
        ("Montag, 1. Dezember 2025, 09:05", datetime(2025, 12, 1, 9, 5)),
        ("2024-03-15-11-02-33", datetime(2024, 3, 15, 11, 2, 33)),
        ("2024-03-15 11:02:33 UTC", datetime(2024, 3, 15, 11, 2, 33, tzinfo=UTC)),
        ("2024-03-15 11:02:33.861687000 Z", datetime(2024, 3, 15, 11, 2, 33, 861687, tzinfo=UTC)),
        ("15/03/2024 11:02", None),
        ("31 February 2024, 11:02", None),
        ("-", None),
        ("", None),
    ],
)
def test_times_are_read_as_platforms_write_them(text, time):
    assert read_time(text) == time


def test_downloads_of_three_days_in_every_order_give_the_same(tmp_path):
    """Among them: an upload that is there on all days, one handed in again, one of an older name, one nobody knows."""
    people = names(["Ada Lovelace", "Emmy Noether", "Kurt Gödel", "Alan Turing"])
    keys = {one.name: 100 + number for number, one in enumerate(people)}

    def day(number: int, **handed_in: tuple[str, int]) -> Path:
        members, minutes = {}, {}
        for name, (content, minute) in handed_in.items():
            full = name.replace("_", " ")
            path = f"{full}_{keys.get(full, 7)}_assignsubmission_file_/02_manual{' (1)' if minute % 2 else ''}.ipynb"
            members[path], minutes[path] = notebook(content), minute
        return zipped(tmp_path / f"day{number}.zip", members, minutes)

    days = [
        day(1, Ada_Lovelace=("a1", 1), Emmy_Noether=("e1", 5), Kurt_Gödel=("k", 2), Someone_Else=("x", 1)),
        day(2, Ada_Lovelace=("a2", 8), Emmy_Noether=("e2", 3), Kurt_Gödel=("k", 2), Someone_Else=("x", 1)),
        day(3, Ada_Lovelace=("a1", 9), Emmy_Noether=("e1", 5), Kurt_Gödel=("k", 4), Alan_Turing=("t", 6)),
    ]
    trees = []
    for number, order in enumerate(permutations(days)):
        course = make_course(tmp_path / f"course{number}")
        make_roster(course, *people)
        for source in order:
            collect(course, source, zone=ZONE)
        found = {path: content for path, (content, _) in everything(course).items()}
        trees.append({path: found[path] for path in found if path.startswith("submitted") or path.endswith(".ipynb")})
        assert graded(course) == {"p1": notebook("a1"), "p2": notebook("e1"), "p3": notebook("k"), "p4": notebook("t")}
    assert all(each == trees[0] for each in trees)


def test_the_same_download_twice_changes_nothing(course, tmp_path):
    source = zipped(
        tmp_path / "in.zip", {"ada_02_manual.ipynb": b"1", "02_manual.ipynb": b"2", "02_manual (1).ipynb": b"3"}
    )
    collect(course, source)
    before = everything(course)
    assert {one.outcome for one in collect(course, source).placed} == {"unchanged"}
    assert everything(course) == before


def test_what_is_beside_a_notebook_says_where_it_came_from(course, tmp_path):
    make_roster(course, *names(["Ada Lovelace", "Emmy Noether"]))
    path, other = "Ada Lovelace_101_assignsubmission_file_/02_manual.ipynb", "p2_02_manual.ipynb"
    collect(course, zipped(tmp_path / "in.zip", {path: b"1", other: b""}, {path: 5, other: 90}), zone=ZONE)
    folder = course / "submitted/p1/02_manual"
    keys = {"moodle": "101", "name": "Ada Lovelace"}
    assert read_origin(folder) == Origin("in.zip", path, keys, datetime(2025, 3, 1, 12, 5, tzinfo=ZONE), is_wall=True)
    assert (folder / "timestamp.txt").read_text() == "2025-03-01 10:05:00 UTC\n"
    collect(course, zipped(tmp_path / "in.zip", {path: b"2", other: b""}, {path: 7, other: 90}), zone=ZONE)
    (earlier,) = (folder / "earlier").glob("*.ipynb")
    assert earlier.read_bytes() == b"1"
    assert read_origin_file(earlier.with_suffix(".json")).time == datetime(2025, 3, 1, 12, 5, tzinfo=ZONE)


def stamped(path: Path, members: dict[str, bytes], minutes: dict[str, int]) -> Path:
    """Write a zip whose members say in seconds since 1970 when they were changed, after 10:00 UTC."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            time = datetime(2025, 3, 1, 10, tzinfo=UTC) + timedelta(minutes=minutes[name])
            info = zipfile.ZipInfo(name, (2025, 3, 1, 12, 0, 0))
            info.extra = struct.pack("<HHBi", 0x5455, 5, 1, int(time.timestamp()))
            archive.writestr(info, content)
    return path


@pytest.mark.parametrize("said", ["by the zip", "by the worksheet", "by the zip, with a zone"])
def test_a_zone_that_is_told_later_moves_the_times_that_named_none(course, tmp_path, said):
    make_roster(course, *names(["Ada Lovelace", "Emmy Noether"]))
    members = {
        f"{name}_10{n}_assignsubmission_file_/02_manual.ipynb": b"1" for n, name in enumerate(("Ada Lovelace", "E"))
    }
    minutes = dict(zip(members, (5, 90), strict=True))
    source = (stamped if "with a zone" in said else zipped)(tmp_path / "in.zip", members, minutes)
    worksheet = tmp_path / "w.csv"
    worksheet.write_text(
        "Identifier,Full name,Grade,Last modified (submission)\n"
        'Participant 100,Ada Lovelace,,"Saturday, 1 March 2025, 12:05 PM"\n'
    )
    given = worksheet if "worksheet" in said else None
    collect(course, source, given, zone=UTC)
    folder = course / "submitted/p1/02_manual"
    utc = datetime(2025, 3, 1, 10 if "with a zone" in said else 12, 5, tzinfo=UTC)
    moved = utc if "with a zone" in said else utc - timedelta(hours=2)
    assert (handed_in_at(folder, UTC), handed_in_at(folder, ZONE)) == (utc, moved)
    collect(course, source, given, zone=ZONE)
    assert (folder / "timestamp.txt").read_text() == f"{moved:%Y-%m-%d %H:%M:%S} UTC\n"
    assert (handed_in_at(folder, UTC), handed_in_at(folder, ZONE)) == (utc, moved)
    (folder / "timestamp.txt").write_text("2025-03-01 09:00:00 UTC")
    collect(course, source, given, zone=UTC)
    assert handed_in_at(folder, UTC) == handed_in_at(folder, ZONE) == datetime(2025, 3, 1, 9, tzinfo=UTC)


def test_folders_say_no_time_and_the_newest_file_is_graded(course, tmp_path):
    source = unpacked(
        tmp_path / "in", {"ada/02_manual.ipynb": b"old", "ada/02_manual (1).ipynb": b"new", "emmy/02_manual.ipynb": b""}
    )
    os.utime(source / "ada/02_manual.ipynb", (1000, 1000))
    collected = collect(course, source)
    assert graded(course)["ada"] == b"new"
    assert read_origin(course / "submitted/ada/02_manual").time is None
    assert collected.untimed == [("ada", "02_manual"), ("emmy", "02_manual")]
    assert not (course / "submitted/ada/02_manual/timestamp.txt").exists()


def test_what_nbgrader_collected_has_its_time(course, tmp_path):
    unpacked(
        course / "submitted/ada/02_manual",
        {"02_manual.ipynb": b"nbgrader's", "timestamp.txt": b"2025-03-01 11:00:00.5 UTC"},
    )
    for minute, content, outcome in ((59, b"older", "earlier"), (1, b"newer", "replaced")):
        path = "ada_02_manual.ipynb"
        zone = timezone(timedelta(hours=2 if minute == 59 else 0))
        collected = collect(course, zipped(tmp_path / "in.zip", {path: content}, {path: minute}), zone=zone)
        assert [one.outcome for one in collected.placed] == [outcome]
    assert graded(course) == {"ada": b"newer"}
    assert len(tree(course)) == 3


def test_a_blank_one_after_one_that_was_not_is_told(course, tmp_path, monkeypatch):
    released = nbformat.read(COURSE / "notebooks/en/02_manual.ipynb", as_version=4)
    instructor = (COURSE / "source/02_manual/02_manual.ipynb").read_bytes()
    (course / "source/02_manual/02_manual.ipynb").write_bytes(instructor)
    solved = nbformat.writes(submission(released, tuple(solution_answers(STAGES["02_manual"]).values()))).encode()
    blank = nbformat.writes(released).encode()
    for minute, ada, emmy, told in ((1, solved, blank, []), (2, blank, solved, [("ada", "02_manual")])):
        members = {"ada_02_manual.ipynb": ada, "emmy_02_manual.ipynb": emmy}
        collected = collect(course, zipped(tmp_path / "in.zip", members, dict.fromkeys(members, minute)))
        assert list(collected.blank) == told
        if told:
            monkeypatch.chdir(course)
            printed = io.StringIO()
            show_collected(collected, {}, course, Console(file=printed, soft_wrap=True, highlight=False))
            line = next(line for line in printed.getvalue().splitlines() if line.startswith("    cp "))
            subprocess.run(shlex.split(line), check=True)
            contents = {path.read_bytes() for path in (course / "submitted/ada/02_manual").glob("*.ipynb")}
            assert contents == {solved, blank}, "all of which are read when graded"
            assert "if the earlier one's counts, write it into timestamp.txt there." in printed.getvalue()


# Taking it back


def test_the_last_collecting_is_taken_back(course, tmp_path, monkeypatch):
    make_roster(course, *names(["Ada Lovelace", "Emmy Noether", "Kurt Gödel"]))
    monkeypatch.chdir(course)
    first = {"p1_02_manual.ipynb": b"1", "p2_02_manual.ipynb": b"2", "who_02_manual.ipynb": b"?"}
    collect(course, zipped(tmp_path / "1.zip", first))
    before = everything(course)
    second = {"p1_02_manual.ipynb": b"one", "p3_02_manual.ipynb": b"3", "what_02_manual.ipynb": b"??"}
    source = zipped(tmp_path / "2.zip", second, dict.fromkeys(second, 5))
    roster = (course / "roster.csv").read_bytes()
    collect(course, source, who={"what": "p3"})
    assert graded(course)["p1"] == b"one"
    ran = CliRunner().invoke(app, ["collect", "--undo"])
    assert (ran.exit_code, ran.stdout) == (
        0,
        "The collecting of 2.zip is taken back: 2 folders as before.\n"
        "roster.csv: 'what' is no other name of Kurt Gödel (p3) any more.\n",
    )
    assert everything(course) == before
    assert (course / "roster.csv").read_bytes() == roster
    ran = CliRunner().invoke(app, ["collect", "--undo"])
    assert ran.stderr == "There is no collecting to take back: none was done, or the last one is taken back.\n"


def test_aliases_that_were_there_before_stay(course, tmp_path, monkeypatch):
    make_roster(course, Person("p1", "Ada", "Robin", aliases=("Countess",)))
    monkeypatch.chdir(course)
    paths = ("Countess_02_manual.ipynb", "A. Robin_02_manual.ipynb", "The Ada_01_math.ipynb")
    source = zipped(tmp_path / "in.zip", dict.fromkeys(paths, b"1"))
    collect(course, source, who={"Countess": "p1", "A. Robin": "p1"})
    collect(course, source, who={"The Ada": "p1"})
    collect(course, source)  # which changes nothing
    ran = CliRunner().invoke(app, ["collect", "--undo"])
    assert "'The Ada' is no other name of Ada Robin (p1) any more." in ran.stdout
    assert read_roster(course)["p1"].aliases == ("Countess", "A. Robin")
    assert [path.parent.name for path in course.glob("submitted/*/*/*.ipynb")] == ["02_manual"]


def test_a_collecting_that_wrote_nothing_but_an_alias_is_taken_back(course, tmp_path, monkeypatch):
    make_roster(course, Person("p1", "Ada", "Robin"))
    monkeypatch.chdir(course)
    source = zipped(tmp_path / "in.zip", {"Ada Robin_02_manual.ipynb": b"1"})
    collect(course, source)
    collect(course, source, who={"Ada Robin": "p1"})
    ran = CliRunner().invoke(app, ["collect", "--undo"])
    assert ran.stdout.startswith("The collecting of in.zip is taken back.\nroster.csv: 'Ada Robin' is no other name")
    assert (read_roster(course)["p1"].aliases, graded(course)) == ((), {"p1": b"1"})


def test_what_changed_since_stays_as_it_is(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course)
    collect(course, zipped(tmp_path / "in.zip", {"ada_02_manual.ipynb": b"1", "emmy_02_manual.ipynb": b"2"}))
    (course / "submitted/ada/02_manual/02_manual.ipynb").write_bytes(b"by hand")
    ran = CliRunner().invoke(app, ["collect", "--undo"])
    assert "Left as they are, for they have changed since: submitted/ada/02_manual.\n" in ran.stdout
    assert graded(course) == {"ada": b"by hand"}


def test_a_collecting_that_was_cut_short_is_taken_back_too(course, tmp_path, monkeypatch):
    def out_of_space(*_):
        raise OSError(28, "No space left on device", "unplaced")

    monkeypatch.setattr("grading.intake.collect.keep", out_of_space)
    with pytest.raises(Exception, match="No space left"):
        collect(course, zipped(tmp_path / "in.zip", {"ada_02_manual.ipynb": b"1"}))
    assert graded(course) == {"ada": b"1"}
    monkeypatch.chdir(course)
    ran = CliRunner().invoke(app, ["collect", "--undo"])
    assert ran.exit_code == 0
    assert everything(course) == {}


# The course itself


@pytest.mark.parametrize("folder", [".", "..", "submitted", "source/02_manual", "notebooks"])
def test_the_course_s_own_folders_are_not_collected(course, tmp_path, monkeypatch, folder):
    (course / "submitted").mkdir()
    (course / "notebooks").mkdir()
    monkeypatch.chdir(course)
    ran = CliRunner().invoke(app, ["collect", folder])
    assert ran.exit_code == 1
    assert ran.stderr.startswith(
        f"{folder} holds the course itself" if "." in folder else f"{folder} is in the course's own"
    )
    ran = CliRunner().invoke(app, ["collect"])
    assert ran.stderr == "Say what to collect: gradus collect FOLDER or gradus collect FILE.zip.\n"


@pytest.mark.parametrize("seed", range(3))
def test_versions_of_one_student_come_in_any_order(tmp_path, seed):
    draw = random.Random(seed)
    versions = [
        (f"02_manual{' (1)' * draw.randint(0, 1)}.ipynb", str(draw.randint(0, 3)), draw.randint(0, 4)) for _ in range(5)
    ]
    trees = []
    for number in range(4):
        course = make_course(tmp_path / f"course{number}")
        for name, content, minute in draw.sample(versions, len(versions)):
            path = f"ada/{name}"
            collect(course, zipped(tmp_path / "in.zip", {path: content.encode()}, {path: minute}))
        trees.append({path: content for path, (content, _) in everything(course).items()})
    assert all(each == trees[0] for each in trees)


# What came together


@pytest.mark.parametrize(
    ("paths", "minutes"),
    [
        (["ada/02_manual.ipynb", "ada/02_manual part 2.ipynb"], [3, 3]),
        (["lovelaceada_1_999_02_manual.ipynb", "lovelaceada_1_1000_02_manual_part2.ipynb"], [3, 9]),
        (["Ada_1_assignsubmission_file_/a.ipynb", "Ada_1_assignsubmission_file_/more/b.ipynb"], [3, 3]),
    ],
)
def test_notebooks_that_came_together_are_graded_together(course, tmp_path, paths, minutes):
    contents = [notebook(path, "02_manual") for path in paths]
    other = {"emmy/02_manual.ipynb": b""}
    members = dict(zip(paths, contents, strict=True)) | other
    source = zipped(tmp_path / "in.zip", members, dict(zip(paths, minutes, strict=True)))
    collected = collect(course, source)
    assert {one.outcome for one in collected.placed} == {"new"}
    (folder,) = (path for path in (course / "submitted").glob("*/02_manual") if "emmy" not in path.parts[-2])
    assert {path.read_bytes() for path in folder.glob("*.ipynb")} == set(contents)
    assert {path.name for path in folder.glob("*.ipynb")} == {"02_manual.ipynb", "02_manual (2).ipynb"}
    before = everything(course)
    assert {one.outcome for one in collect(course, source).placed} == {"unchanged"}
    assert everything(course) == before
    path, new = paths[0].replace("_999_", "_3000_"), notebook("new", "02_manual")
    collect(course, zipped(tmp_path / "again.zip", {path: new} | other, {path: 30}))
    assert [path.read_bytes() for path in folder.glob("*.ipynb")] == [new]
    assert {path.read_bytes() for path in (folder / "earlier").glob("*.ipynb")} == set(contents)


def test_what_comes_from_the_same_time_replaces_nothing(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course)
    first, second = "ada/02_manual.ipynb", "ada/02_manual part 2.ipynb"
    said = []
    for minute, members in enumerate(({first: b"1"}, {first: b"1", second: b"2"}, {first: b"3"})):
        others = {"emmy/02_manual.ipynb": b""}
        source = zipped(tmp_path / "in.zip", members | others, dict.fromkeys(members, max(1, minute)))
        said.append(CliRunner().invoke(app, ["collect", str(source)]).stdout)
        assert (course / "submitted/ada/02_manual/earlier").exists() == ("/earlier" in said[-1])
    assert "Replaced" not in said[1]
    assert "More 02_manual of ada from the same time: graded together\n" in said[1]
    assert "Next: gradus grade 02_manual" in said[1]
    assert "Replaced 02_manual of ada; the former ones are in" in said[2]


def test_a_time_that_somebody_mended_stays(course, tmp_path):
    def hand_in(content: bytes, minute: int) -> None:
        members = {"ada_02_manual.ipynb": content, "emmy_02_manual.ipynb": b""}
        minutes = {"ada_02_manual.ipynb": minute, "emmy_02_manual.ipynb": 90}
        collect(course, zipped(tmp_path / "in.zip", members, minutes), zone=ZONE)

    hand_in(b"1", 5)
    time = course / "submitted/ada/02_manual/timestamp.txt"
    time.write_text("2025-01-01 00:00:00 UTC")
    hand_in(b"0", 1)
    assert time.read_text() == "2025-01-01 00:00:00 UTC"
    hand_in(b"2", 9)
    assert time.read_text() == "2025-03-01 10:09:00 UTC\n"
