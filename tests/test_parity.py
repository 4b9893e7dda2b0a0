"""The same verdict in the notebook and from the judge, for right answers that give what stands for what was asked."""

import inspect
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import closing, redirect_stdout
from functools import partial

import pytest
import variants
from IPython.core.interactiveshell import InteractiveShell

from conftest import STAGES
from grading.engine.driver import Guest
from grading.engine.forkserver import ForkServer
from grading.judging.judge import Judge
from grading.rehearsal.cohort import checks_of, solution_answers, submission
from grading.sandbox.bubblewrap import missing
from grading.syntax.names import defined_names
from running import forked
from test_answers import release

# What a variant rightly loses, by the answer: there is more in the question than the values.
STRICT = {"train_digits": "what train returned is to be returned itself"}
# Trainings take seconds each: two styles of each do.
LONG = {"train": 2, "train_digits": 2, "fit": 2, "regression": 2, "select": 2, "accuracy_table": 2}
SOME = 6  # one style in so many, unless --whole-banks; other styles for other answers


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with closing(ForkServer("grading.guest.image", is_sandboxed=missing() is None)) as running:
        running.wait_until_ready()
        yield running


@pytest.mark.parametrize("stage", STAGES)
def test_what_stands_for_what_was_asked_gets_the_verdict_of_a_right_answer_everywhere(stage, server, pytestconfig):
    notebook = submission(release(stage, "en"), tuple(solution_answers(STAGES[stage]).values()))
    cells = [(cell.metadata.gradus.role, cell) for cell in notebook.cells if cell.cell_type == "code"]
    sources = {
        role: {
            cell.metadata.get("nbgrader", {}).get("grade_id", cell.id): cell.source
            for one, cell in cells
            if one == role
        }
        for role in ("setup", "answer", "check")
    }
    in_order = [cell.source for role, cell in cells if role in ("setup", "answer")]
    step = 1 if pytestconfig.getoption("whole_banks") else SOME
    here = forked(partial(_verdicts_here, stage, in_order, sources["check"], step))
    assert here
    there = _verdicts_there(stage, in_order, sources, here, server.address)
    for place, said in here.items():
        assert re.sub(r"[-\d.]+", "#", said) == re.sub(r"[-\d.]+", "#", there[place]), place
    refused = {place: said for place, said in here.items() if said and place.split()[0] not in STRICT}
    assert refused == {}


def _verdicts_here(stage: str, in_order: list[str], checks: dict[str, str], step: int) -> dict[str, str]:
    """Run the checks of each answer in this process; return what they say, by the answer, the style and the check."""
    shell, found = InteractiveShell.instance(), {}
    names = shell.user_ns
    run = partial(_run_here, shell)
    for source in (*in_order, inspect.getsource(variants)):
        assert run(source) == ""
    for answer, own in checks_of(STAGES[stage]).items():
        right = names.get(answer)
        if not inspect.isfunction(right):
            continue
        styles = range(zlib.crc32(answer.encode()) % step, variants.STYLES, step)
        for style in styles[: LONG.get(answer)]:
            names["seen"].clear()
            assert run(_variant(answer, style)) == ""
            said = {f"{answer} {style} {check}": run(checks[check]) for check in own}
            if not names["seen"]:  # it gives arrays and tensors only
                break
            found |= said
            names[answer] = right
        names[answer] = right
    return found


def _verdicts_there(
    stage: str, in_order: list[str], sources: dict, places: dict[str, str], address: str
) -> dict[str, str]:
    """Run the same checks in the judge."""
    trusted = set().union(*map(defined_names, sources["setup"].values()))
    judge = Judge(set().union(*map(defined_names, sources["answer"].values())) - trusted)
    for source in sources["setup"].values():
        judge.set_up(source)
    found, current = {}, ("", "")
    with closing(Guest(address, 3000)) as guest:
        for source in (*in_order, inspect.getsource(variants)):
            assert guest.execute(source, 1, 60).ended == "ok"
        for place in places:
            answer, style, check = place.split()
            if current != (answer, style):
                for source in (sources["answer"].get(current[0], ""), _variant(answer, int(style))):
                    assert guest.execute(source, 1, 60).ended == "ok"
                current = (answer, style)
            execution = guest.judge(partial(judge.judge, sources["check"][check]), 1, 60)
            errors = [output for output in execution.outputs if output.output_type == "error"]
            found[place] = f"{errors[0].ename}: {errors[0].evalue}" if errors else execution.ended.replace("ok", "")
    return found


def _variant(answer: str, style: int) -> str:
    return f"{answer} = variant({answer}, {style})"


def _run_here(shell: InteractiveShell, source: str) -> str:
    with redirect_stdout(io.StringIO()):
        result = shell.run_cell(source)
    error = result.error_before_exec or result.error_in_exec
    return f"{type(error).__name__}: {error}" if error else ""
