"""What all commands share: the console, the course's folder, and a sentence for what is wrong."""

import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from grading.cli.terminal import printable_lines

console = Console(highlight=False, soft_wrap=True)


def course_folder() -> Path:
    """Return the course's folder: the working directory. Stops with a sentence elsewhere."""
    course = Path.cwd()
    if not is_course(course):
        stop(f"{course} is no Gradus course: go to the folder that holds source/ and nbgrader_config.py.")
    return course


def is_course(folder: Path) -> bool:
    """Whether a folder is a course's."""
    return (folder / "source" / "syllabus.toml").exists()


def choose(what: str, chosen: str, known: Collection[str]) -> None:
    """Stop with those that there are where there is no such one."""
    if chosen not in known:
        stop(f"There is no {what} {chosen!r}. Choose one of: {', '.join(known)}.")


def stop(sentence: str) -> NoReturn:
    """End the command with a sentence that says what is wrong."""
    print(printable_lines(sentence), file=sys.stderr)
    raise typer.Exit(1)


@contextmanager
def told() -> Iterator[None]:
    """Stop with a sentence where a class cannot be graded."""
    from grading.authoring.cells import SourceError
    from grading.course.secret import SecretError
    from grading.engine.forkserver import ForkServerError
    from grading.records.grade import GradeError
    from grading.records.gradebook import RecordError

    try:
        yield
    except (ForkServerError, GradeError, RecordError, SecretError, SourceError) as error:
        stop(str(error))
    except OSError as error:
        place = error.filename or "a temporary folder"
        stop(f"{place}: {error.strerror}. Mend this and grade again: what was graded before is kept.")
