"""Verdicts: how the checks of an executed notebook failed, and in what words."""

import re
from contextlib import suppress

from nbformat import NotebookNode

from grading.results.model import Failure
from helpers.evidence.model import Evidence, from_json

ANSI = re.compile(r"\x1b\[[0-9;]*m")
# The first lines of a traceback, as IPython writes it.
HEAD = re.compile(r"^-{5,}\n.*Traceback \(most recent call last\)\n", re.MULTILINE)
# By the type of the exception that a check cell ended with; students' own exceptions have any other.
FAILURES = {
    "CheckFailed": Failure.MISTAKE,
    "NotImplementedError": Failure.UNWRITTEN,
    "Stopped": Failure.LOST,
}


def failure_of(cell: NotebookNode) -> Failure:
    """Tell how a check that lost points failed."""
    error = next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)
    return Failure.MISTAKE if error is None else FAILURES.get(error.ename, Failure.RAISED)


def message_of(cell: NotebookNode) -> str:
    """Return what a check that lost points said: a sentence, or the student's own lines that raised an exception."""
    outputs = cell.get("outputs", [])
    errors = [output for output in outputs if output.output_type == "error"]
    if failure_of(cell) is Failure.UNWRITTEN:
        return str(errors[0].evalue)
    text = "\n".join(plain("\n".join(error.traceback)) for error in errors) or "".join(
        output.text for output in outputs if output.output_type == "stream"
    )
    return text.rpartition(f"✗ {cell.metadata.nbgrader.grade_id}\n")[2].strip()


def evidence_of(cell: NotebookNode) -> Evidence | None:
    """Return what a notebook shows beside the sentence of a check that failed."""
    for output in cell.get("outputs", []):
        if output.output_type == "display_data" and "gradus" in output.metadata:
            with suppress(KeyError, TypeError, ValueError):  # whatever a student's code has shown
                return from_json(output.metadata["gradus"])
    return None


def plain(text: str) -> str:
    """Return what Python printed without colours, and without the heads of tracebacks."""
    return HEAD.sub("", ANSI.sub("", text))
