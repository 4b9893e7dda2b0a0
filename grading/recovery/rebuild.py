"""Rebuild what a student handed in: the instructor's notebook, with the student's answers put in their cells."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.course.release import keep_language
from grading.recovery.additions import split_off
from grading.recovery.assembling import assemble
from grading.recovery.choosing import (
    choose_answers,
    choose_predictions,
    choose_similar_answers,
    choose_texts,
    may_answer,
    own_words,
)
from grading.recovery.matching import (
    is_of_this_course,
    match_containing,
    match_identical,
    match_marked,
    match_predictions,
    match_similar_provided,
)
from grading.recovery.pieces import Piece, essence, language_of, read_pieces, stage_of, started
from grading.recovery.preparing import join_parts, read_code, without_other_stages
from grading.recovery.reading import RebuildError
from grading.recovery.slots import Given, Notes, Slot, wanted_by
from grading.results.model import Note, Reason, Remark

# Of a file that was cut off, this part of the answers' places must be there.
ENOUGH = 0.75
# Of what may be an answer, so many characters are shown to the marker.
EXCERPT = 60


@dataclass(frozen=True)
class Rebuilt:
    """The notebook to run, a remark on each kind of damage mended, the answers not written.

    looks: why a marker should look for the answer to an open question elsewhere, by the question's name.
    finished: the names of the answers that leave nothing to be written, as far as one can see.
    """

    notebook: NotebookNode
    remarks: tuple[Remark, ...]
    unanswered: tuple[str, ...]
    looks: dict[str, Remark] = field(default_factory=dict)
    finished: frozenset[str] = frozenset()


def rebuild(submitted: dict[str, Any], instructor: NotebookNode, is_cut: bool = False) -> Rebuilt:
    """Return the instructor's notebook, in the submission's language, with the student's answers; changes neither.

    submitted: as `read_submission` gives it. instructor: the stage's notebook, with both languages and all solutions.
    is_cut: whether cells may be lacking that the student wrote.
    Checks and setup cells are the instructor's. An answer that is absent is its released skeleton. What else the
    student wrote stays beside its neighbours, in cells with the role "extra". Outputs stay on demo cells only. What
    students never get is left out of an instructor's own notebook.
    Raises RebuildError for a notebook of another stage, of another course, or none.
    """
    stage, stated = instructor.metadata.gradus.stage, stage_of(submitted)
    pieces = read_pieces(submitted)
    if stated not in (stage, None) and all(started(piece) != stage for piece in pieces):
        raise RebuildError(Reason.OTHER_STAGE, found=stated, stage=stage)
    notebook, given = nbformat.from_dict(instructor), Given(instructor)  # the quickest copy
    notebook.metadata.gradus.pop("releases", None)
    lang = language_of(submitted, pieces, instructor)
    keep_language(notebook, lang)
    slots = [Slot(cell, lang, given) for cell in notebook.cells]
    notes: Notes = defaultdict(list)

    pieces = [piece for piece in pieces if essence(piece.source, piece.is_code) not in given.withheld]
    pieces = without_other_stages(pieces, stated, given, notes)
    pieces = read_code(join_parts(pieces, given, wanted_by(slots)), slots)
    match_marked(pieces, slots, notes)
    match_identical(pieces, slots)
    match_predictions(pieces, slots)
    match_containing(pieces, slots)
    match_similar_provided(pieces, slots)
    _refuse_others(submitted, pieces, slots)
    if is_cut and sum(bool(slot.copies) for slot in slots) < ENOUGH * len(slots):
        raise RebuildError(Reason.DAMAGED, error="too few of its cells can be read")
    pieces = split_off(pieces, slots, notes)
    choose_answers(pieces, slots, notes)
    choose_similar_answers(pieces, slots, notes)
    choose_predictions(slots)
    unsure = choose_texts(pieces, slots, notes)
    notebook.cells = list(assemble(pieces, slots))
    remarks = tuple(Remark(code, {"cells": list(dict.fromkeys(names))}) for code, names in notes.items())
    unanswered = tuple(slot.name for slot in slots if slot.is_asked and slot.chosen is None)
    if len(unanswered) == sum(slot.is_asked for slot in slots):
        remarks += tuple(_nothing_found(pieces, unanswered))
    looks = {slot.name: Remark(Reason.LOOK_BESIDE) for slot in slots if slot in unsure}
    looks |= _looks(pieces, [slot for slot in slots if slot.name in unanswered and slot.role == "open"], is_cut)
    return Rebuilt(notebook, remarks, unanswered, looks, frozenset(slot.name for slot in slots if slot.is_finished))


def _refuse_others(submitted: dict[str, Any], pieces: list[Piece], slots: list[Slot]) -> None:
    """Refuse what has nothing of the stage, and what defines some of its names in another course."""
    stage, wanted = slots[0].given.stage, wanted_by(slots)
    is_matched = any(piece.slot for piece in pieces)
    is_ours = stage_of(submitted) == stage or is_of_this_course(pieces, slots)
    if is_matched and is_ours:
        return
    defined = sorted({name for piece in pieces for name in wanted & piece.defined.keys()})
    if not is_matched and not defined:
        raise RebuildError(Reason.NOTHING_FOUND, stage=stage)
    if not is_ours:
        raise RebuildError(Reason.OTHER_COURSE, stage=stage, names=defined)


def _nothing_found(pieces: list[Piece], unanswered: tuple[str, ...]) -> Iterator[Remark]:
    """Say of a notebook without any answer what the student did write, if anything."""
    own = [piece.name for piece in pieces if piece.name]
    if own:
        yield Remark(Note.NO_ANSWER, {"cells": own, "answers": list(unanswered)})


def _looks(pieces: list[Piece], open_slots: list[Slot], is_cut: bool) -> dict[str, Remark]:
    """Say where the answers to these open questions may stand."""
    if not open_slots:
        return {}
    given = open_slots[0].given
    cells = [_excerpt(piece, given) for piece in may_answer(pieces, given) if piece.name]
    looks = {slot.name: Remark(Reason.LOOK, {"cells": cells}) for slot in open_slots if cells}
    lost = {slot.name: Remark(Reason.LOOK_LOST) for slot in open_slots if is_cut and not slot.copies}
    return lost | looks


def _excerpt(piece: Piece, given: Given) -> str:
    words = " ".join(own_words(piece, given).split())
    return f"{piece.name} ({words if len(words) <= EXCERPT else f'{words[:EXCERPT]}…'})"
