"""Notebooks from the authors' texts: the instructor's, both languages in it, and what nbgrader releases of it."""

import io
import re
import tempfile
import tokenize
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.authoring.cells import Cell, Stage
from grading.authoring.lessons import folded
from grading.course import plain

# Checks, and demos longer than this, are folded: students read on, and unfold what they want to see.
FOLDED_LINES = 8
# What French keeps as it is: code, formulas. A lone dollar opens no formula.
VERBATIM = re.compile(r"(```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+(?:\n[^$\n]+)?\$)", re.DOTALL)
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
        metadata["jupyter"] = {"source_hidden": True}
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
