"""Read the cells of a notebook of any nbformat as pieces, whatever is wrong with them, and what their code defines."""

import ast
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4.convert import upgrade_outputs

from grading.recovery.reading import RebuildError
from grading.results.model import Note, Reason
from grading.syntax import mending
from grading.syntax.names import MAX_SOURCE, parsed
from helpers.messages import LANGUAGES

# Cells that hold something, and their text: a person's notebook has a tenth of that.
MAX_CELLS, MAX_TEXT = 2000, 5 * 2**20
START = re.compile(r"""^[ \t]*start\(\s*["'](\w+)["']\s*(?:,\s*lang\s*=\s*["'](\w+)["'])?""", re.MULTILINE)


@dataclass(eq=False)
class Piece:
    """One cell as it was handed in, and the slot of the instructor's notebook that it fills, if one was found.

    role: what our metadata say that it was released as. predicts: of a prediction, the name that it gives a value.
    mends: what was done to it. origin: the text whose code it is: such code is used as an answer only.
    name: of the cell that was made of it, if one was.
    """

    is_code: bool
    source: str
    marks: dict = field(default_factory=dict)
    outputs: list = field(default_factory=list)
    attachments: dict = field(default_factory=dict)
    role: str = ""
    predicts: str = ""
    mends: tuple[Note, ...] = ()
    origin: "Piece | None" = None
    slot: Any = None
    name: str = ""

    @cached_property
    def parses(self) -> bool:
        """Whether the cell is code without a syntax error."""
        return self.is_code and parse(self.source) is not None

    @cached_property
    def defined(self) -> dict[str, str]:
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


def stage_of(notebook: NotebookNode) -> str | None:
    """Return the stage that a submission says it belongs to, in its metadata or its setup cell."""
    stated = _stated(notebook, "stage")
    if isinstance(stated, str) and re.fullmatch(r"\w{1,100}", stated):
        return stated
    return next(filter(None, map(started, read_pieces(notebook))), None)


def language_of(submitted: NotebookNode, pieces: list[Piece], instructor: NotebookNode) -> str:
    """Find the language: as the metadata say, else as the setup cell says, else that of most of the prose."""
    for stated in (_stated(submitted, "lang"), next(filter(None, (started(piece, 2) for piece in pieces)), None)):
        if stated in LANGUAGES:
            return stated
    texts = {essence(piece.source, False) for piece in pieces if not piece.is_code}
    prose: dict[str, set[str]] = {lang: set() for lang in LANGUAGES}
    for cell in instructor.cells:
        if lang := cell.metadata.gradus.get("lang"):
            prose[lang].add(essence(cell.source, False))
    return max(LANGUAGES, key=lambda lang: len(texts & prose[lang]))


def read_pieces(notebook: NotebookNode) -> list[Piece]:
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


def as_typed(source: str, is_text: bool = False) -> str:
    """Return code as its author meant it, where Python cannot read it for how it was pasted; else as it is.

    is_text: whether it may also be quoted in a text.
    """
    if parse(source) is not None or len(source) > MAX_SOURCE:
        return source
    return next(
        (text for text in mending.versions(source, is_text) if text.strip() and parse(text) is not None), source
    )


def definitions(source: str, assigned: bool = True) -> dict[str, str]:
    """Return the names that a cell defines at its top level, each with the statement that does.

    Code that does not parse may define what it says after `def` and `class`; the statement is then all of it.
    assigned: whether names that are only assigned count.
    """
    tree = parse(source)
    if tree is None:
        return dict.fromkeys(re.findall(r"(?m)^(?:async\s+)?(?:def|class)\s+(\w+)", source), source)
    return {name: code_of(node, source) for node in tree.body for name in names_of(node, assigned)}


def code_of(node: ast.stmt, source: str) -> str:
    """Return the code of a statement, its decorators included."""
    first = min(other.lineno for other in (node, *getattr(node, "decorator_list", ())))
    if first == node.lineno and node.col_offset:  # not the first of its line
        return ast.get_source_segment(source, node) or ""
    lines = source.split("\n")
    last = lines[node.end_lineno - 1].encode()
    if last[node.end_col_offset :].lstrip().startswith(b";"):
        lines[node.end_lineno - 1] = last[: node.end_col_offset].decode()
    return "\n".join(lines[first - 1 : node.end_lineno])


def is_finished(code: str, name: str) -> bool:
    """Whether code defines a function or a class of this name, or what may be called by it, and leaves no blank."""
    tree = parse(code)
    if tree is None:
        return False
    nodes = [node for node in _flat(tree.body) if name in names_of(node)]
    return bool(nodes) and _is_callable(nodes[-1]) and not _has_blank(nodes[-1])


def _stated(notebook: NotebookNode, key: str) -> object:
    """Return what the notebook's metadata say about the stage or the language."""
    metadata = notebook.get("metadata")
    gradus = metadata.get("gradus") if isinstance(metadata, dict) else None
    return gradus.get(key) if isinstance(gradus, dict) else None


def started(piece: Piece, group: int = 1) -> str | None:
    """Return the stage (group 1) or the language (group 2) that a setup cell starts with."""
    call = START.search(piece.source) if piece.is_code else None
    return call and call[group]


def _piece(cell: dict) -> Piece:
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
    said = gradus if isinstance(gradus, dict) else {}
    return Piece(
        kind == "code",
        source,
        marks,
        outputs if isinstance(outputs, list) else [],
        attachments if is_valid(attachments, "misc/attachments") else {},
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
            whole = whole if has_ends and (parse(whole) is not None or parse(apart) is None) else apart
        source = whole
    return re.sub("\r\n?", "\n", str(source)).encode("utf-8", "replace").decode()


def _upgraded(outputs: list) -> list:
    """Return outputs of nbformat 3 as nbformat 4 has them."""
    try:
        return upgrade_outputs(nbformat.from_dict(outputs))
    except Exception:  # malformed ones raise anything, and are not shown
        return []


def parse(source: str) -> ast.Module | None:
    """Parse a cell, without its magics where they are in the way. Returns None where that fails."""
    return parsed(source) or parsed(re.sub(r"(?m)^[ \t]*[%!].*$", "", source))


def names_of(node: ast.stmt, assigned: bool = True) -> list[str]:
    """Return the names that a statement defines at the top level of its cell, or of its blocks."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Import() | ast.ImportFrom():
            return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        case ast.Assign() | ast.AnnAssign() if assigned:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))
            return [name.id for name in names if isinstance(name.ctx, ast.Store)]
    return [name for inner in _blocks(node) for name in names_of(inner, assigned)]


def _blocks(node: ast.stmt) -> list[ast.stmt]:
    """Return the statements in the blocks of a compound statement, none of a function or a class."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    parts = (node, *getattr(node, "handlers", ()), *getattr(node, "cases", ()))
    return [inner for part in parts for key in ("body", "orelse", "finalbody") for inner in getattr(part, key, ())]


def _flat(nodes: list[ast.stmt]) -> list[ast.stmt]:
    """Return statements and, after each, those in its blocks."""
    return [each for node in nodes for each in (node, *_flat(_blocks(node)))]


def _is_callable(node: ast.stmt) -> bool:
    """Whether a statement that defines a name may give it something to call."""
    value = getattr(node, "value", None)
    return value is None or isinstance(value, ast.Lambda | ast.Name | ast.Attribute | ast.Call)


def _has_blank(node: ast.stmt) -> bool:
    """Whether a definition leaves a `...` that is no index, or does nothing but say so."""
    indices = {each for index in ast.walk(node) if isinstance(index, ast.Subscript) for each in ast.walk(index.slice)}
    if any(isinstance(each, ast.Constant) and each.value is ... and each not in indices for each in ast.walk(node)):
        return True
    if isinstance(node, ast.ClassDef):
        return any(map(_raises, (each for each in node.body if isinstance(each, ast.FunctionDef))))
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (_raises(node) or not _does(node))


def _does(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    """Return the statements of a function that do anything."""
    return [
        each
        for each in node.body
        if not isinstance(each, ast.Pass) and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]


def _raises(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function still ends where the released one does."""
    ends = (each for each in node.body if isinstance(each, ast.Return | ast.Raise))
    end = next(ends, None)
    return isinstance(end, ast.Raise) and "NotImplementedError" in ast.dump(end)
