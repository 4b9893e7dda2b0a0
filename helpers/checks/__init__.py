"""Checks: compare what a student's function gave with what was expected, and name the mistake.

A check cell calls these functions as `check.close(...)`, `check.same(...)` and so on. Each returns None where the
check holds and raises CheckFailed, a sentence without a traceback, where it does not. `what` is the piece of code
that gave the value, `'backward(params, outputs, Y)["Wh"]'`: it reads the same in every language.

What iterates in a definite order stands for a list, what maps for a dict, a scalar of numpy's or torch's for a number.
`keys`, `pair` and `items` return the plain dict, tuple and list, read once: a check goes on with these.
"""

from helpers.checks.beside import table
from helpers.checks.calling import after, any_keys, by_hand, changed, copies, fits, made, ran, trained
from helpers.checks.choosing import choices, form_only, letters
from helpers.checks.comparing import close, same, untouched
from helpers.checks.containers import items, keys, pair
from helpers.checks.failing import CheckFailed, that
from helpers.checks.models import module, stepped
from helpers.checks.tensors import (
    array,
    indices,
    is_finite,
    is_number,
    number,
    numbers,
    rich,
    slope,
    tensor,
    usable,
    vector,
)
from helpers.checks.verdicts import graded
from helpers.kinds import plain

__all__ = [
    "CheckFailed",
    "after",
    "any_keys",
    "array",
    "by_hand",
    "changed",
    "choices",
    "close",
    "copies",
    "fits",
    "form_only",
    "graded",
    "indices",
    "is_finite",
    "is_number",
    "items",
    "keys",
    "letters",
    "made",
    "module",
    "number",
    "numbers",
    "pair",
    "plain",
    "ran",
    "rich",
    "same",
    "slope",
    "stepped",
    "table",
    "tensor",
    "that",
    "trained",
    "untouched",
    "usable",
    "vector",
]
