"""What students get of an instructor's notebook: one of its languages, and stubs in place of the answers."""

import re
from collections.abc import Callable

from nbformat import NotebookNode

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
STUB = {
    "en": '# YOUR CODE HERE\nraise NotImplementedError("{name} is not written yet")',
    "fr": '# VOTRE CODE ICI\nraise NotImplementedError("{name} reste à écrire")',
}
# The text_stub of nbgrader_config.py.
TEXT_STUB = "*Write your answer here. · Écrivez votre réponse ici.*"
# What no student gets: notes for markers, and what the tests run on the demos.
WITHHELD = ("marking", "claim")


def keep_language(notebook: NotebookNode, lang: str) -> None:
    """Keep the prose of one language, drop what no student gets, and have the setup cell start in it; in place."""
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.gradus.role not in WITHHELD and cell.metadata.gradus.get("lang", lang) == lang
    ]
    for cell in notebook.cells:
        cell.source = in_language(cell, lang)
        cell.metadata.gradus.pop("starts", None)
    notebook.metadata.gradus.lang = lang


def in_language(cell: NotebookNode, lang: str) -> str:
    """Return the source of a cell; the setup cell starts in this language, with the parts of the notebook."""
    source: str = cell.source
    starts = cell.metadata.gradus.get("starts", {"en": 'lang="en"', lang: f'lang="{lang}"'})
    return source.replace(starts["en"], starts[lang]) if cell.metadata.gradus.role == "setup" else source


def stub(name: str, lang: str, indent: str = "") -> str:
    """Return the lines that stand for the solution of an answer, with this indentation."""
    return "\n".join(indent + line for line in STUB[lang].format(name=name).splitlines())


def replace_solution(source: str, stub: Callable[[str], str]) -> str:
    """Put `stub(indentation)` in the place of each solution of an answer."""
    return re.sub(rf"(?ms)^([ \t]*){BEGIN}.*?{END}[^\n]*$", lambda found: stub(found[1]), source)


def visible_part(source: str) -> str:
    """Return a check as a student gets it: without its hidden tests."""
    return re.sub(rf"(?ms)^[ \t]*{BEGIN_HIDDEN}.*?{END_HIDDEN}[^\n]*$", "", source)


def as_released(cell: NotebookNode, lang: str) -> str:
    """Return the source of an instructor's cell as students of this language get it."""
    role = cell.metadata.gradus.role
    if role == "answer":
        name = cell.metadata.nbgrader.grade_id
        return replace_solution(cell.source, lambda indent: stub(name, lang, indent))
    if role == "check":
        return visible_part(cell.source)
    return TEXT_STUB if role == "open" else in_language(cell, lang)
