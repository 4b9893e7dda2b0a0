"""What stands for a list, a dict or a number: right answers give it instead. Guests are sent this source."""

import collections
import copy
import types

import numpy as np
import torch


class Iterated:
    """Iterates, and no more."""

    def __init__(self, values):
        self._values = list(values)

    def __iter__(self):
        return iter(self._values)


class Indexed:
    """Has a length and items, as a data set has, whose items go on beyond its length."""

    def __init__(self, values):
        self._values = list(values)

    def __len__(self):
        return len(self._values)

    def __getitem__(self, i):
        return self._values[i % len(self._values)]


class Keyed:
    """Has keys, and something under each."""

    def __init__(self, values):
        self._values = dict(values)

    def keys(self):
        """Return its keys."""
        return self._values.keys()

    def values(self):
        """Return its values."""
        return self._values.values()

    def items(self):
        """Return both."""
        return self._values.items()

    def __iter__(self):
        return iter(self._values)

    def __getitem__(self, key):
        return self._values[key]


class OwnList(list):
    """A list of somebody's own."""


class OwnDict(dict):
    """A dict of somebody's own."""


def objects(values):
    """Return an array of objects."""
    array = np.empty(len(values), object)
    for place, value in enumerate(values):
        array[place] = value
    return array


def named(values):
    """Return a tuple whose places have names."""
    return collections.namedtuple("Named", [f"place{i}" for i in range(len(values))])(*values)


LISTS = (
    lambda values: (value for value in values),
    collections.deque,
    objects,
    Iterated,
    Indexed,
    lambda values: dict(enumerate(values)).values(),
    lambda values: torch.utils.data.DataLoader(list(values), batch_size=None, collate_fn=lambda one: one),
    lambda values: map(copy.copy, values),
    named,
    OwnList,
)
DICTS = (
    collections.UserDict,
    collections.OrderedDict,
    types.MappingProxyType,
    lambda values: collections.ChainMap({}, values),
    Keyed,
    OwnDict,
)
BOOLS = (np.bool_, torch.tensor, np.array)
INTS = (np.int64, torch.tensor, np.array, np.int32)
FLOATS = (np.float64, torch.tensor, np.array, np.float32)
SCALARS = (lambda value: value.item(), lambda value: np.array(value.item()), lambda value: np.float64(value.item()))
STYLES = len(LISTS)
seen = set()


def varied(value, style):
    """Put other values in the places of those within a value, for which they stand; note in `seen` what there was."""

    def other(kind, kinds, value):
        seen.add(kind)
        return kinds[style % len(kinds)](value)

    if isinstance(value, dict):
        return other("dict", DICTS, {key: varied(one, style) for key, one in value.items()})
    if isinstance(value, list | tuple):
        return other("list", LISTS, [varied(one, style) for one in value])
    for kind, kinds in ((bool, BOOLS), (int, INTS), (float, FLOATS)):
        if type(value) is kind:
            return other(kind.__name__, kinds, value)
    if isinstance(value, torch.Tensor) and value.ndim == 0 and not value.requires_grad:
        return other("scalar", SCALARS, value)
    return value


def variant(function, style):
    """Return the function that gives such values instead of its own."""

    def varying(*args, **kwargs):
        return varied(function(*args, **kwargs), style)

    return varying
