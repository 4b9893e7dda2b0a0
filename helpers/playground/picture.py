"""A trial as one picture, drawn from arrays: the boundary, a map for each hidden unit, the curves.

matplotlib takes 0.2 s for a dozen maps. Here each pixel is a number of a palette: the picture is a small PNG with a
transparent ground between its panels, so it suits a light and a dark theme.
"""

import io
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib import get_data_path
from PIL import Image, ImageColor, ImageDraw, ImageFont

from helpers.messages import _
from helpers.playground.clouds import HALF, Points
from helpers.playground.trial import SIDE, Trial
from helpers.plots import BLACK, BLUE, GREY, ORANGE

GAP, PANEL, CURVE = 12, 340, 120  # pixels: between panels, the side of a map, the height of a curve
WIDTH, HEIGHT = 2 * PANEL + GAP, PANEL + GAP + CURVE
MAX_UNITS = 64  # of which there are maps
SHOWN = 600  # pixels of a page that the width takes: sharper than one for one
TEXT, HEAD, SAMPLE, DASH = 14, 28, 21, 7

# The palette: nothing at 0; SHADES from class 0 over white to class 1; some plain colours; INKS, from white to black.
SHADES, INKS = 63, 16
PLAIN = {"white": "#FFFFFF", "black": BLACK, "blue": BLUE, "orange": ORANGE, "grey": GREY, "light": "#E4E4E4"}
CODES = {name: 1 + SHADES + place for place, name in enumerate(PLAIN)}
FIRST_INK = 1 + SHADES + len(PLAIN)


@cache
def _palette() -> bytes:
    """Return red, green and blue of each code."""
    white, blue, orange = (np.array(ImageColor.getrgb(colour)) for colour in ("#FFFFFF", BLUE, ORANGE))
    away = np.linspace(-1, 1, SHADES)[:, None]  # half as strong as the points are
    shades = white + 0.5 * np.abs(away) * (np.where(away < 0, blue, orange) - white)
    plain = [ImageColor.getrgb(colour) for colour in PLAIN.values()]
    inks = np.linspace(255, 34, INKS)[:, None].repeat(3, axis=1)
    return np.concatenate([[[255, 255, 255]], shades, plain, inks]).round().astype(np.uint8).tobytes()


def png(trial: Trial) -> bytes:
    """Draw a trial as it stands."""
    canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
    seen = trial.seen
    panel = canvas[:PANEL, :PANEL]
    panel[:] = _shaded(2 * seen.Yhat[:, 1] - 1, PANEL)
    panel[_edge(seen.Yhat[:, 1] - seen.Yhat[:, 0], PANEL, width=3)] = CODES["black"]
    _put_points(panel, trial.train)
    if seen.hidden is not None:
        _put_units(canvas[:PANEL, PANEL + GAP :], seen.hidden)
    for left, (title, top, names) in zip(
        (0, PANEL + GAP),
        ((_("loss"), None, ("loss_train", "loss_test")), (_("accuracy"), 1.0, ("acc_train", "acc_test"))),
        strict=True,
    ):
        _put_curves(canvas[PANEL + GAP :, left : left + PANEL], title, [trial.history[name] for name in names], top)
    image = Image.fromarray(canvas)
    image.putpalette(_palette())
    file = io.BytesIO()
    image.save(file, "PNG", transparency=0, compress_level=1)
    return file.getvalue()


def _resized(values: np.ndarray, size: int) -> np.ndarray:
    """Return the values of the grid (SIDE²,) for size × size pixels, smoothly."""
    values = np.clip(values, -1e3, 1e3)  # so that none is infinite as float32
    image = Image.fromarray(values.reshape(SIDE, SIDE).astype(np.float32))
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


def _shaded(values: np.ndarray, size: int) -> np.ndarray:
    """Return the codes of values from -1, class 0, to 1."""
    levels = (np.clip(_resized(values, size), -1, 1) + 1) / 2 * (SHADES - 1)
    return 1 + levels.round().astype(np.uint8)


def _edge(values: np.ndarray, size: int, width: int) -> np.ndarray:
    """Return where, within `width` pixels, the values change their sign: booleans (size, size)."""
    sides = _resized(values, size + width - 1) > 0
    windows = np.lib.stride_tricks.sliding_window_view(sides, (width, width))
    count = windows.sum(axis=(2, 3), dtype=np.uint8)
    return (count > 0) & (count < width * width)


def _put_units(panel: np.ndarray, hidden: np.ndarray) -> None:
    """Draw a map for each hidden unit, as large as there is room; a line where the unit is 0."""
    n = min(hidden.shape[1], MAX_UNITS)
    columns = max(2, int(np.ceil(np.sqrt(n))))
    size = (PANEL - (columns - 1) * GAP // 2) // columns
    strongest = max(1.0, float(np.abs(hidden).max()))  # of tanh, 1: a weak unit is pale
    for k in range(n):
        top, left = ((size + GAP // 2) * place for place in divmod(k, columns))
        tile = panel[top : top + size, left : left + size]
        tile[:] = _shaded(hidden[:, k] / strongest, size)
        tile[_edge(hidden[:, k], size, width=2)] = CODES["grey"]


def _put_points(panel: np.ndarray, points: Points) -> None:
    """Draw discs for class 0, triangles for class 1, with a white rim."""
    X, c = points[0].numpy(), points[1].argmax(1).numpy()
    pixels = ((X * [1, -1] + HALF) / (2 * HALF) * PANEL).astype(int)
    for k, colour in enumerate(("blue", "orange")):
        for shape, code in zip(_marks()[k], (CODES["white"], CODES[colour]), strict=True):
            rows, columns = (
                (pixels[c == k, axis][:, None] + offsets).ravel() for axis, offsets in ((1, shape[0]), (0, shape[1]))
            )
            inside = (rows >= 0) & (rows < PANEL) & (columns >= 0) & (columns < PANEL)
            panel[rows[inside], columns[inside]] = code


@cache
def _marks() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return for each class its mark with the rim, and without: offsets of rows and of columns from the middle."""
    y, x = np.mgrid[-7:8, -7:8]
    disc, wedge = np.hypot(x, y), np.maximum(2 * np.abs(x) - y, 2 * y) / 2
    return tuple(
        tuple(np.argwhere(shape <= size).T - 7 for size in sizes)
        for shape, sizes in ((disc, (5.5, 4)), (wedge, (5, 3.4)))
    )


def _put_curves(panel: np.ndarray, title: str, lines: Sequence[Sequence[float]], top: float | None) -> None:
    """Draw a curve for train and one, dashed, for test. top: of the axis; None for the highest value, and a legend."""
    panel[:] = CODES["white"]
    panel[[0, -1], :] = panel[:, [0, -1]] = CODES["light"]
    highest = top or max((max(line) for line in lines if line), default=0.0) or 1.0
    image = Image.fromarray(panel)
    pen = ImageDraw.Draw(image)
    for line, colour, dash in ((lines[1], "orange", DASH), (lines[0], "blue", 0)):
        _draw_line(pen, _pixels(line, highest), CODES[colour], dash)
    _write(image, _("{title}, 0 to {top:.2g}").format(title=title, top=highest), 8)
    if top is None:
        left = PANEL
        for name, colour, dash in ((_("test"), "orange", DASH), (_("train"), "blue", 0)):
            left -= _mask(name).shape[1] + SAMPLE + DASH
            left -= left % (2 * DASH)  # where a dash begins
            _draw_line(pen, [(left + step, HEAD // 2) for step in range(0, SAMPLE + 1, DASH)], CODES[colour], dash)
            _write(image, name, left + SAMPLE + 4)
    panel[:] = np.asarray(image)


def _pixels(line: Sequence[float], highest: float) -> list[tuple[float, float]]:
    """Return where the points of a curve lie in its panel, not more of them than can be seen."""
    chosen = np.unique(np.linspace(0, len(line) - 1, PANEL // 2).astype(int)) if line else []
    across, up = (PANEL - 16) / max(len(line) - 1, 1), (CURVE - HEAD - 10) / highest
    return [(8 + across * i, CURVE - 6 - up * line[i]) for i in chosen]


def _draw_line(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], code: int, dash: int) -> None:
    if len(points) == 1:
        x, y = points[0]
        pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=code)
    for start, end in pairwise(points):
        if not dash or int(start[0]) // dash % 2 == 0:
            pen.line((start, end), fill=code, width=3)


def _write(image: Image.Image, text: str, left: int) -> None:
    """Write dark text into the head of a light panel."""
    mask = _mask(text)
    image.paste(Image.fromarray(FIRST_INK + mask), (left, 4), Image.fromarray(mask > 0))


@cache
def _mask(text: str) -> np.ndarray:
    """Return how dark each pixel of a text is, from 0 to INKS - 1."""
    font = ImageFont.truetype(Path(get_data_path()) / "fonts/ttf/DejaVuSans.ttf", TEXT)  # Pillow's own has no accents
    left, _top, right, bottom = font.getbbox(text)
    image = Image.new("L", (int(right - left) + 2, int(bottom) + 2))
    ImageDraw.Draw(image).text((-left, 0), text, fill=255, font=font)
    return np.asarray(image) // 16
