"""Choices are marked letter by letter: the same points in the notebook, in plain nbgrader and from the judge."""

import ast
import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

from conftest import STAGES
from grading.authoring.cells import Stage
from grading.authoring.lessons import is_choice
from grading.authoring.notebooks import instructor_notebook
from grading.engine.driver import Kernel
from grading.engine.forkserver import ForkServer
from grading.judging.judge import Judge
from grading.sandbox.bubblewrap import missing
from grading.syntax.names import defined_names, used_names


@dataclass
class Choice:
    """A choice of the series: the check cell, the setup that it needs, and for each number of missed letters an answer.

    chance: the letters that are right by guessing.
    """

    check: NotebookNode
    setup: list[str]
    answers: list[str]
    chance: Fraction

    def earned(self, missed: int) -> float:
        """The points that an answer with so many missed letters is worth, worked out as the docs say."""
        of = len(self.answers) - 1
        share = max(Fraction(0), (of - missed - self.chance) / (of - self.chance))
        return math.floor(2 * self.check.metadata.nbgrader.points * share) / 2


def choices_of(stage: Stage) -> Iterator[Choice]:
    notebook = instructor_notebook(stage, "https://example.org", "1")
    checks = [cell for cell in notebook.cells if "check.choices(" in cell.source]
    for answer in stage.of_kind("answer"):
        if not is_choice(answer):
            continue
        (check,) = (cell for cell in checks if answer.name in used_names(cell.source))
        (returned,) = (node for node in ast.walk(ast.parse(answer.source)) if isinstance(node, ast.Return))
        right, options = ast.literal_eval(returned.value), options_of(check.source)
        answers = [written(answer.name, right, missed, options) for missed in range(len(right) + 1)]
        needed = used_names(check.source) - {"check", answer.name}
        setup = [cell.source for cell in stage.of_kind("setup")]
        needs = any(needed & defined_names(source) for source in setup)
        chance = Fraction(len(right), len(options)) if options else Fraction()
        yield Choice(check, setup if needs else [], answers, chance)


def options_of(check: str) -> tuple[Any, ...]:
    """Return what a check has students choose from; () where they may answer with anything."""
    for node in ast.walk(ast.parse(check)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "check.letters":
            given = [keyword.value for keyword in node.keywords if keyword.arg == "options"] or node.args[2:]
            return ast.literal_eval(given[0]) if given else (True, False)
    return ()


def written(name: str, right: dict[str, Any], missed: int, options: tuple[Any, ...]) -> str:
    """Return an answer that misses the first letters."""
    options = options or ("error", 100)
    wrong = {letter: next(one for one in options if one != right[letter]) for letter in list(right)[:missed]}
    return f"def {name}():\n    return {right | wrong!r}\n"


CHOICES = {choice.check.metadata.nbgrader.grade_id: choice for stage in STAGES.values() for choice in choices_of(stage)}
EACH = [(name, missed) for name, choice in CHOICES.items() for missed in range(len(choice.answers))]
IMPORT = "from helpers import check"


@pytest.fixture(scope="module")
def executed() -> dict[tuple[str, int], NotebookNode]:
    """Return the check cell of every answer to every choice as a notebook's kernel leaves it, and so plain nbgrader."""
    notebook, cells = new_notebook(), {}
    notebook.cells.append(new_code_cell(IMPORT))
    for name, choice in CHOICES.items():
        notebook.cells += map(new_code_cell, choice.setup)
        for missed, answer in enumerate(choice.answers):
            cells[name, missed] = NotebookNode(new_code_cell(choice.check.source, metadata=choice.check.metadata))
            notebook.cells += [new_code_cell(answer), cells[name, missed]]
    NotebookClient(notebook, kernel_name="python3", allow_errors=True, timeout=60).execute()
    return cells


@pytest.fixture(scope="module")
def judged() -> Iterator[dict[tuple[str, int], float]]:
    """Return the points that the judge gives to every answer to every choice."""
    with closing(ForkServer("grading.guest.image", is_sandboxed=missing() is None)) as server:
        server.wait_until_ready()
        points = {}
        for name, choice in CHOICES.items():
            with closing(Kernel(server.address, 60)) as kernel:
                judge = Judge([choice.answers[0][4 : choice.answers[0].index("(")]])
                for source in (IMPORT, *choice.setup):
                    judge.set_up(source)
                    kernel.execute(source, 1, 20)
                for missed, answer in enumerate(choice.answers):
                    kernel.execute(answer, 1, 20)
                    source = choice.check.source
                    got = kernel.judge(lambda guest, left, j=judge, s=source: j.judge(s, guest, left), 1, 20)
                    full = choice.check.metadata.nbgrader.points if got.ended == "ok" else 0
                    points[name, missed] = full if got.points is None else got.points
        yield points


def test_every_choice_of_the_series_is_here():
    checks = [cell for stage in STAGES.values() for cell in stage.of_kind("check") if "check.choices(" in cell.source]
    assert sorted(cell.name for cell in checks) == sorted(CHOICES)


@pytest.mark.parametrize(("name", "missed"), EACH)
def test_a_choice_earns_the_same_points_everywhere(name, missed, executed, judged):
    expected = CHOICES[name].earned(missed)
    assert determine_grade(executed[name, missed])[0] == expected
    assert judged[name, missed] == expected


@pytest.mark.parametrize(("name", "missed"), EACH)
def test_each_missed_letter_is_explained(name, missed, executed):
    outputs = executed[name, missed].outputs
    text = "".join(output.get("text") or "\n".join(output.get("traceback", ())) for output in outputs)
    letters = [line.partition(":")[0] for line in text.split("\n") if line[1:2] == ":"]
    assert letters == list("abcdefghi"[:missed])
