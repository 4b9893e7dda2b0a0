"""The decorator that runs a check, and what it says of errors that are no failures."""

import math
import random
import re
import sys
import time
from builtins import print
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import partial
from traceback import walk_tb

import numpy as np
import torch

from helpers import loop
from helpers.checks.beside import without_hidden
from helpers.checks.failing import CheckFailed
from helpers.checks.state import running
from helpers.messages import _
from helpers.seeds import seed_of
from helpers.setup import OTHERS, sentence_of


def graded(stage: str, points: float = 0) -> Callable[[Callable[[], None]], None]:
    """Run the decorated function at once, as the check of that name in `stage`, and say whether it held.

    "✓" means that it did, "◦" that only the form of a choice was looked at.

    torch, numpy and random are seeded first, from both names and from the course's secret, the environment variable
    GRADUS_SECRET: so a verdict can be repeated, and not foretold.
    points: what it is worth. One that holds in part shows its share, in halves, as a value of the cell: nbgrader takes
    that for partial credit.
    """

    def run(check: Callable[[], None]) -> None:
        begun = time.perf_counter()
        try:
            if why := loop.lost(check):
                running.name = check.__name__
                raise CheckFailed(why)
            mark = _verdict(check, seed_of(stage, check.__name__), points)
        except Exception as error:
            sentence = str(error) if isinstance(error, CheckFailed) else sentence_of(error)
            loop.note_error(check, partial(run, check), time.perf_counter() - begun, error, sentence)
            raise
        loop.note(check, partial(run, check), time.perf_counter() - begun, mark)

    return run


def _verdict(check: Callable[[], None], seed: int, points: float) -> str:
    """Run a check and say whether it held; return its mark. Raises CheckFailed, and what a student's code raises."""
    running.name, running.chance, running.is_form_only = check.__name__, Fraction(), False
    torch.set_grad_enabled(True)  # whatever the cells before left behind
    torch.set_default_dtype(torch.float32)
    torch.default_generator.manual_seed(seed)  # torch.manual_seed spends a millisecond on absent devices
    np.random.seed(seed)
    random.seed(seed)
    try:
        check()
    except CheckFailed as failed:
        without_hidden(failed, check)
        earned = math.floor(2 * points * failed.share) / 2
        if not earned:
            raise
        print("\n".join(failed._render_traceback_()))
        sys.displayhook(earned)
        return loop.FAILS
    except Exception as error:
        own, missing = _is_of_check(error), _missing_name(error)
        if missing and not own:
            raise CheckFailed(missing) from None
        if missing or not own:
            raise
        raise CheckFailed(_cannot_go_on(error)) from error
    mark, told = loop.HOLDS, running.name
    if running.is_form_only:
        sentence = _("the form is right. Whether the answers are, you will see when the notebook is graded.")
        mark, told = loop.FORM, _("{what}: {sentence}").format(what=running.name, sentence=sentence)
    with suppress(Exception):  # whatever the cells before made of print and of stdout
        print(mark, told)
    return mark


def _is_of_check(error: Exception) -> bool:
    """Tell whether nothing but a check was running, with helpers and libraries, when this error came."""
    _ours, *files = (frame.f_code.co_filename for frame, _line in walk_tb(error.__traceback__))
    return all(file == files[0] or file.startswith(OTHERS) for file in files)


def _missing_name(error: Exception) -> str:
    """Say which name a student's function uses that is defined nowhere; "" where that is not the error."""
    found = re.match(r"(?:free variable|name) '(\w+)'", str(error)) if isinstance(error, NameError) else None
    if found is None:
        return ""
    return _(
        "your code uses {name}, which is not defined here: is it misspelt, or does only another cell define it? "
        "A function takes what it needs from its arguments, sizes from their shapes (X.shape)."
    ).format(name=found[1])


def _cannot_go_on(error: Exception) -> str:
    """Say what a check met that it does not know how to name."""
    text = f"{type(error).__name__}: {error}"
    if "not callable" in text:
        sentence = _("{error}. What this check calls has to be a function or a class: is its name used twice?")
        return sentence.format(error=text)
    if isinstance(error, TypeError) and "argument" in text:  # a call that does not fit: Python's words are the best
        return text
    sentence = _("this check cannot use what your code gave: look at its kind and its shape ({error}).")
    return sentence.format(error=text)
