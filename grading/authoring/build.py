"""From the authors' texts to everything that is generated: notebooks, releases, indexes, marking notes, catalogue."""

import difflib
import io
import json
import re
import tempfile
import tokenize
import tomllib
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grading.authoring import catalogue
from grading.authoring.lessons import folded
from grading.authoring.source import Cell, Row, SourceError, Stage, read_stage, read_stages, read_syllabus
from grading.course import plain
from helpers.messages import LANGUAGES

# nbgrader's working folder: written, not kept by git, so not compared.
RELEASE = Path("release")
# Checks, and demos longer than this, are folded: students read on, and unfold what they want to see.
FOLDED_LINES = 8
# What French keeps as it is: code, formulas. A lone dollar opens no formula.
VERBATIM = re.compile(r"(```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+(?:\n[^$\n]+)?\$)", re.DOTALL)
# What a cell holds as long as nobody has worked in it.
UNTOUCHED = {"answer": "NotImplementedError", "predict": "= None"}
# Where French writes a space that must not end a line. After a bar it is a table's.
NO_BREAK = re.compile(r"(?<![\s|]) (?=[;:?»%]|!(?!\[))|(?<=«) |(?<=\d) (?=\d{3}\b)")


def build(course: Path) -> list[Path]:
    """Write what is generated from the texts and return the files that changed. Raises SourceError.

    A notebook in which somebody has worked is kept beside the new one, under a name with the time.
    """
    changed = []
    for path, content in generate(course).items():
        target = course / path
        if target.exists() and target.read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.parts[0] == "notebooks" and target.exists() and _worked_in(target):
            kept = target.with_stem(f"{target.stem} (kept {datetime.now():%Y-%m-%d %H.%M.%S})")
            changed.append(target.rename(kept).relative_to(course))
        target.write_bytes(content)
        changed.append(path)
    return changed


def check(course: Path) -> str:
    """Return a diff from the generated files that lie there to those that should, "" if they agree. Writes nothing."""
    diffs = [f"{path}: no text generates this file, delete it\n" for path in _stale(course)]
    for path, content in generate(course).items():
        if path.is_relative_to(RELEASE):
            continue
        found = (course / path).read_bytes() if (course / path).exists() else b""
        if found != content:
            diffs.append(_diff(path, found, content))
    return "".join(diffs)


def is_outdated(course: Path, name: str) -> bool:
    """Whether a stage's text would now give another instructor notebook than the one that lies there, or none."""
    text = course / "source" / name / f"{name}.py"
    notebook = text.with_suffix(".ipynb")
    if not notebook.exists():
        return True
    if notebook.stat().st_mtime >= text.stat().st_mtime or not (course / "pyproject.toml").exists():
        return False  # nothing can be built in a folder that only grades
    try:
        new = instructor_notebook(read_stage(course, name), *_address(course))
    except SourceError:
        return True
    return notebook.read_text("utf-8") != nbformat.writes(new) + "\n"


def generate(course: Path) -> dict[Path, bytes]:
    """Return the content of every generated file by its path in the course. Raises SourceError."""
    stages = read_stages(course)
    address = _address(course)
    files: dict[Path, str] = {}
    for stage in stages:
        files[stage.path.with_suffix(".ipynb")] = nbformat.writes(instructor_notebook(stage, *address)) + "\n"
        files[Path("docs/marking") / f"{stage.name}.md"] = marking_notes(stage)
    for (lang, name), text in releases(course, stages, files).items():
        files[RELEASE / lang / name / f"{name}.ipynb"] = text
        files[Path("notebooks") / lang / f"{name}.ipynb"] = text
    files[Path("notebooks/README.md")] = index(stages, *address)
    files[Path("docs/syllabus.md")] = syllabus_page(stages, read_syllabus(course))
    return {path: text.encode() for path, text in files.items()} | catalogue.compile_catalogues(course)


def instructor_notebook(stage: Stage, repository: str, version: str) -> NotebookNode:
    """Expand the author's short form into a notebook with nbgrader's metadata, both languages in it."""
    notebook = new_notebook()
    notebook.metadata = {
        "gradus": {"stage": stage.name},
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    first_setup = stage.of_kind("setup")[:1]
    for position, cell in enumerate(stage.cells):
        if [cell] == first_setup:
            notebook.cells.append(_colab_cell(stage, repository, version))
        notebook.cells.append(_expand(stage, cell, position))
    return notebook


def releases(course: Path, stages: list[Stage], files: dict[Path, str]) -> dict[tuple[str, str], str]:
    """Run nbgrader's generate_assignment on the instructor notebooks, once per language.

    Returns the released notebooks by (language, stage name).
    """
    released = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for stage in stages:
            notebook = root / stage.path.with_suffix(".ipynb")
            notebook.parent.mkdir(parents=True)
            notebook.write_text(files[stage.path.with_suffix(".ipynb")], "utf-8")
        for lang in LANGUAGES:
            plain.generate_assignment(course, root, lang)
            for stage in stages:
                path = root / "release" / lang / stage.name / f"{stage.name}.ipynb"
                released[lang, stage.name] = path.read_text("utf-8")
    return released


def index(stages: list[Stage], repository: str, version: str) -> str:
    """Return notebooks/README.md: stages by language, with Colab links."""
    owner = repository.removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{owner}/blob/v{version}/notebooks"
    badge = "![Open in Colab · Ouvrir dans Colab](https://colab.research.google.com/assets/colab-badge.svg)"
    rows = [
        "# The notebooks · Les notebooks",
        "",
        "| | English | | Français | | points | minutes |",
        "|---|---|---|---|---|---|---|",
    ]
    for stage in stages:
        file = f"{stage.name}.ipynb"
        links = [f"[{stage.title[lang]}]({lang}/{file}) | [{badge}]({colab}/{lang}/{file})" for lang in LANGUAGES]
        points = sum(cell.points for cell in stage.cells)
        rows.append(f"| {stage.name[:2]} | {' | '.join(links)} | {points} | {stage.minutes} |")
    return "\n".join(rows) + "\n"


def syllabus_page(stages: list[Stage], syllabus: dict[str, tuple[str, list[Row]]]) -> str:
    """Return docs/syllabus.md: the stages in one table, then for each row of the syllabus the cells that teach it."""
    by_name = {stage.name: stage for stage in stages}
    lines = ["# What the series teaches, and where", ""]
    columns = ("stage", "what", "exercises", "checks", "open questions", "points", "minutes")
    lines += [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for stage in stages:
        counts = [len(stage.of_kind(kind)) for kind in ("answer", "check", "open")]
        numbers = [*counts, sum(cell.points for cell in stage.cells), stage.minutes]
        lines.append(f"| {stage.name} | {stage.title['en']} | {' | '.join(map(str, numbers))} |")
    lines.append("")
    for name, (title, rows) in syllabus.items():
        lines += [f"## {name} · {title}", "", "| ids | what | graded | cells |", "|---|---|---|---|"]
        for row in rows:
            cells = [c for c in by_name[name].cells if set(c.ids) & set(row.ids)] if name in by_name else []
            where = ", ".join(f"`{cell.name}` ({cell.points})" for cell in cells) or "to come"
            lines.append(f"| {', '.join(row.ids)} | {row.what} | {row.graded} | {where} |")
        lines.append("")
    return "\n".join(lines)


def marking_notes(stage: Stage) -> str:
    """Return docs/marking/<stage>.md: for each open question its points, its notes and a model answer."""
    notes = {cell.name: cell.source for cell in stage.of_kind("marking")}
    parts = [f"# Marking {stage.name}\n"]
    for cell in stage.of_kind("open"):
        parts.append(
            f"## {cell.name} · {cell.points} points · {', '.join(cell.ids)}\n\n{notes[cell.name]}\n\n"
            f"### A model answer\n\n{cell.source}\n"
        )
    return "\n".join(parts)


def _expand(stage: Stage, cell: Cell, position: int) -> NotebookNode:
    source = cell.source
    metadata: dict = {"gradus": {"role": cell.kind}}
    if cell.kind == "check":
        # A function of its own: students' code does not see the names of the check.
        source = f'@check.graded("{stage.name}", points={cell.points})\ndef {cell.name}():\n{_indented(source)}'
    if cell.kind == "check" or (cell.kind == "demo" and len(source.splitlines()) > FOLDED_LINES):
        metadata["jupyter"] = {"source_hidden": True}
    if cell.lang:
        metadata["gradus"]["lang"] = cell.lang
        source = _unbroken(source) if cell.lang == "fr" else source
        source = folded(source, cell.lang) if cell.kind == "hint" else source
    if cell.ids:
        metadata["gradus"]["ids"] = list(cell.ids)
    if cell.kind in ("answer", "check", "open"):
        metadata["nbgrader"] = {
            "grade": cell.is_graded,
            "grade_id": cell.name,
            "locked": cell.kind == "check",
            "schema_version": 3,
            "solution": cell.kind != "check",
            "task": False,
        } | ({"points": cell.points} if cell.is_graded else {})
        cell_id = cell.name
    elif cell.kind == "predict":
        metadata["gradus"]["name"] = cell_id = cell.name
    else:
        cell_id = f"{stage.name}-{position}"
    new_cell = new_code_cell if cell.is_code else new_markdown_cell
    return new_cell(source, id=cell_id, metadata=metadata)


def _unbroken(prose: str) -> str:
    """Keep French punctuation, and the digits of a number, on the line of the word before."""
    parts = VERBATIM.split(prose)
    parts[::2] = [NO_BREAK.sub("\N{NO-BREAK SPACE}", part) for part in parts[::2]]
    return "".join(parts)


def _indented(source: str) -> str:
    """Indent code by four spaces, but not the inside of strings that span lines."""
    inside = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.STRING
        for line in range(token.start[0] + 1, token.end[0] + 1)
    }
    lines = enumerate(source.splitlines(), start=1)
    return "\n".join(line if number in inside or not line else f"    {line}" for number, line in lines)


def _colab_cell(stage: Stage, repository: str, version: str) -> NotebookNode:
    """Return the cell that installs helpers where they are missing, as on Google Colab; torch stays as it is."""
    source = f"""\
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("helpers") is None:  # Google Colab
    address = "git+{repository}@v{version}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", address], check=True)"""
    return new_code_cell(source, id=f"{stage.name}-colab", metadata={"gradus": {"role": "setup"}})


def _address(course: Path) -> tuple[str, str]:
    project = tomllib.loads((course / "pyproject.toml").read_text("utf-8"))["project"]
    return project["urls"]["repository"], project["version"]


def _worked_in(path: Path) -> bool:
    """Tell whether somebody has run or answered a cell of a student's notebook."""
    if path.suffix != ".ipynb":
        return False
    try:
        cells = nbformat.read(path, as_version=4).cells
    except (ValueError, AttributeError):  # not a notebook any more: somebody's work all the same
        return True
    return any(
        cell.get("outputs") or UNTOUCHED.get(cell.metadata.get("gradus", {}).get("role"), "") not in cell.source
        for cell in cells
    )


def _stale(course: Path) -> list[Path]:
    """Find generated files of a stage whose text is gone."""
    texts = {path.stem for path in (course / "source").glob("*/*.py")}
    found = [
        path
        for pattern in ("source/*/*.ipynb", "notebooks/*/*.ipynb", "docs/marking/*.md")
        for path in course.glob(pattern)
    ]
    return [
        path.relative_to(course) for path in found if re.fullmatch(r"\d\d_\w+", path.stem) and path.stem not in texts
    ]


def _diff(path: Path, found: bytes, content: bytes) -> str:
    """Compare two versions of a file; notebooks cell by cell, as people read them."""
    if path.suffix == ".mo":
        return f"{path}: out of date\n"
    before, after = (_readable(path, text.decode("utf-8", "replace")) for text in (found, content))
    return "".join(difflib.unified_diff(before, after, f"{path} (as it is)", f"{path} (as generated)", n=2))


def _readable(path: Path, text: str) -> list[str]:
    if path.suffix != ".ipynb" or not text:
        return text.splitlines(keepends=True)
    try:
        cells = json.loads(text)["cells"]
        return [
            line + "\n"
            for cell in cells
            for line in [f"[{cell['id']}] {json.dumps(cell['metadata'])}", *"".join(cell["source"]).splitlines()]
        ]
    except (ValueError, KeyError):
        return text.splitlines(keepends=True)
