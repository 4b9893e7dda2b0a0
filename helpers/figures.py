"""The drawings of the notebooks: networks, graphs of computations, surfaces of a loss; each shows itself."""

import ast
import html
import inspect
import itertools
import re
import subprocess
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from helpers import plots
from helpers.messages import _
from helpers.plots import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, array, new_figure, show
from helpers.setup import running_shell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIGHT = {BLUE: "#CCE3F0", ORANGE: "#F7DFCC", GREY: "#EEEEEE"}  # to fill what has this edge
PATHS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "D", "-."), (PURPLE, "^", ":"), (BLACK, "v", "-"))
LINES = ((GREEN, "-"), (PURPLE, "--"), (BLACK, "-."), (GREY, ":"))
Line = Sequence[float] | Tensor
Edge = tuple[str, str]
# Of nodes 0, 1, …: the place of each, and for each edge the points that it passes, all in inches.
Layout = tuple[list[tuple[float, float]], list[list[tuple[float, float]]]]


def network(sizes: Sequence[int], names: Sequence[str] | None = None) -> None:
    """Draw a fully connected network from left to right.

    sizes: units of each layer, inputs first; of more than 12, only some are drawn, with their number.
    names: a label under each layer, `["$x$", "$h$", r"$\\hat{y}$"]`.
    """
    layers = [_unit_heights(n) for n in sizes]
    height = max(np.ptp(layer) for layer in layers) + 2.2
    gap = max(2.4, 0.6 * height)
    right = gap * (len(sizes) - 1)
    ax = _canvas((-0.7, right + 0.7), (-height / 2 - 0.3, height / 2), inch=min(0.9, 4.5 / height, 8 / right))
    for k, neighbours in enumerate(itertools.pairwise(layers)):
        for y1, y2 in itertools.product(*neighbours):
            ax.plot([gap * k, gap * (k + 1)], [y1, y2], color=GREY, linewidth=0.8, zorder=1)
    for k, (size, layer) in enumerate(zip(sizes, layers, strict=True)):
        x, colour = gap * k, BLACK if k == 0 else ORANGE if k == len(sizes) - 1 else BLUE
        for y in layer:
            _disc(ax, x, y, 0.32, colour)
        if len(layer) < size:
            ax.text(x, 0, f"⋯ {size} ⋯", rotation=90, ha="center", va="center")
        if names:
            ax.text(x, layer.min() - 0.7, names[k], ha="center", va="center", fontsize=14)
    show(ax.figure)


def _unit_heights(size: int) -> np.ndarray:
    if size <= 12:
        return np.arange(size) - (size - 1) / 2
    return np.array([-4, -3, -2, 2, 3, 4])


def neuron() -> None:
    """Draw a perceptron: inputs, weights, sum with its bias, activation, output; below, their names in a neuron."""
    ax = _canvas((-0.9, 9.2), (-3, 2.6), inch=0.78)
    for y, k in ((1.6, "1"), (0.4, "2"), (-1.6, "{n_x}")):
        _disc(ax, 0, y, 0.4, BLACK, f"$x_{k}$")
        _arrow(ax, (0.4, y), (3 - 0.56, 0.12 * y), BLUE)
        ax.text(1.25, 0.66 * y + 0.24, f"$w_{k}$", color=BLUE, ha="center", fontsize=13)
    ax.text(0, -0.6, "⋮", ha="center", va="center", fontsize=16)
    _arrow(ax, (3, 1.75), (3, 0.6), GREEN)
    ax.text(3, 1.85, "$b$", color=GREEN, ha="center", va="bottom", fontsize=13)
    _disc(ax, 3, 0, 0.6, BLUE, r"$\sum$")
    _arrow(ax, (3.6, 0), (5.4, 0), BLACK)
    ax.text(4.5, 0.15, "$a = w \\cdot x + b$", ha="center", va="bottom", fontsize=11)
    _disc(ax, 6, 0, 0.6, ORANGE, "$g$")
    _arrow(ax, (6.6, 0), (8.1, 0), BLACK)
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
    show(ax.figure)


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
    places = nodes if isinstance(nodes, Mapping) else _layout(list(nodes), edges)
    xs, ys = zip(*places.values(), strict=True)
    width = max(xs) - min(xs) + 1
    ax = _canvas((min(xs) - 0.5, max(xs) + 0.5), (min(ys) - 0.5, max(ys) + 0.5), inch=min(1.5, 8 / width))
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
    show(ax.figure)


def _layout(names: list[str], edges: Sequence[Edge]) -> dict[str, tuple[float, float]]:
    """Place each node one column left of the first node that reads it, and level with the middle of what it reads."""
    readers = {name: [end for start, end in edges if start == name] for name in names}
    read = {name: [start for start, end in edges if end == name] for name in names}
    columns: dict[str, int] = {}
    rows: dict[str, float] = {}
    free_rows = itertools.count(0, -1)

    def column(name: str) -> int:
        if name not in columns:
            columns[name] = min((column(reader) - 1 for reader in readers[name]), default=0)
        return columns[name]

    def row(name: str) -> float:
        if name not in rows:
            sources = [row(source) for source in read[name]]
            rows[name] = sum(sources) / len(sources) if sources else next(free_rows)
        return rows[name]

    for name in names:
        if not readers[name]:
            row(name)
    return {name: (1.3 * column(name), row(name)) for name in names}


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
    return value if isinstance(value, str) else f"{float(value):.3g}".replace("-", "−")


def computation(result: Tensor, names: Mapping[str, Tensor] | None = None) -> None:
    """Draw the graph that autograd keeps of `result`, from its leaves, in grey, down to the last operation.

    names: {name: tensor} of leaves and of results on the way, such as `params | outputs`: each name is written at what
    made its tensor; tensors that are not in the graph are left out. Graphviz's `dot` lays the graph out where it is
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
    place = {node: i for i, node in enumerate(sources)}
    edges = [(place[source], place[node]) for node in sources for source in sources[node]]
    places, paths = _dot(widths, edges) or _layers(widths, edges)
    xs, ys = zip(*places, strict=True)
    ax = _canvas((min(xs) - 1, max(xs) + 1), (min(ys) - 0.35, max(ys) + 0.35), inch=min(1, 9 / (max(xs) - min(xs) + 2)))
    for path in paths:
        ax.plot(*zip(*path, strict=True), color=BLACK, linewidth=1, zorder=1)
        arrow = {"arrowstyle": "-|>", "color": BLACK, "shrinkA": 0, "shrinkB": 0, "linewidth": 1}
        ax.annotate("", path[-1], path[-2], arrowprops=arrow, zorder=1)
    for (x, y), label, width, is_leaf in zip(places, labels, widths, leaves, strict=True):
        colour = GREY if is_leaf else BLUE if y > min(ys) else ORANGE
        corner, style = (x - width / 2, y - HEIGHT / 2), "round,pad=0,rounding_size=0.06"
        ax.add_patch(FancyBboxPatch(corner, width, HEIGHT, style, facecolor=LIGHT[colour], edgecolor=colour, zorder=2))
        ax.text(x, y, label, ha="center", va="center", fontsize=9, linespacing=1.1, zorder=3)
    show(ax.figure)


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


HEIGHT, GAP = 0.38, 0.28  # of a box; between two boxes


def _layers(widths: list[float], edges: Sequence[tuple[int, int]]) -> Layout:
    """Place each node in the row above the first of its readers; edges pass rows between boxes, not through them."""
    readers = {node: [end for start, end in edges if start == node] for node in range(len(widths))}
    level: dict[int, int] = {}
    for node in _last_first(readers):
        level[node] = max((level[reader] + 1 for reader in readers[node]), default=0)
    rows: list[list[Any]] = [[] for _row in range(max(level.values()) + 1)]
    for node in range(len(widths)):
        rows[level[node]].append(node)
    below: dict[Any, list[Any]] = {node: [] for node in readers}
    for start, end in edges:  # where an edge crosses a row it has a place there, as a node has
        for k in range(level[end] + 1, level[start]):
            rows[k].append((start, end, k))
            below[start, end, k] = [end if k == level[end] + 1 else (start, end, k - 1)]
        below[start].append(end if level[start] == level[end] + 1 else (start, end, level[start] - 1))
    places: dict[Any, tuple[float, float]] = {}
    for k, row in enumerate(rows):
        row.sort(key=lambda node: np.mean([places[reader][0] for reader in below[node]] or [0.0]))
        space = [widths[node] + GAP if isinstance(node, int) else 2 * GAP for node in row]
        for node, x in zip(row, np.cumsum(space) - np.array(space) / 2 - sum(space) / 2, strict=True):
            places[node] = (float(x), k * (HEIGHT + GAP))
    paths = []
    for start, end in edges:
        between = [places[start, end, k] for k in range(level[start] - 1, level[end], -1)]
        (x1, y1), (x2, y2) = places[start], places[end]
        paths.append([(x1, y1 - HEIGHT / 2), *between, (x2, y2 + HEIGHT / 2)])
    return [places[node] for node in range(len(widths))], paths


def _last_first(readers: Mapping[int, list[int]]) -> list[int]:
    """Order the nodes so that each comes after all that read it."""
    order: dict[int, None] = {}
    waiting = list(readers)
    while waiting:
        missing = [reader for reader in readers[waiting[-1]] if reader not in order]
        if missing:
            waiting += missing
        else:
            order[waiting.pop()] = None
    return list(order)


def _dot(widths: list[float], edges: Sequence[tuple[int, int]]) -> Layout | None:
    """Ask Graphviz for a layout; None where it is not installed or fails."""
    boxes = [f"{i} [width={width:.2f}, height={HEIGHT}];" for i, width in enumerate(widths)]
    arrows = [f"{start} -> {end};" for start, end in edges]
    text = " ".join(["digraph { node [shape=box, fixedsize=true]; ranksep=0.3;", *boxes, *arrows, "}"])
    try:
        ran = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, text=True, timeout=10, check=True)
        lines = [line.split() for line in ran.stdout.splitlines()]
        found = {int(line[1]): (float(line[2]), float(line[3])) for line in lines if line[0] == "node"}
        splines = [list(map(float, line[4 : 4 + 2 * int(line[3])])) for line in lines if line[0] == "edge"]
        return [found[node] for node in range(len(widths))], [
            _curve(list(zip(numbers[::2], numbers[1::2], strict=True))) for numbers in splines
        ]
    except (OSError, subprocess.SubprocessError, LookupError, ValueError):
        return None


def _curve(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return points along a chain of cubic Bézier curves, given by its control points."""
    t = np.linspace(0, 1, 12)[:, None]
    control = np.array(points)
    pieces = [control[i : i + 4] for i in range(0, len(control) - 1, 3)]
    curve = [(1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d for a, b, c, d in pieces]
    return [tuple(point) for point in np.concatenate(curve).tolist()]


def surface(
    loss: Callable[[np.ndarray, np.ndarray], ArrayLike | Tensor],
    paths: Mapping[str, ArrayLike | Tensor],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    labels: tuple[str, str] = ("$w_1$", "$w_2$"),
) -> None:
    """Draw the level lines of a loss of two parameters, and descents over it from a ring to a star.

    loss: function of two arrays of one shape. paths: {name: (steps + 1, 2)}. labels: of the axes.
    """
    w1, w2 = np.meshgrid(np.linspace(*xlim, 200), np.linspace(*ylim, 200))
    heights = array(loss(w1, w2))
    levels = np.unique(np.quantile(heights, np.linspace(0, 1, 21) ** 1.5))  # closer where the loss is low
    figure, ax = new_figure(size=(7, 4.8))
    filled = ax.contourf(w1, w2, heights, levels, cmap="Greys_r", alpha=0.4)
    ax.contour(w1, w2, heights, levels, colors="white", linewidths=0.6)
    figure.colorbar(filled, ax=ax, label=_("loss"), ticks=levels[::4], format="%.2g")
    for (name, path), (colour, marker, style) in zip(paths.items(), itertools.cycle(PATHS), strict=False):
        x, y = array(path).T
        ax.plot(x, y, style, color=colour, marker=marker, markersize=3, linewidth=1.5, label=name)
        ax.plot(x[0], y[0], "o", color=colour, markerfacecolor="white", markersize=9, markeredgewidth=2)
        ax.plot(x[-1], y[-1], "*", color=colour, markeredgecolor="white", markersize=16, zorder=4)
    ax.plot([], [], "o", color=BLACK, markerfacecolor="white", markersize=9, label=_("start"))
    ax.plot([], [], "*", color=BLACK, markersize=12, label=_("end"))
    # One scale on both axes: only then is a step seen at a right angle to the level line.
    ax.set(xlim=xlim, ylim=ylim, xlabel=labels[0], ylabel=labels[1], aspect="equal")
    ax.legend(framealpha=0.9)
    show(figure)


def points(
    X: ArrayLike | Tensor,
    y: ArrayLike | Tensor,
    lines: Mapping[str, Line] | None = None,
    ax: "Axes | None" = None,
) -> None:
    """Draw points of two classes, and lines that should separate them.

    X: (n, 2). y: (n,) labels, 1 for one class, 0 or -1 for the other.
    lines: {name: (w0, w1, w2)}, each where w0 + w1 x1 + w2 x2 = 0. ax: where to draw, if not in a
    figure of its own.
    """
    X, y = array(X), array(y)
    names = ("−1" if y.min() < 0 else "0", "1")
    figure, ax = (None, ax) if ax else new_figure(size=(5, 4.2))
    for name, chosen, (colour, marker) in zip(names, (y <= 0, y > 0), plots.CLASSES, strict=True):
        label = _("class {k}").format(k=name)
        ax.scatter(*X[chosen].T, color=colour, marker=marker, edgecolor="white", s=45, label=label, zorder=3)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=ax.get_xlim(), ylim=ax.get_ylim())
    for (name, line), (colour, style) in zip((lines or {}).items(), itertools.cycle(LINES), strict=False):
        w0, w1, w2 = array(line)
        if w1 or w2:  # both 0, as a perceptron starts, is no line
            near = -w0 / (w1**2 + w2**2) * np.array([w1, w2])
            ax.axline(near, near + np.array([-w2, w1]), color=colour, linestyle=style, linewidth=2, label=name)
    ax.legend(framealpha=0.9)
    if figure:
        show(figure)


def margins(
    X: ArrayLike | Tensor,
    y: ArrayLike | Tensor,
    score: Callable[[np.ndarray], ArrayLike | Tensor],
    support: ArrayLike | Tensor | None = None,
    title: str = "",
    ax: "Axes | None" = None,
) -> None:
    """Draw points of two classes, the line where a score is 0, and dashed lines where it is -1 and 1.

    X: (n, 2). y: (n,) labels, 1 for one class, 0 or -1 for the other. score: function from (m, 2) to (m,).
    support: (k, 2), points to put a ring around. ax: where to draw, if not in a figure of its own.
    """
    figure, ax = (None, ax) if ax else new_figure(size=(5, 4.6))
    points(X, y, ax=ax)
    xlim, ylim = ax.get_xlim(), ax.get_ylim()
    x1, x2 = np.meshgrid(np.linspace(*xlim, 120), np.linspace(*ylim, 120))
    heights = array(score(np.column_stack([x1.ravel(), x2.ravel()]))).reshape(x1.shape)
    for level, colour, style in ((-1, BLUE, "--"), (0, BLACK, "-"), (1, ORANGE, "--")):
        if heights.min() < level < heights.max():  # else matplotlib warns that there is nothing to draw
            ax.contour(x1, x2, heights, [level], colors=colour, linestyles=style, linewidths=2 if level == 0 else 1.2)
    if support is not None and len(support):
        rings = {"facecolor": "none", "edgecolor": BLACK, "s": 90, "linewidth": 1, "zorder": 4}
        ax.scatter(*array(support).T, label=_("support vector"), **rings)
    ax.set(title=title, xlim=xlim, ylim=ylim, aspect="equal")
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.13), "ncols": 3}  # where it covers no point
    ax.legend(**below, frameon=False, fontsize=8, handletextpad=0.3, columnspacing=1)
    if figure:
        show(figure)


def activations() -> None:
    """Draw ReLU, tanh, sigmoid and sign, each with its derivative."""
    a = np.linspace(-4, 4, 400)  # 0 is not among them: ReLU and sign have no derivative there
    sigmoid = 1 / (1 + np.exp(-a))
    functions = {
        "ReLU": (np.maximum(a, 0), a > 0),
        "tanh": (np.tanh(a), 1 - np.tanh(a) ** 2),
        _("sigmoid"): (sigmoid, sigmoid * (1 - sigmoid)),
        _("sign"): (np.sign(a), 0 * a),
    }
    figure, axes = new_figure(ncols=4, size=(9, 2.9), sharey=True)
    for ax, (name, (function, derivative)) in zip(axes, functions.items(), strict=True):
        for curve, style in ((function, {"color": BLUE}), (derivative, {"color": ORANGE, "linestyle": "--"})):
            jump = np.abs(np.diff(curve, append=curve[-1])) > 0.5
            ax.plot(a, np.where(jump, np.nan, curve), linewidth=2, **style)
        ax.set(title=name, xlabel="$a$", xticks=range(-4, 5, 2), ylim=(-1.3, 2.3))
        ax.grid(alpha=0.3)
    figure.legend(axes[0].lines, [_("function"), _("derivative")], loc="outside lower center", ncols=2, frameon=False)
    show(figure)


def parabola(etas: Sequence[float], start: float = 1.0, curvature: float = 1.0, steps: int = 8) -> None:
    """Draw gradient descents on L(w) = curvature / 2 · w², one picture for each learning rate.

    etas: learning rates. start: the first w. steps: updates made.
    """
    reach = 2.2 * abs(start)
    width = min(9, 2.25 * len(etas))
    figure, axes = new_figure(ncols=len(etas), size=(width, 2.7), sharex=True, sharey=True, squeeze=False)

    def loss(w: np.ndarray) -> np.ndarray:
        return curvature / 2 * w**2

    for ax, eta in zip(axes[0], etas, strict=True):
        w = np.linspace(-reach, reach, 200)
        ax.plot(w, loss(w), color=GREY)
        path = start * (1 - eta * curvature) ** np.arange(steps + 1)
        ax.plot(path, loss(path), "o--", color=ORANGE, markersize=5, linewidth=1.2)
        ax.plot(path[0], loss(path[0]), "o", color=ORANGE, markerfacecolor="white", markersize=8)
        ax.set(title=rf"$\eta = {eta:g}$", xlabel="$w$")
    ax.set(xlim=(-reach, reach), ylim=(-0.05 * loss(reach), loss(reach)))
    axes[0, 0].set_ylabel("$L(w)$")
    show(figure)


def digits(images: ArrayLike | Tensor, titles: Sequence[str] = (), columns: int = 10, signed: bool = False) -> None:
    """Draw square images in rows, each under its title.

    images: (n, side²) or (n, 1, side, side); black on white, or signed: blue below the middle of the range, orange
        above.
    """
    from matplotlib.colors import LinearSegmentedColormap

    pixels = array(images)
    side = round(np.sqrt(pixels[0].size)) if len(pixels) else 1
    rows = max(1, -(-len(pixels) // columns))
    height = 0.82 * rows * (1.28 if titles else 1)
    figure, axes = new_figure(columns, (0.82 * columns, height), nrows=rows, squeeze=False)
    colours = LinearSegmentedColormap.from_list("signs", [BLUE, "white", ORANGE]) if signed else "gray_r"
    for k, ax in enumerate(axes.flat):
        ax.axis("off")
        if k < len(pixels):
            ax.imshow(pixels[k].reshape(side, side), cmap=colours, vmin=0, vmax=1)
        if k < len(titles):
            ax.set_title(titles[k], fontsize=9)
    show(figure)


def curves(history: Mapping[str, Sequence[float]]) -> None:
    """Draw the losses and accuracies of a training, one number per epoch.

    history: lists under loss_train, loss_test, acc_train, acc_test.
    """
    show(plots.curves(history))


def side_by_side(*pairs: tuple[Sequence[Callable], Sequence[Callable]]) -> None:
    """Show code in two columns: what disappears (− and orange), what is new (+ and blue), and how many lines it took.

    pairs: for each row of the table the functions or classes before and those that take their place.
    Docstrings, comments and empty lines are left out and not counted.
    """
    rows, totals = [], [0, 0]
    for pair in pairs:
        codes = [_code_lines(functions) for functions in pair]
        known = [{line.strip() for line in code} for code in codes]
        cells = []
        for side, (sign, colour) in enumerate((("−", ORANGE), ("+", BLUE))):
            totals[side] += len(codes[side])
            lines = [
                f'<div style="white-space: pre">  {html.escape(line)}</div>'
                if line.strip() in known[1 - side]
                else f'<div style="white-space: pre; background: {colour}33">{sign} {html.escape(line)}</div>'
                for line in codes[side]
            ]
            cells.append(_cell("".join(lines), "font-family: monospace; font-size: 85%; line-height: 1.35"))
        rows.append(cells)
    titles = zip((_("before"), _("now")), totals, strict=True)
    rows.insert(0, [_cell(f"<b>{_('{title}: {n} lines').format(title=title, n=n)}</b>", "") for title, n in titles])
    if running_shell():
        from IPython.display import HTML, display

        table = "".join(f'<tr style="background: none">{"".join(cells)}</tr>' for cells in rows)
        display(HTML(f'<table style="margin-left: 0">{table}</table>'))


def _cell(content: str, style: str) -> str:
    style = f"text-align: left; vertical-align: top; padding: 0.4em 1.5em 0.4em 0; {style}"
    return f'<td style="{style}">{content}</td>'


def _code_lines(functions: Sequence[Callable]) -> list[str]:
    """Return the lines of code of functions, without docstrings, comments and empty lines."""
    kept = []
    for function in functions:
        try:
            source = textwrap.dedent(inspect.getsource(function))
            tree = ast.parse(source)
        except (OSError, SyntaxError, TypeError):  # written where Python does not find it again
            kept.append(f"{function.__name__}: …")
            continue
        dropped = {
            line
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for line in range(node.lineno, node.end_lineno + 1)
        }
        for number, line in enumerate(source.splitlines(), start=1):
            if number not in dropped and line.strip() and not line.strip().startswith("#"):
                kept.append(line)
    return kept


def _canvas(xlim: tuple[float, float], ylim: tuple[float, float], inch: float) -> "Axes":
    """Return empty axes without a frame, on which one unit is `inch` inches both ways."""
    _figure, ax = new_figure(size=(inch * (xlim[1] - xlim[0]), inch * (ylim[1] - ylim[0])))
    ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    ax.axis("off")
    return ax


def _disc(ax: "Axes", x: float, y: float, radius: float, colour: str, label: str = "") -> None:
    from matplotlib.patches import Circle

    ax.add_patch(
        Circle((x, y), radius, facecolor=LIGHT.get(colour, "white"), edgecolor=colour, linewidth=1.5, zorder=2)
    )
    ax.text(x, y, label, ha="center", va="center", fontsize=14, zorder=3)


def _arrow(ax: "Axes", start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=style)
