"""A note that changed: what became of its boxes, and what that makes of the marks that have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from grading.course.schemes import Box, Scheme
from grading.marking.journal import Entry, Journal, Noted, now

SIMILAR = 50  # percent, from which on a new wording is taken for that of a box that is gone


@dataclass(frozen=True)
class Change:
    """One question's note that changed: a sentence for each box, and the marks as they would be now."""

    question: str
    sentences: tuple[str, ...]
    marks: tuple[Entry, ...]


def changes(journal: Journal, schemes: Mapping[str, Scheme], by: str) -> list[Change]:
    """Return what changes for those who have boxes that are others now."""
    found = []
    for question, scheme in schemes.items():
        before = journal.notes.get(question)
        if before is None or before == scheme.boxes:
            continue
        became = _pairs(before, scheme.boxes)
        marks, touched = [], set()
        for key, entries in sorted(journal.history.items()):
            last = entries[-1]
            if key[1] != question or last.points is None or not last.boxes:
                continue
            boxes = tuple(new.text for text in last.boxes if (new := became.get(text)))
            points = scheme.points(boxes)
            if (boxes, points) != (last.boxes, last.points):
                marks.append(replace(last, time=now(), by=by, boxes=boxes, points=points, via="note"))
                touched |= set(last.boxes)
        sentences = [_said(box, became.get(box.text)) for box in before if box.text in touched]
        if marks:
            found.append(Change(question, tuple(filter(None, sentences)), tuple(marks)))
    return found


def remember(journal: Journal, schemes: Mapping[str, Scheme]) -> None:
    """Write down the boxes as they are now, where they are others than those written down. Raises JournalError."""
    new = [
        Noted(now(), question, scheme.boxes)
        for question, scheme in schemes.items()
        if journal.notes.get(question) != scheme.boxes
    ]
    if new:
        journal.append(new)


def _pairs(before: Sequence[Box], after: Sequence[Box]) -> dict[str, Box]:
    """Return what each box is now, by its wording before: the same, else the one that is worded most like it."""
    found = {box.text: new for box in before for new in after if new.text == box.text}
    gone = [box for box in before if box.text not in found]
    new = [box for box in after if box.text not in found]
    likeness = [
        (fuzz.token_sort_ratio(old.text, one.text), old, one) for old in gone for one in new if old.kind is one.kind
    ]
    for alike, old, one in sorted(likeness, key=lambda item: -item[0]):
        if alike >= SIMILAR and old.text not in found and one not in found.values():
            found[old.text] = one
    return found


def _said(box: Box, new: Box | None) -> str:
    if new is None:
        return f"the note no longer has: {box.text} ({box.points:g})"
    words = f"worded: {new.text}" if new.text != box.text else ""
    worth = f"worth {box.points:g} → {new.points:g}" if new.points != box.points else ""
    return f"{box.text}: now {' and '.join(filter(None, (worth, words)))}" if words or worth else ""
