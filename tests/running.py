"""Run a notebook's cells in forked processes, fast: what the tests of the tests need, without nbgrader."""

import gc
import io
import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache, partial
from traceback import walk_tb
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import NotebookNode
from unsaid import unsaid

from grading.course.release import BEGIN_HIDDEN, END_HIDDEN
from grading.engine.imports import preload, slow_imports
from grading.guest import image
from grading.sandbox.libc import collapse_memory
from helpers.messages import LANGUAGES, set_language

image.preload()

PROCESSES = 2
Errors = dict[str, str]


@dataclass(frozen=True)
class Replacement:
    """An answer to stand in the place of a notebook's own, by its grade_id, and which checks are run with it.

    langs: in the first all those are run, in each other one those that failed.
    """

    name: str
    source: str
    checks: Collection[str]
    langs: Sequence[str] = ("en",)


@dataclass(frozen=True)
class Replaced:
    """What an answer in the place of a notebook's own made go wrong.

    errors: in each language. hidden: the checks that failed in their hidden tests only.
    """

    errors: list[Errors]
    hidden: list[str]


def run_each(notebooks: Iterable[NotebookNode], roles: tuple[str, ...] = ("setup", "answer", "check")) -> list[Errors]:
    """Run the cells of these roles of each notebook in a fresh process; return what went wrong in each.

    Errors come by grade_id, or else by cell id: what a student would read, or that a picture has no words.
    """
    with multiprocessing.get_context("fork").Pool(PROCESSES, maxtasksperchild=1) as pool:
        return pool.map(partial(_run, roles=roles), notebooks, chunksize=1)


def run_warm(notebook: NotebookNode) -> tuple[Errors, list[str]]:
    """Run the setup, answer and check cells where all is imported that a server imports for the stage's guests.

    Return what went wrong, and the modules that were imported all the same.
    """
    preload_for(notebook)
    before = set(sys.modules)
    return _run(notebook, ("setup", "answer", "check")), sorted(sys.modules.keys() - before)


def preload_for(notebook: NotebookNode, *others: str) -> None:
    """Import what a server imports for the stage's guests, and what other code would take seconds to import."""
    for name in slow_imports("\n".join((json.dumps(notebook), *others)).encode()):
        preload(name)


def run_replaced(notebook: NotebookNode, answers: Sequence[Replacement]) -> list[Replaced]:
    """Run the notebook once for each answer, in a fork."""
    shares = [range(i, len(answers), PROCESSES) for i in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("fork")) as pool:
        walks = [pool.submit(_walk, notebook, {n: answers[n] for n in share}) for share in shares]
        found: dict[int, Replaced] = {}
        for walk in walks:
            found |= walk.result()
    return [found[n] for n in range(len(answers))]


def _walk(notebook: NotebookNode, answers: Mapping[int, Replacement]) -> dict[int, Replaced]:
    """Run setup and answer cells one after the other; at each answer fork, and go on with what stands in its place."""
    preload_for(notebook, *(answer.source for answer in answers.values()))
    shell, found = InteractiveShell.instance(), {}
    cells = [cell for cell in notebook.cells if role_of(cell) in ("setup", "answer", "check")]
    # What each fork would read for itself: the catalogues, and in cells what IPython looks for.
    for lang in LANGUAGES:
        set_language(lang)
    shell.transform_cell = cache(shell.transform_cell)
    for cell in cells:
        shell.transform_cell(cell.source)
    gc.freeze()
    collapse_memory()
    for place, cell in enumerate(cells):
        for n, answer in answers.items():
            if name_of(cell) == answer.name and role_of(cell) == "answer":
                said = forked(partial(_go_on, shell, answer, cells[place + 1 :]))
                found[n] = Replaced(**(said or {"errors": [{"answer": "it ended Python itself"}], "hidden": []}))
        if role_of(cell) != "check":
            _run_cell(shell, cell.source)
    return found


def _go_on(shell: InteractiveShell, answer: Replacement, later: list[NotebookNode]) -> dict[str, list]:
    """Run an answer and the cells below it, down to its last check; then in the other languages those that failed."""
    last = max((i for i, cell in enumerate(later) if _is_one_of(cell, answer.checks)), default=-1)
    later = later[: last + 1]
    own: Errors = {}
    hidden: list[str] = []
    found: list[Errors] = [{} for _ in answer.langs]
    set_language(answer.langs[0])
    _note(own, answer.name, _run_cell(shell, answer.source))
    for cell in later:
        if role_of(cell) != "check" or _is_one_of(cell, answer.checks):
            _note(found[0], name_of(cell), _run_cell(shell, cell.source, name_of(cell), hidden))
    for lang, errors in zip(answer.langs[1:], found[1:], strict=True):
        set_language(lang)
        for cell in later:
            if name_of(cell) in found[0]:
                _note(errors, name_of(cell), _run_cell(shell, cell.source))
    return {"errors": [own | errors for errors in found], "hidden": hidden}


def _is_one_of(cell: NotebookNode, checks: Collection[str]) -> bool:
    return role_of(cell) == "check" and name_of(cell) in checks


def forked(function: Callable[[], Any]) -> Any:
    """Call a function in a fork of this process; return what it returned, of plain values; None if that died."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "w") as file:
                json.dump(function(), file)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        said = file.read()
    os.waitpid(pid, 0)
    return json.loads(said) if said else None


def _run(notebook: NotebookNode, roles: tuple[str, ...]) -> Errors:
    shell, errors = InteractiveShell.instance(), {}
    for cell in notebook.cells:
        if role_of(cell) in roles:
            with capture_output(stdout=False, stderr=False) as shown:
                _note(errors, name_of(cell), _run_cell(shell, cell.source))
            if pictures := unsaid(output.data for output in shown.outputs):
                errors.setdefault(name_of(cell), f"it shows pictures without words: {pictures}")
    return errors


def _run_cell(shell: InteractiveShell, source: str, check: str = "", hidden: list[str] | None = None) -> str | None:
    """Run a cell; return what a student would read of its error. hidden: gets the check that failed where none sees."""
    with redirect_stdout(io.StringIO()) as printed:
        result = shell.run_cell(source)
    error = result.error_before_exec or result.error_in_exec
    if error is None:  # a check that holds in part shows its points
        is_partly = source.startswith("@check.graded") and result.result is not None
        return f"{printed.getvalue()}\nearns {result.result}" if is_partly else None
    if hidden is not None and _is_hidden(error, source, check):
        hidden.append(check)
    return "\n".join(getattr(error, "_render_traceback_", lambda: [f"{type(error).__name__}: {error}"])())


def _is_hidden(error: BaseException | None, source: str, check: str) -> bool:
    """Whether a check failed on a line that students do not get."""
    lines = source.splitlines()
    while error is not None:
        for frame, line in walk_tb(error.__traceback__):
            if frame.f_code.co_name == check:
                marks = [text.strip() for text in lines[:line] if text.strip() in (BEGIN_HIDDEN, END_HIDDEN)]
                return marks[-1:] == [BEGIN_HIDDEN]
        error = error.__cause__ or error.__context__
    return False


def _note(errors: Errors, name: str, message: str | None) -> None:
    if message is not None:
        errors[name] = message


def role_of(cell: NotebookNode) -> str:
    """Return what a cell of code is for, "" for text."""
    return cell.metadata.gradus.role if cell.cell_type == "code" else ""


def name_of(cell: NotebookNode) -> str:
    """Return the grade_id of a cell, or else its id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
