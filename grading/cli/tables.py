"""What the commands print: tables of what became of files and of students, and how far a step is."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from grading.cli.terminal import printable
from grading.results.model import Failure, Result, Status
from grading.results.wording import one_line, remarks_of

if TYPE_CHECKING:  # these import nbgrader, which takes seconds
    from grading.intake.collect import Collected
    from grading.records.grade import Outcome
    from grading.rehearsal.doctor import Finding

MAX_REMARKS = 2000  # characters of a student's remarks that the table shows


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


def show_collected(collected: "Collected", console: Console) -> None:
    """Print how many students handed in each stage, what was replaced, and what was left and why."""
    from grading.intake.collect import EARLIER

    outcomes = ("new", "replaced", "unchanged")
    table = Table("stage", "students", *outcomes)
    for stage in sorted({placed.stage for placed in collected.placed}):
        found = [placed.outcome for placed in collected.placed if placed.stage == stage]
        table.add_row(stage, str(len(found)), *(str(found.count(outcome)) for outcome in outcomes))
    if table.row_count:
        console.print(table)
    else:
        console.print("No notebook was collected.")
    for placed in collected.placed:
        if placed.outcome == "replaced":
            folder = f"submitted/{placed.student}/{placed.stage}/{EARLIER}"
            said = f"Replaced {placed.stage} of {placed.student}; the former one is in {folder}"
            console.print(escape(printable(said)))
    if collected.left:
        console.print(f"Not collected: {len(collected.left)} files")
        for left in collected.left:
            console.print(escape(printable(f"  {left.file}: {left.reason}")))


def show_outcomes(stage: str, outcomes: "Sequence[Outcome]", console: Console) -> None:
    """Print a table of all students, and how many there are of each status."""
    table = Table("student", "points", "status", "remarks", title=stage)
    for outcome in outcomes:
        result = outcome.result
        points = f"{result.points:g} / {result.maximum:g}" if result.has_points else "–"
        remarks = "\n".join(map(printable, remarks_of(result)))
        shown = (printable(outcome.student), points, outcome.status, remarks)
        table.add_row(*(escape(text[:MAX_REMARKS]) for text in shown))
    if outcomes:
        console.print(table)
    counts = Counter(outcome.status for outcome in outcomes)
    said = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    unchanged = sum(not outcome.is_new and outcome.status is not Status.MISSING for outcome in outcomes)
    console.print(
        f"{said or 'Nobody handed anything in: put notebooks into submitted/ with `gradus collect`'}"
        f"{f'; {unchanged} of them before, and unchanged' if unchanged else ''}."
    )


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
        more = f" and {len(blank) - 3} more" if len(blank) > 3 else ""
        lines.append(f"not written: {', '.join(blank[:3])}{more}")
    return "\n".join(lines)
