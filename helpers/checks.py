"""Checks: compare what a student's function gave with what was expected, and name the mistake.

A check cell calls these functions as `check.close(...)`, `check.same(...)` and so on. Each returns None where the
check holds and raises CheckFailed, a sentence without a traceback, where it does not. `what` is the piece of code
that gave the value, `'backward(params, outputs, Y)["Wh"]'`: it reads the same in every language.

What iterates in a definite order stands for a list, what maps for a dict, a scalar of numpy's or torch's for a number.
`keys`, `pair` and `items` return the plain dict, tuple and list, read once: a check goes on with these.
"""

import copy
import math
import random
import re
import sys
from builtins import print
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np
import torch

from helpers.kinds import MOST, as_list, as_number, is_mapping, is_series, kind_of, plain
from helpers.messages import _
from helpers.seeds import seed_of
from helpers.setup import OTHERS

Unless = Mapping[str, Any]


@dataclass
class Running:
    """What is known of the check that runs.

    chance: how many letters of the choice that it asks for are right by chance.
    """

    name: str = ""
    chance: float = 0.0


running = Running()


class CheckFailed(AssertionError):
    """A check that does not hold. Notebooks show its sentence alone.

    share: of the points, what it earns all the same.
    """

    def __init__(self, sentence: str, share: float = 0.0):
        super().__init__(sentence)
        self.share = share

    def _render_traceback_(self) -> list[str]:
        return [f"✗ {running.name}", str(self)]


def graded(stage: str, points: float = 0) -> Callable[[Callable[[], None]], None]:
    """Run the decorated function at once, as the check of that name in `stage`, and say whether it held.

    torch, numpy and random are seeded first, from both names and from the course's secret, the environment variable
    GRADUS_SECRET: so a verdict can be repeated, and not foretold.
    points: what it is worth. One that holds in part shows its share, in halves, as a value of the cell: nbgrader takes
    that for partial credit.
    """

    def run(check: Callable[[], None]) -> None:
        running.name, running.chance = check.__name__, 0.0
        seed = seed_of(stage, running.name)
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
        except Exception as error:
            own, missing = _is_of_check(error.__traceback__.tb_next), _missing_name(error)
            if missing and not own:
                raise CheckFailed(missing) from None
            if missing or not own:
                raise
            raise CheckFailed(_cannot_go_on(error)) from error
        with suppress(Exception):  # whatever the cells before made of print and of stdout
            print(f"✓ {running.name}")

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

    def holds(right: Any, nan: bool = False) -> bool:
        return _near(value, _as_tensor(right), rtol, atol, nan)

    arrays = isinstance(expected, np.ndarray)
    expected = _as_tensor(expected)
    value = _numbers(got, expected, what, arrays)
    right = holds(expected) or (also is not None and holds(also))
    if not right:
        _name_mistake(what, unless, lambda mistaken: holds(mistaken, nan=True))
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
    got = _like(got, expected)
    if _equal(got, expected):
        return
    if got is None:
        _fail(what, _none(what))
    _name_mistake(what, unless, lambda mistaken: _equal(got, mistaken))
    _fail(what, _("expected {expected}, got {got}.").format(expected=_show(expected), got=_show(got)))


def tensor(got: Any, shape: tuple[int, ...] | None, what: str, finite: bool = True) -> torch.Tensor:
    """Require a tensor of floating point numbers; return it without graph, in float32.

    shape: which it has; None for any, where shapes have a check of their own. finite: whether all of them have to be.
    """
    expected = torch.empty(2 if shape is None else shape)
    value = _numbers(got, expected, what)
    _compare_kinds(got, expected, what)
    if shape is not None:
        _compare_shapes(value, expected, what)
    if finite and not value.isfinite().all():
        _fail(what, _("contains NaN or infinity: look for log(0), 0/0 or an overflow in exp."))
    return value.float()


def usable(got: Any, shape: tuple[int, ...], otherwise: torch.Tensor) -> torch.Tensor:
    """Return a tensor, turned where it is the transpose of this shape; `otherwise` where it cannot be used.

    For what has its own check: the others go on with what they have.
    """
    try:
        if isinstance(got, torch.Tensor) and got.ndim == 2 and tuple(got.shape) != shape:
            got = got.T
        return tensor(got, shape, "")
    except CheckFailed:
        return otherwise


def numbers(got: Any, n: int, what: str, unless: Unless | None = None) -> torch.Tensor:
    """Require a list of n numbers and return them as a tensor.

    unless: other lengths, of known mistakes, each under the sentence that names it.
    """
    found = items(got, what)
    same(len(found), n, f"len({what})", unless)
    singles = [_single(one, f"{what}[{place}]") for place, one in enumerate(found)]
    return torch.stack(singles) if singles else torch.empty(0, dtype=torch.float64)


def number(got: Any, what: str) -> float:
    """Require a single number and return it."""
    return float(_single(got, what))


def indices(got: Any, what: str) -> list[int]:
    """Require a list or a tensor of whole numbers and return them."""
    found = [as_number(one) for one in items(got, what)]
    wrong = [one for one in found if not isinstance(one, int) or isinstance(one, bool)]
    if wrong:
        _fail(what, _("expected whole numbers, got {got}.").format(got=_show(wrong[0])))
    return found


def slope(got: Any, shape: tuple[int, ...], n: int, what: str) -> torch.Tensor:
    """Require the gradient of a bias of this shape, summed over n examples, and return it as a vector.

    It has the shape of the bias, or one that broadcasts to it.
    """
    value = _numbers(got, torch.empty(shape), what)
    units = max(shape)
    if value.numel() == 1 < units:
        _fail(what, _("is one number for all the units: sum over the examples only, sum(0)."))
    if value.numel() == n * units > units and sorted(value.shape) == sorted((n, units)):
        _fail(what, _("has a number for each example: sum over the examples, sum(0)."))
    return tensor(got, (units,) if shape == (1, units) == (1, *value.shape) else shape, what).reshape(-1)


def by_hand(function: Callable, *args: Any) -> Any:
    """Call a function that computes gradients by hand, on what has no graph; say so where it asks for one."""
    try:
        return function(*args)
    except RuntimeError as error:
        that(
            "does not require grad" not in str(error), "backward uses autograd: here the gradients are computed by hand"
        )
        raise


def any_keys(call: Callable[[], Any], function: str) -> Any:
    """Return what a call gives; name the key that a student's function asks for and its dict does not have."""
    try:
        return call()
    except KeyError as error:
        key = str(error.args[0] if error.args else error).strip("'")
        sentence = _("{function} asks for '{key}', which this dict does not have: go through whatever params holds")
        raise CheckFailed(sentence.format(function=function, key=key)) from None


def array(got: Any, shape: tuple[int, ...], what: str) -> None:
    """Require a numpy array of floating point numbers of this shape, all finite."""
    value = _numbers(got, torch.empty(shape), what, arrays=True)
    _compare_kinds(got, torch.empty(shape), what)
    _compare_shapes(value, torch.empty(shape), what, arrays=True)
    if not value.isfinite().all():
        _fail(what, _("contains NaN or infinity: look for log(0), 0/0 or an overflow in exp."))


def vector(got: Any, n: int, what: str) -> torch.Tensor:
    """Require a tensor of n floating point numbers, all finite, of shape (n,), (1, n) or (n, 1); return it as (n,)."""
    shape = tuple(got.shape) if isinstance(got, torch.Tensor) else ()
    return tensor(got, shape if shape in ((1, n), (n, 1)) else (n,), what).reshape(-1)


def keys(got: Any, names: Iterable[str], what: str) -> dict:
    """Require a dict that holds these keys, others are allowed, and return it."""
    if got is None:
        _fail(what, _none(what))
    if not is_mapping(got):
        _fail(what, _("expected a dict, got {got}.").format(got=kind_of(got)))
    got = plain(got)
    missing = [name for name in names if name not in got]
    if missing:
        _fail(
            what,
            _("the dict lacks {missing}; it has {found}.").format(
                missing=", ".join(map(repr, missing)), found=", ".join(map(repr, got)) or "-"
            ),
        )
    return got


def items(got: Any, what: str, ordered: bool = True) -> list:
    """Require a list, or what iterates as one and comes to an end, and return its items.

    ordered: whether the order matters; where it does not, a set will do.
    """
    if got is None:
        _fail(what, _none(what))
    if not is_series(got) and (ordered or not isinstance(got, set | frozenset)):
        _fail(what, _("expected a list, got {got}.").format(got=kind_of(got)))
    found = as_list(got)
    if len(found) > MOST and not isinstance(got, list | tuple | torch.Tensor | np.ndarray):
        _fail(what, _("goes on after {n} values: it should come to an end.").format(n=MOST))
    return found


def rich(got: torch.Tensor, what: str) -> None:
    """Require numbers from which others can be expected: neither all alike nor nearly all zero, as a lazy answer's."""
    value = _numbers(got, torch.empty(2), what)
    alike = float(value.std(0).max()) <= 0.01 * float(value.abs().max()) if len(value) > 1 else False
    if alike or float(value.abs().mean()) < 0.01 or float((value != 0).double().mean()) < 0.2:
        _fail(what, _("nothing can be computed from this: it hardly depends on the arguments."))


def pair(got: Any, what: str, n: int = 2) -> tuple:
    """Require `n` values returned together, as a tuple or a list, and return them as a tuple."""
    if got is None:
        _fail(what, _none(what))
    arrays = isinstance(got, torch.Tensor | np.ndarray)
    found = as_list(got, n) if is_series(got) and (not arrays or got.ndim == 1) else None
    if found is None or len(found) != n:
        came = kind_of(got) if found is None or arrays else len(found)
        _fail(what, _("expected {n} values, separated by commas after return; got {got}.").format(n=n, got=came))
    return tuple(map(plain, found))


def letters(got: Any, names: str, options: tuple = (True, False)) -> None:
    """Require a dict that gives every letter of `names` one of the options; say that right or wrong is told later."""
    running.chance = len(names) / len(options)
    got = keys(got, names, _("your answer"))
    for letter in names:
        if not any(_equal(_like(got[letter], option), option) for option in options):
            choices = ", ".join(map(repr, options))
            _fail(letter, _("answer with one of {options}; got {got}.").format(options=choices, got=_show(got[letter])))
    print(_("The form is right. Whether the answers are, you will see when the notebook is graded."))


def choices(got: Any, right: Mapping[str, Any], because: Mapping[str, str]) -> None:
    """Compare the answers to a choice, letter by letter, and explain each that was missed.

    What is right beyond what chance would give earns its share of the points; `letters` comes before and knows the
    options.
    right: the right option for each letter. because: for each letter, the sentence that says why.
    """
    got = keys(got, right, _("your answer"))
    missed = [letter for letter in right if not _equal(_like(got[letter], right[letter]), right[letter])]
    if missed:
        reasons = [_("{what}: {sentence}").format(what=letter, sentence=_(because[letter])) for letter in missed]
        share = (len(right) - len(missed) - running.chance) / (len(right) - running.chance)
        raise CheckFailed("\n".join(reasons), max(0.0, share))


def is_finite(value: Any) -> bool:
    """Tell whether a value holds neither NaN nor infinity. What holds no numbers does not: comparing tells its kind."""
    value = as_number(value)
    if isinstance(value, torch.Tensor):
        return value.is_meta or bool(value.to_dense().isfinite().all())
    return not isinstance(value, float) or math.isfinite(value)


def is_number(value: Any) -> bool:
    """Tell whether a value is a single number, or stands for one."""
    return isinstance(as_number(value), int | float)


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
            _fail(what, _none(what))
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


def changed(function: Callable, *args: Any) -> tuple[Any, tuple]:
    """Call a function on copies of its arguments; return what it returned, and the copies as it left them.

    The only way to see what a function does to its arguments: when graded, every other call leaves them as they are.
    """
    args = copies(*args)
    call = getattr(type(function), "__in_place__", None)  # that of the judge
    return (call(function, *args) if call else function(*args)), args


def after(step: Callable, params: Any, *args: Any) -> Any:
    """Call `step(params, *args)` on copies and return the new params, changed in place or returned."""
    returned, args = changed(step, params, *args)
    return args[0] if returned is None else returned


def _is_of_check(frame: TracebackType | None) -> bool:
    """Tell whether nothing but a check ran, with helpers and libraries, where this traceback starts with the check."""
    files = []
    while frame is not None:
        files.append(frame.tb_frame.f_code.co_filename)
        frame = frame.tb_next
    return all(file == files[0] or file.startswith(OTHERS) for file in files)


def _missing_name(error: Exception) -> str:
    """Say which name a student's function uses that is defined nowhere; "" where that is not the error."""
    found = re.match(r"(?:free variable|name) '(\w+)'", str(error)) if isinstance(error, NameError) else None
    if found is None:
        return ""
    return _(
        "your code uses {name}, which is not defined here: is it misspelt, or does only another cell define it? "
        "A function takes what it needs from its arguments, sizes from their shapes (X.shape)."
    ).format(name=found[1])


def _cannot_go_on(error: Exception) -> str:
    """Say what a check met that it does not know how to name."""
    text = f"{type(error).__name__}: {error}"
    if "not callable" in text:
        return _("{error}. What this check calls has to be a function or a class: is its name used twice?").format(
            error=text
        )
    if isinstance(error, TypeError) and "argument" in text:  # a call that does not fit: Python's words are the best
        return text
    sentence = _("this check cannot use what your code gave: look at its kind and its shape ({error}).")
    return sentence.format(error=text)


def _none(what: str) -> str:
    """Say of what is None: a function's result, or one of the values in it."""
    return (
        _("is None: compute it and store it.")
        if what.endswith("]")
        else _("is None: does the function end with return?")
    )


def _as_tensor(numbers: Any) -> torch.Tensor:
    """Return numbers of the check's own as a tensor."""
    return torch.as_tensor(np.array(numbers, order="C") if isinstance(numbers, np.ndarray) else numbers)


def _numbers(got: Any, expected: torch.Tensor, what: str, arrays: bool = False) -> torch.Tensor:
    """Return `got` as a detached float64 tensor, or say why it cannot stand where `expected` should.

    arrays: whether arrays are expected, and no tensors.
    """
    if got is None:
        _fail(what, _none(what))
    number = got if isinstance(got, torch.Tensor) and not arrays else as_number(got)
    if expected.numel() == 1 and isinstance(number, int | float):
        return torch.tensor(_as_float(number), dtype=torch.float64)
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
        _fail(what, _("expected {kind}, got {got}.").format(kind=kind, got=kind_of(got)))
    if got.is_meta:
        _fail(what, _("is on the device {device}; here everything stays on the CPU.").format(device=got.device))
    if got.is_complex():
        _fail(what, _("holds {dtype}; expected floating point numbers (torch.float32).").format(dtype=got.dtype))
    return got.detach().cpu().to_dense().to(torch.float64)


def _single(got: Any, what: str) -> torch.Tensor:
    """Require a single number; return it as a tensor without dimensions."""
    value = _numbers(got, torch.empty(()), what)
    _compare_shapes(value, torch.empty(()), what)
    return value.reshape(())


def _as_float(number: Any) -> float:
    """Return a number as a float, infinity where it is a whole number that no float can hold."""
    try:
        return float(number)
    except OverflowError:
        return float("inf")


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


def _near(value: torch.Tensor, expected: torch.Tensor, rtol: float, atol: float, nan: bool = False) -> bool:
    """Tell whether a value is an expected one, up to rounding. nan: whether NaN is near NaN."""
    return _shapes_agree(value, expected) and torch.allclose(
        value, expected.to(torch.float64).reshape(value.shape), rtol=rtol, atol=atol, equal_nan=nan
    )


def _like(got: Any, expected: Any) -> Any:
    """Turn `got` into what `expected` is, where it stands for that: a dict, a list, a number."""
    if isinstance(expected, Mapping):
        got = plain(got) if is_mapping(got) else got
        return {key: _like(one, expected.get(key)) for key, one in got.items()} if isinstance(got, dict) else got
    if isinstance(expected, list | tuple):
        got = got if isinstance(got, list | tuple) or not is_series(got) else as_list(got)
        return [*map(_like, got, expected), *got[len(expected) :]] if isinstance(got, list | tuple) else got
    return got if isinstance(expected, torch.Tensor) else as_number(got)


def _equal(got: Any, expected: Any) -> bool:
    """Compare plain values: 1 is not True, a list stands for a tuple, a 0-d tensor or numpy scalar for a number."""
    if isinstance(got, torch.Tensor) and isinstance(expected, torch.Tensor):
        return got.shape == expected.shape and got.dtype == expected.dtype and torch.equal(got, expected)
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
    rounded = float(np.float32(expected)) if isinstance(expected, float) else expected  # as a number from float32 is
    return isinstance(got, int | float | str | bool | None) and got in (expected, rounded)


def _name_mistake(what: str, unless: Unless | None, matches: Callable[[Any], bool]) -> None:
    for sentence, mistaken in (unless or {}).items():
        if matches(mistaken):
            _fail(what, _(sentence))


def _show(value: Any) -> str:
    """Write a value as a student would read it: four digits, no dtype, not too long."""
    is_single = isinstance(value, torch.Tensor) and value.numel() == 1 and not value.is_meta
    if isinstance(value, np.generic) or is_single:
        value = value.item()
    if isinstance(value, torch.Tensor):
        return _("a tensor of shape {shape}").format(shape=tuple(value.shape))
    is_plain = isinstance(value, bool | int | float | complex | str | list | tuple | dict | set | frozenset | None)
    try:
        text = f"{value:.4g}" if isinstance(value, float) else repr(value) if is_plain else f"<{kind_of(value)}>"
    except ValueError:  # a whole number of thousands of digits
        text = type(value).__name__
    return text if len(text) <= 200 else text[:200] + "…"


def _fail(what: str, sentence: str) -> None:
    raise CheckFailed(_("{what}: {sentence}").format(what=what, sentence=sentence))
