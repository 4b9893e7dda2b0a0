"""Feedback: one page per student, with the answers, what the checks said of them, and what the instructor gave."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from babel.numbers import format_decimal
from nbformat import NotebookNode

from grading import PACKAGE
from grading.course.files import OF_THE_MACHINE, read, write_atomically
from grading.course.releases import latest_release
from grading.pages.advice import (
    again_of,
    blank_of,
    code_of,
    environment_of,
    graded_at,
    left_blank,
    steps_of,
    written,
)
from grading.pages.rendering import render
from grading.pages.sections import models_of, sections_of, title_of
from grading.records.executed import MAX_NOTEBOOK
from grading.records.history import read_history
from grading.records.standing import Standing, course_dates, standings
from grading.records.submissions import MAX_RESULT, RESULT, read_result, results_of
from grading.results.model import UNGRADED, Result
from grading.results.older import read_older
from grading.results.wording import for_student, why_ungradable
from helpers.messages import LANGUAGES, _, set_language

# What an instructor may choose to show, and what is shown unless another choice is made.
REVEALS = ("points", "messages", "tests", "models")
DEFAULT = ("points", "messages")


class FeedbackError(Exception):
    """The pages cannot be written; the sentence says why."""


@dataclass
class Written:
    """What became of the pages: those that are there, those of them that are new, and why others could not be made."""

    pages: list[Path] = field(default_factory=list)
    changed: list[Path] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Stage:
    """What all pages of a stage share: its notebook, its last release, the course's zone, and what pages show."""

    instructor: NotebookNode
    release: str
    zone: tzinfo | None
    reveal: Collection[str]


def feedback(
    course: Path,
    stage: str,
    students: Collection[str] | None = None,
    reveal: Collection[str] = DEFAULT,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Written:
    """Write feedback/<student>/<stage>/<stage>.html for everybody who has a result, or for these students.

    reveal: which of REVEALS the pages show. What one student handed in never keeps others from their pages.
    report: hears how many are done, of how many.
    Raises FeedbackError, MarksError, CourseFileError, ReleasesError and RosterError.
    """
    source = course / "source" / stage / f"{stage}.ipynb"
    if not source.exists():
        raise FeedbackError(f"There is no {source.relative_to(course)}: run `gradus build` first.")
    graded = results_of(course, stage).keys()
    for student in students or ():
        if student not in graded:
            raise FeedbackError(f"{student!r} has no result for {stage}: run `gradus grade {stage}` first.")
    if not graded:
        raise FeedbackError(f"Nobody has a result for {stage}: run `gradus grade {stage}` first.")
    shared = _Stage(
        nbformat.read(source, as_version=4), latest_release(course, stage), course_dates(course).zone, reveal
    )
    wanted = sorted(students or graded)
    folders = {student: course / "autograded" / student / stage for student in wanted}
    results = {student: _result(folder) for student, folder in folders.items()}
    found, written = standings(course, stage, results), Written()
    report(0, len(wanted))
    for done, student in enumerate(wanted, start=1):
        target = course / "feedback" / student / stage / f"{stage}.html"
        try:
            is_new = _write(target, _page(folders[student], found[student], shared))
        except Exception as error:  # whatever a student's work makes of our libraries: the others get their pages
            if isinstance(error, OSError) and error.errno in OF_THE_MACHINE:
                raise FeedbackError(f"{target}: {error.strerror}. Mend this and write the pages again.") from None
            written.failed[student] = str(error) if isinstance(error, FeedbackError) else repr(error)
        else:
            written.pages.append(target)
            if is_new:
                written.changed.append(target)
        report(done, len(wanted))
    return written


def _write(path: Path, content: bytes) -> bool:
    """Write a file, if it does not hold this already; return whether that was so."""
    try:
        if read(path, len(content)) == content:
            return False
    except OSError:  # there is none, it is no file, or larger
        pass
    write_atomically(path, content)
    return True


def _result(folder: Path) -> Result:
    """Return the result in autograded/<student>/<stage>/, be it of another version of Gradus."""
    if result := read_result(folder / RESULT):
        return result
    try:
        older = read_older(read(folder / RESULT, MAX_RESULT))
    except OSError:
        older = None
    return replace(older, student=folder.parent.name, stage=folder.name) if older else UNGRADED


def _page(folder: Path, standing: Standing, stage: _Stage) -> bytes:
    result, instructor, reveal = standing.result, stage.instructor, stage.reveal
    if result is not UNGRADED and not result.has_points:
        return _notice(standing, stage)
    try:
        notebook = nbformat.reads(read(folder / f"{folder.name}.ipynb", MAX_NOTEBOOK).decode(), as_version=4)
    except (OSError, ValueError, RecursionError):
        notebook = None
    if result is UNGRADED or not notebook:
        raise FeedbackError("The files that grading wrote are damaged: grade again with --force.")
    set_language(result.lang)
    sections = sections_of(notebook, result, standing.marks, models_of(instructor, result.lang), reveal)
    has_points = "points" in reveal
    return _render(
        "feedback.html",
        result.lang,
        title=title_of(instructor, result.lang),
        stage=result.stage,
        student=standing.person.label,
        remarks=for_student(result),
        sections=sections,
        steps=steps_of(sections, result),
        unanswered=left_blank(sections, result),
        blank=blank_of(sections, standing, instructor),
        again=list(again_of(read_history(folder), has_points, stage.zone)),
        code=partial(code_of, result.stage, student=standing.person.id),
        facts=_facts(standing, stage),
        standing=standing,
        maximum=standing.total - standing.waiting,
        mark=standing.mark if standing.late.percent or standing.out_of else None,
        reveal=reveal,
    )


def _facts(standing: Standing, stage: _Stage) -> list[tuple[str, str]]:
    """Say when it was handed in, and when and with what it was graded, as far as anybody knows."""
    result = standing.result
    gradus = f"Gradus {result.versions['gradus']}" if result.versions.get("gradus") else ""
    release = _("release {version} of the notebook").format(version=stage.release) if stage.release else ""
    facts = [
        (_("Handed in"), written(standing.time)),
        (_("Due"), written(standing.due)),
        (_("Graded"), " · ".join(filter(None, (graded_at(result, stage.zone), release, gradus)))),
        (_("Environment"), environment_of(result)),
    ]
    return [(what, told) for what, told in facts if told]


def _notice(standing: Standing, stage: _Stage) -> bytes:
    """Return the page of a submission that could not be graded, in all languages: nobody knows the student's."""
    notices, result = [], standing.result
    for lang in LANGUAGES:
        set_language(lang)
        advice = _("No points were given. Hand in your notebook again, or ask your teacher.")
        why = why_ungradable(result.reasons[0]) if result.reasons else _("Your file could not be graded.")
        notices.append((lang, title_of(stage.instructor, lang), why, advice, _facts(standing, stage)[:1]))
    named = {"title": result.stage, "stage": result.stage, "student": standing.person.label}
    return _render("notice.html", LANGUAGES[0], notices=notices, **named)


def _render(template: str, lang: str, **values: Any) -> bytes:
    number = partial(format_decimal, locale=lang)
    return render(PACKAGE / "pages/templates", template, lang, number=number, **values)
