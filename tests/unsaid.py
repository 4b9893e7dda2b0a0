"""Pictures without words: those that cells show, and those in pages."""

import re
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

import matplotlib.pyplot as plt


class _Pictures(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.unsaid: list[str] = []
        self._svg: list[str] = []  # the drawing that is open, until it says what it is

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("aria-hidden") == "true":
            return
        if tag == "img" and not (given.get("alt") or "").strip():
            self.unsaid.append(self.get_starttag_text()[:80])
        if tag == "svg" and not (given.get("aria-label") or "").strip():
            self._svg.append(self.get_starttag_text()[:80])
        if tag == "title":
            self._svg.clear()

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self.unsaid += self._svg
            self._svg.clear()


def unsaid_in(page: str) -> list[str]:
    """Return the pictures in HTML that nothing says in words: `<img>` without alt, `<svg>` without a name."""
    found = _Pictures()
    found.feed(page)
    found.close()
    return found.unsaid


def unsaid(shown: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the pictures without words among what a cell has shown, each as data by type, and in pyplot's figures.

    pyplot shows those at the end of the cell. They are closed.
    """
    found = [f"figure {number}" for number in plt.get_fignums()]
    plt.close("all")
    for data in shown:
        found += [kind for kind in data if re.match("image/", kind)] + unsaid_in(str(data.get("text/html", "")))
    return found
