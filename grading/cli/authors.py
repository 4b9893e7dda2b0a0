"""Commands for who writes the notebooks: build and publish."""

from pathlib import Path
from typing import Annotated

import typer

from grading.cli.common import choose, console, course_folder, stop


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
    except (SourceError, CourseFileError) as error:
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
