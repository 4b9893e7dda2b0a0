"""Probes of the loops of a training: what they ask of network, optimiser and TensorBoard, and on which device."""

import contextlib
import io
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from helpers.probes.common import copied, events_in, replaced, scalars_among, sequential

Part = Sequence[torch.Tensor]


def watch_loop(
    loop: Callable, layers: Sequence, values: Part, kind: str, options: Mapping, batches: Sequence[Part], *args: Any
) -> dict[str, Any]:
    """Call `loop(model, loss, optim, batches, *args)` and record each step of the optimiser.

    layers: for each layer of the model the name of its class in torch.nn, then its arguments. values: a tensor for
    each parameter, in order. kind, options: of the optimiser. The loss is MSELoss. batches: pairs X, Y.
    Returns a dict: "result", what loop returned; "steps", for each step a dict of "rate", "values", "slopes" (lists,
    None for no gradient) and "passes", how many backward passes came before; "passes", their number; "values", those of
    the end; "error", what torch said if a scheduler was made for fewer steps, or a backward pass had no graph, else "".
    """
    model = sequential(layers, values)
    optim = getattr(torch.optim, kind)(model.parameters(), **options)
    record: dict[str, Any] = {"steps": [], "passes": 0, "error": "", "result": None}
    _record_steps(record, model, optim)

    def arrived(_value: torch.Tensor) -> None:
        record["passes"] += 1

    next(model.parameters()).register_post_accumulate_grad_hook(arrived)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, about the order of optim.step and scheduler.step
        try:
            record["result"] = copied(loop(model, torch.nn.MSELoss(), optim, [tuple(pair) for pair in batches], *args))
        except (RuntimeError, ValueError) as error:
            if "total steps" not in str(error) and "does not have a grad_fn" not in str(error):
                raise
            record["error"] = str(error)
    return record | {"values": [value.detach().clone() for value in model.parameters()]}


def watch_fit(
    fit: Callable,
    layers: Sequence,
    values: Part,
    rate: float,
    train: Part,
    test: Part,
    batch: int,
    epochs: int,
    stand_ins: str = "",
    plain: bool = False,
) -> dict[str, Any]:
    """Call `fit(net, loss, optim, train_loader, test_loader, epochs, "cpu", folder)`, and record what it does.

    layers, values: of the network, as in watch_loop; it comes in evaluation mode. rate: of the optimiser, SGD.
    train, test: X and Y; their loaders give batches of `batch` examples, the last may be shorter.
    stand_ins: Python source of functions that stand in for those of the notebook. plain: the loaders are lists.
    Returns a dict: "result"; "graph", whether a number in it had one; "calls", for each call of the network a dict of
    "X", "Yhat", "training" (how many of its modules are in training mode: "all", "some" or "none") and "graph" (whether
    Yhat has one); "steps" as in watch_loop, "passes" being the calls before it; "values", those of the end; "stdout",
    "stderr", what was written there; "scalars", the points [step, value] of the event files by tag; "opened" and
    "closed", how many writers were.
    """
    net = sequential(layers, values).eval()
    optim = torch.optim.SGD(net.parameters(), lr=rate)
    record: dict[str, Any] = {"calls": [], "steps": [], "passes": 0}
    _record_steps(record, net, optim)
    _record_calls(record, net)
    out, err = io.StringIO(), io.StringIO()
    loaders = [_loader(part, batch, plain) for part in (train, test)]
    with _folder() as (folder, writers):
        with replaced(fit, stand_ins), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            result = fit(net, torch.nn.MSELoss(), optim, *loaders, epochs, "cpu", folder)
        record |= {"result": copied(result), "graph": _has_graph(result)}
        record |= {"opened": len(writers), "closed": sum(writers.values())}
        _close(writers)
        record["scalars"] = scalars_among(events_in(folder))
    record |= {"stdout": out.getvalue()[-5000:], "stderr": err.getvalue()[-5000:]}
    return record | {"values": [value.detach().clone() for value in net.parameters()]}


def watch_evaluation(
    evaluate: Callable,
    layers: Sequence,
    values: Part,
    part: Part,
    batch: int,
    training: bool,
    plain: bool = False,
) -> dict[str, Any]:
    """Call `evaluate(net, loss, loader, "cpu")` with a network in training mode or not, and record what it does.

    plain: the loader is a list of pairs.
    Returns a dict: "result", without its graph; "graph", whether it had one; "calls" as in watch_fit; "training", the
    mode in which the network was left; "moved", whether a parameter or its gradient changed; "recording", whether
    autograd was left switched on.
    """
    net = sequential(layers, values).train(training)
    record: dict[str, Any] = {"calls": []}
    _record_calls(record, net)
    result = evaluate(net, torch.nn.MSELoss(), _loader(part, batch, plain), "cpu")
    record["recording"] = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    after = list(net.parameters())
    record["moved"] = any(value.grad is not None for value in after) or not all(map(torch.equal, after, values))
    record["graph"] = _has_graph(result)
    return record | {"result": copied(result), "training": net.training}


def devices_used(fit: Callable, epochs: int | None = None, stand_ins: str = "") -> list[list[str]]:
    """Call `fit`, or `evaluate` where there are no epochs, with the device "meta", and tell where everything is.

    Numbers can be read there as on a graphics card, and a tensor of the CPU takes none in by addition in place.
    stand_ins: Python source of functions that stand in for those of the notebook.
    Returns, for each call of the loss, the devices of the network, of X and of Y.
    """
    used: list[list[str]] = []

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, X: torch.Tensor) -> torch.Tensor:
            used.append([self.weight.device.type, X.device.type])
            return X.detach()[:, :1]

    class Loss(torch.nn.Module):
        def forward(self, Yhat: torch.Tensor, Y: torch.Tensor) -> torch.Tensor:
            used[-1].append(Y.device.type)
            return torch.zeros((), device=Yhat.device, requires_grad=torch.is_grad_enabled())

    net, part, silent = Net(), (torch.zeros(5, 2), torch.zeros(5, 1)), io.StringIO()
    with (
        _folder() as (folder, _writers),
        replaced(fit, stand_ins),
        contextlib.redirect_stdout(silent),
        contextlib.redirect_stderr(silent),
        _Readable(),
    ):
        if epochs is None:
            fit(net.to("meta"), Loss(), _loader(part, 2), "meta")
        else:
            optim = torch.optim.SGD(net.parameters(), lr=0.1)
            fit(net, Loss(), optim, _loader(part, 2), _loader(part, 2), epochs, "meta", folder)
    return used


class _Readable(torch.overrides.TorchFunctionMode):
    """Let the device "meta", which holds no numbers, be read as if it held ones."""

    def __torch_function__(self, function: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        in_place = getattr(function, "__name__", "") in ("__iadd__", "add_")
        if in_place and not _is_meta(args[0]) and any(map(_is_meta, args[1:])):
            raise RuntimeError("Expected all tensors to be on the same device")  # as a graphics card would
        try:
            return function(*args, **(kwargs or {}))
        except (RuntimeError, TypeError) as error:
            if "meta tensor" not in str(error) and "meta device type" not in str(error):
                raise
            return function(*_read(args), **_read(kwargs or {}))


def _is_meta(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.device.type == "meta"


def _read(value: Any) -> Any:
    """Put ones of the CPU, or False, in the place of tensors of the device "meta"."""
    if isinstance(value, list | tuple):
        return type(value)(map(_read, value))
    if isinstance(value, Mapping):
        return {key: _read(one) for key, one in value.items()}
    if _is_meta(value):
        return torch.full(value.shape, value.dtype != torch.bool, dtype=value.dtype)
    return value


def _loader(part: Part, batch: int, plain: bool = False) -> torch.utils.data.DataLoader | list[tuple]:
    if plain:
        return list(zip(*(one.split(batch) for one in part), strict=True))
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*part), batch_size=batch)


def _record_steps(record: dict[str, Any], model: torch.nn.Module, optim: torch.optim.Optimizer) -> None:
    live = list(model.parameters())

    def stepping(_optim: Any, _args: Any, _kwargs: Any) -> None:
        record["steps"].append(
            {
                "rate": float(optim.param_groups[0]["lr"]),
                "values": [value.detach().clone() for value in live],
                "slopes": [None if value.grad is None else value.grad.detach().clone() for value in live],
                "passes": record["passes"],
            }
        )

    optim.register_step_pre_hook(stepping)


def _record_calls(record: dict[str, Any], net: torch.nn.Module) -> None:
    def called(_net: Any, args: tuple, Yhat: torch.Tensor) -> None:
        modes = {module.training for module in net.modules()}
        record["passes"] = record.get("passes", 0) + 1
        record["calls"].append(
            {
                "X": args[0].detach().clone(),
                "Yhat": Yhat.detach().clone(),
                "training": "some" if len(modes) > 1 else "all" if True in modes else "none",
                "graph": Yhat.requires_grad,
            }
        )

    net.register_forward_hook(called)


@contextlib.contextmanager
def _folder() -> Iterator[tuple[str, dict[Any, bool]]]:
    """Give an empty folder, and the SummaryWriters that are made meanwhile, each with whether it was closed."""
    from torch.utils.tensorboard import SummaryWriter

    init, close = SummaryWriter.__init__, SummaryWriter.close
    writers: dict[Any, bool] = {}

    def opening(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        writers[self] = False

    def closing(self: Any) -> None:
        writers[self] = True
        close(self)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            SummaryWriter.__init__, SummaryWriter.close = opening, closing
            yield folder, writers
        finally:
            SummaryWriter.__init__, SummaryWriter.close = init, close
            _close(writers)  # one left open would go on writing, into a folder that is gone


def _close(writers: Mapping[Any, bool]) -> None:
    for writer in writers:
        writer.close()


def _has_graph(value: Any) -> bool:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(map(_has_graph, value))
    return isinstance(value, torch.Tensor) and value.requires_grad
