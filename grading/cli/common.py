"""What all commands share: the console, the course's folder, and a sentence for what is wrong."""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from grading.cli.terminal import listed, printable_lines

SETTINGS = "nbgrader_config.py"
console = Console(highlight=False, soft_wrap=True)
Reveal = Annotated[
    str, typer.Option(help="What pages show, of: points, messages, tests (visible ones), models (answers).")
]


def course_folder() -> Path:
    """Return the course's folder: the working directory. Stops with a sentence elsewhere."""
    course = Path.cwd()
    if not is_course(course):
        stop(f"{course} is no Gradus course: go to the folder that holds source/ and {SETTINGS}.")
    return course


def is_course(folder: Path) -> bool:
    """Whether a folder is a course's."""
    return (folder / "source" / "syllabus.toml").exists()


def choose(what: str, chosen: str, known: Collection[str]) -> None:
    """Stop with those that there are where there is no such one."""
    if chosen not in known:
        stop(f"There is no {what} {chosen!r}. Choose one of: {', '.join(known)}.")


def revealed(reveal: str, known: Collection[str]) -> list[str]:
    """Return the parts of a page that --reveal names. Stops with a sentence where one is none of the known."""
    parts = [part.strip() for part in reveal.split(",") if part.strip()]
    for part in parts:
        choose("part of a page", part, known)
    return parts


def stop(sentence: str) -> NoReturn:
    """End the command with a sentence that says what is wrong."""
    print(printable_lines(sentence), file=sys.stderr)
    raise typer.Exit(1)


def tell_of_zeros(course: Path) -> None:
    """Say which ids of the roster have lost zeros in front. Raises RosterError."""
    from grading.course.roster import ROSTER, lost_zeros

    if whole := lost_zeros(course):
        pairs = listed(f"{student} as {name}" for student, name in sorted(whole.items()))
        console.print(
            f"{ROSTER}: {pairs} is read, as the folder in submitted/ is called: a "
            "spreadsheet has dropped the zeros; write them back, or format the column as text."
        )


@contextmanager
def told() -> Iterator[None]:
    """Stop with a sentence where a class cannot be graded."""
    from grading.authoring.problems import SourceError
    from grading.course.course_file import CourseFileError
    from grading.course.releases import ReleasesError
    from grading.course.roster import RosterError
    from grading.course.secret import SecretError
    from grading.engine.forkserver import ForkServerError
    from grading.marking.journal import MarkError
    from grading.records.grade import GradeError
    from grading.records.gradebook import RecordError
    from grading.records.marks import MarksError

    ours = (
        CourseFileError,
        ForkServerError,
        GradeError,
        MarkError,
        MarksError,
        RecordError,
        ReleasesError,
        RosterError,
        SecretError,
        SourceError,
    )
    try:
        yield
    except ours as error:
        stop(str(error))
    except OSError as error:
        place = error.filename or "a temporary folder"
        stop(f"{place}: {error.strerror}. Mend this and grade again: what was graded before is kept.")
