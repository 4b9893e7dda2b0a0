"""Probes of optimisers: what they are, and where their steps go."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from helpers.probes.common import copied, replaced


def optimiser(optim: Any, model: Any) -> dict[str, Any]:
    """Describe an optimiser, or say that it is none.

    Returns a dict: "kind", the name of its class; "optimiser", whether it is a torch.optim.Optimizer. And of an
    optimiser: "groups", for each a dict of its options that are plain numbers or truth values, "lr" among them, and
    "params", for each of its tensors the name that it has in `model`, "?" where it is none of its parameters.
    """
    about: dict[str, Any] = {"kind": type(optim).__name__, "optimiser": isinstance(optim, torch.optim.Optimizer)}
    if isinstance(optim, type):
        about["kind"] = "type"
    if not about["optimiser"]:
        return about
    known = {id(value): name for name, value in model.named_parameters()} if isinstance(model, torch.nn.Module) else {}
    about["groups"] = [
        {name: copied(value) for name, value in group.items() if isinstance(value, bool | int | float | torch.Tensor)}
        | {"params": [known.get(id(value), "?") for value in group["params"]]}
        for group in optim.param_groups
    ]
    return about


def take_steps(model: Any, optim: Any, X: torch.Tensor, times: int) -> list[dict[str, Any]]:
    """Take steps down the mean of the squares of what a model makes of one batch: zero_grad, backward, step.

    Returns, for the start and after each step, a dict of "params" and of "grads", the gradients there, by name.
    """
    record = []
    for _ in range(times + 1):
        model.zero_grad()
        (model(X) ** 2).mean().backward()
        named = dict(model.named_parameters())
        record.append(
            {
                "params": {name: value.detach().clone() for name, value in named.items()},
                "grads": {name: None if value.grad is None else value.grad.clone() for name, value in named.items()},
            }
        )
        optim.step()
    return record


def walk(
    step: Callable, w: torch.Tensor, slopes: Sequence[torch.Tensor], args: Sequence, stateful: bool, stand_ins: str = ""
) -> dict[str, Any]:
    """Call `step(w, g, state, *args)`, or without state, for each slope g, each time from where it arrived.

    stand_ins: Python source of functions that stand in for those of the notebook.
    Returns a dict: "path", what each call returned, or w where it returned nothing; "changed", whether a call changed
    its g; "later", whether one changed the g of a call before; "state", how many things state holds at the end;
    "missing", the key that the first call looked for in state, which was empty, "" if it looked for none.
    """
    state: dict[Any, Any] = {}
    path, given, changed = [], [], False
    with replaced(step, stand_ins):
        for slope in slopes:
            w, g = w.clone(), slope.clone()
            given.append(g)
            try:
                new = step(w, g, state, *args) if stateful else step(w, g, *args)
            except KeyError as error:
                if path or state or not error.args:
                    raise
                return {"path": [], "changed": changed, "later": False, "state": 0, "missing": repr(error.args[0])}
            changed |= not torch.equal(g, slope)
            w = w if new is None else new
            if not isinstance(w, torch.Tensor):
                return {"path": [w], "changed": changed, "later": False, "state": len(state), "missing": ""}
            w = w.detach()
            path.append(w.clone())
    later = not changed and not all(map(torch.equal, given, slopes))
    return {"path": path, "changed": changed, "later": later, "state": len(state), "missing": ""}
