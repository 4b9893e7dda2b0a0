"""The cells that were handed in as pieces, whatever is wrong with them, and the stage and the language they state."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4.convert import upgrade_outputs
from nbformat.validator import get_validator

from grading.recovery.reading import RebuildError
from grading.results.model import Note, Reason
from grading.syntax import mending
from grading.syntax.definitions import definitions
from grading.syntax.parsing import KEPT, MAX_SOURCE, tree_of
from helpers.messages import LANGUAGES

if TYPE_CHECKING:
    from grading.recovery.slots import Slot

# Cells that hold something, and their text: a person's notebook has a tenth of that.
MAX_CELLS, MAX_TEXT = 2000, 5 * 2**20
START = re.compile(r"""(?m)^[ \t]*start\(\s*["'](?P<stage>\w+)["']\s*(?:,\s*lang\s*=\s*["'](?P<lang>\w+)["'])?""")


@dataclass(eq=False)
class Piece:
    """One cell as it was handed in, and the slot of the instructor's notebook that it fills, if one was found.

    role: what our metadata say that it was released as. predicts: of a prediction, the name that it gives a value.
    mends: what was done to it. origin: the text whose code it is: such code is used as an answer only.
    name: of the cell that was made of it, if one was.
    """

    is_code: bool
    source: str
    marks: dict[str, Any] = field(default_factory=dict)
    outputs: list[Any] = field(default_factory=list)
    attachments: dict[str, Any] = field(default_factory=dict)
    role: str = ""
    predicts: str = ""
    mends: tuple[Note, ...] = ()
    origin: "Piece | None" = None
    slot: "Slot | None" = None
    name: str = ""

    @property
    def grade_id(self) -> str:
        """The name that nbgrader's marks give the cell, "" if they give none."""
        name = self.marks.get("grade_id")
        return name if isinstance(name, str) else ""

    @cached_property
    def parses(self) -> bool:
        """Whether the cell is code without a syntax error."""
        return self.is_code and tree_of(self.source) is not None

    @cached_property
    def defined(self) -> Mapping[str, str]:
        """The names that the cell defines, each with the code that does."""
        return definitions(self.source) if self.is_code else {}

    def as_code(self) -> "Piece":
        """Return it as code, whatever its cell was, and mended where Python cannot read it as it stands."""
        if self.is_code:
            mended = as_typed(self.source)
            return (
                self if mended == self.source else replace(self, source=mended, mends=(*self.mends, Note.CODE_MENDED))
            )
        mends = (*self.mends, Note.NOT_CODE)
        return replace(self, is_code=True, source=as_typed(self.source, is_text=True), mends=mends, origin=self)


def stage_of(notebook: dict[str, Any]) -> str | None:
    """Return the stage that a submission says it belongs to, in its metadata or its setup cell."""
    stated = _stated(notebook, "stage")
    if isinstance(stated, str) and re.fullmatch(r"\w{1,100}", stated):
        return stated
    return next(filter(None, map(started, read_pieces(notebook))), None)


def started(piece: Piece, key: str = "stage") -> str | None:
    """Return the "stage" or the "lang" that a setup cell starts with."""
    call = START.search(piece.source) if piece.is_code else None
    return call and call[key]


def language_of(submitted: dict[str, Any], pieces: list[Piece], instructor: NotebookNode) -> str:
    """Find the language: as the metadata say, else as the setup cell says, else that of most of the prose."""
    for stated in (_stated(submitted, "lang"), next(filter(None, (started(piece, "lang") for piece in pieces)), None)):
        if stated in LANGUAGES:
            return stated
    texts = {essence(piece.source, False) for piece in pieces if not piece.is_code}
    prose: dict[str, set[str]] = {lang: set() for lang in LANGUAGES}
    for cell in instructor.cells:
        if lang := cell.metadata.gradus.get("lang"):
            prose[lang].add(essence(cell.source, False))
    return max(LANGUAGES, key=lambda lang: len(texts & prose[lang]))


def read_pieces(notebook: dict[str, Any]) -> list[Piece]:
    """Read the cells of a notebook of any format, whatever is wrong with them. Raises RebuildError for too many."""
    sheets = notebook.get("worksheets")
    parts = [notebook, *(sheets if isinstance(sheets, list) else ())]
    lists = (part.get("cells") for part in parts if isinstance(part, dict))
    cells = chain.from_iterable(cells for cells in lists if isinstance(cells, list))
    pieces = [_piece(cell) for cell in cells if isinstance(cell, dict)]
    pieces = [piece for piece in pieces if piece.source.strip() or piece.marks]
    size = sum(len(piece.source) for piece in pieces if len(piece.source) <= MAX_SOURCE)
    if len(pieces) > MAX_CELLS or size > MAX_TEXT:
        raise RebuildError(Reason.TOO_MUCH, cells=MAX_CELLS, limit=MAX_TEXT // 2**20)
    return pieces


def is_valid(**parts: object) -> bool:
    """Whether a cell with these parts is as nbformat wants it."""
    cell = {"id": "a", "metadata": {}, "source": ""} | parts
    try:
        # As a whole notebook: what nbformat has compiled its schema for is found out in a tenth of the time.
        get_validator(4).validate({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    except Exception:  # whatever is wrong with it, it is not shown
        return False
    return True


@lru_cache(KEPT)
def essence(source: str, is_code: bool) -> str:
    """Return a source without what does not matter: white space at the ends, blank lines, lines of comment in code."""
    lines = (line.rstrip() for line in source.strip().split("\n"))
    return "\n".join(line for line in lines if line and not (is_code and line.lstrip().startswith("#")))


def as_typed(source: str, is_text: bool = False) -> str:
    """Return code as its author meant it, where Python cannot read it for how it was pasted; else as it is.

    is_text: whether it may also be quoted in a text.
    """
    if tree_of(source) is not None or len(source) > MAX_SOURCE:
        return source
    return next(
        (text for text in mending.versions(source, is_text) if text.strip() and tree_of(text) is not None), source
    )


def _stated(notebook: dict[str, Any], key: str) -> object:
    """Return what the notebook's metadata say about the stage or the language."""
    metadata = notebook.get("metadata")
    gradus = metadata.get("gradus") if isinstance(metadata, dict) else None
    return gradus.get(key) if isinstance(gradus, dict) else None


def _piece(cell: dict[str, Any]) -> Piece:
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks, gradus = metadata.get("nbgrader"), metadata.get("gradus")
    marks = marks if isinstance(marks, dict) else {}
    source = _source(next((cell[key] for key in ("source", "input", "code", "text") if cell.get(key)), ""))
    kind = cell.get("cell_type")
    if kind not in ("code", "markdown", "raw", "heading"):
        is_marked = marks.get("cell_type") == "code"
        kind = "code" if is_marked or cell.keys() & {"outputs", "execution_count", "input", "code"} else "markdown"
    outputs, attachments = cell.get("outputs"), cell.get("attachments")
    if isinstance(outputs, list) and "input" in cell:
        outputs = _upgraded(outputs)
    if not isinstance(attachments, dict) or not is_valid(cell_type="markdown", attachments=attachments):
        attachments = {}
    said = gradus if isinstance(gradus, dict) else {}
    return Piece(
        kind == "code",
        source,
        marks,
        outputs if isinstance(outputs, list) else [],
        attachments,
        str(said.get("role", "")),
        str(said.get("name", "")),
    )


def _source(source: object) -> str:
    """Return the text of a cell, be it a list of lines, some of which may have lost their ends."""
    if isinstance(source, list):
        lines = list(map(str, source))
        whole = "".join(lines)
        if any(not line.endswith("\n") for line in lines[:-1]):
            apart = "\n".join(line.removesuffix("\n") for line in lines)
            has_ends = any("\n" in line for line in lines)
            whole = whole if has_ends and (tree_of(whole) is not None or tree_of(apart) is None) else apart
        source = whole
    return re.sub("\r\n?", "\n", str(source)).encode("utf-8", "replace").decode()


def _upgraded(outputs: list[Any]) -> list[Any]:
    """Return outputs of nbformat 3 as nbformat 4 has them."""
    try:
        return list(upgrade_outputs(nbformat.from_dict(outputs)))
    except Exception:  # malformed ones raise anything, and are not shown
        return []
