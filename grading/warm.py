"""What a warm kernel is: an IPython kernel, forked from a process that has imported what notebooks need."""

import gc
import os
import random
from typing import Any

import matplotlib
import matplotlib.pyplot
import numpy as np
import torch
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from helpers import CirclesData, check, figures, probes, samples, start  # noqa: F401  so that each fork has them


class SeededKernel(IPythonKernel):
    """A kernel that seeds random, numpy and torch before a cell whose metadata hold a `seed`."""

    async def do_execute(self, code: str, silent: bool, *args: Any, cell_meta: dict | None = None, **kwargs: Any):
        """Run a cell, as every kernel does."""
        seed = (cell_meta or {}).get("seed")
        if seed is not None:
            random.seed(seed)
            np.random.seed(seed)
            torch.manual_seed(seed)
        return await super().do_execute(code, silent, *args, cell_meta=cell_meta, **kwargs)


def prepare() -> None:
    """Draw a figure, so that matplotlib knows its fonts, and keep the collector from touching what forks share."""
    figure = Figure()
    figure.subplots().set_title("$x$")
    FigureCanvasAgg(figure).draw()
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()


def run(request: dict[str, Any]) -> None:
    """Be a kernel until killed. request: its `folder` and `environment`, and the `arguments` of ipykernel."""
    os.dup2(1, 2)  # what the kernel does not show, nobody needs
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    random.seed()  # or all forks would go on in one random state
    np.random.seed()
    application = IPKernelApp.instance(kernel_class=SeededKernel)
    application.initialize(request["arguments"])
    matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]  # ipykernel has just chosen it
    application.start()
