"""Match what was handed in with the cells of the instructor's notebook: by its marks, its content, its likeness."""

import re
from collections import defaultdict
from collections.abc import Callable

from rapidfuzz import fuzz

from grading.recovery.pieces import Piece, essence, started
from grading.recovery.slots import ALIKE, TELLING, Notes, Slot, docstrings, wanted_by
from grading.results.model import Note
from grading.syntax.parsing import MAX_SOURCE, tree_of

# So short a cell may stand in another one by chance.
SHORT = 20


def match_marked(pieces: list[Piece], slots: list[Slot], notes: Notes) -> None:
    """Match the pieces that still carry their grade_id."""
    by_name = {slot.name: slot for slot in slots if slot.marks}
    for piece in pieces:
        name = piece.grade_id
        slot = by_name.get(name)
        if slot is None:
            continue
        slot.claim(piece)
        for key in ("points", "locked", "grade", "solution"):
            was_released = key == "points" and slot.given.had_points(slot.name, piece.marks.get(key))
            if key in piece.marks and piece.marks[key] != slot.marks.get(key) and not was_released:
                change = f"{name} ({key} {str(piece.marks[key])[:50]} instead of {slot.marks.get(key)})"
                notes[Note.SETTINGS_CHANGED].append(change)


def match_identical(pieces: list[Piece], slots: list[Slot]) -> None:
    """Match pieces without marks that are as they were released; the stubs of open answers are all the same."""
    by_content = defaultdict(list)
    for slot in slots:
        if slot.role != "open":
            by_content[slot.is_code, essence(slot.released, slot.is_code)].append(slot)
    for piece in pieces:
        alike = by_content.get((piece.is_code, essence(piece.source, piece.is_code)), [])
        if piece.slot is None and alike:
            next((slot for slot in alike if not slot.copies), alike[0]).claim(piece)


def match_predictions(pieces: list[Piece], slots: list[Slot]) -> None:
    """Match what was written in the place of a prediction: as its marks say, else as it gives the name a value."""
    wanted = wanted_by(slots)
    predicted = {slot.name: slot for slot in slots if slot.role == "predict"}
    for piece in pieces:
        if piece.slot is None and piece.is_code and not wanted & piece.defined.keys():
            named = (name for name in (piece.predicts, *piece.defined) if name in predicted)
            if name := next(named, None):
                predicted[name].claim(piece)


def match_containing(pieces: list[Piece], slots: list[Slot]) -> None:
    """Match pieces without marks that hold, among other things, a whole cell that was provided."""
    sources = {
        piece: essence(piece.source, piece.is_code) for piece in pieces if piece.slot is None and not piece.origin
    }
    for slot in sorted(slots, key=lambda slot: -len(slot.released)):
        if slot.is_provided and not slot.copies and len(slot.released) > SHORT:
            released = essence(slot.released, slot.is_code)
            alike = (piece for piece, source in sources.items() if piece.is_code == slot.is_code and released in source)
            if piece := next((piece for piece in alike if piece.slot is None), None):
                slot.claim(piece)


def match_similar_provided(pieces: list[Piece], slots: list[Slot]) -> None:
    """Match pieces without marks that were provided, and changed since."""
    wanted = wanted_by(slots)
    match_similar(
        [piece for piece in pieces if piece.slot is None and not wanted & piece.defined.keys()],
        [slot for slot in slots if slot.is_provided and not slot.copies],
        fuzz.ratio,
    )


def match_similar(pieces: list[Piece], slots: list[Slot], score: Callable[..., float]) -> None:
    """Match pieces to slots, the most similar pair first."""
    scores = [
        (-score(slot.released, piece.source, score_cutoff=ALIKE), j, i)
        for i, piece in enumerate(pieces)
        for j, slot in enumerate(slots)
        if piece.is_code == slot.is_code and len(piece.source) <= MAX_SOURCE
    ]
    for negative, j, i in sorted(scores):
        if negative and pieces[i].slot is None and not slots[j].copies:
            slots[j].claim(pieces[i])


def is_of_this_course(pieces: list[Piece], slots: list[Slot]) -> bool:
    """Whether a notebook holds anything of what was released: our marks, a text, a check, a docstring."""
    names = {slot.name for slot in slots if slot.role == "check"}
    given = slots[0].given
    for piece in pieces:
        slot = piece.slot
        if piece.role or piece.grade_id in names or started(piece) == given.stage:
            return True
        if slot and slot.is_provided and len(piece.source) > TELLING and not re.match("(?:import|from) ", piece.source):
            return True
        if piece.is_code and piece.parses and docstrings(tree_of(piece.source)) & given.docstrings:
            return True
    return False
