"""The notebooks in an environment shaped like Google Colab's: no repository, no nbgrader, its own torch."""

import importlib.metadata
import json
import os
import subprocess
import tomllib
import venv
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement

from conftest import COURSE, STAGES, linked_course
from grading.authoring.publish import publish
from grading.rehearsal.cohort import solution_answers, submission

PROJECT = tomllib.loads((COURSE / "pyproject.toml").read_text("utf-8"))["project"]
ON_COLAB = ("numpy", "torch", "matplotlib", "ipykernel")
OF_COLAB = ("ipywidgets==7.7.1", "ipython_genutils==0.2.0")  # older than ours: installed, not linked

RUNNER = """\
import json, re, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
failed = []
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] == "code" and not shell.run_cell("".join(cell["source"])).success:
        failed.append(cell["id"])
import helpers, torch
from helpers import MNISTData
sizes = list(MNISTData().Xtrain.shape)

# The playground's clock strikes in the page, which says so.
panel = shell.user_ns["by_hand"].panel
epochs = []
for state in ({"_playing": True, "value": 1}, {"value": 2}, {"_playing": False}, {"value": 3}, {"value": 0}):
    panel.play.set_state(state)
    epochs.append(int(re.search(">[^ <]+ ([0-9]+)", panel.image.value)[1]))
import ipywidgets
print("RESULT", json.dumps([failed, helpers.__file__, torch.__version__, sizes, ipywidgets.__version__, epochs]))
"""


def closure(names: tuple[str, ...]) -> set[str]:
    """Return the distributions that these need, themselves included."""
    found, todo = set(), list(names)
    while todo:
        name = todo.pop().lower().replace("_", "-")
        if name not in found:
            found.add(name)
            for line in importlib.metadata.requires(name) or []:
                requirement = Requirement(line)
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                    todo.append(requirement.name)
    return found


@pytest.fixture(scope="module")
def colab(tmp_path_factory) -> Path:
    """Make an environment that has what Colab has, by links to our own packages, and a google.colab module."""
    folder = tmp_path_factory.mktemp("colab") / "python"
    venv.create(folder, with_pip=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in closure(ON_COLAB):
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files} - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(distribution.locate_file(top)).resolve())
    subprocess.run([folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps", *OF_COLAB], check=True)
    (site / "google/colab").mkdir(parents=True)
    (site / "google/colab/__init__.py").touch()
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    """Publish the students' tree to a git repository, tagged, that stands for the one in [project.urls]."""
    tree = tmp_path_factory.mktemp("published")
    publish(linked_course(tmp_path_factory.mktemp("course") / "linked"), tree)
    who = ["-c", "user.name=gradus", "-c", "user.email=gradus@example.org"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "Publish"], ["tag", f"v{PROJECT['version']}"]):
        subprocess.run(["git", *words], cwd=tree, check=True)
    return tree.as_uri()


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_whole_of_02_manual_runs_on_colab(colab, address, tmp_path, lang):
    release = nbformat.read(COURSE / "notebooks" / lang / "02_manual.ipynb", as_version=4)
    solved = submission(release, tuple(solution_answers(STAGES["02_manual"]).values()))
    (tmp_path / "02_manual.ipynb").write_text(json.dumps(solved), "utf-8")
    (tmp_path / "run.py").write_text(RUNNER, "utf-8")
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environment |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{address}.insteadOf",
        "GIT_CONFIG_VALUE_0": PROJECT["urls"]["repository"],
    }
    command = [colab, "run.py", "02_manual.ipynb"]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    results = [line for line in ran.stdout.splitlines() if line.startswith("RESULT ")]
    assert results, ran.stdout + ran.stderr
    failed, helpers, torch, sizes, widgets, epochs = json.loads(results[0].removeprefix("RESULT "))
    assert failed == [], ran.stdout
    assert Path(helpers).is_relative_to(colab.parent.parent)
    assert torch == importlib.metadata.version("torch")
    assert sizes == [60000, 784]
    assert widgets == "7.7.1"
    assert epochs == [1, 2, 2, 2, 0]
