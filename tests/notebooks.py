"""Released and instructors' notebooks, and what tests do to their cells."""

import copy
from functools import cache

import nbformat
from nbformat import NotebookNode

from conftest import COURSE
from grading.recovery.rebuild import Rebuilt
from grading.results.wording import for_instructor


@cache
def instructor(stage: str) -> NotebookNode:
    return nbformat.read(COURSE / "source" / stage / f"{stage}.ipynb", as_version=4)


@cache
def released(stage: str, lang: str) -> NotebookNode:
    return nbformat.read(COURSE / "notebooks" / lang / f"{stage}.ipynb", as_version=4)


def contents(notebook: NotebookNode, *roles: str) -> dict[str, str]:
    """Return the sources of the cells of these roles by grade_id."""
    return {
        cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells if cell.metadata.gradus.role in roles
    }


def extras(notebook: NotebookNode) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.metadata.gradus.role == "extra"]


def pasted(cell: NotebookNode, source: str) -> NotebookNode:
    """Return a copy of a cell, marks included, with another source."""
    return NotebookNode(copy.deepcopy(cell), source=source)


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def after(notebook: NotebookNode, name: str, *cells: NotebookNode) -> None:
    """Insert cells after the one of this name."""
    place = notebook.cells.index(cell_of(notebook, name)) + 1
    notebook.cells[place:place] = cells


def said(rebuilt: Rebuilt) -> list[str]:
    return [for_instructor(remark) for remark in rebuilt.remarks]


def strip(notebook: NotebookNode) -> None:
    notebook.metadata = NotebookNode()
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
        cell.pop("id", None)


def notebook_bytes(notebook: NotebookNode) -> bytes:
    return nbformat.v4.writes(notebook).encode()
