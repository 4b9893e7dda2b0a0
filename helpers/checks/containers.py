"""Checks of dicts, lists and tuples by their form; they return plain ones, read once."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch

from helpers.checks.failing import fail, refuse_none
from helpers.kinds import MOST, as_list, is_mapping, is_series, kind_of, plain
from helpers.messages import _


def keys(got: Any, names: Iterable[str], what: str) -> dict[Any, Any]:
    """Require a dict that holds these keys, others are allowed, and return it."""
    refuse_none(got, what)
    if not is_mapping(got):
        fail(what, _("expected a dict, got {got}.").format(got=kind_of(got)))
    found: dict[Any, Any] = plain(got)
    if missing := [repr(name) for name in names if name not in found]:
        sentence = _("the dict lacks {missing}; it has {found}.")
        fail(what, sentence.format(missing=", ".join(missing), found=", ".join(map(repr, found)) or "-"))
    return found


def items(got: Any, what: str, ordered: bool = True) -> list[Any]:
    """Require a list, or what iterates as one and comes to an end, and return its items.

    ordered: whether the order matters; where it does not, a set will do.
    """
    refuse_none(got, what)
    if not is_series(got) and (ordered or not isinstance(got, set | frozenset)):
        fail(what, _("expected a list, got {got}.").format(got=kind_of(got)))
    found = as_list(got)
    if len(found) > MOST and not isinstance(got, list | tuple | torch.Tensor | np.ndarray):
        fail(what, _("goes on after {n} values: it should come to an end.").format(n=MOST))
    return found


def pair(got: Any, what: str, n: int = 2) -> tuple[Any, ...]:
    """Require `n` values returned together, as a tuple or a list, and return them as a tuple."""
    refuse_none(got, what)
    arrays = isinstance(got, torch.Tensor | np.ndarray)
    found = as_list(got, n) if is_series(got) and (not arrays or got.ndim == 1) else None
    if found is None or len(found) != n:
        came = kind_of(got) if found is None or arrays else len(found)
        fail(what, _("expected {n} values, separated by commas after return; got {got}.").format(n=n, got=came))
    return tuple(map(plain, found))
