"""Pictures of functions: activations, losses and the ways down."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from helpers.messages import _, number
from helpers.plots import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, array, new_figure, show
from helpers.words import listed, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import ContourSet
    from matplotlib.figure import Figure

Loss = Callable[[np.ndarray, np.ndarray], ArrayLike | Tensor]  # of two arrays of one shape
PATHS = ((BLUE, "o", "-"), (ORANGE, "s", "--"), (GREEN, "D", "-."), (PURPLE, "^", ":"), (BLACK, "v", "-"))


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
    said = _(
        "Four functions of a from −4 to 4, each with its derivative. ReLU: 0, then a; 0, then 1. tanh: an S from −1 to "
        "1; a bump that reaches 1 at 0. Sigmoid: an S from 0 to 1; a bump that reaches ¼. Sign: a jump from −1 to 1; 0."
    )
    show(figure, said)


def surface(
    loss: Loss,
    paths: Mapping[str, ArrayLike | Tensor],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    labels: tuple[str, str] = ("$w_1$", "$w_2$"),
) -> None:
    """Draw the level lines of a loss of two parameters, and descents over it from a ring to a star.

    loss: function of two arrays of one shape. paths: {name: (steps + 1, 2)}. labels: of the axes.
    """
    shape = (xlim[1] - xlim[0]) / (ylim[1] - ylim[0])
    figure, ax = new_figure(size=(min(5.2, 4.1 * shape) + 1.9, min(4.1, 5.2 / shape) + 0.7))
    figure.set_layout_engine("compressed")
    filled, levels = _draw_levels(ax, loss, xlim, ylim)
    bar = figure.colorbar(filled, ax=ax, label=_("loss"))
    bar.set_ticks(levels[::4], labels=[number(float(f"{level:.2g}"), "g") for level in levels[::4]])
    for (name, path), (colour, marker, style) in zip(paths.items(), itertools.cycle(PATHS), strict=False):
        _descent(ax, path, colour, marker, style, name)
    ax.plot([], [], "o", color=BLACK, markerfacecolor="white", markersize=9, label=_("start"))
    ax.plot([], [], "*", color=BLACK, markersize=12, label=_("end"))
    # One scale on both axes: only then is a step seen at a right angle to the level line.
    ax.set(xlim=xlim, ylim=ylim, xlabel=labels[0], ylabel=labels[1], aspect="equal")
    ax.legend(framealpha=0.9)
    show(figure, descents_in_words(loss, paths))


def walks(
    loss: Loss,
    paths: Mapping[str, ArrayLike | Tensor],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
) -> None:
    """Draw descents over a loss of two parameters as in `surface`, each in a picture of its own, with where it ends."""
    figure, axes = panels(len(paths), xlim, ylim)
    for ax, (name, path), (colour, marker, style) in zip(axes, paths.items(), itertools.cycle(PATHS), strict=False):
        _draw_levels(ax, loss, xlim, ylim)
        _descent(ax, path, colour, marker, style, name)
        x, y = (number(round(float(value), 2) + 0.0, ".2f") for value in array(path)[-1])
        ax.set(title=f"{name} → ({x} ; {y})")
    show(figure, descents_in_words(loss, paths))


def panels(n: int, xlim: tuple[float, float], ylim: tuple[float, float]) -> tuple["Figure", list["Axes"]]:
    """Return a figure for n pictures of one plane, two in a row, and their axes."""
    rows = -(-n // 2)
    height = 3.4 * (ylim[1] - ylim[0]) / (xlim[1] - xlim[0])
    size = (8, rows * (height + 0.45) + 0.3)
    figure, axes = new_figure(ncols=2, size=size, nrows=rows, sharex=True, sharey=True, squeeze=False)
    for ax in axes.flat[:n]:
        ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    for ax in axes.flat[n:]:
        ax.axis("off")
        axes[max(rows - 2, 0), 1].tick_params(labelbottom=True)  # of the picture above the one that is missing
    figure.supxlabel("$w_1$")
    figure.supylabel("$w_2$")
    return figure, list(axes.flat[:n])


def descents_in_words(loss: Loss, paths: Mapping[str, ArrayLike | Tensor]) -> str:
    """Say of each descent where it starts and ends."""
    said = [_("Level lines of a loss of two parameters, and the ways down.")]
    for name, path in paths.items():
        w = array(path)
        heights = array(loss(*w.T))
        said.append(
            _(
                "{name}, {n} steps: from ({start[0]:.3g}; {start[1]:.3g}), loss {first:.3g}, "
                "to ({end[0]:.3g}; {end[1]:.3g}), loss {last:.3g}."
            ).format(
                name=plain(name), n=len(w) - 1, start=w[0], end=w[-1], first=float(heights[0]), last=float(heights[-1])
            )
        )
    return listed(said, " ")


def _draw_levels(
    ax: "Axes",
    loss: Loss,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
) -> tuple["ContourSet", list[float]]:
    """Draw the level lines of a loss of two parameters; return what is drawn, and the levels."""
    w1, w2 = np.meshgrid(np.linspace(*xlim, 200), np.linspace(*ylim, 200))
    heights = array(loss(w1, w2))
    levels, colours = levels_of(heights)
    filled = ax.contourf(w1, w2, heights, levels, colors=colours)
    ax.contour(w1, w2, heights, levels, colors="white", linewidths=0.6)
    return filled, levels.tolist()


def levels_of(heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return levels for the heights of a loss, and between them colours (levels - 1, 3), greys from 0 to 1."""
    from matplotlib import colormaps

    levels = np.unique(np.quantile(heights, np.linspace(0, 1, 21) ** 1.5))  # closer where the loss is low
    # Greys tell levels apart however skewed the loss is, and still show where it is steep.
    middles = (levels[:-1] + levels[1:]) / 2
    shades = 0.6 * np.linspace(0, 1, len(middles)) + 0.4 * np.interp(middles, middles[[0, -1]], (0, 1))
    return levels, 1 - 0.4 * (1 - colormaps["Greys_r"](shades)[:, :3])


def _descent(ax: "Axes", path: ArrayLike | Tensor, colour: str, marker: str, style: str, name: str) -> None:
    """Draw a descent from a ring to a star."""
    x, y = array(path).T
    ax.plot(x, y, style, color=colour, marker=marker, markersize=3, linewidth=1.5, label=name)
    ax.plot(x[0], y[0], "o", color=colour, markerfacecolor="white", markersize=9, markeredgewidth=2)
    ax.plot(x[-1], y[-1], "*", color=colour, markeredgecolor="white", markersize=16, zorder=4)


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
    ends = start * (1 - curvature * np.array(etas)) ** steps
    said = _("Gradient descent on a parabola, lowest at w = 0, from w = {start:g}. After {n} steps: {ends}.")
    told = _("η = {eta:g}, w = {end:.3g}")
    each = (told.format(eta=float(eta), end=float(end)) for eta, end in zip(etas, ends, strict=True))
    show(figure, said.format(start=float(start), n=steps, ends=listed(each, "; ")))
