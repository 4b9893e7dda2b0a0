"""What students added to cells that are not answers: statements, lines of text, words in comments."""

import ast
import re

from rapidfuzz import fuzz

from grading.recovery.pieces import Piece
from grading.recovery.slots import ALIKE, Given, Notes, Slot, wanted_by
from grading.results.model import Note
from grading.syntax.definitions import code_of, definitions, names_bound
from grading.syntax.names import used_names
from grading.syntax.parsing import tree_of

# Fewer words, far from an open question, are no answer to it.
FEW_WORDS = 5
SAYS = ("print", "display", "Markdown")
_COMMENT = re.compile(r"(?:^|(?<=\s))#+[ \t]?(.*)")


def split_off(pieces: list[Piece], slots: list[Slot], notes: Notes) -> list[Piece]:
    """Make pieces of their own of what a student added to cells that are not answers."""
    for slot in slots:
        if slot.role in ("setup", "check"):
            if not slot.copies:
                notes[Note.CELLS_MISSING].append(slot.name)
            elif all(not slot.is_untouched(piece.source) for piece in slot.copies):
                notes[Note.CELLS_CHANGED].append(slot.name)
    split: list[Piece] = []
    for piece in pieces:
        split.append(piece)
        provided = piece.slot
        if not provided or not provided.is_provided or piece.source.strip() == provided.released.strip():
            continue
        if provided.is_code:
            is_changed = not provided.is_untouched(piece.source)
            added = _added_code(piece.source, provided, _needed(pieces, slots)) if is_changed else []
            split += [Piece(True, code) for code in added]
            words = words_of(piece.source, provided.given)
        else:
            words = _added_text(piece.source, provided)
        if words:
            split.append(Piece(False, words, attachments=piece.attachments))
    return split


def words_of(source: str, given: Given) -> str:
    """Return what a code cell says in words that students were not given: in comments, strings, what it prints."""
    tree = tree_of(source)
    if tree is None:
        code = re.search(r"(?m)^\s*[%!]|\b(?:def|return|import|lambda)\b|[=(]", source)
        return "" if code else given.own_text(source)
    inner = {line for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) for line in _lines(node)}
    said = []
    for number, line in enumerate(source.split("\n"), start=1):
        comment = _COMMENT.search(line) if number not in inner and line.strip() not in given.lines else None
        if comment and tree_of(comment[1]) is None:
            said.append(comment[1])
    for node in tree.body:
        if isinstance(node, ast.Expr) and code_of(node, source).strip() not in given.lines:
            said += _strings(node.value)
    return "\n".join(said).strip()


def is_only_words(source: str) -> bool:
    """Whether a code cell does nothing but say something."""
    tree = tree_of(source)
    return tree is None or all(isinstance(node, ast.Expr) and _strings(node.value) for node in tree.body)


def are_many(words: str) -> bool:
    """Whether these may be an answer to an open question, wherever they stand."""
    return len(re.findall(r"[^\W\d_]{2,}", words)) >= FEW_WORDS


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _strings(value: ast.expr) -> list[str]:
    """Return the strings that an expression is, or prints."""
    if isinstance(value, ast.Call):
        name = value.func.id if isinstance(value.func, ast.Name) else ""
        return [text for part in value.args for text in _strings(part)] if name in SAYS else []
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    texts = (part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str))
    return [text for text in texts if text.strip()]


def _needed(pieces: list[Piece], slots: list[Slot]) -> set[str]:
    """Return the names that the student's own code uses, and those that answers must define."""
    own = (piece for piece in pieces if piece.is_code and (piece.slot is None or piece.slot.role == "answer"))
    return wanted_by(slots).union(*(used_names(piece.source) for piece in own))


def _added_code(source: str, slot: Slot, needed: set[str]) -> list[str]:
    """Return the statements that a provided cell does not have, and that define or use what it does not define."""
    tree, released = tree_of(source), tree_of(slot.released)
    if tree is None:
        return []
    known, ours = definitions(slot.released), {ast.dump(node) for node in released.body} if released else set()
    own = [node for node in tree.body if ast.dump(node) not in ours]
    added = {name for node in own for name in names_bound(node)} - known.keys()
    kept: list[str] = []
    for node in reversed(own):
        names, code = set(names_bound(node)) & added, code_of(node, source)
        # Demos and checks are not run: what they assign, often after a long computation, is kept if it is needed.
        uses = slot.role == "setup" and used_names(code) & added and not names_bound(node)
        if uses or (names and (slot.role == "setup" or names_bound(node, assigned=False) or names & needed)):
            needed = needed | used_names(code)
            kept += reversed(_apart(node) or [code])
    return list(dict.fromkeys(reversed(kept)))


def _apart(node: ast.stmt) -> list[str]:
    """Return each import of a statement that has several by itself: one that fails costs no other."""
    return [ast.unparse(ast.Import([alias])) for alias in node.names] if isinstance(node, ast.Import) else []


def _added_text(source: str, slot: Slot) -> str:
    """Return the lines that the provided text does not have, nor a line much like them."""
    lines = slot.given.own_text(source).splitlines()
    known = slot.released.splitlines()
    own = [line for line in lines if not any(fuzz.ratio(line, ours, score_cutoff=ALIKE) for ours in known if line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(own)).strip()
