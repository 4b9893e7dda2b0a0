"""Whatever lies where grading reads or writes: it ends in that student's status and a sentence, and costs no other."""

import os
import shutil
import socket
import stat
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path

import nbformat
import pytest
from rich.console import Console
from typer.testing import CliRunner

from conftest import COURSE, STAGES, new_course
from grading.cli.app import app
from grading.cli.tables import show_outcomes
from grading.course import files
from grading.engine.task import Graded, Task
from grading.pages.feedback import feedback
from grading.records import grade, submissions
from grading.records.times import handed_in_at
from grading.recovery.merging import merge
from grading.recovery.reading import MAX_BYTES, RebuildError
from grading.rehearsal.cohort import Student, solution_answers, write_submissions
from grading.results.model import Result, Status
from grading.results.wording import reason_of, remarks_of

STAGE = "02_manual"
FILE = f"{STAGE}.ipynb"
POINTS = 39

# What may lie at a path, and how to put it there.


def a_socket(path: Path) -> None:
    """Bind it by a short name: its address has room for a hundred letters."""
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(path.parent)
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def a_device(path: Path) -> None:
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")


def a_folder_with_something(path: Path) -> None:
    path.mkdir()
    (path / "notes.txt").write_text("x")


KINDS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "a text": lambda path: path.write_bytes(b"\xff junk {"),
    "another JSON": lambda path: path.write_text('[{"hashes": 1, "answers": [], "checks": 3}]'),
    "a JSON of the wrong types": lambda path: path.write_text('{"hashes": 1, "answers": [], "result": {}, "cells": 3}'),
    "an empty file": lambda path: path.touch(),
    "a huge file": lambda path: path.touch() or os.truncate(path, 2**40),
    "a file that nobody may read": lambda path: path.touch() or path.chmod(0),
    "a folder": lambda path: path.mkdir(),
    "a folder with something in it": a_folder_with_something,
    "a pipe": os.mkfifo,
    "a socket": a_socket,
    "a device": a_device,
    "a link to another's": lambda path: path.symlink_to(str(path).replace("/ada", "/grace")),
    "a link to nothing": lambda path: path.symlink_to("nothing/at/all"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
}
PLACES = (
    "submitted/ada",
    f"submitted/ada/{STAGE}",
    f"submitted/ada/{STAGE}/{FILE}",
    f"submitted/ada/{STAGE}/timestamp.txt",
    f"submitted/ada/{STAGE}/earlier",
    "autograded/ada",
    f"autograded/ada/{STAGE}",
    f"autograded/ada/{STAGE}/result.json",
    f"autograded/ada/{STAGE}/.result.json.new",
    f"autograded/ada/{STAGE}/recorded.json",
    f"autograded/ada/{STAGE}/{FILE}",
    "feedback/ada",
    f"feedback/ada/{STAGE}/{STAGE}.html",
)


@pytest.fixture(scope="module")
def graded(tmp_path_factory, graders) -> Path:
    """A course of two with all points and their pages. Tests must not write in it."""
    course = new_course(tmp_path_factory.mktemp("course"), STAGE)
    solved = tuple(solution_answers(STAGES[STAGE]).values())
    release = COURSE / "notebooks/en" / FILE
    write_submissions(release, [Student("ada", solved), Student("grace", solved)], course / "submitted")
    outcomes = grade.grade(course, STAGE, graders, 2)
    assert [outcome.result.points for outcome in outcomes] == [POINTS, POINTS]
    feedback(course, STAGE)
    return course


@pytest.fixture
def course(graded, tmp_path) -> Path:
    """A copy of the graded course, to change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def grade_again(course: Path, **options: bool) -> dict[str, grade.Outcome]:
    """Grade as `gradus grade` does, but for running anything: what can be rebuilt gives what the solution gave."""
    kept = course / "autograded/grace" / STAGE
    result, notebook = (kept / "result.json").read_bytes(), (kept / FILE).read_bytes()
    instructor = nbformat.read(course / "source" / STAGE / FILE, as_version=4)

    def submit(task: Task) -> Future[Graded]:
        future: Future[Graded] = Future()
        try:
            merge(task.files, instructor)
            future.set_result(Graded(result, notebook))
        except RebuildError as error:
            future.set_result(Graded(Result(Status.UNGRADABLE, reasons=(error.remark,)).to_json(), None))
        return future

    outcomes = grade.grade(course, STAGE, nullcontext(submit), 2, **options)
    return {outcome.student: outcome for outcome in outcomes}


def said_of(outcome: grade.Outcome) -> str:
    return " ".join(remarks_of(outcome.result))


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_lies_there_ends_in_a_status_and_costs_no_other(course, monkeypatch, kind):
    """A class in which each student has this at another of the places."""
    students = {f"ada{number}": place.replace("/ada", f"/ada{number}") for number, place in enumerate(PLACES)}
    for student, place in students.items():
        for folder in ("submitted", "autograded", "feedback"):
            shutil.copytree(course / folder / "ada", course / folder / student)
        path = course / place
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        KINDS[kind](path)
    if kind == "a file that nobody may read":
        forbid(monkeypatch, [course / place for place in students.values()])
    for options in ({}, {"force": True}):
        outcomes = grade_again(course, **options)
        written = feedback(course, STAGE)
        pages = {page.parts[-3] for page in written.pages}
        assert outcomes.keys() >= {"ada", "grace"}
        assert pages >= {"ada", "grace"}
        assert not pages & written.failed.keys()
        assert all(sentence.isprintable() for sentence in written.failed.values())
        for student, outcome in outcomes.items():
            assert outcome.status in set(Status)
            assert outcome.status in ("graded", "missing") or said_of(outcome).strip().endswith(".")
            assert said_of(outcome).isprintable()
            place = students.get(student, "their own folders")
            if place.endswith(("folders", "timestamp.txt", "earlier", ".html")):
                assert (outcome.status, outcome.result.points) == ("graded", POINTS), place
        assert outcomes.keys() >= students.keys() - ({"ada0"} if kind == "nothing" else set())


def forbid(monkeypatch, paths: list[Path]) -> None:
    """Have the system refuse these files to us even if we are root, whom no permission stops."""
    opened = os.open

    def refuse(name: Path, *rest: object, **others: object) -> int:
        if Path(name) in paths:
            raise PermissionError(13, "Permission denied", str(name))
        return opened(name, *rest, **others)

    monkeypatch.setattr(files.os, "open", refuse)


TIMES = {
    "2026-11-30 12:00:00.250000 UTC": "2026-11-30 12:00:00.250000",
    "2026-11-30 12:00:00 +0100": "2026-11-30 11:00:00",
    "2026-07-01 12:00:00 Europe/Paris": "2026-07-01 10:00:00",
    "2026-11-30T12:00:00+01:00\n": "2026-11-30 11:00:00",
    "2026-11-30 12:00:00": "2026-11-30 12:00:00",
    "2026-11-30 12:00:00 NoSuchZone": "2026-11-30 12:00:00",
    "2026-11-30 12:00:00.000000 99999999999999999999": None,
    "2026-11-30 12:00:00.000000 /etc/passwd": None,
    "2026-11-30 12:00:00.000000 ../../../../etc/passwd": None,
    "2026-11-30 12:00:00 +99:99": None,
    "0001-01-01 00:00:00 +23:00": None,
    "9999-12-31 23:59:59 -23:00": None,
    "999999999999999999999999": None,
    "yesterday at noon": None,
    "1" * 5000: None,
    "\0": None,
    "½": None,
    "NaN": None,
    "\n\n": None,
}


def test_whatever_a_time_says_it_costs_nothing(course):
    paths = {}
    for number, text in enumerate(TIMES):
        folder = course / f"submitted/ada{number}" / STAGE
        shutil.copytree(course / "submitted/ada" / STAGE, folder)
        paths[text] = folder / "timestamp.txt"
        paths[text].write_text(text, "utf-8")
    read = {text: handed_in_at(path.parent, None) for text, path in paths.items()}
    assert {text: time and str(time.replace(tzinfo=None)) for text, time in read.items()} == TIMES
    outcomes = grade_again(course)
    assert len(outcomes) == 2 + len(TIMES)
    assert {outcome.result.points for outcome in outcomes.values()} == {POINTS}


def test_of_many_notebooks_the_newest_are_read_as_far_as_they_fit(course, monkeypatch):
    """Thirty files of the size of the largest are not read at once, and what is not read is said."""
    monkeypatch.setattr(submissions, "MAX_NOTEBOOKS", 3)
    folder = course / "submitted/ada" / STAGE
    for number in range(1, 31):
        path = folder / f"copy {number:02}.ipynb"
        shutil.copy(folder / FILE, path)
        os.utime(path, (number, number))
    assert list(submissions.Submission(course, "ada", STAGE).files()) == [FILE, "copy 30.ipynb", "copy 29.ipynb"]
    ada = grade_again(course)["ada"]
    assert ada.result.points == POINTS
    assert "not read, as there are more than 3 notebooks or 50 MB: copy 28.ipynb, copy 27.ipynb" in said_of(ada)
    assert "and 8 more." in said_of(ada)
    monkeypatch.setattr(submissions, "MAX_NOTEBOOKS", 100)
    for number in range(1, 31):
        os.truncate(folder / f"copy {number:02}.ipynb", MAX_BYTES - 2**20)
        os.utime(folder / f"copy {number:02}.ipynb", (number, number))
    assert list(submissions.Submission(course, "ada", STAGE).files()) == [FILE, "copy 30.ipynb"]


def test_a_notebook_that_is_no_file_is_named(course):
    folder = course / "submitted/ada" / STAGE
    (folder / "data.ipynb").mkdir()
    os.mkfifo(folder / "pipe.ipynb")
    (folder / ".ipynb_checkpoints").mkdir()
    ada = grade_again(course, force=True)["ada"]
    assert (ada.result.points, remarks_of(ada.result)) == (
        POINTS,
        ["Handed in beside the notebook, and not used: data.ipynb, pipe.ipynb."],
    )


def test_what_lies_beside_the_students_folders_is_no_student(course):
    (course / "submitted/02_manual_key.json").write_text("{}")
    (course / "submitted/.DS_Store").touch()
    (course / "submitted/Thumbs.db").touch()
    (course / "submitted/alan").touch()
    outcomes = grade_again(course)
    assert set(outcomes) == {"ada", "grace", "alan"}
    assert "submitted/alan is a link or a file, not a folder" in reason_of(outcomes["alan"].result)


def test_names_give_a_terminal_no_orders(course, tmp_path, monkeypatch):
    hostile = "eve\x1b]0;owned\x07\x1b[2J\u202e\n"
    for folder in ("submitted", "autograded"):
        shutil.copytree(course / folder / "ada", course / folder / hostile)
    (course / "submitted" / hostile / STAGE / f"{hostile}.txt").touch()
    (course / "autograded" / hostile / STAGE / FILE).unlink()
    with (tmp_path / "out").open("w") as file:
        show_outcomes(STAGE, list(grade_again(course, force=True).values()), Console(file=file, width=300))
    (course / "autograded" / hostile / STAGE / FILE).unlink()
    monkeypatch.chdir(course)
    ran = CliRunner().invoke(app, ["feedback", STAGE])
    for printed in ((tmp_path / "out").read_text(), ran.output):
        assert printed.replace("\n", "").isprintable()
        assert r"eve\x1b]0;owned\x07\x1b[2J\u202e\n" in printed
    assert ran.exit_code == 1


def test_a_full_disk_stops_the_class_with_a_sentence(course, monkeypatch):
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(submissions, "write_atomically", full)
    with pytest.raises(OSError, match="No space left"):
        grade_again(course, force=True)
