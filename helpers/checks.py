"""Checks: compare what a student's function gave with what was expected, and name the mistake.

A check cell calls these functions as `check.close(...)`, `check.same(...)` and so on. Each returns None where the
check holds and raises CheckFailed, a sentence without a traceback, where it does not. `what` is the piece of code
that gave the value, `'backward(params, outputs, Y)["Wh"]'`: it reads the same in every language.
"""

import copy
import math
import random
import sys
from builtins import print
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch

from helpers.messages import _
from helpers.seeds import seed_of

Unless = Mapping[str, Any]

_name = ""
_chance = 0.0  # how many letters of the choice that the check asks for are right by chance


class CheckFailed(AssertionError):
    """A check that does not hold. Notebooks show its sentence alone.

    share: of the points, what it earns all the same.
    """

    def __init__(self, sentence: str, share: float = 0.0):
        super().__init__(sentence)
        self.share = share

    def _render_traceback_(self) -> list[str]:
        return [f"✗ {_name}", str(self)]


def graded(stage: str, points: float = 0) -> Callable[[Callable[[], None]], None]:
    """Run the decorated function at once, as the check of that name in `stage`, and say whether it held.

    torch, numpy and random are seeded first, from both names and from the course's secret, the environment variable
    GRADUS_SECRET: so a verdict can be repeated, and not foretold.
    points: what it is worth. One that holds in part shows its share, in halves, as a value of the cell: nbgrader takes
    that for partial credit.
    """

    def run(check: Callable[[], None]) -> None:
        global _name, _chance
        _name, _chance = check.__name__, 0.0
        seed = seed_of(stage, _name)
        torch.set_grad_enabled(True)  # whatever the cells before left behind
        torch.set_default_dtype(torch.float32)
        torch.default_generator.manual_seed(seed)  # torch.manual_seed spends a millisecond on absent devices
        np.random.seed(seed)
        random.seed(seed)
        try:
            check()
        except CheckFailed as failed:
            earned = math.floor(2 * points * failed.share) / 2
            if not earned:
                raise
            print("\n".join(failed._render_traceback_()))
            sys.displayhook(earned)
            return
        with suppress(Exception):  # whatever the cells before made of print and of stdout
            print(f"✓ {_name}")

    return run


def that(condition: Any, sentence: str, **values: Any) -> None:
    """Fail with `sentence`, its {placeholders} filled in from `values`, unless `condition` is true."""
    if not condition:
        raise CheckFailed(_(sentence).format(**values))


def close(
    got: Any,
    expected: Any,
    what: str,
    unless: Unless | None = None,
    also: Any = None,
    rtol: float = 1e-3,
    atol: float = 1e-5,
) -> None:
    """Compare numbers or tensors, up to rounding.

    got: a tensor of the shape of `expected`, or an array where `expected` is one; for a single number a float will do.
    expected: a number, a nested list, a tensor; or an array, which only arrays can match.
    unless: values of known mistakes, each under the sentence that names it.
    also: another value that is right, such as the true one where `expected` follows from the student's own numbers.
    """

    def holds(right: Any) -> bool:
        return _near(value, _as_tensor(right), rtol, atol)

    arrays = isinstance(expected, np.ndarray)
    expected = _as_tensor(expected)
    value = _numbers(got, expected, what, arrays)
    right = holds(expected) or (also is not None and holds(also))
    if not right:
        _name_mistake(what, unless, holds)
    _compare_kinds(got, expected, what)
    if right:
        return
    _compare_shapes(value, expected, what, arrays)
    if value.isnan().any():
        _fail(what, _("contains NaN (not a number): look for log(0), 0/0 or inf - inf."))
    if expected.numel() == 1:
        _fail(what, _("expected {expected}, got {got}.").format(expected=_show(expected), got=_show(value)))
    wrong = ~torch.isclose(value, expected.to(torch.float64), rtol=rtol, atol=atol)
    place = tuple(int(i) for i in wrong.nonzero()[0])
    _fail(
        what,
        _("expected {expected} at index {place}, got {got} (wrong values: {wrong} of {n}).").format(
            expected=_show(expected[place]),
            place=list(place),
            got=_show(value[place]),
            wrong=int(wrong.sum()),
            n=expected.numel(),
        ),
    )


def same(got: Any, expected: Any, what: str, unless: Unless | None = None) -> None:
    """Compare exactly: numbers, strings, booleans, and lists, tuples and dicts of them; or two tensors, bit by bit."""
    if _equal(got, expected):
        return
    if got is None:
        _fail(what, _("is None: does the function end with return?"))
    _name_mistake(what, unless, lambda mistaken: _equal(got, mistaken))
    _fail(what, _("expected {expected}, got {got}.").format(expected=_show(expected), got=_show(got)))


def tensor(got: Any, shape: tuple[int, ...], what: str) -> None:
    """Require a tensor of floating point numbers of this shape, all finite."""
    value = _numbers(got, torch.empty(shape), what)
    _compare_kinds(got, torch.empty(shape), what)
    _compare_shapes(value, torch.empty(shape), what)
    if not value.isfinite().all():
        _fail(what, _("contains NaN or infinity: look for log(0), 0/0 or an overflow in exp."))


def array(got: Any, shape: tuple[int, ...], what: str) -> None:
    """Require a numpy array of floating point numbers of this shape, all finite."""
    value = _numbers(got, torch.empty(shape), what, arrays=True)
    _compare_kinds(got, torch.empty(shape), what)
    _compare_shapes(value, torch.empty(shape), what, arrays=True)
    if not value.isfinite().all():
        _fail(what, _("contains NaN or infinity: look for log(0), 0/0 or an overflow in exp."))


def vector(got: Any, n: int, what: str) -> None:
    """Require a tensor of n floating point numbers, all finite, of shape (n,), (1, n) or (n, 1)."""
    shape = tuple(got.shape) if isinstance(got, torch.Tensor) else ()
    tensor(got, shape if shape in ((1, n), (n, 1)) else (n,), what)


def keys(got: Any, names: list[str], what: str) -> None:
    """Require a dict that holds these keys; others are allowed."""
    if got is None:
        _fail(what, _("is None: does the function end with return?"))
    if not isinstance(got, Mapping):
        _fail(what, _("expected a dict, got {got}.").format(got=type(got).__name__))
    missing = [name for name in names if name not in got]
    if missing:
        _fail(
            what,
            _("the dict lacks {missing}; it has {found}.").format(
                missing=", ".join(map(repr, missing)), found=", ".join(map(repr, got)) or "-"
            ),
        )


def rich(got: torch.Tensor, what: str) -> None:
    """Require numbers from which others can be expected: neither all alike nor nearly all zero, as a lazy answer's."""
    value = got.detach().to(torch.float64)
    alike = float(value.std(0).max()) <= 0.01 * float(value.abs().max()) if len(value) > 1 else False
    if alike or float(value.abs().mean()) < 0.01 or float((value != 0).double().mean()) < 0.2:
        _fail(what, _("nothing can be computed from this: it hardly depends on the arguments."))


def pair(got: Any, what: str, n: int = 2) -> tuple:
    """Require `n` values returned together, as a tuple or a list, and return them as a tuple."""
    if got is None:
        _fail(what, _("is None: does the function end with return?"))
    if not isinstance(got, tuple | list) or len(got) != n:
        found = len(got) if isinstance(got, tuple | list) else type(got).__name__
        _fail(what, _("expected {n} values, separated by commas after return; got {got}.").format(n=n, got=found))
    return tuple(got)


def letters(got: Any, names: str, options: tuple = (True, False)) -> None:
    """Require a dict that gives every letter of `names` one of the options; say that right or wrong is told later."""
    global _chance
    _chance = len(names) / len(options)
    keys(got, list(names), _("your answer"))
    for letter in names:
        if not any(_equal(got[letter], option) for option in options):
            choices = ", ".join(map(repr, options))
            _fail(letter, _("answer with one of {options}; got {got}.").format(options=choices, got=repr(got[letter])))
    print(_("The form is right. Whether the answers are, you will see when the notebook is graded."))


def choices(got: Any, right: Mapping[str, Any], because: Mapping[str, str]) -> None:
    """Compare the answers to a choice, letter by letter, and explain each that was missed.

    What is right beyond what chance would give earns its share of the points; `letters` comes before and knows the
    options.
    right: the right option for each letter. because: for each letter, the sentence that says why.
    """
    keys(got, list(right), _("your answer"))
    missed = [letter for letter in right if not _equal(got[letter], right[letter])]
    if missed:
        reasons = [_("{what}: {sentence}").format(what=letter, sentence=_(because[letter])) for letter in missed]
        share = (len(right) - len(missed) - _chance) / (len(right) - _chance)
        raise CheckFailed("\n".join(reasons), max(0.0, share))


def copies(*args: Any) -> tuple:
    """Return deep copies to call a function with: whatever it does to them, what is expected of it stays."""
    return copy.deepcopy(args)


def module(about: Mapping[str, Any], what: str, trained: bool = True) -> None:
    """Require a module with parameters, in float32 and on the CPU, all of them trained (unless `trained` is False).

    about: what `probes.describe` said of it.
    """
    kind = about["kind"]
    if not about["module"]:
        if kind == "NoneType":
            _fail(what, _("is None: does the function end with return?"))
        if kind == "type":
            _fail(what, _("is a class, not a module: make one of it, with parentheses."))
        _fail(what, _("expected a torch.nn.Module, got {got}.").format(got=kind))
    if not about["parameters"]:
        _fail(what, _("has no parameters: layers must be attributes of a Module; a Python list or dict hides them."))
    for name, facts in about["parameters"].items():
        if facts["device"] != "cpu":
            _fail(
                what, _("is on the device {device}; here everything stays on the CPU.").format(device=facts["device"])
            )
        if facts["dtype"] != "torch.float32":
            _fail(what, _("has parameters of {dtype}; keep torch.float32.").format(dtype=facts["dtype"]))
        if trained and not facts["trained"]:
            _fail(what, _("the parameter {name} does not require gradients.").format(name=name))


def after(step: Callable, params: Any, *args: Any) -> Any:
    """Call `step(params, *args)` on copies and return the new params, changed in place or returned."""
    params, *args = copies(params, *args)
    returned = step(params, *args)
    return params if returned is None else returned


def _as_tensor(numbers: Any) -> torch.Tensor:
    """Return numbers of the check's own as a tensor."""
    return torch.as_tensor(np.array(numbers, order="C") if isinstance(numbers, np.ndarray) else numbers)


def _numbers(got: Any, expected: torch.Tensor, what: str, arrays: bool = False) -> torch.Tensor:
    """Return `got` as a detached float64 tensor, or say why it cannot stand where `expected` should.

    arrays: whether arrays are expected, and no tensors.
    """
    if got is None:
        _fail(what, _("is None: does the function end with return?"))
    if expected.numel() == 1 and (
        isinstance(got, int | float | np.number) or (type(got) is np.ndarray and got.ndim == 0)
    ):
        return torch.tensor(float(got), dtype=torch.float64)
    if arrays and isinstance(got, torch.Tensor):
        _fail(what, _("is a torch tensor; return a numpy array."))
    if arrays and isinstance(got, np.ndarray | np.generic):
        if got.dtype.kind not in "biuf":
            _fail(what, _("holds {dtype}; expected floating point numbers.").format(dtype=got.dtype))
        return torch.from_numpy(np.array(got, dtype=np.float64, order="C"))
    if isinstance(got, np.ndarray):
        _fail(what, _("is a numpy array; return a torch tensor (torch.from_numpy makes one)."))
    if not isinstance(got, torch.Tensor):
        kind = _("a single number") if expected.ndim == 0 else _("a numpy array") if arrays else _("a torch tensor")
        _fail(what, _("expected {kind}, got {got}.").format(kind=kind, got=type(got).__name__))
    return got.detach().cpu().to(torch.float64)


def _compare_kinds(got: Any, expected: torch.Tensor, what: str) -> None:
    """Fail if whole numbers or truth values came in a tensor or an array where floating point numbers were expected."""
    if not expected.is_floating_point():
        return
    if isinstance(got, torch.Tensor) and not got.is_floating_point():
        _fail(what, _("holds {dtype}; expected floating point numbers (torch.float32).").format(dtype=got.dtype))
    if isinstance(got, np.ndarray) and got.ndim and got.dtype.kind != "f":
        _fail(what, _("holds {dtype}; expected floating point numbers.").format(dtype=got.dtype))


def _compare_shapes(value: torch.Tensor, expected: torch.Tensor, what: str, arrays: bool = False) -> None:
    """Fail with a sentence on the shapes unless they agree."""
    if _shapes_agree(value, expected):
        return
    if expected.ndim == 0:
        sentence = (
            _("expected a single number, got an array of shape {got}: did you forget a sum or a mean?")
            if arrays
            else _("expected a single number, got a tensor of shape {got}: did you forget a sum or a mean?")
        )
        _fail(what, sentence.format(got=tuple(value.shape)))
    sentence = _("expected shape {expected}, got {got}.").format(expected=tuple(expected.shape), got=tuple(value.shape))
    if value.ndim == 2 and expected.ndim == 2 and value.shape == expected.T.shape:
        sentence += " " + _("It is transposed.")
    elif value.shape == (*expected.shape, 1) and not arrays:
        sentence += " " + _("Drop the last dimension: squeeze(-1), or no keepdim=True.")
    elif expected.shape == (*value.shape, 1) and not arrays:
        sentence += " " + _("Keep the last dimension: unsqueeze(-1), or keepdim=True.")
    _fail(what, sentence)


def _shapes_agree(value: torch.Tensor, expected: torch.Tensor) -> bool:
    return value.shape == expected.shape or (expected.ndim == 0 and value.numel() == 1)


def _near(value: torch.Tensor, expected: torch.Tensor, rtol: float, atol: float) -> bool:
    return _shapes_agree(value, expected) and torch.allclose(
        value, expected.to(torch.float64).reshape(value.shape), rtol=rtol, atol=atol
    )


def _equal(got: Any, expected: Any) -> bool:
    """Compare plain values: 1 is not True, a list stands for a tuple, a 0-d tensor or numpy scalar for a number."""
    if isinstance(got, torch.Tensor) and isinstance(expected, torch.Tensor):
        return got.shape == expected.shape and got.dtype == expected.dtype and torch.equal(got, expected)
    if isinstance(got, torch.Tensor | np.generic) and np.ndim(got) == 0:
        got = got.item()
    if isinstance(expected, Mapping):
        return (
            isinstance(got, Mapping)
            and set(got) == set(expected)
            and all(_equal(got[key], expected[key]) for key in expected)
        )
    if isinstance(expected, list | tuple):
        return (
            isinstance(got, list | tuple)
            and len(got) == len(expected)
            and all(_equal(one, other) for one, other in zip(got, expected, strict=True))
        )
    if isinstance(got, bool) != isinstance(expected, bool):
        return False
    return isinstance(got, int | float | str | bool | None) and got == expected


def _name_mistake(what: str, unless: Unless | None, matches: Callable[[Any], bool]) -> None:
    for sentence, mistaken in (unless or {}).items():
        if matches(mistaken):
            _fail(what, _(sentence))


def _show(value: Any) -> str:
    """Write a value as a student would read it: four digits, no dtype, not too long."""
    if isinstance(value, np.generic) or (isinstance(value, torch.Tensor) and value.numel() == 1):
        value = value.item()
    if isinstance(value, torch.Tensor):
        return _("a tensor of shape {shape}").format(shape=tuple(value.shape))
    text = f"{value:.4g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 200 else text[:200] + "…"


def _fail(what: str, sentence: str) -> None:
    raise CheckFailed(_("{what}: {sentence}").format(what=what, sentence=sentence))
