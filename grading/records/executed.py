"""The notebooks that grading has run, in autograded/: read as JSON, which somebody may have damaged."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from grading.course.files import read

MAX_NOTEBOOK = 256 * 2**20  # an answer may hold a whole file's pictures, outputs are capped


def read_executed(course: Path, student: str, stage: str, most: int = MAX_NOTEBOOK) -> dict[str, Any]:
    """Return a student's notebook as grading has run it. Raises OSError, and ValueError for what is no notebook."""
    try:
        content = json.loads(read(course / "autograded" / student / stage / f"{stage}.ipynb", most))
    except RecursionError:
        raise ValueError("lists in lists without end") from None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise ValueError("no notebook")
    return content


def sources_in(notebook: dict[str, Any], names: Collection[str]) -> dict[str, str]:
    """Return what is written in the cells of these grade_ids, as far as they are there."""
    return {name: source_of(cell) for cell in notebook["cells"] if (name := grade_id_of(cell)) in names}


def grade_id_of(cell: Any) -> str:
    """Return the grade_id of a cell, "" where it has none."""
    for key in ("metadata", "nbgrader", "grade_id"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell if isinstance(cell, str) else ""


def source_of(cell: dict[str, Any]) -> str:
    """Return a cell's source, which may be a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))
