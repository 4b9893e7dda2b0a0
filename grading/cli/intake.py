"""Commands that bring in who the students are, and what they handed in: roster and collect."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from grading.cli.common import SETTINGS, console, course_folder, stop, tell_of_zeros
from grading.cli.terminal import MAX_LISTED, MAX_NAMES, counted, listed, printable, printable_lines

if TYPE_CHECKING:
    from grading.course.roster import Person
    from grading.intake.classlists import ClassList
    from grading.intake.merging import Merged
    from grading.intake.undo import Undone

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def roster(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="CSV files: of Moodle, Canvas, GitHub Classroom, nbgrader, or any with names, ids, emails."
        ),
    ],
) -> None:
    """Bring lists of the class into roster.csv, and into the gradebook. Nobody is deleted."""
    from grading.course.roster import ROSTER, RosterError, read_roster, write_roster
    from grading.course.tables import TableError
    from grading.intake.classlists import read_classlist
    from grading.intake.merging import merge, namesakes

    course = course_folder()
    if not (course / SETTINGS).is_file():
        stop(f"{course} has no {SETTINGS}, so there is no gradebook to write people into: put the course's back.")
    try:
        tell_of_zeros(course)
        people = read_roster(course)
        told = []
        for path in files:
            read = read_classlist(path)
            merged = merge(people, read)
            people = merged.people
            told += [*_recognised(read, merged)]
        write_roster(course, people.values())
    except (RosterError, TableError) as error:
        stop(printable_lines(str(error)))
    for line in told:
        _say(line)
    _show_namesakes(namesakes(people.values()))
    others = _write_students(course, list(people.values()))
    _show_others(others)
    _say(f"{len(people)} people in {ROSTER} and in the gradebook. Next: gradus collect handed-in.zip")


def _show_namesakes(groups: "list[list[Person]]") -> None:
    """Say who shares a name, and how to make one line of two that are one person's."""
    for same in groups[:MAX_LISTED]:
        ids = ", ".join(one.id for one in same)
        _say(f"{len(same)} people are called {same[0].name} ({ids}): files that say no more than the name stay open.")
    if others := [f"{same[0].name} ({', '.join(one.id for one in same)})" for same in groups[MAX_LISTED:]]:
        _say(f"So are {listed(others, MAX_LISTED)}.")
    if groups:
        stays, goes = groups[0][:2]
        kind = "login" if "sid" in stays.keys else "sid"
        remedy = f"in roster.csv, write {kind}={goes.id} into the keys of {stays.id}, and delete the line of {goes.id}"
        _say(f"  If these are one person: {remedy}.")


def _show_others(others: list[str]) -> None:
    """Say who is in the gradebook only, and how to take somebody out of it."""
    from grading.course.roster import ROSTER

    if others:
        command = f"nbgrader db student remove {shlex.quote(others[0])} --force"
        _say(f"In the gradebook, and not in {ROSTER}, so shown as missing: {listed(others, MAX_NAMES)}.")
        _say(f"  To take one out, with all marks: move submitted/{others[0]} away, if it is there; then {command}")


def _recognised(read: "ClassList", merged: "Merged") -> Iterator[str]:
    """Say what a list was taken for, what of it is new, which columns told it, and who has no name."""
    from grading.course.roster import ROSTER

    written = f"{read.encoding}, {SEPARATORS[read.separator]}"
    alone = f", {len(merged.by_name)} of these by name alone" if merged.by_name else ""
    people = f"{len(merged.new)} new, {len(merged.known)} known{alone}"
    yield f"{read.file}: {read.kind} ({written}), {len(read.entries)} people: {people}"
    ignored = f"; ignored: {listed(read.ignored, MAX_NAMES)}" if read.ignored else ""
    yield f"  columns used: {listed(read.used, MAX_NAMES)}{ignored}"
    if merged.against:
        names = listed([merged.people[student].name for student in merged.against], MAX_LISTED)
        yield (
            f"  {len(merged.against)} have other ids or emails than in {ROSTER}, and a name that nobody else has: "
            f"taken for the same, under the ids of {ROSTER} ({names})"
        )
    if merged.zeros:
        pairs = listed([f"{said} is {student}" for said, student in merged.zeros], MAX_LISTED)
        yield f"  ids that differ in zeros in front, which spreadsheets drop, are taken for the same: {pairs}"
    ones = [merged.people[student] for student in (*merged.new, *merged.known)]
    if nameless := [one.id for one in ones if not (one.given or one.family)]:
        who = f"{len(nameless)} of {len(ones)} have no name ({listed(nameless, MAX_NAMES)})"
        remedy = "where a column has the names, call it `name`, and give the list again"
        yield f"  {who}, so files that say the name alone stay open: {remedy}"


def _write_students(course: Path, people: "list[Person]") -> list[str]:
    from grading.records.gradebook import RecordError
    from grading.records.students import write_students

    try:
        with console.status("Writing the gradebook"):
            return write_students(course, people)
    except RecordError as error:
        stop(printable(str(error)))


def _say(text: str) -> None:
    console.print(escape(printable(text)))


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
    """Put the notebooks that students handed in where they are graded: submitted/<student>/<stage>/.

    Recognised are downloads of Moodle, Canvas, Brightspace, Blackboard, Gradescope, ILIAS and GitHub Classroom,
    nbgrader's folders and exchange, and folders, zips and files that are called after students. The newest by the time
    of handing in is graded, the others are kept beside it, in earlier/. What nobody can tell whose it is goes to
    unplaced/, with the line to type that settles it.
    """
    from grading.cli.collected import show_collected
    from grading.course.course_file import CourseFileError, read_dates
    from grading.course.roster import RosterError, read_roster
    from grading.course.stages import stage_names
    from grading.course.tables import TableError
    from grading.intake.archives.files import CollectError
    from grading.intake.collect import collect as step
    from grading.intake.undo import UndoError
    from grading.intake.undo import undo as take_back

    course = course_folder()
    try:
        tell_of_zeros(course)
        if undo:
            _show_undone(take_back(course), read_roster(course))
        elif source is None:
            stop("Say what to collect: gradus collect FOLDER or gradus collect FILE.zip.")
        else:
            zone = read_dates(course, stage_names(course)).zone
            collected = step(course, source, worksheet, _pairs(who or []), zone)
            show_collected(collected, read_roster(course), course, console)
    except (CollectError, CourseFileError, RosterError, TableError, UndoError) as error:
        stop(printable_lines(str(error)))


def _pairs(who: list[str]) -> dict[str, str]:
    """Return what --who says: ids by name."""
    for one in who:
        if "=" not in one.strip("="):
            stop(f"--who {one!r} says no id: write it as 'A. Robin=p2300130'.")
    return {name.strip(): student.strip() for name, _, student in (one.rpartition("=") for one in who)}


def _show_undone(undone: "Undone", people: "Mapping[str, Person]") -> None:
    from grading.course.roster import ROSTER

    folders = f": {counted(len(undone.back), 'folder')} as before" if undone.back else ""
    _say(f"The collecting of {undone.source} is taken back{folders}.")
    for alias, student in undone.aliases.items():
        _say(f"{ROSTER}: {alias!r} is no other name of {people[student].name} ({student}) any more.")
    if undone.changed:
        _say(f"Left as they are, for they have changed since: {', '.join(undone.changed)}.")
