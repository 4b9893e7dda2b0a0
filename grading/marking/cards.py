"""One answer as a marker sees it: rendered as feedback pages render it, with the outputs of the student's own run."""

from typing import Any

import nbformat
from markupsafe import Markup, escape
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines

from grading.course.schemes import Scheme
from grading.marking.answers import Answer, Class
from grading.pages.markdown import inline, markdown
from grading.pages.outputs import outputs, without_paths
from grading.pages.room import Room
from grading.pages.sections import models_of
from grading.records.executed import grade_id_of, read_executed, source_of
from grading.results.verdicts import plain
from grading.results.wording import for_instructor
from helpers.messages import LANGUAGES

UNREAD = Markup("<p>The notebook that grading wrote cannot be read: grade again with --force.</p>")


class Cards:
    """Makes the parts of a page that stand for a question, and for an answer to it."""

    def __init__(self, answers: Class, instructor: NotebookNode, schemes: dict[str, Scheme]):
        self._answers, self._instructor, self.schemes = answers, instructor, schemes
        self._models = {lang: models_of(instructor, lang) for lang in LANGUAGES}

    def question(self, name: str, lang: str) -> dict[str, Any]:
        """Return what is the same for all answers to a question in one language."""
        scheme = self.schemes[name]
        return {
            "name": name,
            "lang": lang,
            "asked": markdown(self._asked(name, lang)),
            "model": markdown(self._models[lang].get(name, "")),
            "note": markdown(scheme.rest),
            "boxes": [{"text": inline(box.text), "points": box.points, "kind": box.kind} for box in scheme.boxes],
        }

    def answer(self, answer: Answer) -> dict[str, Any]:
        """Return what a student wrote, and what the cells that the question is about gave in the student's run."""
        room = Room()
        try:
            notebook = read_executed(self._answers.course, answer.student, self._answers.stage)
            cell = next(cell for cell in notebook["cells"] if grade_id_of(cell) == answer.question)
            shown = markdown(source_of(cell), cell.get("attachments"), room)
            ran = self._outputs(notebook, answer.question)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, StopIteration):
            shown, ran = UNREAD, []
        look = f"Look for the answer: {for_instructor(answer.look)}." if answer.look else ""
        return {"text": shown, "outputs": ran, "look": escape(look)}

    def text(self, answer: Answer) -> Markup:
        """Return what a student wrote, as it stands in a list of answers that are alike."""
        return markdown(answer.text)

    def _outputs(self, notebook: dict[str, Any], question: str) -> list[Markup]:
        """Return the outputs of the demos that hold the code which the note names."""
        sees = self.schemes[question].sees
        cells = [
            cell
            for cell in notebook["cells"]
            if cell.get("metadata", {}).get("gradus", {}).get("role") == "demo"
            and any(code in source_of(cell) for code in sees)
        ]
        ran, room = rejoin_lines(nbformat.from_dict({"cells": cells})).cells, Room()
        return [made for cell in ran for made in outputs(cell.get("outputs", []), _tidied, room)]

    def _asked(self, name: str, lang: str) -> str:
        """Return the text above an open question, in one language, up to the cell above that is none."""
        cells = [cell for cell in self._instructor.cells if cell.metadata.gradus.get("lang", lang) == lang]
        place = next(i for i, cell in enumerate(cells) if grade_id_of(cell) == name)
        above = cells[place - 1] if place else None
        return above.source if above and above.metadata.gradus.role == "prose" else ""


def _tidied(text: str) -> str:
    return without_paths(plain(text)).strip("\n")
