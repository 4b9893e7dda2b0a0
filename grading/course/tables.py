"""Tables that others wrote: CSV files with any separator, in any encoding that spreadsheets write."""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from grading.course.files import read

SEPARATORS = ",;\t|"
MAX_BYTES = 50 * 2**20
MAX_ABOVE = 20  # rows in which the header is looked for
BOMS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, .xls


class TableError(Exception):
    """The table cannot be read; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Row:
    """A row that is not empty: its first line in the file, and its cells by the header's names, spaces taken off."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table, as it was written."""

    name: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]
    separator: str
    encoding: str


def read_table(path: Path, is_known: Callable[[str], bool] = lambda header: False) -> Table:
    """Read a table with a header, and perhaps a title above it. Raises TableError.

    is_known: whether a header, as `plain` gives it, is a known one: such ones tell a header from a title.
    """
    try:
        content = read(path.resolve(), MAX_BYTES)
    except OSError as error:
        raise TableError(f"{path.name} cannot be read: {error.strerror}.") from None
    if content.startswith(SPREADSHEETS):
        raise TableError(f"{path.name} is a spreadsheet: open it, save it as CSV (UTF-8), and give that file.")
    text, encoding = _decoded(content, path.name)
    first, _, rest = text.partition("\n")
    start = 1
    if first.strip().casefold() in {f"sep={separator}" for separator in SEPARATORS}:  # Excel's own
        text, start = rest, 2
    lines = [line for line in text.splitlines() if line.strip()][:MAX_ABOVE] or [""]
    parted = {each: [next(csv.reader([line], delimiter=each), []) for line in lines] for each in SEPARATORS}
    above = max(_above(rows, is_known) for rows in parted.values())
    counts = {each: len(rows[above]) for each, rows in parted.items()}
    # Commas are in headers, too: as many others part the cells.
    separator = max(SEPARATORS, key=lambda each: (counts[each], counts[each] > 1 and each != ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    numbered: list[tuple[int, list[str]]] = []
    try:
        line = start
        for cells in reader:
            numbered.append((line, [cell.strip() for cell in cells]))
            line = start + reader.line_num
    except csv.Error as error:
        raise TableError(f"{path.name}, line {line}: this is no table ({error}): save it as CSV again.") from None
    filled = [(line, cells) for line, cells in numbered if any(cells)]
    if not filled:
        raise TableError(f"{path.name} is empty: export it again.")
    above = _above([cells for _, cells in filled[:MAX_ABOVE]], is_known)
    header = tuple(filled[above][1])
    rows = tuple(Row(line, dict(zip(header, cells, strict=False))) for line, cells in filled[above + 1 :])
    return Table(path.name, header, rows, separator, encoding)


def written(rows: Iterable[Iterable[str]]) -> bytes:
    """Return a table, its header first, as spreadsheets read it."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def written_number(number: float | None, digits: int = 2) -> str:
    """Return what a cell holds for a number, nothing where there is none."""
    return "" if number is None else f"{round(number, digits):g}"


def plain(text: str) -> str:
    """Return a header as it is compared: small letters without accents, nothing else."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    """Decode a file, by its mark, else as UTF-8 if it is that, else as Windows does in western Europe."""
    marked = next((encoding for bom, encoding in BOMS.items() if content.startswith(bom)), None)
    for encoding in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise TableError(f"{name} is in an encoding that nobody can tell: save it as CSV (UTF-8).")


def _above(rows: list[list[str]], is_known: Callable[[str], bool]) -> int:
    """Return how many rows stand above the header: above the one with the most known headers, if it looks like one."""
    known = [sum(is_known(plain(cell)) for cell in cells) for cells in rows]
    place = known.index(max(known))
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in rows]
    is_header = known[place] > 1 or all(number < filled[place] for number in filled[:place])
    return place if known[place] and is_header else 0
