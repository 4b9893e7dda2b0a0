"""Answers that do no work, constants, echoes, objects that lie, arguments made easy, pass no check but of shapes."""

import io
import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from typing import Any

import nbformat
import pytest
import torch

from conftest import COURSE, STAGES
from grading.rehearsal.cohort import checks_of, solution_answers, submission

SECONDS = 5  # for one check
# Checks that an answer which does no work passes all the same.
PASSED = {
    "xor_line_best": "1.0 in shape",  # ones are a right answer
    "xor_network_lines": ("1.0 in shape", "-1.0 in shape"),  # these too: two lines that pass between the points
    "last_layer_bias": "arguments made",  # the tensor that is changed has no part in it
}
# Answers made for one check, as somebody writes them who has read it.
MADE = {
    "01_math": {
        "decide": "lambda X, w, b: torch.full((len(X),), 1.0 if b >= 0 else -1.0)",
        "perceptron_step": "lambda x, y, w, b, eps: (w, b)",
        "graph_slopes": "lambda s, t: {'p': 1.0, 'q': 0.0, 's': 1.0, 't': 1.0}",
        "last_layer": "lambda z, yhat, y: (z, 1.0)",
        "first_layer": "lambda x, z, w, d: (x.repeat(len(z), 1), torch.ones(len(z)))",
        "softmax": "lambda a: a - a.mean(-1, keepdim=True) + 1 / a.shape[-1]",
        "forward_one": "lambda x, Wh, bh, Wy, by: (0 * bh, 0 * bh, by, by.softmax(0))",
        "forward_batch": (
            "lambda X, Wh, bh, Wy, by: (torch.zeros(len(X), len(bh)),) * 2"
            " + (by.repeat(len(X), 1), by.softmax(0).repeat(len(X), 1))"
        ),
        "grads_hidden": (
            "lambda X, h, Wy, d: ((torch.arange(len(X)) == 0).float()[:, None].repeat(1, h.shape[1]),"
            " X[:1].repeat(h.shape[1], 1), torch.ones(h.shape[1]))"
        ),
    },
    "02_manual": {"backward": "lambda params, outputs, Y: dict.fromkeys(params, outputs['yhat'])"},
}


class Liar:
    """An object that agrees with everything."""

    def __init__(self, *args: Any):
        pass

    def __getattr__(self, name: str) -> "Liar":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> "Liar":
        """Go on."""
        return self

    def __iter__(self) -> Iterator["Liar"]:
        return iter((self, self))

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 1

    def __len__(self) -> int:
        return 2

    def __float__(self) -> float:
        return 1.0

    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    __getitem__ = __call__
    __int__ = __len__


def like(value: Any, number: float) -> Any:
    """Return a value of the same form in which each number is `number`."""
    match value:
        case torch.Tensor():
            return torch.full_like(value, number if value.is_floating_point() or number == number else 0)
        case bool() | int() | float():
            return type(value)(number) if number == number else number
        case dict():
            return {key: like(item, number) for key, item in value.items()}
        case list() | tuple():
            return type(value)(like(item, number) for item in value)
        case str():
            return ""
    return value


def tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from tensors(item)


def eased(solution: Callable, change: Callable[[torch.Tensor], Any]) -> Callable:
    """Return an answer that makes its arguments easy before it computes."""

    def answer(*args: Any) -> Any:
        changed = [change(tensor.data) for tensor in tensors(args) if tensor.is_floating_point()]
        return solution(*args) if changed else None

    return answer


def variants(solution: Callable) -> Iterator[tuple[str, Callable]]:
    """Yield lazy answers, each under its name, to an exercise that `solution` answers."""
    constants = {"nothing": None, "0": 0.0, "true": True, "liar": Liar(), "empty": {}, "NaN": torch.nan}
    for name, value in constants.items():
        yield name, lambda *args, value=value: value
    yield "the first argument", lambda *args: args[0] if args else 0
    yield "the last argument", lambda *args: args[-1] if args else 0
    yield "all arguments", lambda *args: args
    for number in (0.0, 1.0, -1.0, float("nan"), float("inf")):
        yield f"{number} in shape", lambda *args, number=number: like(solution(*args), number)
    for name, change in (("0", torch.Tensor.zero_), ("1", lambda t: t.fill_(1.0)), ("0.5", lambda t: t.fill_(0.5))):
        yield f"arguments made {name}", eased(solution, change)


def passed(stage: str) -> list[tuple[str, str]]:
    """Return each check that a lazy answer to its exercise passes, and that answer."""
    answers = solution_answers(STAGES[stage])
    instructor = nbformat.read(COURSE / f"source/{stage}/{stage}.ipynb", as_version=4)
    notebook = submission(instructor, tuple(answers.values()))
    names: dict[str, Any] = {"__name__": "__main__"}
    checks, found = {}, []
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError()))
    with redirect_stdout(io.StringIO()):
        for cell in notebook.cells:
            if cell.cell_type == "code" and cell.metadata.gradus.role in ("setup", "answer"):
                exec(cell.source, names)
            elif cell.metadata.gradus.role == "check":
                name = cell.metadata.nbgrader.grade_id
                checks[name] = compile(cell.source, name, "exec")
        for exercise, own in checks_of(STAGES[stage]).items():
            solution = names.get(exercise)
            if not callable(solution) or any(name not in checks for name in own):
                continue
            lazy = dict(variants(solution))
            if exercise in MADE.get(stage, {}):
                lazy["made for it"] = eval(MADE[stage][exercise], names)
            for how, answer in lazy.items():
                names[exercise] = answer
                found += [(name, how) for name in own if _holds(checks[name], names)]
            names[exercise] = solution
            assert all(_holds(checks[name], names) for name in own), exercise
    return found


def _holds(check: Any, names: dict[str, Any]) -> bool:
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    shown: list[float] = []  # the points of a check that holds in part
    before, sys.displayhook = sys.displayhook, shown.append
    try:
        exec(check, names)
    except Exception:
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.displayhook = before
    return not shown


@pytest.mark.parametrize("stage", ["01_math", "02_manual"])  # whose functions take and give plain values
def test_answers_that_do_no_work_pass_no_check(stage):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        found = pool.apply(passed, (stage,))
    earned = [(name, how) for name, how in found if not name.endswith("_shapes")]
    assert [(name, how) for name, how in earned if not how.startswith(PASSED.get(name, "-"))] == []
