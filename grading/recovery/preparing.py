"""Make ready what was handed in before it is matched: other stages left out, code mended, parts of a cell joined."""

import ast
import re
import textwrap
from dataclasses import replace

from grading.recovery.pieces import Piece, essence, started
from grading.recovery.slots import Given, Notes, Slot, wanted_by
from grading.results.model import Note
from grading.syntax.definitions import names_bound
from grading.syntax.parsing import tree_of

# A student who splits a cell makes a few parts.
MAX_PARTS = 5
# What shows something; with it alone, indented lines below a function are no part of it.
SHOWS = ("print", "display", "help", "len", "type", "dir", "repr", "str", "list")


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
        slot = by_name.get(piece.grade_id)
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
    same = part.grade_id in ("", first.grade_id)
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
    first = next((line for line in part.source.splitlines() if line.strip()), "").expandtabs()
    if not _falls_through(above.body, indentation=len(first) - len(first.lstrip())):
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


def _falls_through(body: list[ast.stmt], indentation: int) -> bool:
    """Whether Python may come to what follows the last of these statements, or of the function that it defines.

    A function within that function has ended where what follows is indented less than its body.
    """
    match body[-1:]:
        case [ast.Return() | ast.Raise()]:
            return False
        case [ast.FunctionDef(body=inner) | ast.AsyncFunctionDef(body=inner)] if body[-1].col_offset:
            return inner[0].col_offset > indentation or _falls_through(inner, indentation)
        case [ast.FunctionDef(body=inner) | ast.AsyncFunctionDef(body=inner) | ast.With(body=inner)]:
            return _falls_through(inner, indentation)
        case [ast.If(body=inner, orelse=other)]:
            return not other or _falls_through(inner, indentation) or _falls_through(other, indentation)
    return True
