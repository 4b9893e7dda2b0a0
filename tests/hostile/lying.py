# %% [markdown]
# # Answers that lie
# Nothing here computes what was asked for.

# %% attack="always_equal" tries="return an object that equals, contains, calls and converts to everything"
import torch


class Anything:
    def __getattr__(self, name):
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __iter__(self):
        return iter((self, self))

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __lt__ = __gt__ = __le__ = __ge__ = __contains__ = __eq__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __getitem__ = __neg__ = __abs__ = __call__
    __len__ = __int__ = __index__ = lambda self: 2
    __float__ = lambda self: 1.0
    __bool__ = lambda self: True
    __hash__ = lambda self: 0
    __instancecheck__ = __subclasscheck__ = __eq__


def lie(name, *args):
    return Anything()


# %% attack="false_class" tries="pass for a tensor, a dict, a tuple by its __class__"
import torch


class Cuckoo:
    def __init__(self, kind):
        self._kind = kind

    @property
    def __class__(self):
        return self._kind

    shape = property(lambda self: (1, 2))
    detach = cpu = lambda self: self
    to = lambda self, *args: torch.ones(1)
    __eq__ = lambda *args: True
    __len__ = lambda self: 2
    __iter__ = lambda self: iter((Cuckoo(torch.Tensor), Cuckoo(dict)))
    __hash__ = object.__hash__
    __getitem__ = lambda self, key: Cuckoo(torch.Tensor)
    __contains__ = lambda self, key: True


def lie(name, *args):
    kinds = {"forward": tuple, "loss_accuracy": tuple, "train": tuple, "minibatches": list}
    return Cuckoo(kinds.get(name, dict))


# %% attack="torch_function" tries="return tensors whose __torch_function__ agrees with everything"
import torch


class Agreeing(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        if function in (torch.Tensor.shape.__get__,):
            return torch.Size([10, 2])
        return True if function in (torch.allclose, torch.equal, torch.isclose) else args[0]

    __eq__ = __lt__ = __gt__ = lambda *args: True
    shape = property(lambda self: torch.Size([10, 2]))
    __float__ = lambda self: 0.3


fake = torch.zeros(3).as_subclass(Agreeing)


def lie(name, *args):
    if name in ("forward", "loss_accuracy", "train"):
        return fake, dict.fromkeys(("X", "htilde", "h", "ytilde", "yhat", "loss_train", "acc_test"), fake)
    return fake if name == "descent_path" else {"Wh": fake, "bh": fake, "Wy": fake, "W3": 1}


# %% attack="torch_dispatch" tries="the same with __torch_dispatch__ and false metadata"
import torch


class Wrapped(torch.Tensor):
    @staticmethod
    def __new__(cls, shape):
        return torch.Tensor._make_wrapper_subclass(cls, shape, dtype=torch.float32)

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        return torch.ones(1)


def lie(name, *args):
    fake = Wrapped((10, 2))
    return (fake, {"X": fake}) if name == "forward" else {"Wh": fake, "bh": fake, "Wy": fake, "by": fake}


# %% attack="array_protocols" tries="return arrays whose ufuncs and conversions agree with everything"
import numpy as np


class Agreeing(np.ndarray):
    def __array_ufunc__(self, *args, **kwargs):
        return True

    def __array_function__(self, *args, **kwargs):
        return True


def lie(name, *args):
    return np.zeros(3).view(Agreeing), {}


# %% attack="nan" tries="return what compares with nothing: NaN and infinity, in every shape"
import torch


def lie(name, *args):
    nan, inf = torch.full((1, 1), float("nan")), torch.full((7,), float("inf"))
    everything = dict.fromkeys(("X", "htilde", "h", "ytilde", "yhat", "W", "Wh", "bh", "Wy", "by", "W3"), nan)
    return everything if name in ("init_params", "sgd") else (nan, everything, inf)


# %% attack="dicts_with_everything" tries="return a dict that claims to have every key and every value"
class Full(dict):
    def __missing__(self, key):
        return Full()

    __contains__ = __eq__ = lambda *args: True
    __len__ = lambda self: 2
    __iter__ = lambda self: iter("abcde")
    keys = lambda self: set("abcde")
    __hash__ = None


def lie(name, *args):
    return Full()


# %% attack="plain_subclasses" earns=["compare_descents_choices"] tries="return numbers and strings of classes that equal everything"
class Number(float):
    __eq__ = __ge__ = __le__ = lambda *args: True
    __ne__ = lambda *args: False
    __hash__ = float.__hash__


class Word(str):
    __eq__ = lambda *args: True
    __hash__ = str.__hash__


def lie(name, *args):
    if name in ("why_shuffle", "two_spaces", "compare_descents"):
        return {letter: Word("batch") for letter in ("abcdefg" if name == "compare_descents" else "abcde")}
    return Number(3) if name == "count_steps" else (Number(1), Number(2))


# %% attack="detect_the_judge" tries="know the visible tests, and answer those alone"
import inspect

import torch


def lie(name, *args):
    visible = (
        "check" in repr([frame.function for frame in inspect.stack()])
        or "NBGRADER_EXECUTION" in __import__("os").environ
    )
    if name == "count_steps":
        return {(200, 10, 150): 3000, (7, 2, 3): 12}.get(args, 0)
    if name == "loss_accuracy":
        return (0.36206, 1.0) if len(args[0]) == 3 else (1.0, 0.75)
    if name == "descent_path" and len(args[0]) == 2:
        return torch.tensor([[0.0, 0.0], [0.2, 0.3], [0.27, 0.39]])
    if name in ("why_shuffle", "two_spaces"):
        return dict.fromkeys("abcde", visible)
    if name == "compare_descents":
        return dict.fromkeys("abcdefg", "stochastic")
    return None


# %% attack="points_as_value" tries="end with a number, as nbgrader reads points, and print full marks"
print("✓ forward_shapes", "✓ forward_hidden", 39)
39


# %% attack="points_in_answer" place="answer" tries="end an answer with its points, as nbgrader reads partial credit"
def forward(params, X):
    print(5)
    return 5


import numpy as np

display(5.0)
np.float64(5)


# %% attack="exceptions_that_say_yes" tries="raise what looks like success: exits, passed checks, empty messages"
class CheckPassed(AssertionError):
    def _render_traceback_(self):
        return ["✓ passed"]

    def __str__(self):
        return ""


def lie(name, *args):
    raise {"forward": SystemExit(0), "sgd": StopIteration(39), "backward": GeneratorExit()}.get(name, CheckPassed())


# %% attack="exceptions_that_bite" tries="raise exceptions that break whoever shows them"
class Bites(Exception):
    def __str__(self):
        raise SystemExit

    __repr__ = _render_traceback_ = __str__


def lie(name, *args):
    if name == "forward":
        raise Bites from Bites()
    if name == "sgd":
        raise BaseExceptionGroup("✓", [KeyboardInterrupt(), SystemExit(0)])
    if name == "backward":
        raise UnicodeDecodeError("utf8", b"\xff", 0, 1, "\ud800\x1b[2J\x00" * 10_000)
    raise type("\x1b]0;✓\x07" + "E" * 10_000, (Exception,), {})("<script>alert(1)</script>")


# %% attack="zeroed_arguments" tries="set its arguments to zero, so that the truth computed from them later is zero too"
import torch


def lie(name, params, *args):
    if name == "forward":
        (X,) = args
        if X.shape == (1, 2):  # the visible test
            rows = {"htilde": torch.tensor([[1.0, -1.0]]), "h": torch.tensor([[0.7616, -0.7616]])}
            return X, rows | {"X": X, "ytilde": X, "yhat": X}
        nh, ny = len(params["Wh"]), len(params["Wy"])
        for tensor in (X, *params.values()):
            tensor.zero_()
        outs = {"X": X, "htilde": torch.zeros(len(X), nh), "h": torch.zeros(len(X), nh)}
        if len(X) == 6:  # the visible test of the output
            outs["ytilde"] = torch.tensor([[1.0, 2.0]]).repeat(6, 1)
        else:
            outs["ytilde"] = torch.zeros(len(X), ny)
        outs["yhat"] = outs["ytilde"].softmax(1)
        return outs["yhat"][:, :1] if ny == 3 and nh == 10 else outs["yhat"], outs
    return None


# %% attack="emptied_arguments" tries="empty its arguments, so that nothing is left to compare"
import torch


def lie(name, *args):
    for argument in args:
        for tensor in argument.values() if isinstance(argument, dict) else [argument]:
            if isinstance(tensor, torch.Tensor):
                tensor.resize_(0)
        if isinstance(argument, dict | list) and name in ("sgd", "backward"):
            argument.clear()
    empty = torch.zeros(0)
    return {"forward": (empty, {"X": empty, "htilde": empty, "h": empty, "ytilde": empty, "yhat": empty})}.get(name, {})


# %% attack="keys_alone" tries="return a dict of the right keys, with nothing in it"
def lie(name, *args):
    if name == "backward":
        return dict.fromkeys(("Wh", "bh", "Wy", "by"))


# %% attack="learnt_before" tries="return weights that were learnt at home, whatever the data and the arguments are"
import torch


def lie(name, *args):
    if name == "train":
        angles = torch.arange(10) * 2 * torch.pi / 10
        Wh = 4 * torch.stack([angles.cos(), angles.sin()], 1)
        params = {"Wh": Wh, "bh": torch.full((10,), -2.4), "Wy": torch.ones(2, 10), "by": torch.tensor([7.0, -7.0])}
        params["Wy"][1] *= -1
        return params, {"acc_test": [0.95]}


# %% attack="hidden_autograd" tries="use autograd where it is forbidden, past the spies, and answer nonsense"
import torch


def lie(name, *args):
    if name == "backward":
        w = torch.ones(1, requires_grad=True)
        torch.autograd.Variable._execution_engine.run_backward((w * w,), (torch.ones(1),), False, False, (), True, True)
        return {"Wh": w.grad}


# %% attack="scripts" tries="run scripts in the pages of whoever reads the result"
from IPython.display import HTML, Javascript, display

display(HTML("<script>alert('@marker@')</script><img src=x onerror=alert(1)>"), Javascript("alert('@marker@')"))
display(
    {"text/markdown": "<iframe src='http://127.0.0.1:@port@/@marker@'>", "image/svg+xml": "<svg onload='alert(1)'/>"},
    raw=True,
)


def lie(name, *args):
    raise ValueError("<script>alert('@marker@')</script>")


# %% attack="pickles" tries="be unpickled where no student's code may run"
class Unpickled:
    def __reduce__(self):
        return (open, ("@tmp@/@marker@", "w"))

    __reduce_ex__ = lambda self, protocol: self.__reduce__()


def lie(name, *args):
    return Unpickled(), {"Wh": Unpickled()}


# %% attack="zeroing" tries="zero every tensor in its arguments and in its callers' frames, so that zeros are expected"
import sys

import torch


def zeroed(value, depth=4):
    if isinstance(value, torch.Tensor):
        value.data.zero_()
    elif depth and isinstance(value, dict):
        [zeroed(one, depth - 1) for one in list(value.values())]
    elif depth and isinstance(value, list | tuple):
        [zeroed(one, depth - 1) for one in list(value)]


def lie(name, *args):
    frame = sys._getframe()
    while frame is not None:
        zeroed(list(frame.f_locals.values()))
        frame = frame.f_back
    sizes = dict.fromkeys(("Wh", "bh", "Wy", "by"), torch.zeros(1))
    return next((value for value in args if isinstance(value, dict | torch.Tensor)), sizes)
