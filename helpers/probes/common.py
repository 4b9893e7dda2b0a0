"""What probes share: models of given values, results without graphs, stand-ins in a notebook, and event files."""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from helpers.kinds import as_dict, as_list, is_mapping, is_series


def sequential(layers: Sequence, values: Sequence[torch.Tensor] | None = None) -> torch.nn.Sequential:
    """Make a Sequential.

    layers: for each layer the name of its class in torch.nn, then its arguments: [["Linear", 3, 4], ["Tanh"]].
    values: a tensor for each parameter, in order; None leaves them as they are drawn.
    """
    model = torch.nn.Sequential(*(getattr(torch.nn, kind)(*arguments) for kind, *arguments in layers))
    if values is not None:
        for old, new in zip(model.parameters(), values, strict=True):
            old.data = new.detach().clone()
    return model


def copied(value: Any, flagged: bool = False, depth: int = 20) -> Any:
    """Copy the tensors, without their graphs, and the arrays in dicts, lists and tuples; leave the rest as it is.

    What stands for a list or a dict becomes one.

    flagged: tensors that required gradients still do, so that a check can tell which had a graph.
    depth: how far to look; what holds itself has no end.
    """
    if depth == 0:
        return value
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(flagged and value.requires_grad)
    if isinstance(value, np.ndarray) and value.dtype.kind not in "OU":
        return value.copy()
    if is_mapping(value):
        return {key: copied(one, flagged, depth - 1) for key, one in as_dict(value).items()}
    if is_series(value):
        kind = tuple if isinstance(value, tuple) else list
        return kind(copied(one, flagged, depth - 1) for one in as_list(value))
    return value


def namespace_of(function: Any) -> dict[str, Any]:
    """Return the namespace in which a function, decorated or not, a class or a callable object looks up its names."""
    function = inspect.unwrap(function)
    module = getattr(function, "__module__", None) or "__main__"
    return getattr(function, "__globals__", None) or vars(sys.modules[module])


def defined(source: str, **given: Any) -> dict[str, Callable]:
    """Return the functions that Python source defines. given: what it may use beside builtins, by name."""
    scope = dict(given)
    exec(source, scope)
    return {name: value for name, value in scope.items() if inspect.isfunction(value) and value.__globals__ is scope}


@contextmanager
def replaced(function: Any, stand_ins: str | Mapping[str, Any]) -> Iterator[None]:
    """Bind stand-ins, by name or those that Python source defines, in the namespace of a function for a while."""
    names = namespace_of(function)
    stand_ins = defined(stand_ins) if isinstance(stand_ins, str) else stand_ins
    before = {name: names[name] for name in stand_ins if name in names}
    try:
        names.update(stand_ins)
        yield
    finally:
        for name in stand_ins:
            names.pop(name, None)
        names.update(before)


def events_in(folder: str) -> list[tuple[int, Any]]:
    """Return the step and the value of each event in the event files of a folder, in the order of their writing."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader  # which takes long

    return [
        (event.step, value)
        for path in sorted(Path(folder).rglob("*tfevents*"))
        for event in LegacyEventFileLoader(str(path)).Load()
        for value in event.summary.value
    ]


def scalars_among(events: Sequence[tuple[int, Any]]) -> dict[str, list[list[float]]]:
    """Return for each tag of scalars among events its points [step, value]."""
    found: dict[str, list[list[float]]] = {}
    for step, value in events:
        numbers = [value.simple_value] if value.HasField("simple_value") else value.tensor.float_val
        if len(numbers) == 1:
            found.setdefault(value.tag, []).append([step, numbers[0]])
    return found
