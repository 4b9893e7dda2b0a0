"""Drawings of networks and of one neuron."""

import itertools
from collections.abc import Sequence

import numpy as np

from helpers.figures.canvas import arrow, canvas, disc
from helpers.messages import _
from helpers.plots import BLACK, BLUE, GREEN, GREY, ORANGE, show
from helpers.words import listed


def network(sizes: Sequence[int], names: Sequence[str] | None = None) -> None:
    """Draw a fully connected network from left to right.

    sizes: units of each layer, inputs first; of more than 12, only some are drawn, with their number.
    names: a label under each layer, `["$x$", "$h$", r"$\\hat{y}$"]`.
    """
    layers = [_unit_heights(n) for n in sizes]
    height = max(np.ptp(layer) for layer in layers) + 2.2
    gap = max(2.4, 0.6 * height)
    right = gap * (len(sizes) - 1)
    ax = canvas((-0.7, right + 0.7), (-height / 2 - 0.3, height / 2), inch=min(0.9, 4.5 / height, 8 / right))
    for k, neighbours in enumerate(itertools.pairwise(layers)):
        for y1, y2 in itertools.product(*neighbours):
            ax.plot([gap * k, gap * (k + 1)], [y1, y2], color=GREY, linewidth=0.8, zorder=1)
    for k, (size, layer) in enumerate(zip(sizes, layers, strict=True)):
        x, colour = gap * k, BLACK if k == 0 else ORANGE if k == len(sizes) - 1 else BLUE
        for y in layer:
            disc(ax, x, y, 0.32, colour)
        if len(layer) < size:
            ax.text(x, 0, f"⋯ {size} ⋯", rotation=90, ha="center", va="center")
        if names:
            ax.text(x, layer.min() - 0.7, names[k], ha="center", va="center", fontsize=14)
    said = _("A network, from left to right: layers of {sizes} units, each unit joined to all those of the next layer.")
    show(ax.figure, said.format(sizes=listed(map(str, sizes))))


def _unit_heights(size: int) -> np.ndarray:
    if size <= 12:
        return np.arange(size) - (size - 1) / 2
    return np.array([-4, -3, -2, 2, 3, 4])


def neuron() -> None:
    """Draw a perceptron: inputs, weights, sum with its bias, activation, output; below, their names in a neuron."""
    ax = canvas((-0.9, 9.2), (-3, 2.6), inch=0.78)
    for y, k in ((1.6, "1"), (0.4, "2"), (-1.6, "{n_x}")):
        disc(ax, 0, y, 0.4, BLACK, f"$x_{k}$")
        arrow(ax, (0.4, y), (3 - 0.56, 0.12 * y), BLUE)
        ax.text(1.25, 0.66 * y + 0.24, f"$w_{k}$", color=BLUE, ha="center", fontsize=13)
    ax.text(0, -0.6, "⋮", ha="center", va="center", fontsize=16)
    arrow(ax, (3, 1.75), (3, 0.6), GREEN)
    ax.text(3, 1.85, "$b$", color=GREEN, ha="center", va="bottom", fontsize=13)
    disc(ax, 3, 0, 0.6, BLUE, r"$\sum$")
    arrow(ax, (3.6, 0), (5.4, 0), BLACK)
    ax.text(4.5, 0.15, "$a = w \\cdot x + b$", ha="center", va="bottom", fontsize=11)
    disc(ax, 6, 0, 0.6, ORANGE, "$g$")
    arrow(ax, (6.6, 0), (8.1, 0), BLACK)
    ax.text(8.2, 0, r"$\hat{y} = g(a)$", va="center", fontsize=13)
    parts = (
        (0, _("inputs"), _("dendrites")),
        (1.5, _("weights"), _("synapses")),
        (3, _("sum, bias"), _("cell body")),
        (6, _("activation"), _("threshold")),
        (8.4, _("output"), _("axon")),
    )
    for x, artificial, biological in parts:
        ax.text(x, -2.4, artificial, ha="center", fontweight="bold", fontsize=9.5)
        ax.text(x, -2.8, biological, ha="center", color="#666666", fontsize=9.5, style="italic")
    said = _(
        "A perceptron: the inputs x, each times its weight w, and the bias b make a sum a, and g of it is ŷ. Below, "
        "what is like it in a neuron: {parts}."
    )
    pairs = (f"{artificial} = {biological}" for _x, artificial, biological in parts)
    show(ax.figure, said.format(parts=listed(pairs, "; ")))
