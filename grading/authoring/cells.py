"""The cells of an author's text, and its stage."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from grading.authoring.problems import Problem, SourceError
from grading.course.release import replace_solution
from helpers.messages import LANGUAGES

TEXT = ("prose", "open", "marking", "hint")
CODE = ("setup", "demo", "answer", "check", "claim", "predict")
NAMED = ("answer", "check", "open", "marking", "hint", "claim", "predict")
# A heading, with the minutes of its section; those of the second level begin a part.
HEADING = re.compile(r"(?m)^(#+) (.+?)(?: · (?:about|environ) (\d+) minutes)?$")


@dataclass(frozen=True)
class Cell:
    """One cell of the author's text.

    kind: one of TEXT or CODE.
    line: where the cell starts in the text, from 1.
    name: the grade_id of an answer, check or open question; the open question that a marking note is for, the answer
    that a hint is for, what is claimed, the name that holds a prediction.
    lang: the language of prose and of a hint, else None. points and ids: of a check or an open question.
    unclaimed: why a demo needs no claim.
    """

    kind: str
    source: str
    line: int
    name: str = ""
    lang: str | None = None
    points: int = 0
    ids: tuple[str, ...] = ()
    unclaimed: str = ""

    @property
    def is_code(self) -> bool:
        """Whether the cell holds Python, not Markdown."""
        return self.kind in CODE

    @property
    def is_graded(self) -> bool:
        """Whether the cell carries points."""
        return self.kind in ("check", "open")


@dataclass(frozen=True)
class Stage:
    """One stage: its name, the file of its text, and its cells in order."""

    name: str
    path: Path
    cells: tuple[Cell, ...]

    def of_kind(self, *kinds: str) -> list[Cell]:
        """Return the cells of these kinds, in order."""
        return [cell for cell in self.cells if cell.kind in kinds]

    @cached_property
    def title(self) -> dict[str, str]:
        """The first heading in each language, without the `# `."""
        return {
            lang: next(
                (c.source.splitlines()[0].lstrip("# ") for c in self.of_kind("prose") if c.lang == lang), self.name
            )
            for lang in LANGUAGES
        }

    @cached_property
    def minutes(self) -> int:
        """The minutes that the headings of the English text announce, added up."""
        texts = (cell.source for cell in self.cells if cell.lang == "en")
        return sum(int(minutes or 0) for text in texts for _level, _title, minutes in HEADING.findall(text))


def skeleton(cell: Cell) -> str:
    """Return an answer as a student gets it: the solution replaced by an error that names what is missing."""
    return replace_solution(cell.source, lambda indent: f'{indent}raise NotImplementedError("{cell.name}")')


def numbered_cells(course: Path, path: Path) -> list[tuple[int, NotebookNode]]:
    """Read a py:percent text: each cell with the line where it starts, from 1. Raises SourceError."""
    lines, cells = _parsed((course / path).read_text("utf-8"))
    if len(lines) != len(cells):
        raise SourceError([Problem(path, 1, "start every cell with a line `# %%`")])
    return list(zip(lines, cells, strict=True))


@lru_cache(maxsize=32)  # it takes half a second, and nobody changes what comes of it
def _parsed(text: str) -> tuple[list[int], list[NotebookNode]]:
    """Return the numbers of the lines that begin a cell, and the cells that jupytext finds."""
    lines = [i for i, line in enumerate(text.splitlines(), start=1) if re.match(r"# %%(\s|$)", line)]
    return lines, jupytext.reads(text, fmt="py:percent").cells


def read_cells(course: Path, path: Path) -> Iterator[Cell]:
    """Read the cells of a stage's text, each with what it is. Raises SourceError."""
    problems = []
    for line, cell in numbered_cells(course, path):
        marks = dict(cell.metadata)
        marks.pop("lines_to_next_cell", None)
        title = marks.pop("title", None)
        lang, points, ids = marks.pop("lang", None), marks.pop("points", 0), tuple(marks.pop("ids", ()))
        unclaimed = marks.pop("unclaimed", "") if title == "demo" else ""
        kind, name = next(iter(marks.items()), (title or ("prose" if cell.cell_type == "markdown" else ""), ""))
        allowed = TEXT if cell.cell_type == "markdown" else CODE
        if kind not in allowed or len(marks) > 1 or bool(marks) != (kind in NAMED):
            what = " or ".join(allowed[1:] if cell.cell_type == "markdown" else allowed)
            problems.append(Problem(path, line, f"say what this cell is, once: {what}"))
        else:
            yield Cell(kind, cell.source, line, name, lang, points, ids, unclaimed)
    if problems:
        raise SourceError(problems)
