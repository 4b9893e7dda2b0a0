"""What pictures show, in words, for who does not see them: pictures with their alt text, the curves of a figure."""

import html
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import numpy as np

from helpers.messages import _

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

# Nobody listens to more of one picture.
MAX_ITEMS = 12
# TeX in the labels of figures, and how it is read.
LETTERS = {"eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "gamma": "γ", "varepsilon": "ε", "ell": "ℓ"}
LETTERS |= {"delta": "δ", "Delta": "Δ", "partial": "∂", "top": "T", "Vert": "‖", "langle": "⟨", "rangle": "⟩"}
LETTER = re.compile(rf"\\({'|'.join(LETTERS)})(?![a-z])")
# A curve that comes lower, or higher, than its ends by this share of its height: that is told, too.
SHARE = 0.05


@dataclass(frozen=True)
class Picture:
    """A picture under a cell, as HTML: of a bare one, front ends drop the alt text.

    png: the file. width: on the screen, in pixels. alt: a sentence that says what is to be seen.
    """

    png: bytes = field(repr=False)
    width: int
    alt: str

    def __repr__(self) -> str:
        return self.alt

    @property
    def source(self) -> str:
        """The address that holds the picture itself."""
        return f"data:image/png;base64,{b64encode(self.png).decode()}"

    def _repr_html_(self) -> str:
        style = "max-width: 100%; height: auto"
        return f'<img src="{self.source}" width="{self.width}" style="{style}" alt="{html.escape(self.alt)}">'


def plain(label: str) -> str:
    """Return a label of a figure as it is read: on one line, its formulas without TeX."""
    words = [_formula(part) if k % 2 else part for k, part in enumerate(label.split("$"))]
    return " ".join("".join(words).split())


def _formula(tex: str) -> str:
    tex = LETTER.sub(lambda found: LETTERS[found[1]], tex)
    tex = re.sub(r"\\(mathcal|mathrm|text)\{(\w+)\}", r"\2", tex)
    tex = re.sub(r"\\tilde\{(\w+)\}", r"\1 tilde ", tex)  # another quantity than the letter alone
    tex = normalize("NFC", re.sub(r"\\hat\{(\w+)\}", "\\1\N{COMBINING CIRCUMFLEX ACCENT}", tex))
    tex = re.sub(r"\^\{(.*?)\}", r"^\1", tex)
    return re.sub(r"\\[,;]|[{}\\_]", " ", tex)


def listed(items: Iterable[str], separator: str = ", ") -> str:
    """Return the first of some items in a row, with dots in the place of the others."""
    items = list(items)
    return separator.join([*items[:MAX_ITEMS], *["…"][: len(items) - MAX_ITEMS]])


def reading(names: Mapping[Any, str] | Sequence[str], edges: Iterable[tuple[Any, Any]]) -> str:
    """Say of a graph which node reads which; its edges are pairs (from, to) of keys of `names`."""
    sources: dict[Any, list[str]] = {}
    for start, end in edges:
        sources.setdefault(end, []).append(plain(names[start]))
    sentence = _("{node} reads {sources}")
    said = (sentence.format(node=plain(names[node]), sources=listed(read)) for node, read in sources.items())
    return listed(said, "; ")


def curves_of(figure: "Figure") -> str:
    """Say of each curve that a legend names where it starts and ends, and where between these it is lowest, highest.

    One legend may stand for the curves of all axes: those of the same colour and style.
    """
    lines = [line for ax in figure.axes for line in ax.lines]
    names = {(line.get_color(), line.get_linestyle()): _name(line) for line in lines if _name(line)}
    return " ".join(filter(None, (_curves_on(ax, names) for ax in figure.axes)))


def _name(line: "Line2D") -> str:
    """Return what a legend says of a line, "" if none names it."""
    label = str(line.get_label())
    return "" if label.startswith("_") else plain(label)


def _curves_on(ax: "Axes", names: dict[tuple, str]) -> str:
    courses = []
    if any(map(_name, ax.lines)):
        names = {}  # those of other axes
    for line in ax.lines:
        name = _name(line) or names.get((line.get_color(), line.get_linestyle()))
        is_guide = line.get_transform() is not ax.transData  # from edge to edge
        if name and not is_guide and line.get_linestyle() != "None":
            courses.append(f"{name}, {_course(*(np.asarray(numbers, dtype=float) for numbers in line.get_data()))}")
    if not courses:
        return ""
    sentence = _("{what} by {x}: {curves}.") if ax.get_xlabel() else _("{what}: {curves}.")
    what = listed(filter(None, (plain(ax.get_title()), plain(ax.get_ylabel()))))
    return sentence.format(what=what or _("value"), x=plain(ax.get_xlabel()), curves=listed(courses, "; "))


def _course(x: np.ndarray, y: np.ndarray) -> str:
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    if not len(y):
        return _("no number")
    said = [_("from {first:.3g} to {last:.3g}").format(first=y[0], last=y[-1])]
    margin, ends = SHARE * np.ptp(y), (y[0], y[-1])
    if y.min() < min(ends) - margin:
        said.append(_("lowest {value:.3g} at {place:.3g}").format(value=y.min(), place=x[y.argmin()]))
    if y.max() > max(ends) + margin:
        said.append(_("highest {value:.3g} at {place:.3g}").format(value=y.max(), place=x[y.argmax()]))
    return ", ".join(said)
