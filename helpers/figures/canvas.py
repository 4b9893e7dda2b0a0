"""What drawings are made of: an empty canvas, discs and arrows on it, fills."""

from typing import TYPE_CHECKING

from helpers.plots import BLUE, GREY, ORANGE, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIGHT = {BLUE: "#CCE3F0", ORANGE: "#F7DFCC", GREY: "#EEEEEE"}  # to fill what has this edge


def canvas(xlim: tuple[float, float], ylim: tuple[float, float], inch: float) -> "Axes":
    """Return empty axes without a frame, on which one unit is `inch` inches both ways."""
    _figure, ax = new_figure(size=(inch * (xlim[1] - xlim[0]), inch * (ylim[1] - ylim[0])))
    ax.set(xlim=xlim, ylim=ylim, aspect="equal")
    ax.axis("off")
    return ax


def disc(ax: "Axes", x: float, y: float, radius: float, colour: str, label: str = "") -> None:
    """Draw a disc, filled where there is a fill for its colour, with a label in it."""
    from matplotlib.patches import Circle

    ax.add_patch(
        Circle((x, y), radius, facecolor=LIGHT.get(colour, "white"), edgecolor=colour, linewidth=1.5, zorder=2)
    )
    ax.text(x, y, label, ha="center", va="center", fontsize=14, zorder=3)


def arrow(ax: "Axes", start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    """Draw an arrow."""
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", end, start, arrowprops=style)
