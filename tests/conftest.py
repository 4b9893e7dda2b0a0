"""What the tests share: the course's folder, its stages, the command, and a copy to write in."""

import os

os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("GRADUS_SECRET", "the tests'")  # a run repeats what the one before saw

import gc
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from grading.authoring.source import read_stages
from grading.engine.pool import Workers
from grading.engine.task import Submit
from helpers.messages import set_language

gc.disable()  # while thousands of tests are collected, of which nothing is garbage

COURSE = Path(__file__).parent.parent
STAGES = {stage.name: stage for stage in read_stages(COURSE)}


# Minutes each: nbgrader, hostile submissions, banks, whole classes, a browser. They come last, the longest first.
SLOW = (
    "test_answers",
    "test_nbgrader",
    "test_claims",
    "test_hostile",
    "test_grade",
    "test_site",
    "test_cohort",
    "test_folders",
    "test_bad_input",
    "test_feedback",
    "test_init",
    "test_cluster",
    "test_mark_page",
    "test_week",
    "test_places",
    "test_browser",
    "test_parity",
    "test_junk",
    "test_secret",
    "test_playground_page",
    "test_colab",
    "test_loop_page",
)
# What starts processes, draws or builds whole courses: `--quick` does not even read them, and of the banks runs one.
NOT_QUICK = (
    *SLOW,
    "test_build",
    "test_choices",
    "test_cli",
    "test_data",
    "test_forks",
    "test_forkserver",
    "test_frames",
    "test_guest",
    "test_history",
    "test_judge",
    "test_loop",
    "test_marking",
    "test_mine",
    "test_motion",
    "test_overview",
    "test_playground",
    "test_plots",
    "test_reading",
    "test_rebuild",
    "test_return",
    "test_roster",
    "test_setup",
    "test_standing",
    "test_words",
)
QUICK_BANK = ("test_answers", "test_each_answer_gets_its_verdict[02_manual")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what takes too long for every day, and what is quick."""
    parser.addoption("--quick", action="store_true", help="within a minute: units, one stage's bank, style, types")
    parser.addoption("--whole-banks", action="store_true", help="every answer, place, style and piece of junk: an hour")
    parser.addoption("--all-seeds", action="store_true", help="the claims with three seeds: ten minutes")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the slow files if that is asked for, save the banks."""
    stem = collection_path.stem
    return True if config.getoption("quick") and stem in NOT_QUICK and stem != QUICK_BANK[0] else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the fast files first; of the banks leave one if that is asked for."""
    if config.getoption("quick"):
        items[:] = [item for item in items if item.path.stem != QUICK_BANK[0] or item.name.startswith(QUICK_BANK[1])]
    items.sort(key=lambda item: SLOW.index(item.path.stem) if item.path.stem in SLOW else -1)


def pytest_collection_finish() -> None:
    """Collect garbage again, but none of what has been imported."""
    gc.freeze()
    gc.enable()


def gradus(folder: Path, *words: str) -> subprocess.CompletedProcess:
    """Run the `gradus` command in a folder."""
    return subprocess.run([sys.executable, "-m", "grading.cli", *words], cwd=folder, capture_output=True, text=True)


def new_course(folder: Path, stage: str) -> Path:
    """Make a course folder with one stage."""
    (folder / "source" / stage).mkdir(parents=True)
    shared = ("nbgrader_config.py", "source/syllabus.toml")
    for name in (*shared, f"source/{stage}/{stage}.py"):
        shutil.copy(COURSE / name, folder / name)
    shutil.copy(COURSE / "source" / stage / f"{stage}.ipynb", folder / "source" / stage)
    return folder


def linked_course(folder: Path) -> Path:
    """Make a course of links to all that is published: so releases.json is written beside them."""
    folder.mkdir(parents=True)
    for name in ("source", "docs", "notebooks", "helpers", "data", "pyproject.toml", "LICENSE"):
        (folder / name).symlink_to(COURSE / name)
    return folder


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Have messages in English again after a test that changed that."""
    yield
    set_language("en")


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Fork servers, which all tests of a process share: they take seconds to start."""
    with Workers() as running:
        yield running


@pytest.fixture(scope="session")
def graders(workers) -> Iterator[AbstractContextManager[Submit]]:
    """What `grade` grades a class with, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield nullcontext(lambda task: pool.submit(workers.grade, task))


@pytest.fixture
def copy(tmp_path) -> Path:
    """Return a copy of what the build reads and writes, of one stage: 02_manual."""
    ignored = shutil.ignore_patterns("mnist", "__pycache__", "0[!2]_*")
    for name in ("source", "docs", "notebooks", "helpers", "data"):
        shutil.copytree(COURSE / name, tmp_path / name, ignore=ignored)
    for name in ("nbgrader_config.py", "pyproject.toml", "LICENSE"):
        shutil.copy(COURSE / name, tmp_path / name)
    (tmp_path / "data/mnist").mkdir()
    return tmp_path
