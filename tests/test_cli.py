"""The `gradus` command as an instructor meets it."""

import io
import re

import pytest
from rich.console import Console

from conftest import COURSE, STAGES, gradus
from grading import cohort, demo


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
    printed = io.StringIO()
    demo.run(copy, "02_manual", "fr", Console(file=printed, width=200))
    text = printed.getvalue()
    assert re.search(r"ada +│ 100 % │ graded", text)
    assert re.search(r"barbara +│ 0 % +│ graded +│ not written: ", text)
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
