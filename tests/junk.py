"""Junk in place of answers: what a function may return, be or do that nobody asked for; and what a check says of it."""

import copy
import inspect
import io
import itertools
import signal
import traceback
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode

from helpers.checks import CheckFailed
from running import PROCESSES, forked, name_of, role_of

ANSWER = "<answer>"
SECONDS = 15  # of CPU time, after which a check hangs

# What stands where a value was wanted, of any kind.
VALUES = (
    "None",
    "''",
    "'a'",
    "{}",
    "()",
    "[]",
    "set()",
    "range(3)",
    "object()",
    "int",
    "type('Own', (), {})",
    "(i for i in ())",
    "(i for i in (1, 2))",
    "itertools.count()",
    "lambda *_: None",
    "...",
    "True",
    "0",
    "-1",
    "0.5",
    "float('nan')",
    "float('inf')",
    "1j",
    "10**5000",
    "b'a'",
    "'a' * 10**6",
    "[None]",
    "[[1, 2], [3]]",
    "(None, None)",
    "({}, {})",
    "('a', 'b', 'c')",
    "{None: None}",
    "{'a': None, 1: None, (): None}",
    "torch.empty(0)",
    "torch.zeros(())",
    "torch.tensor(float('nan'))",
    "torch.zeros(7, 5, 3)",
    "torch.full((4, 3), float('nan'))",
    "torch.ones(3, dtype=torch.int64)",
    "torch.ones(2, 2, dtype=torch.bool)",
    "torch.ones(2, 2, dtype=torch.complex64)",
    "torch.eye(3).to_sparse()",
    "torch.zeros(2, 2, device='meta')",
    "(torch.zeros(2, 2), torch.zeros(2, 2))",
    "(torch.zeros(2, 2), {})",
    "np.zeros(3)",
    "np.array(['a', 'b'])",
    "np.array([None, {}], dtype=object)",
    "np.float64('nan')",
    "torch.nn.Linear(2, 3)",
    "torch.nn.Module()",
    "torch.nn.Linear",
    "within_itself()",
)
# What stands in the place of each value within what was wanted, or of one of them.
PARTS = (
    "None",
    "''",
    "{}",
    "[[1, 2], [3]]",
    "object()",
    "float('nan')",
    "10**5000",
    "1j",
    "int",
    "torch.empty(0)",
    "torch.zeros(2, 3, 4)",
    "torch.zeros(2, 2, device='meta')",
    "np.array([None, {}], dtype=object)",
    "np.array(['a', 'b'])",
)
# What becomes of each tensor or array of at least one dimension within what was wanted; `None`: it stays what it is.
TURNS: dict[str, Callable[[torch.Tensor], Any]] = {
    "transposed": lambda one: one.T if one.ndim == 2 and one.shape[0] != one.shape[1] else None,
    "in a row": lambda one: one[None],
    "in columns": lambda one: one[..., None],
    "flat": lambda one: one.flatten() if one.ndim > 1 else None,
    "its sum": lambda one: one.sum(),
    "one too few": lambda one: one[:-1],
    "one too many": lambda one: torch.cat([one, one[:1]]),
    "whole": lambda one: one.detach().round().long() if one.is_floating_point() else None,
    "truth": lambda one: one > 0.5 if one.is_floating_point() else None,
    "complex": lambda one: one + 1j,
    "not a number": lambda one: one * float("nan"),
    "lists of None": lambda one: [[None]] * len(one),
}
# What a function does instead.
BODIES = (
    "raise KeyError('own')",
    "raise RuntimeError",
    "assert False",
    "return {name}(*args, **kwargs)",
    "return {name}",
    "print('here')",
    "return args",
    "return args[0] if args else kwargs",
    "args[0].clear()",
    "args[0][...] = 7",
    "yield 1",
)
# What a name is instead of a function or a class.
THINGS = ("None", "1", "'a'", "{}", "torch.zeros(2)", "object()", "int", "type('Own', (), {})", "torch.nn.Linear")


# Checks for which what the right answer returns is computed once: it learns from many examples.
SLOW = (
    "accuracy_table_values",
    "fit_linear_converges",
    "regression_learns",
    "select_rate",
    "select_settings",
    "train_digits_learns",
    "train_learns",
)


@dataclass(frozen=True)
class Junk:
    """Code that puts junk in the place of an answer; `_right` is what stood there.

    total: nothing of the right answer is left in it. callable: whether it is a function or a class that takes anything.
    """

    name: str
    source: str
    total: bool
    callable: bool = True


@dataclass(frozen=True)
class Said:
    """What a check said of junk in the place of an answer.

    kind: "passed"; "sentence", one of ours; "student", an exception that the junk's own code raised, or that it cannot
    be called; "check", one of the check's own or of its probes, whatever is made of it; "hung".
    is_changed: whether there was something to put junk in the place of, while the check ran.
    """

    exercise: str
    junk: str
    total: bool
    check: str
    kind: str
    text: str = ""
    is_changed: bool = True


class Hung(BaseException):
    """The check does not end. No check catches it."""


def junk_for(name: str, right: Any) -> Iterator[Junk]:
    """Give the junk for an answer, a function or a class of that name."""
    for value in THINGS:
        yield Junk(f"= {value}", f"{name} = {value}", total=True, callable=False)
    if isinstance(right, type):
        methods = [method for method, value in vars(right).items() if inspect.isroutine(getattr(right, method))]
        for method, value in itertools.product(methods, VALUES):
            if method != "__init__":
                yield Junk(f"{method}: return {value}", _subclass(right, name, method, f"return {value}"), total=False)
        return
    for value in VALUES:
        yield Junk(f"return {value}", _function(name, f"return {value}"), total=True)
    for body in BODIES:
        yield Junk(body, _function(name, body.format(name=name)), total=True)
    for value, which in itertools.product(PARTS, ("each", "first", "last")):
        body = f"return parts_replaced(_right(*args, **kwargs), {which!r}, lambda: {value})"
        yield Junk(f"{which} part {value}", _function(name, body), total=False)
    for turn in TURNS:
        yield Junk(turn, _function(name, f"return turned(_right(*args, **kwargs), {turn!r})"), total=False)


def _function(name: str, body: str) -> str:
    return f"def {name}(*args, **kwargs):\n    {body}\n"


def _subclass(right: type, name: str, method: str, body: str) -> str:
    static = "    @staticmethod\n" if isinstance(vars(right)[method], staticmethod) else ""
    return f"class {name}(_right):\n{static}    def {method}(*args, **kwargs):\n        {body}\n"


changes: list[str] = []  # what `turned` did while a check ran


def within_itself() -> list:
    """Return a list that holds itself."""
    one: list = []
    one.append(one)
    return one


def parts_replaced(value: Any, which: str, junk: Callable[[], Any]) -> Any:
    """Put junk in the place of each value within lists, tuples and dicts, or only of the first or the last."""

    def chosen(position: int, n: int) -> bool:
        return which == "each" or position == (0 if which == "first" else n - 1)

    if isinstance(value, list | tuple) and value:
        new = [
            parts_replaced(one, which, junk) if chosen(position, len(value)) else one
            for position, one in enumerate(value)
        ]
        return type(value)(new)
    if isinstance(value, dict) and value:
        return dict(zip(value, parts_replaced(list(value.values()), which, junk), strict=True))
    return junk()


def turned(value: Any, turn: str) -> Any:
    """Turn each tensor and array within lists, tuples and dicts; note it in `changes`."""
    if isinstance(value, list | tuple):
        return type(value)(turned(one, turn) for one in value)
    if isinstance(value, dict):
        return {key: turned(one, turn) for key, one in value.items()}
    if isinstance(value, torch.Tensor) and value.ndim and value.numel():
        new = TURNS[turn](value)
        changes.extend([turn] * (new is not None))
        return value if new is None else new
    if isinstance(value, np.ndarray) and value.ndim and value.size and value.dtype.kind in "biuf":
        new = TURNS[turn](torch.from_numpy(value.copy()))
        changes.extend([turn] * (new is not None))
        return value if new is None else new.numpy() if isinstance(new, torch.Tensor) else new
    return value


GIVEN = {"itertools": itertools, "np": np, "torch": torch} | {
    function.__name__: function for function in (within_itself, parts_replaced, turned)
}


def examine(notebook: NotebookNode, own: Mapping[str, Collection[str]], step: int) -> list[Said]:
    """Put each piece of junk in the place of its answer in a solved notebook; return what its own checks say.

    own: the checks of each answer. step: of the junk for an answer, one piece in so many, others for other answers.
    """
    cells = [cell for cell in notebook.cells if role_of(cell) in ("setup", "answer", "check")]
    with ProcessPoolExecutor(PROCESSES, get_context("fork")) as pool:
        shares = [list(own)[position::PROCESSES] for position in range(PROCESSES)]
        walks = [pool.submit(_walk, cells, {name: own[name] for name in share}, step) for share in shares]
        return [Said(**said) for walk in walks for said in walk.result()]


def _walk(cells: Iterable[NotebookNode], own: Mapping[str, Collection[str]], step: int) -> list[dict]:
    """Define all that the notebook defines, then fork for each answer."""
    names = InteractiveShell.instance().user_ns
    with redirect_stdout(io.StringIO()):
        for cell in cells:
            if role_of(cell) != "check":
                exec(compile(cell.source, ANSWER, "exec"), names)
    found = []
    for answer, checks in own.items():
        sources = {name_of(cell): cell.source for cell in cells if name_of(cell) in checks}
        found += forked(partial(_try_all, names, answer, sources, step))
    return found


def _try_all(names: dict[str, Any], answer: str, sources: Mapping[str, str], step: int) -> list[dict]:
    checks = {name: compile(source, f"<check {name}>", "exec") for name, source in sources.items()}
    right, found = names[answer], []
    answers = {name: _Replayed(right) if name in SLOW else right for name in checks}
    for junk in itertools.islice(junk_for(answer, right), zlib.crc32(answer.encode()) % step, None, step):
        for name, check in checks.items():
            names |= GIVEN | {answer: right, "_right": answers[name]}
            if name in SLOW:
                answers[name].rewind()
            exec(compile(junk.source, ANSWER, "exec"), names)
            changes.clear()
            kind, text = _run(partial(exec, check, names))
            if kind == "check" and not junk.callable:
                kind = "student"
            is_changed = junk.name not in TURNS or bool(changes)
            found.append(asdict(Said(answer, junk.name, junk.total, name, kind, text[:300], is_changed)))
    return found


class _Replayed:
    """A function whose calls return, in their order, what those of the first time did: checks draw the same again."""

    def __init__(self, function: Callable):
        self._function, self._returned, self._calls = function, [], itertools.count()

    def rewind(self) -> None:
        """Start anew with the first call."""
        self._calls = itertools.count()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if (call := next(self._calls)) == len(self._returned):
            self._returned.append(copy.deepcopy(self._function(*args, **kwargs)))
        return copy.deepcopy(self._returned[call])


def _run(check: Callable[[], None]) -> tuple[str, str]:
    """Run a check; return the kind and the text of what it said."""
    try:
        with _alarm(), redirect_stdout(io.StringIO()) as printed, redirect_stderr(io.StringIO()):
            check()
    except CheckFailed as error:
        return "check" if error.__cause__ else "sentence", str(error)
    except Hung:
        return "hung", ""
    except Exception as error:
        files = {frame.f_code.co_filename for frame, _line in traceback.walk_tb(error.__traceback__)}
        return "student" if ANSWER in files else "check", f"{type(error).__name__}: {error}"
    return ("sentence" if "✗" in printed.getvalue() else "passed"), ""  # a part of the points: it said why


@contextmanager
def _alarm() -> Iterator[None]:
    """Raise Hung after some seconds of CPU time."""

    def ring(*_: object) -> None:
        raise Hung

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
