"""Commands for who tries it out: a demo, a made-up class, and what this machine offers."""

from pathlib import Path
from typing import Annotated

import typer

from grading.cli.common import choose, console, course_folder, is_course, stop, told
from grading.cli.tables import progress, show_class, show_findings


def demo(
    stage: Annotated[str, typer.Option(help="The stage to grade.")] = "02_manual",
    lang: Annotated[str, typer.Option(help="The language of the notebooks: en or fr.")] = "en",
) -> None:
    """Grade a made-up class of 12 and show who did what."""
    from grading.authoring.source import stage_names
    from helpers.messages import LANGUAGES

    course = course_folder()
    choose("stage", stage, stage_names(course))
    choose("language", lang, LANGUAGES)
    with told():
        with console.status("Building the notebooks"):
            from grading.rehearsal import demo as step

            made = step.prepare(course, stage, lang)
        with progress(f"Grading {stage}", console) as report:
            outcomes = step.run(made, report)
    show_class(stage, outcomes, console)
    astray = made.astray(outcomes)
    console.print(f"Not as the answer bank says: {', '.join(astray)}" if astray else "Each is as the answer bank says.")
    console.print(f"Feedback pages:  {made.folder / 'feedback'}/<student>/{stage}/{stage}.html")
    console.print(f"Results, graded notebooks: {made.folder / 'autograded'}/<student>/{stage}/")
    console.print(f"Students' notebooks: {course / 'notebooks' / lang}")


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

    course = course_folder()
    choose("stage", stage, stage_names(course))
    choose("language", lang, LANGUAGES)
    try:
        key = write_cohort(course, read_stage(course, stage), size, seed, lang)
    except CohortError as error:
        stop(str(error))
    console.print(f"{size} made-up students in submitted/, and what grading must find in {key.relative_to(course)}.")


def doctor() -> None:
    """Tell what this machine offers for grading, and how to get the rest."""
    from grading.rehearsal import doctor as step

    course = Path.cwd()
    with console.status("Looking around"):
        findings = step.examine(course if is_course(course) else None)
    show_findings(findings, console)
