"""Run a notebook's cells in a forked process, fast: what the tests of the tests need, without nbgrader."""

import io
import multiprocessing
from collections.abc import Iterable
from contextlib import redirect_stdout
from functools import partial

import matplotlib.pyplot as plt  # noqa: F401
import torch
import torch._dynamo
import torch.fx.experimental.symbolic_shapes
import torch.utils.tensorboard
from nbformat import NotebookNode

import helpers  # noqa: F401  so that each fork has it, and what its checks import slowly

torch.set_num_threads(1)

Errors = dict[str, str]


def run_each(notebooks: Iterable[NotebookNode], roles: tuple[str, ...] = ("setup", "answer", "check")) -> list[Errors]:
    """Run the cells of these roles of each notebook in a fresh process; return what went wrong in each.

    Errors come by grade_id, or else by cell id: what a student would read.
    """
    with multiprocessing.get_context("fork").Pool(processes=2, maxtasksperchild=1) as pool:
        return pool.map(partial(_run, roles=roles), notebooks, chunksize=1)


def _run(notebook: NotebookNode, roles: tuple[str, ...]) -> Errors:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    errors = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.gradus.role in roles:
            with redirect_stdout(io.StringIO()):
                result = shell.run_cell(cell.source)
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                text = getattr(error, "_render_traceback_", lambda error=error: [f"{type(error).__name__}: {error}"])()
                errors[cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)] = "\n".join(text)
    return errors
