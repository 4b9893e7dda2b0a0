"""The students' tree: what is pushed to the public repository, without solutions and hidden tests."""

import shutil
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import nbformat

from grading.course.release import BEGIN, BEGIN_HIDDEN, WITHHELD
from grading.course.releases import add_release
from grading.course.stages import stage_names
from grading.recovery.slots import points_hash, release_hash
from helpers.messages import LANGUAGES

INDEX = "notebooks/README.md"
FOLDERS = ("helpers", "data/mnist", "data/housing", "notebooks")
RENAMED = {"docs/students.md": "README.md", "docs/students.fr.md": "README.fr.md", "LICENSE": "LICENSE"}

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27,<2"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
description = "{description}"
readme = "README.md"
license = "{license}"
requires-python = "{python}"
dependencies = [
{dependencies}
]

[project.optional-dependencies]
lab = ["{lab}"]

[project.urls]
repository = "{repository}"

[tool.hatch.build.targets.wheel]
packages = ["helpers"]

[tool.hatch.build.targets.wheel.force-include]
"data/mnist" = "helpers/datasets/mnist"
"data/housing" = "helpers/datasets/housing"
"""


class PublishError(Exception):
    """The tree cannot be written; the message says why."""


def publish(course: Path, folder: Path, stages: Collection[str] = ()) -> list[Path]:
    """Write the students' tree into `folder` and return its files, relative to it.

    stages: only these, and those that are there already. The hashes of all cells go into releases.json.
    A folder that was published to before, such as the public repository's checkout, is brought up to date; no file
    in it is deleted. Raises PublishError where `folder` holds something else, or where a solution would get out, and
    ReleasesError.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "helpers").is_dir() and not _bare_checkout(folder):
        raise PublishError(f"{folder} is not empty and was not published to before: name a new or empty folder.")
    names = stage_names(course)
    chosen = [name for name in names if name in (stages or names)]
    notebooks = {name: [Path(f"notebooks/{lang}/{name}.ipynb") for lang in LANGUAGES] for name in names}
    left_out = {path for name in names if name not in chosen for path in notebooks[name]}
    files = {
        path.relative_to(course): path
        for name in FOLDERS
        for path in sorted((course / name).rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints", "runs"} & set(path.parts)
    }
    files = {target: path for target, path in files.items() if target not in left_out}
    files |= {Path(target): course / name for name, target in RENAMED.items()}
    for name in chosen:
        if not set(notebooks[name]) <= set(files):
            raise PublishError(f"{name} has no notebooks yet: run `gradus build` first.")
    secret = (BEGIN, BEGIN_HIDDEN, *(f'"role": "{role}"' for role in WITHHELD))
    for target, path in files.items():
        if path.suffix == ".ipynb" and any(mark in path.read_text("utf-8") for mark in secret):
            raise PublishError(f"{target} holds a solution or a hidden test: run `gradus build` and try again.")
    project = tomllib.loads((course / "pyproject.toml").read_text("utf-8"))["project"]
    hashes = {name: {hash for path in notebooks[name] for hash in _hashes(course / path)} for name in chosen}
    add_release(course, project["version"], hashes)
    for target, path in files.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / target)
    hidden = [f"({path.relative_to('notebooks')})" for path in left_out if not (folder / path).exists()]
    lines = (course / INDEX).read_text("utf-8").splitlines(keepends=True)
    shown = "".join(line for line in lines if not any(link in line for link in hidden))
    (folder / INDEX).write_text(shown, "utf-8")
    (folder / "pyproject.toml").write_text(_pyproject(project), "utf-8")
    return [*files, Path("pyproject.toml")]


def _hashes(notebook: Path) -> Iterator[str]:
    """Yield the hashes of a released notebook's cells, and of the points of those that are graded."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        yield release_hash(cell.source, cell.cell_type == "code")
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade"):
            yield points_hash(marks.grade_id, marks.points)


def _bare_checkout(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == [".git"]


def _pyproject(project: dict[str, Any]) -> str:
    """Return the students' pyproject.toml: helpers alone, with the same version and ranges."""
    return PYPROJECT.format(
        name=project["name"],
        version=project["version"],
        description=project["description"],
        license=project["license"],
        python=project["requires-python"],
        dependencies="\n".join(f'    "{dependency}",' for dependency in project["dependencies"]),
        lab=project["optional-dependencies"]["lab"][0],
        repository=project["urls"]["repository"],
    )
