"""The command with which open questions are marked by hand: mark."""

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from grading.cli.common import choose, console, course_folder, stop, told
from grading.cli.tables import progress
from grading.cli.terminal import counted, listed, printable

if TYPE_CHECKING:  # these import nbgrader, which takes seconds
    from grading.marking.books import Agreed
    from grading.marking.desk import Desk
    from grading.marking.journal import Entry, Journal
    from grading.marking.travel import Imported

MAX_NAMES = 10


def mark(
    stage: Annotated[str, typer.Argument(help="The stage, 02_manual for example.")],
    grader: Annotated[str, typer.Option(help="Who marks, where a browser says nothing else.")] = "",
    names: Annotated[bool, typer.Option("--names", help="Show students' names.")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Serve the page at this port.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the marks to a file, for another machine, and end.")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Take over the marks that another machine exported, and end.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Where boxes changed in the note, change them for all who have them, unasked.")
    ] = False,
) -> None:
    """Mark open questions by hand, question by question, in a page that this machine serves to itself."""
    from grading.course.stages import stage_names
    from grading.marking.desk import Desk

    course = course_folder()
    choose("stage", stage, stage_names(course))
    grader = " ".join((grader or _user()).split())
    with told():
        desk = Desk(course, stage, names)
        if export:
            _export(desk, export)
            return
        with progress("Reading answers", console) as report:
            desk.open(report)
        _tell_cut(desk.journal)
        _tell_agreed(desk.agree(), desk.journal)
        _tell_changed(desk, grader, yes)
        if import_:
            _import(desk, import_)
        else:
            _tell_state(desk)
            _serve(desk, grader, port)


def keep_marks(course: Path, stage: str) -> int:
    """Bring marks/<stage>.jsonl and the gradebook, which may be new, or a copy, in agreement, and say what that took.

    Returns how many marks the gradebook had not.
    """
    from grading.marking.journal import Journal

    journal = Journal(course, stage)
    if not journal.path.exists():
        return 0
    import nbformat

    from grading.marking.answers import hashes_of
    from grading.marking.books import agree

    with told():
        instructor = nbformat.read(course / "source" / stage / f"{stage}.ipynb", as_version=4)
        agreed = agree(journal, instructor, hashes_of(course, stage))
    _tell_agreed(agreed, journal)
    return len(agreed.restored)


def _serve(desk: "Desk", grader: str, port: int | None) -> None:
    """Serve the page until the command is interrupted."""
    import asyncio

    from grading.marking.server import serve

    def ready(address: str) -> None:
        console.print(f"Mark at {address}", soft_wrap=True)
        there = address.split("/")[2].split(":")[1]
        console.print(f"From elsewhere: ssh -L {there}:127.0.0.1:{there} …, then the same address. Ctrl+C ends.")
        sys.stdout.flush()

    try:
        asyncio.run(serve(desk, grader, port, ready))
    except KeyboardInterrupt:
        console.print()
        waiting = sum(one.total - one.done for one in desk.queue.progress().values())
        console.print(f"{counted(waiting, 'answer')} still to be marked. Next: gradus return {desk.stage}")


def _export(desk: "Desk", target: Path) -> None:
    from grading.marking.travel import export_marks

    count = export_marks(desk.journal, target)
    console.print(f"{counted(count, 'mark')} in {target}. There: gradus mark {desk.stage} --import {target.name}")


def _import(desk: "Desk", source: Path) -> None:
    from grading.marking.travel import import_marks

    found = import_marks(desk.journal, source, set(desk.schemes), desk.knows)
    _tell_imported(found, source)
    _tell_agreed(desk.agree(), desk.journal)


def _tell_imported(found: "Imported", source: Path) -> None:
    name = escape(printable(source.name))
    console.print(f"{name}: {counted(len(found.new), 'mark')} new here, {found.known} known already.")
    if found.bad:
        console.print(f"  {counted(found.bad, 'line')} of it cannot be read, or are of nobody in this course.")
    for ours, theirs in found.conflicts:
        console.print(
            escape(
                printable(f"  Conflict: {ours.student}, {ours.question}: {_said(ours)} here, {_said(theirs)} there.")
            )
        )
    if found.conflicts:
        console.print("Conflicts stay as they are here: to change one, mark the answer again.")


def _tell_cut(journal: "Journal") -> None:
    """Say that the last line is cut off: of that mark the gradebook may have the points."""
    if journal.is_cut:
        where = journal.path.relative_to(journal.course)
        console.print(f"The last line of {where} is cut off: its mark counts as far as the gradebook has it.")


def _tell_agreed(agreed: "Agreed", journal: "Journal") -> None:
    """Say what the journal and the gradebook did not both have."""
    where = journal.path.relative_to(journal.course)
    for entries, sentence in (
        (agreed.from_formgrader, f"given in formgrader, and now in {where}, too"),
        (agreed.restored, f"of {where} that the gradebook did not have: it has them now"),
        (agreed.homeless, f"whom the gradebook does not know: run `gradus grade {journal.stage}`, then mark again"),
    ):
        if entries:
            console.print(f"{counted(len(entries), 'mark')} {sentence}: {_listed(entries)}.")


def _tell_changed(desk: "Desk", grader: str, yes: bool) -> None:
    """Ask whether boxes that changed are to change for those who have them."""
    from grading.marking.wordings import changes, remember

    for change in changes(desk.journal, desk.schemes, grader):
        console.print(escape(f"The note of {change.question} has changed since marks were given:"))
        for sentence in change.sentences:
            console.print(escape(printable(f"  {sentence}")))
        question = f"Change {counted(len(change.marks), 'mark')} so?"
        if not yes and not sys.stdin.isatty():
            stop(f"{question} Add --yes to have that done.")
        if yes or typer.confirm(question):
            desk.books.enter(change.marks)
            desk.books.close()
            console.print(f"{counted(len(change.marks), 'mark')} changed.")
    remember(desk.journal, desk.schemes)


def _tell_state(desk: "Desk") -> None:
    """Say what waits, and what is odd."""
    for question, one in desk.queue.progress().items():
        console.print(f"{question}: {one.done} of {one.total} marked")
    for students, sentence in (
        (desk.answers.outdated, f"have a result of another version: run `gradus grade {desk.stage}`"),
        (desk.answers.damaged, f"have a damaged notebook: run `gradus grade {desk.stage} --force`"),
    ):
        if students:
            console.print(escape(printable(f"Not shown, {listed(students, MAX_NAMES)} {sentence}.")))
    where = desk.journal.path.relative_to(desk.course)
    if desk.journal.bad:
        lines = ", ".join(map(str, desk.journal.bad[:MAX_NAMES]))
        console.print(f"{where} has lines that are no marks, and are passed over: {lines}.")


def _listed(entries: "tuple[Entry, ...]") -> str:
    shown = (f"{one.student} {one.question} {_said(one)}" for one in entries)
    return escape(printable(listed(shown, MAX_NAMES)))


def _said(entry: "Entry") -> str:
    points = "none" if entry.points is None else f"{entry.points:g}"
    return points if not entry.by else f"{points} by {entry.by}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
