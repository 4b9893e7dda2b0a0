"""Drawings of computation graphs as one writes them: variables, operations, values and gradients."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from helpers.figures.canvas import LIGHT, canvas
from helpers.figures.layouts import generations
from helpers.messages import _, number
from helpers.plots import BLACK, BLUE, GREY, ORANGE, show
from helpers.words import listed, plain, reading

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Edge = tuple[str, str]


def graph(
    nodes: Mapping[str, tuple[float, float]] | Iterable[str],
    edges: Sequence[Edge],
    values: Mapping[str | Edge, object] | None = None,
    grads: Mapping[str | Edge, object] | None = None,
    labels: Mapping[str, str] | None = None,
) -> None:
    """Draw a computation graph: values above the edges in blue, gradients under them in orange.

    nodes: names with their places {name: (x, y)}, 1 or more apart; or names alone, laid out from left to right.
    edges: pairs (from, to). Nodes without an edge into them are drawn as variables, the others as operations.
    values, grads: what to write along an edge; a node's name stands for all the edges out of it, or, where there are
    none, for the node itself. labels: what to write in a node instead of its name.
    """
    places = nodes if isinstance(nodes, Mapping) else _in_columns(list(nodes), edges)
    xs, ys = zip(*places.values(), strict=True)
    width = max(xs) - min(xs) + 1
    ax = canvas((min(xs) - 0.5, max(xs) + 0.5), (min(ys) - 0.5, max(ys) + 0.5), inch=min(1.5, 8 / width))
    computed = {end for _start, end in edges}
    boxes = {
        name: ax.text(
            x, y, (labels or {}).get(name, name), ha="center", va="center", fontsize=12, zorder=3,
            bbox={"boxstyle": "circle,pad=0.35", "facecolor": LIGHT[BLUE], "edgecolor": BLUE} if name in computed
            else {"boxstyle": "round,pad=0.4", "facecolor": LIGHT[GREY], "edgecolor": GREY},
        )
        for name, (x, y) in places.items()
    }  # fmt: skip
    for start, end in edges:
        arrow = {"arrowstyle": "-|>", "color": BLACK, "shrinkA": 0, "shrinkB": 0}
        arrow |= {"patchA": boxes[start].get_bbox_patch(), "patchB": boxes[end].get_bbox_patch()}
        ax.annotate("", places[end], places[start], arrowprops=arrow)
    outputs = places.keys() - {start for start, _end in edges}
    for texts, colour, side in ((values, BLUE, 1), (grads, ORANGE, -1)):
        for key, text in (texts or {}).items():
            for start, end in [edge for edge in edges if key in (edge, edge[0])]:
                _along(ax, places[start], places[end], _short(text), colour, side * 9)
            if key in outputs:
                _along(ax, places[key], places[key], _short(text), colour, side * 26)
    show(ax.figure, _in_words(places, edges, values or {}, grads or {}, labels or {}))


def _in_words(
    places: Iterable[str],
    edges: Sequence[Edge],
    values: Mapping[str | Edge, object],
    grads: Mapping[str | Edge, object],
    labels: Mapping[str, str],
) -> str:
    names = {name: plain(labels.get(name, name)) for name in places}
    said = [_("A computation graph: {edges}.").format(edges=reading(names, edges))]
    for sentence, texts in ((_("Values: {numbers}."), values), (_("Gradients: {numbers}."), grads)):
        along = {key: names[key] if isinstance(key, str) else " → ".join(names[end] for end in key) for key in texts}
        if texts:
            numbers = listed((f"{along[key]}: {plain(_short(text))}" for key, text in texts.items()), "; ")
            said.append(sentence.format(numbers=numbers))
    return " ".join(said)


def _in_columns(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, tuple[float, float]]:
    """Place each node one column left of the first node that reads it."""
    readers = {name: [end for start, end in edges if start == name] for name in names}
    return {
        name: (-1.3 * k, (len(column) - 1) / 2 - i)
        for k, column in enumerate(generations(readers))
        for i, name in enumerate(sorted(column, key=names.index))
    }


def _along(
    ax: "Axes", start: tuple[float, float], end: tuple[float, float], text: str, colour: str, offset: float
) -> None:
    """Write `text` along the segment, `offset` points above its middle."""
    (x1, y1), (x2, y2) = start, end
    angle = np.arctan2(y2 - y1, x2 - x1)
    ax.annotate(
        text, ((x1 + x2) / 2, (y1 + y2) / 2), (-offset * np.sin(angle), offset * np.cos(angle)),
        textcoords="offset points", rotation=np.degrees(angle), color=colour, ha="center", va="center", fontsize=10.5,
    )  # fmt: skip


def _short(value: object) -> str:
    return value if isinstance(value, str) else number(float(value), ".3g").replace("-", "−")
