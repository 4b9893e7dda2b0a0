"""Pictures of results: the curves of a training, images of digits."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from helpers import plots
from helpers.plots import BLUE, ORANGE, array, new_figure, show


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
