"""Probes of checkpoints: what is saved and loaded, and trainings that go on after they were stopped."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader, TensorDataset

from helpers.probes.common import copied, replaced, sequential


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
