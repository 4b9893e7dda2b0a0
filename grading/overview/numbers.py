"""How a class did: points, and for each check for how many it holds, and whether it separates who does well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from grading.records.standing import Standing
from grading.results.model import CheckResult, Failure

FEWEST = 8  # students who tried, of whom it can be told what a check separates
WEAK, GOOD = 0.1, 0.3
UNLIKELY = 1.64  # times chance: what chance alone gives one time in twenty
MAX_BINS = 14


class Separates(StrEnum):
    """What a check says of a student, told from how it goes with the points of the other checks."""

    TOO_FEW = "too few"
    ALL_HOLD = "all hold"
    NONE_HOLD = "none hold"
    INVERTED = "inverted"  # those who did well elsewhere fail it rather than others
    NOBODY = "nobody"
    SOMEWHAT = "somewhat"
    WELL = "well"


@dataclass(frozen=True)
class CheckNumbers:
    """What became of one check in a class.

    holds, partly and unwritten: students, of all who have a result of it. correlation: of holding with the points of
    the other checks (point-biserial), among those who tried it; None where there is none.
    """

    name: str
    maximum: float
    students: int
    holds: int
    partly: int
    unwritten: int
    correlation: float | None
    separates: Separates

    @property
    def share(self) -> float:
        """The share of students for whom it holds."""
        return self.holds / self.students if self.students else 0.0


@dataclass(frozen=True)
class PointsNumbers:
    """The points of a class: the quartiles, the mean, and how many students have how many points.

    edges: of the ranges of points, one more than there are counts.
    """

    students: int
    total: float
    mean: float
    quartiles: tuple[float, float, float]
    counts: tuple[int, ...]
    edges: tuple[float, ...]


def points_numbers(graded: Sequence[Standing]) -> PointsNumbers:
    """Count the points of a class; of points so far where open questions wait for a marker."""
    points = np.array([one.points for one in graded] or [0.0])
    total = max((one.total for one in graded), default=0.0)
    most = max(total, float(points.max()), 1.0)
    step = max(1, int(np.ceil(most / MAX_BINS)))
    edges = np.arange(0, most + step, step, dtype=float)
    counts = np.histogram(points, edges)[0] if graded else np.zeros(len(edges) - 1)
    first, median, third = (float(one) for one in np.percentile(points, (25, 50, 75)))
    return PointsNumbers(
        len(graded),
        total,
        float(points.mean()),
        (first, median, third),
        tuple(int(count) for count in counts),
        tuple(float(edge) for edge in edges),
    )


def check_numbers(graded: Mapping[str, Standing], order: Sequence[str]) -> list[CheckNumbers]:
    """Count each check; first those of the stage in their order, then whatever else results have."""
    results = {student: {check.name: check for check in one.result.checks} for student, one in graded.items()}
    names = dict.fromkeys([*order, *(name for checks in results.values() for name in checks)])
    points = {student: one.result.points for student, one in graded.items()}
    found = []
    for name in names:
        of_student = {student: checks[name] for student, checks in results.items() if name in checks}
        if of_student:
            found.append(_numbers_of(name, of_student, points))
    return found


def _numbers_of(name: str, checks: Mapping[str, CheckResult], points: Mapping[str, float]) -> CheckNumbers:
    tried = {student: check for student, check in checks.items() if check.failure is not Failure.UNWRITTEN}
    holds = np.array([check.holds for check in tried.values()], dtype=float)
    others = np.array([points[student] - check.points for student, check in tried.items()])
    correlation, separates = _separates(holds, others)
    return CheckNumbers(
        name,
        max(check.maximum for check in checks.values()),
        len(checks),
        sum(check.holds for check in checks.values()),
        sum(0 < check.points < check.maximum for check in checks.values()),
        len(checks) - len(tried),
        correlation,
        separates,
    )


def _separates(holds: np.ndarray, others: np.ndarray) -> tuple[float | None, Separates]:
    """Return the point-biserial correlation of holding (0 or 1) with points, and what that means."""
    if len(holds) and holds.all():
        return None, Separates.ALL_HOLD
    if not holds.any():
        return None, Separates.NONE_HOLD if len(holds) else Separates.TOO_FEW
    if len(holds) < FEWEST:
        return None, Separates.TOO_FEW
    if others.std() == 0:
        return None, Separates.NOBODY
    found = float(np.corrcoef(holds, others)[0, 1])
    if found <= -max(WEAK, UNLIKELY / np.sqrt(len(holds))):
        return found, Separates.INVERTED
    return found, Separates.NOBODY if found < WEAK else Separates.SOMEWHAT if found < GOOD else Separates.WELL
