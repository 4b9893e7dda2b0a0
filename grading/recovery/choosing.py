"""Choose each answer among the pieces of a submission, and what may be the answers to open questions."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rapidfuzz import fuzz

from grading.recovery.additions import are_many, is_only_words, words_of
from grading.recovery.matching import match_similar
from grading.recovery.pieces import Piece
from grading.recovery.slots import Given, Notes, Slot
from grading.results.model import Note
from grading.syntax import mending
from grading.syntax.definitions import is_finished
from grading.syntax.parsing import tree_of

Value = TypeVar("Value")


def choose_answers(pieces: list[Piece], slots: list[Slot], notes: Notes) -> None:
    """Choose each answer: its last finished copy, else what defines its names elsewhere, else the best copy."""
    for slot in slots:
        if slot.role != "answer":
            continue
        marked, written = bool(slot.copies), slot.written()
        if len(slot.copies) > 1:
            notes[Note.SEVERAL_COPIES].append(slot.name)
        own = max(reversed(written), key=slot.rank, default=None)
        is_elsewhere = (own is None or slot.rank(own) < 2) and _choose_elsewhere(pieces, slot, marked, notes)
        if own and not is_elsewhere:
            slot.choose(own)
        if slot.chosen:
            for note in slot.chosen.mends:
                notes[note].append(slot.name)


def _choose_elsewhere(pieces: list[Piece], slot: Slot, marked: bool, notes: Notes) -> bool:
    """Choose the last cell that defines an answer's names, if it is not the cell of something else."""
    others = [
        piece
        for piece in pieces
        if piece.slot is None or (piece.slot is not slot and piece.slot.role == "answer")
        if any(not slot.given.has_code(piece.defined[name]) for name in slot.wanted & piece.defined.keys())
    ]
    found = [piece for piece in others if all(_counts(piece, name) for name in slot.wanted & piece.defined.keys())]
    if not found:
        if others:
            notes[Note.UNFINISHED].append(slot.name)
        return False
    piece = found[-1]
    if piece.slot is not None:  # another answer's cell: leave that and take the definitions
        parts = dict.fromkeys(piece.defined[name] for name in piece.defined if name in slot.wanted)
        slot.chosen = Piece(True, "\n\n\n".join(parts), mends=piece.mends)
    else:
        slot.choose(piece)
    notes[Note.FOUND_ELSEWHERE if marked else Note.FOUND_BY_NAMES].append(slot.name)
    return True


def _counts(piece: Piece, name: str) -> bool:
    """Whether a cell without the answer's marks may be taken as the answer: it leaves nothing to be written."""
    return is_finished(piece.defined[name], name) if piece.parses else "..." not in piece.source


def choose_similar_answers(pieces: list[Piece], slots: list[Slot], notes: Notes) -> None:
    """Choose for answers that were not found what looks like their skeletons."""
    lacking = [slot for slot in slots if slot.role == "answer" and not slot.chosen and not slot.copies]
    match_similar([piece for piece in pieces if piece.slot is None and not piece.origin], lacking, fuzz.partial_ratio)
    for slot in lacking:
        if slot.copies:
            slot.choose(slot.copies[0])
            notes[Note.FOUND_BY_LIKENESS].append(slot.name)
        else:
            notes[Note.NOT_FOUND].append(slot.name)


def choose_predictions(slots: list[Slot]) -> None:
    """Keep what was last written in the place of each prediction."""
    for slot in slots:
        if slot.role == "predict" and (written := slot.written()):
            slot.choose(written[-1])


def choose_texts(pieces: list[Piece], slots: list[Slot], notes: Notes) -> set[Slot]:
    """Choose the answer to each open question: the last copy that was changed, else the texts beside its place.

    Returns the questions whose answers were found by their place: a marker should look.
    """
    present = list(last_before(slot if slot.copies else None for slot in slots))
    unsure = set()
    for slot, before in zip(slots, present, strict=True):
        if slot.role != "open":
            continue
        marked, written = bool(slot.copies), slot.written()
        if len(slot.copies) > 1:
            notes[Note.SEVERAL_COPIES].append(slot.name)
        beside = [] if written else _texts_after(pieces, (slot, before) if marked else (before,), slot.given)
        if written:
            slot.choose(written[-1])
        elif beside:
            attachments = {name: data for piece in beside for name, data in piece.attachments.items()}
            text = "\n\n".join(
                words_of(piece.source, slot.given) if piece.is_code else slot.given.own_text(piece.source)
                for piece in beside
            )
            slot.chosen = Piece(False, text, attachments=attachments)
            for piece in beside:
                slot.claim(piece)
            notes[Note.FOUND_ELSEWHERE if marked else Note.FOUND_BY_PLACE].append(slot.name)
            unsure.add(slot)
        elif not marked:
            notes[Note.NOT_FOUND].append(slot.name)
    return unsure


def _texts_after(pieces: list[Piece], anchors: tuple[Slot | None, ...], given: Given) -> list[Piece]:
    """Return what the student says of their own after the pieces of these slots and before those of others."""
    last, texts = None, []
    for piece in pieces:
        if piece.slot is not None:
            last = piece.slot
        elif last in anchors and not piece.origin and (not piece.is_code or is_only_words(piece.source)):
            texts += [piece] if own_words(piece, given) else []
    return texts


def own_words(piece: Piece, given: Given) -> str:
    """Return the words of a piece that students were not given, without the code that a text quotes."""
    if piece.is_code:
        return words_of(piece.source, given)
    own = given.own_text(piece.source)
    if not own or not (code := piece.as_code()).parses or not code.defined:
        return own
    is_all_code = tree_of(piece.source) is not None or not mending.quoted(piece.source)
    return "" if is_all_code else given.own_text(mending.without_quoted(piece.source))


def may_answer(pieces: Iterable[Piece], given: Given) -> list[Piece]:
    """Return the pieces in no slot whose words may be an answer to an open question."""
    return [
        piece
        for piece in pieces
        if piece.slot is None and not piece.origin
        if (words := own_words(piece, given)) and (are_many(words) or _is_all_words(piece))
    ]


def _is_all_words(piece: Piece) -> bool:
    """Whether a piece holds no code, but words."""
    return is_only_words(piece.source) if piece.is_code else not piece.as_code().defined


def last_before(values: Iterable[Value | None]) -> Iterator[Value | None]:
    """Yield for each value the last one before it that is not None."""
    last: Value | None = None
    for value in values:
        yield last
        last = last if value is None else value
