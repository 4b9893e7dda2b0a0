"""What changed since the last grading, and why; what a dry run shows and does not write; the better of two results."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from grading.cli.tables import show_changes, show_outcomes
from grading.course.roster import Person, write_roster
from grading.records import grade as step
from grading.records.history import HISTORY, Change, State, Why, changes, last_state
from pretending import ALL, CELLS, CHECKS, OF_OPEN, OPEN, STAGE, course_of, grade, hand_in, lenient, mark, worth

FIRST, SECOND, THIRD = CHECKS[:3]
NOW = datetime(2030, 10, 9, 12, tzinfo=UTC)


def state(points: dict[str, float | None], **others) -> State:
    return State("graded", points, hashes={"submission": "a", "source": "b", "secret": "c", "engine": "d"}, **others)


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A graded class: ada has all points, alan lost one check, barbara two and handed in a text."""
    course = course_of(tmp_path_factory.mktemp("course"))
    hand_in(course, "ada")
    hand_in(course, "alan", FIRST)
    hand_in(course, "barbara", FIRST, SECOND, text="Because of the slope.")
    grade(course, now=NOW)
    return course


@pytest.fixture
def course(graded, tmp_path) -> Path:
    """A copy of the graded course, to change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def printed(tmp_path: Path, outcomes: dict[str, step.Outcome], show) -> str:
    with (tmp_path / "printed").open("w+", encoding="utf-8") as file:
        show(list(outcomes.values()), Console(file=file, width=200))
        file.seek(0)
        return file.read()


def lines(course: Path, student: str) -> list[dict]:
    return [json.loads(line) for line in (course / "autograded" / student / STAGE / HISTORY).read_text().splitlines()]


def snapshot(course: Path) -> dict[Path, tuple[int, int, bytes]]:
    """Return all files, when they were written, and what is in them."""
    files = [path for path in course.rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino, path.read_bytes()) for path in files}


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"hashes": {"submission": "new"}}, Why.WORK),
        ({"hashes": {"source": "new"}, "cells": {"x": "new"}}, Why.CHECK),
        ({"hashes": {"source": "new"}, "cells": {"x": "old"}}, Why.STAGE),
        ({"hashes": {"engine": "new"}}, Why.ENGINE),
        ({"hashes": {"secret": "new"}}, Why.SECRET),
        ({}, Why.AGAIN),
    ],
)
def test_a_change_has_the_reason_of_what_differs(what, why):
    before = state({"x": 0.0, "y": 1.0}, cells={"x": "old"})
    after = State(
        "graded",
        {"x": 2.0, "y": 1.0},
        hashes=before.hashes | what.get("hashes", {}),
        cells=what.get("cells", before.cells),
    )
    assert changes(before, after) == (Change("x", 0.0, 2.0, (why,)),)


def test_reasons_are_told_together_and_a_mark_by_hand_apart():
    before = state({"x": 0.0, "q": None})
    after = State("graded", {"x": 2.0, "q": None}, {"q": 1.5}, hashes={"submission": "new", "engine": "new"})
    assert changes(before, after) == (
        Change("x", 0.0, 2.0, (Why.WORK, Why.STAGE, Why.SECRET, Why.ENGINE)),
        Change("q", None, 1.5, (Why.HAND,)),
    )


def test_points_given_by_hand_hide_what_grading_found():
    before, after = state({"x": 0.0}, by_hand={"x": 1.0}), state({"x": 2.0}, by_hand={"x": 1.0})
    assert changes(before, after) == ()
    assert changes(after, state({"x": 2.0}, by_hand={"x": 1.0}, extra={"x": 0.5})) == (
        Change("x", 1.0, 1.5, (Why.HAND,)),
    )


def test_a_submission_that_lost_all_its_points_is_one_change():
    after = State("ungradable", {}, hashes={"submission": "new", "source": "b", "secret": "c", "engine": "d"})
    assert changes(state({"x": 2.0, "y": 1.0}), after) == (Change("", 3.0, None, (Why.WORK,)),)


def test_the_first_time_there_is_nothing_to_compare_with(course, tmp_path):
    assert [len(lines(course, student)) for student in ("ada", "alan")] == [1, 1]
    assert lines(course, "ada")[0]["time"] == "2030-10-09T12:00:00+00:00"
    assert lines(course, "ada")[0]["changes"] == []
    outcomes = grade(course)
    assert not any(outcome.changes for outcome in outcomes.values())
    assert len(lines(course, "ada")) == 1, "nothing changed, and nothing was written"
    assert printed(tmp_path, outcomes, show_changes) == "Nobody's points changed since the last time.\n"


def test_a_changed_check_is_shown_by_a_dry_run_then_written_and_remembered(course, tmp_path):
    lenient(course, FIRST)
    before = snapshot(course)
    outcomes = grade(course, is_dry=True)
    assert snapshot(course) == before
    change = Change(FIRST, 0.0, _points(FIRST), (Why.CHECK,))
    assert {name: outcome.changes for name, outcome in outcomes.items()} == {
        "ada": (),
        "alan": (change,),
        "barbara": (change,),
    }
    said = printed(tmp_path, outcomes, show_changes)
    assert f"  alan: {FIRST} 0 → {_points(FIRST):g}: the check changed\n" in said
    assert {name: outcome.changes for name, outcome in grade(course).items()} == {
        name: outcome.changes for name, outcome in outcomes.items()
    }
    assert _score(course, "alan", FIRST) == _points(FIRST)
    assert lines(course, "alan")[-1]["changes"] == [
        {"name": FIRST, "before": 0.0, "after": _points(FIRST), "why": ["check"]}
    ]
    assert not any(outcome.changes for outcome in grade(course).values())


def test_new_work_and_marks_by_hand_are_told_apart(course):
    hand_in(course, "alan", SECOND)
    mark(course, "barbara", 2.0)
    outcomes = grade(course)
    assert {change.name: change.why for change in outcomes["alan"].changes} == {
        FIRST: (Why.WORK,),
        SECOND: (Why.WORK,),
    }
    assert outcomes["barbara"].changes == (Change(OPEN, None, 2.0, (Why.HAND,)),)
    assert not outcomes["barbara"].is_new


def test_a_dry_run_in_a_new_course_writes_nothing_at_all(tmp_path, monkeypatch):
    monkeypatch.delenv("GRADUS_SECRET")
    course = course_of(tmp_path)
    hand_in(course, "ada")
    before = snapshot(course)
    assert grade(course, is_dry=True)["ada"].standing.points == ALL
    assert snapshot(course) == before
    assert not (course / "autograded").exists()
    assert not (course / "gradebook.db").exists()


def test_a_line_that_was_cut_off_costs_nobody_anything(course):
    path = course / "autograded/alan" / STAGE / HISTORY
    path.write_bytes(path.read_bytes() + b'{"time": "2030')
    lenient(course, FIRST)
    assert grade(course)["alan"].changes
    assert last_state(path.parent).points[FIRST] == _points(FIRST)


def test_what_was_killed_before_it_was_compared_is_compared_the_next_time(course, monkeypatch):
    lenient(course, FIRST)
    monkeypatch.setattr(step, "_compared", lambda *_: [])
    assert grade(course) == {}
    monkeypatch.undo()
    outcome = grade(course)["alan"]
    assert (outcome.is_new, [change.why for change in outcome.changes]) == (False, [(Why.CHECK,)])


def test_the_better_result_is_kept_until_something_changes(course, tmp_path):
    hand_in(course, "ada", FIRST)
    hand_in(course, "alan")
    hand_in(course, "barbara", status="ungradable")
    before = snapshot(course / "autograded/ada")
    assert grade(course, keep_better=True, is_dry=True)["ada"].declined.points == ALL - _points(FIRST)
    assert snapshot(course / "autograded/ada") == before
    outcomes = grade(course, keep_better=True)
    assert (outcomes["ada"].standing.points, outcomes["ada"].declined.points) == (ALL, ALL - _points(FIRST))
    assert outcomes["alan"].standing.points == ALL
    assert outcomes["barbara"].result.has_points
    assert lines(course, "ada")[-1]["declined"] == {"status": "graded", "points": ALL - _points(FIRST)}
    assert lines(course, "barbara")[-1]["declined"] == {"status": "ungradable", "points": None}
    table = printed(tmp_path, outcomes, lambda found, console: show_outcomes(STAGE, found, console))
    said = " ".join(line.split("│")[-2].strip() for line in table.splitlines() if "│" in line)
    assert f"Graded again it has {ALL - _points(FIRST):g} points; the earlier result is better, and kept." in said
    assert "Graded again it is ungradable (The file is empty: ask for it again.); the earlier result is better" in said
    again = grade(course)
    assert not again["ada"].is_new
    assert again["ada"].standing.points == ALL
    hand_in(course, "ada", FIRST, SECOND)
    assert grade(course)["ada"].standing.points == ALL - _points(FIRST) - _points(SECOND)


def test_a_better_result_that_is_out_of_another_total_says_so(course, tmp_path):
    worth(course, FIRST, _points(FIRST) - 1)
    outcomes = grade(course, keep_better=True)
    table = printed(tmp_path, outcomes, lambda found, console: show_outcomes(STAGE, found, console))
    said = " ".join(line.split("│")[-2].strip() for line in table.splitlines() if "│" in line)
    assert f"it has {ALL - 1:g} points of {ALL - 1:g}; the earlier result, {ALL:g} of {ALL:g}, has more, and" in said
    assert "grade with --force and without --keep-better." in said
    assert {one.result.maximum for one in grade(course, force=True).values() if one.result.has_points} == {ALL - 1}


def test_the_same_work_graded_with_force_may_lose_points(course):
    hand_in(course, "ada", FIRST)
    grade(course, keep_better=True)
    assert grade(course, force=True)["ada"].standing.points == ALL - _points(FIRST)


def test_a_history_that_cannot_be_written_costs_its_student_only(course):
    path = course / "autograded/alan" / STAGE / HISTORY
    path.unlink()
    path.mkdir()
    (path / "x").touch()
    hand_in(course, "alan")
    outcomes = grade(course)
    assert {name: str(outcome.status) for name, outcome in outcomes.items()} == {
        "ada": "graded",
        "alan": "ungradable",
        "barbara": "graded",
    }


def test_names_stand_beside_ids_and_points_are_out_of_one_total(course, tmp_path):
    write_roster(course, [Person("ada", "Ada", "Lovelace"), Person("grace", "Grace", "Hopper")])
    mark(course, "ada", 1.0, extra=0.5)
    outcomes = grade(course)
    said = printed(tmp_path, outcomes, lambda found, console: show_outcomes(STAGE, found, console))
    assert f"│ ada     │ Ada Lovelace │ {ALL + 1.5:g} of {ALL + OF_OPEN:g} " in said
    lost = _points(FIRST) + _points(SECOND)
    assert f"│ {ALL - lost:g} of {ALL:g}, {OF_OPEN:g} still to be marked │" in said
    assert "│ grace   │ Grace Hopper │ –" in said
    assert "3 graded, 1 missing" in said
    assert f"  ada (Ada Lovelace): {OPEN} 0 → 1.5: by hand\n" in said


def _points(name: str) -> float:
    return CELLS[name].metadata.nbgrader.points


def _score(course: Path, student: str, name: str) -> float | None:
    with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
        return gradebook.find_grade(name, STAGE, STAGE, student).auto_score
