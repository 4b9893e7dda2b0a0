"""Pictures of data and of learning, under the cell that draws them; matplotlib is imported by the first one."""

import io
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from helpers.messages import _
from helpers.setup import running_shell
from helpers.words import Picture, curves_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colours, told apart by colour-blind readers; shapes and line styles say the same once more.
BLUE, ORANGE, GREEN, PURPLE, BLACK, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#222222", "#999999"
CLASSES = ((BLUE, "o"), (ORANGE, "^"))  # colour and marker of class 0 and class 1
Points = tuple[Tensor, Tensor]  # X (n, 2), and one-hot Y (n, 2)


def array(numbers: ArrayLike | Tensor) -> np.ndarray:
    """Return `numbers` as an array of floats, also from a tensor that requires grad."""
    return np.asarray(numbers.detach().cpu() if isinstance(numbers, Tensor) else numbers, dtype=float)


def new_figure(ncols: int = 1, size: tuple[float, float] = (7, 4), **kwargs: Any) -> tuple["Figure", Any]:
    """Return a figure of `size` inches (7 fill a notebook) and its axes: one, or an array of `ncols`."""
    import matplotlib.pyplot as plt

    from helpers import axes

    axes.speak()
    return plt.subplots(ncols=ncols, figsize=size, layout="constrained", **kwargs)


def show(figure: "Figure", alt: str, handle: Any = None) -> Any:
    """Show the figure under the cell, or in the place of the one that `handle` stands for; return its handle.

    alt: a sentence that says what is to be seen. Outside a notebook the figure stays open in pyplot, and None is
    returned.
    """
    if not running_shell():
        return None
    import matplotlib.pyplot as plt
    from IPython.display import display

    plt.close(figure)  # else the end of the cell would show it a second time
    png = io.BytesIO()
    # Shown at 100: sharp on a fine screen. On a ground of its own: what is black is read on a dark page, too.
    figure.savefig(png, format="png", dpi=150, facecolor=figure.get_facecolor()[:3])
    picture = Picture(png.getvalue(), round(100 * figure.get_figwidth()), alt)
    if handle is None:
        return display(picture, display_id=True)
    handle.update(picture)
    return handle


def circles(train: Points, test: Points) -> None:
    """Draw points, filled for train, hollow for test."""
    figure, ax = new_figure(size=(6, 5.6))
    _draw_points(ax, train, test)
    show(figure, _points_in_words(train, test))


def circles_and_grid(train: Points, test: Points, Xgrid: Tensor, Ygrid: ArrayLike | Tensor, title: str) -> None:
    """Draw points over the predictions `Ygrid` (1600, ny) for `Xgrid` (1600, 2), a grid of 40 × 40 points.

    ValueError where Ygrid has another shape, or numbers that are not finite.
    """
    Ygrid = checked_grid(Ygrid)
    figure, ax = new_figure(size=(6, 5.6))
    _draw_grid(ax, Xgrid, Ygrid)
    _draw_points(ax, train, test)
    ax.set_title(title)
    said = (f"{title}." if title else "", grid_in_words(train, Xgrid, Ygrid), _points_in_words(train, test))
    show(figure, " ".join(filter(None, said)))


def _points_in_words(train: Points, test: Points) -> str:
    X, Y = (np.concatenate([array(one), array(other)]) for one, other in zip(train, test, strict=True))
    far = [float(np.linalg.norm(X[Y[:, k] == 1], axis=1).mean()) for k in range(len(CLASSES))]
    return _(
        "Points of two classes, {train} to train, filled, and {test} to test, hollow: on average those of class 0 are "
        "{far[0]:.2f} from the origin, those of class 1 {far[1]:.2f}."
    ).format(train=len(train[0]), test=len(test[0]), far=far)


def grid_in_words(train: Points, Xgrid: Tensor, Ygrid: np.ndarray) -> str:
    """Say how much of the plane goes to class 1, and how many points lie on their side; arguments as in the drawing."""
    (first, second), x = array(Xgrid[:2, 0]), array(train[0])
    column, row = np.clip(np.rint((x - first) / (second - first)), 0, 39).astype(int).T
    right = Ygrid.argmax(axis=1)[40 * row + column] == array(train[1]).argmax(axis=1)
    return _(
        "The predicted probability of class 1 is above one half on {share:.0%} of the plane; {right:.0%} of the "
        "training points lie where their own class is predicted."
    ).format(share=float(np.mean(Ygrid[:, 1] > 0.5)), right=float(right.mean()))


def _draw_points(ax: "Axes", train: Points, test: Points) -> None:
    for k, (colour, marker) in enumerate(CLASSES):
        for (X, Y), part, style in (
            (train, _("train"), {"s": 36, "facecolor": colour, "edgecolor": "white"}),
            (test, _("test"), {"s": 24, "facecolor": "none", "edgecolor": colour}),
        ):
            label = _("class {k}, {part}").format(k=k, part=part)
            ax.scatter(*X[Y[:, k] == 1].T, marker=marker, linewidth=0.8, label=label, **style)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal", xlim=(-2.05, 1.95), ylim=(-2.05, 1.95))
    ax.figure.legend(loc="outside lower center", ncols=2, frameon=False)


def checked_grid(Ygrid: ArrayLike | Tensor) -> np.ndarray:
    """Return predictions for the grid as an array; ValueError where they have another shape or are not finite."""
    shape = getattr(Ygrid, "shape", ())
    if len(shape) != 2 or shape[0] != 1600 or shape[1] < 2:
        raise ValueError(
            _(
                "plot_data_with_grid wants Ygrid of shape (1600, 2), one row per point of data.Xgrid: "
                "pass forward(params, data.Xgrid)[0]; got {got}"
            ).format(got=_kind(Ygrid))
        )
    Ygrid = array(Ygrid)
    if not np.isfinite(Ygrid).all():
        raise ValueError(
            _(
                "plot_data_with_grid wants finite probabilities, and Ygrid holds nan or infinite ones: "
                "the parameters have probably diverged, train again with a smaller eta"
            )
        )
    return Ygrid


def _draw_grid(ax: "Axes", Xgrid: Tensor, Ygrid: np.ndarray) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("classes", [BLUE, "white", ORANGE])
    x = Xgrid[:40, 0].numpy()
    half = 0.05  # a pixel reaches half a step beyond its point
    extent = (x[0] - half, x[-1] + half) * 2
    image = ax.imshow(
        Ygrid[:, 1].reshape(40, 40), cmap=colours, vmin=0, vmax=1, alpha=0.5, extent=extent, origin="lower"
    )
    ax.figure.colorbar(image, ax=ax, label=_("predicted probability of class 1"))
    margin = Ygrid[:, 1] - np.delete(Ygrid, 1, axis=1).max(axis=1)
    if margin.min() < 0 < margin.max():  # else matplotlib warns that there is nothing to draw
        ax.contour(x, x, margin.reshape(40, 40), levels=[0], colors=BLACK, linewidths=2)


CURVES = ("loss_train", "loss_test", "acc_train", "acc_test")


def curves(history: dict[str, Sequence[float]]) -> "Figure":
    """Return a figure with the losses on the left and the accuracies on the right, one point per epoch.

    history: the four lists of numbers named in CURVES.
    """
    figure, axes = new_figure(ncols=2, size=(8, 3.2))
    ends = {"markersize": 4, "markevery": [-1]}  # or the first epoch could not be seen
    for ax, quantity in zip(axes, (_("loss"), _("accuracy")), strict=True):
        ax.plot([], [], "o-", color=BLUE, label=_("train"), **ends)
        ax.plot([], [], "s--", color=ORANGE, label=_("test"), **ends)
        ax.set(xlabel=_("epoch"), ylabel=quantity)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.grid(alpha=0.3)
        ax.legend(frameon=False)
    axes[1].set_ylim(0, 1.02)
    _set_curves(figure, history)
    return figure


def _set_curves(figure: "Figure", history: dict[str, Sequence[float]]) -> None:
    for line, key in zip([line for ax in figure.axes for line in ax.lines], CURVES, strict=True):
        values = array(history[key])
        values[~np.isfinite(values)] = np.nan  # a gap in the curve
        line.set_data(np.arange(1, len(values) + 1), values)
    for ax in figure.axes:
        ax.set_xlim(0, len(ax.lines[0].get_xdata()) + 1)
    losses = figure.axes[0]
    highest = max(line.get_ydata()[~np.isnan(line.get_ydata())].max(initial=0) for line in losses.lines)
    losses.set_ylim(0, 1.05 * highest or 1)


class LossPlot:
    """The curves of one training, drawn in one figure that follows it.

    In a notebook a training is one run of a cell: the first point that a cell adds starts new curves under it, they
    are redrawn now and then, and once more at the end of the cell. Elsewhere the curves go on, in one open figure.
    history: the numbers so far, a list for each name in CURVES.
    """

    interval = 0.5  # seconds between two redraws

    def __init__(self):
        self._restart()

    def _restart(self) -> None:
        self.history: dict[str, list[float]] = {key: [] for key in CURVES}
        self._figure = self._handle = None
        self._next = 0.0
        self._live = False

    def add(self, **numbers: float | Tensor) -> None:
        """Add one point, a number for each name in CURVES; ValueError where one is not a number."""
        point = {key: _number(key, numbers[key]) for key in CURVES}
        shell = running_shell()
        if shell and not self._live:
            self._restart()
            self._live = True
            shell.events.register("post_execute", self._finish)
        for key in CURVES:
            self.history[key].append(point[key])
        if not shell or time.monotonic() >= self._next:
            self._draw()

    def _draw(self) -> None:
        if self._figure:
            _set_curves(self._figure, self.history)
        else:
            self._figure = curves(self.history)
        self._handle = show(self._figure, curves_of(self._figure), self._handle)
        self._next = time.monotonic() + self.interval

    def _finish(self) -> None:
        running_shell().events.unregister("post_execute", self._finish)
        self._live = False
        self._draw()


def _number(name: str, value: float | Tensor) -> float:
    try:
        return array(value).item()
    except (TypeError, ValueError):
        raise ValueError(
            _("plot_loss wants four numbers, loss_train, loss_test, acc_train, acc_test; got {got} for {name}").format(
                got=_kind(value), name=name
            )
        ) from None


def _kind(value: object) -> str:
    """Name the shape of a tensor or array, the type of anything else."""
    return str(tuple(value.shape)) if hasattr(value, "shape") else type(value).__name__
