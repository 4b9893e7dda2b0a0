"""Checks of answers to questions with a choice."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from helpers import probes
from helpers.checks.calling import probed
from helpers.checks.comparing import matches
from helpers.checks.containers import keys
from helpers.checks.failing import CheckFailed, fail, shown
from helpers.checks.state import compares, running
from helpers.messages import _


def letters(answer: Callable[[], Any], names: str, options: tuple[Any, ...] = (True, False)) -> None:
    """Require a function that returns a dict with one of the options for every letter of `names`, once.

    Which is right, `choices` tells.
    """
    form_only(Fraction(len(names), len(options)))
    got = keys(answer(), names, _("your answer"))
    for letter in probed(answer, probes.repeated_keys):
        fail(letter, _("stands there twice: give each letter one answer."))
    for letter in names:
        if not any(matches(got[letter], option) for option in options):
            choices = ", ".join(map(repr, options))
            fail(letter, _("answer with one of {options}; got {got}.").format(options=choices, got=shown(got[letter])))


def form_only(chance: Fraction = Fraction()) -> None:
    """Take note that only the form of an answer was looked at, until a value is compared: students read "◦", not "✓".

    chance: how many of its answers are right by chance.
    """
    running.chance, running.is_form_only = chance, True


def choices(got: Any, right: Mapping[str, Any], because: Mapping[str, str]) -> None:
    """Compare the answers to a choice, letter by letter, and explain each that was missed.

    What is right beyond what chance would give earns its share of the points, rounded down to halves:
    (right - chance) / (of - chance). `letters` comes before and knows the options.
    right: the right option for each letter. because: for each letter, the sentence that says why.
    """
    compares()
    got = keys(got, right, _("your answer"))
    missed = [letter for letter in right if not matches(got[letter], right[letter])]
    if missed:
        reasons = [_("{what}: {sentence}").format(what=letter, sentence=_(because[letter])) for letter in missed]
        share = (len(right) - len(missed) - running.chance) / (len(right) - running.chance)
        raise CheckFailed("\n".join(reasons), max(Fraction(), share))
