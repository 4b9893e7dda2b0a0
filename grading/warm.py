"""What a warm kernel is: an IPython kernel, forked from a process that has imported what notebooks need."""

import gc
import importlib
import os
import random
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import torch
from ipykernel.iostream import OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQInteractiveShell
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from traitlets import Float, Type

from grading import agent, sandbox

# What each kernel, notebook or first traceback would import for itself.
PRELOADED = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "helpers.checks",
    "helpers.data",
    "helpers.figures",
    "helpers.machines",
    "helpers.probes",
    "helpers.samples",
    "helpers.standins",
    "helpers.setup",
    "ipykernel.debugger",
    "matplotlib.pyplot",
    "pygments.formatters.terminal256",
    "stack_data",
    "torch._dynamo",  # which the first optimiser imports
    "torch.fx.experimental.symbolic_shapes",
    "torch.utils.tensorboard",
    "tornado.platform.asyncio",
)


class Stream(OutStream):
    """An output stream that cells cannot close: the next ones need it."""

    def close(self) -> None:
        """Stay open."""

    def flush(self) -> None:
        """Flush if anything was written: kernels flush four times a cell, at the cost of a turn of another thread."""
        if self._flush_pending:
            super().flush()


class Shell(ZMQInteractiveShell):
    """A shell that neither `exit()` nor code that Python cannot compile ends: the cells below are graded too."""

    def should_run_async(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether a cell awaits anything. One that nests too deep to tell is run, and fails with an error."""
        try:
            return super().should_run_async(*args, **kwargs)
        except RecursionError:
            return False

    def ask_exit(self) -> None:
        """Stay."""


class GradingKernel(IPythonKernel):
    """A kernel that takes orders from a cell's metadata: a `seed` for random, numpy and torch; a `judge` to serve."""

    shell_class = Type(Shell)
    _execute_sleep = Float(0.0)  # outputs come before the kernel says that it is idle, which graders wait for

    async def do_execute(self, code: str, silent: bool, *args: Any, cell_meta: dict | None = None, **kwargs: Any):
        """Run a cell, as every kernel does; put back the output streams if it replaced them."""
        orders = cell_meta or {}
        seed = orders.get("seed")
        if seed is not None:
            random.seed(seed)
            np.random.seed(seed)
            torch.default_generator.manual_seed(seed)
        out, err = sys.stdout, sys.stderr
        try:
            if "judge" in orders:
                return self._serve(orders["judge"])
            return await super().do_execute(code, silent, *args, cell_meta=cell_meta, **kwargs)
        finally:
            if not isinstance(sys.stdout, Stream):
                sys.stdout = out
            if not isinstance(sys.stderr, Stream):
                sys.stderr = err

    def _publish_status(self, status: str, *args: Any, **kwargs: Any) -> None:
        """Say when the kernel is idle, which graders wait for, and not when it is busy."""
        if status != "busy":
            super()._publish_status(status, *args, **kwargs)

    def _serve(self, judge: str) -> dict[str, Any]:
        """Serve the judge at an address; return what a cell without code gives."""
        self._forward_input(allow_stdin=False)
        try:
            agent.serve(judge, self.shell)
        finally:
            self._restore_input()
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}


def prepare() -> None:
    """Import the rest, let matplotlib look for what it needs, and keep the collector from touching what forks share."""
    for name in PRELOADED:
        importlib.import_module(name)
    figure = Figure()
    figure.subplots().set_title("$x$")
    FigureCanvasAgg(figure).draw()
    matplotlib.backends.backend_registry.list_all()
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()


def run(request: dict[str, Any]) -> None:
    """Be a kernel until killed.

    request: its `folder` and `environment`, the `arguments` of ipykernel, the `seconds` of CPU time that it may take,
    and, where it is sandboxed, the `scratch` folder of its sockets.
    """
    log = os.dup(2)
    os.dup2(1, 2)  # what the kernel does not show, nobody needs
    try:
        application = _application(request)
    except BaseException:
        os.dup2(log, 2)
        raise
    os.close(log)  # it is up
    application.start()


def _application(request: dict[str, Any]) -> IPKernelApp:
    """Return the kernel that a request asks for, all but started, in its place and within its limits."""
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    random.seed()  # or all forks would go on in one random state
    np.random.seed()
    application = IPKernelApp.instance(kernel_class=GradingKernel, outstream_class="grading.warm.Stream")
    application.initialize(request["arguments"])
    matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]  # ipykernel has just chosen it
    if request["is_sandboxed"]:
        sandbox.seal(Path(request["scratch"]), request["seconds"])
    else:
        sandbox.limit(request["seconds"])
    return application
