"""A playground for a network of the student's own: it is trained before one's eyes, by the notebook's functions."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from helpers.messages import _
from helpers.playground.settings import Value, read, settings_for
from helpers.playground.trial import Functions, Trial, TroubleError, cross_entropy
from helpers.setup import is_looked_at

BEGIN = "data=circles n=200 noise=0.2 nh=4 eta=0.3 batch=10 seed=0"
STILLS = (0, 10, 30, 100)  # epochs after which there is a picture, where there are no widgets


def play(
    start: Callable[..., Any],
    step: Callable[[Any, Tensor, Tensor, float], Any],
    look: Callable[[Any, Tensor], tuple[Any, Any]],
    measure: Callable[[Any, Tensor], tuple[Any, Any]] = cross_entropy,
    choices: Mapping[str, tuple[Value, ...]] | None = None,
    settings: str = "",
) -> "Playground":
    """Show a playground below the cell: `start`, `step`, `look` and `measure` drive it, as `Functions` says.

    They are called at each picture, so what they call is what the notebook defines at that moment. choices: more
    settings, each with what it may be, which `start` takes by name. settings: a line of those to begin with.
    NotImplementedError where an answer is not written that the first picture needs. When nbgrader runs the notebook,
    nothing is shown.
    """
    playground = Playground(Functions(start, step, look, measure), choices or {}, settings)
    if is_looked_at():
        playground.show()
    return playground


class Playground:
    """What `play` shows, and what can be asked of it without a picture."""

    def __init__(self, functions: Functions, choices: Mapping[str, tuple[Value, ...]], line: str):
        self._functions, self._choices = functions, tuple(choices)
        self._settings = settings_for(choices)
        first = {name: values[0] for name, values in choices.items()}
        self._values = read(BEGIN, self._settings) | first | read(line, self._settings)

    def show(self) -> None:
        """Show the widgets; where there are none, pictures."""
        if find_spec("ipywidgets"):
            from helpers.playground.panel import Panel

            self.panel = Panel(self._settings, self._new, self._values)
            self.panel.show()
        else:
            self._show_stills()

    def trained(self, line: str, epochs: int) -> dict[str, float]:
        """Train with the settings of a line, without a picture; return losses and accuracies after the last epoch.

        Nobody waits at a slider: an epoch may take a minute.
        """
        trial = Trial(self._functions, self._values | read(line, self._settings), self._choices, seconds=60)
        for _epoch in range(epochs):
            trial.epoch()
        return {name: values[-1] for name, values in trial.history.items()}

    def _new(self, values: Mapping[str, Value]) -> Trial:
        return Trial(self._functions, values, self._choices)

    def _show_stills(self) -> None:
        from IPython.display import HTML, display

        from helpers.playground.page import picture

        print(_("To play, install ipywidgets and restart the kernel. This is what can be seen without it."))
        try:
            trial = self._new(self._values)
            for epochs in STILLS:
                while trial.epochs < epochs:
                    trial.epoch()
                display(HTML(picture(trial)))
        except TroubleError as trouble:
            print(trouble)


def hidden(model: torch.nn.Module, X: Tensor) -> Tensor | None:
    """Return the units (n, k) that the last affine map of a model reads for X; None where it has no torch.nn.Linear."""
    layers = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    if not layers:
        return None
    read_by_it: list[Tensor] = []
    hook = layers[-1].register_forward_pre_hook(lambda _module, given: read_by_it.append(given[0]))
    try:
        with torch.no_grad():
            model(X)
    finally:
        hook.remove()
    return read_by_it[-1]
