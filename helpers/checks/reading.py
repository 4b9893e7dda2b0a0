"""What a student's function gave, as numbers of a shape; a sentence where it is none."""

from typing import Any

import numpy as np
import torch

from helpers.checks.failing import fail, refuse_none
from helpers.kinds import as_number, kind_of
from helpers.messages import _


def numbers_of(got: Any, expected: torch.Tensor, what: str, arrays: bool = False) -> torch.Tensor:
    """Return `got` as a detached float64 tensor, or say why it cannot stand where `expected` should.

    arrays: whether arrays are expected, and no tensors.
    """
    refuse_none(got, what)
    number = got if isinstance(got, torch.Tensor) and not arrays else as_number(got)
    if expected.numel() == 1 and isinstance(number, int | float):
        return torch.tensor(_as_float(number), dtype=torch.float64)
    if arrays and isinstance(got, torch.Tensor):
        fail(what, _("is a torch tensor; return a numpy array."))
    if arrays and isinstance(got, np.ndarray | np.generic):
        if got.dtype.kind not in "biuf":
            fail(what, _("holds {dtype}; expected floating point numbers.").format(dtype=got.dtype))
        return torch.from_numpy(np.array(got, dtype=np.float64, order="C"))
    if isinstance(got, np.ndarray):
        fail(what, _("is a numpy array; return a torch tensor (torch.from_numpy makes one)."))
    if not isinstance(got, torch.Tensor):
        kind = _("a single number") if expected.ndim == 0 else _("a numpy array") if arrays else _("a torch tensor")
        fail(what, _("expected {kind}, got {got}.").format(kind=kind, got=kind_of(got)))
    if got.is_meta:
        fail(what, _("is on the device {device}; here everything stays on the CPU.").format(device=got.device))
    if got.is_complex():
        fail(what, _("holds {dtype}; expected floating point numbers (torch.float32).").format(dtype=got.dtype))
    return got.detach().cpu().to_dense().to(torch.float64)


def single(got: Any, what: str) -> torch.Tensor:
    """Require a single number; return it as a tensor without dimensions."""
    value = numbers_of(got, torch.empty(()), what)
    compare_shapes(value, torch.empty(()), what)
    return value.reshape(())


def _as_float(number: Any) -> float:
    """Return a number as a float, infinity where it is a whole number that no float can hold."""
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def as_tensor(numbers: Any) -> torch.Tensor:
    """Return numbers of the check's own as a tensor."""
    return torch.as_tensor(np.array(numbers, order="C") if isinstance(numbers, np.ndarray) else numbers)


def compare_kinds(got: Any, expected: torch.Tensor, what: str) -> None:
    """Fail if whole numbers or truth values came in a tensor or an array where floating point numbers were expected."""
    if not expected.is_floating_point():
        return
    if isinstance(got, torch.Tensor) and not got.is_floating_point():
        fail(what, _("holds {dtype}; expected floating point numbers (torch.float32).").format(dtype=got.dtype))
    if isinstance(got, np.ndarray) and got.ndim and got.dtype.kind != "f":
        fail(what, _("holds {dtype}; expected floating point numbers.").format(dtype=got.dtype))


def compare_shapes(value: torch.Tensor, expected: torch.Tensor, what: str, arrays: bool = False) -> None:
    """Fail with a sentence on the shapes unless they agree."""
    if shapes_agree(value, expected):
        return
    if expected.ndim == 0:
        sentence = (
            _("expected a single number, got an array of shape {got}: did you forget a sum or a mean?")
            if arrays
            else _("expected a single number, got a tensor of shape {got}: did you forget a sum or a mean?")
        )
        fail(what, sentence.format(got=tuple(value.shape)))
    sentence = _("expected shape {expected}, got {got}.").format(expected=tuple(expected.shape), got=tuple(value.shape))
    if value.ndim == 2 and expected.ndim == 2 and value.shape == expected.T.shape:
        sentence += " " + _("It is transposed.")
    elif value.shape == (*expected.shape, 1) and not arrays:
        sentence += " " + _("Drop the last dimension: squeeze(-1), or no keepdim=True.")
    elif expected.shape == (*value.shape, 1) and not arrays:
        sentence += " " + _("Keep the last dimension: unsqueeze(-1), or keepdim=True.")
    fail(what, sentence)


def shapes_agree(value: torch.Tensor, expected: torch.Tensor) -> bool:
    """Tell whether two tensors have the same shape; (1,), (1, 1) and () stand for a single number."""
    return value.shape == expected.shape or (expected.ndim == 0 and value.numel() == 1)
