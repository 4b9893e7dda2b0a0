"""Checks of tensors, arrays and numbers by their form; they return them for others to go on with."""

import math
from typing import Any

import torch

from helpers.checks.comparing import Unless, same
from helpers.checks.containers import items
from helpers.checks.failing import CheckFailed, fail, shown
from helpers.checks.reading import compare_kinds, compare_shapes, numbers_of, single
from helpers.kinds import as_number
from helpers.messages import _


def tensor(got: Any, shape: tuple[int, ...] | None, what: str, finite: bool = True) -> torch.Tensor:
    """Require a tensor of floating point numbers; return it without graph, in float32.

    shape: which it has; None for any, where shapes have a check of their own. finite: whether all of them have to be.
    """
    expected = torch.empty(2 if shape is None else shape)
    value = numbers_of(got, expected, what)
    compare_kinds(got, expected, what)
    if shape is not None:
        compare_shapes(value, expected, what)
    if finite:
        _refuse_infinite(value, what)
    return value.float()


def usable(got: Any, shape: tuple[int, ...], otherwise: torch.Tensor) -> torch.Tensor:
    """Return a tensor, turned where it is the transpose of this shape; `otherwise` where it cannot be used.

    For what has its own check: the others go on with what they have.
    """
    try:
        if isinstance(got, torch.Tensor) and got.ndim == 2 and tuple(got.shape) != shape:
            got = got.T
        return tensor(got, shape, "")
    except CheckFailed:
        return otherwise


def array(got: Any, shape: tuple[int, ...], what: str) -> None:
    """Require a numpy array of floating point numbers of this shape, all finite."""
    expected = torch.empty(shape)
    value = numbers_of(got, expected, what, arrays=True)
    compare_kinds(got, expected, what)
    compare_shapes(value, expected, what, arrays=True)
    _refuse_infinite(value, what)


def vector(got: Any, n: int, what: str) -> torch.Tensor:
    """Require a tensor of n floating point numbers, all finite, of shape (n,), (1, n) or (n, 1); return it as (n,)."""
    shape = tuple(got.shape) if isinstance(got, torch.Tensor) else ()
    return tensor(got, shape if shape in ((1, n), (n, 1)) else (n,), what).reshape(-1)


def number(got: Any, what: str) -> float:
    """Require a single number and return it."""
    return float(single(got, what))


def numbers(got: Any, n: int, what: str, unless: Unless | None = None) -> torch.Tensor:
    """Require a list of n numbers and return them as a tensor.

    unless: other lengths, of known mistakes, each under the sentence that names it.
    """
    found = items(got, what)
    same(len(found), n, f"len({what})", unless)
    singles = [single(one, f"{what}[{place}]") for place, one in enumerate(found)]
    return torch.stack(singles) if singles else torch.empty(0, dtype=torch.float64)


def indices(got: Any, what: str) -> list[int]:
    """Require a list or a tensor of whole numbers and return them."""
    found = [as_number(one) for one in items(got, what)]
    wrong = [one for one in found if not isinstance(one, int) or isinstance(one, bool)]
    if wrong:
        fail(what, _("expected whole numbers, got {got}.").format(got=shown(wrong[0])))
    return found


def slope(got: Any, shape: tuple[int, ...], n: int, what: str) -> torch.Tensor:
    """Require the gradient of a bias of this shape, summed over n examples, and return it as a vector.

    It has the shape of the bias, or one that broadcasts to it.
    """
    value = numbers_of(got, torch.empty(shape), what)
    units = max(shape)
    if value.numel() == 1 < units:
        fail(what, _("is one number for all the units: sum over the examples only, sum(0)."))
    is_table = value.numel() == n * units > units and sorted(value.shape) == sorted((n, units))
    if is_table or (value.numel() == n != units and max(value.shape) == n):
        fail(what, _("has a number for each example: sum over the examples, sum(0)."))
    return tensor(got, (units,) if shape == (1, units) == (1, *value.shape) else shape, what).reshape(-1)


def rich(got: torch.Tensor, what: str) -> None:
    """Require numbers from which others can be expected: neither all alike nor nearly all zero, as a lazy answer's."""
    value = numbers_of(got, torch.empty(2), what)
    alike = float(value.std(0).max()) <= 0.01 * float(value.abs().max()) if len(value) > 1 else False
    if alike or float(value.abs().mean()) < 0.01 or float((value != 0).double().mean()) < 0.2:
        fail(what, _("nothing can be computed from this: it hardly depends on the arguments."))


def is_finite(value: Any) -> bool:
    """Tell whether a value holds neither NaN nor infinity. What holds no numbers does not: comparing tells its kind."""
    value = as_number(value)
    if isinstance(value, torch.Tensor):
        return value.is_meta or bool(value.to_dense().isfinite().all())
    return not isinstance(value, float) or math.isfinite(value)


def is_number(value: Any) -> bool:
    """Tell whether a value is a single number, or stands for one."""
    return isinstance(as_number(value), int | float)


def _refuse_infinite(value: torch.Tensor, what: str) -> None:
    if not value.isfinite().all():
        fail(what, _("contains NaN or infinity: look for log(0), 0/0 or an overflow in exp."))
