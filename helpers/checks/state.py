"""What is known of the check that runs."""

from dataclasses import dataclass


@dataclass
class Running:
    """What is known of the check that runs.

    chance: how many letters of the choice that it asks for are right by chance.
    """

    name: str = ""
    chance: float = 0.0


running = Running()
