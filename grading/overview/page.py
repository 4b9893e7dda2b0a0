"""The page of a class in one stage, and the table beside it: overview/<stage>.html and overview/<stage>.csv."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from grading import PACKAGE
from grading.course.files import write_atomically
from grading.overview.attention import Group, groups_of
from grading.overview.drawing import histogram
from grading.overview.gathering import Class, gather
from grading.overview.mistakes import ExerciseMistakes, examples, mistakes_of
from grading.overview.numbers import CheckNumbers, PointsNumbers, Separates, check_numbers, points_numbers
from grading.overview.sentences import translated
from grading.overview.tables import checks_table
from grading.pages.markdown import code, inline
from grading.pages.rendering import render
from grading.pages.room import Room, cut
from grading.results.model import Status
from helpers.messages import _, number, set_language

FOLDER, TEMPLATES = "overview", PACKAGE / "overview/templates"
MAX_EXAMPLE, MAX_SENTENCE = 3_000, 500  # characters
LOOK_AT = (Separates.INVERTED, Separates.NONE_HOLD, Separates.NOBODY)


@dataclass(frozen=True)
class Overview:
    """What was found in a class, and where it is written."""

    group: Class
    points: PointsNumbers
    checks: list[CheckNumbers]
    mistakes: list[ExerciseMistakes]
    groups: list[Group]
    page: Path
    table: Path


def write_overview(
    course: Path, stage: str, lang: str = "en", report: Callable[[int, int], None] = lambda done, total: None
) -> Overview:
    """Write the page and the table of a stage.

    Raises OverviewError where there is nothing to show, CourseFileError, RosterError, MarksError and OSError.
    """
    set_language(lang)
    group = gather(course, stage, report)
    graded = group.graded
    found = Overview(
        group,
        points_numbers(list(graded.values())),
        check_numbers(graded, group.cells.checks),
        mistakes_of(group),
        groups_of(group),
        course / FOLDER / f"{stage}.html",
        course / FOLDER / f"{stage}.csv",
    )
    shown = examples(course, group, found.mistakes)
    room = Room()
    page = render(
        TEMPLATES,
        "stage.html",
        lang,
        number=number,
        translated=translated,
        title=inline(group.cells.titles.get(lang, stage)),
        one=found,
        group=group,
        statuses=statuses(group),
        plot=histogram(found.points) if graded else None,
        look_at={kind: [one.name for one in found.checks if one.separates is kind] for kind in LOOK_AT},
        check_of={check.name: check for check in found.checks},
        words=words(),
        example=lambda student, name: _example(shown.get((student, name)), room),
        sentence=lambda said: cut(said.masked(), MAX_SENTENCE),
    )
    write_atomically(found.table, checks_table(group))
    write_atomically(found.page, page)
    return found


def words() -> dict[Separates, str]:
    """Say what a check tells of students."""
    return {
        Separates.TOO_FEW: _("too few tried it to tell"),
        Separates.ALL_HOLD: _("holds for all who tried it"),
        Separates.NONE_HOLD: _("holds for nobody"),
        Separates.INVERTED: _("those who do well elsewhere fail it"),
        Separates.NOBODY: _("separates nobody"),
        Separates.SOMEWHAT: _("separates a little"),
        Separates.WELL: _("separates well"),
    }


def statuses(group: Class) -> list[tuple[int, str]]:
    """Count what became of submissions, in words."""
    named = {
        Status.GRADED: _("graded"),
        Status.PARTIAL: _("graded in part"),
        Status.UNGRADABLE: _("cannot be graded"),
        Status.MISSING: _("missing"),
        Status.UNGRADED: _("not graded yet"),
    }
    counts = {status: sum(one.result.status is status for one in group.standings.values()) for status in named}
    return [(counts[status], word) for status, word in named.items() if counts[status]]


def _example(source: str | None, room: Room) -> Markup | None:
    return None if source is None else code(cut(source, MAX_EXAMPLE), room)
