"""Probes of trainings: what they do with stand-ins for the functions that they call."""

import itertools
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

import torch

from helpers.data import CirclesData
from helpers.kinds import as_dict, is_mapping, plain
from helpers.probes.common import copied, defined, replaced


def train_with(stand_ins: str | Mapping[str, Callable], train: Callable, parts: dict, *args: Any) -> Any:
    """Call `train(data, *args)` while functions of its notebook are replaced.

    stand_ins: the functions that stand in for the notebook's own, by their names, or Python source that defines them.
    parts: Xtrain, Ytrain, Xtest and Ytest of data, which otherwise is a CirclesData.
    """
    data = CirclesData()
    vars(data).update(parts)
    with replaced(train, stand_ins):
        return train(data, *args)


def with_functions(definitions: str, function: Callable, *args: Any) -> Any:
    """Call `function(*args)` while functions of its notebook are replaced by those that Python source defines."""
    with replaced(function, definitions):
        return function(*args)


def left_by(definitions: str, function: Callable, *args: Any) -> list[Any]:
    """Call a function as `with_functions` does, and return its arguments as it left them."""
    with_functions(definitions, function, *args)
    return list(args)


def leaf_gradients(init_params: Callable, *sizes: int) -> dict[str, Any]:
    """Call `init_params(*sizes)`, then backward on the sum of the squares of all the parameters.

    Returns a dict: "params", what init_params returned; "grads", for each parameter its gradient, None if it has none;
    "leaves", the names of those that are leaves.
    """
    params = init_params(*sizes)
    if not is_mapping(params):
        return {"params": params, "grads": {}, "leaves": []}
    params = as_dict(params)
    live = [tensor for tensor in params.values() if isinstance(tensor, torch.Tensor) and tensor.requires_grad]
    if live:
        torch.stack([(tensor * tensor.conj()).real.sum() for tensor in live]).sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, about the .grad of what is not a leaf
        grads = {name: getattr(tensor, "grad", None) for name, tensor in params.items()}
    leaves = [name for name, tensor in params.items() if isinstance(tensor, torch.Tensor) and tensor.is_leaf]
    return {"params": copied(params, flagged=True), "grads": grads, "leaves": leaves}


def descend(
    sgd: Callable, start: Mapping[str, torch.Tensor], slopes: Mapping[str, torch.Tensor], eta: float, steps: int = 1
) -> dict[str, Any]:
    """Call `sgd(params, eta)` several times, each time after backward on the sum of slopes × params.

    start: the values of the parameters. slopes: the gradient that each backward adds, of the same shapes.
    Returns a dict: "refused", what was said if torch refused to change a leaf in place, if a gradient was None or a
    method does not exist, or "set_grad_enabled(False)" if sgd left autograd switched off, else ""; "steps", for each
    step a dict from each name to [what params holds, the tensor that it held at first, the gradient left on it], or
    whatever came instead of a dict.
    Stops early where a tensor of params no longer takes a gradient.
    """
    params: Any = {name: tensor.detach().clone().requires_grad_() for name, tensor in start.items()}
    first, record = dict(params), []
    held = first
    for _step in range(steps):
        if not all(isinstance(one, torch.Tensor) and one.requires_grad and one.is_leaf for one in held.values()):
            break
        torch.stack([(held[name] * slopes[name]).sum() for name in held if name in slopes]).sum().backward()
        try:
            returned = sgd(params, eta)
        except (AttributeError, RuntimeError, TypeError) as error:
            if not any(sign in str(error) for sign in ("leaf Variable", "NoneType", "has no attribute 'zeros_'")):
                raise
            return {"refused": str(error), "steps": []}
        if not torch.is_grad_enabled():
            torch.set_grad_enabled(True)
            return {"refused": "set_grad_enabled(False)", "steps": []}
        params = params if returned is None else returned
        if not is_mapping(params):
            return {"refused": "", "steps": [params]}
        held = as_dict(params)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's, about the .grad of what is not a leaf
            record.append(
                {
                    name: [
                        copied(tensor, flagged=True),
                        first[name].detach().clone() if name in first else None,
                        copied(getattr(tensor, "grad", None)),
                    ]
                    for name, tensor in held.items()
                }
            )
    return {"refused": "", "steps": record}


def train_on(train: Callable, parts: Mapping[str, torch.Tensor], *args: Any) -> Any:
    """Call `train(data, *args)`, with stand-ins of minibatches and sgd: a mistake there is told by their own checks.

    parts: the attributes of data, Xtrain and so on. That of minibatches gives the order of the data, moved on by one
    at each call; that of sgd leaves parameters without a gradient as they are.
    """
    calls = itertools.count(1)

    def minibatches(n: int, batch: int) -> list[torch.Tensor]:
        return list(torch.arange(n).roll(next(calls)).split(batch))

    def sgd(params: dict, eta: float) -> dict:
        return _step(params, eta)

    with replaced(train, {"minibatches": minibatches, "sgd": sgd}):
        return copied(train(SimpleNamespace(**parts), *args))


def refusal(train: Callable, parts: Mapping[str, torch.Tensor], *args: Any) -> str:
    """Do as train_on does; return what Python said if it could not take a step, "" if it could.

    That is: a leaf was changed in place outside no_grad, a gradient was None, or the loss had no graph.
    """
    try:
        train_on(train, parts, *args)
    except (AttributeError, RuntimeError, TypeError) as error:
        if any(sign in str(error) for sign in ("leaf Variable", "NoneType", "does not require grad")):
            return str(error)
        raise
    return ""


def watch_training(definitions: str, train: Callable, parts: Mapping[str, torch.Tensor], *args: Any) -> dict[str, Any]:
    """Call `train(data, *args)` with a model that is watched, and record each backward pass through it.

    definitions: Python source of the functions that stand in for the notebook's own of the same names. It makes its
    model with `watch(model)`, and may keep plain values with `note(value)`.
    data is a CirclesData whose Xtrain, Ytrain, Xtest and Ytest are those of `parts`.
    Returns a dict: "result", what train returned; "notes", a list; "passes", for each backward pass a dict of "X" and
    "Yhat", what the model was given and gave, "delta", the gradient of the loss in Yhat, "params" and "grads", dicts
    by name, as they are after it; "graphs", for each call of the model that made a graph, its number of examples.
    """
    data = CirclesData()
    vars(data).update(parts)
    record: dict[str, Any] = {"notes": [], "passes": [], "graphs": []}

    def watch(model: torch.nn.Module) -> torch.nn.Module:
        compute, live = model.forward, dict(model.named_parameters())
        current: dict[str, torch.Tensor] = {}
        waiting = set(live)

        def forward(X: torch.Tensor) -> torch.Tensor:
            Yhat = compute(X)
            if Yhat.requires_grad:
                record["graphs"].append(len(X))
                Yhat.register_hook(partial(reached, X.detach().clone(), Yhat.detach().clone()))
            return Yhat

        def reached(X: torch.Tensor, Yhat: torch.Tensor, delta: torch.Tensor) -> None:
            current.update(X=X, Yhat=Yhat, delta=delta.detach().clone())

        def arrived(name: str, value: torch.Tensor) -> None:
            waiting.discard(name)
            if not waiting:
                waiting.update(live)
                params = {name: value.detach().clone() for name, value in live.items()}
                grads = {name: value.grad.detach().clone() for name, value in live.items()}
                record["passes"].append(current | {"params": params, "grads": grads})

        model.forward = forward
        for name, value in live.items():
            value.register_post_accumulate_grad_hook(partial(arrived, name))
        return model

    with replaced(train, defined(definitions, watch=watch, note=record["notes"].append)):
        record["result"] = plain(train(data, *args))
    return record


def _step(params: dict, eta: float) -> dict:
    """Take a step down; torch.optim takes half a second to import."""
    for tensor in params.values():
        if tensor.grad is not None:
            tensor.data.add_(tensor.grad, alpha=-eta)
            tensor.grad = None
    return params
