"""What the commands print: tables of what became of students, and how far a step is."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from grading.cli.terminal import listed, printable
from grading.course.dates import Doubt
from grading.course.roster import Person
from grading.records.history import Why
from grading.results.model import Failure, Result, Status
from grading.results.wording import one_line, reason_of, remarks_of

if TYPE_CHECKING:  # these import nbgrader, which takes seconds
    from grading.records.grade import Outcome
    from grading.records.standing import Standing
    from grading.rehearsal.doctor import Finding

MAX_REMARKS = 2000  # characters of a student's remarks that the table shows
COLUMNS = ("student", "name", "points", "late", "mark", "status", "remarks")
ALWAYS = ("student", "points", "status", "remarks")  # others where somebody has something there
DOUBTS = {
    Doubt.NO_TIME: "Nothing says when it was handed in, so it counts as in time",
    Doubt.HOW_LATE: "It is late, but nothing says how late, so nothing is taken off",
}
REASONS = {
    Why.WORK: "new work",
    Why.CHECK: "the check changed",
    Why.STAGE: "the stage changed",
    Why.SECRET: "the secret changed",
    Why.ENGINE: "the engine changed",
    Why.HAND: "by hand",
    Why.AGAIN: "the same work, graded again",
}


@contextmanager
def progress(title: str, console: Console) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how much is done, of how much; what is shown goes away at the end."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=console, transient=True)
    with ExitStack() as opened:

        def report(done: int, total: int) -> None:
            if not bar.tasks:  # until then the step may ask a question
                bar.add_task(title)
                opened.enter_context(bar)
            bar.update(bar.task_ids[0], completed=done, total=total)

        yield report


def show_outcomes(stage: str, outcomes: "Sequence[Outcome]", console: Console) -> None:
    """Print a table of all students, how many there are of each status, and what changed since the last time."""
    table, cells = Table(title=stage), [_cells(stage, outcome) for outcome in outcomes]
    shown = [name for name in COLUMNS if name in ALWAYS or any(row[name] for row in cells)]
    for name in shown:
        table.add_column(name)
    for row in cells:
        table.add_row(*(escape(row[name][:MAX_REMARKS]) for name in shown))
    if outcomes:
        console.print(table)
    counts = Counter(outcome.status for outcome in outcomes if not outcome.standing.is_excused)
    said = [f"{counts[status]} {status}" for status in Status if counts[status]]
    excused = sum(outcome.standing.is_excused for outcome in outcomes)
    said += [f"{excused} excused"] if excused else []
    unchanged = sum(not outcome.is_new and outcome.status is not Status.MISSING for outcome in outcomes)
    console.print(
        f"{', '.join(said) or 'Nobody handed anything in: put notebooks into submitted/ with `gradus collect`'}"
        f"{f'; {unchanged} of them before, and unchanged' if unchanged else ''}."
    )
    show_changes(outcomes, console)


def show_changes(outcomes: "Sequence[Outcome]", console: Console) -> None:
    """Print what is not as it was the last time, and why: a line for each student and reason."""
    if all(outcome.is_first or not outcome.result.hashes for outcome in outcomes):
        return  # the first time
    lines = []
    for outcome in outcomes:
        by_reason: dict[tuple[Why, ...], list[str]] = {}
        for change in outcome.changes:
            what = f"{_points(change.before)} → {_points(change.after)}"
            by_reason.setdefault(change.why, []).append(f"{change.name or 'points'} {what}")
        for why, changed in by_reason.items():
            lines.append(f"  {named(outcome.standing.person)}: {', '.join(changed)}: {_because(why)}")
        if outcome.is_first and outcome.result.hashes:
            lines.append(f"  {named(outcome.standing.person)}: graded for the first time")
    console.print("Changed since the last time:" if lines else "Nobody's points changed since the last time.")
    for line in lines:
        console.print(escape(printable(line)))


def named(person: Person) -> str:
    """Return a student's id, and the name if it is known."""
    return person.id if person.name == person.id else f"{person.id} ({person.name})"


def points_so_far(standing: "Standing") -> str:
    """Say how many points there are, out of how many, and how many wait for a marker: together the stage's total."""
    if not standing.result.has_points:
        return "–"
    said = f"{standing.points:g} of {standing.total - standing.waiting:g}"
    return f"{said}, {standing.waiting:g} still to be marked" if standing.waiting else said


def _cells(stage: str, outcome: "Outcome") -> dict[str, str]:
    """Return what the table says of a student, by column."""
    standing, late = outcome.standing, outcome.standing.late
    place = f"submitted/{outcome.student}/{stage}/timestamp.txt"
    remarks = remarks_of(outcome.result)
    if late.doubt:
        remarks.append(f"{DOUBTS[late.doubt]}: if you know better, write the time into {place}.")
    if standing.has_old_marks:
        remarks.append("Marks were given for an answer that has changed since: look at it again.")
    if again := outcome.declined:
        remarks.append(_declined(again, outcome.result))
    days = f"{late.days} day{'s' if late.days > 1 else ''}, −{standing.taken_off:.4g}" if late.days else ""
    has_mark = standing.mark is not None and (late.percent or standing.out_of)
    status = "excused" if standing.is_excused and not outcome.result.has_points else str(outcome.status)
    return {
        "student": printable(outcome.student),
        "name": "" if standing.person.name == outcome.student else printable(standing.person.name),
        "points": points_so_far(standing),
        "late": days,
        "mark": f"{standing.mark:.4g} of {standing.out_of or standing.total:g}" if has_mark else "",
        "status": f"{status}, excused" if standing.is_excused and status != "excused" else status,
        "remarks": "\n".join(map(printable, remarks)),
    }


def _declined(again: Result, kept: Result) -> str:
    """Say what grading again gave, where the earlier result is kept."""
    if not again.has_points:
        return f"Graded again it is {again.status} ({reason_of(again)}); the earlier result is better, and kept."
    if again.maximum == kept.maximum:
        return f"Graded again it has {again.points:g} points; the earlier result is better, and kept."
    return (
        f"Graded again it has {again.points:g} points of {again.maximum:g}; the earlier result, {kept.points:g} of "
        f"{kept.maximum:g}, has more, and is kept. So it is out of another total than others': points of checks have "
        "changed. To have all out of the same, grade with --force and without --keep-better."
    )


def _points(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"


def _because(why: tuple[Why, ...]) -> str:
    """Say for what reasons points changed."""
    return " and ".join(REASONS[reason] for reason in why)


def show_class(stage: str, outcomes: "Sequence[Outcome]", console: Console) -> None:
    """Print a table of a made-up class: who did what."""
    table = Table("student", "score", "status", "what was wrong", title=f"{stage}: a class of {len(outcomes)}")
    for outcome in outcomes:
        table.add_row(*map(escape, (outcome.student, _score(outcome.result), outcome.status, _wrong(outcome.result))))
    console.print(table)


def show_findings(findings: "Sequence[Finding]", console: Console) -> None:
    """Print what this machine offers."""
    table = Table("", "what", "state", show_header=False)
    for finding in findings:
        table.add_row("✓" if finding.is_there else "✗", finding.what, finding.says)
    console.print(table)


def _score(result: Result) -> str:
    """Return the share of the checks' points; open questions wait for a marker."""
    return f"{100 * result.points / result.maximum:.0f} %" if result.has_points else "–"


def _wrong(result: Result) -> str:
    """Return what happened to the file, and a line per failed check; what was never written makes one line together."""
    failed = [check for check in result.checks if not check.holds]
    blank = [check.name for check in failed if check.failure is Failure.UNWRITTEN]
    lines = remarks_of(result)
    lines += [f"{check.name}: {one_line(check)}" for check in failed if check.failure is not Failure.UNWRITTEN]
    if blank:
        lines.append(f"not written: {listed(blank, 3)}")
    return "\n".join(lines)
