"""Probes: functions that run beside the student's objects and return plain data about them."""

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
    with _replaced(names, {name: spy(names[name]) for name in ("backward", "grad")}):
        function(*args)
    return bool(used)


def train_with(definitions: str, train: Callable, seed: int, *args: Any) -> Any:
    """Call `train(CirclesData(seed), *args)` while functions of its notebook are replaced.

    definitions: Python source of the functions that stand in for the notebook's own of the same names.
    """
    scope: dict[str, Any] = {}
    exec(definitions, scope)
    scope.pop("__builtins__")
    with _replaced(train.__globals__, scope):
        return train(CirclesData(seed), *args)


def record_training(train: Callable, seed: int, *args: Any) -> dict[str, Any]:
    """Call `train(CirclesData(seed), *args)` with stand-ins that learn nothing, and record what it asked of them.

    The stand-in of forward returns X as its output, that of loss_accuracy the sum and the mean size of what it gets,
    that of backward a gradient of 1 for the one parameter W, which starts at 0; batches come in the order of the data.
    Returns a dict: "result", what train returned; "sizes", the arguments of init_params, None if it was not called;
    "batches", a list of [X, Y], one for each call of backward.
    """
    record: dict[str, Any] = {"sizes": None, "batches": []}

    def init_params(nx: int, nh: int, ny: int) -> dict[str, torch.Tensor]:
        record["sizes"] = [nx, nh, ny]
        return {"W": torch.zeros(1)}

    def minibatches(n: int, batch: int) -> list[torch.Tensor]:
        return list(torch.arange(n).split(batch))

    def forward(params: dict, X: torch.Tensor) -> tuple[torch.Tensor, dict]:
        return X.clone(), {"X": X.clone()}

    def loss_accuracy(Yhat: torch.Tensor, Y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return Yhat.sum(), Yhat.abs().mean()

    def backward(params: dict, outputs: dict, Y: torch.Tensor) -> dict[str, torch.Tensor]:
        record["batches"].append([outputs["X"], Y.clone()])
        return {"W": torch.ones(1)}

    def sgd(params: dict, grads: dict, eta: float) -> dict:
        params["W"] -= eta * grads["W"]
        return params

    stand_ins = (init_params, minibatches, forward, loss_accuracy, backward, sgd)
    with _replaced(train.__globals__, {function.__name__: function for function in stand_ins}):
        record["result"] = train(CirclesData(seed), *args)
    return record


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
