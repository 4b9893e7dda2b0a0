"""Put together the notebook to run: the instructor's cells with the answers in them, the student's own between."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.recovery.choosing import last_before, own_words
from grading.recovery.pieces import Piece, is_valid
from grading.recovery.slots import Given, Slot


def assemble(pieces: list[Piece], slots: list[Slot]) -> Iterator[NotebookNode]:
    """Yield the cells to run: each slot's, and the student's other pieces beside the neighbours that they had."""
    extras = defaultdict(list)
    position = {slot: i for i, slot in enumerate(slots)}
    makers = {name: i for i, slot in reversed(list(enumerate(slots))) for name in slot.wanted}
    places = [position[piece.slot] if piece.slot and piece is piece.slot.home else None for piece in pieces]
    before, after = list(last_before(places)), list(last_before(reversed(places)))[::-1]
    origins = [slot.chosen.origin for slot in slots if slot.chosen]
    hidden = {origin for origin in origins if origin and not own_words(origin, slots[0].given)}
    for piece, previous, following in zip(pieces, before, after, strict=True):
        if piece.slot is None and not piece.origin and piece not in hidden and _is_own(piece, slots[0].given):
            # A helper that stands before an answer moves with it; any other extra cell with what it follows.
            place = -1 if previous is None else previous
            if following is not None and _is_answer(slots, following) and not _is_answer(slots, previous):
                place = following - 1
            # One that defines what an answer should comes before that, lest it take its place.
            place = min([place, *(makers[name] - 1 for name in makers.keys() & piece.defined.keys())])
            extras[place].append(piece)
    numbers = iter(range(1, len(pieces) + 1))
    for place in range(-1, len(slots)):
        if place >= 0:
            yield _filled(slots[place])
        for piece in extras[place]:
            piece.name = f"extra-{next(numbers)}"
            yield _extra(piece)


def _extra(piece: Piece) -> NotebookNode:
    """Return a cell of the student's own."""
    cell: dict[str, Any] = {"id": piece.name, "metadata": {"gradus": {"role": "extra"}}, "source": piece.source}
    if piece.is_code:
        cell |= {"cell_type": "code", "execution_count": None, "outputs": []}
    else:
        cell |= {"cell_type": "markdown"} | ({"attachments": piece.attachments} if piece.attachments else {})
    made: NotebookNode = nbformat.from_dict(cell)
    return made


def _is_own(piece: Piece, given: Given) -> bool:
    """Whether a piece without a slot says anything that students were not given."""
    return bool(piece.source.strip() if piece.is_code else given.own_text(piece.source) or piece.attachments)


def _is_answer(slots: list[Slot], place: int | None) -> bool:
    return place is not None and slots[place].role == "answer"


def _filled(slot: Slot) -> NotebookNode:
    """Return the slot's cell with the student's answer, and outputs on demos only."""
    cell = slot.cell
    if slot.is_code:
        cell.outputs, cell.execution_count = [], None
    if slot.role == "demo" and slot.copies:
        cell.outputs = [nbformat.from_dict(output) for output in slot.copies[-1].outputs if _can_be_shown(output)]
    if not slot.is_provided:
        cell.source = slot.chosen.source if slot.chosen else slot.released
        if slot.chosen and slot.chosen.attachments and not slot.is_code:
            cell.attachments = nbformat.from_dict(slot.chosen.attachments)
    return cell


def _can_be_shown(output: object) -> bool:
    return is_valid(cell_type="code", execution_count=None, outputs=[output])
