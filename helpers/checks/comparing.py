"""Checks that compare a value with what was expected, up to rounding or exactly."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from helpers.checks.beside import beside, maps_of
from helpers.checks.failing import fail, refuse_none, shown
from helpers.checks.reading import as_tensor, compare_kinds, compare_shapes, numbers_of, shapes_agree
from helpers.checks.state import compares
from helpers.kinds import as_list, as_number, is_mapping, is_series, plain
from helpers.messages import _

Unless = Mapping[str, Any]


def close(
    got: Any,
    expected: Any,
    what: str,
    unless: Unless | None = None,
    also: Any = None,
    rtol: float = 1e-3,
    atol: float = 1e-5,
) -> None:
    """Compare numbers or tensors, up to rounding.

    got: a tensor of the shape of `expected`, or an array where `expected` is one; for a single number a float will do.
    expected: a number, a nested list, a tensor; or an array, which only arrays can match.
    unless: values of known mistakes, each under the sentence that names it.
    also: another value that is right, such as the true one where `expected` follows from the student's own numbers.
    """

    def holds(right: Any, nan: bool = False) -> bool:
        return _near(value, as_tensor(right), rtol, atol, nan)

    compares()
    arrays = isinstance(expected, np.ndarray)
    expected = as_tensor(expected)
    value = numbers_of(got, expected, what, arrays)
    right = holds(expected) or (also is not None and holds(also))
    with beside(lambda: maps_of(value, expected, rtol, atol)):
        if not right:
            _name_mistake(what, unless, lambda mistaken: holds(mistaken, nan=True))
        compare_kinds(got, expected, what)
        if right:
            return
        compare_shapes(value, expected, what, arrays)
        if value.isnan().any():
            fail(what, _("contains NaN (not a number): look for log(0), 0/0 or inf - inf."))
        if expected.numel() == 1:
            fail(what, _("expected {expected}, got {got}.").format(expected=shown(expected), got=shown(value)))
        wrong = ~torch.isclose(value, expected.to(torch.float64), rtol=rtol, atol=atol)
        place = tuple(int(i) for i in wrong.nonzero()[0])
        fail(
            what,
            _("expected {expected} at index {place}, got {got} (wrong values: {wrong} of {n}).").format(
                expected=shown(expected[place]),
                place=list(place),
                got=shown(value[place]),
                wrong=int(wrong.sum()),
                n=expected.numel(),
            ),
        )


def same(got: Any, expected: Any, what: str, unless: Unless | None = None) -> None:
    """Compare exactly: numbers, strings, booleans, and lists, tuples and dicts of them; or two tensors, bit by bit."""
    compares()
    got = _like(got, expected)
    if _equal(got, expected):
        return
    refuse_none(got, what)
    _name_mistake(what, unless, lambda mistaken: _equal(got, mistaken))
    if isinstance(got, torch.Tensor) and isinstance(expected, torch.Tensor) and got.shape == expected.shape:
        compare_kinds(got, expected, what)
        if got.dtype != expected.dtype:
            fail(what, _("expected {expected}, got {got}.").format(expected=expected.dtype, got=got.dtype))
        fail(what, _("has the expected shape, but other values."))
    fail(what, _("expected {expected}, got {got}.").format(expected=shown(expected), got=shown(got)))


def untouched(now: Any, given: torch.Tensor, name: str) -> None:
    """Require that what a function was given is as it was: `now` after the call, `given` before it, called `name`."""
    compares()
    if not _equal(now, given):
        fail(name, _("was changed in place: leave it as it is, and compute new tensors."))


def matches(got: Any, expected: Any) -> bool:
    """Tell whether a value is another, as `same` compares them."""
    return _equal(_like(got, expected), expected)


def _near(value: torch.Tensor, expected: torch.Tensor, rtol: float, atol: float, nan: bool = False) -> bool:
    """Tell whether a value is an expected one, up to rounding. nan: whether NaN is near NaN."""
    return shapes_agree(value, expected) and torch.allclose(
        value, expected.to(torch.float64).reshape(value.shape), rtol=rtol, atol=atol, equal_nan=nan
    )


def _like(got: Any, expected: Any) -> Any:
    """Turn `got` into what `expected` is, where it stands for that: a dict, a list, a number."""
    if isinstance(expected, Mapping):
        got = plain(got) if is_mapping(got) else got
        return {key: _like(one, expected.get(key)) for key, one in got.items()} if isinstance(got, dict) else got
    if isinstance(expected, list | tuple):
        got = got if isinstance(got, list | tuple) or not is_series(got) else as_list(got)
        return [*map(_like, got, expected), *got[len(expected) :]] if isinstance(got, list | tuple) else got
    return got if isinstance(expected, torch.Tensor) else as_number(got)


def _equal(got: Any, expected: Any) -> bool:
    """Compare plain values: 1 is not True, a list stands for a tuple, a 0-d tensor or numpy scalar for a number."""
    if isinstance(got, torch.Tensor) and isinstance(expected, torch.Tensor):
        return got.shape == expected.shape and got.dtype == expected.dtype and torch.equal(got, expected)
    if isinstance(expected, Mapping):
        return (
            isinstance(got, Mapping)
            and set(got) == set(expected)
            and all(_equal(got[key], expected[key]) for key in expected)
        )
    if isinstance(expected, list | tuple):
        return (
            isinstance(got, list | tuple)
            and len(got) == len(expected)
            and all(_equal(one, other) for one, other in zip(got, expected, strict=True))
        )
    if isinstance(got, bool) != isinstance(expected, bool):
        return False
    rounded = float(np.float32(expected)) if isinstance(expected, float) else expected  # as a number from float32 is
    return isinstance(got, int | float | str | bool | None) and got in (expected, rounded)


def _name_mistake(what: str, unless: Unless | None, is_it: Callable[[Any], bool]) -> None:
    for sentence, mistaken in (unless or {}).items():
        if is_it(mistaken):
            fail(what, _(sentence))
