"""Read a file that a student handed in as a notebook, whatever is wrong with it, and say what was mended."""

import codecs
import json
import re
from dataclasses import dataclass
from itertools import chain
from typing import Any

from grading.recovery import salvage
from grading.recovery.depth import shallow
from grading.results.model import Note, Reason, Remark
from grading.results.wording import for_instructor

MAX_BYTES = 50 * 2**20
# How deep a notebook may stand in other JSON.
MAX_WRAPS = 5
# What files of other kinds begin with.
KINDS = {
    b"%PDF": Reason.PDF,
    b"PK\x03\x04": Reason.ARCHIVE,
    b"PK\x05\x06": Reason.ARCHIVE,
    b"\x1f\x8b": Reason.ARCHIVE,
    b"BZh": Reason.ARCHIVE,
    b"\xfd7zXZ": Reason.ARCHIVE,
    b"7z\xbc\xaf": Reason.ARCHIVE,
    b"Rar!": Reason.ARCHIVE,
    b"\x89PNG": Reason.PICTURE,
    b"\xff\xd8\xff": Reason.PICTURE,
    b"GIF8": Reason.PICTURE,
}
TEXTS = {
    r"<(?!<<<<<<)|MIME-Version:|From: <Saved by": Reason.WEB_PAGE,
    r"version https://git-lfs": Reason.LFS_POINTER,
}
MARKS = {"<<<<<<<": 0, "|||||||": None, "=======": 1, ">>>>>>>": -1}
SCRIPT = re.compile(r"(?m)^(?:import \w|from [\w.]+ import |(?:async )?def \w+\(|class \w+ *[:(]|# %%|#!.*python)")


class RebuildError(Exception):
    """There is nothing to grade; `remark` says why, and as a string for the instructor."""

    def __init__(self, reason: Reason, **about: Any):
        self.reason, self.remark = reason, Remark(reason, about)
        super().__init__(for_instructor(self.remark))


@dataclass(frozen=True)
class Reading:
    """What a file holds: a notebook, or two where git's marks have two sides of it.

    remarks: what was mended. is_cut: whether cells may be lacking.
    """

    notebooks: tuple[dict[str, Any], ...]
    remarks: tuple[Remark, ...] = ()
    is_cut: bool = False

    @property
    def notebook(self) -> dict[str, Any]:
        """The notebook, or its first side."""
        return self.notebooks[0]


def read_submission(content: bytes) -> Reading:
    """Read a file that a student handed in, of any nbformat. Raises RebuildError where it is no notebook."""
    if len(content) > MAX_BYTES:
        raise RebuildError(Reason.TOO_LARGE, limit=MAX_BYTES // 2**20)
    if not content.strip():
        raise RebuildError(Reason.EMPTY)
    if not content.strip(b"\0 \t\r\n"):
        raise RebuildError(Reason.ZEROS)
    for start, reason in KINDS.items():
        if content.startswith(start):
            raise RebuildError(reason)
    text, remarks = _decoded(content)
    text = text.strip("\0\ufeff \t\r\n")
    for pattern, reason in TEXTS.items():
        if re.match(pattern, text):
            raise RebuildError(reason)
    sides = _sides(text)
    if len(sides) == 1:
        notebook, more, is_cut = _read(text)
        return Reading((notebook,), (*remarks, *more), is_cut)
    try:
        read = [_read(side) for side in sides]
    except RebuildError:
        raise RebuildError(Reason.BOTH_SIDES) from None
    if any(is_cut for *_, is_cut in read):
        raise RebuildError(Reason.BOTH_SIDES)
    return Reading(tuple(notebook for notebook, *_ in read), (*remarks, Remark(Note.CONFLICT)))


def _decoded(content: bytes) -> tuple[str, list[Remark]]:
    """Decode a file in any of Unicode's encodings; a byte that UTF-8 has no place for is one of Windows' or Latin 1."""
    encoding = json.detect_encoding(content)
    if encoding not in ("utf-8", "utf-8-sig"):
        name = encoding.upper().replace("-SIG", "")
        return content.decode(encoding, "replace"), [Remark(Note.ENCODING, {"encoding": name})]
    try:
        return content.decode(encoding), []
    except UnicodeDecodeError:
        return content.decode(encoding, _one_byte.__name__), [Remark(Note.ENCODING, {"encoding": "Windows-1252"})]


def _one_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    try:
        return byte.decode("cp1252"), error.start + 1
    except UnicodeDecodeError:
        return byte.decode("latin-1"), error.start + 1


codecs.register_error(_one_byte.__name__, _one_byte)


def _sides(text: str) -> list[str]:
    """Return the text, or both sides of it where git has left its marks: no line of JSON begins like these."""
    if not re.search(r"(?m)^<<<<<<<(?: |\r?$)", text):
        return [text]
    sides: tuple[list[str], list[str]] = ([], [])
    now: int | None = -1
    for line in text.splitlines(keepends=True):
        if line[:7] in MARKS and line[7:8] in (" ", "\r", "\n", ""):
            now = MARKS[line[:7]]
        elif now is not None:
            for side in sides if now == -1 else (sides[now],):
                side.append(line)
    return ["".join(side) for side in sides]


def _read(text: str) -> tuple[dict[str, Any], list[Remark], bool]:
    """Read the text of a notebook; return it, what was mended, and whether cells may be lacking."""
    remarks: list[Remark] = []
    notebook, depth = None, 0
    try:
        notebook, depth = _unwrapped(salvage.parse(text))
    except ValueError as error:
        if not re.search(r'"(?:cells|worksheets|cell_type)\\?"', text):
            raise RebuildError(_kind(text), error=str(error)) from None
        notebook, depth, remark = _salvaged(text, str(error))
        remarks.append(remark)
    if notebook is None:
        raise RebuildError(Reason.NO_CELLS)
    if depth:
        remarks.append(Remark(Note.WRAPPED))
    return shallow(notebook), remarks, any(remark.code is Note.CUT_OFF for remark in remarks)


def _salvaged(text: str, error: str) -> tuple[dict[str, Any], int, Remark]:
    """Read what can be read of a damaged notebook; return it, how deep it stood, and what was mended."""
    try:
        notebook, depth = _unwrapped(salvage.parse_leniently(text))
    except ValueError:
        notebook, depth = None, 0
    if notebook is not None:
        return notebook, depth, Remark(Note.JSON_MENDED, {"error": error})
    cells, is_whole = salvage.cells_in(text)
    if not cells:
        raise RebuildError(Reason.DAMAGED, error=error)
    note = Note.JSON_MENDED if is_whole else Note.CUT_OFF
    return {"cells": cells}, 0, Remark(note, {"cells": len(cells), "error": error})


def _kind(text: str) -> Reason:
    """Say what a text is that is no JSON."""
    if text.startswith(("{", "[")) or sum(not char.isprintable() and not char.isspace() for char in text) > 5:
        return Reason.DAMAGED
    return Reason.SCRIPT if SCRIPT.search(text) else Reason.PLAIN_TEXT


def _unwrapped(found: object) -> tuple[dict[str, Any] | None, int]:
    """Return the notebook that JSON is, or that stands in it, as JSON or as its text, and how deep."""
    level = [found]
    for depth in range(MAX_WRAPS):
        for value in level:
            if isinstance(value, dict) and any(isinstance(value.get(key), list) for key in ("cells", "worksheets")):
                return value, depth
        for value in level:
            if isinstance(value, list) and any(isinstance(cell, dict) and "cell_type" in cell for cell in value):
                return {"cells": value}, depth + 1
        level = list(chain.from_iterable(map(_within, level)))
    return None, 0


def _within(value: object) -> list[object]:
    """Return what stands in a value."""
    if isinstance(value, str) and re.match(r'\s*[\[{"]', value):
        try:
            return [salvage.parse(value)]
        except ValueError:
            return []
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
