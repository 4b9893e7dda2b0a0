"""What students' cells have shown, as HTML that does no harm: pictures, HTML, and text as terminals show it."""

import re
from collections.abc import Callable

from markupsafe import Markup, escape
from nbformat import NotebookNode

from grading.pages.cleaning import clean, picture_of, without_pictures
from grading.pages.markdown import markdown
from grading.pages.room import Room, cut, cut_off

MAX_OUTPUT, MAX_OUTPUTS = 5_000, 30
# Of an output before it is cut.
MAX_RAW = 20 * MAX_OUTPUT
# The order to empty a line of the terminal, which progress bars give before they write it again.
ERASE = re.compile(r"\x1b\[2?K")
PATH = re.compile(r"(?<![\w:/.<])(?:~|file://)?/(?:[^\s/'\"<>:]+/)+")


def outputs(nodes: list[NotebookNode], tidy: Callable[[str], str], room: Room | None = None) -> list[Markup]:
    """Return the first outputs of a cell: each a picture, else HTML, else text, which goes through `tidy`."""
    room = room or Room()
    shown: list[Markup] = []
    for node in nodes:
        if room.is_used_up or len(shown) == MAX_OUTPUTS:
            return [*shown, cut_off()]
        shown.append(_output(node, tidy, room))
    return shown


def _output(node: NotebookNode, tidy: Callable[[str], str], room: Room) -> Markup:
    data = {} if node.output_type in ("stream", "error") else node.data
    if picture := picture_of(data):
        return clean(f'<img src="{escape(picture)}">', room=room) if room.take(0) else cut_off()
    for kind, render in (("image/svg+xml", clean), ("text/html", clean), ("text/markdown", markdown)):
        if kind in data:
            html, pasted = without_pictures(str(data[kind]))
            made = render(html, pasted, room) if room.take(len(html)) else cut_off()
            return Markup('<div class="rich" tabindex="0">{}</div>').format(made)
    text = "\n".join(node.traceback) if node.output_type == "error" else node.get("text", data.get("text/plain", ""))
    text = str(text)[:MAX_RAW]
    if not room.take(len(text)):
        return cut_off()
    return Markup('<pre class="output">{}</pre>').format(cut(tidy(overwritten(text)), MAX_OUTPUT))


def overwritten(text: str) -> str:
    """Return what a terminal shows of a text in the end: a carriage return goes back to the start of the line."""
    return "\n".join(map(_overwritten_line, text.replace("\r\n", "\n").split("\n"))) if "\r" in text else text


def _overwritten_line(line: str) -> str:
    shown: list[str] = []
    for part in line.split("\r"):
        if ERASE.match(part):
            shown, part = [], ERASE.sub("", part)
        shown[: len(part)] = part
    return "".join(shown)


def without_paths(text: str) -> str:
    """Return a text in which files have lost the folders that they lie in on the machine."""
    return PATH.sub("…/", text)
