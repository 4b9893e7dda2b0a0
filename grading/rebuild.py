"""Rebuild what a student handed in: the instructor's notebook, with the student's answers put in their cells."""

import copy
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from rapidfuzz import fuzz

from grading.pieces import (
    Piece,
    RebuildError,
    definitions,
    essence,
    is_valid,
    language_of,
    read_pieces,
    stage_of,
)
from grading.release import TEXT_STUB, as_released, keep_language
from grading.results import Note, Reason, Remark
from grading.syntax import MAX_SOURCE
from helpers.messages import LANGUAGES

# How much, in percent, a cell without marks must look like the released one.
ALIKE = 75
# A student who splits a cell makes a few parts.
MAX_PARTS = 5

Notes = dict[Note, list[str]]


@dataclass(frozen=True)
class Rebuilt:
    """The notebook to run, a remark on each kind of damage mended, the answers not written.

    looks: why a marker should look for the answer to an open question elsewhere, by the question's name.
    """

    notebook: NotebookNode
    remarks: tuple[Remark, ...]
    unanswered: tuple[str, ...]
    looks: dict[str, Remark] = field(default_factory=dict)


def rebuild(submitted: NotebookNode, instructor: NotebookNode) -> Rebuilt:
    """Return the instructor's notebook, in the submission's language, with the student's answers; changes neither.

    submitted: what `read_submission` gives. instructor: the stage's notebook, with both languages and all solutions.
    Checks and setup cells are the instructor's. An answer that is absent is its released skeleton. What else the
    student wrote stays beside its neighbours, in cells with the role "extra". Outputs stay on demo cells only.
    Raises RebuildError for a notebook of another stage or none.
    """
    stage, stated = instructor.metadata.gradus.stage, stage_of(submitted)
    if stated not in (stage, None):
        raise RebuildError(Reason.OTHER_STAGE, found=stated, stage=stage)
    pieces = read_pieces(submitted)
    lang = language_of(submitted, pieces, instructor)
    notebook = copy.deepcopy(instructor)
    keep_language(notebook, lang)
    slots = [_Slot(cell, lang) for cell in notebook.cells]
    notes: Notes = defaultdict(list)

    pieces = _join_parts(pieces)
    _match_marked(pieces, slots, notes)
    _match_identical(pieces, slots)
    _match_similar_provided(pieces, slots)
    if all(piece.slot is None for piece in pieces) and not any(slot.defined_in(pieces) for slot in slots):
        raise RebuildError(Reason.NOTHING_FOUND, stage=stage)
    pieces = _split_off_additions(pieces, slots, notes)
    _choose_answers(pieces, slots, notes)
    _choose_similar_answers(pieces, slots, notes)
    _choose_texts(pieces, slots, notes)
    notebook.cells = list(_assemble(pieces, slots))
    remarks = tuple(Remark(code, {"cells": list(dict.fromkeys(names))}) for code, names in notes.items())
    unanswered = tuple(slot.name for slot in slots if not slot.is_provided and slot.chosen is None)
    return Rebuilt(notebook, remarks, unanswered)


@dataclass(eq=False)
class _Slot:
    """One cell of the instructor's notebook, the pieces found for it, and the one chosen as the student's answer."""

    cell: NotebookNode
    lang: str
    copies: list[Piece] = field(default_factory=list)
    chosen: Piece | None = None

    def __post_init__(self):
        self.role = self.cell.metadata.gradus.role
        self.is_code = self.cell.cell_type == "code"
        self.marks = self.cell.metadata.get("nbgrader", {})
        self.name = self.marks.get("grade_id", self.cell.id)
        self.released = as_released(self.cell, self.lang)
        self.is_provided = self.role not in ("answer", "open")

    @cached_property
    def wanted(self) -> set[str]:
        """The names that an answer must define."""
        return set(definitions(self.released)) if self.role == "answer" else set()

    @cached_property
    def _releases(self) -> set[str]:
        return {essence(as_released(self.cell, lang), self.is_code) for lang in (self.lang, *LANGUAGES)}

    def is_untouched(self, source: str) -> bool:
        """Whether a piece holds nothing but what was released."""
        return not source.strip() or essence(source, self.is_code) in self._releases

    def written(self) -> list[Piece]:
        """Return the copies that the student changed."""
        return [piece for piece in self.copies if not self.is_untouched(piece.source)]

    def defined_in(self, pieces: Iterable[Piece]) -> list[Piece]:
        """Return the pieces, not marked as something else, that define this answer."""
        return [
            piece
            for piece in pieces
            if piece.slot is None or (piece.slot is not self and piece.slot.role == "answer")
            if any(not self.is_untouched(piece.defined[name]) for name in self.wanted & piece.defined.keys())
        ]

    def claim(self, piece: Piece) -> None:
        """Take a piece for this slot."""
        piece.slot = self
        self.copies.append(piece)

    def choose(self, piece: Piece) -> None:
        """Take a piece as the student's answer; other copies that the student changed are let go."""
        if piece.slot is None:
            self.claim(piece)
        self.chosen = piece
        for other in self.written():
            if other.source.strip() != piece.source.strip():
                self.copies.remove(other)
                other.slot = None


def _join_parts(pieces: list[Piece]) -> list[Piece]:
    """Join code cells that parse only together: a function that the student split."""
    joined, position = [], 0
    while position < len(pieces):
        first = whole = pieces[position]
        size = 1
        for count, part in enumerate(pieces[position + 1 : position + MAX_PARTS], start=2):
            if not _may_continue(first, part) or (whole.parses and part.parses):
                break
            whole = Piece(True, f"{whole.source}\n{part.source}", first.marks, first.outputs, is_joined=True)
            if whole.parses:
                first, size = whole, count
        joined.append(first)
        position += size
    return joined


def _may_continue(first: Piece, part: Piece) -> bool:
    same = part.marks.get("grade_id") in (None, first.marks.get("grade_id"))
    return first.is_code and part.is_code and same


def _match_marked(pieces: list[Piece], slots: list[_Slot], notes: Notes) -> None:
    """Match the pieces that still carry their grade_id."""
    by_name = {slot.name: slot for slot in slots if slot.marks}
    for piece in pieces:
        name = piece.marks.get("grade_id")
        slot = by_name.get(name) if isinstance(name, str) else None
        if slot is None:
            continue
        slot.claim(piece)
        for key in ("points", "locked", "grade", "solution"):
            if key in piece.marks and piece.marks[key] != slot.marks.get(key):
                change = f"{name} ({key} {str(piece.marks[key])[:50]} instead of {slot.marks.get(key)})"
                notes[Note.SETTINGS_CHANGED].append(change)


def _match_identical(pieces: list[Piece], slots: list[_Slot]) -> None:
    """Match pieces without marks that are as they were released; the stubs of open answers are all the same."""
    by_content = defaultdict(list)
    for slot in slots:
        if slot.role != "open":
            by_content[slot.is_code, essence(slot.released, slot.is_code)].append(slot)
    for piece in pieces:
        alike = by_content.get((piece.is_code, essence(piece.source, piece.is_code)), [])
        if piece.slot is None and alike:
            next((slot for slot in alike if not slot.copies), alike[0]).claim(piece)


def _match_similar_provided(pieces: list[Piece], slots: list[_Slot]) -> None:
    """Match pieces without marks that were provided, and changed since."""
    wanted = set().union(*(slot.wanted for slot in slots))
    _match_similar(
        [piece for piece in pieces if piece.slot is None and not wanted & piece.defined.keys()],
        [slot for slot in slots if slot.is_provided and not slot.copies],
        fuzz.ratio,
    )


def _match_similar(pieces: list[Piece], slots: list[_Slot], score: Callable[..., float]) -> None:
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


def _split_off_additions(pieces: list[Piece], slots: list[_Slot], notes: Notes) -> list[Piece]:
    """Make a piece of its own of what a student added to a cell that is not an answer."""
    for slot in slots:
        if slot.role in ("setup", "check"):
            if not slot.copies:
                notes[Note.CELLS_MISSING].append(slot.name)
            elif all(not slot.is_untouched(piece.source) for piece in slot.copies):
                notes[Note.CELLS_CHANGED].append(slot.name)
    split = []
    for piece in pieces:
        split.append(piece)
        if piece.slot and piece.slot.is_provided:
            added = _added_code(piece) if piece.is_code else _added_text(piece)
            if added:
                split.append(Piece(piece.is_code, added, attachments=piece.attachments))
    return split


def _added_code(piece: Piece) -> str:
    """Return the statements that define names which the provided cell does not."""
    slot = piece.slot
    if slot.is_untouched(piece.source) or not piece.parses:
        return ""
    # Demos are not run for grading: what they assign, often after a long computation, is not needed.
    defined = definitions(piece.source, assigned=slot.role == "setup")
    known = definitions(slot.released)
    return "\n\n".join(dict.fromkeys(code for name, code in defined.items() if name not in known))


def _added_text(piece: Piece) -> str:
    """Return the lines that the provided text does not have."""
    known = set(piece.slot.released.splitlines()) - {""}
    added = "\n".join(line for line in piece.source.splitlines() if line not in known)
    return re.sub(r"\n{3,}", "\n\n", added).strip()


def _choose_answers(pieces: list[Piece], slots: list[_Slot], notes: Notes) -> None:
    """Choose each answer: the last copy that defines its names, else another cell that does, else the last copy."""
    for slot in slots:
        if slot.role != "answer":
            continue
        marked, written = bool(slot.copies), slot.written()
        if len(slot.copies) > 1:
            notes[Note.SEVERAL_COPIES].append(slot.name)
        own = [piece for piece in written if slot.wanted & piece.defined.keys()]
        elsewhere = [] if own else slot.defined_in(pieces)
        if own:
            slot.choose(own[-1])
        elif elsewhere:
            piece = elsewhere[-1]
            if piece.slot is not None:  # another answer's cell: leave that and take the definitions
                parts = dict.fromkeys(piece.defined[name] for name in piece.defined if name in slot.wanted)
                slot.chosen = Piece(True, "\n\n\n".join(parts))
            else:
                slot.choose(piece)
            where = Note.FOUND_ELSEWHERE if marked else Note.FOUND_BY_NAMES
            notes[where].append(slot.name)
        elif written:
            slot.choose(written[-1])
        if slot.chosen and slot.chosen.is_joined:
            notes[Note.JOINED].append(slot.name)


def _choose_similar_answers(pieces: list[Piece], slots: list[_Slot], notes: Notes) -> None:
    lacking = [slot for slot in slots if slot.role == "answer" and not slot.chosen and not slot.copies]
    _match_similar([piece for piece in pieces if piece.slot is None], lacking, fuzz.partial_ratio)
    for slot in lacking:
        if slot.copies:
            slot.choose(slot.copies[0])
            notes[Note.FOUND_BY_LIKENESS].append(slot.name)
        else:
            notes[Note.NOT_FOUND].append(slot.name)


def _choose_texts(pieces: list[Piece], slots: list[_Slot], notes: Notes) -> None:
    """Choose the answer to each open question: the last copy that was changed, else the texts beside its place."""
    present = list(_last_before(slot if slot.copies else None for slot in slots))
    for slot, before in zip(slots, present, strict=True):
        if slot.role != "open":
            continue
        marked, written = bool(slot.copies), slot.written()
        if len(slot.copies) > 1:
            notes[Note.SEVERAL_COPIES].append(slot.name)
        beside = [] if written else _texts_after(pieces, (slot, before) if marked else (before,))
        if written:
            slot.choose(written[-1])
        elif beside:
            attachments = {name: data for piece in beside for name, data in piece.attachments.items()}
            slot.chosen = Piece(False, "\n\n".join(piece.source for piece in beside), attachments=attachments)
            for piece in beside:
                slot.claim(piece)
            where = Note.FOUND_ELSEWHERE if marked else Note.FOUND_BY_PLACE
            notes[where].append(slot.name)
        elif not marked:
            notes[Note.NOT_FOUND].append(slot.name)


def _texts_after(pieces: list[Piece], anchors: tuple[_Slot | None, ...]) -> list[Piece]:
    """Return the student's own texts that come after the pieces of these slots and before those of others."""
    last, texts = None, []
    for piece in pieces:
        if piece.slot is not None:
            last = piece.slot
        elif not piece.is_code and last in anchors and _is_own(piece):
            texts.append(piece)
    return texts


def _is_own(piece: Piece) -> bool:
    """Whether a piece without a slot says anything."""
    return piece.source.strip() not in ("", TEXT_STUB)


def _assemble(pieces: list[Piece], slots: list[_Slot]) -> Iterator[NotebookNode]:
    """Yield the cells to run: each slot's, and the student's other pieces beside the neighbours that they had."""
    extras = defaultdict(list)
    position = {slot: i for i, slot in enumerate(slots)}
    places = [position[piece.slot] if piece.slot and _is_home(piece) else None for piece in pieces]
    before, after = list(_last_before(places)), list(_last_before(reversed(places)))[::-1]
    for piece, previous, following in zip(pieces, before, after, strict=True):
        if piece.slot is None and _is_own(piece):
            # A helper that stands before an answer moves with it; any other extra cell with what it follows.
            leads = following is not None and slots[following].role == "answer"
            follows = previous is not None and slots[previous].role == "answer"
            top = -1 if previous is None else previous
            extras[following - 1 if leads and not follows else top].append(piece)
    numbers = iter(range(1, len(pieces) + 1))
    for place in range(-1, len(slots)):
        if place >= 0:
            yield _filled(slots[place])
        for piece in extras[place]:
            cell = new_code_cell(piece.source) if piece.is_code else new_markdown_cell(piece.source)
            cell.id, cell.metadata = f"extra-{next(numbers)}", NotebookNode(gradus=NotebookNode(role="extra"))
            _attach(cell, piece)
            yield cell


def _last_before(values: Iterable) -> Iterator:
    """Yield for each value the last one before it that is not None."""
    last = None
    for value in values:
        yield last
        last = last if value is None else value


def _is_home(piece: Piece) -> bool:
    """Whether a piece is the one of its slot by which neighbours are placed."""
    slot = piece.slot
    return piece is (slot.chosen if slot.chosen in slot.copies else slot.copies[0])


def _filled(slot: _Slot) -> NotebookNode:
    """Return the slot's cell with the student's answer, and outputs on demos only."""
    cell = slot.cell
    if slot.is_code:
        cell.outputs, cell.execution_count = [], None
    if slot.role == "demo" and slot.copies:
        cell.outputs = [copy.deepcopy(output) for output in slot.copies[-1].outputs if is_valid(output, "output")]
    if not slot.is_provided:
        cell.source = slot.chosen.source if slot.chosen else slot.released
        if slot.chosen:
            _attach(cell, slot.chosen)
    return cell


def _attach(cell: NotebookNode, piece: Piece) -> None:
    if piece.attachments and cell.cell_type == "markdown":
        cell.attachments = copy.deepcopy(piece.attachments)
