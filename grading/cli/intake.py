"""Commands that bring in what students handed in: collect."""

from pathlib import Path
from typing import Annotated

import typer

from grading.cli.common import console, course_folder, stop
from grading.cli.terminal import printable_lines


def collect(
    source: Annotated[
        Path | None, typer.Argument(help="A folder or a zip: a platform's download, or notebooks of whatever names.")
    ] = None,
    worksheet: Annotated[
        Path | None,
        typer.Option(help="Moodle's grading worksheet of the assignment: whose number is whose, and times."),
    ] = None,
    who: Annotated[
        list[str] | None,
        typer.Option(
            help="Whose a name is: 'A. Robin=p2300130'. Kept in the roster. May be repeated.", metavar="NAME=ID"
        ),
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last collecting back.")] = False,
) -> None:
    """Put the notebooks that students handed in where they are graded: submitted/<student>/<stage>/."""
    from grading.cli.collected import show_collected
    from grading.course.roster import RosterError, read_roster
    from grading.course.tables import TableError
    from grading.intake.archives.files import CollectError
    from grading.intake.collect import collect as step
    from grading.intake.undo import UndoError
    from grading.intake.undo import undo as take_back

    course = course_folder()
    try:
        if undo:
            _show_undone(*take_back(course))
        elif source is None:
            stop("Say what to collect: gradus collect FOLDER or gradus collect FILE.zip.")
        else:
            collected = step(course, source, worksheet, _pairs(who or []))
            show_collected(collected, read_roster(course), course, console)
    except (CollectError, RosterError, TableError, UndoError) as error:
        stop(printable_lines(str(error)))


def _pairs(who: list[str]) -> dict[str, str]:
    """Return what --who says: ids by name."""
    for one in who:
        if "=" not in one.strip("="):
            stop(f"--who {one!r} says no id: write it as 'A. Robin=p2300130'.")
    return {name.strip(): student.strip() for name, _, student in (one.rpartition("=") for one in who)}


def _show_undone(source: str, back: list[str], changed: list[str]) -> None:
    console.print(
        f"The collecting of {source} is taken back: {len(back)} folders are as they were before.", markup=False
    )
    if changed:
        console.print(f"Left as they are, for they have changed since: {', '.join(changed)}.", markup=False)
    console.print("Names that --who added stay in the roster: delete them there if they are wrong.")
