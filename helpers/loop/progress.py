"""How far a student is: the parts of the notebook, what holds, what is open, and the minutes that are left."""

import html
from collections.abc import Mapping
from typing import Any

from helpers.loop.standing import FORM, HOLDS, codes_of
from helpers.loop.watching import Loop, current
from helpers.messages import _, number


def progress() -> "Progress":
    """Return how far the student is: the value of a cell."""
    return Progress(current())


class Progress:
    """A table in a notebook, and the same words as text elsewhere."""

    def __init__(self, loop: Loop | None):
        self._rows, self._below = [], [_("Run the first cells of the notebook, then this one again.")]
        if loop is not None:
            self._rows, self._below = _rows(loop), _below(loop)

    def __repr__(self) -> str:
        width = max((len(part) for part, _marks, _points in self._rows), default=0)
        lines = [f"{part:{width}}  {points}\n    {'  '.join(marks)}".rstrip() for part, marks, points in self._rows]
        return "\n".join([*lines, *self._below])

    def _repr_html_(self) -> str:
        style = "text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0"
        rows = []
        for row in self._rows:
            part, *marks, points = (html.escape(text) for text in (row[0], *row[1], row[2]))
            listed = " &ensp;".join(f'<span style="white-space: nowrap">{mark}</span>' for mark in marks)
            points = f'<span style="white-space: nowrap">{points}</span>'
            cells = "".join(f'<td style="{style}">{content}</td>' for content in (part, listed, points))
            rows.append(f"<tr>{cells}</tr>")
        below = "".join(f"<p>{html.escape(line)}</p>" for line in self._below)
        return f"<table>{''.join(rows)}</table>{below}"


def _rows(loop: Loop) -> list[tuple[str, list[str], str]]:
    """Return for each part its heading, its checks with their marks, and the points of those that hold."""
    rows = []
    for part, (_minutes, _answers, checks) in loop.parts.items():
        marks = [f"{loop.standing(name).mark} {name}" for name in checks]
        rows.append((part, marks, _points(loop, checks) if checks else ""))
    return rows


def _points(loop: Loop, checks: Mapping[str, float]) -> str:
    earned = sum(points for name, points in checks.items() if loop.standing(name).mark == HOLDS)
    sentence = _("{earned} of {all} points")
    return sentence.format(earned=number(earned, "g"), all=number(sum(checks.values()), "g"))


def _below(loop: Loop) -> list[str]:
    held = loop.answers()
    gone = [name for name in loop.asked if name in loop.gone]
    stubs = [name for name in loop.asked if name in held and name not in gone and _is_stub(held[name])]
    absent = [name for name in loop.asked if name not in held and name not in gone]
    lines = [f"{loop.counted()} · {_points(loop, loop.checks)}"]
    for told, names in (
        (_("Not written yet: {names}"), stubs),
        (_("Not run yet: {names}"), absent),
        (_("Defined no longer: {names}"), gone),
    ):
        if names:
            lines.append(told.format(names=", ".join(names)))
    if minutes := _minutes_left(loop):
        lines.append(_("About {n} minutes are left.").format(n=minutes))
    lines.append(_("When the notebook is graded, more inputs are tried, and a person reads the answers in words."))
    return lines


def _minutes_left(loop: Loop) -> int:
    """Add up the minutes of the parts where a check is open; a part without checks is done when a later has begun."""
    left, open_before = 0, 0
    for minutes, _answers, checks in loop.parts.values():
        done = [loop.standing(name).mark in (HOLDS, FORM) for name in checks]
        if not checks:
            open_before += minutes
        elif any(done):
            open_before = 0
        left += minutes if not all(done) else 0
    return left + open_before


def _is_stub(answer: Any) -> bool:
    """Tell whether an answer is as it was released, or a part of it is."""
    return any("NotImplementedError" in code.co_names for code in codes_of(answer))
