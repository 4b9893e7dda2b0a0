"""What runs on GitHub: it parses, and what it calls is there."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from conftest import COURSE

WORKFLOWS = [*sorted(COURSE.glob(".github/workflows/*.yml")), COURSE / "grading/authoring/notebooks.yml"]
FORMS = [path for path in sorted(COURSE.glob(".github/ISSUE_TEMPLATE/*.yml")) if path.stem != "config"]
USES = re.compile(r"actions/[\w-]+@v\d+")


def steps(path: Path) -> list[dict]:
    return [step for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_parses_and_its_scripts_do(path):
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow[True]  # `on`, as YAML reads it
    for job in workflow["jobs"].values():
        assert set(job.get("needs", "").split()) <= set(workflow["jobs"])
    for step in steps(path):
        assert len({"run", "uses"} & set(step)) == 1
        assert USES.fullmatch(step.get("uses", "actions/checkout@v4"))
        script = re.sub(r"\$\{\{.*?\}\}", "filled_in", step.get("run", ""))
        assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0


def test_what_workflows_call_is_there():
    scripts = "\n".join(step.get("run", "") for path in WORKFLOWS for step in steps(path))
    targets = re.findall(r"(?m)^make (\w+)", scripts)
    files = re.findall(r"\.ci/\w+", scripts)
    assert targets
    assert files
    for target in targets:
        assert f"\n{target}: " in (COURSE / "Makefile").read_text("utf-8")
    for file in files:
        assert (COURSE / file).stat().st_mode & 0o100, file


def test_the_devcontainer_and_pre_commit_parse():
    container = json.loads((COURSE / ".devcontainer/devcontainer.json").read_text("utf-8"))
    assert (COURSE / ".devcontainer" / container["build"]["dockerfile"]).exists()
    hooks = yaml.safe_load((COURSE / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    pinned = dict(line.split("==") for line in (COURSE / "constraints.txt").read_text("utf-8").split() if "==" in line)
    for hook in hooks:
        for needed in hook.get("additional_dependencies", []):
            name, _, version = needed.partition("==")
            assert version == pinned.get(name, version), f"{hook['id']}: constraints.txt has another version"


def test_english_is_spelled_as_pre_commit_wants_it():
    hooks = yaml.safe_load((COURSE / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    english = next(hook for hook in hooks if hook["id"] == "english")
    listing = ["git", "-c", "safe.directory=*", "ls-files"]  # in a container the checkout may be somebody else's
    known = subprocess.run(listing, cwd=COURSE, capture_output=True, text=True, check=True).stdout.split()
    files = [name for name in known if re.search(english["files"], name) and not re.search(english["exclude"], name)]
    assert "README.md" in files
    found = subprocess.run([sys.executable, "-m", "codespell_lib", *files], cwd=COURSE, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_asks_something(path):
    form = yaml.safe_load(path.read_text("utf-8"))
    assert form.keys() >= {"name", "description", "body"}
    asked = [part for part in form["body"] if part["type"] != "markdown"]
    assert len({part["id"] for part in asked}) == len(asked)
    assert any(part.get("validations", {}).get("required") for part in asked)
    assert {part["type"] for part in form["body"]} <= {"markdown", "input", "textarea", "dropdown"}


COLAB = """\
absl-py==1.4.0
numpy==2.0.2
Pillow==11.3.0
scikit-learn==1.6.1
torch @ https://download.pytorch.org/whl/cu126/torch-2.8.0%2Bcu126-cp312-cp312-manylinux_2_28_x86_64.whl#sha256=5b64
torchvision==0.23.0+cu126
-e git+https://example.org/thing#egg=thing
"""


def test_pins_are_ours_but_for_what_notebooks_import(tmp_path):
    def pins(text: str) -> dict[str, str]:
        (tmp_path / "other.txt").write_text(text, "utf-8")
        command = [sys.executable, COURSE / ".ci/pins", tmp_path / "other.txt"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return dict(line.lower().split("==") for line in printed.splitlines() if "==" in line)

    ours = dict(
        line.lower().split("==") for line in (COURSE / "constraints.txt").read_text("utf-8").split() if "==" in line
    )
    colab, newest = pins(COLAB), pins("")
    expected = {
        "numpy": "2.0.2",
        "pillow": "11.3.0",
        "scikit-learn": "1.6.1",
        "torch": "2.8.0",
        "torchvision": "0.23.0",
    }
    assert {name: version for name, version in colab.items() if ours.get(name) != version} == expected
    assert ours.keys() - newest.keys() > expected.keys()
    assert newest.items() <= ours.items()
    assert newest["nbgrader"] == ours["nbgrader"]
