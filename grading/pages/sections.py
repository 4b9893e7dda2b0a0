"""What a page of feedback shows: answers, what the checks said of them, and what the instructor gave."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from markupsafe import Markup
from nbformat import NotebookNode

from grading.course.release import BEGIN_HIDDEN, visible_part
from grading.pages.markdown import code, inline, markdown
from grading.pages.outputs import MAX_OUTPUT, outputs, without_paths
from grading.pages.room import Room, cut
from grading.records.marks import Mark, Marks
from grading.results.model import CheckResult, Failure, OpenQuestion, Result
from grading.results.verdicts import plain
from grading.results.wording import one_line
from helpers.evidence.markup import to_html
from helpers.messages import _

# Of a message where it stands in a list, in characters.
MAX_SAID = 400


@dataclass
class Item:
    """One thing on a page: an answer, an open question, a check, or a cell that the student added (kind "extra").

    shown: what the student wrote, None where that is nothing. outcome: "right", "partly", "wrong", or "" where nothing
    is known yet. note: what there is to say of the points. exercise: the answer that a check is of. says: its message
    in one line.
    """

    kind: str
    name: str
    exercise: str = ""
    says: str = ""
    shown: Markup | None = None
    outputs: list[Markup] = field(default_factory=list)
    points: float | None = None
    maximum: float = 0.0
    outcome: str = ""
    note: str = ""
    message: Markup | None = None
    evidence: Markup | None = None
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
    def extras(self) -> list[Item]:
        """The cells that the student added."""
        return [item for item in self.items if item.kind == "extra"]

    @property
    def marked(self) -> list[Item]:
        """Those of them that have points."""
        return [item for item in self.graded if item.points is not None]


def sections_of(
    notebook: NotebookNode,
    result: Result,
    marks: Marks,
    models: Mapping[str, str],
    reveal: Collection[str],
) -> list[Section]:
    """Return what the student is shown, by the heading that it stands under."""
    verdicts = {verdict.name: verdict for verdict in result.verdicts}
    checks = {check.name: check for check in result.checks}
    tidy = _tidier(notebook)
    sections, section = [], Section(Markup(""))
    rooms = {"answer": Room(), "extra": Room()}  # no cell that was added takes the room of an answer
    rooms["open"], exercise = rooms["answer"], ""
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
            exercise = exercise if role == "extra" else name
            if role == "extra" and room.is_used_up:
                continue
            if name not in result.unanswered:
                item.shown = code(cell.source, room) if cell.cell_type == "code" else _text(cell, room)
                item.outputs = outputs(cell.get("outputs", []), tidy, room)
            if mark.comment:
                item.comment = markdown(mark.comment)
            if role == "open" and "models" in reveal and name in models:
                item.model = markdown(models[name])
        elif role == "check" and name in checks:
            item, said = Item(role, name, exercise), tidy(checks[name].message)
            if "messages" in reveal and said:
                item.message = _message(checks[name].failure, said)
                evidence = checks[name].evidence
                item.evidence = Markup(to_html(evidence)) if evidence else None
                item.says = cut(one_line(replace(checks[name], message=said)), MAX_SAID)
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


def title_of(instructor: NotebookNode, lang: str) -> Markup:
    """Return the title of the stage in one language."""
    prose = (cell for cell in instructor.cells if cell.metadata.gradus.get("lang") == lang)
    return inline(next(prose).source.splitlines()[0].lstrip("# "))


def _heading(source: str) -> Markup | None:
    """Return the last heading of some prose, without how long it takes; None where there is none, "" for a title."""
    headings = re.findall(r"(?m)^(#+) +(.+)$", source)
    if not headings:
        return None
    level, text = headings[-1]
    return inline(re.sub(r" · (?:about|environ) \d+ minutes?\s*$", "", text)) if len(level) > 1 else Markup("")


def _text(cell: NotebookNode, room: Room) -> Markup:
    return markdown(cell.source, cell.get("attachments"), room)


def _message(failure: Failure | None, text: str) -> Markup:
    """Return what a failed check said: a sentence, or the student's own lines that raised an error."""
    has_lines = failure is Failure.RAISED and "\n" in text
    shape = '<pre class="output">{}</pre>' if has_lines else '<p class="message">{}</p>'
    return Markup(shape).format(cut(text, MAX_OUTPUT))


def _visible_test(cell: NotebookNode) -> Markup | None:
    visible = visible_part(cell.source).strip()
    return None if BEGIN_HIDDEN in visible else code(visible)


def models_of(instructor: NotebookNode, lang: str) -> dict[str, str]:
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
    # `helpers.setup.own_lines` leaves an error the student's own frames, but in the student's process, whose code can
    # undo that or print what it likes. Here there is only text, of which no line of a hidden test may be left.
    own, known = {""}, {""}
    secret: set[str] = set()
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
        return without_paths("\n".join(lines)).strip("\n")

    return tidy


def _lines(source: str) -> set[str]:
    return {line.strip() for line in source.splitlines()}
