"""Commands for who teaches a class: grade and feedback."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grading.cli.common import Reveal, choose, console, course_folder, revealed, stop, tell_of_zeros, told
from grading.cli.marking import keep_marks
from grading.cli.tables import progress, show_outcomes
from grading.cli.terminal import counted, printable

if TYPE_CHECKING:
    from grading.engine.cluster import Cluster


def grade(
    stage: Annotated[str, typer.Argument(help="The stage to grade, such as 02_manual.")],
    students: Annotated[list[str] | None, typer.Option(help="Only these: ada,alan. May be repeated.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many submissions to grade at a time.")] = os.cpu_count() or 1,
    force: Annotated[bool, typer.Option("--force", help="Grade again what has not changed, too.")] = False,
    scheduler: Annotated[str, typer.Option(help="Grade with all threads of a dask cluster: tcp://host:8786.")] = "",
    require_sandbox: Annotated[
        bool, typer.Option("--require-sandbox", help="Refuse to run students' code where there is no sandbox.")
    ] = False,
    keep_better: Annotated[
        bool, typer.Option("--keep-better", help="Where grading again gives fewer points, keep the earlier result.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Grade, show whose points would change and why, and write nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Where the secret changed, grade all again, unasked.")] = False,
) -> None:
    """Grade what lies in submitted/: into autograded/, with a result for each student, and into the gradebook."""
    from grading.course.stages import may_be_outdated, stage_names
    from grading.engine.pool import local_workers
    from grading.records import grade as step
    from grading.sandbox.bubblewrap import missing

    course = course_folder()
    choose("stage", stage, stage_names(course))
    students = [name.strip() for names in students or () for name in names.split(",")]
    if may_be_outdated(course, stage) and _is_outdated(course, stage):
        console.print(f"Note: the text of {stage} has changed since its notebook was made; `gradus build` renews that.")
    with told(), _cluster(scheduler) if scheduler else nullcontext() as cluster:
        tell_of_zeros(course)
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
                keep_better=keep_better,
                is_dry=dry_run,
                confirm=(lambda question: True) if yes else _confirm,
                tell=console.print,
                report=report,
            )
    show_outcomes(stage, outcomes, console)
    restored = 0 if dry_run else keep_marks(course, stage)
    if dry_run:
        console.print(f"Nothing was written. Next: gradus grade {stage}")
    elif waiting := sum(outcome.standing.waits for outcome in outcomes) - restored:
        console.print(
            f"To be marked: {counted(waiting, 'answer')}. Next: gradus mark {stage}; then gradus return {stage}"
        )
    elif outcomes:
        console.print(f"Next: gradus return {stage}")


def _is_outdated(course: Path, stage: str) -> bool:
    from grading.authoring.build import is_outdated  # what reads and builds texts takes half a second to import

    return is_outdated(course, stage)


def feedback(
    stage: Annotated[str, typer.Argument(help="The stage, 02_manual for example.")],
    students: Annotated[list[str] | None, typer.Option(help="Only these: ada,alan. May be repeated.")] = None,
    reveal: Reveal = "points,messages",
) -> None:
    """Write a page for each graded student, in feedback/: answers, checks, marks and comments given by hand."""
    from grading.course.stages import stage_names
    from grading.pages import feedback as step

    course = course_folder()
    choose("stage", stage, stage_names(course))
    parts = revealed(reveal, step.REVEALS)
    students = [name.strip() for names in students or () for name in names.split(",")]
    try:
        with told(), progress("Writing feedback", console) as report:
            written = step.feedback(course, stage, students, parts, report)
    except step.FeedbackError as error:
        stop(str(error))
    console.print(f"{len(written.pages)} pages in feedback/<student>/{stage}/, {len(written.changed)} of them changed.")
    console.print(f"Next: gradus return {stage}")
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
