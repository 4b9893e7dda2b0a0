"""One total everywhere, and what being late costs: in the table, on pages, in the gradebook."""

import html
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from conftest import gradus
from grading.cli.tables import show_outcomes
from grading.course import plain
from grading.course.dates import Late, Lateness, StageDates
from grading.course.origin import Origin, write_origin
from grading.course.roster import Person, write_roster
from grading.pages.feedback import feedback
from grading.records import grade as step
from grading.records.marks import Mark
from grading.records.standing import Standing
from grading.results.model import CheckResult, OpenQuestion, Result, Status
from pretending import ALL, OF_OPEN, STAGE, course_of, grade, hand_in, mark

TOTAL = ALL + OF_OPEN
DUE = datetime(2030, 10, 8, 18, tzinfo=ZoneInfo("Europe/Paris"))
DATES = f"""
timezone = "Europe/Paris"
out_of = 20
[lateness]
percent_a_day = 10
[stages.{STAGE}]
due = 2030-10-08 18:00:00
excused = ["kurt"]
"""
RESULT = Result(
    Status.GRADED,
    checks=(CheckResult("a", 3.0, 4.0), CheckResult("b", 6.0, 6.0)),
    questions=(OpenQuestion("q", None, 2.0, "x"), OpenQuestion("r", 0.0, 1.0, "y")),
)


def test_points_that_count_and_those_that_wait_make_the_stages_total():
    standing = Standing(Person("ada"), RESULT)
    assert (standing.points, standing.total - standing.waiting, standing.waiting, standing.waits) == (9, 11, 2, 1)
    marked = Standing(Person("ada"), RESULT, {"q": Mark(1.5), "a": Mark(4.0, extra=0.5), "x": Mark(9.0)})
    assert (marked.points, marked.total, marked.waiting, marked.by_hand) == (12, 13, 0, 6)
    assert marked.points_by_name == {"a": 4.5, "b": 6.0, "q": 1.5, "r": 0.0}


def test_what_being_late_costs_is_taken_off_what_was_earned():
    late = StageDates(due=DUE, lateness=Lateness(percent_a_day=10)).late("ada", DUE + timedelta(days=3), None)
    standing = Standing(Person("ada"), RESULT, late=late, out_of=26.0)
    assert (standing.points, standing.taken_off, standing.mark) == (9, pytest.approx(2.7), pytest.approx(2 * 6.3))
    assert Standing(Person("ada"), RESULT, late=Late(20, 100.0)).mark == 0


def test_who_is_excused_or_has_no_points_has_no_mark():
    assert Standing(Person("ada"), RESULT, is_excused=True).mark is None
    assert Standing(Person("ada"), Result(Status.UNGRADABLE)).mark is None


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A graded class: ada is in time and has a mark by hand, alan two days late and waits, kurt excused."""
    course = course_of(tmp_path_factory.mktemp("course"))
    write_roster(
        course, [Person("ada", "Ada", "Lovelace"), Person("kurt", "Kurt", "Gödel"), Person("alan"), Person("x")]
    )
    (course / "course.toml").write_text(DATES, "utf-8")
    for student, days in (("ada", -1), ("alan", 1.5), ("kurt", 1)):
        write_origin(hand_in(course, student, text="A text."), Origin(time=DUE + timedelta(days=days)))
    hand_in(course, "x")
    grade(course)
    mark(course, "ada", 1.0)
    return course


@pytest.fixture
def course(graded, tmp_path) -> Path:
    """A copy of the graded course, to change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def printed(folder: Path, outcomes: dict[str, step.Outcome]) -> dict[str, list[str]]:
    """Return the rows of the table, by student, each with its cells but the remarks; and the remarks of all."""
    with (folder / "printed").open("w+", encoding="utf-8") as file:
        show_outcomes(STAGE, list(outcomes.values()), Console(file=file, width=300))
        file.seek(0)
        rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in file if "│" in line]
    return {row[0]: row[1:-1] for row in rows if row[0]} | {"remarks": [row[-1] for row in rows if row[-1]]}


def page(course: Path, student: str) -> str:
    feedback(course, STAGE, [student])
    text = (course / "feedback" / student / STAGE / f"{STAGE}.html").read_text("utf-8")
    text = re.search(r"<main>\n<header>(.*?)</header>", text, re.DOTALL)[1]
    return " ".join(html.unescape(re.sub("<.*?>", " ", text)).split())


def test_the_table_has_names_points_lateness_and_marks(course, tmp_path):
    rows = printed(tmp_path, grade(course))
    whole, out_of = f"{ALL:g} of {ALL:g}, {OF_OPEN:g} still to be marked", f"{TOTAL:g}"
    assert rows["ada"] == [
        "Ada Lovelace",
        f"{ALL + 1:g} of {out_of}",
        "",
        f"{20 * (ALL + 1) / TOTAL:.4g} of 20",
        "graded",
    ]
    late = f"2 days, −{0.2 * ALL:.4g}"
    assert rows["alan"] == ["", whole, late, f"{20 * 0.8 * ALL / TOTAL:.4g} of 20", "graded"]
    assert rows["kurt"] == ["Kurt Gödel", whole, f"1 day, −{0.1 * ALL:.4g}", "", "graded, excused"]
    assert rows["remarks"] == [
        "Nothing says when it was handed in, so it counts as in time: if you know better, write the time into "
        f"submitted/x/{STAGE}/timestamp.txt."
    ]


def test_a_time_that_an_instructor_writes_counts(course):
    (course / "submitted/x" / STAGE / "timestamp.txt").write_text("2030-10-08 17:00:00 UTC", "utf-8")
    late = grade(course)["x"].standing.late
    assert (late.days, late.doubt) == (1, None)
    (course / "submitted/alan" / STAGE / "timestamp.txt").write_text("2030-10-08 15:00:00 UTC", "utf-8")
    assert grade(course)["alan"].standing.late == Late(), "it says more than origin.json"


def test_a_zone_that_course_toml_names_later_holds_for_times_that_were_read_before(course):
    read = Origin(time=datetime(2030, 10, 8, 17, 30, tzinfo=UTC), is_wall=True)  # 17:30 on a machine in UTC
    write_origin(course / "submitted/x" / STAGE, read)
    (course / "submitted/x" / STAGE / "timestamp.txt").write_text("2030-10-08 17:30:00 UTC\n", "utf-8")
    assert grade(course)["x"].standing.late == Late(), "in Paris, half an hour before it was due"
    write_origin(course / "submitted/x" / STAGE, replace(read, is_wall=False))
    assert grade(course)["x"].standing.late.days == 1, "the platform said that it was UTC"


def test_what_the_platform_alone_calls_late_costs_nothing_and_is_said(course, tmp_path):
    write_origin(course / "submitted/x" / STAGE, Origin(is_late=True))
    assert "It is late, but nothing says how late" in printed(tmp_path, grade(course))["remarks"][0]


def test_a_page_has_the_name_and_what_counts(course):
    assert page(course, "ada").endswith(
        f"Ada Lovelace · ada {ALL + 1:g} points out of {TOTAL:g} What counts: {20 * (ALL + 1) / TOTAL:.2f} out of 20. "
        "Handed in 7 October 2030, 18:00 CEST Due 8 October 2030, 18:00 CEST"
    )
    late = page(course, "alan")
    assert f"alan {ALL:g} points out of {ALL:g} Open questions are still to be marked." in late
    counts = f"{20 * 0.8 * ALL / TOTAL:.2f}".rstrip("0")
    assert f"Handed in 2 days late: {0.2 * ALL:g} points are taken off." in late
    assert f"Points: {ALL:g} − {0.2 * ALL:g} = {0.8 * ALL:g}. What counts: {counts} out of 20." in late
    assert "You are excused: this work does not count. Handed in" in page(course, "kurt")


def test_without_dates_and_roster_a_page_is_as_bare_as_the_table(course, tmp_path):
    (course / "course.toml").unlink()
    (course / "roster.csv").unlink()
    for path in course.glob("submitted/ada/*/origin.json"):
        path.unlink()
    assert page(course, "ada").endswith(f"ada {ALL + 1:g} points out of {TOTAL:g}")
    assert printed(tmp_path, grade(course))["ada"] == [f"{ALL + 1:g} of {TOTAL:g}", "graded"]


def test_a_plugin_of_nbgrader_for_late_submissions_is_said_not_to_be_used(course):
    assert not plain.has_late_plugin(course)
    config = course / "nbgrader_config.py"
    text = config.read_text("utf-8")
    for line in ('c.LateSubmissionPlugin.penalty_method = "zero"', 'c.AssignLatePenalties.plugin_class = "x.Y"'):
        config.write_text(f"{text}\n{line}\n", "utf-8")
        told: list[str] = []
        grade(course, tell=told.append)
        assert told == [
            "nbgrader_config.py sets a plugin for late submissions, which is not used: what counts is course.toml."
        ]


def test_a_mistake_in_course_toml_is_told_before_anybody_is_graded(course):
    (course / "course.toml").write_text(f"{DATES}extensions = {{ adda = 2030-10-09 }}\n", "utf-8")
    hand_in(course, "ada")
    before = (course / "autograded/ada" / STAGE / "result.json").read_bytes()
    for words in (["grade", STAGE], ["dates"], ["return", STAGE], ["feedback", STAGE]):
        ran = gradus(course, *words)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert ran.stderr.startswith("course.toml, line 9: the roster has no id 'adda'")
    assert (course / "autograded/ada" / STAGE / "result.json").read_bytes() == before


def test_dates_are_shown_and_a_file_to_start_from_is_written(course):
    said = gradus(course, "dates").stdout
    assert all(part in said for part in (STAGE, "2030-10-08", "18:00", "−10 %", "kurt"))
    assert gradus(course, "dates", "--init").stderr.startswith("There is a course.toml already")
    (course / "course.toml").unlink()
    assert "There is no course.toml: nothing is ever late." in gradus(course, "dates").stdout
    assert gradus(course, "dates", "--init").returncode == 0
    assert (course / "course.toml").exists()
