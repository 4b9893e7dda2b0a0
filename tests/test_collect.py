"""Collecting: every layout that comes back without a roster, whatever odd files are in it, and nothing lost."""

import io
import os
import stat
import unicodedata
import zipfile
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from conftest import COURSE
from grading.cli.app import app
from grading.cli.collected import show_collected
from grading.course.roster import read_roster
from grading.intake.archives.files import CollectError
from grading.intake.collect import collect
from handed_in import graded, make_course, make_roster, names, notebook, tree, unpacked, zipped


@pytest.fixture
def course(tmp_path) -> Path:
    return make_course(tmp_path / "course")


LAYOUTS = {
    "Moodle": {
        "Ada Lovelace_101_assignsubmission_file_/02_manual.ipynb": "Ada Lovelace",
        "Zoé O'Neil-Ünal_102_assignsubmission_file/Copie de 02_manual.ipynb": "Zoé O'Neil-Ünal",
        "Kurt_103_assignsubmission_file_/work/02_manual.ipynb": "Kurt",
    },
    "Moodle without folders": {
        "Ada Lovelace_101_assignsubmission_file_02_manual.ipynb": "Ada Lovelace",
        "Emmy_102_assignsubmission_file_02_manual (1).ipynb": "Emmy",
    },
    "Canvas": {
        "lovelaceada_123_456_02_manual.ipynb": "lovelaceada",
        "noetheremmy_LATE_124_457_02_manual-1.ipynb": "noetheremmy",
        "gödelkurt_125_458_homework.ipynb": "gödelkurt",
    },
    "nbgrader": {"ada/02_manual/02_manual.ipynb": "ada", "emmy/02_manual/Copy of 02_manual.ipynb": "emmy"},
    "nbgrader, with its folder": {"submitted/ada/02_manual/02_manual.ipynb": "ada"},
    "one folder for each student": {"ada/02_manual.ipynb": "ada", "emmy/my work.ipynb": "emmy"},
    "groups": {"week/A/ada/02_manual.ipynb": "ada", "week/B/emmy/02_manual.ipynb": "emmy"},
    "one folder": {"ada.ipynb": "ada", "02_manual_emmy.ipynb": "emmy", "20231234-02_manual-2.ipynb": "20231234"},
    "one folder with the stage's name": {"02_manual/ada.ipynb": "ada", "02_manual/kurt.ipynb": "kurt"},
    "one folder in a folder": {"x/02_manual/ada_02_manual.ipynb": "ada", "x/02_manual/kurt_02_manual.ipynb": "kurt"},
}


@pytest.mark.parametrize("as_zip", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_is_recognised(course, tmp_path, layout, as_zip):
    members = {name: notebook(name, "02_manual") for name in LAYOUTS[layout]}
    source = zipped(tmp_path / "in.zip", members) if as_zip else unpacked(tmp_path / "in", members)
    collected = collect(course, source)
    assert collected.left == []
    assert tree(course) == {
        f"{student}/02_manual/02_manual.ipynb": members[name] for name, student in LAYOUTS[layout].items()
    }


@pytest.mark.parametrize(
    "name",
    ["02_manual (1)", "Copie de 02_manual", "Copy of 02_manual", "02_manual-2", "02_manual - Copie", "02-Manual",
     "02_manual(3)", "copy_of_02_manual"],
)  # fmt: skip
def test_the_stage_is_read_off_the_name_of_a_copy(course, tmp_path, name):
    collect(course, unpacked(tmp_path / "in", {f"ada/{name}.ipynb": b"", f"emmy/{name}.ipynb": b""}))
    assert set(tree(course)) == {"ada/02_manual/02_manual.ipynb", "emmy/02_manual/02_manual.ipynb"}


def test_one_student_s_archive_of_two_stages(course, tmp_path):
    collect(course, zipped(tmp_path / "in.zip", {"ada/01_math.ipynb": b"1", "ada/02_manual.ipynb": b"2"}))
    assert tree(course) == {"ada/01_math/01_math.ipynb": b"1", "ada/02_manual/02_manual.ipynb": b"2"}


def reasons(collected) -> dict[str, str]:
    return {one.file: one.reason for one in collected.left} | {one.file: one.why for one in collected.unplaced}


def test_what_is_no_submission_is_listed_with_its_reason(course, tmp_path):
    members = {
        "ada/02_manual.ipynb": b"",
        "ada/photo.png": b"",
        "ada/more.rar": b"",
        "ada/more.zip": b"",
        "ada/data.json": b'{"a": 1}',
        "ada/.ipynb_checkpoints/02_manual-checkpoint.ipynb": b"",
        "__MACOSX/ada/._02_manual.ipynb": b"",
        "emmy/work.ipynb": b"<html>",
        "kurt/work.ipynb": notebook(),
        "alan/work.ipynb": notebook(stage="09_gan"),
        "02_manual.ipynb": b"",
    }
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert set(tree(course)) == {"ada/02_manual/02_manual.ipynb"}
    assert reasons(collected) == {
        "ada/photo.png": "not a notebook",
        "ada/more.rar": "an archive that is no zip: ask for the notebook itself",
        "ada/more.zip": "an archive that cannot be opened (damaged in the archive: download it again): "
        "ask for the notebook itself",
        "ada/data.json": "not a notebook",
        "ada/.ipynb_checkpoints/02_manual-checkpoint.ipynb": "a checkpoint that JupyterLab keeps",
        "__MACOSX/ada/._02_manual.ipynb": "written by macOS, not by the student",
        "emmy/work.ipynb": "its name holds no stage, and it cannot be read. "
        "The file is a web page, not a notebook: ask for the .ipynb file itself.",
        "kurt/work.ipynb": "neither its name nor its content says which stage it is",
        "alan/work.ipynb": "it is of stage 09_gan, which this course does not have",
        "02_manual.ipynb": "nothing says whose it is: put it in a folder named after the student",
    }
    kept = {path.read_bytes() for path in (course / "unplaced").rglob("*.ipynb")}
    assert kept == {members[one.file] for one in collected.unplaced}
    assert len(collected.unplaced) == 4


def test_of_two_notebooks_the_newest_is_graded_and_the_other_kept(course, tmp_path):
    old, new = "ada/02_manual (1).ipynb", "ada/02_manual.ipynb"
    archive = zipped(tmp_path / "in.zip", {old: b"old", new: b"new", "emmy/02_manual.ipynb": b""}, {new: 5})
    collected = collect(course, archive)
    assert graded(course)["ada"] == b"new"
    assert sorted(tree(course).values()) == [b"", b"new", b"old"]
    assert [(one.file, one.outcome) for one in collected.placed if one.student == "ada"] == [
        (new, "new"),
        (old, "earlier"),
    ]


def test_canvas_numbers_say_which_upload_is_the_newest(course, tmp_path):
    old, new = "lovelaceada_1_999_02_manual.ipynb", "lovelaceada_LATE_1_1000_02_manual-1.ipynb"
    collect(course, zipped(tmp_path / "in.zip", {old: b"old", new: b"new"}, {old: 5}))
    assert graded(course) == {"lovelaceada": b"new"}


@pytest.mark.parametrize(
    ("first", "second", "students"),
    [
        ("Ada_1_assignsubmission_file_/02_manual.ipynb", "Ada_2_assignsubmission_file_/02_manual.ipynb",
         {"Ada-1", "Ada-2"}),
        ("ada_1_701_02_manual.ipynb", "ada_2_802_02_manual.ipynb", {"ada-1", "ada-2"}),
        ("A/work/02_manual.ipynb", "B/work/02_manual.ipynb", {"work-A_work", "work-B_work"}),
    ],
)  # fmt: skip
def test_namesakes_are_told_apart(course, tmp_path, first, second, students):
    collected = collect(course, zipped(tmp_path / "in.zip", {first: b"1", second: b"2"}))
    assert {placed.student for placed in collected.placed} == students
    assert sorted(tree(course).values()) == [b"1", b"2"]


@pytest.mark.parametrize(
    ("name", "student"),
    [
        (".hidden", "hidden"),
        ("a*d?[a]", "a_d__a_"),
        ("Ada,  Byron ", "Ada_ Byron"),
        (unicodedata.normalize("NFD", "Zoé"), "Zoé"),
        ("é" * 150, "é" * 100),
    ],
)
def test_names_are_made_safe_and_stay_readable(course, tmp_path, name, student):
    collected = collect(course, zipped(tmp_path / "in.zip", {f"{name}_1_assignsubmission_file_/02_manual.ipynb": b""}))
    assert [placed.student for placed in collected.placed] == [student]


def test_the_same_archive_twice_changes_nothing(course, tmp_path):
    archive = zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"1", "emmy/02_manual.ipynb": b"2"})
    assert {placed.outcome for placed in collect(course, archive).placed} == {"new"}
    before = {path: path.stat().st_mtime_ns for path in (course / "submitted").rglob("*")}
    assert {placed.outcome for placed in collect(course, archive).placed} == {"unchanged"}
    assert {path: path.stat().st_mtime_ns for path in (course / "submitted").rglob("*")} == before


def test_what_a_newer_notebook_replaces_is_kept(course, tmp_path):
    for minute, content in enumerate((b"first", b"second", b"third", b"first")):
        members = {"ada/02_manual.ipynb": content, "emmy/02_manual.ipynb": b""}
        collected = collect(course, zipped(tmp_path / "in.zip", members, {"ada/02_manual.ipynb": minute}))
    assert {(one.student, one.outcome) for one in collected.placed} == {("ada", "replaced"), ("emmy", "unchanged")}
    assert graded(course) == {"ada": b"first", "emmy": b""}
    assert sorted(tree(course).values()) == [b"", b"first", b"second", b"third"]


def test_one_that_is_older_replaces_nothing(course, tmp_path):
    for minute, content in ((5, b"new"), (1, b"old")):
        members = {"ada/02_manual.ipynb": content, "emmy/02_manual.ipynb": b""}
        collected = collect(course, zipped(tmp_path / "in.zip", members, {"ada/02_manual.ipynb": minute}))
    assert [one.outcome for one in collected.placed] == ["earlier", "unchanged"]
    assert graded(course)["ada"] == b"new"


def test_what_was_collected_can_be_collected_elsewhere(course, tmp_path):
    for minute, content in enumerate((b"first", b"second")):
        name = "ada/02_manual/02_manual.ipynb"
        collect(course, zipped(tmp_path / "in.zip", {name: content}, {name: minute}))
    (course / "submitted").rename(tmp_path / "in")
    collected = collect(course, tmp_path / "in")
    assert tree(course) == {"ada/02_manual/02_manual.ipynb": b"second"}
    assert "set aside when a newer one was collected" in [left.reason for left in collected.left]


def test_nbgrader_takes_the_notebook_and_not_the_earlier_ones(course, tmp_path):
    from nbgrader.converters import Autograde
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    for content in (b"first", b"second"):
        collect(course, zipped(tmp_path / "in.zip", {"Zoé O'Neil/02_manual/02_manual.ipynb": content}))
    config = Config({"CourseDirectory": {"root": str(course), "assignment_id": "02_manual"}})
    grader = Autograde(coursedir=CourseDirectory(config=config), config=config)
    grader.init_notebooks()
    target = course / "submitted/Zoé O'Neil/02_manual/02_manual.ipynb"
    assert grader.assignments == {str(target.parent): [str(target)]}
    assert grader.init_single_notebook_resources(str(target))["nbgrader"]["student"] == "Zoé O'Neil"


# One person's odd file


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


OUTSIDE = "it would lie outside the folder that it is unpacked to"


@pytest.mark.parametrize(
    ("member", "name", "why"),
    [
        ("../evil/02_manual.ipynb", "../evil/02_manual.ipynb", OUTSIDE),
        ("a/../../evil.ipynb", "a/../../evil.ipynb", OUTSIDE),
        ("..\\evil.ipynb", "../evil.ipynb", OUTSIDE),
        ("/etc/02_manual.ipynb", "/etc/02_manual.ipynb", OUTSIDE),
        ("C:\\02_manual.ipynb", "C:/02_manual.ipynb", OUTSIDE),
        (link("emmy/02_manual.ipynb"), "emmy/02_manual.ipynb", "a link or a device, not a file"),
    ],
)
def test_an_odd_member_is_listed_and_the_rest_collected(course, tmp_path, member, name, why):
    archive = zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"1", "kurt/02_manual.ipynb": b"2"})
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(member, "/etc/passwd")
    collected = collect(course, archive)
    assert reasons(collected) == {name: why}
    assert graded(course) == {"ada": b"1", "kurt": b"2"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course", "in.zip"]


def test_a_folder_may_be_called_a_group(course, tmp_path):
    collect(
        course, zipped(tmp_path / "in.zip", {"A: group 1/ada/02_manual.ipynb": b"1", "B/emmy/02_manual.ipynb": b"2"})
    )
    assert graded(course) == {"ada": b"1", "emmy": b"2"}


def patched(archive: Path, field: int, value: bytes) -> Path:
    """Change a field of the first member in the archive's list."""
    content = archive.read_bytes()
    place = content.index(b"PK\x01\x02") + field
    archive.write_bytes(content[:place] + value + content[place + len(value) :])
    return archive


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        (8, b"\x01", "it needs a password: ask for it without"),
        (10, b"\x09", "packed in a way that Windows alone unpacks: ask for the notebook itself"),
        (16, b"\x00\x00\x00\x00", "damaged in the archive: download it again"),
    ],
)
def test_a_member_that_cannot_be_read_is_listed(course, tmp_path, field, value, why):
    archive = zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"1" * 99, "emmy/02_manual.ipynb": b"2"})
    assert reasons(collect(course, patched(archive, field, value))) == {"ada/02_manual.ipynb": why}
    assert graded(course) == {"emmy": b"2"}


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc", "02_manual.ipynb"])
def test_a_link_in_a_folder_is_listed(course, tmp_path, target):
    source = unpacked(tmp_path / "in", {"ada/02_manual.ipynb": b"1", "emmy/02_manual.ipynb": b"2"})
    (source / "ada/02_manual (1).ipynb").symlink_to(target)
    assert reasons(collect(course, source)) == {"ada/02_manual (1).ipynb": "a link or a device, not a file"}
    assert graded(course) == {"ada": b"1", "emmy": b"2"}


def test_a_pipe_is_listed_not_waited_for(course, tmp_path):
    source = unpacked(tmp_path / "in", {"ada/02_manual.ipynb": b"1", "emmy/02_manual.ipynb": b"2"})
    os.mkfifo(source / "emmy.ipynb")
    assert reasons(collect(course, source)) == {"emmy.ipynb": "a link or a device, not a file"}


def test_what_may_not_be_read_is_listed_folders_too(course, tmp_path, monkeypatch):
    members = {f"{name}/02_manual.ipynb": name.encode() for name in ("ada", "emmy", "kurt")}
    source = unpacked(tmp_path / "in", members)

    def refusing(function, place: Path):
        """Return a function of the system that refuses a place, as it does to who may not read it."""

        def called(path, *arguments, **named):
            if str(path) == str(place):
                raise PermissionError(13, "Permission denied", str(path))
            return function(path, *arguments, **named)

        return called

    monkeypatch.setattr(os, "scandir", refusing(os.scandir, source / "ada"))
    monkeypatch.setattr(os, "open", refusing(os.open, source / "emmy/02_manual.ipynb"))
    assert reasons(collect(course, source)) == {
        "ada": "a folder that cannot be read (Permission denied)",
        "emmy/02_manual.ipynb": "it cannot be read: Permission denied",
    }
    assert graded(course) == {"kurt": b"kurt"}


def test_a_file_in_the_place_of_a_folder_costs_its_owner_alone(course, tmp_path):
    (course / "submitted").mkdir()
    (course / "submitted/ada").write_text("what is this?")
    (course / "submitted/kurt/02_manual").mkdir(parents=True)
    (course / "submitted/kurt/02_manual/earlier").write_text("and this?")
    members = {f"{name}/02_manual.ipynb": name.encode() for name in ("ada", "emmy", "kurt")}
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert reasons(collected) == {
        "ada/02_manual.ipynb": "course/submitted/ada is no folder: move it away, and collect again.",
        "kurt/02_manual.ipynb": "kurt/02_manual/earlier is no folder: move it away, and collect again.",
    }
    assert graded(course) == {"emmy": b"emmy"}


def test_only_what_may_be_a_notebook_counts(course, tmp_path):
    members = {f"ada/venv/{number}.py": b"" for number in range(3000)} | {"ada/data.bin": bytes(2**21)}
    members |= {"ada/02_manual.ipynb": b"1", "emmy/02_manual.ipynb": b"2"}
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert graded(course) == {"ada": b"1", "emmy": b"2"}
    assert len(collected.left) == 3001


def test_one_person_s_thousand_notebooks_are_not_all_kept(course, tmp_path):
    members = {f"ada/{number}/02_manual.ipynb": str(number).encode() for number in range(60)}
    collected = collect(
        course, zipped(tmp_path / "in.zip", members | {"ada/x.ipynb": b"", "emmy/02_manual.ipynb": b"2"})
    )
    assert "emmy" in graded(course)
    assert len([one for one in collected.left if "more than 50 notebooks" in one.reason]) == 10


def test_a_notebook_as_large_as_no_grader_reads_is_listed(course, tmp_path, monkeypatch):
    monkeypatch.setattr("grading.intake.archives.files.MAX_BYTES", 100)
    members = {"ada/02_manual.ipynb": bytes(101), "emmy/02_manual.ipynb": b"2"}
    (why,) = reasons(collect(course, zipped(tmp_path / "in.zip", members))).values()
    assert why.endswith("ask for it again, without its outputs")
    assert graded(course) == {"emmy": b"2"}


def refuses(course: Path, source: Path, sentence: str) -> None:
    """Assert that a source is refused with this sentence and that nothing is written."""
    before = sorted(course.rglob("*"))
    with pytest.raises(CollectError) as error:
        collect(course, source)
    assert str(error.value) == sentence
    assert sorted(course.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("in.txt", "in.txt is neither a folder nor a zip: unpack it and collect the folder."),
        ("cut.zip", "cut.zip is neither a folder nor a zip: unpack it and collect the folder."),
    ],
)
def test_what_is_no_archive_is_refused(course, tmp_path, name, sentence):
    whole = zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"1"}).read_bytes()
    (tmp_path / name).write_bytes(whole[:40])
    refuses(course, tmp_path / name, sentence)


def shown(course: Path, collected, roster=None) -> str:
    """Return what is printed of a collecting."""
    printed = io.StringIO()
    show_collected(collected, roster or {}, course, Console(file=printed, width=100, soft_wrap=True, highlight=False))
    return printed.getvalue()


def test_the_summary_counts_and_names(course, tmp_path):
    collect(course, zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"1", "emmy/02_manual.ipynb": b"2"}))
    members = {"ada/02_manual.ipynb": b"3", "emmy/02_manual.ipynb": b"2", "kurt/02_manual.ipynb": b""}
    members |= {f"ada/[{number}].txt": b"" for number in range(60)} | {"ada/x.rar": b""}
    text = shown(course, collect(course, zipped(tmp_path / "in.zip", members, {"ada/02_manual.ipynb": 1})))
    assert "│ 02_manual │ 3        │ 1   │ 1        │ 1         │ 0     │" in text
    assert "Replaced 02_manual of ada; the former ones are in submitted/<student>/02_manual/earlier\n" in text
    assert text.endswith(
        "Not collected: 61 files\n"
        "  60 files, not a notebook: [0].txt, [10].txt, [11].txt, [12].txt and 56 more\n"
        "  an archive that is no zip: ask for the notebook itself: ada/x.rar\n"
        "There is no roster, so folders are called as the files are: `gradus roster FILE` makes one.\n"
        "Next: gradus grade 02_manual\n"
    )


def test_folders_of_nobody_in_the_roster_are_told(course, tmp_path):
    collect(course, zipped(tmp_path / "in.zip", {"Ada Robin_02_manual.ipynb": b"1"}))
    make_roster(course, *names(["Ada Robin"]))
    collected = collect(course, zipped(tmp_path / "in.zip", {"Ada Robin_02_manual.ipynb": b"1"}))
    assert graded(course) == {"Ada Robin": b"1", "p1": b"1"}
    assert "Of nobody in the roster: submitted/Ada Robin; take" in shown(course, collected, read_roster(course))


def test_a_notebook_that_is_called_after_another_stage_is_collected_as_what_it_holds(course, tmp_path):
    started = b'{"cells": [{"cell_type": "code", "source": ["start(\\"02_manual\\", lang=\\"en\\")"]}], "nbformat": 4}'
    members = {
        "ada/01_math.ipynb": notebook("1", "02_manual"),
        "emmy/01_math/my work.ipynb": started,
        "kurt/01_math.ipynb": notebook("1", "02_manual").decode().encode("utf-16"),
        "alan/01_math.ipynb": notebook("1", "01_math"),
        "grace/01_math.ipynb": notebook("1", "99_other"),
        "zoe/01_math.ipynb": notebook('start("02_manual")', "01_math"),
        "jean/01_math.ipynb": b"cut off",
    }
    collected = collect(course, unpacked(tmp_path / "in", members))
    assert graded(course).keys() == {"ada", "emmy", "kurt"}
    assert graded(course, "01_math").keys() == {"alan", "grace", "zoe", "jean"}
    assert shown(course, collected).count("is 02_manual") == 3
    assert "Called after one stage and holding another, so collected as what they hold: ada/01_math.ipynb is 02_m" in (
        shown(course, collected)
    )


def test_who_has_handed_in_nothing_is_named_a_few_of_many(course, tmp_path):
    people = [f"Ada{number:02} Robin" for number in range(60)]
    make_roster(course, *names(people))
    collected = collect(course, unpacked(tmp_path / "in", {f"{name}/02_manual.ipynb": b"" for name in people[13:]}))
    printed = shown(course, collected, read_roster(course))
    assert f"Nothing of 02_manual yet: 13 of 60, {', '.join(people[:12])} and 1 more\n" in printed


HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\r\nNot collected: 0 files"


def test_names_of_files_give_a_terminal_no_orders(course, tmp_path, monkeypatch):
    source = unpacked(tmp_path / "in", {f"ada/{HOSTILE}.txt": b"", f"ada/02_manual {HOSTILE}.ipynb": notebook()})
    monkeypatch.chdir(course)
    for _ in range(2):
        ran = CliRunner().invoke(app, ["collect", str(source)])
        assert ran.output.replace("\n", "").isprintable()
        assert r"\x1b]0;owned\x07\x1b[2J\u202e\r\nNot collected" in ran.output
        assert "Not collected: 1 file\n" in ran.output
    (source / HOSTILE).symlink_to("nowhere")
    ran = CliRunner().invoke(app, ["collect", str(source)])
    assert r"\x1b]0;owned\x07\x1b[2J\u202e\r\nNot collected" in ran.output
    assert ran.output.replace("\n", "").isprintable()


def test_the_command_collects_and_refuses(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course)
    source = unpacked(tmp_path / "in", {"ada/02_manual.ipynb": b""})
    ran = CliRunner().invoke(app, ["collect", str(source)])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "02_manual" in ran.stdout
    ran = CliRunner().invoke(app, ["collect", str(COURSE / "LICENSE")])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == "LICENSE is neither a folder nor a zip: unpack it and collect the folder.\n"
