"""Checks of answers to questions with a choice."""

from builtins import print
from collections.abc import Mapping
from typing import Any

from helpers.checks.comparing import matches
from helpers.checks.containers import keys
from helpers.checks.failing import CheckFailed, fail, shown
from helpers.checks.state import running
from helpers.messages import _


def letters(got: Any, names: str, options: tuple[Any, ...] = (True, False)) -> None:
    """Require a dict that gives every letter of `names` one of the options; say that right or wrong is told later."""
    running.chance = len(names) / len(options)
    got = keys(got, names, _("your answer"))
    for letter in names:
        if not any(matches(got[letter], option) for option in options):
            choices = ", ".join(map(repr, options))
            fail(letter, _("answer with one of {options}; got {got}.").format(options=choices, got=shown(got[letter])))
    print(_("The form is right. Whether the answers are, you will see when the notebook is graded."))


def choices(got: Any, right: Mapping[str, Any], because: Mapping[str, str]) -> None:
    """Compare the answers to a choice, letter by letter, and explain each that was missed.

    What is right beyond what chance would give earns its share of the points; `letters` comes before and knows the
    options.
    right: the right option for each letter. because: for each letter, the sentence that says why.
    """
    got = keys(got, right, _("your answer"))
    missed = [letter for letter in right if not matches(got[letter], right[letter])]
    if missed:
        reasons = [_("{what}: {sentence}").format(what=letter, sentence=_(because[letter])) for letter in missed]
        share = (len(right) - len(missed) - running.chance) / (len(right) - running.chance)
        raise CheckFailed("\n".join(reasons), max(0.0, share))
