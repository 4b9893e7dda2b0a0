"""How an open question is marked: an author's note, read as the boxes that a marker ticks."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from nbformat import NotebookNode

MAX_BOXES = 9  # each has a key
NUMBER = r"(\d+(?:\.\d+)?)"
LINE = re.compile(rf"- (?:{NUMBER} points?|or {NUMBER}(?: points?)?|at most {NUMBER}(?: points?)?): +(\S.*)")
SEE = re.compile(r"- see (`[^`]+`(?:, `[^`]+`)*)\s*")


class Kind(StrEnum):
    """What ticking a box does."""

    POINTS = "points"  # it earns them
    INSTEAD = "or"  # it earns them in the place of the box above it
    CAP = "at most"  # the whole answer earns no more


@dataclass(frozen=True)
class Box:
    """What a marker may tick: its wording, which names it, and what it is worth."""

    text: str
    points: float
    kind: Kind = Kind.POINTS


@dataclass(frozen=True)
class Scheme:
    """A note, read: its boxes, what else it says, and pieces of code of the cells whose outputs markers see."""

    boxes: tuple[Box, ...] = ()
    rest: str = ""
    sees: tuple[str, ...] = ()

    def points(self, ticked: Collection[str]) -> float:
        """Return what an answer earns for which these boxes, by their wording, are ticked."""
        earned: list[float] = []
        for box in self.boxes:
            worth = box.points if box.text in ticked else 0.0
            if box.kind is Kind.POINTS:
                earned.append(worth)
            elif box.kind is Kind.INSTEAD and earned:
                earned[-1] = max(earned[-1], worth)
        caps = [box.points for box in self.boxes if box.kind is Kind.CAP and box.text in ticked]
        return min([sum(earned), *caps])

    @property
    def whole(self) -> float:
        """What the boxes are worth together."""
        return sum(box.points for box in self.boxes if box.kind is Kind.POINTS)


def read_scheme(note: str) -> Scheme:
    """Read a note: `- 1 point: …`, `- or 0.5: …`, `- at most 3: …` are boxes, ``- see `code` `` names a cell."""
    boxes, rest, sees = [], [], []
    for item in _items(note):
        whole = " ".join(item.split())
        if found := LINE.fullmatch(whole):
            kinds = zip((Kind.POINTS, Kind.INSTEAD, Kind.CAP), found.groups()[:3], strict=True)
            kind, points = next((kind, float(number)) for kind, number in kinds if number)
            boxes.append(Box(found[4], points, kind))
        elif found := SEE.fullmatch(whole):
            sees += re.findall("`([^`]+)`", found[1])
        else:
            rest.append(item)
    return Scheme(tuple(boxes), "\n".join(rest).strip(), tuple(sees))


def bad_scheme(scheme: Scheme, points: float) -> Iterator[str]:
    """Say what keeps an answer from being marked with this scheme, out of so many points."""
    if not scheme.boxes:
        yield "has no boxes: give it lines `- 1 point: what earns it`"
    elif scheme.whole != points:
        yield f"has boxes worth {scheme.whole:g} together, and the question has {points:g} points: make them equal"
    if len(scheme.boxes) > MAX_BOXES:
        yield f"has {len(scheme.boxes)} boxes, and there are keys for {MAX_BOXES}: join some"
    known: set[str] = set()
    above = 0.0
    for box in scheme.boxes:
        if box.text in known:
            yield f"has two boxes {box.text!r}: word them differently"
        known.add(box.text)
        if box.kind is Kind.CAP and box.points >= points:
            yield f"has a line `- at most {box.points:g}: …` that takes nothing off {points:g} points"
        if box.kind is Kind.INSTEAD and box.points >= above:
            yield f"has a line `- or {box.points:g}: …` that does not stand below a box of more points"
        above = box.points if box.kind is Kind.POINTS else above if box.kind is Kind.INSTEAD else 0.0


def schemes_of(instructor: NotebookNode) -> Mapping[str, Scheme]:
    """Return the schemes of a stage's open questions, as its instructor's notebook holds them, in order."""
    questions = [cell.metadata.nbgrader.grade_id for cell in instructor.cells if cell.metadata.gradus.role == "open"]
    notes = {cell.metadata.gradus.get("name"): cell.source for cell in instructor.cells if _is_note(cell)}
    return {name: read_scheme(notes.get(name, "")) for name in questions}


def without_notes(instructor: NotebookNode) -> None:
    """Leave out the notes, in place: nobody is graded by them, so a note that changes has nobody graded again."""
    instructor.cells = [cell for cell in instructor.cells if not _is_note(cell)]


def _is_note(cell: NotebookNode) -> bool:
    return bool(cell.metadata.gradus.role == "marking")


def _items(note: str) -> list[str]:
    """Return a note's items, each with the lines that go on with it, and what stands between them."""
    items: list[str] = []
    for line in note.splitlines():
        if items and (line.startswith("  ") or (line.strip() and not line.startswith("- ") and items[-1].strip())):
            items[-1] += "\n" + line
        else:
            items.append(line)
    return items
