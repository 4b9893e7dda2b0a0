"""Probes of models, which are modules of torch.nn: what they hold, and what functions make of them."""

import dis
import inspect
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import torch

from helpers.kinds import plain
from helpers.probes.common import copied, sequential


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
    return copied(function(sequential(layers, values), *args), flagged=True)


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
    Returns a dict: "result", what step returned; lists "values", "slopes", "moved" and "trained" (requires_grad), one
    entry for each parameter; "error", the message where torch refused to change a leaf in place, or where a gradient
    was None, "set_grad_enabled(False)" where step left autograd switched off, "'params'" where nothing moved and step
    looks at the params of an earlier notebook, else "".
    """
    model = sequential(layers, values)
    live = list(model.parameters())
    before = [value.detach().clone() for value in live]
    for value, slope in zip(live, slopes or (), strict=False):
        value.grad = slope.clone()
    result, problem = None, ""
    try:
        for _ in range(times):
            result = step(tuple(model) if parts else model, *args)
    except (NameError, RuntimeError, TypeError) as error:
        problem = str(error)
        if not any(sign in problem for sign in ("leaf Variable", "NoneType", "'params'")):
            raise
    moved = [not torch.equal(value, old) for value, old in zip(live, before, strict=True)]
    if not problem and "params" in _looked_up(step) and not any(moved):
        problem = "'params'"
    if not torch.is_grad_enabled():
        torch.set_grad_enabled(True)
        problem = problem or "set_grad_enabled(False)"
    return {
        "result": None if _has_module(result) else copied(result, flagged=True),
        "values": [value.detach().clone() for value in live],
        "slopes": [None if value.grad is None else value.grad.detach().clone() for value in live],
        "moved": moved,
        "trained": [value.requires_grad for value in live],
        "error": problem,
    }


def wrapped(wrap: Callable, layers: Sequence, values: Sequence[torch.Tensor], X: torch.Tensor) -> dict[str, Any]:
    """Call `wrap(parts)` on a tuple of layers made here, and use the model that it returns.

    Returns a dict: "model", what describe says of it; and of a module that can be called "before", its output on X, and
    "after", its output once 0.5 was added to every parameter of the parts.
    """
    parts = sequential(layers, values)
    model = wrap(tuple(parts))
    record: dict[str, Any] = {"model": describe(model)}
    if isinstance(model, torch.nn.Module):
        with torch.no_grad(), suppress(NotImplementedError, TypeError):  # no forward; or a loss lacks an argument
            record["before"] = copied(model(X), flagged=True)
            for value in parts.parameters():
                value += 0.5
            record["after"] = copied(model(X), flagged=True)
    return record


def measured(measure: Callable, loss: str, options: Mapping, Yhat: torch.Tensor, Y: torch.Tensor) -> dict[str, Any]:
    """Call `measure(loss, Yhat, Y)` with a loss of torch.nn, made here with its options, and follow L back to Yhat.

    Returns a dict: "result", what measure returned, without graph; "slope", the gradient of its first value in Yhat,
    None where no graph leads there.
    """
    scores = Yhat.detach().requires_grad_()
    result = plain(measure(getattr(torch.nn, loss)(**options), scores, Y))
    L = result[0] if isinstance(result, tuple | list) and result else result
    slope = None
    if isinstance(L, torch.Tensor) and L.requires_grad:
        (slope,) = torch.autograd.grad(L.sum(), scores, allow_unused=True)
    return {"result": copied(result, flagged=True), "slope": slope}


def unreached(model: Any, X: torch.Tensor) -> list[str]:
    """Return the names of the parameters in which the sum of `model(X)` has no gradient: a graph cut in two."""
    live = {name: value for name, value in model.named_parameters() if value.requires_grad}
    output = model(X)
    if not live or not isinstance(output, torch.Tensor) or not output.requires_grad:
        return list(live)
    slopes = torch.autograd.grad(output.sum(), list(live.values()), allow_unused=True)
    return [name for name, slope in zip(live, slopes, strict=True) if slope is None]


def _copies(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Return copies of the parameters on the CPU; NaN for those of the device "meta", which holds no numbers."""
    return {
        name: torch.full(value.shape, torch.nan) if value.is_meta else value.detach().cpu().clone()
        for name, value in model.named_parameters()
    }


def _looked_up(function: Any) -> set[str]:
    """Return the names that a function looks up among the global ones."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return {one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL"} if code else set()


def _has_module(value: Any) -> bool:
    one_of = value if isinstance(value, tuple) else [value]
    return any(isinstance(one, torch.nn.Module) for one in one_of)
