"""A check that fails: its exception, its sentence, and how values are shown in it."""

import re
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np
import torch

from helpers.checks.state import compares, running
from helpers.evidence.model import Evidence
from helpers.kinds import kind_of
from helpers.messages import _, number


class CheckFailed(AssertionError):
    """A check that does not hold. Notebooks show its sentence alone.

    share: of the points, what it earns all the same. evidence: what is shown beside the sentence.
    """

    def __init__(self, sentence: str, share: Fraction = Fraction()):
        super().__init__(sentence)
        self.share = share
        self.evidence: Evidence | None = None

    def _render_traceback_(self) -> list[str]:
        return [f"✗ {running.name}", str(self)]


def that(condition: Any, sentence: str, **values: Any) -> None:
    """Fail with `sentence`, its {placeholders} filled in from `values`, unless `condition` is true."""
    compares()
    if not condition:
        raise CheckFailed(_(sentence).format(**values))


def fail(what: str, sentence: str) -> NoReturn:
    """Fail with what a sentence says of a value, which `what` names."""
    raise CheckFailed(_("{what}: {sentence}").format(what=what, sentence=sentence))


def refuse_none(got: Any, what: str) -> None:
    """Fail where a function's result, or one of the values in it, is None."""
    if got is None and (what.endswith("]") or re.search(r"\.\w+$", what)):
        fail(what, _("is None: compute it and store it."))
    if got is None:
        fail(what, _("is None: does the function end with return?"))


def shown(value: Any) -> str:
    """Write a value as a student would read it: four digits, no dtype, not too long."""
    is_single = isinstance(value, torch.Tensor) and value.numel() == 1 and not value.is_meta
    if isinstance(value, np.generic) or is_single:
        value = value.item()
    if isinstance(value, torch.Tensor):
        return _("a tensor of shape {shape}").format(shape=tuple(value.shape))
    is_plain = isinstance(value, bool | int | float | complex | str | list | tuple | dict | set | frozenset | None)
    try:
        text = number(value, ".4g") if isinstance(value, float) else repr(value) if is_plain else f"<{kind_of(value)}>"
    except ValueError:  # a whole number of thousands of digits
        text = type(value).__name__
    return text if len(text) <= 200 else text[:200] + "…"
