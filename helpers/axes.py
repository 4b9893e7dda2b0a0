"""The axes of pictures, those that demos draw by themselves too: their numbers are written as the language does."""

from typing import Any

from matplotlib.axis import Axis
from matplotlib.scale import LinearScale, register_scale
from matplotlib.ticker import ScalarFormatter

from helpers.messages import language


class _Numbers(ScalarFormatter):
    def __call__(self, x: float, pos: Any = None) -> str:
        text = super().__call__(x, pos)
        return text.replace(".", "{,}" if "$" in text else ",") if language() == "fr" else text


class _Scale(LinearScale):
    name = "linear"

    def __init__(self, *_axis: Axis):
        """Take the axis that matplotlib before 3.11 gives, and leave it: later ones warn of scales that name it."""

    def set_default_locators_and_formatters(self, axis: Axis) -> None:
        super().set_default_locators_and_formatters(axis)
        axis.set_major_formatter(_Numbers())


def speak() -> None:
    """Have every axis that is made from now on write its numbers in the notebook's language."""
    register_scale(_Scale)
