"""What changes in a training, frame by frame: a boundary, ways down a valley, small pictures. PIL draws them."""

from collections.abc import Mapping
from functools import cache
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from helpers.figures.functions import PATHS, Loss, descents_in_words, levels_of, panels
from helpers.figures.motion import motion
from helpers.messages import _
from helpers.plots import BLUE, CLASSES, ORANGE, array, checked_grid, grid_in_words

if TYPE_CHECKING:
    from helpers.data import CirclesData

Box = tuple[int, int, int, int]  # left, upper, right, lower
SIDE = 420  # of the plane, in pixels
LEFT, RIGHT = -2.05, 1.95  # what a grid of 40 × 40 points covers, half a step beyond them


def moving_boundary(data: "CirclesData", grids: Mapping[str, ArrayLike | Tensor]) -> None:
    """Show how the boundary between two classes moves, over the training points.

    grids: {name of a frame: predictions (1600, ny) for data.Xgrid}. ValueError as of `data.plot_data_with_grid`.
    """
    checked = [checked_grid(grid) for grid in grids.values()]
    train = data.Xtrain, data.Ytrain
    ends = tuple(grid_in_words(train, data.Xgrid, checked[k]) for k in (0, -1))
    alt = _("The plane in blue where class 0 is predicted, in orange where it is class 1, and the boundary in black.")
    motion(lambda k: _plane(train, checked[k]), list(grids), alt, ends)


def _plane(train: tuple[Tensor, Tensor], grid: np.ndarray) -> np.ndarray:
    from PIL import Image, ImageDraw

    def enlarged(values: np.ndarray) -> np.ndarray:
        square = Image.fromarray(values.reshape(40, 40)[::-1].astype(np.float32))
        return np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BILINEAR))

    pixels = 255 - (255 - painted(enlarged(grid[:, 1]))) // 2
    wins = np.pad(enlarged(grid[:, 1] - np.delete(grid, 1, axis=1).max(axis=1)) > 0, 1, "edge")
    pixels[(wins[2:, 1:-1] != wins[:-2, 1:-1]) | (wins[1:-1, 2:] != wins[1:-1, :-2])] = 0x22
    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    places = (array(train[0]) - LEFT) / (RIGHT - LEFT) * SIDE
    for (x, y), k in zip(places, array(train[1]).argmax(axis=1), strict=True):
        colour, marker = CLASSES[k]
        if marker == "o":
            draw.circle((x, SIDE - y), 5, fill=colour, outline="white")
        else:
            draw.regular_polygon((x, SIDE - y, 7), 3, fill=colour, outline="white")
    return np.asarray(image)


def moving_images(
    images: Mapping[str, ArrayLike | Tensor], columns: int, alt: str, ends: tuple[str, str], scale: int = 3
) -> None:
    """Show how small square pictures change, in rows.

    images: {name of a frame: (n, side, side)}, from 0, blue, over ½, white, to 1, orange. alt, ends: sentences that say
    what is to be seen, in all and in the first and the last. scale: pixels for each number.
    """
    stacks = [array(stack) for stack in images.values()]
    motion(lambda k: _mosaic(stacks[k], columns, scale), list(images), alt, ends)


def _mosaic(stack: np.ndarray, columns: int, scale: int) -> np.ndarray:
    """Return square pictures (n, side, side) in rows, in colours, white between them."""
    tiles = np.pad(
        painted(stack.repeat(scale, 1).repeat(scale, 2)), ((0, 0), (3, 3), (3, 3), (0, 0)), constant_values=255
    )
    missing = -len(tiles) % columns
    tiles = np.concatenate([tiles, np.full((missing, *tiles.shape[1:]), 255, np.uint8)])
    return np.concatenate([np.concatenate(row, axis=1) for row in np.split(tiles, len(tiles) // columns)])


def painted(values: np.ndarray) -> np.ndarray:
    """Return the colours of values from 0, blue, over ½, white, to 1, orange: another axis of 3, uint8."""
    from PIL import ImageColor

    colours = np.array([ImageColor.getrgb(colour) for colour in (BLUE, "white", ORANGE)])
    values = np.nan_to_num(values, nan=0.5)
    return np.stack([np.interp(values, (0, 0.5, 1), colours[:, c]) for c in range(3)], axis=-1).round().astype(np.uint8)


def moving_walks(
    loss: Loss, paths: Mapping[str, ArrayLike | Tensor], xlim: tuple[float, float], ylim: tuple[float, float]
) -> None:
    """Show descents step by step over a loss of two parameters, each in a picture of its own, as in `walks`.

    Of one that diverges, the finite places are shown.
    """
    ways = {name: array(path) for name, path in paths.items()}
    walked = {name: way[np.isfinite(way).all(axis=1)] for name, way in ways.items()}
    names = [_("step {n}").format(n=n) for n in range(max(map(len, walked.values())))]
    ends = tuple(descents_in_words(loss, {name: path[:n] for name, path in walked.items()}) for n in (1, len(names)))
    ground = cache(lambda: _ground(loss, walked, xlim, ylim))
    alt = _("Level lines of a loss of two parameters, and on each the way that one rule goes, from a ring.")
    motion(lambda k: _walked(*ground(), k), names, alt, ends)


def _ground(
    loss: Loss, paths: Mapping[str, np.ndarray], xlim: tuple[float, float], ylim: tuple[float, float]
) -> tuple[np.ndarray, list[tuple[Box, np.ndarray]]]:
    """Draw the loss for each path; return the colours, and the boxes of the axes, each with its path, in pixels."""
    import matplotlib.pyplot as plt
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure, axes = panels(len(paths), xlim, ylim)
    plt.close(figure)
    for ax, name in zip(axes, paths, strict=True):
        ax.set(title=name)
    figure.set_dpi(120)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.array(canvas.buffer_rgba())[..., :3]
    panes = []
    for ax, path in zip(axes, paths.values(), strict=True):
        (left, low), (right, high) = ax.bbox.get_points().round().astype(int).tolist()
        box = left, len(pixels) - high, right, len(pixels) - low
        inside = pixels[box[1] + 1 : box[3] - 1, left + 1 : right - 1]  # of the frame
        inside[:] = _shades(loss, np.linspace(*xlim, inside.shape[1]), np.linspace(*ylim[::-1], inside.shape[0]))
        places = (ax.transData.transform(path) - (left, high)) * (1, -1)
        panes.append((box, places.clip(-10_000, 10_000)))  # PIL draws no line to further places
    return pixels, panes


def _shades(loss: Loss, w1: np.ndarray, w2: np.ndarray) -> np.ndarray:
    """Return the colours of the levels of a loss of two parameters, uint8."""
    heights = array(loss(*np.meshgrid(w1, w2)))
    levels, colours = levels_of(heights)
    return (255 * colours[np.digitize(heights, levels[1:-1])]).astype(np.uint8)


def _walked(pixels: np.ndarray, panes: list[tuple[Box, np.ndarray]], step: int) -> np.ndarray:
    """Return the colours of the ground with the first steps of each path; what leaves its axes is not drawn."""
    from PIL import Image, ImageDraw

    image = Image.fromarray(pixels)
    for (box, path), (colour, _marker, _style) in zip(panes, cycle(PATHS), strict=False):
        pane = image.crop(box)
        draw = ImageDraw.Draw(pane)
        gone = [(float(x), float(y)) for x, y in path[: step + 1]]
        draw.line(gone, fill=colour, width=3)
        for place in gone:
            draw.circle(place, 4, fill=colour)
        draw.circle(gone[-1], 8, fill=colour, outline="white", width=2)
        draw.circle(gone[0], 8, fill="white", outline=colour, width=3)
        image.paste(pane, box)
    return np.asarray(image)
