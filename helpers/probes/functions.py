"""Probes of functions and of torch.autograd.Function: what they compute, and what autograd makes of it."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from helpers.kinds import as_dict, as_list, is_mapping, is_series
from helpers.probes.common import copied, namespace_of, replaced


def repeated_keys(function: Callable) -> list[str]:
    """Name the keys that a dict in a function's code gives more than once: Python keeps the last, and says nothing."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):  # it was not typed in a cell
        return []
    found = []
    for node in ast.walk(tree):
        keys = [key.value for key in node.keys if isinstance(key, ast.Constant)] if isinstance(node, ast.Dict) else []
        found += [str(key) for key in dict.fromkeys(keys) if keys.count(key) > 1]
    return found


def leaves_found(function: Callable, expression: str, tensors: Mapping[str, torch.Tensor]) -> list[str] | str:
    """Call `function` on the value of a Python expression, and tell which tensors it returns.

    tensors: those that the expression uses, by name; copies of them stand in, leaves where they require grad.
    Returns the name of each tensor in the list that came back, "?" for what is none of them, "node" for a node of the
    graph; the name of its type where no list came back, "no node" where it stumbled over a node that is None.
    """
    live = {name: _leaf(tensor) for name, tensor in tensors.items()}
    result = eval(expression, {"torch": torch}, live)
    try:
        got = function(result)
    except AttributeError as error:
        if not str(error).startswith("'NoneType' object has no attribute"):
            raise
        return "no node"
    if isinstance(got, torch.Tensor) or not (is_series(got) or isinstance(got, set | frozenset)):
        return type(got).__name__
    known = {id(tensor): name for name, tensor in live.items()}
    return [known.get(id(one), "node" if hasattr(one, "next_functions") else "?") for one in as_list(got)]


def walked_back(walk_back: Callable, expression: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """Call `walk_back` on the value of a Python expression, and watch how it goes back through the graph.

    tensors: those that the expression uses, by name; copies of them stand in, leaves where they require grad. The
    expression may name parts of itself, `(h := w * x) * h`.
    Returns a dict: "kind", "" where a dict came back, else the name of a type; "grads", the gradient that came for each
    leaf, by name; "others", how many of its keys are no leaves; "calls", how often `hand_back` was called; "nodes", how
    many nodes have something to hand back; "autograd", whether torch went back by itself; "left", the names of the
    leaves whose .grad holds something now.
    """
    live = {name: _leaf(tensor) for name, tensor in tensors.items()}
    result = eval(expression, {"torch": torch}, dict(live))
    hand_back, calls = namespace_of(walk_back).get("hand_back"), []

    def counted(node: Any, grad: Any) -> Any:
        calls.append(node)
        return hand_back(node, grad)

    with replaced(walk_back, {"hand_back": counted}), _engine_watched() as started:
        got = walk_back(result)
    found = as_dict(got) if is_mapping(got) else {}
    known = {id(tensor): name for name, tensor in live.items()}
    return {
        "kind": "" if is_mapping(got) else type(got).__name__,
        "grads": {known[id(key)]: copied(grad) for key, grad in found.items() if id(key) in known},
        "others": sum(id(key) not in known for key in found),
        "calls": len(calls),
        "nodes": _count_nodes(result),
        "autograd": bool(started),
        "left": [name for name, tensor in live.items() if tensor.grad is not None],
    }


@contextmanager
def _engine_watched() -> Iterator[list[bool]]:
    """Note each time that autograd's engine is started, from backward or from grad."""
    started, run = [], torch.autograd._engine_run_backward

    def watched(*args: Any, **named: Any) -> Any:
        started.append(True)
        return run(*args, **named)

    torch.autograd._engine_run_backward = watched
    try:
        yield started
    finally:
        torch.autograd._engine_run_backward = run


def _count_nodes(result: torch.Tensor) -> int:
    """Count the nodes of a graph, leaves apart."""
    seen, waiting = set(), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen and not hasattr(node, "variable"):
            seen.add(node)
            waiting += [pair[0] for pair in node.next_functions]
    return len(seen)


def gradients(function: Callable, *inputs: torch.Tensor) -> dict[str, Any]:
    """Call `function` on copies of `inputs`, leaves where they require grad, and backward on the number it returns.

    Returns a dict: "result", what it returned; "grads", the gradient of each input, None where it has none; "grads"
    is None where the result is not a single number with a graph.
    """
    live = [_leaf(tensor) for tensor in inputs]
    result = function(*live)
    if not isinstance(result, torch.Tensor):
        return {"result": result, "grads": None}
    if result.numel() != 1 or not result.requires_grad:
        return {"result": result.detach(), "grads": None}
    result.backward()
    return {"result": result.detach(), "grads": [tensor.grad for tensor in live]}


def differentiate(
    operation: type[torch.autograd.Function], inputs: list[torch.Tensor], slope: torch.Tensor
) -> dict[str, Any]:
    """Apply a Function to copies of `inputs`, leaves where they require grad, then go back from `slope`.

    Returns a dict: "output", of forward; "grads", the gradient of each input, None if the output has not the shape of
    `slope`; "refused", what torch said if it refused the gradients that backward returned, "" if it took them.
    """
    live = [_leaf(tensor) for tensor in inputs]
    output = operation.apply(*live)
    shape = tuple(output.shape) if isinstance(output, torch.Tensor) else None
    record = {"output": output.detach() if shape is not None else output, "grads": None, "refused": ""}
    if shape != tuple(slope.shape):
        return record
    try:
        (output * slope).sum().backward()
    except RuntimeError as error:
        signs = ("incorrect number of gradients", "invalid gradient", "expected Variable or None")
        if not any(sign in str(error) for sign in signs):
            raise
        return record | {"refused": str(error)}
    return record | {"grads": [tensor.grad for tensor in live]}


def gradcheck(operation: type[torch.autograd.Function], inputs: list[torch.Tensor]) -> str:
    """Compare the backward of a Function with finite differences: return "" if they agree, else what torch says."""
    from torch.autograd.gradcheck import GradcheckError

    try:
        torch.autograd.gradcheck(operation.apply, [_leaf(tensor) for tensor in inputs])
    except GradcheckError as error:
        return str(error)
    return ""


def _leaf(tensor: torch.Tensor) -> torch.Tensor:
    """Copy a tensor, its strides too."""
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)
