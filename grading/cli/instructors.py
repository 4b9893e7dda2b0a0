"""Commands for who teaches a class: collect, grade and feedback."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grading.cli.common import choose, console, course_folder, stop, told
from grading.cli.tables import progress, show_collected, show_outcomes
from grading.cli.terminal import printable

if TYPE_CHECKING:
    from grading.engine.cluster import Cluster


def collect(
    source: Annotated[Path, typer.Argument(help="A folder or a zip: notebooks, or a download of Moodle or Canvas.")],
) -> None:
    """Put the notebooks that students handed in where they are graded: submitted/<student>/<stage>/."""
    from grading.intake.collect import CollectError
    from grading.intake.collect import collect as step

    try:
        show_collected(step(course_folder(), source), console)
    except CollectError as error:
        stop(printable(str(error)))


def grade(
    stage: Annotated[str, typer.Argument(help="The stage to grade, such as 02_manual.")],
    students: Annotated[list[str] | None, typer.Option(help="Only these: ada,alan. May be repeated.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many submissions to grade at a time.")] = os.cpu_count() or 1,
    force: Annotated[bool, typer.Option("--force", help="Grade again what has not changed, too.")] = False,
    scheduler: Annotated[str, typer.Option(help="Grade with all threads of a dask cluster: tcp://host:8786.")] = "",
    require_sandbox: Annotated[
        bool, typer.Option("--require-sandbox", help="Refuse to run students' code where there is no sandbox.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Where the secret changed, grade all again, unasked.")] = False,
) -> None:
    """Grade what lies in submitted/: into autograded/, with a result for each student, and into the gradebook."""
    from grading.authoring.build import is_outdated
    from grading.authoring.source import stage_names
    from grading.engine.pool import local_workers
    from grading.records import grade as step
    from grading.sandbox.bubblewrap import missing

    course = course_folder()
    choose("stage", stage, stage_names(course))
    students = [name.strip() for names in students or () for name in names.split(",")]
    if is_outdated(course, stage):
        console.print(f"Note: the text of {stage} has changed since its notebook was made; `gradus build` renews that.")
    with told(), _cluster(scheduler) if scheduler else nullcontext() as cluster:
        if not (scheduler or require_sandbox) and (why := missing()):
            console.print(f"Warning: students' code runs without a sandbox. {why} `gradus doctor` tells more.")
        workers, jobs = (nullcontext(cluster), cluster.threads) if cluster else (local_workers(jobs), jobs)
        with progress(f"Grading {stage}", console) as report:
            outcomes = step.grade(
                course,
                stage,
                workers,
                jobs,
                students,
                force,
                needs_sandbox=require_sandbox,
                confirm=(lambda question: True) if yes else _confirm,
                tell=console.print,
                report=report,
            )
    show_outcomes(stage, outcomes, console)


def feedback(
    stage: Annotated[str, typer.Argument(help="The stage, 02_manual for example.")],
    students: Annotated[list[str] | None, typer.Option(help="Only these: ada,alan. May be repeated.")] = None,
    reveal: Annotated[
        str, typer.Option(help="What pages show, of: points, messages, tests (visible ones), models (answers).")
    ] = "points,messages",
) -> None:
    """Write a page for each graded student, in feedback/: answers, checks, marks and comments given by hand."""
    from grading.authoring.source import stage_names
    from grading.pages import feedback as step
    from grading.records.marks import MarksError

    course = course_folder()
    choose("stage", stage, stage_names(course))
    revealed = [part.strip() for part in reveal.split(",") if part.strip()]
    for part in revealed:
        choose("part of a page", part, step.REVEALS)
    students = [name.strip() for names in students or () for name in names.split(",")]
    try:
        with progress("Writing feedback", console) as report:
            written = step.feedback(course, stage, students, revealed, report)
    except (step.FeedbackError, MarksError) as error:
        stop(str(error))
    console.print(f"{len(written.pages)} pages in feedback/<student>/{stage}/, {len(written.changed)} of them changed.")
    if written.failed:
        stop("\n".join(printable(f"{student} has no page: {why}") for student, why in written.failed.items()))


@contextmanager
def _cluster(address: str) -> Iterator["Cluster"]:
    """Give the workers of the scheduler at an address. Stops with a sentence where they cannot grade."""
    try:
        from grading.engine.cluster import ClusterError, cluster_workers
    except ModuleNotFoundError as missing:
        stop(f"--scheduler needs {missing.name}: install it with `pip install 'gradus[cluster]'`.")
    try:
        with cluster_workers(address) as cluster:
            yield cluster
    except ClusterError as error:
        stop(str(error))


def _confirm(question: str) -> bool:
    """Ask on the terminal. Stops with a sentence where there is none."""
    if not sys.stdin.isatty():
        stop(f"{question} Add --yes to have that done.")
    return typer.confirm(f"{question} Do so?")
