"""Probes of experiments: data sets and loaders, epochs, and the trainings that a function asks for."""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from helpers.kinds import plain
from helpers.probes.common import copied, replaced, sequential

HALVES = ("Xtrain", "Ytrain", "Xtest", "Ytest")


class _Examples(Dataset):
    """The rows of X, each with its class."""

    def __init__(self, X: torch.Tensor, c: torch.Tensor):
        self.X, self.c = X, c

    def __len__(self) -> int:
        return len(self.X)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        return self.X[i], int(self.c[i])


class _Guess(torch.nn.Module):
    """A model of ny outputs that always guesses the class k, whatever the input."""

    def __init__(self, ny: int, k: int):
        super().__init__()
        self.register_buffer("scores", torch.eye(ny)[k % ny])

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        return self.scores.repeat(len(X), 1)


def items_of(make: Callable, X: torch.Tensor, Y: torch.Tensor, indices: Sequence[int]) -> dict[str, Any]:
    """Make a data set, `make(X, Y)`, and take these examples from it.

    Returns a dict: "dataset", whether it is one of torch's; "length", what its __len__ returns, None if it has none;
    "items", what it has at the indices.
    """
    dataset = make(X, Y)
    items = [copied(dataset[i]) for i in indices]
    length = dataset.__len__() if hasattr(dataset, "__len__") else None  # len() itself would refuse what is no number
    return {"dataset": isinstance(dataset, Dataset), "length": copied(length), "items": items}


def epoch_of(
    train_epoch: Callable,
    layers: Sequence,
    values: Sequence[torch.Tensor],
    eta: float,
    X: torch.Tensor,
    c: torch.Tensor,
    batch: int,
) -> dict[str, Any]:
    """Call `train_epoch(model, loss, optim, loader)` on a model in evaluation mode, with cross-entropy and plain SGD.

    layers, values: those of the Sequential, as in on_model; batches come in the order of X.
    Returns a dict: "result"; "values", the parameters after it; "modes", whether the model was in training mode, for
    each call of its first layer.
    """
    model = sequential(layers, values).eval()
    modes: list[bool] = []
    model[0].register_forward_pre_hook(lambda module, _inputs: modes.append(module.training))
    optim = torch.optim.SGD(model.parameters(), lr=eta)
    result = train_epoch(model, torch.nn.CrossEntropyLoss(), optim, DataLoader(_Examples(X, c), batch))
    values = [value.detach().clone() for value in model.parameters()]
    return {"result": copied(result, flagged=True), "values": values, "modes": modes}


def rate_of(
    evaluate: Callable,
    layers: Sequence,
    values: Sequence[torch.Tensor],
    X: torch.Tensor,
    c: torch.Tensor,
    batch: int,
) -> dict[str, Any]:
    """Call `evaluate(model, loader)` on a model in training mode.

    layers, values: those of the Sequential, as in on_model; batches come in the order of X.
    Returns a dict: "result"; "modes", whether the model was in training mode, and "graphs", whether it recorded a
    graph, for each call of its last layer.
    """
    model = sequential(layers, values).train()
    modes: list[bool] = []
    graphs: list[bool] = []

    def look(module: torch.nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        modes.append(module.training)
        graphs.append(output.requires_grad)

    model[-1].register_forward_hook(look)
    result = evaluate(model, DataLoader(_Examples(X, c), batch))
    return {"result": copied(result, flagged=True), "modes": modes, "graphs": graphs}


def halves_of(function: Callable, parts: Mapping[str, torch.Tensor], *args: Any) -> dict[str, Any]:
    """Call `function(data, *args)`, which makes another data object, and look into both.

    parts: Xtrain, Ytrain, Xtest and Ytest of data.
    Returns a dict: "kind", the class of what was returned; "halves", its four tensors, None for what it lacks; "given",
    those of data after the call.
    """
    data = SimpleNamespace(**{name: part.clone() for name, part in parts.items()})
    made = function(data, *args)
    return {"kind": type(made).__name__, "halves": _halves(made), "given": _halves(data)}


def trainings_of(
    function: Callable, parts: Mapping[str, torch.Tensor], histories: Sequence[Mapping], *args: Any
) -> dict[str, Any]:
    """Call `function(data, *args)` with a stand-in for `train` that learns nothing, and record what it is asked.

    parts: Xtrain, Ytrain, Xtest and Ytest of data. histories: what the calls of train return, one after the other,
    beside a model, which always guesses one class: that of the call, counted from 0; the last one again from then on.
    Returns a dict: "result"; "trained", whether it is what the last call of train returned; "calls", for each the
    arguments of train: "halves", the four tensors of its data, "nh", "epochs", "batch", "eta".
    """
    data = SimpleNamespace(**{name: part.clone() for name, part in parts.items()})
    calls: list[dict[str, Any]] = []
    returned: list[Any] = [None]

    def train(data: Any, nh: int, epochs: int, batch: int, eta: float) -> tuple:
        history = {name: list(values) for name, values in histories[min(len(calls), len(histories) - 1)].items()}
        calls.append({"halves": _halves(data), "nh": nh, "epochs": epochs, "batch": batch, "eta": eta})
        returned[0] = (_Guess(data.Ytest.shape[1], len(calls) - 1), history)
        return returned[0]

    with replaced(function, {"train": train}):
        result = plain(function(data, *args))
    pair = isinstance(result, tuple | list) and len(result) == 2 and returned[0] is not None
    trained = pair and result[0] is returned[0][0] and _are_equal(result[1], returned[0][1])
    return {"result": copied(result), "trained": trained, "calls": calls}


def draws_of(repeat: Callable, wrong: torch.Tensor, n: int, times: int) -> dict[str, Any]:
    """Call `repeat(wrong, n, times)` with a stand-in for `best_of` that chooses nothing, and record what it is given.

    Returns a dict: "result"; "calls", for each call of best_of a dict of "wrong" and "rows"; "pairs", what it returned.
    """
    calls: list[dict[str, Any]] = []
    pairs: list[tuple[float, float]] = []

    def best_of(wrong: Any, rows: Any) -> tuple[float, float]:
        calls.append({"wrong": copied(wrong), "rows": copied(rows)})
        pairs.append((len(calls) / 4, 20 - len(calls) / 2))
        return pairs[-1]

    with replaced(repeat, {"best_of": best_of}):
        result = plain(repeat(wrong.clone(), n, times))
    return {"result": copied(result), "calls": calls, "pairs": pairs}


def _halves(data: Any) -> dict[str, Any]:
    return {name: copied(getattr(data, name, None)) for name in HALVES}


def _are_equal(one: Any, other: Any) -> bool:
    """Tell whether two values are equal; those are not whose comparison gives no answer, as tensors' may."""
    try:
        return bool(one == other)
    except Exception:
        return False
