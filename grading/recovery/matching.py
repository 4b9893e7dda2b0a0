"""Match what was handed in with the cells of the instructor's notebook: by its marks, its content, its likeness."""

import ast
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from rapidfuzz import fuzz

from grading.recovery.pieces import Piece, essence, started
from grading.recovery.slots import ALIKE, TELLING, Given, Slot, docstrings, wanted_by
from grading.results.model import Note
from grading.syntax.definitions import names_bound
from grading.syntax.parsing import MAX_SOURCE, tree_of

# A student who splits a cell makes a few parts.
MAX_PARTS = 5
# So short a cell may stand in another one by chance.
SHORT = 20
# What shows something; with it alone, indented lines below a function are no part of it.
SHOWS = ("print", "display", "help", "len", "type", "dir", "repr", "str", "list")

Notes = dict[Note, list[str]]


def without_other_stages(pieces: list[Piece], begins: str | None, given: Given, notes: Notes) -> list[Piece]:
    """Leave out the cells of other stages: from what leads to their setup cell on, up to the setup cell of this one.

    begins: the stage that the first cells belong to.
    """
    now = begins or given.stage
    kept: list[Piece] = []
    for piece in pieces:
        starts = started(piece)
        if starts and starts != now:
            if starts != given.stage:
                notes[Note.OTHER_CELLS].append(starts)
                while now == given.stage and kept and _leads(kept[-1], given):
                    kept.pop()
            now = starts
        if now == given.stage:
            kept.append(piece)
    return kept


def _leads(piece: Piece, given: Given) -> bool:
    """Whether a cell above a setup cell of another stage belongs to it: its title, what installs the helpers."""
    is_given = essence(piece.source, piece.is_code) in given.texts
    if piece.is_code:
        return "find_spec(" in piece.source or (bool(piece.role) and not is_given)
    return not is_given and (bool(piece.role) or piece.source.lstrip().startswith("# "))


def read_code(pieces: list[Piece], slots: list[Slot]) -> list[Piece]:
    """Return the pieces, code mended that Python cannot read as it stands, and taken out of cells that are not code."""
    by_name = {slot.name: slot for slot in slots if slot.marks}
    given, wanted, read = slots[0].given, wanted_by(slots), []
    for piece in pieces:
        slot = by_name.get(_name_of(piece))
        if piece.is_code and essence(piece.source, True) in given.texts:
            read.append(piece)
        elif piece.is_code or (slot and slot.is_code):
            read.append(replace(piece.as_code(), origin=None))
        else:
            read.append(piece)
            if essence(piece.source, False) not in given.texts:
                code = piece.as_code()
                read += [replace(code, marks={})] if code.parses and wanted & code.defined.keys() else []
    return read


def join_parts(pieces: list[Piece], given: Given, wanted: set[str]) -> list[Piece]:
    """Join code cells that parse only together: a function that the student split, be there other cells between."""
    joined: list[Piece] = []
    used: set[int] = set()  # the places of what was joined to another
    for position, first in enumerate(pieces):
        if position in used:
            continue
        if essence(first.source, first.is_code) in given.texts:
            joined.append(first)
            continue
        whole, members = first, set[int]()
        for place in range(position + 1, min(len(pieces), position + 2 * MAX_PARTS)):
            part = pieces[place]
            if len(members) == MAX_PARTS - 1 or not _may_continue(first, part, given):
                break
            longer = replace(whole, source=f"{whole.source}\n{part.source}", mends=(*first.mends, Note.JOINED))
            if place not in used and _continues(whole, part, longer, wanted):
                whole, members = longer, members | {place}
                if whole.parses:
                    first, used = whole, used | members
        joined.append(first)
    return joined


def _may_continue(first: Piece, part: Piece, given: Given) -> bool:
    """Whether a cell may stand in a function that begins in another one, or between its parts."""
    same = _name_of(part) in (None, _name_of(first))
    return first.is_code and same and not (part.is_code and essence(part.source, True) in given.texts)


def _continues(whole: Piece, part: Piece, longer: Piece, wanted: set[str]) -> bool:
    """Whether a cell goes on with the function or the class above; a text, a helper and a scratch cell do not."""
    if not part.is_code or (part.parses and (whole.parses or not longer.parses)):
        return False
    above, own = tree_of(whole.source), tree_of(textwrap.dedent(part.source))
    if above is None:
        return True
    if not above.body or not re.match(r"\s*\n?[ \t]", part.source):
        return False
    if own and any(wanted & set(names_bound(node)) and not _is_method(node) for node in own.body):
        return False  # an answer, all indented
    if isinstance(above.body[-1], ast.ClassDef):
        return True
    if not _falls_through(above.body):
        return False
    return own is None or not (all(map(_is_scratch, own.body)) or _lines(part) <= _lines(whole))


def _is_method(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and [arg.arg for arg in node.args.args[:1]] in (["self"], ["cls"])


def _lines(piece: Piece) -> set[str]:
    return {line.strip() for line in piece.source.splitlines()}


def _is_scratch(node: ast.stmt) -> bool:
    """Whether a statement of a scratch cell does nothing but show a value, or define a helper."""
    if not isinstance(node, ast.Expr):
        return isinstance(node, ast.Assert | ast.FunctionDef | ast.ClassDef)
    call = node.value
    return not isinstance(call, ast.Call) or (isinstance(call.func, ast.Name) and call.func.id in SHOWS)


def _falls_through(body: list[ast.stmt]) -> bool:
    """Whether Python may come to what follows the last of these statements, or of the function that it defines."""
    match body[-1:]:
        case [ast.Return() | ast.Raise()]:
            return False
        case [ast.FunctionDef(body=inner) | ast.AsyncFunctionDef(body=inner) | ast.With(body=inner)]:
            return _falls_through(inner)
        case [ast.If(body=inner, orelse=other)]:
            return not other or _falls_through(inner) or _falls_through(other)
    return True


def match_marked(pieces: list[Piece], slots: list[Slot], notes: Notes) -> None:
    """Match the pieces that still carry their grade_id."""
    by_name = {slot.name: slot for slot in slots if slot.marks}
    for piece in pieces:
        name = _name_of(piece)
        slot = by_name.get(name)
        if slot is None:
            continue
        slot.claim(piece)
        for key in ("points", "locked", "grade", "solution"):
            if key in piece.marks and piece.marks[key] != slot.marks.get(key):
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
        if piece.role or _name_of(piece) in names or started(piece) == given.stage:
            return True
        if slot and slot.is_provided and len(piece.source) > TELLING and not re.match("(?:import|from) ", piece.source):
            return True
        if piece.is_code and piece.parses and docstrings(tree_of(piece.source)) & given.docstrings:
            return True
    return False


def _name_of(piece: Piece) -> str | None:
    """Return the grade_id of a piece, if it has one."""
    name = piece.marks.get("grade_id")
    return name if isinstance(name, str) else None
