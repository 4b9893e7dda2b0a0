"""Pictures of points of two classes, and of what separates them."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from helpers.messages import _
from helpers.plots import BLACK, BLUE, CLASSES, GREEN, GREY, ORANGE, PURPLE, array, new_figure, show
from helpers.words import listed, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = ((GREEN, "-"), (PURPLE, "--"), (BLACK, "-."), (GREY, ":"))
Line = Sequence[float] | Tensor


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
    for name, chosen, (colour, marker) in zip(names, (y <= 0, y > 0), CLASSES, strict=True):
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
        show(figure, f"{_points_in_words(y)} {listed(plain(name) for name in lines or ())}".strip())


def _points_in_words(y: np.ndarray) -> str:
    sentence = _("{n} points of class 1, and {others} of the other class.")
    return sentence.format(n=int((y > 0).sum()), others=int((y <= 0).sum()))


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
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 4.5, "frameon": False}
    ax.legend(**below, ncols=2, fontsize=8.5, handletextpad=0.1, columnspacing=1)
    if figure:
        said = _("{points} A line divides the plane where the score is 0, with {n} support vectors in rings.")
        n = 0 if support is None else len(support)
        show(figure, f"{title} {said.format(points=_points_in_words(array(y)), n=n)}".strip())
