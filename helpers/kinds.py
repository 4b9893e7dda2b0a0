"""What Python lets stand for a list, a dict or a number, whatever its class; read once, and no further than asked."""

from collections.abc import ItemsView, Iterator, KeysView, Mapping, Set
from itertools import islice
from typing import Any

import numpy as np
import torch

MOST = 10_000  # items that are read of what may never end
MAPPINGS = (Mapping, torch.nn.ParameterDict)
PLAIN = (bool, int, float, complex, str, list, tuple, torch.Tensor, np.ndarray)


def is_mapping(value: Any) -> bool:
    """Tell whether a value stands for a dict, as for `dict(value)`: it has keys, and something under each."""
    if type(value) is dict or isinstance(value, MAPPINGS):
        return not callable(value) or isinstance(value, torch.nn.Module)
    kind = type(value)
    own = not isinstance(value, type | torch.nn.Module) and not callable(value)
    return own and callable(getattr(kind, "keys", None)) and hasattr(kind, "__getitem__")


def is_series(value: Any) -> bool:
    """Tell whether a value stands for a list: it iterates in a definite order, and is neither a text nor a dict."""
    if isinstance(value, torch.Tensor | np.ndarray):
        return value.ndim > 0
    if isinstance(value, str | bytes | bytearray | np.generic | type | torch.nn.Module) or is_mapping(value):
        return False
    if isinstance(value, Set):
        return isinstance(value, KeysView | ItemsView)
    kind = type(value)
    return callable(getattr(kind, "__iter__", getattr(kind, "__getitem__", None)))


def reading(value: Any) -> Iterator:
    """Return the items of what stands for a list, one after the other. Raises what reading them raises."""
    kind = type(value)
    if not hasattr(kind, "__iter__") and hasattr(kind, "__len__"):  # such as a data set: its length says where it ends
        return islice(iter(value), len(value))
    return iter(value)


def as_list(value: Any, most: int = MOST) -> list:
    """Return the items of what stands for a list: all of a list, `most` and one of what may never end."""
    ends = isinstance(value, list | tuple | set | frozenset | torch.Tensor | np.ndarray)
    return list(value) if ends else list(islice(reading(value), most + 1))


def as_dict(value: Any) -> dict:
    """Return what stands for a dict as one."""
    return dict(value) if isinstance(value, dict) else {key: value[key] for key in islice(value.keys(), MOST)}


def as_number(value: Any) -> Any:
    """Return a number of numpy's, or of an array or a tensor without dimensions, as Python's; the rest as it is."""
    is_scalar = isinstance(value, np.generic) or (isinstance(value, torch.Tensor | np.ndarray) and value.ndim == 0)
    return value.item() if is_scalar and not getattr(value, "is_meta", False) else value


def kind_of(value: Any) -> str:
    """Return the name of a value's type: that of the plain one where it is of a class derived from that."""
    if is_mapping(value):
        return "dict"
    if isinstance(value, set | frozenset):
        return "set"
    if callable(value) or isinstance(value, np.generic):
        return type(value).__name__
    return next((kind.__name__ for kind in PLAIN if isinstance(value, kind)), type(value).__name__)


def plain(value: Any, within: tuple = ()) -> Any:
    """Turn what stands for a list or a dict into one, and numpy's numbers into Python's, all that it holds as well.

    Arrays of numbers and tensors stay what they are. within: the ids of what holds it.
    """
    if id(value) in within or isinstance(value, torch.Tensor):
        return value
    within = (*within, id(value))
    if is_mapping(value):
        return {key: plain(one, within) for key, one in as_dict(value).items()}
    if isinstance(value, np.ndarray) and value.dtype.kind not in "OU":
        return as_number(value)
    if is_series(value):
        items = [plain(one, within) for one in as_list(value)]
        return tuple(items) if isinstance(value, tuple) else items
    return as_number(value)
