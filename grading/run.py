"""Run a rebuilt notebook in warm kernels: each cell within its limits, a dead kernel replaced, its cells replayed."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grading.kernel import Execution, Kernel
from grading.outputs import Outputs
from grading.source import defined_names, used_names
from helpers.messages import _
from helpers.seeds import seed_of

# What cells and notebooks get at the least, in seconds; else so many times what the reference took.
CELL_SECONDS = 30
NOTEBOOK_SECONDS = 300
TIMES_REFERENCE = 10


class Place(Enum):
    """Where a cell runs."""

    KERNEL = "in the student's kernel"
    NOWHERE = "not at all"


def place_of(cell: NotebookNode, needed: Collection[str] = ()) -> Place:
    """Decide where a cell runs. Demos only show something, unless they define a name that is needed."""
    if cell.cell_type != "code":
        return Place.NOWHERE
    if cell.metadata.gradus.role == "demo" and not defined_names(cell.source) & set(needed):
        return Place.NOWHERE
    return Place.KERNEL


def needed_of_demos(notebook: NotebookNode) -> set[str]:
    """Return the names that the student's own code uses and no other cell than a demo can define."""
    own, used = set(), set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.gradus.role != "demo":
            own |= defined_names(cell.source)
            if cell.metadata.gradus.role in ("answer", "extra"):
                used |= used_names(cell.source)
    return used - own


@dataclass(frozen=True)
class Limits:
    """How long cells, by their names, and the whole notebook may take, in seconds."""

    cells: Mapping[str, float] = field(default_factory=dict)
    notebook: float = NOTEBOOK_SECONDS

    @classmethod
    def from_reference(cls, seconds: Mapping[str, float]) -> "Limits":
        """Derive the limits from what each cell of the reference notebook took."""
        limits = {name: TIMES_REFERENCE * took for name, took in seconds.items()}
        cells = {name: limit for name, limit in limits.items() if limit > CELL_SECONDS}
        return cls(cells, max(NOTEBOOK_SECONDS, sum(limits.values())))

    def of(self, name: str) -> float:
        """Return the limit of one cell."""
        return self.cells.get(name, CELL_SECONDS)


@dataclass(frozen=True)
class Ran:
    """One cell that was to run: its name, how it ended ("unrun" where no time was left), seconds, and its seed."""

    name: str
    ended: str
    seconds: float
    seed: int

    @property
    def is_whole(self) -> bool:
        """Whether the cell came to its own end, be it an error."""
        return self.ended in ("ok", "error")


def name_of(cell: NotebookNode) -> str:
    """Return the name by which a cell is known: its grade_id, or else its id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)


def run(notebook: NotebookNode, limits: Limits, address: str) -> list[Ran]:
    """Run a notebook's cells in kernels of the fork server at `address`; fill in their outputs.

    A cell that kills its kernel, or has to be killed, costs itself only: the next ones go on in a fresh kernel, after
    the earlier ones were replayed there. Raises KernelError, and OSError where there is no fork server.
    """
    return _Runner(notebook.metadata.gradus.stage, limits, address).run(notebook)


class _Runner:
    def __init__(self, stage: str, limits: Limits, address: str):
        self._stage, self._limits, self._address = stage, limits, address
        self._end = time.monotonic() + limits.notebook
        self._replayed: list[NotebookNode] = []

    def run(self, notebook: NotebookNode) -> list[Ran]:
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        needed = needed_of_demos(notebook)
        cells = [cell for cell in code if place_of(cell, needed) is Place.KERNEL]
        for cell in code:
            cell.outputs = _capped(cell.outputs)
        kernel, ran = Kernel(self._address), []
        try:
            for number, cell in enumerate(cells, start=1):
                if not kernel.is_running:
                    kernel.close()
                    kernel = self._replacement()
                execution = self._execute(kernel, cell)
                ran.append(Ran(name_of(cell), execution.ended, round(execution.seconds, 3), self._seed(cell)))
                if cell.metadata.gradus.role != "demo":  # those keep the outputs that were handed in
                    cell.outputs, cell.execution_count = execution.outputs, number
                if not ran[-1].is_whole:
                    cell.outputs.append(self._note(execution))
                elif cell.metadata.gradus.role != "check":  # a check defines nothing that is needed later
                    self._replayed.append(cell)
        finally:
            kernel.close()
        return ran

    def _execute(self, kernel: Kernel, cell: NotebookNode) -> Execution:
        left = self._end - time.monotonic()
        if left <= 0:
            return Execution("unrun", [], 0.0)
        return kernel.execute(cell.source, self._seed(cell), min(self._limits.of(name_of(cell)), left))

    def _replacement(self) -> Kernel:
        """Start a kernel and replay what ran before, without a cell that now kills it."""
        while True:
            kernel = Kernel(self._address)
            for cell in list(self._replayed):
                if self._execute(kernel, cell).ended not in ("ok", "error") or not kernel.is_running:
                    self._replayed.remove(cell)
                if not kernel.is_running:
                    kernel.close()
                    break
            else:
                return kernel

    def _seed(self, cell: NotebookNode) -> int:
        return seed_of(self._stage, name_of(cell))

    def _note(self, execution: Execution) -> NotebookNode:
        """Return an error output that tells the student what happened."""
        if execution.ended == "died":
            sentence = _("This cell ended Python itself: look for exit, a crash or too much memory.")
        elif execution.ended == "stopped":
            seconds = round(execution.seconds)
            sentence = _("Stopped after {seconds} seconds: does a loop never end?").format(seconds=seconds)
        else:
            seconds = round(self._limits.notebook)
            sentence = _("Not run: the notebook had used up its {seconds} seconds.").format(seconds=seconds)
        return new_output("error", ename="Stopped", evalue=sentence, traceback=[sentence])


def _capped(nodes: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs of a cell that is not run, no larger than those of one that is."""
    outputs = Outputs()
    for node in nodes:
        outputs.add_node(node)
    return outputs.finish()
