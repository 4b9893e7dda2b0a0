"""The main job on embedded data: a made-up class is graded by nbgrader, and a table shows who did what."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from grading import plain

SIZE = 12
SEED = 1


def run(course: Path, stage: str, lang: str, console: Console) -> None:
    """Build the releases, make a class, grade it with nbgrader under demo/ and print the table of results."""
    with console.status("Building the notebooks"):
        from grading import cohort, plain
        from grading.build import build
        from grading.source import read_stage

        build(course)
        folder = course / "demo"
        shutil.rmtree(folder, ignore_errors=True)
        source = Path("source") / stage / f"{stage}.ipynb"
        (folder / source).parent.mkdir(parents=True)
        shutil.copyfile(course / source, folder / source)
        plain.generate_assignment(course, folder, lang, stage, database=True)
        students = cohort.make_class(course, read_stage(course, stage), SIZE, SEED)
        release = folder / "release" / lang / stage / f"{stage}.ipynb"
        cohort.write_submissions(release, students, folder / "submitted")

    table = Table("student", "score", "status", "what was wrong", title=f"{stage}: a class of {SIZE}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        for student in progress.track(students, description=f"Grading {stage}"):
            verdicts = plain.autograde(course, folder, stage, student.name)
            plain.generate_feedback(course, folder, stage, student.name)
            table.add_row(student.name, _score(verdicts), "graded", _wrong(verdicts))
    console.print(table)
    console.print(f"Feedback pages:  {folder / 'feedback'}/<student>/{stage}/{stage}.html")
    console.print(f"Graded notebooks: {folder / 'autograded'}/<student>/{stage}/{stage}.ipynb")
    console.print(f"Students' notebooks: {course / 'notebooks' / lang}")


def _score(verdicts: list["plain.Verdict"]) -> str:
    """Return the share of the checks' points; open questions wait for a marker."""
    checks = [verdict for verdict in verdicts if not verdict.by_hand]
    return f"{100 * sum(verdict.points for verdict in checks) / sum(verdict.maximum for verdict in checks):.0f} %"


def _wrong(verdicts: list["plain.Verdict"]) -> str:
    """Return one line per failed check; what was never written makes one line together."""
    failed = [verdict for verdict in verdicts if not verdict.by_hand and not verdict.points]
    blank = [verdict.name for verdict in failed if verdict.message.startswith(NotImplementedError.__name__)]
    lines = [f"{v.name}: {' '.join(v.message.split())}" for v in failed if v.name not in blank]
    if blank:
        lines.append(f"not written: {', '.join(blank[:3])}{f' and {len(blank) - 3} more' if len(blank) > 3 else ''}")
    return "\n".join(lines)
