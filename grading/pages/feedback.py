"""Feedback: one page per student, with the answers, what the checks said of them, and what the instructor gave."""

import re
from collections.abc import Callable, Collection, Mapping
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
from grading.course.release import BEGIN_HIDDEN, visible_part
from grading.pages import markup
from grading.records.marks import Mark, Marks, read_marks
from grading.records.submissions import RESULT, read_result
from grading.results.model import CheckResult, Failure, OpenQuestion, Result
from grading.results.verdicts import plain
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


@dataclass
class Item:
    """One thing on a page: an answer, an open question, a check, or a cell that the student added (kind "extra").

    shown: what the student wrote, None where that is nothing. outcome: "right", "partly", "wrong", or "" where nothing
    is known yet. note: what there is to say of the points.
    """

    kind: str
    name: str
    shown: Markup | None = None
    outputs: list[Markup] = field(default_factory=list)
    points: float | None = None
    maximum: float = 0.0
    outcome: str = ""
    note: str = ""
    message: Markup | None = None
    test: Markup | None = None
    comment: Markup | None = None
    model: Markup | None = None


@dataclass
class Section:
    """What stands under one heading of the notebook."""

    heading: Markup
    items: list[Item] = field(default_factory=list)

    @property
    def graded(self) -> list[Item]:
        """The checks and open questions."""
        return [item for item in self.items if item.maximum]

    @property
    def marked(self) -> list[Item]:
        """Those of them that have points."""
        return [item for item in self.graded if item.points is not None]


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
    sections = _sections(notebook, result, marks, _models(instructor, result.lang), reveal)
    graded = [item for section in sections for item in section.graded]
    marked = [item for section in sections for item in section.marked]
    return _render(
        "feedback.html",
        result.lang,
        title=_title(instructor, result.lang),
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
        notices.append((lang, _title(instructor, lang), why_ungradable(result.reasons[0]), advice))
    return _render("notice.html", LANGUAGES[0], title=result.stage, result=result, notices=notices)


def _render(template: str, lang: str, **values: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(PACKAGE / "pages/templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    styles = {"light": Markup(markup.style("friendly")), "dark": Markup(markup.style("github-dark"))}
    number = partial(format_decimal, locale=lang)
    return environment.get_template(template).render(lang=lang, _=_, number=number, styles=styles, **values)


def _sections(
    notebook: NotebookNode,
    result: Result,
    marks: Marks,
    models: Mapping[str, str],
    reveal: Collection[str],
) -> list[Section]:
    """Return what the student is shown, by the heading that it stands under."""
    verdicts = {one.name: one for one in (*result.checks, *result.questions)}
    tidy = _tidier(notebook)
    sections, section = [], Section(Markup(""))
    rooms = {"answer": markup.Room(), "extra": markup.Room()}  # no cell that was added takes the room of an answer
    rooms["open"] = rooms["answer"]
    for cell in notebook.cells:
        role = cell.metadata.get("gradus", {}).get("role", "extra")
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        mark = marks.get(name, Mark())
        if role == "prose":
            heading = _heading(cell.source)
            section = section if heading is None else Section(heading)
            continue
        if role in ("answer", "open", "extra"):
            item, room = Item(role, name), rooms[role]
            if role == "extra" and room.is_used_up:
                continue
            if name not in result.unanswered:
                item.shown = markup.code(cell.source, room) if cell.cell_type == "code" else _text(cell, room)
                item.outputs = markup.outputs(cell.get("outputs", []), tidy, room)
            if mark.comment:
                item.comment = markup.markdown(mark.comment)
            if role == "open" and "models" in reveal and name in models:
                item.model = markup.markdown(models[name])
        elif role == "check" and name in verdicts:
            item = Item(role, name)
            if "messages" in reveal and verdicts[name].message:
                item.message = _message(verdicts[name].failure, tidy(verdicts[name].message))
            if "tests" in reveal:
                item.test = _visible_test(cell)
        else:
            continue
        if name in verdicts:
            _score(item, verdicts[name], mark)
        if not section.items:
            sections.append(section)
        section.items.append(item)
    return sections


def _score(item: Item, verdict: CheckResult | OpenQuestion, mark: Mark) -> None:
    """Give an item its points: the instructor's where there are any, else those of grading, and extra credit."""
    item.maximum = verdict.maximum
    points = verdict.points if mark.points is None else mark.points
    if points is None:
        item.note = _("not yet marked")
        return
    item.points = points + mark.extra
    item.outcome = "wrong" if points <= 0 else "partly" if points < item.maximum else "right"
    if mark.is_old:
        item.note = _("given for an earlier answer")


def _title(instructor: NotebookNode, lang: str) -> Markup:
    prose = (cell for cell in instructor.cells if cell.metadata.gradus.get("lang") == lang)
    return markup.inline(next(prose).source.splitlines()[0].lstrip("# "))


def _heading(source: str) -> Markup | None:
    """Return the last heading of some prose, without how long it takes; None where there is none, "" for a title."""
    headings = re.findall(r"(?m)^(#+) +(.+)$", source)
    if not headings:
        return None
    level, text = headings[-1]
    return markup.inline(re.sub(r" · (?:about|environ) \d+ minutes?\s*$", "", text)) if len(level) > 1 else Markup("")


def _text(cell: NotebookNode, room: markup.Room) -> Markup:
    return markup.markdown(cell.source, cell.get("attachments"), room)


def _message(failure: Failure | None, text: str) -> Markup:
    """Return what a failed check said: a sentence, or the student's own lines that raised an error."""
    has_lines = failure is Failure.RAISED and "\n" in text
    shape = '<pre class="output">{}</pre>' if has_lines else '<p class="message">{}</p>'
    return Markup(shape).format(markup.cut(text, markup.MAX_OUTPUT))


def _visible_test(cell: NotebookNode) -> Markup | None:
    visible = visible_part(cell.source).strip()
    return None if BEGIN_HIDDEN in visible else markup.code(visible)


def _models(instructor: NotebookNode, lang: str) -> dict[str, str]:
    """Return the model answers to open questions in one language, as far as they are marked by language."""
    models = {}
    for cell in instructor.cells:
        if cell.metadata.gradus.role == "open":
            parts = re.split(r"(?m)^\*\*(English|Français)\.\*\*[ \n]*", cell.source)
            by_language = dict(zip(parts[1::2], parts[2::2], strict=True))
            wanted = {"en": "English", "fr": "Français"}[lang]
            models[cell.metadata.nbgrader.grade_id] = by_language.get(wanted, cell.source)
    return models


def _tidier(notebook: NotebookNode) -> Callable[[str], str]:
    """Return a function that takes out of what Python printed all that is not the student's.

    These are folders of the machine, and lines of hidden tests, which the code of a student may have got hold of.
    """
    own, known, secret = {""}, {""}, set()
    for cell in notebook.cells:
        role = cell.metadata.get("gradus", {}).get("role", "extra")
        if role == "check":
            visible = visible_part(cell.source)
            known |= _lines(visible)
            secret |= _lines(cell.source)
        elif role in ("answer", "open", "extra"):
            own |= _lines(cell.source)
    secret -= own | known

    def tidy(text: str) -> str:
        lines = (line for line in plain(text).split("\n") if line.strip() not in secret)
        return markup.without_paths("\n".join(lines)).strip("\n")

    return tidy


def _lines(source: str) -> set[str]:
    return {line.strip() for line in source.splitlines()}
