"""What a student's function finds in the frames that call it, and among all objects: no line of a solution."""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import nbformat
import pytest

from conftest import COURSE, STAGES
from grading.engine.driver import Guest
from grading.engine.forkserver import ForkServer
from grading.engine.imports import slow_imports
from grading.judging.judge import Judge
from grading.rehearsal.cohort import checks_of, solution_answers
from grading.sandbox.bubblewrap import missing
from grading.syntax.names import defined_names

LOOKED_AT = {
    "02_manual": ["train"],
    "03_autograd": ["regression"],
    "04_nn": ["train"],
    "05_optim": ["train", "fit"],
    "09_svm": ["fit", "decision", "accuracy_table", "select"],
}
# It knows the lines that it looks for by their hashes alone: it must not find its own.
SPY = """
import gc, hashlib, inspect, linecache, sys
def texts_in(value, depth=4):
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for pair in list(value.items()):
            yield from texts_in(pair, depth - 1)
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        for one in list(value):
            yield from texts_in(one, depth - 1)
    elif depth and inspect.isfunction(value):
        yield from texts_in(value.__code__.co_consts, depth - 1)
        yield "".join(linecache.getlines(value.__code__.co_filename))
    elif depth and inspect.iscode(value):
        yield from texts_in(value.co_consts, depth - 1)
def spy(*args, **kwargs):
    frame, found = sys._getframe(), set()
    while frame is not None:
        for place in (frame.f_locals, frame.f_globals, frame.f_code):
            found.update(texts_in(place))
        found.add("".join(linecache.getlines(frame.f_code.co_filename)))
        frame = frame.f_back
    for one in gc.get_objects():
        found.update(texts_in(one, 2))
    lines = {line.strip() for text in found for line in text.splitlines()}
    print("looked at", len(lines) > 1000)
    for line in lines:
        if hashlib.sha1(line.encode()).hexdigest() in WANTED:
            print("found", line)
    return None
"""


def secret_lines(stage: str) -> set[str]:
    """Return the lines of a stage's solutions that no release and no helper shows."""
    release = nbformat.read(COURSE / f"notebooks/en/{stage}.ipynb", as_version=4)
    shown = "\n".join(cell.source for cell in release.cells)
    shown += "".join(path.read_text("utf-8") for path in Path(COURSE, "helpers").rglob("*.py"))
    solutions = (answer.source.splitlines() for answer in solution_answers(STAGES[stage]).values())
    lines = {line.strip() for source in solutions for line in source}
    return {line for line in lines if len(line) > 15 and line not in shown}


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with closing(ForkServer("grading.guest.image", is_sandboxed=missing() is None)) as running:
        running.wait_until_ready()
        yield running


@pytest.mark.parametrize("stage", LOOKED_AT)
def test_a_function_that_reads_its_callers_finds_no_line_of_a_solution(stage, server):
    lines, own = secret_lines(stage), checks_of(STAGES[stage])
    assert lines
    content = (COURSE / f"source/{stage}/{stage}.ipynb").read_bytes()
    server.preload(slow_imports(content))  # so that libraries are not looked through
    notebook = nbformat.reads(content.decode(), as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    setups = [cell.source for cell in cells if cell.metadata.gradus.role == "setup"]
    checks = {cell.metadata.nbgrader.grade_id: cell.source for cell in cells if cell.metadata.gradus.role == "check"}
    answers = set().union(*(defined_names(answer.source) for answer in solution_answers(STAGES[stage]).values()))
    judge = Judge(answers)
    wanted = f"WANTED = { ({hashlib.sha1(line.encode()).hexdigest() for line in lines})!r}\n"
    with closing(Guest(server.address, 600)) as guest:
        for source in setups:
            judge.set_up(source)
        for source in (*setups, wanted + SPY, *(f"{name} = spy" for name in sorted(answers))):
            assert guest.execute(source, 1, 60).ended == "ok"
        called = set()
        for name in (check for answer in LOOKED_AT[stage] for check in own[answer]):
            execution = guest.judge(partial(judge.judge, checks[name]), 1, 60)
            text = "".join(output.get("text", "") for output in execution.outputs)
            called |= {"looked at True" in text}
            assert "found" not in text, f"{name}: {text}"
        assert True in called
