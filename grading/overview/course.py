"""The page of a course: its stages, and how each student goes through them: overview/course.html and course.csv."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from grading.course.files import write_atomically
from grading.course.roster import Person, read_roster
from grading.course.stages import stage_names
from grading.overview.exercises import OverviewError
from grading.overview.gathering import read_results, share_of
from grading.overview.page import FOLDER, TEMPLATES
from grading.overview.sentences import translated
from grading.overview.tables import shares_table
from grading.pages.rendering import render
from grading.records.submissions import handed_in
from grading.results.model import Status
from helpers.messages import number, set_language

HALF = 0.5


@dataclass(frozen=True)
class StageLine:
    """What became of a stage. shares: of the points of its checks, by student. median: of these."""

    stage: str
    shares: dict[str, float]
    median: float
    ungradable: int
    missing: int
    left_out: dict[str, str]
    has_page: bool


@dataclass(frozen=True)
class CourseOverview:
    """What was found in a course, and where it is written."""

    stages: list[StageLine]
    people: list[Person]
    page: Path
    table: Path


def write_course_overview(course: Path, lang: str = "en") -> CourseOverview:
    """Write the page and the table of a course. Raises OverviewError, RosterError, MarksError and OSError."""
    set_language(lang)
    lines, ids, roster = [], set(handed_in(course)), read_roster(course)
    for stage in stage_names(course):
        results, left_out = read_results(course, stage)
        shares = {student: share for student, one in results.items() if (share := share_of(one)) is not None}
        if not shares and not left_out:
            continue
        counts = Counter(one.status for one in results.values())
        has_page = (course / FOLDER / f"{stage}.html").is_file()
        lines.append(
            StageLine(
                stage,
                shares,
                median(shares.values() or [0]),
                counts[Status.UNGRADABLE],
                counts[Status.MISSING],
                left_out,
                has_page,
            )
        )
        ids |= results.keys()
    if not any(line.shares for line in lines):
        raise OverviewError("Nobody has a result yet: run `gradus grade STAGE` first.")
    people = sorted(
        (roster.get(student, Person(student)) for student in ids),
        key=lambda one: (one.family.casefold(), one.given.casefold(), one.id),
    )
    found = CourseOverview(lines, people, course / FOLDER / "course.html", course / FOLDER / "course.csv")
    write_atomically(found.table, shares_table(people, {line.stage: line.shares for line in lines}))
    write_atomically(
        found.page, render(TEMPLATES, "course.html", lang, number=number, translated=translated, one=found, half=HALF)
    )
    return found
