"""Stand-ins for the functions of a notebook, which learn nothing and record what its `train` asks of them."""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor

from helpers.kinds import is_mapping


class TrainingRecord:
    """What a `train` with stand-ins asked for.

    sizes: the arguments of init_params, None while it has not been called. batches: [X, Y] for each call of backward.
    mixed: whether what forward returned was passed on as a pair, or the wrong one of the two.
    functions: the stand-ins, by name. forward returns X as its output, X + 1 before the first step; loss_accuracy the
    mean of Yhat Y and of |Yhat - Y|; backward a gradient of 1 for the one parameter W, which starts at 0; minibatches
    the order of the data, moved on by one at each call.
    """

    def __init__(self):
        self.sizes: list[int] | None = None
        self.batches: list[list[Tensor]] = []
        self.mixed = False
        self._calls = itertools.count(1)
        stand_ins = (
            self._init_params,
            self._minibatches,
            self._forward,
            self._loss_accuracy,
            self._backward,
            self._sgd,
        )
        self.functions: dict[str, Callable] = {method.__name__.removeprefix("_"): method for method in stand_ins}

    def _init_params(self, nx: int, nh: int, ny: int) -> dict[str, Tensor]:
        self.sizes = [nx, nh, ny]
        return {"W": torch.zeros(1)}

    def _minibatches(self, n: int, batch: int) -> list[Tensor]:
        return list(torch.arange(n).roll(next(self._calls)).split(batch))

    def _forward(self, params: dict, X: Tensor) -> tuple[Tensor, dict]:
        Yhat = X.clone() if self.batches else X + 1
        return Yhat, dict.fromkeys(("htilde", "h", "ytilde", "yhat"), Yhat) | {"X": X.clone()}

    def _loss_accuracy(self, Yhat: Tensor, Y: Tensor) -> tuple[Tensor, Tensor]:
        if isinstance(Yhat, tuple | list) or is_mapping(Yhat):
            self.mixed, Yhat = True, Y
        return (Yhat * Y).mean(), (Yhat - Y).abs().mean()

    def _backward(self, params: dict, outputs: dict, Y: Tensor) -> dict[str, Tensor]:
        if not is_mapping(outputs):
            self.mixed, outputs = True, {"X": Y}
        self.batches.append([outputs["X"], Y.clone()])
        return {"W": torch.ones(1)}

    def _sgd(self, params: dict, grads: dict, eta: float) -> dict:
        params["W"] -= eta * grads["W"]
        return params
