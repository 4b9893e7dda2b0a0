"""A task: what grading one submission takes and gives, as bytes that any machine can take."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

# What cells and notebooks get at the least, in seconds; else so many times what the reference took.
CELL_SECONDS = 30
NOTEBOOK_SECONDS = 300
TIMES_REFERENCE = 10
# The reference itself, which we wrote: only what never ends is stopped, on the slowest of machines.
REFERENCE_SECONDS = 1800


@dataclass(frozen=True)
class Limits:
    """How long cells, by their names, every other cell, and the whole notebook may take, in seconds."""

    cells: Mapping[str, float] = field(default_factory=dict)
    notebook: float = NOTEBOOK_SECONDS
    cell: float = CELL_SECONDS

    @classmethod
    def from_reference(cls, seconds: Mapping[str, float]) -> "Limits":
        """Derive the limits from what each cell of the reference notebook took."""
        limits = {name: TIMES_REFERENCE * took for name, took in seconds.items()}
        cells = {name: limit for name, limit in limits.items() if limit > CELL_SECONDS}
        return cls(cells, max(NOTEBOOK_SECONDS, sum(limits.values())))

    def of(self, name: str) -> float:
        """Return the limit of one cell."""
        return self.cells.get(name, self.cell)


OF_REFERENCE = Limits(notebook=REFERENCE_SECONDS, cell=REFERENCE_SECONDS)


@dataclass(frozen=True)
class Task:
    """What grading one submission takes.

    files: the notebooks handed in, by name, the newest first. needs_sandbox: whether to refuse where there is none.
    """

    files: dict[str, bytes]
    instructor: bytes
    limits: Limits
    secret: str
    needs_sandbox: bool = False


@dataclass(frozen=True)
class Graded:
    """What grading one submission gives: a `Result` as JSON, and the executed notebook, None where nothing ran."""

    result: bytes
    notebook: bytes | None


Submit = Callable[[Task], Future[Graded]]
