"""The rules for the author's text of a stage: each mistake in it is found, with its cell."""

import ast
import builtins
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from grading.authoring import lessons
from grading.authoring.cells import Cell, Stage, skeleton
from grading.course.release import BEGIN, BEGIN_HIDDEN, END, END_HIDDEN, visible_part
from grading.course.schemes import bad_scheme, read_scheme
from grading.syntax.names import defined_names, used_names
from helpers.messages import LANGUAGES

Found = list[str] | Counter[str]


def mistakes(stage: Stage, known: set[str]) -> Iterator[tuple[Cell, str]]:
    """Find what is wrong in a stage, each with the cell that it is in.

    known: the ids that the syllabus gives it.
    """
    yield from _bad_cells(stage, known)
    yield from _bad_twins(stage)
    yield from _bad_names(stage)
    yield from _bad_checks(stage)
    yield from _bad_notes(stage)
    yield from lessons.bad_claims(stage)
    yield from lessons.bad_hints(stage)
    yield from lessons.bad_folds(stage)
    yield from lessons.bad_predictions(stage)


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
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
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
            for what, find in TWINS_SHARE.items():
                ours, theirs = find(cell.source), find(twin.source)
                if ours != theirs:
                    yield twin, f"{what} differ from those of the English cell: {_difference(ours, theirs)}"
    for cell in prose:
        if cell.lang == "fr" and cell not in twins:
            yield cell, 'this lang="fr" cell does not follow a lang="en" cell'


def _without_code(text: str) -> str:
    return re.sub(r"(?s)```.*?```|`[^`\n]*`", "", text)


def _headings(text: str) -> list[str]:
    return re.findall(r"(?m)^(#+) ", _without_code(text))


def _formulas(text: str) -> Counter[str]:
    """Count the formulas, without white space, words in \\text{} and the comma or point of decimals."""
    found = re.findall(r"(?s)\$\$.+?\$\$|\$.+?\$", _without_code(text))
    plain = (re.sub(r"\\text\{[^}]*\}", "", formula).replace("{,}", ".") for formula in found)
    return Counter(re.sub(r"\s", "", formula) for formula in plain)


def _links(text: str) -> Counter[str]:
    return Counter(re.findall(r"\]\(([^)]*)\)", _without_code(text)))


# What prose and its twin in the other language have in common.
TWINS_SHARE: Mapping[str, Callable[[str], Found]] = {
    "heading levels": _headings,
    "formulas": _formulas,
    "links": _links,
}


def _difference(ours: Found, theirs: Found) -> str:
    if isinstance(ours, Counter) and isinstance(theirs, Counter):
        return f"only in English {sorted(ours - theirs)}, only in French {sorted(theirs - ours)}"
    return f"{' '.join(ours) or 'none'} against {' '.join(theirs) or 'none'}"


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


def _bad_notes(stage: Stage) -> Iterator[tuple[Cell, str]]:
    """Find marking notes whose boxes do not make the points of their question, or that name code of no demo."""
    points = {cell.name: cell.points for cell in stage.of_kind("open")}
    demos = [cell.source for cell in stage.of_kind("demo")]
    for cell in stage.of_kind("marking"):
        scheme = read_scheme(cell.source)
        if cell.name in points:
            for sentence in bad_scheme(scheme, points[cell.name]):
                yield cell, f"the marking note of {cell.name} {sentence}"
        for code in scheme.sees:
            if not any(code in demo for demo in demos):
                yield cell, f"the marking note of {cell.name} says see `{code}`, which no demo holds"


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
