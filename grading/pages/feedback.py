"""Feedback: one page per student, with the answers, what the checks said of them, and what the instructor gave."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbformat import NotebookNode

from grading import PACKAGE
from grading.course.files import OF_THE_MACHINE, read, write_atomically
from grading.pages.markdown import style
from grading.pages.sections import models_of, sections_of, title_of
from grading.records.marks import Marks, read_marks
from grading.records.submissions import RESULT, read_result
from grading.results.model import Result
from grading.results.wording import for_student, why_ungradable
from helpers.messages import LANGUAGES, _, set_language

# What an instructor may choose to show, and what is shown unless another choice is made.
REVEALS = ("points", "messages", "tests", "models")
DEFAULT = ("points", "messages")
# Of a notebook that grading wrote: an answer may hold a whole file's pictures, outputs are capped.
MAX_NOTEBOOK = 256 * 2**20


class FeedbackError(Exception):
    """The pages cannot be written; the sentence says why."""


@dataclass
class Written:
    """What became of the pages: those that are there, those of them that are new, and why others could not be made."""

    pages: list[Path] = field(default_factory=list)
    changed: list[Path] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def feedback(
    course: Path,
    stage: str,
    students: Collection[str] | None = None,
    reveal: Collection[str] = DEFAULT,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Written:
    """Write feedback/<student>/<stage>/<stage>.html for everybody who has a result, or for these students.

    reveal: which of REVEALS the pages show. What one student handed in never keeps others from their pages.
    report: hears how many are done, of how many. Raises FeedbackError and MarksError.
    """
    source = course / "source" / stage / f"{stage}.ipynb"
    if not source.exists():
        raise FeedbackError(f"There is no {source.relative_to(course)}: run `gradus build` first.")
    graded = {path.parent.parent.name for path in (course / "autograded").glob(f"[!.]*/{stage}/{RESULT}")}
    for student in students or ():
        if student not in graded:
            raise FeedbackError(f"{student!r} has no result for {stage}: run `gradus grade {stage}` first.")
    if not graded:
        raise FeedbackError(f"Nobody has a result for {stage}: run `gradus grade {stage}` first.")
    instructor = nbformat.read(source, as_version=4)
    marks, written = read_marks(course, stage), Written()
    wanted = sorted(students or graded)
    report(0, len(wanted))
    for done, student in enumerate(wanted, start=1):
        folder = course / "autograded" / student / stage
        target = course / "feedback" / student / stage / f"{stage}.html"
        try:
            page = _page(folder, instructor, marks.get(student, {}), reveal)
            is_new = _write(target, page.encode("utf-8", "xmlcharrefreplace"))
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


def _page(folder: Path, instructor: NotebookNode, marks: Marks, reveal: Collection[str]) -> str:
    result = read_result(folder / RESULT)
    if result and not result.has_points:
        return _notice(result, instructor)
    try:
        notebook = nbformat.reads(read(folder / f"{folder.name}.ipynb", MAX_NOTEBOOK).decode(), as_version=4)
    except (OSError, ValueError, RecursionError):
        notebook = None
    if not result or not notebook:
        raise FeedbackError("The files that grading wrote are damaged or of another version: grade again with --force.")
    set_language(result.lang)
    sections = sections_of(notebook, result, marks, models_of(instructor, result.lang), reveal)
    graded = [item for section in sections for item in section.graded]
    marked = [item for section in sections for item in section.marked]
    return _render(
        "feedback.html",
        result.lang,
        title=title_of(instructor, result.lang),
        result=result,
        remarks=for_student(result),
        sections=sections,
        points=sum(item.points for item in marked),
        maximum=sum(item.maximum for item in marked),
        waiting=sum(item.maximum for item in graded if item.points is None),
        reveal=reveal,
    )


def _notice(result: Result, instructor: NotebookNode) -> str:
    """Return the page of a submission that could not be graded, in all languages: nobody knows the student's."""
    notices = []
    for lang in LANGUAGES:
        set_language(lang)
        advice = _("No points were given. Hand in your notebook again, or ask your teacher.")
        notices.append((lang, title_of(instructor, lang), why_ungradable(result.reasons[0]), advice))
    return _render("notice.html", LANGUAGES[0], title=result.stage, result=result, notices=notices)


def _render(template: str, lang: str, **values: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(PACKAGE / "pages/templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    styles = {"light": Markup(style("friendly")), "dark": Markup(style("github-dark"))}
    number = partial(format_decimal, locale=lang)
    return environment.get_template(template).render(lang=lang, _=_, number=number, styles=styles, **values)
