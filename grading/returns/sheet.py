"""A table that somebody gave, to be filled in: what is not written anew stays as it is, byte for byte."""

import re
from pathlib import Path

from grading.course.files import read
from grading.course.tables import MAX_BYTES, TableError, plain, read_table
from grading.intake.headers import is_known

BOMS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


class ReturnError(Exception):
    """Nothing was returned; the sentence says why, and what to do."""


class Sheet:
    """A CSV file whose cells can be replaced. table: what it held when it was given."""

    def __init__(self, path: Path):
        """Read a table with a header. Raises ReturnError."""
        try:
            self.table = read_table(path, is_known)
            content = read(path.resolve(), MAX_BYTES)
        except TableError as error:
            raise ReturnError(str(error)) from None
        except OSError as error:
            raise ReturnError(f"{path.name} cannot be read: {error.strerror}.") from None
        self.name = path.name
        self._bom = next((bom for bom in BOMS if content.startswith(bom)), b"")
        self._encoding = BOMS.get(self._bom, self.table.encoding)
        text = content[len(self._bom) :].decode(self._encoding)
        self._parts = _parts(text, self.table.separator)
        filled = [line for line in self._parts if any(_value(cell) for cell in line[::2])]
        self._lines = filled[
            len(filled) - len(self.table.rows) :
        ]  # below the header, and what spreadsheets put above it

    def column(self, *names: str) -> str | None:
        """Return the header of the first column with one of these names, as `plain` gives them; None where none has."""
        return next((header for header in self.table.header if plain(header) in names), None)

    def write(self, row: int, column: str, text: str) -> None:
        """Put a text in a cell, quoted if the cell was, or has to be."""
        line, place = self._lines[row], 2 * self.table.header.index(column)
        while len(line) <= place:  # a row that ends early
            line[-1:] = [self.table.separator, "", line[-1]]
        is_quoted = line[place].startswith('"') or self.table.separator in text
        line[place] = f'"{text}"' if is_quoted else text

    def content(self) -> bytes:
        """Return the file as it is now."""
        return self._bom + "".join("".join(line) for line in self._parts).encode(self._encoding)


def _parts(text: str, separator: str) -> list[list[str]]:
    """Return the lines of a table, each its cells as they are written and, after each cell, what ends it."""
    part = re.compile(rf'("(?:[^"]|"")*"?[^{re.escape(separator)}\r\n]*|[^{re.escape(separator)}\r\n]*)(\r\n|.|\n|\Z)')
    lines: list[list[str]] = [[]]
    place = 0
    while place < len(text):
        found = part.match(text, place)
        assert found  # a cell may be empty, and the end of the text ends one
        lines[-1] += found.groups()
        place = found.end()
        if found[2] != separator:
            lines.append([])
    if lines[-1]:  # the text ends with a separator
        lines[-1] += ["", ""]
    return [line for line in lines if line]


def _value(cell: str) -> str:
    return (cell[1:-1] if cell.startswith('"') else cell).strip()
