"""The `gradus` command as an instructor meets it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conftest import COURSE, STAGES, gradus
from grading.cli.app import app
from grading.rehearsal import cohort, demo


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["demo", "--stage", "10_none"], f"There is no stage '10_none'. Choose one of: {', '.join(STAGES)}."),
        (["demo", "--lang", "de"], "There is no language 'de'. Choose one of: en, fr."),
    ],
)
def test_an_unknown_stage_or_language_is_answered_with_those_that_exist(words, sentence):
    ran = gradus(COURSE, *words)
    assert (ran.returncode, ran.stderr.strip()) == (1, sentence)


def test_outside_a_course_the_command_says_where_to_go(tmp_path):
    ran = gradus(tmp_path, "build")
    assert ran.returncode == 1
    assert "is no Gradus course: go to the folder that holds source/" in ran.stderr


def test_a_mistake_in_a_text_is_told_without_a_traceback(copy):
    source = copy / "source/02_manual/02_manual.py"
    source.write_text(source.read_text("utf-8").replace('check="sgd_step" points=2', 'check="sgd_step"'), "utf-8")
    ran = gradus(copy, "build")
    assert ran.returncode == 1
    assert re.fullmatch(r"source/02_manual/02_manual\.py:\d+: check sgd_step has no points: .*\n", ran.stderr)


def test_the_demo_grades_a_class_and_names_its_mistakes(copy, monkeypatch):
    monkeypatch.setattr(demo, "SIZE", 3)
    monkeypatch.chdir(copy)
    text = CliRunner().invoke(app, ["demo", "--lang", "fr"]).output
    assert re.search(r"ada +│ 100 % │ graded", text)
    assert re.search(r"barbara +│ 0 % +│ graded +│ not written: ", text)
    assert "Each is as the answer bank says.\n" in text
    assert (copy / "demo/feedback/ada/02_manual/02_manual.html").exists()
    assert str(copy / "notebooks/fr") in text


def test_a_class_is_the_same_for_the_same_seed():
    stage = STAGES["02_manual"]
    first, again = (cohort.make_class(COURSE, stage, 30, seed=5) for _ in range(2))
    assert first == again
    assert first != cohort.make_class(COURSE, stage, 30, seed=6)
    assert len({student.name for student in first}) == 30
    assert first[0].fails == set()
    assert first[-1].answers == ()
    assert len({frozenset(student.fails) for student in first}) > 5


@pytest.fixture
def without_bubblewrap(tmp_path, monkeypatch) -> None:
    """A machine that lacks the one program: everything else that PATH has is still there."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for folder in os.environ["PATH"].split(os.pathsep):
        for tool in Path(folder).glob("*"):
            if tool.name != "bwrap" and not (tools / tool.name).exists():
                (tools / tool.name).symlink_to(tool)
    monkeypatch.setenv("PATH", str(tools))


def test_doctor_tells_what_there_is(tmp_path):
    ran = gradus(tmp_path, "doctor")
    assert ran.returncode == 0
    assert re.search(r"✓ │ torch +│ 2\.", ran.stdout)
    assert re.search(r"✓ │ data/mnist +│ found", ran.stdout)


def test_doctor_tells_how_to_get_a_sandbox(tmp_path, without_bubblewrap):
    ran = gradus(tmp_path, "doctor")
    assert ran.returncode == 0
    assert re.search(r"✗ │ sandbox +│ bubblewrap is not installed: install it with", ran.stdout)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can do without a capability that it has")
def test_doctor_tells_what_a_container_must_be_allowed(tmp_path, monkeypatch):
    """Docker gives root no CAP_SYS_ADMIN: bubblewrap fails there as it does here."""
    monkeypatch.setenv("COLUMNS", "500")
    monkeypatch.setenv("container", "podman")
    without = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", sys.executable, "-m", "grading.cli"]
    ran = subprocess.run([*without, "doctor"], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    sentence = r"start this container with --security-opt seccomp=unconfined .* --cap-add SYS_ADMIN"
    assert re.search(rf"✗ │ sandbox +│ bubblewrap does not work here \(.*\): {sentence}", ran.stdout), ran.stdout


def test_without_a_sandbox_grading_warns_or_refuses(tmp_path, without_bubblewrap):
    course = tmp_path / "course"
    shutil.copytree(COURSE / "source/02_manual", course / "source/02_manual")
    shutil.copy(COURSE / "source/syllabus.toml", course / "source")
    shutil.copy(COURSE / "nbgrader_config.py", course)
    solved = cohort.Student("ada", tuple(cohort.solution_answers(STAGES["02_manual"]).values()))
    cohort.write_submissions(COURSE / "notebooks/en/02_manual.ipynb", [solved], course / "submitted")

    refused = gradus(course, "grade", "02_manual", "--require-sandbox")
    assert refused.returncode == 1
    assert "--require-sandbox asks for one. bubblewrap is not installed" in refused.stderr
    assert not list(course.glob("autograded/ada/**/result.json"))

    warned = gradus(course, "grade", "02_manual")
    assert warned.returncode == 0, warned.stderr
    assert warned.stdout.startswith("Warning: students' code runs without a sandbox. bubblewrap is not installed")
    result = json.loads((course / "autograded/ada/02_manual/result.json").read_text("utf-8"))
    assert (result["points"], result["sandboxed"]) == (result["maximum"], False)
