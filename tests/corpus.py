"""The hostile corpus: submissions that want points, secrets or mischief, one a cell of tests/hostile/*.py.

A cell's marks: `attack` its name, `tries` what it tries; where it is not a graded notebook of 0 points, `status`;
`says`, words that its result must contain. The code goes into a cell of its own, below the setup; `place="answer"`:
into the answer of forward. `marks`: that cell's metadata. `beside`: into these files beside the notebook instead.
`links`: symbolic links handed in, each with its target; one named as the notebook stands in for it. Where the code
defines `lie`, each answer is `lie(exercise, *args)`; otherwise answers stay as released.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grading.authoring.cells import numbered_cells

COURSE = Path(__file__).parent.parent
STAGE = "02_manual"
LIE = "def {name}(*args, **kwargs):\n    return lie({name!r}, *args, **kwargs)"


@dataclass(frozen=True)
class Attack:
    """One hostile submission. theme, line: where it stands in the corpus."""

    theme: str
    line: int
    name: str
    tries: str
    code: str
    status: str = "graded"
    says: str = ""
    place: str = "top"
    marks: dict = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    links: dict = field(default_factory=dict)
    earns: tuple[str, ...] = ()

    def hand_in(self, folder: Path, places: Mapping[str, str]) -> None:
        """Write the submission to a folder. places: what the words in @…@ stand for, as if the student knew."""
        folder.mkdir(parents=True)
        code, links = self.code, json.dumps(self.links)
        for word, place in places.items():
            code, links = code.replace(f"@{word}@", place), links.replace(f"@{word}@", place)
        for name in self.beside:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(code, "utf-8")
        for name, target in json.loads(links).items():
            (folder / name).symlink_to(target)
        if f"{STAGE}.ipynb" not in self.links:
            nbformat.write(self._notebook("" if self.beside else code), folder / f"{STAGE}.ipynb")

    def _notebook(self, code: str) -> NotebookNode:
        notebook = nbformat.read(COURSE / f"notebooks/en/{STAGE}.ipynb", as_version=4)
        answers = [cell for cell in notebook.cells if cell.metadata.gradus.role == "answer"]
        if "def lie(" in code:
            for cell in answers:
                cell.source = LIE.format(name=cell.metadata.nbgrader.grade_id)
        if self.place == "answer":
            next(cell for cell in answers if cell.metadata.nbgrader.grade_id == "forward").source = code
        elif code:
            setup = next(i for i, cell in enumerate(notebook.cells) if cell.metadata.gradus.role == "setup")
            own = new_code_cell(code, id="mine", metadata=self.marks)
            notebook.cells.insert(setup + 1, own)
        return notebook


def read_corpus() -> list[Attack]:
    """Read tests/hostile/*.py. Raises TypeError where a cell has other marks, or no name."""
    attacks = []
    for path in sorted((COURSE / "tests/hostile").glob("*.py")):
        for line, cell in numbered_cells(COURSE, path.relative_to(COURSE)):
            if cell.cell_type == "code":
                marks = {name: mark for name, mark in cell.metadata.items() if name != "lines_to_next_cell"}
                name = marks.pop("attack")
                marks |= {key: tuple(marks[key]) for key in ("beside", "earns") if key in marks}
                attacks.append(Attack(path.stem, line, name, code=cell.source, **marks))
    return attacks


def plant(course: Path, home: Path, environment: dict[str, str], secret: str) -> None:
    """Put a secret wherever a student must not look; all begin with `secret`, and say where they were.

    course: with a source and a gradebook; home: empty; environment: of whoever grades.
    """
    environment["GRADUS_SECRET"] = f"{secret}-seed"
    (course / ".gradus").mkdir()
    (course / ".gradus/secret").write_text(f"{secret}-file")
    environment["AWS_SECRET_ACCESS_KEY"] = f"{secret}-environment"
    environment["HOME"] = str(home)
    for name in (".netrc", ".ssh/id_ed25519", ".bash_history"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(f"{secret}-home")
    for name in (f"source/{STAGE}/{STAGE}.py", f"data/answers/{STAGE}.py", "docs/marking/02_manual.md"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        with (course / name).open("a") as file:
            file.write(f"\n# {secret}-source\n")
    path = course / f"source/{STAGE}/{STAGE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.gradus.role == "check":
            cell.source = cell.source.replace(
                "    ### BEGIN HIDDEN TESTS", f'    ### BEGIN HIDDEN TESTS\n    hidden = "{secret}-hidden"'
            )
    nbformat.write(notebook, path)


def neighbour(folder: Path, notebook: NotebookNode, secret: str) -> None:
    """Hand in a good student's notebook, which others would like to read."""
    folder.mkdir(parents=True)
    notebook = nbformat.from_dict(notebook)
    notebook.cells.insert(2, new_code_cell(f'mine = "{secret}-neighbour"', id="mine"))
    nbformat.write(notebook, folder / f"{STAGE}.ipynb")
    os.utime(folder / f"{STAGE}.ipynb", (10**9, 10**9))
