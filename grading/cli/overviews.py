"""Commands for who wants to know how a class did: overview, and mine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grading.cli.common import choose, console, course_folder, stop, told
from grading.cli.tables import progress
from grading.cli.terminal import counted, printable

if TYPE_CHECKING:  # these import nbgrader and matplotlib, which takes seconds
    from grading.overview.course import CourseOverview
    from grading.overview.mining import Finding
    from grading.overview.page import Overview

MAX_MISTAKES, MAX_SENTENCE = 8, 160  # that the terminal shows
Lang = Annotated[str, typer.Option(help="The language of the page: en or fr.")]


def overview(
    stage: Annotated[str, typer.Argument(help="The stage, 02_manual for example; without one, the course.")] = "",
    lang: Lang = "en",
) -> None:
    """Write a page on how a class did, in overview/: points, checks, mistakes by their sentence, who needs a look."""
    from grading.course.stages import stage_names
    from helpers.messages import LANGUAGES, set_language

    course = course_folder()
    choose("language", lang, LANGUAGES)
    if stage:
        choose("stage", stage, stage_names(course))
    from grading.overview.course import write_course_overview
    from grading.overview.exercises import OverviewError
    from grading.overview.page import write_overview

    try:
        with told():
            if not stage:
                _show_course(write_course_overview(course, lang))
                return
            with progress(f"Reading {stage}", console) as report:
                found = write_overview(course, stage, lang, report)
            set_language("en")  # as all that commands print
    except OverviewError as error:
        stop(str(error))
    _show_stage(found)


def mine(
    stage: Annotated[str, typer.Argument(help="The stage, 02_manual for example.")],
    write: Annotated[
        bool, typer.Option("--write", help="Append them to data/answers/<stage>.draft.py, as entries of the bank.")
    ] = False,
) -> None:
    """Show what several students did wrong in the same way and no sentence names."""
    from grading.course.stages import stage_names

    course = course_folder()
    choose("stage", stage, stage_names(course))
    from grading.overview.bare import known_texts
    from grading.overview.drafts import write_drafts
    from grading.overview.exercises import OverviewError
    from grading.overview.mining import mine as step

    try:
        with told(), progress(f"Reading {stage}", console) as report:
            group, findings = step(course, stage, report)
            path, new = write_drafts(course, stage, findings, known_texts(group.cells.code)) if write else (None, 0)
    except OverviewError as error:
        stop(str(error))
    for student, why in group.left_out.items():
        console.print(escape(printable(f"Left out, {student}: {why}")))
    _show_findings(course, stage, findings)
    if path:
        console.print(
            f"{counted(new, 'draft')} added to {path.relative_to(course)}; docs/authoring.md says what to do."
        )
    elif findings:
        console.print(f"Next: gradus mine {stage} --write")


def _show_findings(course: Path, stage: str, findings: "list[Finding]") -> None:
    """Print each mistake: how many made it, how checks failed, and the line that is missing."""
    from grading.overview.mining import missing_line, place_of

    for finding in findings:
        console.print(escape(f"{len(finding.students)} × {finding.exercise}"))
        for one in finding.failures:
            console.print(escape(printable(f"    {one}")))
            console.print(escape(printable(f"      {place_of(course, stage, one.check)}: {missing_line(one)}")))
    if not findings:
        console.print(f"Every mistake that two students made in {stage} has its sentence.")


def _show_stage(found: "Overview") -> None:
    """Print how many have which status, the checks, and the commonest mistakes."""
    from grading.overview.attention import groups_of
    from grading.overview.mining import find
    from grading.overview.page import statuses, words

    group, points = found.group, found.points
    said = ", ".join(f"{number} {word}" for number, word in statuses(group))
    console.print(f"{group.stage}: {said}.")
    if group.graded:
        console.print(f"Points: median {points.quartiles[1]:g}, mean {points.mean:.1f}, of {points.total:g}.")
        table, told_by = Table("check", "holds for", "what it tells"), words()
        for check in found.checks:
            table.add_row(escape(check.name), f"{check.holds} of {check.students}", told_by[check.separates])
        console.print(table)
    mistakes = [(len(one.students), one, of.exercise.name) for of in found.mistakes for one in of.mistakes]
    for many, mistake, exercise in sorted(mistakes, key=lambda one: -one[0])[:MAX_MISTAKES]:
        said = printable(mistake.said.masked())
        said = said if len(said) <= MAX_SENTENCE else f"{said[:MAX_SENTENCE]}…"
        console.print(escape(f"{many:4d} × {exercise}: {said}"))
    for those in groups_of(group):
        console.print(f"{those.title}: {counted(len(those.people), 'student')}")
    if group.unplaced:
        console.print(f"Nobody's name was found for {counted(len(group.unplaced), 'notebook')}: see unplaced/list.txt")
    for student, why in group.left_out.items():
        console.print(escape(printable(f"Left out, {student}: {why}")))
    _say_written(found)
    if unnamed := find(group):
        console.print(f"No sentence names {counted(len(unnamed), 'mistake')}: gradus mine {group.stage}")
    waits = any(one.waits for one in group.standings.values())
    console.print(f"Next: {f'gradus mark {group.stage}; then ' if waits else ''}gradus return {group.stage}")


def _show_course(found: "CourseOverview") -> None:
    """Print a line a stage."""
    table = Table("stage", "graded", "missing", "cannot be graded", "median")
    for line in found.stages:
        numbers = map(str, (len(line.shares), line.missing, line.ungradable))
        table.add_row(line.stage, *numbers, f"{line.median:.0%}")
    console.print(table)
    for line in found.stages:
        for student, why in line.left_out.items():
            console.print(escape(printable(f"Left out of {line.stage}, {student}: {why}")))
    _say_written(found)


def _say_written(found: "Overview | CourseOverview") -> None:
    folder = found.page.parents[1]
    for path in (found.page, found.table):
        console.print(f"wrote {path.relative_to(folder)}")
