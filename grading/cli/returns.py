"""Commands at both ends of a stage's week: dates, and return."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from grading.cli.common import Reveal, choose, console, course_folder, revealed, stop, told
from grading.cli.marking import keep_marks
from grading.cli.tables import named, progress
from grading.cli.terminal import counted, listed, printable
from grading.course.roster import ROSTER
from grading.results.model import Status

if TYPE_CHECKING:  # these import nbgrader, which takes seconds
    from datetime import datetime

    from grading.records.standing import Standing
    from grading.returns.marks import Filled
    from grading.returns.returning import Returned

MAX_NAMED = 10  # students whom one sentence names


def dates(
    init: Annotated[bool, typer.Option("--init", help="Write a course.toml to start from, all commented out.")] = False,
) -> None:
    """Show what course.toml says: when stages are due, who has longer or is excused, what being late costs."""
    from grading.course.course_file import FILE, CourseFileError, read_dates, write_example
    from grading.course.roster import RosterError, read_roster
    from grading.course.stages import stage_names

    course = course_folder()
    stages = stage_names(course)
    try:
        if init:
            console.print(
                f"Wrote {write_example(course, stages).name}: take the # off what you need, then `gradus dates`."
            )
            return
        found = read_dates(course, stages, read_roster(course))
    except (CourseFileError, RosterError) as error:
        stop(str(error))
    table = Table("stage", "opens", "due", "a day late", "out of", "longer", "excused")
    for stage in stages:
        one, rule = found.of(stage), found.of(stage).lateness
        cost = f"−{rule.percent_a_day:g} %, at most {rule.most:g} %" if rule.percent_a_day else "costs nothing"
        longer = "\n".join(f"{student} {_shown(until)}" for student, until in one.extensions.items())
        out_of = f"{one.out_of:g}" if one.out_of else "its points"
        excused = ", ".join(sorted(one.excused))
        cells = (stage, _shown(one.opens), _shown(one.due), cost if one.due else "", out_of, longer, excused)
        table.add_row(*map(escape, cells))
    console.print(table)
    if not (course / FILE).exists():
        console.print(f"There is no {FILE}: nothing is ever late. `gradus dates --init` writes one to start from.")


def return_(
    stage: Annotated[str, typer.Argument(help="The stage, 02_manual for example.")],
    moodle: Annotated[
        Path | None, typer.Option(help="The assignment's grading worksheet, as Moodle gave it, to be filled in.")
    ] = None,
    canvas: Annotated[
        Path | None, typer.Option(help="The gradebook's export, as Canvas gave it, to be filled in.")
    ] = None,
    missing: Annotated[
        str, typer.Option(help="What who handed in nothing gets: 0. Without this, nothing, and not 0.")
    ] = "",
    reveal: Reveal = "points,messages",
) -> None:
    """Write what goes back to students, in returns/<stage>/: Moodle's or Canvas's own table, pages, grades, checks."""
    from grading.course.stages import stage_names
    from grading.pages.feedback import REVEALS, FeedbackError
    from grading.returns.returning import give_back
    from grading.returns.sheet import ReturnError

    course = course_folder()
    choose("stage", stage, stage_names(course))
    choose("mark for --missing", missing or "0", ("0",))
    parts = revealed(reveal, REVEALS)
    try:
        with told():
            keep_marks(course, stage)
        with told(), progress("Writing feedback", console) as report:
            returned = give_back(course, stage, moodle, canvas, 0.0 if missing else None, parts, report)
    except (FeedbackError, ReturnError) as error:
        stop(printable(str(error)))
    _show(returned, stage)


def _show(returned: "Returned", stage: str) -> None:
    """Print what was written, what to look at before it is uploaded, and what to do with it."""
    for path in returned.files:
        console.print(f"wrote {path}")
    standings = returned.standings
    for filled in filter(None, (returned.moodle, returned.canvas)):
        console.print(f"{escape(printable(filled.name))}: {counted(filled.marks, 'mark')}, out of {filled.out_of:g}.")
        for sentence in _remarks(filled, standings):
            console.print(escape(printable(f"  {sentence}")))
    waiting = [one for one in standings.values() if one.waits]
    if waiting:
        said = f"{counted(sum(one.waits for one in waiting), 'answer')} of {counted(len(waiting), 'student')}"
        console.print(f"Warning: still to be marked, and 0 until then: {said}.")
    old = [student for student, one in standings.items() if one.has_old_marks]
    ungraded = [student for student, one in standings.items() if one.result.status is Status.UNGRADED]
    for students, sentence in (
        (old, "marked for an answer that has changed since"),
        (ungraded, f"not graded yet, run `gradus grade {stage}`"),
        (list(returned.outdated), f"graded with another build of {stage}, run `gradus grade {stage}`"),
        (returned.changed, f"handed in something else since, run `gradus grade {stage}`"),
        (list(returned.pages.failed), f"without a page, `gradus feedback {stage}` says why"),
    ):
        if students:
            console.print(escape(printable(f"Warning: {sentence}: {_listed(students, standings)}.")))
    console.print(f"Next: {_next(returned)}")


def _remarks(filled: "Filled", standings: "Mapping[str, Standing]") -> list[str]:
    """Say whose rows were not filled in, and who has no row."""
    found = []
    if filled.strangers:
        rows = "; ".join(filled.strangers[:MAX_NAMED]) + ("; …" if len(filled.strangers) > MAX_NAMED else "")
        found.append(f"Rows of nobody, or of two, stay as they are, {len(filled.strangers)}: {rows}.")
        found.append(
            f"Who is known here by another name: write this one into the aliases of the line in {ROSTER}. Who is new: "
            f"`gradus roster {filled.name}` adds them all. Then return again."
        )
    if filled.absent:
        found.append(f"It has no row of: {_listed(filled.absent, standings)}.")
    if filled.kept:
        found.append(f"There is no mark, and what it held stays, of: {_listed(filled.kept, standings)}.")
    if filled.changed:
        marks = [f"{_listed([one], standings)} {was} → {now}" for one, was, now in filled.changed[:MAX_NAMED]]
        more = f"; {len(filled.changed) - MAX_NAMED} more" if len(filled.changed) > MAX_NAMED else ""
        found.append(f"Other marks than it held, {len(filled.changed)}: {'; '.join(marks)}{more}.")
    if filled.closed:
        found.append(
            f"The platform takes no mark (locked, excused or not assigned there), so what it held stays, of: "
            f"{_listed(filled.closed, standings)}."
        )
    if filled.capped:
        found.append(
            f"More than {filled.out_of:g} is not taken, so that is written, for: {_listed(filled.capped, standings)}."
        )
    return found


def _listed(students: "tuple[str, ...] | list[str]", standings: "Mapping[str, Standing]") -> str:
    """Name some students."""
    return listed((named(standings[student].person) for student in students), MAX_NAMED)


def _next(returned: "Returned") -> str:
    """Say what to do with what was written."""
    steps = []
    if returned.moodle:
        steps.append("in Moodle's assignment, Upload grading worksheet and Upload multiple feedback files in a zip")
    if returned.canvas:
        steps.append("in Canvas's gradebook, Import")
    return f"{'; '.join(steps) or 'give students their pages, feedback/<student>/'}."


def _shown(time: "datetime | None") -> str:
    return f"{time:%Y-%m-%d %H:%M}" if time else ""
