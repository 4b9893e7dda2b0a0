"""Commands for who writes the notebooks: init, build and publish."""

from pathlib import Path
from typing import Annotated

import typer

from grading.cli.common import choose, console, course_folder, stop


def init(
    folder: Annotated[Path, typer.Argument(help="Where the course is to be: a new folder.")],
    checkout: Annotated[Path, typer.Option("--from", help="A clone of Gradus, or another course.")],
) -> None:
    """Make a course of your own: texts, answer banks, marking notes and settings, copied from a checkout."""
    from grading.course.founding import FoundingError, found

    try:
        files = found(folder, checkout)
    except FoundingError as error:
        stop(str(error))
    except OSError as error:
        stop(f"{error.filename}: {error.strerror}. Mend this, remove {folder}, and try again.")
    console.print(f"{len(files)} files in {folder}, which holds all solutions: keep it private.")
    console.print(f"Next: cd {folder}, then gradus build.")


def build(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail with a diff if anything would.")] = False,
) -> None:
    """Generate notebooks, releases, indexes and marking notes from source/."""
    from grading.authoring import build as step
    from grading.authoring.problems import SourceError
    from grading.course.course_file import CourseFileError

    try:
        if check:
            diff = step.check(course_folder())
            if diff:
                console.out(diff)
                stop("The generated files are out of date: run `gradus build` and commit what it changes.")
            console.print("Everything that is generated is up to date.")
        else:
            changed = step.build(course_folder())
            for path in changed:
                console.print(f"wrote {path}")
            console.print(f"{len(changed)} files changed.")
    except (step.BuildError, SourceError, CourseFileError) as error:
        stop(str(error))


def publish(
    folder: Annotated[Path, typer.Argument(help="Where to write the students' tree.")],
    stages: Annotated[str, typer.Option(help="Only these stages: 01_math,02_manual.")] = "",
) -> None:
    """Write the tree that students get: notebooks, helpers and data, without solutions and hidden tests."""
    from grading.authoring.publish import PublishError
    from grading.authoring.publish import publish as step
    from grading.course.course_file import CourseFileError
    from grading.course.releases import FILE, ReleasesError
    from grading.course.stages import stage_names

    course = course_folder()
    chosen = [stage.strip() for stage in stages.split(",") if stage.strip()]
    for stage in chosen:
        choose("stage", stage, stage_names(course))
    try:
        files = step(course, folder, chosen)
    except (PublishError, ReleasesError, CourseFileError) as error:
        stop(str(error))
    console.print(f"{len(files)} files in {folder}: push them to the public repository, with the version's tag.")
    console.print(f"{FILE} knows the cells of this release: commit it in the course.")
