"""course.toml: when stages are due, what being late costs, and a sentence with its line for each mistake."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grading.course.course_file import EXAMPLE, FILE, CourseFileError, read_dates, write_example
from grading.course.dates import Dates, Doubt, Late, Lateness, StageDates

STAGES = ("01_math", "02_manual")
PARIS = ZoneInfo("Europe/Paris")
DUE = datetime(2030, 10, 8, 18, tzinfo=PARIS)
RULE = Lateness(percent_a_day=10, grace=timedelta(minutes=15), most=25)


def read(folder, text: str, students=()) -> Dates:
    (folder / FILE).write_text(text, "utf-8")
    return read_dates(folder, STAGES, students)


@pytest.mark.parametrize(
    ("after", "late"),
    [
        (timedelta(hours=-1), Late()),
        (timedelta(0), Late()),
        (timedelta(minutes=15), Late()),
        (timedelta(minutes=15, seconds=1), Late(1, 10)),
        (timedelta(days=1), Late(1, 10)),
        (timedelta(days=1, seconds=1), Late(2, 20)),
        (timedelta(days=9), Late(9, 25)),
    ],
)
def test_each_day_begun_costs_after_a_grace_and_up_to_the_most(after, late):
    dates = StageDates(due=DUE, lateness=RULE)
    assert dates.late("ada", (DUE + after).astimezone(UTC), None) == late


def test_days_are_of_24_hours_where_clocks_change():
    dates = StageDates(due=datetime(2030, 10, 26, 12, tzinfo=PARIS), lateness=RULE)  # that night has 25 hours
    assert dates.late("ada", datetime(2030, 10, 27, 11, 30, tzinfo=PARIS), None).days == 2


def test_who_has_longer_is_late_later():
    dates = StageDates(due=DUE, lateness=RULE, extensions={"ada": DUE + timedelta(days=2)})
    time = DUE + timedelta(days=1)
    assert (dates.late("ada", time, None).days, dates.late("alan", time, None).days) == (0, 1)


def test_what_nobody_states_costs_nothing_and_is_doubted():
    dates = StageDates(due=DUE, lateness=RULE)
    assert dates.late("ada", None, None) == Late(doubt=Doubt.NO_TIME)
    assert dates.late("ada", None, True) == Late(doubt=Doubt.HOW_LATE)
    assert dates.late("ada", None, False) == Late()
    assert StageDates().late("ada", None, None) == Late(), "nothing is due"


def test_without_a_file_nothing_is_due(tmp_path):
    assert read_dates(tmp_path, STAGES) == Dates()


def test_all_that_it_can_say_is_read(tmp_path):
    dates = read(
        tmp_path,
        """
timezone = "Europe/Paris"
out_of = 20
[lateness]
percent_a_day = 10
grace_minutes = 15
most_percent = 25
[stages.02_manual]
opens = 2030-10-01
due = 2030-10-08 18:00:00
lateness = { percent_a_day = 20 }
excused = ["alan"]
extensions = { ada = "2030-10-10" }
""",
        ("ada", "alan"),
    )
    manual = dates.of("02_manual")
    assert (manual.opens, manual.due) == (datetime(2030, 10, 1, tzinfo=PARIS), DUE)
    assert manual.due_for("ada") == datetime(2030, 10, 10, 23, 59, 59, tzinfo=PARIS)
    assert manual.excused == {"alan"}
    assert manual.lateness == Lateness(20, timedelta(minutes=15), 25)
    assert (manual.out_of, dates.of("01_math").out_of) == (20, 20)
    assert (dates.of("01_math").due, dates.of("01_math").lateness) == (None, RULE)


def test_the_example_is_all_comments_and_holds_when_it_is_none(tmp_path):
    text = write_example(tmp_path, STAGES).read_text("utf-8")
    assert read_dates(tmp_path, STAGES) == Dates()
    dates = read(tmp_path, re.sub(r"(?m)^# (?=\w+ = |\[)", "", text))
    assert dates.of("02_manual").due == datetime(2030, 10, 8, 23, 59, 59, tzinfo=PARIS)
    assert text.startswith(EXAMPLE)
    with pytest.raises(CourseFileError, match=r"There is a course\.toml already"):
        write_example(tmp_path, STAGES)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("due = \n", 1, "this is not TOML"),
        ("[stages.02_manual]\ndue = 2030-10-08 18:00\n", 2, "this is not TOML"),
        ("[stages.02_manual]\ndue = 2030-02-30\n", 2, "this is not TOML"),
        ("[stages.02_manual]\n\ndue = '8 October'\n", 3, "'8 October' is no date: write it as 2030-10-08"),
        ("[stages.02_manual]\ndue = 18:00:00\n", 2, "due is a date"),
        ("[stages.02_manual]\ndue = 20301008\n", 2, "due is a date"),
        ("[stages.02_manual]\nopens = 2030-10-09\ndue = 2030-10-08\n", 3, "due before it opens"),
        (
            "[stages.02_manual]\ndue = 2030-10-08\n\nend = 2030-10-09\n",
            4,
            "there is no key 'end' here; there are opens",
        ),
        ("[stages.01_math]\n[stages.2_manual]\ndue = 2030-10-08\n", 2, "there is no stage '2_manual' here"),
        ("deadline = 2030-10-08\n", 1, "there is no key 'deadline'"),
        ("timezone = 'Europe/Pari'\n", 1, "there is no time zone 'Europe/Pari'"),
        ("timezone = 2\n", 1, "there is no time zone 2"),
        ("out_of = 0\n", 1, "out_of is a number above 0"),
        ("out_of = true\n", 1, "out_of is a number"),
        ("[lateness]\npercent_a_day = 'ten'\n", 2, "percent_a_day is a number"),
        ("[lateness]\npercent_a_day = 10\nmost_percent = 150\n", 3, "percent go to 100"),
        ("lateness = 10\n", 1, "this has to be a table"),
        ("[stages.02_manual]\nexcused = 'ada'\n", 2, "write the ids of who is excused as a list"),
        ("[stages.02_manual]\nexcused = [\n 'ada',\n 'nobody',\n]\n", 5, "the roster has no id 'nobody'"),
        ("[stages.02_manual]\ndue = 2030-10-08\n[stages.02_manual.extensions]\nadda = 2030-10-09\n", 4, "no id 'adda'"),
        ("[stages.02_manual]\ndue = 2030-10-08\nextensions = { ada = 2030-10-07 }\n", 3, "until before the due date"),
        ("[stages.02_manual]\nextensions = { ada = 2030-10-07 }\n", 2, "02_manual has no due date to extend"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, text, line, sentence):
    with pytest.raises(CourseFileError) as error:
        read(tmp_path, text, ("ada",))
    assert str(error.value).startswith(f"course.toml, line {line}")
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_without_a_roster_any_student_may_have_longer(tmp_path):
    dates = read(tmp_path, "[stages.02_manual]\ndue = 2030-10-08\nextensions = { ada = 2030-10-09 }\n")
    assert set(dates.of("02_manual").extensions) == {"ada"}


def test_a_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / FILE).write_bytes("# é".encode("utf-16"))
    with pytest.raises(CourseFileError, match="save it as UTF-8 text"):
        read_dates(tmp_path, STAGES)
