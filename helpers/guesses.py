"""What a student guessed before running a cell, shown beside what came."""

from builtins import print
from typing import Any

from helpers.checks.failing import shown
from helpers.messages import _


def reveal(guess: Any, truth: Any) -> None:
    """Print a guess and the truth; where nothing was guessed, the truth alone. Whatever the guess is, it costs nothing.

    guess: what stands in the cell of the prediction, None where it is as it was.
    """
    if guess is None:
        print(_("It is {truth}. (Next time, guess before you run.)").format(truth=shown(truth)))
        return
    is_pair = isinstance(guess, tuple) and len(guess) == 2 and all(type(part) is int for part in guess)
    if is_pair and isinstance(truth, int | float):  # 0,69
        whole, decimals = map(shown, guess)
        print(_("Python writes decimals with a point: {whole}.{decimals}").format(whole=whole, decimals=decimals))
    print(_("Your guess: {guess}. It is {truth}.").format(guess=shown(guess), truth=shown(truth)))
