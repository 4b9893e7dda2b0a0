"""Collecting: every layout that comes back, everything that is refused, and nothing lost."""

import io
import json
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
from grading.cli.intake import show_collected
from grading.intake import archive as archives
from grading.intake.archive import CollectError
from grading.intake.collect import collect


@pytest.fixture
def course(tmp_path) -> Path:
    """Return a course that has stages 01_math and 02_manual and nothing else."""
    for stage in ("01_math", "02_manual"):
        (tmp_path / "course/source" / stage).mkdir(parents=True)
        (tmp_path / "course/source" / stage / f"{stage}.py").touch()
    (tmp_path / "course/source/syllabus.toml").touch()
    return tmp_path / "course"


def notebook(text: str = "", stage: str | None = None) -> bytes:
    """Return a notebook with one cell, and perhaps the stage in its metadata."""
    cell = {"cell_type": "markdown", "metadata": {}, "source": text}
    metadata = {"gradus": {"stage": stage}} if stage else {}
    return json.dumps({"cells": [cell], "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}).encode()


def zipped(path: Path, members: dict[str, bytes], minutes: dict[str, int] | None = None) -> Path:
    """Write a zip; minutes: when a member was changed, after noon."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2025, 3, 1, 12, (minutes or {}).get(name, 0), 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return path


def unpacked(path: Path, members: dict[str, bytes]) -> Path:
    for name, content in members.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def tree(course: Path) -> dict[str, bytes]:
    """Return every file below submitted/ with its content."""
    root = course / "submitted"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


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


def test_what_is_no_submission_is_listed_with_its_reason(course, tmp_path):
    members = {
        "ada/02_manual.ipynb": b"",
        "ada/photo.png": b"",
        "ada/more.zip": b"",
        "ada/.ipynb_checkpoints/02_manual-checkpoint.ipynb": b"",
        "__MACOSX/ada/._02_manual.ipynb": b"",
        "emmy/work.ipynb": b"<html>",
        "kurt/work.ipynb": notebook(),
        "alan/work.ipynb": notebook(stage="09_gan"),
        "02_manual.ipynb": b"",
    }
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    assert set(tree(course)) == {"ada/02_manual/02_manual.ipynb"}
    assert {left.file: left.reason for left in collected.left} == {
        "ada/photo.png": "not a notebook",
        "ada/more.zip": "not a notebook",
        "ada/.ipynb_checkpoints/02_manual-checkpoint.ipynb": "a checkpoint that JupyterLab keeps",
        "__MACOSX/ada/._02_manual.ipynb": "written by macOS, not by the student",
        "emmy/work.ipynb": "its name holds no stage, and it cannot be read. "
        "The file is a web page, not a notebook: ask for the .ipynb file itself.",
        "kurt/work.ipynb": "neither its name nor its content says which stage it is",
        "alan/work.ipynb": "it is of stage 09_gan, which this course does not have",
        "02_manual.ipynb": "nothing says whose it is: put it in a folder named after the student",
    }


def test_of_two_notebooks_the_newest_is_taken_and_the_other_listed(course, tmp_path):
    old, new = "ada/02_manual (1).ipynb", "ada/02_manual.ipynb"
    archive = zipped(tmp_path / "in.zip", {old: b"old", new: b"new", "emmy/02_manual.ipynb": b""}, {new: 5})
    collected = collect(course, archive)
    assert tree(course)["ada/02_manual/02_manual.ipynb"] == b"new"
    assert [(left.file, left.reason) for left in collected.left] == [(old, f"older than {new}, which was taken")]


def test_canvas_numbers_say_which_upload_is_the_newest(course, tmp_path):
    old, new = "lovelaceada_1_99_02_manual.ipynb", "lovelaceada_LATE_1_100_02_manual-1.ipynb"
    collect(course, zipped(tmp_path / "in.zip", {old: b"old", new: b"new"}, {old: 5}))
    assert tree(course) == {"lovelaceada/02_manual/02_manual.ipynb": b"new"}


@pytest.mark.parametrize(
    ("first", "second", "students"),
    [
        ("Ada_1_assignsubmission_file_/02_manual.ipynb", "Ada_2_assignsubmission_file_/02_manual.ipynb",
         {"Ada-1", "Ada-2"}),
        ("ada_1_7_02_manual.ipynb", "ada_2_8_02_manual.ipynb", {"ada-1", "ada-2"}),
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


def test_a_notebook_that_is_replaced_is_kept(course, tmp_path):
    for content in (b"first", b"second", b"third", b"first"):
        archive = zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": content, "emmy/02_manual.ipynb": b""})
        collected = collect(course, archive)
    assert [placed.outcome for placed in collected.placed] == ["replaced", "unchanged"]
    assert tree(course) == {
        "ada/02_manual/02_manual.ipynb": b"first",
        "ada/02_manual/earlier/2025-03-01T12-00-00.ipynb": b"first",
        "ada/02_manual/earlier/2025-03-01T12-00-00-2.ipynb": b"second",
        "ada/02_manual/earlier/2025-03-01T12-00-00-3.ipynb": b"third",
        "emmy/02_manual/02_manual.ipynb": b"",
    }


def test_what_was_collected_can_be_collected_elsewhere(course, tmp_path):
    for content in (b"first", b"second"):
        collect(course, zipped(tmp_path / "in.zip", {"ada/02_manual/02_manual.ipynb": content}))
    (course / "submitted").rename(tmp_path / "in")
    collected = collect(course, tmp_path / "in")
    assert tree(course) == {"ada/02_manual/02_manual.ipynb": b"second"}
    assert [left.reason for left in collected.left] == ["set aside when a newer one was collected"]


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


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("member", "why"),
    [
        ("../evil/02_manual.ipynb", "../evil/02_manual.ipynb would lie outside the folder that it is unpacked to"),
        ("a/../../evil.ipynb", "a/../../evil.ipynb would lie outside the folder that it is unpacked to"),
        ("..\\evil.ipynb", "../evil.ipynb would lie outside the folder that it is unpacked to"),
        ("/etc/02_manual.ipynb", "/etc/02_manual.ipynb would lie outside the folder that it is unpacked to"),
        ("C:\\02_manual.ipynb", "C:/02_manual.ipynb would lie outside the folder that it is unpacked to"),
        (link("emmy/02_manual.ipynb"), "emmy/02_manual.ipynb is a link or a device, not a file"),
    ],
)
def test_an_archive_that_reaches_outside_is_refused(course, tmp_path, member, why):
    archive = zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"1"})
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(member, "/etc/passwd")
    refuses(course, archive, f"in.zip is refused, nothing was collected: {why}.")


def refuses(course: Path, source: Path, sentence: str) -> None:
    """Assert that a source is refused with this sentence and that nothing is written."""
    before = sorted(course.rglob("*"))
    with pytest.raises(CollectError) as error:
        collect(course, source)
    assert str(error.value) == sentence
    assert sorted(course.rglob("*")) == before


@pytest.mark.parametrize(
    ("limit", "value", "why"),
    [
        ("MAX_FILES", 1, "it holds 2 files, more than 1"),
        ("MAX_TOTAL", 2**19, "it holds 0.0 GiB, more than 0"),
        ("RATIO_MATTERS_ABOVE", 2**19, "it unpacks to {ratio} times its size, as no notebooks do"),
    ],
)
def test_a_bomb_is_refused(course, tmp_path, monkeypatch, limit, value, why):
    monkeypatch.setattr(archives, limit, value)
    archive = zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"0" * 2**20, "emmy/02_manual.ipynb": b""})
    why = why.format(ratio=2**20 // archive.stat().st_size)
    refuses(course, archive, f"in.zip is refused, nothing was collected: {why}.")


@pytest.mark.parametrize("target", ["/etc/passwd", "/etc", "02_manual.ipynb"])
def test_a_folder_with_a_link_is_refused(course, tmp_path, target):
    source = unpacked(tmp_path / "in", {"ada/02_manual.ipynb": b""})
    (source / "ada/emmy").symlink_to(target)
    refuses(course, source, "in is refused, nothing was collected: ada/emmy is a link or a device, not a file.")


def test_an_archive_with_a_password_is_refused(course, tmp_path):
    archive = zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"1"})
    content = archive.read_bytes()
    directory = content.index(b"PK\x01\x02")
    archive.write_bytes(content[: directory + 8] + b"\x01" + content[directory + 9 :])
    refuses(course, archive, "in.zip is refused, nothing was collected: ada/02_manual.ipynb needs a password.")


def test_an_archive_with_a_damaged_member_changes_nothing(course, tmp_path):
    members = {"ada/02_manual.ipynb": b"fine", "emmy/02_manual.ipynb": os.urandom(100)}
    collect(course, zipped(tmp_path / "in.zip", members | {"ada/02_manual.ipynb": b"before"}))
    before = tree(course)
    archive = zipped(tmp_path / "in.zip", members)
    archive.write_bytes(archive.read_bytes().replace(members["emmy/02_manual.ipynb"], os.urandom(100)))
    with pytest.raises(CollectError, match=r"^in\.zip is damaged, download it again: Bad CRC-32 .*\.$"):
        collect(course, archive)
    assert tree(course) == before


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


def test_a_folder_with_a_pipe_is_refused_not_waited_for(course, tmp_path):
    source = unpacked(tmp_path / "in", {"ada/02_manual.ipynb": b""})
    os.mkfifo(source / "emmy.ipynb")
    refuses(course, source, "in is refused, nothing was collected: emmy.ipynb is a link or a device, not a file.")


def test_the_summary_counts_and_names(course, tmp_path):
    collect(course, zipped(tmp_path / "in.zip", {"ada/02_manual.ipynb": b"1", "emmy/02_manual.ipynb": b"2"}))
    members = {"ada/02_manual.ipynb": b"3", "emmy/02_manual.ipynb": b"2", "kurt/02_manual.ipynb": b"", "a/[b].txt": b""}
    printed = io.StringIO()
    collected = collect(course, zipped(tmp_path / "in.zip", members))
    show_collected(collected, Console(file=printed, width=100, soft_wrap=True))
    text = printed.getvalue()
    assert "│ 02_manual │ 3        │ 1   │ 1        │ 1         │" in text
    assert "Replaced 02_manual of ada; the former one is in submitted/ada/02_manual/earlier\n" in text
    assert text.endswith("Not collected: 1 files\n  a/[b].txt: not a notebook\n")


HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\r\nNot collected: 0 files"


def test_names_of_files_give_a_terminal_no_orders(course, tmp_path, monkeypatch):
    source = unpacked(tmp_path / "in", {f"ada/{HOSTILE}.txt": b"", f"ada/02_manual {HOSTILE}.ipynb": notebook()})
    monkeypatch.chdir(course)
    for _ in range(2):
        ran = CliRunner().invoke(app, ["collect", str(source)])
        assert ran.output.replace("\n", "").isprintable()
        assert r"\x1b]0;owned\x07\x1b[2J\u202e\r\nNot collected" in ran.output
        assert "Not collected: 1 files\n" in ran.output
    (source / HOSTILE).symlink_to("nowhere")
    ran = CliRunner().invoke(app, ["collect", str(source)])
    assert r"\x1b]0;owned\x07\x1b[2J\u202e\r\nNot collected" in ran.output
    assert ran.output.rstrip("\n").isprintable()


def test_the_command_collects_and_refuses(course, tmp_path, monkeypatch):
    monkeypatch.chdir(course)
    source = unpacked(tmp_path / "in", {"ada/02_manual.ipynb": b""})
    ran = CliRunner().invoke(app, ["collect", str(source)])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "02_manual" in ran.stdout
    ran = CliRunner().invoke(app, ["collect", str(COURSE / "LICENSE")])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert ran.stderr == "LICENSE is neither a folder nor a zip: unpack it and collect the folder.\n"
