"""What a call changed in its arguments: told by the one side, followed by the other."""

import copy
from collections.abc import MutableMapping
from typing import Any

import numpy as np
import torch

from grading.wire.errors import WireError, malformed
from grading.wire.values import Reader, Writer, as_plain, memory_of, strides_of
from helpers.kinds import as_dict
from helpers.messages import _


class Contents:
    """What numbered objects hold at a moment."""

    def __init__(self, objects: dict[int, Any]):
        """Take note of it, an object after the other: what holds other objects is known by these, not by theirs."""
        self._objects = dict(objects)
        self._kept: list[Any] = []  # as long as it lives nothing else has its id
        self._held = {number: self._of(value) for number, value in objects.items()}

    def changes(self, writer: Writer) -> list[list[Any]]:
        """Return a number and a node for each object that now holds something else."""
        now = Contents(self._objects)._held
        return [
            [number, writer.content(value)]
            for number, value in self._objects.items()
            if now[number] != self._held[number]
        ]

    def _of(self, value: Any) -> Any:
        match value:
            case torch.Tensor():
                with as_plain():
                    memory = None if value.is_meta else memory_of(value).tobytes()
                    grad = self._mark(value.grad) if value.requires_grad and value.is_leaf else None
                    return value.dtype, value.shape, strides_of(value), value.requires_grad, grad, memory
            case np.ndarray():
                items = [self._mark(item) for item in value.flat] if value.dtype.kind == "O" else value.tobytes()
                return value.dtype, value.shape, items
            case list():
                return [self._mark(item) for item in value]
        return [(self._mark(key), self._mark(item)) for key, item in as_dict(value).items()]

    def _mark(self, value: Any) -> Any:
        """Return what stands for a value within an object."""
        self._kept.append(value)
        return frozenset(value) if isinstance(value, set) else id(value)


def mentions(node: Any) -> bool:
    """Tell whether a node refers to what was written before."""
    if isinstance(node, dict):
        return node.get("is") == "same" or mentions(node.get("of")) or mentions(node.get("grad"))
    return isinstance(node, list) and any(map(mentions, node))


def copies(objects: dict[int, Any]) -> dict[int, Any]:
    """Copy what was written, so that what is one object among it stays one."""
    tensors = [value for value in objects.values() if isinstance(value, torch.Tensor)]
    known = {id(value): value.detach().clone().requires_grad_(value.requires_grad) for value in tensors}
    for value in tensors:
        if value.is_leaf and value.grad is not None:
            known[id(value)].grad = known.get(id(value.grad))
    return copy.deepcopy(objects, known)


def apply(changes: Any, reader: Reader, sent: dict[int, Any]) -> None:
    """Make of what was sent what the other side made of it. Raises WireError where it cannot become that."""
    try:
        for number, node in changes:
            _change(sent[number], reader.read(node))
    except (LookupError, TypeError, ValueError) as error:
        raise error if isinstance(error, WireError) else malformed() from None


def _change(old: Any, new: Any) -> None:
    try:
        match old, new:
            case (torch.Tensor(), torch.Tensor()):
                old.data = new.detach()
                if old.is_leaf:
                    old.requires_grad_(new.requires_grad)
                    old.grad = new.grad
            case (np.ndarray(), np.ndarray()):
                old[...] = new
            case (list(), list()):
                old[:] = new
            case (MutableMapping(), dict()):
                old.clear()
                old.update(new)
            case _:
                raise malformed()
    except (RuntimeError, TypeError, ValueError):
        raise WireError(_("It changed an argument in a way that cannot be followed.")) from None
