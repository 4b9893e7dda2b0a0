"""Probes of what a function uses: the operations of torch, automatic differentiation of any kind, other packages.

What is seen is what is called, under whatever name. Native code of the student's own, and other processes, are not.
"""

import gc
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from helpers.probes.common import replaced

# Arithmetic, beside the operations that torch marks as pointwise: sums and extremes, products of matrices, and what
# makes, moves, picks, sorts and compares numbers. Names as in torch.ops.aten, without the "_" of those in place.
ARITHMETIC_NAMES = """
    sum mean prod amax amin aminmax max min argmax argmin any all cumsum cumprod nansum count_nonzero
    var std var_mean std_mean linalg_vector_norm norm
    mm bmm mv dot vdot addmm addbmm baddbmm addmv addr matmul linear einsum outer ger
    log_sigmoid_forward bernoulli _local_scalar_dense item equal is_same_size isclose allclose isin
    empty empty_like empty_strided new_empty new_empty_strided zeros zeros_like new_zeros ones ones_like new_ones
    full full_like new_full scalar_tensor arange linspace eye tril triu one_hot
    rand randn randint randperm rand_like randn_like randint_like uniform normal random
    clone copy _to_copy to lift lift_fresh lift_fresh_copy detach alias set fill zero contiguous
    view _unsafe_view reshape _reshape_alias view_as_real as_strided expand squeeze unsqueeze permute transpose t
    flatten unbind split split_with_sizes chunk narrow slice select diagonal diag_embed unfold repeat tile flip roll
    repeat_interleave cat stack index _unsafe_index index_select index_put _unsafe_index_put index_add index_copy
    index_fill gather scatter scatter_add scatter_reduce take masked_select masked_scatter nonzero where
    sort argsort topk kthvalue median unique_dim _unique2 bincount sym_size sym_numel
"""
ARITHMETIC = frozenset(ARITHMETIC_NAMES.split())
# What torch writes in Python out of arithmetic: clipping, and, but for these, functions of torch.nn.functional; and
# other parts of torch.
FUNCTIONAL = (
    "linear",
    "one_hot",
    "pad",
    "relu",
    "leaky_relu",
    "sigmoid",
    "tanh",
    "logsigmoid",
    "softplus",
    "threshold",
)
WRITES = (["nn", "functional"], ["nn", "utils", "clip_grad"])
READY_MADE = ("_decomp", "_prims", "_refs", "distributions", "masked", "optim")
# Where torch differentiates, in its own Python code; grad_mode only says whether it takes notes.
DIFFERENTIATES = ("autograd", "_functorch", "func")
TORCH, PACKAGES = Path(torch.__file__).parent, Path(torch.__file__).parents[1]
KNOWN = ("numpy", "torch", "IPython", "ipykernel")


class Watch:
    """Sees, while it is entered, what the code within calls.

    operations: names of torch's operations, as in torch.ops.aten. differentiated: whether torch took notes for a
    derivative, or computed one. functions: the names of ready-made functions in Python: those of
    torch.nn.functional and of its clipping, of other parts of torch and of other packages than numpy those of the parts
    and packages.
    """

    def __init__(self) -> None:
        self.operations: set[str] = set()
        self.differentiated = False
        self.functions: set[str] = set()
        self._dispatch = _Dispatch(self)

    def __enter__(self) -> "Watch":
        self._before = sys.getprofile(), threading.getprofile(), gc.isenabled()
        gc.disable()  # what others do as their garbage goes, drawn figures for one, is not of the code within
        threading.setprofile(self._profile)  # for the threads that start meanwhile
        self._dispatch.__enter__()
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *error: Any) -> None:
        sys.setprofile(self._before[0])
        threading.setprofile(self._before[1])
        self._dispatch.__exit__(*error)
        if self._before[2]:
            gc.enable()

    def _profile(self, frame: FrameType, event: str, _arg: Any) -> None:
        parts = _parts_of(frame.f_code.co_filename) if event == "call" else ()
        if not parts:
            return
        package, *inner = parts
        is_of_use = package not in KNOWN or inner in WRITES or inner[0] in (*READY_MADE, *DIFFERENTIATES)
        if not is_of_use or _is_importing(frame):  # torch imports parts of itself when they are first used
            return
        if package not in KNOWN:
            self.functions.add(package)
        elif inner in WRITES and not frame.f_code.co_name.startswith(("_", "<", *FUNCTIONAL)):
            self.functions.add(frame.f_code.co_name)
        elif package == "torch" and inner[0] in READY_MADE:
            self.functions.add(f"torch.{inner[0]}")
        self.differentiated |= package == "torch" and inner[0] in DIFFERENTIATES and inner[-1] != "grad_mode"

    def beyond(self, allowed: frozenset[str] = ARITHMETIC) -> list[str]:
        """Return the names of what was called that is not allowed, nor pointwise: sorted."""
        return sorted(self.functions | {name for name in self.operations if not _is_plain(name, allowed)})


class _Dispatch(TorchDispatchMode):
    """Notes each operation: below Python's names for it and above its kernel, whoever calls it."""

    def __init__(self, watch: Watch):
        super().__init__()
        self._watch = watch

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Have torch not wrap what follows for its compiler, which it would import for seconds."""
        return False

    def __torch_dispatch__(self, operation: Callable, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
        name = operation._overloadpacket.__name__
        self._watch.operations.add(name)
        tensors = [one for one in args if isinstance(one, torch.Tensor)]
        self._watch.differentiated |= (
            torch._C._current_autograd_node() is not None
            or any(one.requires_grad for one in tensors)
            or name in ("_make_dual", "_fw_primal", "_has_same_storage_numel")
        )
        return operation(*args, **(kwargs or {}))


@cache
def _parts_of(filename: str) -> tuple[str, ...]:
    """Return the package and the modules inside it that a file holds; nothing where it is of no installed package."""
    return Path(filename).relative_to(PACKAGES).with_suffix("").parts if filename.startswith(str(PACKAGES)) else ()


def _is_importing(frame: FrameType | None) -> bool:
    """Tell whether a frame runs because a module is imported."""
    while frame is not None:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
        frame = frame.f_back
    return False


def _is_plain(name: str, allowed: frozenset[str]) -> bool:
    """Tell whether an operation is allowed, or computes each number from its own place alone."""
    if name.endswith("_backward"):
        return False
    packet = getattr(torch.ops.aten, name, None)
    pointwise = packet is not None and any(
        torch.Tag.pointwise in getattr(packet, overload).tags for overload in packet.overloads()
    )
    return pointwise or name.rstrip("_") in allowed


def calls_autograd(function: Callable, *args: Any) -> bool:
    """Call `function(*args)`, where no argument requires gradients, and tell whether torch differentiated anything.

    Backward or forward, through torch.func, or in a thread.
    """
    with Watch() as watch:
        function(*args)
    return watch.differentiated


def beyond_arithmetic(function: Callable, *args: Any) -> list[str]:
    """Call `function(*args)`, and return the names of what it uses that is more than arithmetic, sorted.

    That is: operations of torch that do in one go what exercises ask to write, such as "_softmax" and
    "native_layer_norm", and packages such as "scipy". What it raises is told by the checks of its values.
    """
    with Watch() as watch, suppress(Exception):
        function(*args)
    return watch.beyond()


def beyond_arithmetic_with(stand_ins: str, function: Callable, *args: Any) -> list[str]:
    """Do as beyond_arithmetic, while Python source of functions stands in for those of the notebook.

    So what an earlier exercise uses costs nothing here.
    """
    with replaced(function, stand_ins):
        return beyond_arithmetic(function, *args)
