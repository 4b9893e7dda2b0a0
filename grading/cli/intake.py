"""Commands that bring in what students handed in: collect."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grading.cli.common import console, course_folder, stop
from grading.cli.terminal import printable

if TYPE_CHECKING:
    from grading.intake.collect import Collected


def collect(
    source: Annotated[Path, typer.Argument(help="A folder or a zip: notebooks, or a download of Moodle or Canvas.")],
) -> None:
    """Put the notebooks that students handed in where they are graded: submitted/<student>/<stage>/."""
    from grading.intake.archive import CollectError
    from grading.intake.collect import collect as step

    try:
        show_collected(step(course_folder(), source), console)
    except CollectError as error:
        stop(printable(str(error)))


def show_collected(collected: "Collected", console: Console) -> None:
    """Print how many students handed in each stage, what was replaced, and what was left and why."""
    from grading.intake.layouts import EARLIER

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
