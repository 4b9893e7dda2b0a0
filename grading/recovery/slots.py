"""The cells of the instructor's notebook as places for answers, and all that students were given in them."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from nbformat import NotebookNode
from rapidfuzz import fuzz

from grading.course.release import TEXT_STUB, WITHHELD, as_released
from grading.recovery.pieces import Piece, definitions, essence, is_finished, parse
from grading.syntax import mending
from helpers.messages import LANGUAGES

# How much, in percent, a cell without marks must look like the released one.
ALIKE = 75
# What other courses, and plain nbgrader, have students replace.
STUBS = (*TEXT_STUB.strip("*").split(" · "), "YOUR ANSWER HERE")
# Shorter cells may be the same by chance.
TELLING = 60


class Given:
    """All that students were given, in both languages: no answer is made of it."""

    def __init__(self, instructor: NotebookNode):
        self.stage = instructor.metadata.gradus.stage
        cells = [cell for cell in instructor.cells if cell.metadata.gradus.role not in WITHHELD]
        sources = [(cell, as_released(cell, lang)) for cell in cells for lang in LANGUAGES]
        self.texts = {essence(source, cell.cell_type == "code") for cell, source in sources}
        self.lines = {line.strip() for _, source in sources for line in source.splitlines()}
        self.lines |= {stub.strip("*") for stub in (TEXT_STUB, *STUBS)} | {f"*{stub}*" for stub in STUBS} | {""}
        self._code: set[str] = set()
        for cell, source in sources:
            codes = [source] if cell.cell_type == "code" else mending.quoted(source)
            if cell.metadata.gradus.role != "check":
                self._code |= {essence(code, True) for each in codes for code in definitions(each).values()}
        self.docstrings = set()
        for cell, source in sources:
            tree = parse(source) if cell.metadata.gradus.role == "answer" else None
            self.docstrings |= docstrings(tree)

    def has_code(self, code: str) -> bool:
        """Whether students were given this definition."""
        return essence(code, True) in self._code

    def own_text(self, source: str) -> str:
        """Return the lines of a text that students were not given."""
        if essence(source, False) in self.texts:
            return ""
        own = "\n".join(line for line in source.splitlines() if not line.strip() or line.strip() not in self.lines)
        says = re.sub(r"(?m)^[ \t]*[`~]{3,}.*$", "", own)
        return re.sub(r"\n{3,}", "\n\n", own).strip() if re.search(r"\w", says) else ""


def docstrings(tree: ast.Module | None) -> set[str]:
    """Return the docstrings of a cell's definitions, those that are long enough to tell a course by."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    nodes = [node for node in ast.walk(tree) if isinstance(node, kinds)] if tree else []
    found = (ast.get_docstring(node) or "" for node in nodes)
    return {docstring for docstring in found if len(docstring) > TELLING}


@dataclass(eq=False)
class Slot:
    """One cell of the instructor's notebook, the pieces found for it, and the one chosen as the student's answer."""

    cell: NotebookNode
    lang: str
    given: Given
    copies: list[Piece] = field(default_factory=list)
    chosen: Piece | None = None

    def __post_init__(self):
        self.role = self.cell.metadata.gradus.role
        self.is_code = self.cell.cell_type == "code"
        self.marks = self.cell.metadata.get("nbgrader", {})
        self.name = self.marks.get("grade_id", self.cell.id)  # of a prediction, the name that it gives a value
        self.released = as_released(self.cell, self.lang)
        self.is_asked = self.role in ("answer", "open")
        self.is_provided = not self.is_asked and self.role != "predict"

    @cached_property
    def wanted(self) -> set[str]:
        """The names that an answer must define."""
        return set(definitions(self.released)) if self.role == "answer" else set()

    @cached_property
    def _releases(self) -> set[str]:
        return {essence(as_released(self.cell, lang), self.is_code) for lang in (self.lang, *LANGUAGES)}

    def is_untouched(self, source: str) -> bool:
        """Whether a piece holds nothing but what was released."""
        if not source.strip() or essence(source, self.is_code) in self._releases:
            return True
        return self.role == "open" and not self.given.own_text(source)

    def written(self) -> list[Piece]:
        """Return the copies that the student changed."""
        return [piece for piece in self.copies if not self.is_untouched(piece.source)]

    def rank(self, piece: Piece) -> int:
        """Say how far an answer a piece is: 3 finished, 2 it does not parse, 1 begun, 0 it defines something else."""
        if not self.wanted & piece.defined.keys():
            return 0
        if not piece.parses:
            return 2
        return 3 if all(is_finished(piece.source, name) for name in self.wanted) else 1

    @property
    def is_finished(self) -> bool:
        """Whether an answer was found that says it is done."""
        return self.chosen is not None and (self.role == "open" or self.rank(self.chosen) == 3)

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

    def is_alike(self, source: str) -> bool:
        """Whether a source is what was released, but for small changes."""
        return bool(fuzz.ratio(self.released, source, score_cutoff=ALIKE))


def wanted_by(slots: Iterable[Slot]) -> set[str]:
    """Return the names that the answers must define."""
    return set().union(*(slot.wanted for slot in slots))
