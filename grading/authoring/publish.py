"""The students' tree: what is pushed to the public repository, without solutions and hidden tests."""

import shutil
import tomllib
from pathlib import Path

from grading.authoring.source import stage_names
from grading.course.release import BEGIN, BEGIN_HIDDEN, WITHHELD

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


def publish(course: Path, folder: Path) -> list[Path]:
    """Write the students' tree into `folder` and return its files, relative to it.

    A folder that was published to before, such as the public repository's checkout, is brought up to date; no file
    in it is deleted. Raises PublishError where `folder` holds something else, or where a solution would get out.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "helpers").is_dir() and not _bare_checkout(folder):
        raise PublishError(f"{folder} is not empty and was not published to before: name a new or empty folder.")
    files = {
        path.relative_to(course): path
        for name in FOLDERS
        for path in sorted((course / name).rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints", "runs"} & set(path.parts)
    }
    files |= {Path(target): course / name for name, target in RENAMED.items()}
    for name in stage_names(course):
        if not {Path(f"notebooks/{lang}/{name}.ipynb") for lang in ("en", "fr")} <= set(files):
            raise PublishError(f"{name} has no notebooks yet: run `gradus build` first.")
    secret = (BEGIN, BEGIN_HIDDEN, *(f'"role": "{role}"' for role in WITHHELD))
    for target, path in files.items():
        if path.suffix == ".ipynb" and any(mark in path.read_text("utf-8") for mark in secret):
            raise PublishError(f"{target} holds a solution or a hidden test: run `gradus build` and try again.")
    for target, path in files.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / target)
    (folder / "pyproject.toml").write_text(_pyproject(course), "utf-8")
    return [*files, Path("pyproject.toml")]


def _bare_checkout(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == [".git"]


def _pyproject(course: Path) -> str:
    """Return the students' pyproject.toml: helpers alone, with the same version and ranges."""
    project = tomllib.loads((course / "pyproject.toml").read_text("utf-8"))["project"]
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
