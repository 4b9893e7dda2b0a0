"""Make one submission of all the files that a student handed in, answer by answer."""

import copy
from collections.abc import Mapping
from dataclasses import replace

from nbformat import NotebookNode

from grading.recovery.pieces import essence
from grading.recovery.reading import RebuildError, read_submission
from grading.recovery.rebuild import Rebuilt, rebuild
from grading.results.model import Note, Reason, Remark
from grading.syntax.names import defined_names, used_names


def merge(files: Mapping[str, bytes], instructor: NotebookNode) -> tuple[Rebuilt, tuple[Remark, ...]]:
    """Rebuild the notebook with the most answers, those that it lacks taken from the others; say so if there are any.

    files: the newest first. Raises RebuildError.
    """
    if not files:
        raise RebuildError(Reason.NO_NOTEBOOK)
    rebuilt, errors = {}, []
    for name, content in files.items():
        try:
            rebuilt[name] = _read(content, instructor)
        except RebuildError as error:
            errors.append(_about(name, error, files))
        except Exception as error:  # whatever it makes of our libraries: it would do so at every attempt
            errors.append(_about(name, RebuildError(Reason.UNREAD, error=repr(error)[:200]), files))
    if not rebuilt:
        raise errors[0]
    chosen, *others = sorted(rebuilt, key=lambda name: _order(rebuilt[name]))
    whole, merged = rebuilt[chosen], []
    for other in others:
        whole, names = _filled_up(whole, rebuilt[other])
        merged += [f"{name} ({other})" for name in names]
    unused = [name for name in files if name != chosen]
    remarks = [Remark(Note.SEVERAL_NOTEBOOKS, {"chosen": chosen, "others": unused})] if unused else []
    if merged:
        remarks.append(Remark(Note.MERGED, {"cells": merged}))
    return whole, tuple(remarks)


def _about(name: str, error: RebuildError, files: Mapping[str, bytes]) -> RebuildError:
    """Return the error with the file's name, if there are several."""
    named = {"file": name} if len(files) > 1 else {}
    return RebuildError(error.reason, **named, **error.remark.about)


def _order(rebuilt: Rebuilt) -> tuple[int, int]:
    """Return what is least for the notebook with the most finished answers."""
    return -len(rebuilt.finished), len(rebuilt.unanswered)


def _read(content: bytes, instructor: NotebookNode) -> Rebuilt:
    """Rebuild one file, or both sides of one that holds git's marks, if they do not contradict each other."""
    reading = read_submission(content)
    sides = [rebuild(notebook, instructor, reading.is_cut) for notebook in reading.notebooks]
    first, *others = sorted(sides, key=_order)
    for other in others:
        mine, theirs = _by_name(first), _by_name(other)
        for name in first.finished & other.finished:
            cells = mine[name], theirs[name]
            if len({essence(cell.source, cell.cell_type == "code") for cell in cells}) > 1:
                raise RebuildError(Reason.BOTH_SIDES)
        first, _ = _filled_up(first, other)
    return replace(first, remarks=(*reading.remarks, *first.remarks))


def _filled_up(whole: Rebuilt, other: Rebuilt) -> tuple[Rebuilt, list[str]]:
    """Put finished answers of another notebook, and the helpers that they use, where the first has none."""
    lacks = other.finished - whole.finished
    names = [name for name in _by_name(other) if name in lacks]
    if not names:
        return whole, []
    notebook = copy.deepcopy(whole.notebook)
    cells, theirs = _by_name(whole, notebook), _by_name(other)
    helpers = [
        cell for cell in other.notebook.cells if cell.metadata.gradus.role == "extra" and cell.cell_type == "code"
    ]
    for name in names:
        cell, used = cells[name], set(used_names(theirs[name].source))
        cell.source = theirs[name].source
        if "attachments" in theirs[name]:
            cell.attachments = theirs[name].attachments
        for helper in reversed(helpers):
            if used & defined_names(helper.source) - _defined(notebook):
                used |= used_names(helper.source)
                copied = copy.deepcopy(helper) | {"id": f"extra-{len(notebook.cells)}"}
                notebook.cells.insert(notebook.cells.index(cell), NotebookNode(copied))
    return (
        replace(
            whole,
            notebook=notebook,
            unanswered=tuple(name for name in whole.unanswered if name not in lacks),
            looks={name: look for name, look in whole.looks.items() if name not in lacks}
            | {name: look for name, look in other.looks.items() if name in lacks},
            finished=whole.finished | lacks,
        ),
        names,
    )


def _by_name(rebuilt: Rebuilt, notebook: NotebookNode | None = None) -> dict[str, NotebookNode]:
    """Return the cells of answers and open questions by their names."""
    cells = (notebook or rebuilt.notebook).cells
    return {cell.metadata.nbgrader.grade_id: cell for cell in cells if cell.metadata.gradus.role in ("answer", "open")}


def _defined(notebook: NotebookNode) -> set[str]:
    """Return the names that the cells of a notebook define when it is graded."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return set().union(*(defined_names(cell.source) for cell in cells if cell.metadata.gradus.role != "demo"))
