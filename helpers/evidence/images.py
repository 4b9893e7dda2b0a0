"""Numbers as a small image: a colour and a sign for each, or the number itself where there is room for it."""

import io
import math
from functools import cache
from typing import TYPE_CHECKING

from helpers.evidence.model import Numbers
from helpers.messages import number

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

# Okabe and Ito's colours, as in other pictures, from white up to what black on it can be read on.
NEGATIVE, POSITIVE, STRONGEST = (0, 114, 178), (213, 94, 0), 0.7
STEPS = 20
PALETTE = [
    tuple(round(255 + STRONGEST * step / STEPS * (part - 255)) for part in strong)
    for strong in (NEGATIVE, POSITIVE)
    for step in range(STEPS + 1)
]
NONE, INK, EDGE = range(len(PALETTE), len(PALETTE) + 3)
PALETTE += [(190, 190, 190), (0, 0, 0), (140, 140, 140)]
# In pixels of a page. Images have twice as many, for fine screens.
PADDING, HIGH, LETTERS = 12, 22, 12  # of a number that is written
SMALL, LARGE, ALL = 8, 18, 240  # of an entry that is not
MOST_WRITTEN, MOST_LINES = 5, 12  # columns and rows of numbers that are written
FINE = 2
Box = tuple[int, int, int, int]


def heat_map(numbers: Numbers, scale: float, framed: tuple[int, int]) -> tuple[bytes, int]:
    """Return an image of numbers, as PNG, and how many pixels of a page it is wide.

    scale: the number that gets the strongest colour. framed: row and column of the entry to be seen first.
    """
    from PIL import Image, ImageDraw

    rows, columns = len(numbers), len(numbers[0])
    is_written = columns <= MOST_WRITTEN and rows <= MOST_LINES
    width = height = FINE * max(SMALL, min(LARGE, ALL // max(rows, columns)))
    if is_written:
        longest = max(_font().getlength(_words(value)) for row in numbers for value in row)
        width, height = FINE * (math.ceil(longest / FINE) + PADDING), FINE * HIGH
    image = Image.new("P", (columns * width + FINE, rows * height + FINE), EDGE)  # of few colours, so that it is small
    image.putpalette([part for colour in PALETTE for part in colour])
    draw = ImageDraw.Draw(image)

    def box_of(i: int, j: int) -> Box:
        return j * width + FINE, i * height + FINE, (j + 1) * width - 1, (i + 1) * height - 1

    for i, row in enumerate(numbers):
        for j, value in enumerate(row):
            box = box_of(i, j)
            draw.rectangle(box, _colour(value, scale))
            (_write if is_written else _sign)(draw, box, value)
    draw.rectangle(box_of(*framed), outline=INK, width=3)
    png = io.BytesIO()
    image.save(png, "PNG")
    return png.getvalue(), image.width // FINE


def _colour(value: float, scale: float) -> int:
    """Return the place of a colour in the palette."""
    if not math.isfinite(value):
        return NONE
    step = math.ceil(STEPS * min(1.0, abs(value) / scale)) if scale > 0 else 0
    return step if value < 0 else STEPS + 1 + step


def _words(value: float) -> str:
    return number(value, ".3g")


@cache
def _font() -> "FreeTypeFont | ImageFont":
    from PIL import ImageFont

    return ImageFont.load_default(FINE * LETTERS)


def _write(draw: "ImageDraw", box: Box, value: float) -> None:
    left, top, right, bottom = box
    draw.text(((left + right) / 2, (top + bottom) / 2), _words(value), INK, _font(), anchor="mm")


def _sign(draw: "ImageDraw", box: Box, value: float) -> None:
    """Draw − or +, nothing for zero, × for what is no finite number."""
    left, top, right, bottom = box
    x, y, half = (left + right) // 2, (top + bottom) // 2, (right - left) // 4
    if not math.isfinite(value):
        draw.line((x - half, y - half, x + half, y + half), INK, FINE)
        draw.line((x - half, y + half, x + half, y - half), INK, FINE)
    elif value:
        draw.line((x - half, y, x + half, y), INK, FINE)
        if value > 0:
            draw.line((x, y - half, x, y + half), INK, FINE)
