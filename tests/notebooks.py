"""Run a notebook's cells in a forked process, fast: what the tests of the tests need, without nbgrader."""

import io
import multiprocessing
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout

import torch
from nbformat import NotebookNode

import helpers  # noqa: F401  so that each fork has it

torch.set_num_threads(1)

Errors = dict[str, str]


def run(notebook: NotebookNode, roles: tuple[str, ...] = ("setup", "answer", "check")) -> Errors:
    """Run the code cells of these roles in IPython; return what went wrong, by grade_id or else cell id."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    errors = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or cell.metadata.gradus.role not in roles:
            continue
        with redirect_stdout(io.StringIO()):
            stderr, sys.stderr = sys.stderr, sys.stdout
            result = shell.run_cell(cell.source, store_history=True)
            sys.stderr = stderr
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            render = getattr(error, "_render_traceback_", lambda error=error: [f"{type(error).__name__}: {error}"])
            errors[cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)] = "\n".join(render())
    return errors


def run_each(notebooks: Iterable[NotebookNode]) -> list[Errors]:
    """Run notebooks side by side, each in a fresh process."""
    with multiprocessing.get_context("fork").Pool(processes=2, maxtasksperchild=1) as pool:
        return pool.map(run, notebooks, chunksize=1)
