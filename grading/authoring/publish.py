"""The students' tree: what is pushed to the public repository, without solutions and hidden tests."""

import re
import shutil
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import nbformat

import helpers
from grading.course.course_file import read_languages
from grading.course.founding import project_lines
from grading.course.release import BEGIN, BEGIN_HIDDEN, WITHHELD
from grading.course.releases import add_release
from grading.course.stages import stage_names
from grading.recovery.slots import points_hash, release_hash

INDEX = "notebooks/README.md"
DATA = ("mnist", "housing")
FOR_STUDENTS = {"en": "docs/students.md", "fr": "docs/students.fr.md"}
WORKFLOW = ".github/workflows/notebooks.yml"

HEAD = """\
[build-system]
requires = ["hatchling>=1.27,<2"]
build-backend = "hatchling.build"

[project]
readme = "README.md"
"""
TAIL = """
[tool.hatch.build.targets.wheel]
packages = ["helpers"]

[tool.hatch.build.targets.wheel.force-include]
"data/mnist" = "helpers/datasets/mnist"
"data/housing" = "helpers/datasets/housing"
"data/SOURCES.md" = "helpers/datasets/SOURCES.md"
"""


class PublishError(Exception):
    """The tree cannot be written; the message says why."""


def publish(course: Path, folder: Path, stages: Collection[str] = ()) -> list[Path]:
    """Write the students' tree into `folder` and return its files, relative to it.

    stages: only these, and those that are there already. The hashes of all cells go into releases.json.
    A folder that was published to before, such as the public repository's checkout, is brought up to date; no file
    in it is deleted. Raises PublishError where `folder` holds something else, or where a solution would get out,
    ReleasesError and CourseFileError.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "helpers").is_dir() and not _bare_checkout(folder):
        raise PublishError(f"{folder} is not empty and was not published to before: name a new or empty folder.")
    names, languages = stage_names(course), read_languages(course)
    chosen = [name for name in names if name in (stages or names)]
    notebooks = {name: [Path(f"notebooks/{lang}/{name}.ipynb") for lang in languages] for name in names}
    secret = (BEGIN, BEGIN_HIDDEN, *(f'"role": "{role}"' for role in WITHHELD))
    for path in (path for name in chosen for path in notebooks[name]):
        if not (course / path).exists():
            raise PublishError(f"There is no {path} yet: run `gradus build` first.")
        if any(mark in (course / path).read_text("utf-8") for mark in secret):
            raise PublishError(f"{path} holds a solution or a hidden test: run `gradus build` and try again.")
    files = _files(course) | {path: course / path for name in chosen for path in notebooks[name]}
    project = tomllib.loads((course / "pyproject.toml").read_text("utf-8"))["project"]
    hashes = {name: {hash for path in notebooks[name] for hash in _hashes(course / path)} for name in chosen}
    add_release(course, project["version"], hashes)
    readmes = {lang: f"README.{lang}.md" if place else "README.md" for place, lang in enumerate(languages)}
    texts = {name: student_page(course, lang, readmes) for lang, name in readmes.items()}
    texts["pyproject.toml"] = HEAD + project_lines(project) + TAIL
    for target, path in files.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / target)
    absent = [f"({path.relative_to('notebooks')})" for name in names for path in notebooks[name]]
    absent = [link for link in absent if not (folder / "notebooks" / link.strip("()")).exists()]
    lines = (course / INDEX).read_text("utf-8").splitlines(keepends=True)
    texts[INDEX] = "".join(line for line in lines if not any(link in line for link in absent))
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [*files, *map(Path, texts)]


def _files(course: Path) -> dict[Path, Path]:
    """Return the files beside the notebooks that are published as they are, by their place in the students' tree.

    A course without helpers of its own has those that are installed, with their data.
    """
    package = course / "helpers" if (course / "helpers").is_dir() else Path(helpers.__file__).parent
    data = package / "datasets" if (package / "datasets").is_dir() else package.parent / "data"
    folders = {Path("helpers"): package} | {Path("data", name): data / name for name in DATA}
    files = {
        target / path.relative_to(folder): path
        for target, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {"__pycache__", "datasets"} & set(path.relative_to(folder).parts)
    }
    files[Path("data/SOURCES.md")] = data / "SOURCES.md"
    return files | {Path("LICENSE"): course / "LICENSE", Path(WORKFLOW): Path(__file__).with_name("notebooks.yml")}


def student_page(course: Path, lang: str, names: Mapping[str, str]) -> str:
    """Return what students read first, with links to it in other languages. names: of its file in each of them."""
    text = (course / FOR_STUDENTS[lang]).read_text("utf-8").replace("(../notebooks/", "(notebooks/")
    for other, page in FOR_STUDENTS.items():
        link = rf"\({re.escape(Path(page).name)}\)"
        twin = names.get(other)
        text = re.sub(link, f"({twin})", text) if twin else re.sub(rf" \[[^\]]*\]{link}\.", "", text)
    return text


def _hashes(notebook: Path) -> Iterator[str]:
    """Yield the hashes of a released notebook's cells, and of the points of those that are graded."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        yield release_hash(cell.source, cell.cell_type == "code")
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade"):
            yield points_hash(marks.grade_id, marks.points)


def _bare_checkout(folder: Path) -> bool:
    return [path.name for path in folder.iterdir()] == [".git"]
