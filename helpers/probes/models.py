"""Probes of models, which are modules of torch.nn: what they hold, and what functions make of them."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import torch


def describe(model: Any) -> dict[str, Any]:
    """Describe a module, or say that it is none.

    Returns a dict: "kind", the name of its class; "module", whether it is a torch.nn.Module. And of a module:
    "training"; "modules", the class of each module inside by name; "parameters" and "buffers", by name a dict of
    "shape", "dtype", "device", "trained" (whether it requires gradients) and "saved" (whether state_dict has it).
    """
    about: dict[str, Any] = {"kind": type(model).__name__, "module": isinstance(model, torch.nn.Module)}
    if not about["module"]:
        return about
    saved = model.state_dict()

    def facts(name: str, value: torch.Tensor) -> dict[str, Any]:
        return {
            "shape": list(value.shape),
            "dtype": str(value.dtype),
            "device": str(value.device),
            "trained": value.requires_grad,
            "saved": name in saved,
        }

    about["training"] = model.training
    about["modules"] = {name: type(inner).__name__ for name, inner in model.named_modules() if name}
    about["parameters"] = {name: facts(name, value) for name, value in model.named_parameters()}
    about["buffers"] = {name: facts(name, value) for name, value in model.named_buffers()}
    return about


def parameters(model: Any) -> dict[str, torch.Tensor]:
    """Return copies of the parameters of a module by name; of anything else, an empty dict."""
    return _copies(model) if isinstance(model, torch.nn.Module) else {}


def seeded(seed: int, function: Callable, *args: Any) -> Any:
    """Call `function(*args)` with torch's random numbers starting from `seed`: two calls draw the same."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return function(*args)


def on_model(function: Callable, layers: Sequence, values: Sequence | None, *args: Any) -> Any:
    """Call `function(model, *args)` on a Sequential made here, and return its result without its graph.

    layers: for each layer the name of its class in torch.nn, then its arguments: [["Linear", 3, 4], ["Tanh"]].
    values: a tensor for each parameter, in order; None leaves them as they are drawn.
    """
    return _without_graph(function(torch.nn.Sequential(*_build(layers, values)), *args))


def one_step(
    step: Callable,
    layers: Sequence,
    values: Sequence[torch.Tensor],
    slopes: Sequence[torch.Tensor] | None,
    args: Sequence,
    parts: bool = False,
    times: int = 1,
) -> dict[str, Any]:
    """Call `step(model, *args)` on a Sequential made here (`parts`: on a tuple of its layers), and look at what it did.

    layers, values: as in on_model. slopes: what is in `.grad` of each parameter before; None for nothing.
    times: how many calls, one after the other.
    Returns a dict: "result", what step returned; lists "values", "slopes" and "trained" (requires_grad), one entry for
    each parameter; "error", the message where torch refused to change a leaf in place, or where a gradient was None,
    "set_grad_enabled(False)" where step left autograd switched off, else "".
    """
    modules = _build(layers, values)
    live = [value for module in modules for value in module.parameters()]
    for value, slope in zip(live, slopes or (), strict=False):
        value.grad = slope.clone()
    result, problem = None, ""
    try:
        for _ in range(times):
            result = step(tuple(modules) if parts else torch.nn.Sequential(*modules), *args)
    except (RuntimeError, TypeError) as error:
        problem = str(error)
        if "leaf Variable" not in problem and "NoneType" not in problem:
            raise
    if not torch.is_grad_enabled():
        torch.set_grad_enabled(True)
        problem = problem or "set_grad_enabled(False)"
    return {
        "result": None if _has_module(result) else _without_graph(result),
        "values": [value.detach().clone() for value in live],
        "slopes": [None if value.grad is None else value.grad.detach().clone() for value in live],
        "trained": [value.requires_grad for value in live],
        "error": problem,
    }


def wrapped(wrap: Callable, layers: Sequence, values: Sequence[torch.Tensor], X: torch.Tensor) -> dict[str, Any]:
    """Call `wrap(parts)` on a tuple of layers made here, and use the model that it returns.

    Returns a dict: "model", what describe says of it; and where it can be called "before", its output on X, and
    "after", its output once 0.5 was added to every parameter of the parts.
    """
    modules = _build(layers, values)
    model = wrap(tuple(modules))
    record: dict[str, Any] = {"model": describe(model)}
    if callable(model):
        with torch.no_grad(), suppress(NotImplementedError, TypeError):  # no forward; or a loss lacks an argument
            record["before"] = _without_graph(model(X))
            for module in modules:
                for value in module.parameters():
                    value += 0.5
            record["after"] = _without_graph(model(X))
    return record


def measured(measure: Callable, loss: str, options: Mapping, Yhat: torch.Tensor, Y: torch.Tensor) -> dict[str, Any]:
    """Call `measure(loss, Yhat, Y)` with a loss of torch.nn, made here with its options, and follow L back to Yhat.

    Returns a dict: "result", what measure returned, without graph; "slope", the gradient of its first value in Yhat,
    None where no graph leads there.
    """
    scores = Yhat.detach().requires_grad_()
    result = measure(getattr(torch.nn, loss)(**options), scores, Y)
    L = result[0] if isinstance(result, tuple | list) and result else result
    slope = None
    if isinstance(L, torch.Tensor) and L.requires_grad:
        (slope,) = torch.autograd.grad(L.sum(), scores, allow_unused=True)
    return {"result": _without_graph(result), "slope": slope}


def _build(layers: Sequence, values: Sequence | None) -> list[torch.nn.Module]:
    """Make the layers that on_model describes, their parameters set to `values`."""
    modules = [getattr(torch.nn, kind)(*arguments) for kind, *arguments in layers]
    if values is not None:
        live = [value for module in modules for value in module.parameters()]
        for old, new in zip(live, values, strict=True):
            old.data = new.detach().clone()
    return modules


def _copies(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return copies of the parameters on the CPU; NaN for those of the device "meta", which holds no numbers."""
    return {
        name: torch.full(value.shape, torch.nan) if value.is_meta else value.detach().cpu().clone()
        for name, value in model.named_parameters()
    }


def _has_module(value: Any) -> bool:
    one_of = value if isinstance(value, tuple) else [value]
    return any(isinstance(one, torch.nn.Module) for one in one_of)


def _without_graph(value: Any) -> Any:
    """Return a result without its graph: tensors that had one still require gradients."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, tuple | list):
        return [_without_graph(item) for item in value]
    return value
