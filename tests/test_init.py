"""A course of one's own: made with `gradus init`, from a built wheel in an environment without the repository."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from conftest import COURSE, gradus, linked_course
from grading.course.founding import COPIED, FoundingError, found
from grading.sandbox.bubblewrap import missing
from test_build import hidden_lines

STAGE, SIZE = "02_manual", 3
MAX_BYTES = 15 * 10**6
NEEDED = ("alembic", "jupyter", "nbgrader")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build the wheel from what git knows: others may be at work in the tree."""
    tree, folder = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("helpers", "grading", "data/mnist", "data/housing"):
        shutil.copytree(COURSE / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "data/SOURCES.md"):
        shutil.copy(COURSE / name, tree / name)
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, tree]
    subprocess.run(words, check=True)
    (built,) = folder.glob("gradus-*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """Make an environment that has the wheel, all that it needs, and nothing of the repository."""
    folder = tmp_path_factory.mktemp("env")
    folder.chmod(0o755)
    venv.create(folder)
    (site,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # The folders of a .pth file come last, and their own .pth files, which lead to the repository, are not read.
    (site / "others.pth").write_text(sysconfig.get_path("purelib"))
    for name in NEEDED:
        lines = (Path(sysconfig.get_path("scripts")) / name).read_text().splitlines()
        (folder / "bin" / name).write_text("\n".join([f"#!{folder}/bin/python", *lines[1:]]))
        (folder / "bin" / name).chmod(0o755)
    return folder / "bin/python"


def surroundings(python: Path) -> dict[str, str]:
    """Return the environment variables of somebody who has no repository."""
    environment = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "GRADUS_SECRET")}
    return environment | {"PATH": f"{python.parent}:/usr/local/bin:/usr/bin:/bin"}


def run(python: Path, folder: Path, *words: str) -> str:
    """Run `gradus` there, without what leads to the repository."""
    done = subprocess.run(
        [python, "-m", "grading.cli", *words], cwd=folder, env=surroundings(python), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_is_small_and_holds_no_answer(wheel):
    assert wheel.stat().st_size < MAX_BYTES
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        texts = {name: archive.read(name).decode("utf-8", "ignore") for name in names if not name.endswith(".gz")}
    assert {name.split("/")[0] for name in names} == {"helpers", "grading", f"{wheel.name[:12]}.dist-info"}
    assert not [name for name in names if re.search(r"(^|/)(source|answers|marking/\d|\d\d_\w+)(/|$)", name)]
    lines = {line.strip() for text in texts.values() for line in text.splitlines()}
    assert len(hidden_lines()) > 1000
    assert hidden_lines() & lines == set()
    assert {
        "helpers/datasets/mnist/train-images-idx3-ubyte.gz",
        "helpers/datasets/housing/boston_housing.csv",
        "helpers/locale/fr/LC_MESSAGES/gradus.mo",
    } <= set(names)
    assert "Yann LeCun" in texts["helpers/datasets/SOURCES.md"]


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
def test_a_whole_week_with_nothing_but_the_wheel(python, tmp_path):
    course = tmp_path / "My course"
    run(python, tmp_path, "init", str(course), "--from", str(COURSE))
    run(python, course, "build")
    run(python, course, "build", "--check")
    run(python, course, "publish", str(tmp_path / "public"))
    assert (tmp_path / "public/helpers/__init__.py").exists()
    assert (tmp_path / "public/data/mnist/train-images-idx3-ubyte.gz").exists()
    run(python, course, "cohort", STAGE, "--size", str(SIZE), "--layout", "moodle")
    made = f"cohort/{STAGE}-moodle"
    run(python, course, "roster", f"{made}/class.csv")
    run(python, course, "collect", f"{made}/first.zip")
    run(python, course, "collect", f"{made}/last.zip", "--worksheet", f"{made}/worksheet.csv")
    _hand_in_a_search(course)
    run(python, course, "grade", STAGE, "--require-sandbox")
    key = json.loads((course / made / "key.json").read_text("utf-8"))
    for student, expected in key.items():
        result = course / "autograded" / student / STAGE / "result.json"
        status = json.loads(result.read_bytes())["status"] if result.exists() else "missing"
        assert status == expected["status"], student
    searched = nbformat.read(course / f"autograded/searcher/{STAGE}/{STAGE}.ipynb", as_version=4)
    shown = [output.get("text", "") for cell in searched.cells for output in cell.get("outputs", [])]
    assert [text for text in shown if "searched" in text] == ["searched: 0 found\n"]
    run(python, course, "overview", STAGE)
    assert (course / f"overview/{STAGE}.html").exists()
    _load_marking_page(python, course)
    assert "0 marks in" in run(python, course, "mark", STAGE, "--export", str(tmp_path / "marks.jsonl"))
    run(python, course, "feedback", STAGE)
    run(python, course, "return", STAGE, "--moodle", f"{made}/worksheet.csv")
    ignored = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", "init", "--quiet", course], capture_output=True, text=True
    )
    assert ignored.returncode == 0
    kept = subprocess.run(["git", "add", "--dry-run", "."], cwd=course, capture_output=True, text=True).stdout
    tops = {line.split("'")[1].split("/")[0] for line in kept.splitlines()}
    brought = {"roster.csv", "submitted", "autograded", "feedback", "overview", "returns", "gradebook.db", "cohort"}
    assert not tops & (brought | {".gradus", "release", "marks"})
    assert {"source", "course.toml", "releases.json", "pyproject.toml"} <= tops


def _load_marking_page(python: Path, course: Path) -> None:
    """Have the marking page served, load all of its files, and end it as an instructor does."""
    command = [python, "-m", "grading.cli", "mark", STAGE]
    with subprocess.Popen(command, cwd=course, env=surroundings(python), stdout=subprocess.PIPE, text=True) as server:
        address = next(found for line in server.stdout if (found := re.search(r"Mark at (http\S+)", line)))[1]
        for name in ("", "page.css", "page.js", "code.css"):
            with urllib.request.urlopen(address + name) as file:
                assert file.read(), name
        server.send_signal(signal.SIGINT)
        assert f"Next: gradus return {STAGE}" in server.stdout.read()
    assert server.returncode == 0


def _hand_in_a_search(course: Path) -> None:
    """Hand in a notebook that looks for lines of solutions in all that it can read of the installed packages."""
    notebook = nbformat.read(course / f"notebooks/en/{STAGE}.ipynb", as_version=4)
    needles = sorted(line for line in hidden_lines() if '"""' not in line)[:200]
    source = (
        f"import pathlib, sys\nneedles = {[needle[::-1] for needle in needles]!r}\nfound = 0\n"
        "for place in sys.path:\n"
        "    for path in [*pathlib.Path(place).glob('grading/**/*'), *pathlib.Path(place).glob('helpers/**/*')]:\n"
        "        try:\n            text = path.read_text()\n"
        "        except (OSError, UnicodeDecodeError):\n            continue\n"
        "        found += any(needle[::-1] in text for needle in needles)\n"
        "print('searched:', found, 'found')"
    )
    setup = next(i for i, cell in enumerate(notebook.cells) if "\nstart(" in cell.source)
    notebook.cells.insert(setup + 1, new_code_cell(source))
    folder = course / "submitted/searcher" / STAGE
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{STAGE}.ipynb")


def test_what_was_published_is_the_same_from_a_course_of_ones_own(tmp_path):
    found(tmp_path / "own", COURSE)
    gradus(tmp_path / "own", "build")
    for course, folder in ((tmp_path / "own", "a"), (linked_course(tmp_path / "linked"), "b")):
        ran = gradus(course, "publish", str(tmp_path / folder))
        assert ran.returncode == 0, ran.stderr
    trees = [
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path / "a", tmp_path / "b")
    ]
    assert trees[0] == trees[1]


def test_what_is_copied_is_what_a_course_needs(tmp_path):
    files = found(tmp_path / "own", COURSE)
    assert {path.parts[0] for path in files} == {
        *(Path(name).parts[0] for name in COPIED),
        ".gitignore",
        "course.toml",
        "pyproject.toml",
    }
    assert not [path for path in files if "tests" in path.parts or path.suffix == ".pyc"]
    project = tomllib.loads((tmp_path / "own/pyproject.toml").read_text("utf-8"))["project"]
    ours = tomllib.loads((COURSE / "pyproject.toml").read_text("utf-8"))["project"]
    assert {key: project[key] for key in ("version", "urls", "dependencies")} == {
        key: ours[key] for key in ("version", "urls", "dependencies")
    }
    found(tmp_path / "another", tmp_path / "own")  # which is as good as a clone


@pytest.mark.parametrize("case", ["no checkout", "not empty", "a file", "inside", "half a checkout"])
def test_a_course_is_made_whole_or_not_at_all(tmp_path, case):
    folder, checkout = tmp_path / "own", COURSE
    if case == "no checkout":
        checkout = tmp_path
    elif case == "not empty":
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
    elif case == "a file":
        folder.write_text("mine")
    elif case == "inside":
        folder = COURSE / "own"
    else:
        checkout = tmp_path / "half"
        (checkout / "source").mkdir(parents=True)
        (checkout / "source/syllabus.toml").touch()
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(FoundingError, match=r"name a|needs a folder"):
        found(folder, checkout)
    assert sorted(tmp_path.rglob("*")) == before
    assert not (COURSE / "own").exists()
    ran = gradus(tmp_path, "init", str(folder), "--from", str(checkout))
    assert ran.returncode == 1
    assert ran.stderr.count("\n") == 1
