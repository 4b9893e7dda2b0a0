"""course.toml: read into dates and languages, with a sentence and a line for each mistake; and an example of it."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from grading.course.dates import Dates, Lateness, StageDates
from grading.course.files import write_atomically
from helpers.messages import LANGUAGES

FILE = "course.toml"
OF_COURSE = ("languages", "timezone", "out_of", "lateness", "stages")
OF_STAGE = ("opens", "due", "out_of", "lateness", "extensions", "excused")
OF_LATENESS = ("percent_a_day", "grace_minutes", "most_percent")
END_OF_DAY = time(23, 59, 59)

EXAMPLE = """\
# When stages are due, and what being late costs: take the # off what you need. `gradus dates` shows what holds.

# languages = ["fr"]             # what students get, the first one first; without it, English and French
# timezone = "Europe/Paris"      # of the times below, and of downloads; without it, this machine's
# out_of = 20                    # what marks are given out of; without it, the stage's own points

# [lateness]
# percent_a_day = 10             # of the points earned, for each day begun after the due date
# grace_minutes = 15             # handed in no later than this after it is not late
# most_percent = 50              # being late costs no more than this
"""
EXAMPLE_STAGE = """
# [stages.{stage}]
# opens = 2030-10-01 08:00:00
# due = 2030-10-08               # a date alone: to the end of that day
# out_of = 20
# lateness = {{ percent_a_day = 20 }}
# extensions = {{ p2300130 = 2030-10-15 }}
# excused = ["p2300131"]         # no mark, and not 0
"""
SHOW = 'write it as 2030-10-08 or "2030-10-08 18:00"'


class CourseFileError(Exception):
    """course.toml says what cannot be; the sentence names the file and the line, and says what to do."""


def write_example(course: Path, stages: Collection[str]) -> Path:
    """Write a course.toml with all commented out, and return its path. Raises CourseFileError where there is one."""
    path = course / FILE
    if path.exists():
        raise CourseFileError(f"There is a {FILE} already: edit that one, or move it away first.")
    write_atomically(path, (EXAMPLE + "".join(EXAMPLE_STAGE.format(stage=stage) for stage in stages)).encode())
    return path


def read_dates(course: Path, stages: Collection[str], students: Collection[str] = ()) -> Dates:
    """Read course.toml; no dates where there is none.

    stages: all that there are. students: all ids that there are; not looked at where there is no roster.
    Raises CourseFileError.
    """
    reader = _reader(course, stages, students)
    return reader.dates() if reader else Dates()


def read_languages(course: Path) -> tuple[str, ...]:
    """Return the languages in which stages are published, all where course.toml names none. Raises CourseFileError."""
    reader = _reader(course)
    return reader.languages() if reader else LANGUAGES


class _Reader:
    """Turns what TOML holds into dates; a path is the keys that lead to a value."""

    def __init__(self, text: str, content: dict[str, Any], stages: Collection[str], students: Collection[str]):
        self._text, self._content, self._stages, self._students = text, content, stages, students
        self._dates = Dates()

    def dates(self) -> Dates:
        content = self._table((), OF_COURSE)
        self._dates = Dates(zone=self._zone(content.get("timezone")))
        lateness = self._lateness(("lateness",), Lateness())
        others = StageDates(lateness=lateness, out_of=self._number(("out_of",), above=0))
        tables = self._table(("stages",), self._stages, "stage")
        return replace(self._dates, stages={stage: self._stage(stage, others) for stage in tables}, others=others)

    def languages(self) -> tuple[str, ...]:
        named = self._value(("languages",))
        if named is None:
            return LANGUAGES
        if not isinstance(named, list) or not named or any(lang not in LANGUAGES for lang in named):
            self._refuse(("languages",), f"name one language or more of {list(LANGUAGES)}, as a list.")
        return tuple(dict.fromkeys(named))

    def _stage(self, stage: str, others: StageDates) -> StageDates:
        path = ("stages", stage)
        self._table(path, OF_STAGE)
        opens, due = self._time((*path, "opens"), time()), self._time((*path, "due"), END_OF_DAY)
        if opens and due and opens >= due:
            self._refuse((*path, "due"), "the stage is due before it opens: mend one of the two dates.")
        extensions: dict[str, datetime] = {}
        for student in self._table((*path, "extensions"), None):
            self._know((*path, "extensions", student), student)
            until = self._time((*path, "extensions", student), END_OF_DAY)
            if due is None or until is None:
                self._refuse((*path, "extensions", student), f"{stage} has no due date to extend: give it one.")
            if until < due:
                self._refuse((*path, "extensions", student), "longer cannot be until before the due date: mend one.")
            extensions[student] = until
        excused = self._value((*path, "excused")) or []
        if not isinstance(excused, list) or not all(isinstance(student, str) for student in excused):
            self._refuse((*path, "excused"), 'write the ids of who is excused as a list: ["p2300131"].')
        for student in excused:
            self._know((*path, "excused"), student)
        return StageDates(
            opens,
            due,
            self._lateness((*path, "lateness"), others.lateness),
            extensions,
            frozenset(excused),
            self._number((*path, "out_of"), above=0) or others.out_of,
        )

    def _lateness(self, path: tuple[str, ...], default: Lateness) -> Lateness:
        self._table(path, OF_LATENESS)
        a_day, grace, most = (self._number((*path, key)) for key in OF_LATENESS)
        for key, percent in (("percent_a_day", a_day), ("most_percent", most)):
            if percent is not None and percent > 100:
                self._refuse((*path, key), "percent go to 100.")
        return Lateness(
            default.percent_a_day if a_day is None else a_day,
            default.grace if grace is None else timedelta(minutes=grace),
            default.most if most is None else most,
        )

    def _table(self, path: tuple[str, ...], known: Collection[str] | None, what: str = "key") -> Mapping[str, Any]:
        """Return the table at a path, empty where there is none; refuse it if it holds what is not known."""
        table = self._value(path) or {}
        if not isinstance(table, dict):
            self._refuse(path, "this has to be a table: see `gradus dates --init` for an example.")
        for key in table:
            if known is not None and key not in known:
                self._refuse((*path, key), f"there is no {what} {key!r} here; there are {', '.join(known)}.")
        return table

    def _value(self, path: tuple[str, ...]) -> Any:
        return _at(self._content, path)

    def _number(self, path: tuple[str, ...], above: float | None = None) -> float | None:
        value = self._value(path)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            self._refuse(path, f"{path[-1]} is a number, 0 or more.")
        if above is not None and value <= above:
            self._refuse(path, f"{path[-1]} is a number above {above:g}.")
        return float(value)

    def _time(self, path: tuple[str, ...], of_day: time) -> datetime | None:
        """Return a time with its zone; of_day: which one a date without a time means."""
        value = self._value(path)
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value)
            except ValueError:
                self._refuse(path, f"{value!r} is no date: {SHOW}.")
        if value is None:
            return None
        if not isinstance(value, date):
            self._refuse(path, f"{path[-1]} is a date: {SHOW}.")
        moment = value if isinstance(value, datetime) else datetime.combine(value, of_day)
        return self._dates.with_zone(moment)

    def _zone(self, name: Any) -> ZoneInfo | None:
        try:
            return None if name is None else ZoneInfo(name)
        except Exception:  # whatever it is: no such file, a folder, no text
            self._refuse(("timezone",), f'there is no time zone {name!r}: write one such as "Europe/Paris".')

    def _know(self, path: tuple[str, ...], student: str) -> None:
        if self._students and student not in self._students:
            self._refuse(path, f"the roster has no id {student!r}: mend the id, or add this person to the roster.")

    def _refuse(self, path: tuple[str, ...], why: str) -> NoReturn:
        raise CourseFileError(f"{FILE}, line {self._line(path)}: {why}")

    def _line(self, path: tuple[str, ...]) -> int:
        """Return the number of the line that holds a value: so many lines have it, and fewer do not."""
        lines = self._text.splitlines()
        for number in range(1, len(lines)):
            try:
                if _at(tomllib.loads("\n".join(lines[:number])), path) is not None:
                    return number
            except tomllib.TOMLDecodeError:  # in the middle of a list
                continue
        return len(lines)


def _reader(course: Path, stages: Collection[str] = (), students: Collection[str] = ()) -> _Reader | None:
    try:
        text = (course / FILE).read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseFileError(f"{FILE} cannot be read ({error}): save it as UTF-8 text.") from None
    try:
        return _Reader(text, tomllib.loads(text), stages, students)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).rstrip(")").rpartition(" (at ")
        raise CourseFileError(f"{FILE}, {where}: this is not TOML ({what}); dates are 2030-10-08 18:00:00.") from None


def _at(content: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        content = content.get(key) if isinstance(content, dict) else None
    return content
