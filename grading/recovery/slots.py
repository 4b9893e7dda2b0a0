"""The cells of the instructor's notebook as places for answers, and all that students were given in them."""

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from nbformat import NotebookNode

from grading.course.release import TEXT_STUB, WITHHELD, as_released
from grading.recovery.pieces import Piece, essence
from grading.results.model import Note
from grading.syntax import mending
from grading.syntax.definitions import definitions, is_finished
from grading.syntax.parsing import tree_of
from helpers.messages import LANGUAGES

# How much, in percent, a cell without marks must look like the released one.
ALIKE = 75
# What other courses, and plain nbgrader, have students replace.
STUBS = (*TEXT_STUB.strip("*").split(" · "), "YOUR ANSWER HERE")
# Shorter cells may be the same by chance.
TELLING = 60

Notes = dict[Note, list[str]]  # what is to be said of a submission, of which of its cells


class Given:
    """All that students were given, in both languages: no answer is made of it."""

    def __init__(self, instructor: NotebookNode):
        self.stage = instructor.metadata.gradus.stage
        self._releases = frozenset(instructor.metadata.gradus.get("releases", ()))  # hashes of all that was published
        self.released: dict[str, dict[str, str]] = {}  # of each cell, by its id, in each language
        self.withheld: set[str] = set()  # what only instructors have
        self._sources: set[tuple[str, bool, str]] = set()
        for cell in instructor.cells:
            role, is_code = cell.metadata.gradus.role, cell.cell_type == "code"
            if role in WITHHELD:
                self.withheld.add(essence(cell.source, is_code))
            else:
                self.released[cell.id] = {lang: as_released(cell, lang) for lang in LANGUAGES}
                self._sources |= {(source, is_code, role) for source in self.released[cell.id].values()}
        self.texts = {essence(source, is_code) for source, is_code, _ in self._sources}

    @cached_property
    def lines(self) -> set[str]:
        """Every line that students were given, and the stubs of other courses."""
        stubs = {stub.strip("*") for stub in (TEXT_STUB, *STUBS)} | {f"*{stub}*" for stub in STUBS}
        return {line.strip() for source, *_ in self._sources for line in source.splitlines()} | stubs | {""}

    @cached_property
    def docstrings(self) -> set[str]:
        """The docstrings of the answers' skeletons that are long enough to tell a course by."""
        return set().union(*(docstrings(tree_of(source)) for source, _, role in self._sources if role == "answer"))

    @cached_property
    def _code(self) -> set[str]:
        """The definitions in what is no check, be they in code or quoted in a text."""
        sources = [(source, is_code) for source, is_code, role in self._sources if role != "check"]
        codes = [code for source, is_code in sources for code in ([source] if is_code else mending.quoted(source))]
        return {essence(definition, True) for code in codes for definition in definitions(code).values()}

    def has_code(self, code: str) -> bool:
        """Whether students were given this definition."""
        return essence(code, True) in self._code

    def was_released(self, source: str, is_code: bool) -> bool:
        """Whether a cell is one of any release that was ever published."""
        return release_hash(source, is_code) in self._releases

    def had_points(self, name: str, points: object) -> bool:
        """Whether a cell had so many points in any release that was ever published."""
        return isinstance(points, int | float) and points_hash(name, points) in self._releases

    def own_text(self, source: str) -> str:
        """Return the lines of a text that students were not given."""
        if essence(source, False) in self.texts or self.was_released(source, False):
            return ""
        own = "\n".join(line for line in source.splitlines() if not line.strip() or line.strip() not in self.lines)
        says = re.sub(r"(?m)^[ \t]*[`~]{3,}.*$", "", own)
        return re.sub(r"\n{3,}", "\n\n", own).strip() if re.search(r"\w", says) else ""


def release_hash(source: str, is_code: bool) -> str:
    """Return the hash by which a cell of an earlier release is known again."""
    return sha256(essence(source, is_code).encode("utf-8", "replace")).hexdigest()[:16]


def points_hash(name: str, points: float) -> str:
    """Return the hash by which the points that a cell had in an earlier release are known again."""
    return release_hash(f"{name}: {points:g} points", is_code=False)


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

    def __post_init__(self) -> None:
        self.role: str = self.cell.metadata.gradus.role
        self.is_code = self.cell.cell_type == "code"
        self.marks: dict[str, Any] = self.cell.metadata.get("nbgrader", {})
        self.name: str = self.marks.get("grade_id", self.cell.id)  # of a prediction, the name that it gives a value
        self.released = self.given.released[self.cell.id][self.lang]
        self.is_asked = self.role in ("answer", "open")
        self.is_provided = not self.is_asked and self.role != "predict"

    @cached_property
    def wanted(self) -> set[str]:
        """The names that an answer must define."""
        return set(definitions(self.released)) if self.role == "answer" else set()

    @cached_property
    def _releases(self) -> set[str]:
        return {essence(source, self.is_code) for source in self.given.released[self.cell.id].values()}

    def is_untouched(self, source: str) -> bool:
        """Whether a piece holds nothing but what was released."""
        if not source.strip() or essence(source, self.is_code) in self._releases:
            return True
        if self.given.was_released(source, self.is_code):
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

    @property
    def home(self) -> Piece:
        """The piece by which others that stand beside it are placed."""
        return self.chosen if self.chosen and self.chosen in self.copies else self.copies[0]

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


def wanted_by(slots: Iterable[Slot]) -> set[str]:
    """Return the names that the answers must define."""
    return set().union(*(slot.wanted for slot in slots))
