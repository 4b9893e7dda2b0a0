"""Drawings for pages: SVG in the colours of the page, whatever these are, which asks for nothing from elsewhere."""

import io
import re
from typing import Any

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.figure import Figure

from grading.overview.numbers import PointsNumbers
from helpers.messages import _, number

# What matplotlib is told, and what the page puts in its place.
INK, BAR, MIDDLE = "#010101", "#020202", "#030303"
COLOURS = {INK: "currentColor", BAR: "var(--bar)", MIDDLE: "var(--accent)"}
SETTINGS: Any = {"svg.fonttype": "none", "svg.hashsalt": "overview", "font.size": 11, "font.family": "sans-serif"}


def histogram(points: PointsNumbers) -> Markup:
    """Draw how many students have how many points, and the median."""
    with rc_context(SETTINGS):
        figure = Figure(figsize=(7, 2.7), layout="constrained")
        ax = figure.add_subplot()
        width = 0.92 * (points.edges[1] - points.edges[0])
        bars = ax.bar(points.edges[:-1], points.counts, width, align="edge", color=BAR, edgecolor="none")
        ax.bar_label(bars, [str(count) if count else "" for count in points.counts], color=INK, padding=2)
        median = points.quartiles[1]
        ax.axvline(median, color=MIDDLE, linewidth=2, linestyle=(0, (4, 3)), ymax=0.8)
        ax.set_xlim(0, points.edges[-1])
        ax.set_ylim(0, max(points.counts) * 1.18 + 0.1)
        ax.set_yticks([])
        ax.set_xticks(points.edges, [number(edge, "g") for edge in points.edges])
        ax.set_xlabel(_("points"), color=INK)
        ax.tick_params(color=INK, labelcolor=INK)
        for side, spine in ax.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(INK)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    said = _("How many of {n} students have how many points; the median is {median}.")
    return _in_page(drawn.getvalue(), said.format(n=points.students, median=number(median, "g")))


def _in_page(svg: str, said: str) -> Markup:
    """Return a drawing of matplotlib's as a part of a page, and what it shows in words."""
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r"font: [^;]*?(\d+)px[^;]*;", r"font-size: \1px;", svg)  # the page's own letters
    for colour, ours in COLOURS.items():
        svg = svg.replace(colour, ours)
    head = Markup('<svg role="img" aria-label="{}" ').format(escape(said))
    return Markup(svg.replace("<svg ", head, 1))
