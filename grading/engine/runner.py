"""Run a rebuilt notebook in warm kernels: each cell within its limits, a dead kernel replaced, its cells replayed."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from functools import partial

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grading.engine.driver import Execution, Kernel
from grading.engine.outputs import Outputs
from grading.engine.task import Limits
from grading.judging.judge import Judge
from grading.recovery.pieces import definitions
from grading.syntax.names import defined_names, used_names
from helpers.messages import _
from helpers.seeds import seed_of


class Place(Enum):
    """Where a cell runs."""

    KERNEL = "in the student's kernel"
    JUDGE = "in the judge, outside it"
    BOTH = "in both"
    NOWHERE = "not at all"


def place_of(cell: NotebookNode, needed: Collection[str] = ()) -> Place:
    """Decide where a cell runs. Demos and predictions only show something, unless they define a name that is needed."""
    if cell.cell_type != "code":
        return Place.NOWHERE
    match cell.metadata.gradus.role:
        case "check":
            return Place.JUDGE
        case "setup":
            return Place.BOTH
        case "demo" | "predict" if not defined_names(cell.source) & set(needed):
            return Place.NOWHERE
    return Place.KERNEL


def needed_of_demos(notebook: NotebookNode) -> set[str]:
    """Return the names that the student's own code uses and no other cell than a demo or a prediction can define."""
    own, used = set(), set()
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.gradus.role not in ("demo", "predict"):
            own |= defined_names(cell.source)
            if cell.metadata.gradus.role in ("answer", "extra"):
                used |= used_names(cell.source)
    return used - own


@dataclass(frozen=True)
class Ran:
    """One cell that was to run: its name, how it ended ("unrun" where no time was left), seconds, and its seed.

    points: of a check that holds in part. skipped: its lines that were, each with what graders lack for it.
    """

    name: str
    ended: str
    seconds: float
    seed: int
    points: float | None = None
    skipped: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the cell came to its own end, be it an error."""
        return self.ended in ("ok", "error")


def name_of(cell: NotebookNode) -> str:
    """Return the name by which a cell is known: its grade_id, or else its id."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)


def run(notebook: NotebookNode, answers: Collection[str], limits: Limits, address: str) -> list[Ran]:
    """Run a notebook's cells in kernels of the fork server at `address`, its checks in this process; fill in outputs.

    answers: the names that checks may ask the kernel for: those that the instructor's answer cells define.

    A cell that kills its kernel, or has to be killed, costs itself only: the next ones go on in a fresh kernel, after
    the earlier ones were replayed there. Raises KernelError, and OSError where there is no fork server.
    """
    return _Runner(notebook.metadata.gradus.stage, limits, address).run(notebook, answers)


class _Runner:
    def __init__(self, stage: str, limits: Limits, address: str):
        self._stage, self._limits, self._address = stage, limits, address
        self._end = time.monotonic() + limits.notebook
        self._replayed: list[NotebookNode] = []

    def run(self, notebook: NotebookNode, answers: Collection[str]) -> list[Ran]:
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        needed = needed_of_demos(notebook)
        cells = [cell for cell in code if place_of(cell, needed) is not Place.NOWHERE]
        for cell in code:
            cell.outputs = _capped(cell.outputs)
        self._judge = Judge(answers)
        kernel, ran = self._kernel(), []
        try:
            for number, cell in enumerate(cells, start=1):
                if not kernel.is_running:
                    kernel.close()
                    kernel = self._replacement()
                if place_of(cell) is Place.BOTH:
                    self._judge.set_up(cell.source)
                execution = self._execute(kernel, cell)
                seconds = round(execution.seconds, 3)
                ran.append(
                    Ran(name_of(cell), execution.ended, seconds, self._seed(cell), execution.points, execution.skipped)
                )
                if execution.why:
                    self._judge.explain(defined_names(cell.source) or definitions(cell.source), execution.why)
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
        seconds = min(self._limits.of(name_of(cell)), left)
        if place_of(cell) is Place.JUDGE:
            # Nobody who knows the kernel's seed may foretell what the judge draws.
            seed = seed_of(self._stage, f"{name_of(cell)} in the kernel")
            return kernel.judge(partial(self._judge.judge, cell.source), seed, seconds)
        return kernel.execute(cell.source, self._seed(cell), seconds)

    def _kernel(self) -> Kernel:
        return Kernel(self._address, self._limits.notebook)

    def _replacement(self) -> Kernel:
        """Start a kernel and replay what ran before, without a cell that now kills it."""
        while True:
            kernel = self._kernel()
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
