"""Probes of modules and losses written in numpy, as in 07_modules: what they compute, what they keep, whom they call.

A module has the methods of METHODS and keeps dicts of arrays, `_parameters` and `_gradient`, or None. Stand-ins are
modules that compute a x² + c x for each number x of their input, where a and c are their parameters, arrays (1,). Of
several inputs they give one column: the sums over the rows of what they make of each, counted k times for the k-th; of
none, the row (a, c). A list of one array is to them, as to modules of one input, an array with a dimension more.
The stand-in of a loss is the mean of yhat² + 3 yhat y.
"""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from helpers.probes.common import copied, namespace_of, replaced

METHODS = ("zero_grad", "forward", "update_parameters", "backward_update_gradient", "backward_delta")


def use_module(make: Callable, arguments: Sequence, values: Mapping | None, calls: Sequence) -> dict[str, Any]:
    """Make a module, `make(*arguments)`, set its parameters to `values`, and call its methods one after the other.

    values: arrays by name, written into `_parameters`; None leaves it as it is. calls: lists of a name and arguments.
    Returns a dict: "lacks", the methods that it does not have; "start", its "parameters" and "gradient" as it was
    made; "calls", for each call these two as they are after it, its "result", and whether it "changed" its arguments.
    """
    module = make(*arguments)
    record: dict[str, Any] = {"lacks": [name for name in METHODS if not callable(getattr(module, name, None))]}
    record |= {"start": _state(module), "calls": []}
    held = getattr(module, "_parameters", None)
    if isinstance(held, dict):
        for name, value in (values or {}).items():
            if isinstance(held.get(name), np.ndarray) and held[name].shape == value.shape:
                held[name][...] = value
            else:
                held[name] = value.copy()
    for method, *args in calls:
        if method in record["lacks"]:
            break
        live = copied(args)
        result = copied(getattr(module, method)(*live))
        record["calls"].append(_state(module) | {"result": result, "changed": not _alike(args, live)})
    return record


def in_series(
    make: Callable, places: Sequence, values: Sequence, calls: Sequence, added: bool = False, refused: bool = False
) -> dict[str, Any]:
    """Make a series of stand-ins, `make(*modules)`, and call its methods one after the other.

    places: the number of the stand-in at each place; a list of places is a series of its own, made in the same way.
    values: a and c of each stand-in. calls: lists of a name and arguments.
    added: whether the modules are given one by one, with `add`. refused: whether the last call is expected to fail.
    Returns a dict: "lacks", as use_module; "calls", for each call its "result", the "values" and "slopes" (gradients)
    of all stand-ins after it, and its "events", each the number of a stand-in and the method that was called; "raised",
    the names of the classes of the exception that the last call raised, if `refused`, from its own to Exception.
    """
    events: list[list] = []
    bases = _classes(make)
    modules = [_stand_in(_Bend, bases.get("Module"), number, pair, events) for number, pair in enumerate(values)]

    def build(places: Sequence) -> Any:
        parts = [build(place) if isinstance(place, list) else modules[place] for place in places]
        if not added:
            return make(*parts)
        whole = make()
        for part in parts:
            whole.add(part)
        return whole

    whole = build(places)
    record: dict[str, Any] = {"lacks": [name for name in METHODS if not callable(getattr(whole, name, None))]}
    record |= {"calls": [], "raised": []}
    for turn, (method, *args) in enumerate(calls):
        if method in record["lacks"]:
            break
        events.clear()
        try:
            result = copied(getattr(whole, method)(*copied(args)))
        except NotImplementedError:
            raise
        except Exception as error:
            if not refused or turn + 1 < len(calls):
                raise
            record["raised"] = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins"]
            break
        record["calls"].append({"result": result, "events": list(map(list, events)), **_numbers(modules)})
    return record


def in_graph(make: Callable, nodes: Sequence, values: Sequence, calls: Sequence) -> dict[str, Any]:
    """Make a graph of stand-ins, `make()`, with `add(module, *sources)` for each of `nodes`, and call its methods.

    nodes: lists of the number of a stand-in and the places that it reads; place 0 is the input of the graph.
    values, calls: as in_series. Returns a dict: "calls", as in_series.
    """
    events: list[list] = []
    base = _classes(make).get("Module")
    modules = [_stand_in(_Bend, base, number, pair, events) for number, pair in enumerate(values)]
    whole = make()
    for number, *sources in nodes:
        whole.add(modules[number], *sources)
    record: dict[str, Any] = {"calls": []}
    for method, *args in calls:
        events.clear()
        result = copied(getattr(whole, method)(*copied(args)))
        record["calls"].append({"result": result, "events": list(map(list, events)), **_numbers(modules)})
    return record


def drive(function: Callable, values: Sequence, slopes: Sequence, *args: Any) -> dict[str, Any]:
    """Call `function(*modules, loss, *args)` with stand-ins: as many modules as `values` has pairs a, c.

    slopes: the gradients that the modules start with, pairs as well. Among args, a dict becomes an object with these
    attributes. A function `step` of the notebook's is replaced meanwhile, so that a mistake in it is told elsewhere.
    Returns a dict: "result"; "values" and "slopes" of the modules in the end; "events", each the number of a module, or
    "loss", and the method that was called; "batches", the X and Y of each backward of the loss or call of step, which
    leaves the module where it is if they have not as many rows; "path", a and c of the first module at each of these.
    """
    events: list[list] = []
    batches: list[list] = []
    path: list[list[float]] = []
    names = namespace_of(function)
    modules = [_stand_in(_Bend, names.get("Module"), number, pair, events) for number, pair in enumerate(values)]
    for module, pair in zip(modules, slopes, strict=True):
        module._gradient = {"a": np.array([pair[0]]), "c": np.array([pair[1]])}
    loss = _stand_in(_Tilt, names.get("Loss"), modules[0], events, batches, path)

    def step(model: Any, loss: Any, X: np.ndarray, Y: np.ndarray, eta: float) -> np.float64:
        batches.append([X.copy(), Y.copy()])
        path.extend(_numbers([model])["values"])
        return model.descend(X, Y, eta) if len(X) == len(Y) else np.float64(np.nan)

    live = [SimpleNamespace(**argument) if isinstance(argument, dict) else argument for argument in args]
    with replaced(function, {} if names.get("step") is function else {"step": step}):
        result = copied(function(*modules, loss, *live))
    return {"result": result, "events": events, "batches": batches, "path": path, **_numbers(modules)}


class _Bend:
    """The module a x² + c x, which tells `events` of each call."""

    def __init__(self, number: int, values: Sequence[float], events: list):
        self._number, self._events, self._seen = number, events, np.zeros((0, 0))
        self._parameters = {name: np.array([float(value)]) for name, value in zip("ac", values, strict=True)}
        self._gradient = {name: np.zeros(1) for name in "ac"}

    def zero_grad(self) -> None:
        self._events.append([self._number, "zero_grad"])
        self._gradient = {name: np.zeros(1) for name in "ac"}

    def forward(self, X: Any) -> np.ndarray:
        self._events.append([self._number, "forward"])
        a, c = self._parameters.values()
        if isinstance(X, list | tuple) and len(X) != 1:
            parts = [(k * x * (x * a + c)).sum(-1, keepdims=True) for k, x in enumerate(X, 1)]
            return sum(parts) if parts else np.array([[a[0], c[0]]])
        self._seen = np.array(X)
        return self._seen * (self._seen * a + c)

    def update_parameters(self, gradient_step: float) -> None:
        self._events.append([self._number, "update_parameters"])
        self._move(gradient_step, *self._gradient.values())

    def backward_update_gradient(self, input: Any, delta: np.ndarray, scale: float = 1.0) -> None:
        self._events.append([self._number, "backward_update_gradient"])
        inputs = input if isinstance(input, list | tuple) else [input]
        for place, (name, power) in enumerate((("a", 2), ("c", 1))):
            slope = sum(k * (delta * x**power).sum() for k, x in enumerate(inputs, 1)) if inputs else delta[0, place]
            self._gradient[name] = self._gradient[name] + scale * slope

    def backward_delta(self, input: Any, delta: np.ndarray) -> Any:
        self._events.append([self._number, "backward_delta"])
        if isinstance(delta, list | tuple):
            raise TypeError("delta is a list of arrays")
        a, c = self._parameters.values()
        if isinstance(input, list | tuple) and len(input) != 1:
            return [k * delta * (2 * a * x + c) for k, x in enumerate(input, 1)]
        [x] = input if isinstance(input, list | tuple) else [input]
        return delta * (2 * a * x + c)

    def descend(self, X: np.ndarray, Y: np.ndarray, eta: float) -> np.float64:
        """Take one step down the stand-in loss, without a word to events; return the loss before it."""
        Yhat = X * (X * self._parameters["a"] + self._parameters["c"])
        slope = (2 * Yhat + 3 * Y) / Yhat.size
        self._move(eta, np.vdot(slope, X**2), np.vdot(slope, X))
        return np.float64((Yhat**2 + 3 * Yhat * Y).mean())

    def _move(self, eta: float, *slopes: Any) -> None:
        for value, slope in zip(self._parameters.values(), slopes, strict=True):
            value += -eta * slope


class _Tilt:
    """The loss that is the mean of yhat² + 3 yhat y; y and yhat cannot be told from each other by their shapes."""

    def __init__(self, first: _Bend, events: list, batches: list, path: list):
        self._first, self._events, self._batches, self._path = first, events, batches, path

    def forward(self, y: np.ndarray, yhat: np.ndarray) -> np.float64:
        self._events.append(["loss", "forward"])
        return np.float64(np.mean(yhat * (yhat + 3 * y)))  # which has item(), as the losses that students write

    def backward(self, y: np.ndarray, yhat: np.ndarray) -> np.ndarray:
        self._events.append(["loss", "backward"])
        self._batches.append([self._first._seen.copy(), y.copy()])
        self._path.extend(_numbers([self._first])["values"])
        return (2 * yhat + 3 * y) / yhat.size


def _stand_in(kind: type, base: Any, *args: Any) -> Any:
    """Make a stand-in that is an instance of the notebook's own class Module or Loss as well, if it has one."""
    return type(kind.__name__, (kind, base) if isinstance(base, type) else (kind,), {})(*args)


def _classes(make: Any) -> dict[str, type]:
    return {kind.__name__: kind for kind in getattr(make, "__mro__", ())} or namespace_of(make)


def _numbers(modules: Sequence[_Bend]) -> dict[str, list]:
    return {
        "values": [[float(value[0]) for value in module._parameters.values()] for module in modules],
        "slopes": [[float(value[0]) for value in module._gradient.values()] for module in modules],
    }


def _state(module: Any) -> dict[str, Any]:
    return {key: copied(getattr(module, f"_{key}", None)) for key in ("parameters", "gradient")}


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, np.ndarray):
        return one.shape == np.shape(other) and bool(np.all(one == other))
    return one is other or one == other
