"""Pictures of results: the curves of a training, images of digits, what demos draw by themselves."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from helpers import plots
from helpers.messages import _
from helpers.plots import BLUE, ORANGE, array, new_figure
from helpers.words import curves_of, listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    said = _("{n} pictures of {side} × {side} pixels:").format(n=len(pixels), side=side)
    inks = _("low values blue, high ones orange.") if signed else _("black on white.")
    plots.show(figure, f"{said} {inks} {listed(titles)}".strip())


def curves(history: Mapping[str, Sequence[float]]) -> None:
    """Draw the losses and accuracies of a training, one number per epoch.

    history: lists under loss_train, loss_test, acc_train, acc_test.
    """
    figure = plots.curves(history)
    plots.show(figure, curves_of(figure))


def show(figure: "Figure", alt: str) -> None:
    """Show a figure that a demo has drawn, in the place of `plt.show()`.

    alt: a sentence that says what is to be seen; where the curves that its legend names start and end is added to it.
    """
    plots.show(figure, f"{alt} {curves_of(figure)}".strip())
