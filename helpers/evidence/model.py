"""Evidence: what was wrong with a student's numbers, bounded, as plain data that JSON can hold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST = 30  # rows, and columns, of numbers that are kept
MOST_ROWS = 12  # of a table
MAX_WORD = 40  # of its names, in characters

Numbers = list[list[float]]


class Sign(StrEnum):
    """How the signs of a student's numbers are to those that were expected."""

    RIGHT = "right"
    OPPOSITE = "opposite"
    MIXED = "mixed"  # some are right, some opposite
    NONE = ""  # there are none to compare


@dataclass(frozen=True)
class Maps:
    """Numbers in two dimensions, as they were expected and as they came.

    Each row is a text of numbers, "0.5 -2 nan". What holds stands in `got` as it does in `expected`, rounding aside: so
    the entries that differ are those that are wrong.
    """

    expected: tuple[str, ...]
    got: tuple[str, ...]

    def numbers(self) -> tuple[Numbers, Numbers]:
        """Return the numbers that were expected, and those that came. Raises ValueError where they are none."""
        right, own = ([[float(word) for word in row.split()] for row in rows] for rows in (self.expected, self.got))
        widths = {len(row) for row in right + own}
        if len(right) != len(own) or not 0 < len(right) <= MOST or len(widths) != 1 or not 0 < max(widths) <= MOST:
            raise ValueError("these are not the numbers of two maps")
        if [row.split() for row in self.expected] == [row.split() for row in self.got]:
            raise ValueError("nothing is wrong with these numbers")
        return right, own


@dataclass(frozen=True)
class Row:
    """One of several tensors that belong together, compared with the expected one.

    shape: of what came, "" where that were no numbers. wanted: the expected shape, where it is another. factor: by
    which all entries are to be multiplied to give what came, None where there is no such number; is_transposed: of the
    expected transposed. gap: the largest difference, "" where the shapes differ.
    """

    name: str
    is_right: bool
    shape: str = ""
    wanted: str = ""
    sign: Sign = Sign.NONE
    factor: float | None = None
    is_transposed: bool = False
    gap: str = ""


@dataclass(frozen=True)
class Table:
    """Several tensors that belong together, such as gradients.

    left_out: how many more there were. of_steps: sign and factor are those of the step that led to parameters.
    """

    rows: tuple[Row, ...]
    left_out: int = 0
    of_steps: bool = False


Evidence = Maps | Table


def from_json(content: Any) -> Evidence | None:
    """Read what `asdict` and JSON made of evidence, None of none. Raises KeyError, TypeError and ValueError."""
    if content is None:
        return None
    if "rows" not in content:
        maps = Maps(tuple(map(str, content["expected"])), tuple(map(str, content["got"])))
        maps.numbers()
        return maps
    rows = tuple(map(_row, content["rows"]))
    if len(rows) > MOST_ROWS:
        raise ValueError("a table of evidence has fewer rows")
    return Table(rows, int(content["left_out"]), content.get("of_steps") is True)


def _row(content: Mapping[str, Any]) -> Row:
    factor = content["factor"]
    if factor is not None and not math.isfinite(factor):
        raise ValueError("a factor is a finite number")
    name, shape, wanted, gap = (str(content[key])[:MAX_WORD] for key in ("name", "shape", "wanted", "gap"))
    if gap:
        float(gap)
    is_right, is_transposed = (content[key] is True for key in ("is_right", "is_transposed"))
    return Row(name, is_right, shape, wanted, Sign(content["sign"]), factor, is_transposed, gap)
