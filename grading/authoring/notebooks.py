"""Notebooks from the authors' texts: the instructor's, both languages in it, and what nbgrader releases of it."""

import io
import re
import tempfile
import tokenize
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.authoring.cells import Cell, Stage
from grading.authoring.lessons import folded
from grading.authoring.parts import parts_code
from grading.course import plain
from helpers.messages import LANGUAGES

# Checks, and demos longer than this, are folded: students read on, and unfold what they want to see.
FOLDED_LINES = 8
# So JupyterLab and Colab know it; VS Code folds nothing that a file says.
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}
# What French keeps as it is: code, formulas. A lone dollar opens no formula.
VERBATIM = re.compile(r"(```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+(?:\n[^$\n]+)?\$)", re.DOTALL)
PROGRESS = {
    "en": """\
## Your progress

The last cell shows what holds and what is open. You can run `progress()` in a cell of your own, too, wherever you are.
Only what has run since the kernel started counts: after a restart, run the cells again.""",
    "fr": """\
## Votre progression

La dernière cellule montre ce qui est acquis et ce qui reste à faire. Vous pouvez aussi écrire `progress()` dans une
cellule à vous, où que vous soyez. Ne compte que ce qui a été exécuté depuis le démarrage du noyau : après un
redémarrage, exécutez de nouveau les cellules.""",
}
# Where French writes a space that must not end a line. After a bar it is a table's.
NO_BREAK = re.compile(r"(?<![\s|]) (?=[;:?»%]|!(?!\[))|(?<=«) |(?<=\d) (?=\d{3}\b)")


def instructor_notebook(stage: Stage, repository: str, version: str) -> NotebookNode:
    """Expand the author's short form into a notebook with nbgrader's metadata, both languages in it."""
    notebook: NotebookNode = new_notebook()
    notebook.metadata = {
        "gradus": {"stage": stage.name},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    first_setup = stage.of_kind("setup")[:1]
    for position, cell in enumerate(stage.cells):
        if [cell] == first_setup:
            notebook.cells.append(_colab_cell(stage, repository, version))
        notebook.cells.append(_expand(stage, cell, position))
        if [cell] == first_setup:
            _tell_parts(notebook.cells[-1], stage)
    notebook.cells += _progress_cells(stage)
    return notebook


def releases(
    course: Path, stages: list[Stage], files: dict[Path, str], languages: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Run nbgrader's generate_assignment on the instructor notebooks, once for each of these languages.

    Returns the released notebooks by (language, stage name).
    """
    released = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for stage in stages:
            notebook = root / stage.path.with_suffix(".ipynb")
            notebook.parent.mkdir(parents=True)
            notebook.write_text(files[stage.path.with_suffix(".ipynb")], "utf-8")
        for lang in languages:
            plain.generate_assignment(course, root, lang)
            for stage in stages:
                path = root / "release" / lang / stage.name / f"{stage.name}.ipynb"
                released[lang, stage.name] = path.read_text("utf-8")
    return released


def _expand(stage: Stage, cell: Cell, position: int) -> NotebookNode:
    source = cell.source
    metadata: dict[str, Any] = {"gradus": {"role": cell.kind}}
    if cell.kind == "check":
        # A function of its own: students' code does not see the names of the check.
        source = f'@check.graded("{stage.name}", points={cell.points})\ndef {cell.name}():\n{_indented(source)}'
    if cell.kind == "check" or (cell.kind == "demo" and len(source.splitlines()) > FOLDED_LINES):
        metadata |= FOLDED
    if cell.lang:
        metadata["gradus"]["lang"] = cell.lang
        source = _unbroken(source) if cell.lang == "fr" else source
        source = folded(source, cell.lang) if cell.kind == "hint" else source
    if cell.ids:
        metadata["gradus"]["ids"] = list(cell.ids)
    if cell.kind in ("answer", "check", "open"):
        metadata["nbgrader"] = {
            "grade": cell.is_graded,
            "grade_id": cell.name,
            "locked": cell.kind == "check",
            "schema_version": 3,
            "solution": cell.kind != "check",
            "task": False,
        } | ({"points": cell.points} if cell.is_graded else {})
        cell_id = cell.name
    elif cell.kind == "predict":
        metadata["gradus"]["name"] = cell_id = cell.name
    else:
        if cell.kind == "marking":
            metadata["gradus"]["name"] = cell.name
        cell_id = f"{stage.name}-{position}"
    new_cell: Callable[..., NotebookNode] = new_code_cell if cell.is_code else new_markdown_cell
    return new_cell(source, id=cell_id, metadata=metadata)


def _unbroken(prose: str) -> str:
    """Keep French punctuation, and the digits of a number, on the line of the word before."""
    parts = VERBATIM.split(prose)
    parts[::2] = [NO_BREAK.sub("\N{NO-BREAK SPACE}", part) for part in parts[::2]]
    return "".join(parts)


def _indented(source: str) -> str:
    """Indent code by four spaces, but not the inside of strings that span lines."""
    inside = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.STRING
        for line in range(token.start[0] + 1, token.end[0] + 1)
    }
    lines = enumerate(source.splitlines(), start=1)
    return "\n".join(line if number in inside or not line else f"    {line}" for number, line in lines)


def _tell_parts(setup: NotebookNode, stage: Stage) -> None:
    """Have the setup cell start with the parts of the notebook, and keep what it says in each language."""
    starts = {lang: f'lang="{lang}", parts={parts_code(stage, lang)}' for lang in LANGUAGES}
    setup.source = setup.source.replace('lang="en"', starts["en"])
    setup.metadata.gradus.starts = starts


def _progress_cells(stage: Stage) -> Iterator[NotebookNode]:
    """Yield the last cells: they tell students how far they are."""
    cell_id = f"{stage.name}-progress"
    for lang, prose in PROGRESS.items():
        metadata = {"gradus": {"role": "prose", "lang": lang}}
        yield new_markdown_cell(_unbroken(prose) if lang == "fr" else prose, id=f"{cell_id}-{lang}", metadata=metadata)
    source = "from helpers import progress\n\nprogress()"
    yield new_code_cell(source, id=cell_id, metadata={"gradus": {"role": "demo"}})


def _colab_cell(stage: Stage, repository: str, version: str) -> NotebookNode:
    """Return the cell that installs helpers where they are missing, as on Google Colab; torch stays as it is."""
    source = f"""\
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("helpers") is None:  # Google Colab
    address = "git+{repository}@v{version}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", address], check=True)"""
    cell: NotebookNode = new_code_cell(source, id=f"{stage.name}-colab", metadata={"gradus": {"role": "setup"}})
    return cell
