"""Probes of what makes training work: layers with two modes, penalties, and a training that is measured."""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import torch

from helpers.probes.common import copied, sequential
from helpers.probes.operations import Watch


def with_slopes(
    function: Callable, layers: Sequence, values: Sequence[torch.Tensor], slopes: Sequence[torch.Tensor], *args: Any
) -> dict[str, Any]:
    """Call `function(model, *args)` on a Sequential made here, whose parameters have gradients.

    layers: for each layer the name of its class in torch.nn, then its arguments. values, slopes: a tensor for each
    parameter, and its gradient. Returns a dict: "result"; "beyond", the names of what it uses that is more
    than arithmetic, as in beyond_arithmetic.
    """
    model = sequential(layers, values)
    for value, slope in zip(model.parameters(), slopes, strict=True):
        value.grad = slope.clone()
    with Watch() as watch:
        result = function(model, *args)
    return {"result": copied(result, flagged=True), "beyond": watch.beyond()}


def slopes_of(function: Callable, layers: Sequence, values: Sequence[torch.Tensor], *args: Any) -> dict[str, Any]:
    """Call `function(model, *args)` on a Sequential made here, and backward on the number that it returns.

    layers: for each layer the name of its class in torch.nn, then its arguments. values: a tensor for each parameter.
    Returns a dict: "result"; "grads", the gradient of each parameter, None where it has none; "grads" is None where
    the result has no graph; "values", the parameters after the call.
    """
    model = sequential(layers, values)
    result = function(model, *args)
    grads = None
    if isinstance(result, torch.Tensor) and result.requires_grad:
        result.sum().backward()
        grads = [value.grad for value in model.parameters()]
    kept = [value.detach().clone() for value in model.parameters()]
    return {"result": copied(result, flagged=True), "grads": grads, "values": kept}


def run_layer(make: Callable, args: Sequence, values: Mapping[str, torch.Tensor], calls: Sequence) -> dict[str, Any]:
    """Make a layer, `make(*args)`, give its tensors values, and call it several times.

    values: for parameters and buffers, by name; where there is float64 among them or in a call, the layer is turned
    into float64. calls: for each call [training, X], and if a gradient is wanted the slope from which to go back.
    Returns a dict: "missing", the names that the layer has not; "calls", for each call a dict of "output"; "grad_X";
    "grads", of the tensors in values; "state", these tensors after the call; "graph", the names of those that now
    have a graph; "X", the input after the call; "beyond", the names of what it uses that is more than arithmetic, as in
    beyond_arithmetic.
    """
    layer = make(*args)
    everything = [*values.values(), *(call[1] for call in calls)]
    if any(value.dtype == torch.float64 for value in everything):
        layer.double()
    missing = [name for name in values if not isinstance(getattr(layer, name, None), torch.Tensor)]
    known = [name for name in values if name not in missing]
    with torch.no_grad():
        for name in known:
            getattr(layer, name).copy_(values[name])
    record = []
    for training, X, *slope in calls:
        layer.train(training)
        layer.zero_grad()
        x = X.detach().clone().requires_grad_(bool(slope))
        with Watch() as watch:
            output = layer(x)
        about: dict[str, Any] = {"output": copied(output, flagged=True), "grad_X": None, "X": x.detach().clone()}
        if slope and isinstance(output, torch.Tensor) and output.requires_grad and output.shape == slope[0].shape:
            (output * slope[0]).sum().backward()
            about["grad_X"] = x.grad
        now = {name: getattr(layer, name) for name in known}
        about["grads"] = {name: None if not value.is_leaf else value.grad for name, value in now.items()}
        about["graph"] = [name for name, value in now.items() if value.grad_fn is not None]
        about["state"] = {name: value.detach().clone() for name, value in now.items()}
        record.append(about | {"beyond": watch.beyond()})
    return {"missing": missing, "calls": record}


def watch_measure(
    measure: Callable,
    parts: Mapping[str, torch.Tensor],
    layers: Sequence,
    values: Sequence[torch.Tensor],
    args: Sequence,
    factor: float | None,
    shift: float | None,
) -> dict[str, Any]:
    """Call `measure(model, data, *args, penalty, augment)` with a model made here, in eval mode at first.

    parts: the attributes of data. layers, values: of a Sequential. factor: of the squares of all parameters in the
    penalty; shift: what augment adds to its input; without them, measure is called without that argument.
    Returns a dict: "result"; "values", the parameters at the end; "calls", for each call of the model a dict of "X",
    "values", the parameters at that time, "training" and "learns", whether backward went through it; "augmented", how
    many examples each call of augment had; "slopes", for each step of an optimiser whether it found a gradient.
    """
    from torch.optim.optimizer import register_optimizer_step_pre_hook  # which takes long

    calls: list[dict[str, Any]] = []
    augmented: list[int] = []
    inner = sequential(layers, values)

    class Watched(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = inner

        def forward(self, X: torch.Tensor) -> torch.Tensor:
            call: dict[str, Any] = {"X": X.detach().clone(), "training": self.training, "learns": False}
            call["values"] = [value.detach().clone() for value in inner.parameters()]
            calls.append(call)
            scores = self.inner(X)
            if scores.requires_grad:
                scores.register_hook(lambda _slope: call.update(learns=True))
            return scores

    def penalty(model: torch.nn.Module) -> torch.Tensor:
        return factor * torch.stack([(value**2).sum() for value in model.parameters()]).sum()

    def augment(X: torch.Tensor) -> torch.Tensor:
        augmented.append(len(X))
        return X + shift

    options = ({} if factor is None else {"penalty": penalty}) | ({} if shift is None else {"augment": augment})
    data = SimpleNamespace(**{name: value.clone() for name, value in parts.items()})
    slopes: list[bool] = []

    def stepping(*_about: Any) -> None:
        slopes.append(any(value.grad is not None and bool(value.grad.any()) for value in inner.parameters()))

    hook = register_optimizer_step_pre_hook(stepping)
    try:
        result = measure(Watched().eval(), data, *args, **options)
    finally:
        hook.remove()
    kept = [value.detach().clone() for value in inner.parameters()]
    about = {"values": kept, "calls": calls, "augmented": augmented, "slopes": slopes}
    return about | {"result": copied(result, flagged=True)}
