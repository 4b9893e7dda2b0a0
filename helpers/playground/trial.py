"""One training by functions of the student's: whatever these do, the notebook goes on, and a sentence says it."""

import contextlib
import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any

import numpy as np
import torch
from torch import Tensor

from helpers.loop.watching import unwritten
from helpers.messages import _
from helpers.playground.clouds import HALF, draw
from helpers.playground.settings import Value
from helpers.plots import CURVES, array
from helpers.seeds import kept
from helpers.setup import OTHERS, sentence_of
from helpers.within import within

SECONDS = 2.0  # for one epoch, and what is looked at after it
SIDE = 50  # points of the grid, both ways
MANY = 100_000  # epochs: more than anyone plays


class TroubleError(Exception):
    """What the student's functions did cannot be shown; the message is a sentence that says why."""


@dataclass(frozen=True)
class Functions:
    """What the student's code does; a state is whatever stands for the network: a dict of parameters, a model.

    start(nh, **choices): a new state. step(state, X, Y, eta): the state after a step on one mini-batch; None where it
    was changed in place. look(state, X): probabilities Yhat (n, 2), and the hidden units (n, k) or None.
    measure(Yhat, Y): loss and accuracy, two numbers.
    """

    start: Callable[..., Any]
    step: Callable[[Any, Tensor, Tensor, float], Any]
    look: Callable[[Any, Tensor], tuple[Any, Any]]
    measure: Callable[[Any, Tensor], tuple[Any, Any]]


@dataclass(frozen=True)
class Seen:
    """What is drawn after an epoch, of the points of the grid: Yhat (SIDE², 2), hidden units (SIDE², k) or None."""

    Yhat: np.ndarray
    hidden: np.ndarray | None


def cross_entropy(Yhat: Any, Y: Tensor) -> tuple[float, float]:
    """Return loss and accuracy of probabilities; one that was rounded to 0 counts as a very small number."""
    Yhat, c = array(Yhat), Y.argmax(1).numpy()
    right = Yhat[np.arange(len(c)), c]
    return float(-np.log(np.maximum(right, 1e-38)).mean()), float((Yhat.argmax(1) == c).mean())


class Trial:
    """One training, from its start.

    Where the functions fail: TroubleError, or NotImplementedError of one that is not written; history and seen are then
    those of the last good epoch.

    seconds: how long an epoch may take; SECONDS for 0. history: losses and accuracies by the names in CURVES, one
    number for each epoch. seen: what there is to draw.
    """

    def __init__(
        self, functions: Functions, settings: Mapping[str, Value], choices: tuple[str, ...], seconds: float = 0
    ):
        self.functions, self.settings, self.seconds = functions, settings, seconds
        self.train, self.test = draw(settings["data"], settings["n"], settings["noise"], settings["seed"])
        self.history: dict[str, list[float]] = {name: [] for name in CURVES}
        with self._guard(0):
            self._state = functions.start(settings["nh"], **{name: settings[name] for name in choices})
            self.seen = self._look()

    @property
    def epochs(self) -> int:
        """How many epochs have been run."""
        return len(self.history[CURVES[0]])

    def epoch(self) -> None:
        """Go once through all the mini-batches, and measure and look afterwards."""
        X, Y = self.train
        with self._guard(self.epochs + 1):
            for indices in torch.randperm(len(X)).split(self.settings["batch"]):
                state = self.functions.step(self._state, X[indices], Y[indices], self.settings["eta"])
                self._state = self._state if state is None else state
            seen = self._look()
            numbers = [self._measure(*part) for part in (self.train, self.test)]
        self.seen = seen
        for name, value in zip(CURVES, np.transpose(numbers).ravel().tolist(), strict=True):
            self.history[name].append(value)

    @contextlib.contextmanager
    def _guard(self, epoch: int) -> Iterator[None]:
        """Run the student's functions: with random numbers of their own, without their prints, not for ever."""
        seconds = self.seconds or SECONDS
        try:
            with kept(), _silence(), within(seconds):
                for seed in (torch.manual_seed, np.random.seed, random.seed):
                    seed(MANY * int(self.settings["seed"]) + epoch)
                yield
        except TimeoutError as error:
            said = _("your functions take more than {seconds:g} s for one epoch: are they slow, or do they never end?")
            raise TroubleError(said.format(seconds=seconds)) from error
        except (Exception, SystemExit) as error:
            if isinstance(error, TroubleError) or unwritten(error):
                raise
            raise TroubleError(_where(error)) from error

    def _look(self) -> Seen:
        Yhat, hidden = self.functions.look(self._state, grid())
        return Seen(_table(Yhat, "Yhat", 2), None if hidden is None else _table(hidden, "h"))

    def _measure(self, X: Tensor, Y: Tensor) -> tuple[float, float]:
        Yhat = self.functions.look(self._state, X.clone())[0]
        measured = self.functions.measure(Yhat, Y.clone())
        try:
            loss, accuracy = map(float, measured)
        except (TypeError, ValueError, RuntimeError):
            raise TroubleError(_("loss and accuracy should be two numbers")) from None
        if not np.isfinite((loss, accuracy)).all():
            said = _("loss {loss}, accuracy {accuracy}: the parameters have run away. Reset, with a smaller η.")
            raise TroubleError(said.format(loss=str(loss), accuracy=str(accuracy)))
        return loss, accuracy


def grid() -> Tensor:
    """Return the points (SIDE², 2) of the grid, row after row from the top of the picture."""
    steps = (torch.arange(SIDE) + 0.5) / SIDE * 2 * HALF - HALF
    x2, x1 = torch.meshgrid(-steps, steps, indexing="ij")
    return torch.stack([x1.flatten(), x2.flatten()], dim=1)


def _table(values: Any, name: str, columns: int | None = None) -> np.ndarray:
    """Return finite values (SIDE², columns), of any width for None; TroubleError where they are something else."""
    shape = tuple(values.shape) if hasattr(values, "shape") else (type(values).__name__,)
    if len(shape) != 2 or shape[0] != SIDE**2 or shape[1] != (columns or max(shape[1], 1)):
        said = _("{name} should be of shape ({rows}, {columns}) for {rows} points; it is {shape}")
        wanted = {"rows": str(SIDE**2), "columns": str(columns or "nh")}
        raise TroubleError(said.format(name=name, shape=f"({', '.join(map(str, shape))})", **wanted))
    values = array(values)
    if not np.isfinite(values).all():
        said = _("{name} holds NaN or infinite numbers: the parameters have run away. Reset, with a smaller η.")
        raise TroubleError(said.format(name=name))
    return values


def _where(error: BaseException) -> str:
    """Say what went wrong, and on which line of which of the student's functions."""
    said = sentence_of(error).partition("\n")[0]
    own = [
        (frame.f_code.co_name, line)
        for frame, line in walk_tb(error.__traceback__)
        if not frame.f_code.co_filename.startswith(OTHERS)
    ]
    if not own:
        return said
    return _("{function}, line {line}: {error}").format(function=own[-1][0], line=str(own[-1][1]), error=said)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Swallow what is printed: twenty prints for each picture would bury the notebook."""
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield
