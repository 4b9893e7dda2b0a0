"""Drawings of the graphs that autograd keeps."""

import re
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from helpers.figures.canvas import LIGHT, canvas
from helpers.figures.layouts import HEIGHT, by_graphviz, in_rows
from helpers.messages import _
from helpers.plots import BLACK, BLUE, GREY, ORANGE, show
from helpers.words import reading


def computation(
    result: Tensor, names: Mapping[str, Tensor] | None = None, notes: Mapping[Any, str] | None = None
) -> None:
    """Draw the graph that autograd keeps of `result`, from its leaves, in grey, down to the last operation.

    names: {name: tensor} of leaves and of results on the way, such as `params | outputs`: each name is written at what
    made its tensor; tensors that are not in the graph are left out. notes: {node or leaf: text} to write beside it, in
    orange. Graphviz's `dot` lays the graph out where it is
    installed. ValueError where `result` has no graph.
    """
    from matplotlib.patches import FancyBboxPatch

    sources = _sources(result)
    named = {tensor if tensor.grad_fn is None else tensor.grad_fn: name for name, tensor in (names or {}).items()}
    labels, leaves = [], []
    for node in sources:
        leaf = getattr(node, "variable", None)
        name = named.get(node if leaf is None else leaf, "")
        kind = re.sub(r"Backward\d*$", "", node.name()) if leaf is None else str(tuple(leaf.shape))
        labels.append("\n".join(filter(None, (name, kind))))
        leaves.append(leaf is not None)
    widths = [0.3 + 0.085 * max(map(len, label.split("\n"))) for label in labels]
    beside = [(notes or {}).get(getattr(node, "variable", node), "") for node in sources]
    rooms = [width + 2 * 0.1 * len(note) for width, note in zip(widths, beside, strict=True)]
    place = {node: i for i, node in enumerate(sources)}
    edges = [(place[source], place[node]) for node in sources for source in sources[node]]
    places, paths = by_graphviz(rooms, edges) or in_rows(rooms, edges)
    ys = [y for _x, y in places]
    ends = [x + side * width / 2 for (x, _y), width in zip(places, rooms, strict=True) for side in (-1, 1)]
    xs = [*ends, *(x for path in paths for x, _y in path)]
    xlim, ylim = (min(xs) - 0.6, max(xs) + 0.6), (min(ys) - 0.35, max(ys) + 0.35)
    ax = canvas(xlim, ylim, inch=min(1, 9 / (xlim[1] - xlim[0])))
    for path in paths:
        ax.plot(*zip(*path, strict=True), color=BLACK, linewidth=1, zorder=1)
        arrow = {"arrowstyle": "-|>", "color": BLACK, "shrinkA": 0, "shrinkB": 0, "linewidth": 1}
        ax.annotate("", path[-1], path[-2], arrowprops=arrow, zorder=1)
    for (x, y), label, width, is_leaf in zip(places, labels, widths, leaves, strict=True):
        colour = GREY if is_leaf else BLUE if y > min(ys) else ORANGE
        corner, style = (x - width / 2, y - HEIGHT / 2), "round,pad=0,rounding_size=0.06"
        ax.add_patch(FancyBboxPatch(corner, width, HEIGHT, style, facecolor=LIGHT[colour], edgecolor=colour, zorder=2))
        ax.text(x, y, label, ha="center", va="center", fontsize=9, linespacing=1.1, zorder=3)
    for (x, y), width, note in zip(places, widths, beside, strict=True):
        ax.text(x + width / 2 + 0.08, y, note, ha="left", va="center", fontsize=9, color=ORANGE, zorder=3)
    labels = [f"{label} {note}".strip() for label, note in zip(labels, beside, strict=True)]
    said = _("The graph that autograd keeps, from the result back to its leaves: {edges}.")
    show(ax.figure, said.format(edges=reading(labels, edges)))


def _sources(result: Tensor) -> dict[Any, list[Any]]:
    """Return the nodes of the graph of `result`, the last operation first, each with the nodes that it reads."""
    if result.grad_fn is None:
        raise ValueError(
            _("this tensor has no graph: it was not computed from tensors with requires_grad=True, or under no_grad")
        )
    sources: dict[Any, list[Any]] = {}
    waiting = [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node not in sources:
            sources[node] = list(dict.fromkeys(source for source, _i in node.next_functions if source is not None))
            waiting += reversed(sources[node])
    return sources
