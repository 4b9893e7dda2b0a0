"""Verdicts: what each check and open question of an executed notebook gave."""

import re
from dataclasses import dataclass

from nbformat import NotebookNode

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Verdict:
    """What one check or open question gave.

    points: out of `maximum`; None for an open question that waits for a marker. message: why a check failed.
    by_hand: whether it is an open question.
    """

    name: str
    points: float | None
    maximum: float
    message: str
    by_hand: bool


def message_of(cell: NotebookNode) -> str:
    """Return what a failed check said, without colours and without the line that repeats its name."""
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    text = "\n".join(ANSI.sub("", line) for error in errors for line in error.traceback)
    return text.removeprefix(f"✗ {cell.metadata.nbgrader.grade_id}\n").strip()
