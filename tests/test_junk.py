"""Checks given junk: whatever stands in an answer's place, they say a sentence of ours, and junk earns nothing."""

from functools import cache

import pytest

from conftest import STAGES
from grading.rehearsal.cohort import checks_of, solution_answers, submission
from junk import Said, examine
from test_answers import release

# Junk that earns points all the same: the check, or the answer where none of its checks refuses it, and the junk, with
# the reason.
EARNS: dict[tuple[str, str], str] = {
    ("backward_shapes", "return args[0] if args else kwargs"): "the parameters have the shapes of their gradients",
    ("Z", "backward_delta: return ()"): "an empty tuple stands for an empty list",
    ("misread", "in a row"): "an array of indices, all there and in their order",
    ("misread", "in columns"): "an array of indices, all there and in their order",
    ("confusion", "whole"): "counts are whole numbers",
}


# What these return is for nobody: they change what they are given, or write files. By the stage and the answer.
UNREAD = {
    ("03_autograd", "log_curves"),
    ("04_nn", "run_epoch"),
    ("04_nn", "sgd"),
    ("06_mnist", "log_run"),
    ("06_mnist", "save_checkpoint"),
    ("07_modules", "accumulate"),
}
SOME = 8  # one piece of junk in so many, unless --whole-banks; prime to the three places in which parts stand


def _may_earn(one: Said) -> bool:
    return bool({(one.check, one.junk), (one.exercise, one.junk)} & EARNS.keys())


@pytest.fixture
def step(request) -> int:
    return 1 if request.config.getoption("whole_banks") else SOME


@cache
def said(stage: str, step: int) -> list[Said]:
    """Return what every check of a stage says of one in `step` pieces of junk in the place of its answer."""
    notebook = submission(release(stage, "en"), tuple(solution_answers(STAGES[stage]).values()))
    return examine(notebook, checks_of(STAGES[stage]), step)


def listed(found: list[Said]) -> str:
    """List junk and checks, a line each, for whoever has to mend them."""
    return "\n" + "\n".join(f"{one.check}: {one.exercise}: {one.junk}: {one.kind}: {one.text}" for one in found)


@pytest.mark.parametrize("stage", STAGES)
def test_no_check_fails_for_its_own_reasons(stage, step):
    found = [one for one in said(stage, step) if one.kind in ("check", "hung")]
    assert not found, listed(found)


@pytest.mark.parametrize("stage", STAGES)
def test_where_nothing_right_is_left_no_check_gives_its_points(stage, step):
    found = [one for one in said(stage, step) if one.total and one.kind == "passed"]
    found = [one for one in found if not _may_earn(one)]
    assert not found, listed(found)


@pytest.mark.parametrize("stage", STAGES)
def test_where_junk_is_mixed_into_what_is_right_some_check_says_so(stage, step):
    failed = {(one.exercise, one.junk) for one in said(stage, step) if one.kind != "passed"}
    found = [one for one in said(stage, step) if one.is_changed and (stage, one.exercise) not in UNREAD]
    found = [one for one in found if (one.exercise, one.junk) not in failed and not _may_earn(one)]
    assert not found, listed(found)
