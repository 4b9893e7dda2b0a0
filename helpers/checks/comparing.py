"""Checks that compare a value with what was expected, up to rounding or exactly."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from helpers.checks.failing import _fail, _none, _show
from helpers.checks.reading import _as_tensor, _compare_kinds, _compare_shapes, _numbers, _shapes_agree
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
        return _near(value, _as_tensor(right), rtol, atol, nan)

    arrays = isinstance(expected, np.ndarray)
    expected = _as_tensor(expected)
    value = _numbers(got, expected, what, arrays)
    right = holds(expected) or (also is not None and holds(also))
    if not right:
        _name_mistake(what, unless, lambda mistaken: holds(mistaken, nan=True))
    _compare_kinds(got, expected, what)
    if right:
        return
    _compare_shapes(value, expected, what, arrays)
    if value.isnan().any():
        _fail(what, _("contains NaN (not a number): look for log(0), 0/0 or inf - inf."))
    if expected.numel() == 1:
        _fail(what, _("expected {expected}, got {got}.").format(expected=_show(expected), got=_show(value)))
    wrong = ~torch.isclose(value, expected.to(torch.float64), rtol=rtol, atol=atol)
    place = tuple(int(i) for i in wrong.nonzero()[0])
    _fail(
        what,
        _("expected {expected} at index {place}, got {got} (wrong values: {wrong} of {n}).").format(
            expected=_show(expected[place]),
            place=list(place),
            got=_show(value[place]),
            wrong=int(wrong.sum()),
            n=expected.numel(),
        ),
    )


def same(got: Any, expected: Any, what: str, unless: Unless | None = None) -> None:
    """Compare exactly: numbers, strings, booleans, and lists, tuples and dicts of them; or two tensors, bit by bit."""
    got = _like(got, expected)
    if _equal(got, expected):
        return
    if got is None:
        _fail(what, _none(what))
    _name_mistake(what, unless, lambda mistaken: _equal(got, mistaken))
    _fail(what, _("expected {expected}, got {got}.").format(expected=_show(expected), got=_show(got)))


def _near(value: torch.Tensor, expected: torch.Tensor, rtol: float, atol: float, nan: bool = False) -> bool:
    """Tell whether a value is an expected one, up to rounding. nan: whether NaN is near NaN."""
    return _shapes_agree(value, expected) and torch.allclose(
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


def _name_mistake(what: str, unless: Unless | None, matches: Callable[[Any], bool]) -> None:
    for sentence, mistaken in (unless or {}).items():
        if matches(mistaken):
            _fail(what, _(sentence))
