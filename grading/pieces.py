"""Read what a student handed in: a file of any nbformat as a notebook, and its cells as pieces, whatever is wrong."""

import ast
import copy
import json
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.depth import shallow
from grading.results import Reason, Remark
from grading.syntax import MAX_SOURCE, parsed
from grading.wording import for_instructor
from helpers.messages import LANGUAGES

MAX_BYTES = 50 * 2**20
# Levels of JSON that are read; cells that hold something, and their text: a person's notebook has a tenth of that.
MAX_LEVELS, MAX_CELLS, MAX_TEXT = 10_000, 2000, 5 * 2**20


class RebuildError(Exception):
    """There is nothing to grade; `remark` says why, and as a string for the instructor."""

    def __init__(self, reason: Reason, **about: Any):
        self.remark = Remark(reason, about)
        super().__init__(for_instructor(self.remark))


@dataclass(eq=False)
class Piece:
    """One cell as it was handed in, and the slot of the instructor's notebook that it fills, if one was found."""

    is_code: bool
    source: str
    marks: dict = field(default_factory=dict)
    outputs: list = field(default_factory=list)
    attachments: dict = field(default_factory=dict)
    slot: Any = None
    is_joined: bool = False

    @cached_property
    def parses(self) -> bool:
        """Whether the cell is code without a syntax error."""
        return self.is_code and _parse(self.source) is not None

    @cached_property
    def defined(self) -> dict[str, str]:
        """The names that the cell defines, each with the code that does."""
        return definitions(self.source) if self.is_code else {}


def read_submission(content: bytes) -> NotebookNode:
    """Read a file that a student handed in, of any nbformat. Raises RebuildError where it is no notebook."""
    if len(content) > MAX_BYTES:
        raise RebuildError(Reason.TOO_LARGE, limit=MAX_BYTES // 2**20)
    if not content.strip():
        raise RebuildError(Reason.EMPTY)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise RebuildError(Reason.WEB_PAGE)
    try:
        notebook = nbformat.from_dict(shallow(_loaded(content.decode("utf-8-sig"))))
    except (ValueError, RecursionError) as error:
        raise RebuildError(Reason.DAMAGED, error=str(error)) from None
    if not isinstance(notebook, dict) or not any(
        isinstance(notebook.get(key), list) for key in ("cells", "worksheets")
    ):
        raise RebuildError(Reason.NO_CELLS)
    return notebook


def _loaded(text: str) -> Any:
    """Load JSON, outputs that nest thousands of levels too: those are the charts of a student, not a damage."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, MAX_LEVELS))
    try:
        return json.loads(text)
    finally:
        sys.setrecursionlimit(limit)


def stage_of(notebook: NotebookNode) -> str | None:
    """Return the stage that a submission says it belongs to, in its metadata or its setup cell. Raises RebuildError."""
    stated = _stated(notebook, "stage")
    if isinstance(stated, str) and re.fullmatch(r"\w{1,100}", stated):
        return stated
    return _started(read_pieces(notebook), 1)


def language_of(submitted: NotebookNode, pieces: list[Piece], instructor: NotebookNode) -> str:
    """Find the language: as the metadata say, else as the setup cell says, else that of most of the prose."""
    for stated in (_stated(submitted, "lang"), _started(pieces, 2)):
        if stated in LANGUAGES:
            return stated
    texts = {essence(piece.source, False) for piece in pieces if not piece.is_code}
    prose: dict[str, set[str]] = {lang: set() for lang in LANGUAGES}
    for cell in instructor.cells:
        if lang := cell.metadata.gradus.get("lang"):
            prose[lang].add(essence(cell.source, False))
    return max(LANGUAGES, key=lambda lang: len(texts & prose[lang]))


def read_pieces(notebook: NotebookNode) -> list[Piece]:
    """Read the cells of a notebook of any format, whatever is wrong with them."""
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        try:
            cells = nbformat.convert(copy.deepcopy(notebook), 4)["cells"]
        except Exception as error:  # an old format, malformed: converters raise anything
            raise RebuildError(Reason.OLD_FORMAT, error=repr(error)[:200]) from None
    pieces = [_piece(cell) for cell in cells if isinstance(cell, dict)]
    pieces = [piece for piece in pieces if piece.source.strip() or piece.marks]
    size = sum(len(piece.source) for piece in pieces if len(piece.source) <= MAX_SOURCE)
    if len(pieces) > MAX_CELLS or size > MAX_TEXT:
        raise RebuildError(Reason.TOO_MUCH, cells=MAX_CELLS, limit=MAX_TEXT // 2**20)
    return pieces


def is_valid(part: object, kind: str) -> bool:
    """Whether a part of a notebook is as nbformat wants it."""
    try:
        nbformat.validate(part, ref=kind, version=4)
    except Exception:  # whatever is wrong with it, it is not shown
        return False
    return True


def essence(source: str, is_code: bool) -> str:
    """Return a source without what does not matter: white space at the ends, blank lines, lines of comment in code."""
    lines = (line.rstrip() for line in source.strip().split("\n"))
    return "\n".join(line for line in lines if line and not (is_code and line.lstrip().startswith("#")))


def definitions(source: str, assigned: bool = True) -> dict[str, str]:
    """Return the names that a cell defines at its top level, each with the statement that does.

    Code that does not parse may define what it says after `def` and `class`; the statement is then all of it.
    assigned: whether names that are only assigned count.
    """
    tree = _parse(source)
    if tree is None:
        return dict.fromkeys(re.findall(r"(?m)^(?:async\s+)?(?:def|class)\s+(\w+)", source), source)
    lines = source.split("\n")
    defined = {}
    for node in tree.body:
        first = min(other.lineno for other in (node, *getattr(node, "decorator_list", ())))
        statement = "\n".join(lines[first - 1 : node.end_lineno])
        defined |= dict.fromkeys(_names(node, assigned), statement)  # one text, however many names
    return defined


def _stated(notebook: NotebookNode, key: str) -> object:
    """Return what the notebook's metadata say about the stage or the language."""
    metadata = notebook.get("metadata")
    gradus = metadata.get("gradus") if isinstance(metadata, dict) else None
    return gradus.get(key) if isinstance(gradus, dict) else None


def _started(pieces: list[Piece], group: int) -> str | None:
    """Return the stage (group 1) or the language (group 2) that a setup cell starts with."""
    pattern = re.compile(r"""^start\(\s*["'](\w+)["']\s*(?:,\s*lang\s*=\s*["'](\w+)["'])?""", re.MULTILINE)
    calls = (pattern.search(piece.source) for piece in pieces if piece.is_code)
    return next((call[group] for call in calls if call), None)


def _piece(cell: dict) -> Piece:
    source, metadata = cell.get("source") or "", cell.get("metadata")
    if isinstance(source, list):
        source = "".join(map(str, source))
    text = re.sub("\r\n?", "\n", str(source)).encode("utf-8", "replace").decode()
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    outputs, attachments = cell.get("outputs"), cell.get("attachments")
    return Piece(
        cell.get("cell_type") == "code",
        text,
        marks if isinstance(marks, dict) else {},
        outputs if isinstance(outputs, list) else [],
        attachments if is_valid(attachments, "misc/attachments") else {},
    )


def _parse(source: str) -> ast.Module | None:
    """Parse a cell, without its magics where they are in the way. Returns None where that fails."""
    return parsed(source) or parsed(re.sub(r"(?m)^[ \t]*[%!].*$", "", source))


def _names(node: ast.stmt, assigned: bool) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        case ast.Assign() | ast.AnnAssign() if assigned:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return []
