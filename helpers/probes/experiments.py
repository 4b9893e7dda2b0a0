"""Probes of experiments: data sets and loaders, epochs, checkpoints, and the trainings that a function asks for."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

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


class _Stopped(Exception):
    """What ends a training from outside."""


class _Loader(DataLoader):
    """A loader that counts its passes, and fails in the pass `stop`, after one batch."""

    passes, stop = 0, 0

    def __iter__(self) -> Iterator:
        self.passes += 1
        for k, batch in enumerate(super().__iter__()):
            if k and self.passes == self.stop:
                raise _Stopped
            yield batch


def items_of(make: Callable, X: torch.Tensor, Y: torch.Tensor, indices: Sequence[int]) -> dict[str, Any]:
    """Make a data set, `make(X, Y)`, and take these examples from it.

    Returns a dict: "dataset", whether it is one of torch's; "length", what its __len__ returns, None if it has none;
    "items", what it has at the indices.
    """
    dataset = make(X, Y)
    items = [copied(dataset[i]) for i in indices]
    length = dataset.__len__() if hasattr(dataset, "__len__") else None  # len() itself would refuse what is no number
    return {"dataset": isinstance(dataset, Dataset), "length": copied(length), "items": items}


def batches_of(
    make: Callable, X: torch.Tensor, c: torch.Tensor, batch: int, shuffle: bool, passes: int = 1
) -> dict[str, Any]:
    """Make a loader, `make(dataset, batch, shuffle)`, of the rows of X and their classes c, and go through it.

    Returns a dict: "kind", the name of its class; "loader", whether it is a DataLoader; "workers", its number of worker
    processes; "passes", for each pass the batches [X, c], none where there are workers.
    """
    loader = make(_Examples(X, c), batch, shuffle)
    about = {"kind": type(loader).__name__, "loader": isinstance(loader, DataLoader), "workers": 0, "passes": []}
    if about["loader"]:
        about["workers"] = loader.num_workers
        if loader.num_workers == 0:
            about["passes"] = [[copied(list(one)) for one in loader] for _ in range(passes)]
    return about


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


def saved(save: Callable, layers: Sequence, state: Mapping[str, Any]) -> dict[str, Any]:
    """Call `save(path, model, optim, epoch)` in an empty folder, and read the file back.

    state: a dict of "model", the state_dict of a Sequential of these layers; "momentum", the momentum of SGD for each
    parameter; "eta"; "epoch"; "random", the state of torch's random numbers at the time of the call.
    Returns a dict: "exists", whether the file is there; "files", the names of all in the folder; "refused", whether
    torch.load refuses its content; "content".
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "run.pt"
        with torch.random.fork_rng(devices=[]):
            model, optim = _revived(layers, state)
            torch.set_rng_state(state["random"])
            save(str(path), model, optim, state["epoch"])
        record: dict[str, Any] = {"exists": path.is_file(), "refused": False, "content": None}
        record["files"] = sorted(one.name for one in path.parent.iterdir())
        if record["exists"]:
            try:
                record["content"] = copied(torch.load(path, weights_only=True))
            except Exception:  # pickle's, or torch's: there are many ways to write what cannot be read
                record["refused"] = True
        return record


def loaded(load: Callable, layers: Sequence, state: Mapping[str, Any]) -> dict[str, Any]:
    """Call `load(path, model, optim)` on a checkpoint of `state`, with a model and an optimiser made anew.

    layers, state: as in saved. Returns a dict: "result"; and after the call "model", its state_dict; "momentum", for
    each parameter None or a tensor; "eta"; "random", the state of torch's random numbers.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, torch.random.fork_rng(devices=[]):
        path = f"{folder}/run.pt"
        model, optim = _revived(layers, state)
        torch.save(_content(model, optim, state["epoch"], state["random"].clone()), path)
        model = sequential(layers)
        optim = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
        result = load(path, model, optim)
        return {
            "result": copied(result, flagged=True),
            "model": copied(model.state_dict()),
            "momentum": [copied(optim.state[value].get("momentum_buffer")) for value in model.parameters()],
            "eta": optim.param_groups[0]["lr"],
            "random": torch.random.get_rng_state(),
        }


def runs_of(
    fit: Callable, X: torch.Tensor, c: torch.Tensor, batch: int, plan: Sequence[Sequence[int]]
) -> list[dict[str, Any]]:
    """Call `fit(model, loss, optim, loader, epochs, path)` several times with the same path, as after restarts.

    Stand-ins take the places of train_epoch, save_checkpoint and load_checkpoint.
    plan: for each call the number of epochs; the seed of the model, made anew, and of the shuffled batches; and the
    pass through the loader in which it is stopped from outside, 0 for none.
    Returns for each call a dict: "result"; "losses", what train_epoch returned; "passes" through the loader; "stopped";
    "model", its state_dict after the call; "saved", the epoch in the checkpoint, None if there is none.
    """
    losses: list[float] = []

    def train_epoch(model: Any, loss: Callable, optim: Any, loader: DataLoader) -> float:
        losses.append(_descend(model, loss, optim, loader))
        return losses[-1]

    stand_ins = {"train_epoch": train_epoch, "save_checkpoint": _freeze, "load_checkpoint": _thaw}
    records = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, replaced(fit, stand_ins):
        path = Path(folder) / "run.pt"
        for epochs, seed, stop in plan:
            losses.clear()
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                model = sequential([["Linear", X.shape[1], 5], ["Tanh"], ["Linear", 5, int(c.max()) + 1]])
                optim = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.9)
                loader = _Loader(TensorDataset(X, c), batch, shuffle=True)
                loader.stop = stop
                record: dict[str, Any] = {"result": None, "stopped": False}
                try:
                    loss = torch.nn.CrossEntropyLoss()
                    record["result"] = copied(fit(model, loss, optim, loader, epochs, str(path)))
                except _Stopped:
                    record["stopped"] = True
            content = torch.load(path, weights_only=True) if path.is_file() else {}
            record |= {"losses": list(losses), "passes": loader.passes, "saved": content.get("epoch")}
            record["model"] = copied(model.state_dict())
            records.append(record)
    return records


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


def on_mnist(function: Callable, *args: Any) -> Any:
    """Call `function(data, *args)` with an MNISTData of its own."""
    from helpers.data import MNISTData

    return function(MNISTData(), *args)


def _revived(layers: Sequence, state: Mapping[str, Any]) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    """Make the model and the optimiser that `state` describes, as in saved."""
    model = sequential(layers)
    model.load_state_dict({name: value.clone() for name, value in state["model"].items()})
    optim = torch.optim.SGD(model.parameters(), lr=state["eta"], momentum=0.9)
    for value, momentum in zip(model.parameters(), state["momentum"], strict=True):
        optim.state[value]["momentum_buffer"] = momentum.clone()
    return model, optim


def _content(model: torch.nn.Module, optim: torch.optim.Optimizer, epoch: int, random: torch.Tensor) -> dict[str, Any]:
    return {"model": model.state_dict(), "optim": optim.state_dict(), "epoch": epoch, "random": random}


def _descend(model: torch.nn.Module, loss: Callable, optim: torch.optim.Optimizer, loader: DataLoader) -> float:
    """Take a step for each batch of the loader, and return the mean of their losses."""
    losses = []
    for x, c in loader:
        optim.zero_grad()
        losses.append(loss(model(x), c))
        losses[-1].backward()
        optim.step()
    return sum(one.item() for one in losses) / len(losses)


def _freeze(path: str, model: torch.nn.Module, optim: torch.optim.Optimizer, epoch: int) -> None:
    """Stand in for save_checkpoint."""
    torch.save(_content(model, optim, epoch, torch.get_rng_state()), path)


def _thaw(path: str, model: torch.nn.Module, optim: torch.optim.Optimizer) -> int:
    """Stand in for load_checkpoint."""
    parts = torch.load(path, weights_only=True)
    for owner, name in ((model, "model"), (optim, "optim")):
        owner.load_state_dict(parts[name])
    torch.set_rng_state(parts["random"])
    return parts["epoch"]


def _halves(data: Any) -> dict[str, Any]:
    return {name: copied(getattr(data, name, None)) for name in HALVES}


def _are_equal(one: Any, other: Any) -> bool:
    """Tell whether two values are equal; those are not whose comparison gives no answer, as tensors' may."""
    try:
        return bool(one == other)
    except Exception:
        return False
