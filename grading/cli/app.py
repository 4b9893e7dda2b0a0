"""The `gradus` command: one subcommand per step, each in the course's folder."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

try:
    import typer
    from rich.console import Console
except ModuleNotFoundError as missing:  # helpers alone is installed, as students have it
    sys.exit(f"The gradus command needs {missing.name}: install it with `pip install 'gradus[grade]'`.")

from grading.cli.terminal import printable, printable_lines

if TYPE_CHECKING:
    from grading.engine.cluster import Cluster

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
console = Console(highlight=False, soft_wrap=True)

# Modules that import torch or nbgrader, seconds each, are imported by the commands that need them.


@app.command()
def build(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail with a diff if anything would.")] = False,
) -> None:
    """Generate notebooks, releases, indexes and marking notes from source/."""
    from grading.authoring import build as step
    from grading.authoring.source import SourceError

    try:
        if check:
            diff = step.check(_course())
            if diff:
                console.out(diff)
                _stop("The generated files are out of date: run `gradus build` and commit what it changes.")
            console.print("Everything that is generated is up to date.")
        else:
            changed = step.build(_course())
            for path in changed:
                console.print(f"wrote {path}")
            console.print(f"{len(changed)} files changed.")
    except SourceError as error:
        _stop(str(error))


@app.command()
def publish(folder: Annotated[Path, typer.Argument(help="Where to write the students' tree.")]) -> None:
    """Write the tree that students get: notebooks, helpers and data, without solutions and hidden tests."""
    from grading.authoring.publish import PublishError
    from grading.authoring.publish import publish as step

    try:
        files = step(_course(), folder)
    except PublishError as error:
        _stop(str(error))
    console.print(f"{len(files)} files in {folder}: push them to the public repository, with the version's tag.")


@app.command()
def collect(
    source: Annotated[Path, typer.Argument(help="A folder or a zip: notebooks, or a download of Moodle or Canvas.")],
) -> None:
    """Put the notebooks that students handed in where they are graded: submitted/<student>/<stage>/."""
    from grading.intake.collect import CollectError, show
    from grading.intake.collect import collect as step

    try:
        show(step(_course(), source), console)
    except CollectError as error:
        _stop(str(error))


@app.command()
def cohort(
    stage: Annotated[str, typer.Argument(help="The stage, 02_manual for example.")],
    size: Annotated[int, typer.Option(min=1, help="How many students.")] = 30,
    seed: Annotated[int, typer.Option(help="Another seed makes another class.")] = 1,
    lang: Annotated[str, typer.Option(help="The language of the notebooks: en or fr.")] = "en",
) -> None:
    """Write a made-up class's work to submitted/, and the key of what grading must find."""
    from grading.authoring.source import read_stage, stage_names
    from grading.rehearsal.cohort import CohortError, write_cohort
    from helpers.messages import LANGUAGES

    course = _course()
    _choose("stage", stage, stage_names(course))
    _choose("language", lang, LANGUAGES)
    try:
        key = write_cohort(course, read_stage(course, stage), size, seed, lang)
    except CohortError as error:
        _stop(str(error))
    console.print(f"{size} made-up students in submitted/, and what grading must find in {key.relative_to(course)}.")


@app.command()
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

    course = _course()
    _choose("stage", stage, stage_names(course))
    students = [name.strip() for names in students or () for name in names.split(",")]
    if is_outdated(course, stage):
        console.print(f"Note: the text of {stage} has changed since its notebook was made; `gradus build` renews that.")
    with _told(), _cluster(scheduler) if scheduler else nullcontext() as cluster:
        if not (scheduler or require_sandbox) and (why := missing()):
            console.print(f"Warning: students' code runs without a sandbox. {why} `gradus doctor` tells more.")
        workers, jobs = (nullcontext(cluster), cluster.threads) if cluster else (local_workers(jobs), jobs)
        confirm = (lambda question: True) if yes else _confirm
        outcomes = step.grade(course, stage, console, workers, jobs, students, force, require_sandbox, confirm)
    step.show(stage, outcomes, console)


@app.command()
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

    course = _course()
    _choose("stage", stage, stage_names(course))
    revealed = [part.strip() for part in reveal.split(",") if part.strip()]
    for part in revealed:
        _choose("part of a page", part, step.REVEALS)
    students = [name.strip() for names in students or () for name in names.split(",")]
    try:
        written = step.feedback(course, stage, console, students, revealed)
    except (step.FeedbackError, MarksError) as error:
        _stop(str(error))
    console.print(f"{len(written.pages)} pages in feedback/<student>/{stage}/, {len(written.changed)} of them changed.")
    if written.failed:
        _stop("\n".join(printable(f"{student} has no page: {why}") for student, why in written.failed.items()))


@app.command()
def doctor() -> None:
    """Tell what this machine offers for grading, and how to get the rest."""
    from grading.rehearsal import doctor as step

    course = Path.cwd()
    with console.status("Looking around"):
        findings = step.examine(course if _is_course(course) else None)
    console.print(step.table(findings))


@app.command()
def demo(
    stage: Annotated[str, typer.Option(help="The stage to grade.")] = "02_manual",
    lang: Annotated[str, typer.Option(help="The language of the notebooks: en or fr.")] = "en",
) -> None:
    """Grade a made-up class of 12 and show who did what."""
    from grading.authoring.source import stage_names
    from grading.rehearsal import demo as step
    from helpers.messages import LANGUAGES

    _choose("stage", stage, stage_names(_course()))
    _choose("language", lang, LANGUAGES)
    with _told():
        step.run(_course(), stage, lang, console)


@contextmanager
def _told() -> Iterator[None]:
    """Stop with a sentence where a class cannot be graded."""
    from grading.authoring.source import SourceError
    from grading.course.secret import SecretError
    from grading.engine.forkserver import ForkServerError
    from grading.records.grade import GradeError
    from grading.records.gradebook import RecordError

    try:
        yield
    except (ForkServerError, GradeError, RecordError, SecretError, SourceError) as error:
        _stop(str(error))
    except OSError as error:
        place = error.filename or "a temporary folder"
        _stop(f"{place}: {error.strerror}. Mend this and grade again: what was graded before is kept.")


@contextmanager
def _cluster(address: str) -> Iterator["Cluster"]:
    """Give the workers of the scheduler at an address. Stops with a sentence where they cannot grade."""
    try:
        from grading.engine.cluster import ClusterError, cluster_workers
    except ModuleNotFoundError as missing:
        _stop(f"--scheduler needs {missing.name}: install it with `pip install 'gradus[cluster]'`.")
    try:
        with cluster_workers(address) as cluster:
            yield cluster
    except ClusterError as error:
        _stop(str(error))


def _course() -> Path:
    """Return the course's folder: the working directory. Stops with a sentence elsewhere."""
    course = Path.cwd()
    if not _is_course(course):
        _stop(f"{course} is no Gradus course: go to the folder that holds source/ and nbgrader_config.py.")
    return course


def _is_course(folder: Path) -> bool:
    return (folder / "source" / "syllabus.toml").exists()


def _confirm(question: str) -> bool:
    """Ask on the terminal. Stops with a sentence where there is none."""
    if not sys.stdin.isatty():
        _stop(f"{question} Add --yes to have that done.")
    return typer.confirm(f"{question} Do so?")


def _choose(what: str, chosen: str, known) -> None:
    if chosen not in known:
        _stop(f"There is no {what} {chosen!r}. Choose one of: {', '.join(known)}.")


def _stop(sentence: str) -> None:
    print(printable_lines(sentence), file=sys.stderr)
    raise typer.Exit(1)
