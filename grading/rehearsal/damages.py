"""What a damage is, to the files that a made-up student hands in, and what damages are made with."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from grading.results.model import Note, Reason

Files = dict[str, bytes]
Make = Callable[[NotebookNode, random.Random], Files]


@dataclass(frozen=True)
class Damage:
    """What happens to a file, and what grading must say of it, if anything: a remark, or why it cannot be graded."""

    make: Make
    says: Note | Reason | None = None

    @property
    def is_hopeless(self) -> bool:
        """Whether the file cannot be graded."""
        return isinstance(self.says, Reason)


class Damages(dict[str, Damage]):
    """Damages by the names of the functions that do them."""

    def damage(self, says: Note | Reason | None = None) -> Callable[[Make], Make]:
        """Take in the function that is decorated so."""

        def take(make: Make) -> Make:
            self[make.__name__] = Damage(make, says)
            return make

        return take


def whole(notebook: NotebookNode, draw: random.Random) -> Files:
    """Save the notebook as it is. Not checked, unlike by nbformat.write: that takes longer than all else."""
    return {file_name(notebook): f"{nbformat.v4.writes(notebook)}\n".encode()}


def file_name(notebook: NotebookNode) -> str:
    """Return the name under which a notebook is handed in."""
    return f"{notebook.metadata.gradus.stage}.ipynb"


def answered(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of answers that were written."""
    cells = (cell for cell in notebook.cells if cell.metadata.gradus.role == "answer")
    return [cell for cell in cells if "NotImplementedError" not in cell.source]


def insert_after(notebook: NotebookNode, cell: NotebookNode, *others: NotebookNode) -> None:
    """Put cells of the student's own below another one."""
    place = notebook.cells.index(cell) + 1
    for number, other in enumerate(others):
        other.id = f"{cell.id}-below-{number}"
    notebook.cells[place:place] = others
