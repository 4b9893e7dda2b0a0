"""Probes: functions that run beside the student's objects and return plain data about them."""

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from helpers.data import CirclesData


def calls_autograd(function: Callable, *args: Any) -> bool:
    """Call `function(*args)` and tell whether it used torch's automatic differentiation."""
    used = []

    def spy(original: Callable) -> Callable:
        def recorded(*args: Any, **kwargs: Any) -> Any:
            used.append(original)
            return original(*args, **kwargs)

        return recorded

    names = vars(torch.autograd)
    with _replaced(names, {name: spy(names[name]) for name in ("backward", "grad", "_engine_run_backward")}):
        function(*args)
    return bool(used)


def train_with(definitions: str, train: Callable, seed: int, *args: Any) -> Any:
    """Call `train(CirclesData(seed), *args)` while functions of its notebook are replaced.

    definitions: Python source of the functions that stand in for the notebook's own of the same names.
    """
    scope: dict[str, Any] = {}
    exec(definitions, scope)
    scope.pop("__builtins__")
    with _replaced(_names(train), scope):
        return train(CirclesData(seed), *args)


def record_training(train: Callable, seed: int, *args: Any) -> dict[str, Any]:
    """Call `train(data, *args)` with stand-ins that learn nothing, and record what it asked of them.

    data is CirclesData(seed), its test examples in another order: so Ytrain and Ytest differ. The stand-in of forward
    returns X as its output, X + 1 before the first step; that of loss_accuracy the mean of Yhat Y and of |Yhat - Y|;
    that of backward a gradient of 1 for the one parameter W, which starts at 0; that of minibatches the order of the
    data, moved on by one at each call.
    Returns a dict: "result", what train returned; "data", a dict of Xtrain, Ytrain, Xtest, Ytest; "sizes", the
    arguments of init_params, None if it was not called; "batches", a list of [X, Y], one for each call of backward.
    """
    data = CirclesData(seed)
    data.Xtest, data.Ytest = data.Xtest.roll(50, 0), data.Ytest.roll(50, 0)
    parts = {name: getattr(data, name).clone() for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
    record: dict[str, Any] = {"data": parts, "sizes": None, "batches": []}
    calls = itertools.count(1)

    def init_params(nx: int, nh: int, ny: int) -> dict[str, torch.Tensor]:
        record["sizes"] = [nx, nh, ny]
        return {"W": torch.zeros(1)}

    def minibatches(n: int, batch: int) -> list[torch.Tensor]:
        return list(torch.arange(n).roll(next(calls)).split(batch))

    def forward(params: dict, X: torch.Tensor) -> tuple[torch.Tensor, dict]:
        Yhat = X.clone() if record["batches"] else X + 1
        return Yhat, dict.fromkeys(("htilde", "h", "ytilde", "yhat"), Yhat) | {"X": X.clone()}

    def loss_accuracy(Yhat: torch.Tensor, Y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return (Yhat * Y).mean(), (Yhat - Y).abs().mean()

    def backward(params: dict, outputs: dict, Y: torch.Tensor) -> dict[str, torch.Tensor]:
        record["batches"].append([outputs["X"], Y.clone()])
        return {"W": torch.ones(1)}

    def sgd(params: dict, grads: dict, eta: float) -> dict:
        params["W"] -= eta * grads["W"]
        return params

    stand_ins = (init_params, minibatches, forward, loss_accuracy, backward, sgd)
    with _replaced(_names(train), {function.__name__: function for function in stand_ins}):
        record["result"] = train(data, *args)
    return record


def _names(function: Callable) -> dict[str, Any]:
    """Return the namespace in which a function, decorated or an object with __call__, looks up its names."""
    function = inspect.unwrap(function)
    return getattr(function, "__globals__", None) or inspect.unwrap(type(function).__call__).__globals__


@contextmanager
def _replaced(names: dict[str, Any], stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Bind `stand_ins` in the namespace `names` for a while."""
    before = {name: names[name] for name in stand_ins if name in names}
    try:
        names.update(stand_ins)
        yield
    finally:
        for name in stand_ins:
            names.pop(name)
        names.update(before)
