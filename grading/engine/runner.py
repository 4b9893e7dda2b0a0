"""Run a rebuilt notebook in guests: each cell within its limits, a dead guest replaced, its cells replayed."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from functools import partial

from nbformat import NotebookNode
from nbformat.v4 import new_output

from grading.engine.driver import Execution, Guest
from grading.engine.outputs import Outputs
from grading.engine.task import Limits
from grading.judging.judge import Judge
from grading.syntax.definitions import intended_names
from grading.syntax.names import defined_names, used_names
from helpers.evidence.model import Evidence
from helpers.messages import _
from helpers.seeds import seed_of


class Place(Enum):
    """Where a cell runs."""

    GUEST = "in the guest"
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
    return Place.GUEST


def needed_of_demos(notebook: NotebookNode) -> set[str]:
    """Return the names that the student's own code uses and no other cell than a demo or a prediction can define."""
    own, used = set[str](), set[str]()
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.metadata.gradus.role not in ("demo", "predict"):
            own |= defined_names(cell.source)
            if cell.metadata.gradus.role in ("answer", "extra"):
                used |= used_names(cell.source)
    return used - own


@dataclass(frozen=True)
class Ran:
    """One cell that was to run: its name, how it ended ("unrun" where no time was left), seconds, and its seed.

    points: of a check that holds in part. skipped: its lines that were, each with what graders lack for it. evidence:
    of a check that fails.
    """

    name: str
    ended: str
    seconds: float
    seed: int
    points: float | None = None
    skipped: tuple[str, ...] = ()
    evidence: Evidence | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the cell came to its own end, be it an error."""
        return self.ended in ("ok", "error")


def name_of(cell: NotebookNode) -> str:
    """Return the name by which a cell is known: its grade_id, or else its id."""
    name: str = cell.metadata.get("nbgrader", {}).get("grade_id", cell.id)
    return name


def run(notebook: NotebookNode, answers: Collection[str], limits: Limits, address: str) -> list[Ran]:
    """Run a notebook's cells in guests of the fork server at `address`, its checks in this process; fill in outputs.

    answers: the names that checks may ask the guest for: those that the instructor's answer cells define.

    A cell that kills its guest, or has to be killed, costs itself only: the next ones go on in a fresh guest, after
    the earlier ones were replayed there. Raises GuestError, and OSError where there is no fork server.
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
        guest, ran = self._guest(), []
        try:
            for number, cell in enumerate(cells, start=1):
                if not guest.is_running:
                    guest.close()
                    guest = self._replacement()
                if place_of(cell) is Place.BOTH:
                    self._judge.set_up(cell.source)
                execution = self._execute(guest, cell)
                seconds = round(execution.seconds, 3)
                gave = execution.points, execution.skipped, execution.evidence
                ran.append(Ran(name_of(cell), execution.ended, seconds, self._seed(cell), *gave))
                if execution.why:
                    self._judge.explain(intended_names(cell.source), execution.why)
                if cell.metadata.gradus.role != "demo":  # those keep the outputs that were handed in
                    cell.outputs, cell.execution_count = execution.outputs, number
                if not ran[-1].is_whole:
                    cell.outputs.append(self._note(execution))
                elif cell.metadata.gradus.role != "check":  # a check defines nothing that is needed later
                    self._replayed.append(cell)
        finally:
            guest.close()
        return ran

    def _execute(self, guest: Guest, cell: NotebookNode) -> Execution:
        left = self._end - time.monotonic()
        if left <= 0:
            return Execution("unrun", [], 0.0)
        seconds = min(self._limits.of(name_of(cell)), left)
        if place_of(cell) is Place.JUDGE:
            # Nobody who knows the guest's seed may foretell what the judge draws.
            seed = seed_of(self._stage, f"{name_of(cell)} in the guest")
            return guest.judge(partial(self._judge.judge, cell.source), seed, seconds)
        return guest.execute(cell.source, self._seed(cell), seconds)

    def _guest(self) -> Guest:
        return Guest(self._address, self._limits.notebook)

    def _replacement(self) -> Guest:
        """Start a guest and replay what ran before, without a cell that now kills it."""
        while True:
            guest = self._guest()
            for cell in list(self._replayed):
                if self._execute(guest, cell).ended not in ("ok", "error") or not guest.is_running:
                    self._replayed.remove(cell)
                if not guest.is_running:
                    guest.close()
                    break
            else:
                return guest

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
        note: NotebookNode = new_output("error", ename="Stopped", evalue=sentence, traceback=[sentence])
        return note


def _capped(nodes: list[NotebookNode]) -> list[NotebookNode]:
    """Return the outputs of a cell that is not run, no larger than those of one that is."""
    outputs = Outputs()
    for node in nodes:
        outputs.add_node(node)
    return outputs.finish()
