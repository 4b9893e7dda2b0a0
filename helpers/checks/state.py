"""What is known of the check that runs."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass
class Running:
    """What is known of the check that runs.

    chance: how many letters of the choice that it asks for are right by chance.
    is_form_only: whether all that was looked at so far is the form of a choice, not what is right.
    """

    name: str = ""
    chance: Fraction = Fraction()
    is_form_only: bool = False


running = Running()
