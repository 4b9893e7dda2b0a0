"""Verdicts: what each check and open question of an executed notebook gave."""

import math
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


def partial_credit(cell: NotebookNode) -> float | None:
    """Return the points, between 0 and the check's, that a check gave as its last value; None where it gave none.

    As under nbgrader, a last value that is no number means nothing. A truth value is no number, and NaN is 0.
    """
    results = [output for output in cell.outputs if output.output_type == "execute_result"]
    text = str(results[0].data.get("text/plain", "")) if results else ""
    try:
        points = float(re.sub(r"^(?:np\.\w+|tensor)\((.*)\)$", r"\1", text))
    except ValueError:
        return None
    return 0.0 if math.isnan(points) else min(max(points, 0.0), float(cell.metadata.nbgrader.points))
