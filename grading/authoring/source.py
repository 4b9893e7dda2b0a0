"""The author's text of a stage, read into cells, and every mistake in it found with its file and line."""

import ast
import builtins
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jupytext
from nbformat import NotebookNode

from grading.authoring import lessons
from grading.course.release import BEGIN, BEGIN_HIDDEN, END, END_HIDDEN, replace_solution, visible_part
from grading.syntax.names import defined_names, used_names
from helpers.messages import LANGUAGES

TEXT = ("prose", "open", "marking", "hint")
CODE = ("setup", "demo", "answer", "check", "claim", "predict")
NAMED = ("answer", "check", "open", "marking", "hint", "claim", "predict")


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
        headings = (line for c in self.cells if c.lang == "en" for line in c.source.splitlines() if line[:1] == "#")
        return sum(int(n) for heading in headings for n in re.findall(r"about (\d+) minutes", heading))


@dataclass(frozen=True)
class Problem:
    """One mistake in an author's text."""

    path: Path
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


class SourceError(Exception):
    """The texts cannot be built; `problems` says where and why."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True)
class Row:
    """One row of the syllabus: ids taught together, what they are, how they are graded."""

    ids: tuple[str, ...]
    what: str
    graded: str


def read_syllabus(course: Path) -> dict[str, tuple[str, list[Row]]]:
    """Read source/syllabus.toml: for each stage its title and its rows."""
    table = tomllib.loads((course / "source" / "syllabus.toml").read_text("utf-8"))
    return {
        name: (stage["title"], [Row(tuple(row["ids"]), row["what"], row["graded"]) for row in stage["rows"]])
        for name, stage in table.items()
    }


def stage_names(course: Path) -> list[str]:
    """Return the names of the stages that have a text, in order."""
    return sorted(path.stem for path in (course / "source").glob("*/*.py") if path.stem == path.parent.name)


def read_stages(course: Path) -> list[Stage]:
    """Read every stage's text. Raises SourceError with all mistakes of all stages."""
    stages, problems = [], []
    syllabus = read_syllabus(course)
    for name in stage_names(course):
        try:
            stages.append(read_stage(course, name, syllabus))
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)
    return stages


def read_stage(course: Path, name: str, syllabus: dict | None = None) -> Stage:
    """Read one stage's text and check it. Raises SourceError."""
    syllabus = read_syllabus(course) if syllabus is None else syllabus
    path = Path("source") / name / f"{name}.py"
    stage = Stage(name, path, tuple(_cells(course, path)))
    to_do = lessons.unfinished(course).get(name, {}).get("to_do", ())
    known = {known_id for row in syllabus[name][1] for known_id in row.ids} if name in syllabus else set()
    problems = [
        Problem(path, cell.line, sentence)
        for found in (
            _bad_cells(stage, known),
            _bad_twins(stage),
            _bad_names(stage),
            _bad_checks(stage),
            lessons.bad_claims(stage, "claims" in to_do),
            lessons.bad_hints(stage, "hints" in to_do),
            lessons.bad_predictions(stage),
        )
        for cell, sentence in found
    ]
    if problems:
        raise SourceError(sorted(problems, key=lambda problem: problem.line))
    return stage


def skeleton(cell: Cell) -> str:
    """Return an answer as a student gets it: the solution replaced by an error that names what is missing."""
    return replace_solution(cell.source, lambda indent: f'{indent}raise NotImplementedError("{cell.name}")')


def numbered_cells(course: Path, path: Path) -> list[tuple[int, NotebookNode]]:
    """Read a py:percent text: each cell with the line where it starts, from 1. Raises SourceError."""
    text = (course / path).read_text("utf-8")
    lines = [i for i, line in enumerate(text.splitlines(), start=1) if re.match(r"# %%(\s|$)", line)]
    cells = jupytext.reads(text, fmt="py:percent").cells
    if len(lines) != len(cells):
        raise SourceError([Problem(path, 1, "start every cell with a line `# %%`")])
    return list(zip(lines, cells, strict=True))


def _cells(course: Path, path: Path) -> Iterator[Cell]:
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


def _bad_cells(stage: Stage, known: set[str]) -> Iterator[tuple[Cell, str]]:
    for cell in stage.cells:
        if cell.is_graded:
            if not isinstance(cell.points, int) or cell.points < 1:
                yield cell, f"{cell.kind} {cell.name} has no points: add points=1 or more"
            if not cell.ids:
                yield cell, f"{cell.kind} {cell.name} teaches nothing: add ids=[…] from source/syllabus.toml"
            for unknown in sorted(set(cell.ids) - known):
                yield cell, f"source/syllabus.toml has no id {unknown} in {stage.name}"
        if cell.is_code:
            yield from _bad_code(cell)
        if cell.kind == "answer":
            yield from _bad_answer(cell)
        elif BEGIN in cell.source:
            yield cell, f"{BEGIN} belongs in an answer; this cell is {cell.kind}"


def _bad_code(cell: Cell) -> Iterator[tuple[Cell, str]]:
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        yield cell, f"{cell.kind} {cell.name} does not parse: {error.msg} (its line {error.lineno})"
    for begin, end in ((BEGIN, END), (BEGIN_HIDDEN, END_HIDDEN)):
        marks = re.findall(rf"(?m)^\s*({begin}|{end})\s*$", cell.source)
        if marks != [begin, end] * (len(marks) // 2):
            yield cell, f"{begin} and {end} do not come in pairs"


def _bad_answer(cell: Cell) -> Iterator[tuple[Cell, str]]:
    if BEGIN not in cell.source:
        yield cell, f"answer {cell.name} has no {BEGIN}: students would get the solution, or lose the signature"
        return
    left = skeleton(cell)
    try:
        tree = ast.parse(left)
    except SyntaxError as error:
        yield cell, f"the skeleton of {cell.name} does not parse: {error.msg} (its line {error.lineno})"
        return
    solution = [line.strip() for line in "\n".join(re.findall(rf"(?s){BEGIN}\n(.*?){END}", cell.source)).splitlines()]
    for blank in _lines_with_blanks(left, tree):
        pattern = ".+".join(re.escape(part) for part in blank.split("..."))
        if not any(re.fullmatch(pattern, line) for line in solution):
            yield cell, f"the solution of {cell.name} has no line like its skeleton's `{blank}`"


def _lines_with_blanks(source: str, tree: ast.AST) -> Iterator[str]:
    """Yield the lines, commented or not, that leave a `...` for the student to fill in; docstrings do not count."""
    prose = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    for number, line in enumerate(source.splitlines(), start=1):
        blank = line.strip().removeprefix("#").strip()
        if "..." in blank and number not in prose:
            yield blank


def _bad_twins(stage: Stage) -> Iterator[tuple[Cell, str]]:
    prose = stage.of_kind("prose", "hint")
    following = dict(zip(stage.cells, stage.cells[1:], strict=False))
    for cell in prose:
        if cell.lang not in LANGUAGES:
            yield cell, f'{cell.kind} needs a language: lang="en", followed by its twin lang="fr"'
    twins = set()
    for cell in prose:
        if cell.lang == "en":
            twin = following.get(cell)
            if twin is None or (twin.kind, twin.name, twin.lang) != (cell.kind, cell.name, "fr"):
                yield cell, 'this lang="en" cell is not followed by its lang="fr" twin'
                continue
            twins.add(twin)
            for what, find in (("heading levels", _headings), ("formulas", _formulas), ("links", _links)):
                if find(cell.source) != find(twin.source):
                    yield twin, f"{what} differ from those of the English cell: {_difference(cell, twin, find)}"
    for cell in prose:
        if cell.lang == "fr" and cell not in twins:
            yield cell, 'this lang="fr" cell does not follow a lang="en" cell'


def _without_code(text: str) -> str:
    return re.sub(r"(?s)```.*?```|`[^`\n]*`", "", text)


def _headings(text: str) -> list[str]:
    return re.findall(r"(?m)^(#+) ", _without_code(text))


def _formulas(text: str) -> Counter:
    """Count the formulas, without white space, words in \\text{} and the comma or point of decimals."""
    found = re.findall(r"(?s)\$\$.+?\$\$|\$.+?\$", _without_code(text))
    plain = (re.sub(r"\\text\{[^}]*\}", "", formula).replace("{,}", ".") for formula in found)
    return Counter(re.sub(r"\s", "", formula) for formula in plain)


def _links(text: str) -> Counter:
    return Counter(re.findall(r"\]\(([^)]*)\)", _without_code(text)))


def _difference(cell: Cell, twin: Cell, find) -> str:
    ours, theirs = find(cell.source), find(twin.source)
    if isinstance(ours, list):
        return f"{' '.join(ours) or 'none'} against {' '.join(theirs) or 'none'}"
    return f"only in English {sorted(ours - theirs)}, only in French {sorted(theirs - ours)}"


def _bad_names(stage: Stage) -> Iterator[tuple[Cell, str]]:
    seen: dict[str, Cell] = {}
    for cell in stage.of_kind("answer", "check", "open", "predict"):
        if not re.fullmatch(r"[A-Za-z]\w*", cell.name):
            yield cell, f"the grade_id {cell.name!r} must be a name: letters, digits and _"
        if cell.name in seen:
            yield cell, f"the grade_id {cell.name} is used twice, first on line {seen[cell.name].line}"
        seen.setdefault(cell.name, cell)
    noted = {cell.name for cell in stage.of_kind("marking")}
    asked = {cell.name for cell in stage.of_kind("open")}
    for cell in stage.of_kind("marking"):
        if cell.name not in asked:
            yield cell, f"there is no open question {cell.name} to mark"
    for cell in stage.of_kind("open"):
        if cell.name not in noted:
            yield cell, f'the open question {cell.name} has no marking note: add a cell marking="{cell.name}"'


def _bad_checks(stage: Stage) -> Iterator[tuple[Cell, str]]:
    """Find checks that use or define the wrong names.

    Checks may run apart from the notebook: all they see are the names of setup and answer cells. And in a release,
    where hidden tests are gone, each must still call what it checks.
    """
    owner: dict[str, Cell] = {}
    for cell in stage.of_kind("setup", "answer"):
        for name in defined_names(cell.source):
            owner.setdefault(name, cell)
    visible = set(dir(builtins)) | set(owner)
    answers = {name for cell in stage.of_kind("answer") for name in defined_names(cell.source)}
    for cell in stage.of_kind("check"):
        if cell.name in owner:
            yield cell, f"the check {cell.name} has the name of what the cell on line {owner[cell.name].line} defines"
        if not used_names(visible_part(cell.source)) & answers:
            yield cell, f"check {cell.name} has no visible test of an answer: students would see it pass unwritten"
        for name in sorted(used_names(cell.source) - defined_names(cell.source) - visible):
            yield cell, f"check {cell.name} uses {name}, which no setup or answer cell defines"
