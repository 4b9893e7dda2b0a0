"""What a guest is: an IPython shell, in a fork of a process that has imported what notebooks need."""

import importlib
import os
import random
import socket
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import torch
from matplotlib.backends import registry
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from grading.guest import agent
from grading.guest.screen import Pipes, Screen
from grading.guest.shell import Shell, connect, new_shell
from grading.sandbox.limits import limit
from grading.sandbox.seal import seal
from grading.wire.frames import send

# What each guest, notebook or first traceback would import for itself, whatever its stage.
PRELOADED = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "faulthandler",
    "helpers.axes",
    "helpers.checks",
    "helpers.data",
    "helpers.figures",
    "helpers.guesses",
    "helpers.probes",
    "helpers.samples",
    "helpers.standins",
    "helpers.setup",
    "matplotlib.pyplot",
    "numpy.random",
    "pygments.formatters.terminal256",
    "stack_data",
)
SET_DEFAULT_DEVICE = torch.set_default_device


def preload() -> None:
    """Import the rest, and let matplotlib look for what it needs."""
    for name in PRELOADED:
        importlib.import_module(name)
    figure = Figure()
    figure.subplots().set_title("$x$")
    FigureCanvasAgg(figure).draw()
    registry.backend_registry.list_all()
    torch.set_num_threads(1)
    torch.set_default_device = _set_default_device


def prepare() -> None:
    """Make ready what all guests share."""
    new_shell()  # before what looks for it when it is imported, to tell a notebook from a terminal
    preload()


def _set_default_device(device: Any) -> None:
    """Set it, or say at once what torch would say later, of each tensor, if this machine does not have it."""
    torch.empty(0, device=device)
    SET_DEFAULT_DEVICE(device)


def run(request: dict[str, Any]) -> None:
    """Be a guest until killed, or until the grader hangs up.

    request: its `folder` and `environment`, the `socket` where the grader listens, the `seconds` of CPU time that it
    may take, and, where it is sandboxed, the `scratch` folder of its socket.
    """
    os.environ.clear()
    os.environ.update(request["environment"] | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"})
    matplotlib.rcParams["backend"] = os.environ["MPLBACKEND"]
    os.chdir(request["folder"])
    random.seed()  # or all forks would go on in one random state
    np.random.seed()
    client = socket.socket(socket.AF_UNIX)
    client.connect(request["socket"])
    if request["is_sandboxed"]:
        seal(Path(request["scratch"]), request["seconds"])
    else:
        limit(request["seconds"])
    with Connection(client.detach()) as connection:
        shell, screen = Shell.instance(), Screen(connection)
        connect(shell, screen)
        pipes = Pipes(screen)  # their thread is as sealed as what starts it; until now, what went wrong is in the log
        send(connection, {"number": 0}, [])
        agent.serve(connection, shell, pipes)
