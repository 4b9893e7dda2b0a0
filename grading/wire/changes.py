"""What a call changed in its arguments: told by the one side, followed by the other."""

import copy
from collections.abc import Callable, MutableMapping
from typing import Any

import numpy as np
import torch

from grading.wire.errors import WireError, malformed
from grading.wire.values import Node, Reader, Writer
from helpers.messages import _

Held = tuple[Any, list[bytes]]  # what an object holds: its node, and the raw bytes that this mentions


def contents(objects: dict[int, Any], reference: Callable[[Any], Node]) -> dict[int, Held]:
    """Return what numbered objects hold, as what can be compared with what they hold later."""
    writer, held = Writer(reference, objects), {}
    for number, value in objects.items():
        writer.blobs = []  # what it refers to by their places
        held[number] = writer.content(value), [bytes(blob) for blob in writer.blobs]
    return held


def changes(
    before: dict[int, Held], objects: dict[int, Any], writer: Writer, reference: Callable[[Any], Node]
) -> list[list[Any]]:
    """Return a number and a node for each object that does not hold any more what `contents` said before."""
    after = contents(objects, reference)
    return [[number, writer.content(objects[number])] for number in objects if after[number] != before[number]]


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
