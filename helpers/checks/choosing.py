"""Checks of answers to questions with a choice."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from helpers.checks.comparing import matches
from helpers.checks.containers import keys
from helpers.checks.failing import CheckFailed, fail, shown
from helpers.checks.state import running
from helpers.messages import _


def letters(got: Any, names: str, options: tuple[Any, ...] = (True, False)) -> None:
    """Require a dict that gives every letter of `names` one of the options, once; which is right, `choices` tells."""
    form_only(Fraction(len(names), len(options)))
    got = keys(got, names, _("your answer"))
    for letter in names:
        twice = [key for key in got if isinstance(key, str) and key.strip().lower() == letter]
        if len(twice) > 1:
            listed = ", ".join(map(repr, twice))
            fail(letter, _("stands there twice, as {keys}: give each letter one answer.").format(keys=listed))
        if not any(matches(got[letter], option) for option in options):
            choices = ", ".join(map(repr, options))
            fail(letter, _("answer with one of {options}; got {got}.").format(options=choices, got=shown(got[letter])))


def form_only(chance: Fraction = Fraction()) -> None:
    """Take note that only the form of a choice is looked at, until `choices` is called.

    chance: how many of its answers are right by chance.
    """
    running.chance, running.is_form_only = chance, True


def choices(got: Any, right: Mapping[str, Any], because: Mapping[str, str]) -> None:
    """Compare the answers to a choice, letter by letter, and explain each that was missed.

    What is right beyond what chance would give earns its share of the points, rounded down to halves:
    (right - chance) / (of - chance). `letters` comes before and knows the options.
    right: the right option for each letter. because: for each letter, the sentence that says why.
    """
    running.is_form_only = False
    got = keys(got, right, _("your answer"))
    missed = [letter for letter in right if not matches(got[letter], right[letter])]
    if missed:
        reasons = [_("{what}: {sentence}").format(what=letter, sentence=_(because[letter])) for letter in missed]
        share = (len(right) - len(missed) - running.chance) / (len(right) - running.chance)
        raise CheckFailed("\n".join(reasons), max(Fraction(), share))
