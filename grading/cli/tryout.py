"""Commands for who tries it out: a demo, a made-up class, and what this machine offers."""

from pathlib import Path
from typing import Annotated

import typer

from grading.cli.common import choose, console, course_folder, is_course, stop, told
from grading.cli.tables import progress, show_class, show_findings

LANG = "The language of the notebooks, en or fr; without it, the course's first one."


def demo(
    stage: Annotated[str, typer.Option(help="The stage to grade.")] = "02_manual",
    lang: Annotated[str, typer.Option(help=LANG)] = "",
) -> None:
    """Grade a made-up class of 12 and show who did what."""
    from grading.course.stages import stage_names

    course = course_folder()
    choose("stage", stage, stage_names(course))
    lang = _language(course, lang)
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
    lang: Annotated[str, typer.Option(help=LANG)] = "",
    layout: Annotated[
        str,
        typer.Option(
            help="Write downloads to collect instead, of moodle, canvas, gradescope, brightspace, blackboard, github, "
            "nbgrader, or flat files, with the list of the class; some late, some handed in twice, two of one name."
        ),
    ] = "",
) -> None:
    """Write a made-up class's work to submitted/, or as a platform would, and the key of what grading must find."""
    from grading.authoring.source import read_stage
    from grading.course.stages import stage_names
    from grading.rehearsal.cohort import CohortError, write_cohort
    from grading.rehearsal.downloads import make_hand_ins, write_downloads
    from grading.rehearsal.layouts import LAYOUTS

    course = course_folder()
    choose("stage", stage, stage_names(course))
    lang = _language(course, lang)
    if layout:
        choose("layout", layout, LAYOUTS)
    text = read_stage(course, stage)
    try:
        if layout:
            made = make_hand_ins(course, text, size, seed, lang)
            _show_downloads(write_downloads(course, made, layout).relative_to(course), size)
            return
        key = write_cohort(course, text, size, seed, lang)
    except CohortError as error:
        stop(str(error))
    console.print(f"{size} made-up students in submitted/, and what grading must find in {key.relative_to(course)}.")


def _language(course: Path, lang: str) -> str:
    """Return one of the course's languages, the first where none is named. Stops with a sentence if it is no such."""
    from grading.course.course_file import read_languages

    with told():
        languages = read_languages(course)
    choose("language", lang or languages[0], languages)
    return lang or languages[0]


def _show_downloads(folder: Path, size: int) -> None:
    """Say what was written, and the commands that rehearse the week."""
    has_worksheet = (course_folder() / folder / "worksheet.csv").exists()
    worksheet = f" --worksheet {folder}/worksheet.csv" if has_worksheet else ""
    console.print(
        f"{size} made-up students in {folder}/: first.zip of the day before the work was due, last.zip of later;"
    )
    console.print(f"what grading must find of each is in {folder}/key.json. In a copy of the course:")
    console.print(f"  gradus roster {folder}/class.csv")
    console.print(f"  gradus collect {folder}/first.zip")
    console.print(f"  gradus collect {folder}/last.zip{worksheet}")


def doctor() -> None:
    """Tell what this machine offers for grading, and how to get the rest."""
    from grading.rehearsal import doctor as step

    course = Path.cwd()
    with console.status("Looking around"):
        findings = step.examine(course if is_course(course) else None)
    show_findings(findings, console)
