"""Plain values between the judge and a guest: JSON, and the raw bytes of tensors and arrays. Nothing is pickled.

Lists, tuples, dicts and what derives from them arrive as such, and what maps as a dict; what else iterates stays where
it is, to be read from there (`Reader`'s reference makes of it what it likes).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grading.wire.errors import MAX_DEPTH, MAX_NUMBERS, MAX_VALUES, WireError, malformed
from grading.wire.frames import Blobs
from helpers.kinds import as_dict, is_mapping
from helpers.messages import _

Node = dict[str, Any]  # what JSON can hold of a value: what it `is`, and what that takes
MAX_NDIM = 32  # of numpy's arrays
DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16),
        *(torch.float32, torch.float64, torch.complex64, torch.complex128),
    )
}
as_plain = torch._C.DisableTorchFunctionSubclass  # within it, tensors are read as such, whatever a subclass makes of it
KINDS = "biufc"  # of numpy's types
NUMBERED = (list, torch.Tensor, np.ndarray)  # what can be mentioned again, beside what maps
REFERENCES = ("handle", "callback")  # what a node is that stands for what stays where it is


class Writer:
    """Turns values into a message. Each list, dict, tensor and array is written once, further mentions refer to it.

    Where it can be, the message's raw bytes are the values' own memory: what changes them before it is sent changes it.

    reference: turns what is no plain value into a node, or raises WireError.
    known: what the other side has already, by the number under which it does.
    """

    def __init__(self, reference: Callable[[Any], Node], known: dict[int, Any] | None = None):
        self.objects = dict(known or {})  # kept alive: their ids are what tells them apart
        self.blobs: Blobs = []
        self._reference = reference
        self._depth = 0
        self._numbers = {id(value): number for number, value in self.objects.items()}

    def write(self, value: Any) -> Any:
        """Return the node of a value: what JSON can hold."""
        if value is None or type(value) in (bool, int, str, float):
            return value
        if id(value) in self._numbers:
            return {"is": "same", "as": self._numbers[id(value)]}
        if self._depth > MAX_DEPTH:
            raise WireError(_("It holds too many values."))
        self._depth += 1
        is_numbered = isinstance(value, NUMBERED) or is_mapping(value)
        node = self._numbered(value) if is_numbered else self.content(value)
        self._depth -= 1
        return node

    def _numbered(self, value: Any) -> Node:
        """Return the node of a value that can be mentioned again, unless it stays where it is."""
        number = self._numbers[id(value)] = len(self.objects)
        self.objects[number] = value
        node: Node = self.content(value)
        if node["is"] not in REFERENCES:
            return node | {"number": number}
        del self.objects[number], self._numbers[id(value)]
        return node

    def content(self, value: Any) -> Any:
        """Return the node of a value as if it had not been written before."""
        match value:
            case torch.Tensor():
                return self._tensor(value)
            case np.ndarray() if value.dtype.kind in KINDS:
                return {"is": "array", "dtype": value.dtype.str, "shape": value.shape, "blob": self._blob(value)}
            case np.ndarray() if value.dtype.kind in "OU":
                items = [self.write(item) for item in value.flat]
                return {"is": "objects", "text": value.dtype.kind == "U", "shape": value.shape, "of": items}
            case np.generic() if value.dtype.kind in KINDS:
                return {"is": "scalar", "dtype": value.dtype.str, "blob": self._blob(np.asarray(value))}
            case tuple() | list() | set() | frozenset() if not callable(value):
                kind = "tuple" if isinstance(value, tuple) else "list" if isinstance(value, list) else "set"
                return {"is": kind, "of": [self.write(item) for item in value]}
            case _ if is_mapping(value):
                pairs = as_dict(value).items()
                return {"is": "dict", "of": [[self.write(key), self.write(item)] for key, item in pairs]}
            case bytes():
                return {"is": "bytes", "blob": self._blob(np.frombuffer(value, np.uint8))}
            case complex():
                return {"is": "complex", "of": [value.real, value.imag]}
            case bool() | int() | float() | str():  # of a class of somebody's own
                return next(kind(value) for kind in (bool, int, float, str) if isinstance(value, kind))
        return self._reference(value)

    def _tensor(self, value: torch.Tensor) -> Node:
        dtype = str(value.dtype).removeprefix("torch.")
        if dtype not in DTYPES:
            return self._reference(value)
        if value.is_meta:
            return {"is": "meta", "dtype": dtype, "shape": list(value.shape)}
        with as_plain():
            node = {"is": "tensor", "dtype": dtype, "shape": list(value.shape), "blob": self._blob(memory_of(value))}
            if strides := strides_of(value):
                node["strides"] = strides
            if value.requires_grad:
                node["requires_grad"] = True
                if value.is_leaf and value.grad is not None:
                    node["grad"] = self.write(value.grad)
        return node

    def _blob(self, array: np.ndarray) -> int:
        self.blobs.append(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        return len(self.blobs) - 1


def memory_of(value: torch.Tensor) -> np.ndarray:
    """Return the bytes of a plain tensor's numbers, one after the other: its own memory where that is so."""
    plain = value.detach()
    if value.layout is not torch.strided or value.device.type != "cpu" or value.is_conj() or value.is_neg():
        plain = plain.to_dense().cpu().resolve_conj().resolve_neg()
    if not plain.is_contiguous() or plain.numel() < 2:  # which may have any strides
        plain = plain.clone(memory_format=torch.contiguous_format)
    return plain.view(-1).view(torch.uint8).numpy()


def strides_of(value: torch.Tensor) -> list[int]:
    """Return how a plain tensor's numbers lie in memory, if not one after the other, nor one for several."""
    lies_otherwise = value.layout is torch.strided and not value.is_contiguous() and 0 not in value.stride()
    return list(value.stride()) if lies_otherwise else []


class Reader:
    """Turns a message back into values, and trusts nothing in it: WireError is all that it raises.

    reference: turns the nodes that are no plain values into objects.
    known: what the other side may refer to, by its number.
    """

    def __init__(self, blobs: Blobs, reference: Callable[[Node], Any], known: dict[int, Any] | None = None):
        self.objects = dict(known or {})
        self._blobs, self._reference = blobs, reference
        self.size, self.values = sum(map(len, blobs)), 0  # what the message holds, in bytes of numbers and in values
        self._depth = self._bytes = 0
        self._sizes = dict.fromkeys(self.objects, 0)  # the values within each object that has been read

    def read(self, node: Any) -> Any:
        """Return the value of a node."""
        self.values += 1
        if self.values > MAX_VALUES or self._depth > MAX_DEPTH:
            raise WireError(_("It holds too many values."))
        if node is None or isinstance(node, bool | int | float | str):
            return node
        self._depth += 1
        before = self.values
        try:
            value = self._value(node)
            self._sizes[node.get("number")] = self.values - before
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            raise error if isinstance(error, WireError) else malformed() from None
        self._depth -= 1
        return value

    def _value(self, node: Node) -> Any:
        match node["is"]:
            case "same":
                value = self.objects[node["as"]]
                # Whoever writes it out meets its values again; all so far where it contains itself.
                self.values += self._sizes.get(node["as"], self.values)
                return value
            case "list":
                value = self._numbered(node, [])
                value.extend(map(self.read, node["of"]))
            case "dict":
                value = self._numbered(node, {})
                value.update((self.read(key), self.read(item)) for key, item in node["of"])
            case "tuple":
                value = tuple(map(self.read, node["of"]))
            case "set":
                value = set(map(self.read, node["of"]))
            case "tensor":
                value = self._numbered(node, self._tensor(node))
            case "array":
                value = self._numbered(node, self._array(node["blob"], np.dtype(node["dtype"]), node["shape"]))
            case "meta":
                value = torch.empty(_checked(node["shape"]), dtype=DTYPES[node["dtype"]], device="meta")
                value = self._numbered(node, value)
            case "objects":
                value = self._objects(node)
            case "scalar":
                value = self._array(node["blob"], np.dtype(node["dtype"]), [])[()]
            case "bytes":
                value = bytes(self._blobs[node["blob"]])
            case "complex":
                value = complex(*map(float, node["of"]))
            case _:
                value = self._reference(node)
        return value

    def _numbered(self, node: Node, value: Any) -> Any:
        if node.get("number") is not None:
            if not isinstance(node["number"], int) or node["number"] in self.objects:
                raise malformed()
            self.objects[node["number"]] = value
        return value

    def _array(self, blob: int, dtype: np.dtype, shape: list[int]) -> np.ndarray:
        if dtype.kind not in KINDS:
            raise malformed()
        raw = self._raw(blob, math.prod(_checked(shape)) * dtype.itemsize)
        return raw.view(dtype).reshape(shape).copy()

    def _raw(self, blob: int, size: int) -> np.ndarray:
        """Return so many bytes of numbers as they came."""
        self._bytes += size  # several nodes may share a blob
        if size != len(self._blobs[blob]) or self._bytes > MAX_NUMBERS:
            raise malformed()
        return np.frombuffer(self._blobs[blob], np.uint8)

    def _objects(self, node: Node) -> np.ndarray:
        """Return an array of objects, or of texts, which may hold itself."""
        if len(node["of"]) != math.prod(_checked(node["shape"])):
            raise malformed()
        value: np.ndarray = self._numbered(node, np.empty(node["shape"], object))
        for place, item in enumerate(map(self.read, node["of"])):
            value.flat[place] = item
        return value.astype(str) if node["text"] is True else value

    def _tensor(self, node: Node) -> torch.Tensor:
        dtype, shape = DTYPES[node["dtype"]], node["shape"]
        raw = self._raw(node["blob"], math.prod(_checked(shape)) * dtype.itemsize)
        value = torch.empty(shape, dtype=dtype)  # in memory that can grow
        if raw.size:
            value.view(-1).view(torch.uint8).copy_(torch.from_numpy(raw))
        if "strides" in node:
            reach = sum(n * stride for n, stride in zip(shape, node["strides"], strict=True))
            if not 0 < reach * dtype.itemsize <= MAX_NUMBERS:
                raise malformed()
            value = torch.empty_strided(shape, node["strides"], dtype=dtype).copy_(value)
        if node.get("requires_grad") is True:
            value.requires_grad_()
            if "grad" in node:
                value.grad = self.read(node["grad"])
        return value


def _checked(shape: Any) -> list[int]:
    """Return the shape of an array, if it is one."""
    sizes: list[int] = list(shape)
    if len(sizes) > MAX_NDIM or not all(type(n) is int and n >= 0 for n in sizes):
        raise malformed()
    return sizes
