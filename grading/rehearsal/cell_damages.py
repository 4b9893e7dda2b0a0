"""What becomes of a notebook's cells before it is handed in: each damage makes the files of a made-up student."""

import copy
import json
import random
import textwrap
from collections.abc import Callable

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from grading.rehearsal.damages import Damages, Files, answered, file_name, insert_after, whole
from grading.results.model import Note

DAMAGES = Damages()

EXTRAS = (
    "%matplotlib inline",
    "import math\n\ndef mean_of_squares(numbers):\n    return sum(number**2 for number in numbers) / len(numbers)",
    "%%time\ntotal = sum(range(1000))",
    "!echo done",
)
UNWRITTEN = 'def {name}(*args):\n    # YOUR CODE HERE\n    raise NotImplementedError("{name} is not written yet")'


@DAMAGES.damage()
def renamed(notebook: NotebookNode, draw: random.Random) -> Files:
    """Name the file as a browser names the second download."""
    return {name.replace(".ipynb", " (1).ipynb"): content for name, content in whole(notebook, draw).items()}


@DAMAGES.damage(Note.FOUND_BY_NAMES)
def stripped(notebook: NotebookNode, draw: random.Random) -> Files:
    """Take the metadata off all cells, nbgrader's marks among them, as some editors do."""
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
    return whole(notebook, draw)


@DAMAGES.damage()
def reordered(notebook: NotebookNode, draw: random.Random) -> Files:
    """Shuffle the cells."""
    draw.shuffle(notebook.cells)
    return whole(notebook, draw)


@DAMAGES.damage(Note.SEVERAL_COPIES)
def pasted_twice(notebook: NotebookNode, draw: random.Random) -> Files:
    """Paste an answer's cell a second time, marks included, at the end."""
    cell = copy.deepcopy(draw.choice(answered(notebook)))
    cell.id += "-copy"
    notebook.cells.append(cell)
    return whole(notebook, draw)


@DAMAGES.damage(Note.SEVERAL_COPIES)
def begun_twice(notebook: NotebookNode, draw: random.Random) -> Files:
    """Paste what was released of an answer below it, marks included."""
    cell = draw.choice(answered(notebook))
    again = copy.deepcopy(cell)
    again.source = UNWRITTEN.format(name=cell.metadata.nbgrader.grade_id)
    insert_after(notebook, cell, again)
    return whole(notebook, draw)


@DAMAGES.damage(Note.CELLS_CHANGED)
def checks_edited(notebook: NotebookNode, draw: random.Random) -> Files:
    """Have the checks check nothing, and be worth more."""
    for cell in notebook.cells:
        if cell.metadata.gradus.role == "check":
            cell.source = "assert True"
            cell.metadata.nbgrader |= {"points": 100, "locked": False}
    return whole(notebook, draw)


@DAMAGES.damage()
def with_extras(notebook: NotebookNode, draw: random.Random) -> Files:
    """Put helper functions and magics of the student's own between the cells."""
    for number, source in enumerate(EXTRAS):
        place = draw.randrange(len(notebook.cells) + 1)
        notebook.cells.insert(place, new_code_cell(source, id=f"own-{number}"))
    return whole(notebook, draw)


@DAMAGES.damage(Note.CELLS_CHANGED)
def with_imports(notebook: NotebookNode, draw: random.Random) -> Files:
    """Import in the last setup cell what graders do not have, and what they do."""
    setup = [cell for cell in notebook.cells if cell.metadata.gradus.role == "setup"][-1]
    setup.source += "\nimport no_such_module, math\ntry:\n    import pandas\nexcept ImportError:\n    pandas = None"
    return whole(notebook, draw)


@DAMAGES.damage()
def old_format(notebook: NotebookNode, draw: random.Random) -> Files:
    """Save as nbformat 4.0, without cell ids, for another language's kernel."""
    notebook.nbformat_minor = 0
    notebook.metadata.kernelspec = NotebookNode(name="ir", display_name="R", language="R")
    for cell in notebook.cells:
        del cell["id"]
    return whole(notebook, draw)


@DAMAGES.damage()
def in_worksheets(notebook: NotebookNode, draw: random.Random) -> Files:
    """Save as nbformat 3 did: code as input, the cells in a worksheet, headings in cells of their own."""
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        first, _, rest = cell.source.partition("\n")
        if cell.cell_type == "code":
            cell["input"] = cell.pop("source")
        elif first.startswith("#"):
            cells.append(NotebookNode(cell_type="heading", level=1, metadata={}, source=first.lstrip("# ")))
            cell.source = rest
        cells.append(cell)
    old = {"worksheets": [{"cells": cells}], "metadata": notebook.metadata, "nbformat": 3, "nbformat_minor": 0}
    return {file_name(notebook): json.dumps(old).encode()}


@DAMAGES.damage()
def without_line_ends(notebook: NotebookNode, draw: random.Random) -> Files:
    """Save each line without its end, as tools of VS Code do."""
    for cell in notebook.cells:
        cell.source = cell.source.split("\n")
    return whole(notebook, draw)


@DAMAGES.damage(Note.JOINED)
def split(notebook: NotebookNode, draw: random.Random) -> Files:
    """Cut an answer's cell in two before its last line, with a text between."""
    cell = draw.choice([cell for cell in answered(notebook) if cell.source.splitlines()[-1].startswith("    ")])
    cell.source, _, rest = cell.source.rstrip().rpartition("\n")
    texts = [new_markdown_cell("Now the end:")] * draw.randrange(2)
    insert_after(notebook, cell, *texts, new_code_cell(rest))
    return whole(notebook, draw)


@DAMAGES.damage()
def scratched(notebook: NotebookNode, draw: random.Random) -> Files:
    """Leave indented lines, copied out of a function, in a cell below each answer that returns something."""
    for cell in answered(notebook):
        last = cell.source.splitlines()[-1]
        if last.startswith("    return"):
            insert_after(notebook, cell, new_code_cell(last.replace("return", "print('so far')  #")))
    return whole(notebook, draw)


@DAMAGES.damage(Note.NOT_CODE)
def fenced(notebook: NotebookNode, draw: random.Random) -> Files:
    """Move the code of an answer into a text below its cell."""
    cell = draw.choice(answered(notebook))
    insert_after(notebook, cell, new_markdown_cell(f"My answer:\n\n```python\n{cell.source}\n```"))
    cell.source = ""
    return whole(notebook, draw)


@DAMAGES.damage(Note.NOT_CODE)
def turned_into_text(notebook: NotebookNode, draw: random.Random) -> Files:
    """Turn the cells of some answers into Markdown or raw cells."""
    for cell in draw.sample(answered(notebook), 2):
        cell.cell_type = draw.choice(("markdown", "raw"))
    return whole(notebook, draw)


@DAMAGES.damage()
def of_unknown_type(notebook: NotebookNode, draw: random.Random) -> Files:
    """Give the cells of some answers a type that Jupyter does not know, or none."""
    for cell in draw.sample(answered(notebook), 2):
        cell.cell_type = draw.choice(("python", None))
    return {file_name(notebook): json.dumps(notebook).encode()}


def _retyped(notebook: NotebookNode, retype: Callable[[str], str]) -> None:
    for cell in answered(notebook):
        cell.source = retype(cell.source)


@DAMAGES.damage(Note.CODE_MENDED)
def with_prompts(notebook: NotebookNode, draw: random.Random) -> Files:
    """Paste the answers with the prompts of a terminal."""
    first, more = draw.choice(((">>> ", "... "), ("In [3]: ", "   ...: ")))
    _retyped(notebook, lambda source: first + source.replace("\n", f"\n{more}"))
    return whole(notebook, draw)


@DAMAGES.damage(Note.CODE_MENDED)
def indented(notebook: NotebookNode, draw: random.Random) -> Files:
    """Indent all lines of the answers."""
    _retyped(notebook, lambda source: textwrap.indent(source, "    "))
    return whole(notebook, draw)


@DAMAGES.damage()
def in_blocks(notebook: NotebookNode, draw: random.Random) -> Files:
    """Put the answers below `if True:`."""
    _retyped(notebook, lambda source: f"if True:\n{textwrap.indent(source, '    ')}")
    return whole(notebook, draw)


@DAMAGES.damage(Note.CODE_MENDED)
def with_odd_spaces(notebook: NotebookNode, draw: random.Random) -> Files:
    """Indent with no-break spaces, and leave a zero byte and a zero-width space, as copied from a web page."""
    _retyped(notebook, lambda source: "# copied\0\n\u200b" + source.replace("    ", "\u00a0   "))
    return whole(notebook, draw)


@DAMAGES.damage(Note.OTHER_CELLS)
def with_another_stage(notebook: NotebookNode, draw: random.Random) -> Files:
    """Append another stage, which has answers of the same names."""
    others = [copy.deepcopy(cell) for cell in answered(notebook)]
    for cell in others:
        cell.source = UNWRITTEN.format(name=cell.metadata.nbgrader.grade_id)
    start = new_code_cell('from helpers import start\n\nstart("another_stage", lang="en")')
    for number, cell in enumerate((start, *others)):
        cell.id = f"other-{number}"
        notebook.cells.append(cell)
    return whole(notebook, draw)


@DAMAGES.damage(Note.SEVERAL_NOTEBOOKS)
def beside_a_blank_one(notebook: NotebookNode, draw: random.Random) -> Files:
    """Hand in a notebook beside it in which nothing is written."""
    blank = copy.deepcopy(notebook)
    _retyped(blank, lambda source: "")
    named = {f"a copy of {name}": content for name, content in whole(blank, draw).items()}
    return named | whole(notebook, draw)


@DAMAGES.damage(Note.MERGED)
def in_two_files(notebook: NotebookNode, draw: random.Random) -> Files:
    """Deal the answers out to two notebooks."""
    rest = copy.deepcopy(notebook)
    for number, cells in enumerate(zip(answered(notebook), answered(rest), strict=True)):
        cells[number % 2].source = ""
    named = {f"part 2 of {name}": content for name, content in whole(rest, draw).items()}
    return named | whole(notebook, draw)


@DAMAGES.damage()
def exiting(notebook: NotebookNode, draw: random.Random) -> Files:
    """Leave the file as it is: one of its answers ends Python."""
    return whole(notebook, draw)
