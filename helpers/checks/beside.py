"""What a failed check shows beside its sentence: made of the numbers that it compared, never of hidden tests."""

import linecache
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from traceback import walk_tb
from typing import Any

import numpy as np
import torch

from helpers.checks.failing import CheckFailed
from helpers.checks.reading import as_tensor, compare_kinds, numbers_of, shapes_agree
from helpers.evidence.model import MAX_WORD, MOST, MOST_ROWS, Evidence, Maps, Row, Sign, Table

# What nbgrader has on the lines, comments, between which hidden tests stand.
BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
RTOL, ATOL = 1e-3, 1e-5  # as `check.close` has them


@contextmanager
def beside(make: Callable[[], Evidence | None]) -> Iterator[None]:
    """Give a check that fails in this block what is to be shown beside its sentence, if `make` makes any."""
    try:
        yield
    except CheckFailed as failed:
        with suppress(Exception):  # whatever the numbers are, the sentence is said
            failed.evidence = make() or failed.evidence
        raise


def table(got: Mapping[Any, Any], expected: Mapping[Any, Any], start: Mapping[Any, Any] | None = None) -> Any:
    """Show a table beside any check that fails in this block: how each of several tensors is to the expected one.

    `with check.table(got, true):` goes around checks of gradients or of parameters, under their names. got: may lack
    some, and hold anything. expected: numbers, tensors or arrays. start: what parameters were before a step; sign and
    factor are then those of the step.
    """
    return beside(lambda: table_of(got, expected, start))


def without_hidden(failed: CheckFailed, check: Callable[[], None]) -> None:
    """Take away what is shown beside the sentence, unless the check failed on a line that students have."""
    lines = linecache.getlines(check.__code__.co_filename)
    reached = [line for frame, line in walk_tb(failed.__traceback__) if frame.f_code is check.__code__]
    words = (line.strip("# \t\r\n") for line in lines[: max(reached, default=0)])
    marks = [text for text in words if text in (BEGIN, END)]
    if not lines or not reached or marks[-1:] == [BEGIN]:
        failed.evidence = None


def maps_of(value: torch.Tensor, expected: torch.Tensor, rtol: float, atol: float) -> Maps | None:
    """Return numbers of two dimensions beside the expected ones; None where there is nothing to see.

    value: float64, of any shape.
    """
    right = expected.to(torch.float64)
    if value.shape != right.shape or right.ndim != 2 or right.numel() < 2 or max(right.shape) > MOST:
        return None
    own = torch.where(torch.isclose(value, right, rtol=rtol, atol=atol), right, value)
    maps = Maps(_rows(right), _rows(own))
    return None if maps.expected == maps.got else maps


def table_of(
    got: Mapping[Any, Any], expected: Mapping[Any, Any], start: Mapping[Any, Any] | None = None
) -> Table | None:
    """Compare several tensors with the expected ones, each under its name; None where nothing is wrong with them."""
    names, left_out = list(expected)[:MOST_ROWS], max(0, len(expected) - MOST_ROWS)
    rows = tuple(_row(str(name), got.get(name), expected[name], start and start[name]) for name in names)
    return None if all(row.is_right for row in rows) else Table(rows, left_out, start is not None)


def _rows(numbers: torch.Tensor) -> tuple[str, ...]:
    return tuple(" ".join(f"{number:.7g}" for number in row) for row in numbers.tolist())


def _row(name: str, got: Any, expected: Any, start: Any) -> Row:
    name, right = name[:MAX_WORD], as_tensor(expected)
    try:
        value = numbers_of(got, right, name, isinstance(expected, np.ndarray))
        compare_kinds(got, right, name)
    except CheckFailed:
        return Row(name, False)
    shape, wanted, right = tuple(value.shape), tuple(right.shape), right.to(torch.float64)
    if shapes_agree(value, right) or (right.ndim == 1 and shape == (1, *wanted)):  # a bias's gradient may be a row
        value, wanted = value.reshape(right.shape), shape
    is_right = value.shape == right.shape and torch.allclose(value, right, rtol=RTOL, atol=ATOL)
    agree, is_turned = value.shape == right.shape, right.ndim == 2 and value.shape == right.T.shape
    gap = f"{float((value - right).abs().max()):.4g}" if agree and right.numel() else ""
    if start is not None and (agree or is_turned):  # look at the step, not at where it leads
        origin = as_tensor(start).to(torch.float64)
        value, right = value - (origin if agree else origin.T), right - origin
    factor, is_transposed = _factor(value, right), False
    if factor is None and right.ndim == 2 and (turned := _factor(value, right.T)) is not None:
        factor, is_transposed = turned, True
    return Row(
        name,
        is_right,
        str(shape)[:MAX_WORD],
        "" if shape == wanted else str(wanted)[:MAX_WORD],
        _sign(value, right.T if is_transposed else right),
        factor,
        is_transposed,
        gap,
    )


def _factor(value: torch.Tensor, right: torch.Tensor) -> float | None:
    """Return the number by which all entries of `right` are multiplied in `value`; None where there is none."""
    largest = right.abs().max() if right.numel() else torch.zeros(())
    if value.shape != right.shape or not largest > 0 or not bool(value.isfinite().all() & right.isfinite().all()):
        return None
    right, value = right / largest, value / largest  # so that no square is too large, or vanishes
    factor = (value * right).sum() / (right * right).sum()
    fits = torch.allclose(value, factor * right, rtol=RTOL, atol=RTOL * 1e-2 * float(factor.abs()))
    return float(factor) if fits and bool(factor.isfinite()) else None


def _sign(value: torch.Tensor, right: torch.Tensor) -> Sign:
    if value.shape != right.shape or not right.numel():
        return Sign.NONE
    tiny = ATOL * right.abs().max()
    signs = (value.sign() * right.sign())[(value.abs() > tiny) & (right.abs() > tiny)]
    if not signs.numel():
        return Sign.NONE
    return Sign.RIGHT if bool((signs > 0).all()) else Sign.OPPOSITE if bool((signs < 0).all()) else Sign.MIXED
