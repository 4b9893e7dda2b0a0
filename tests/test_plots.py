"""The pictures: what they show, what they refuse, and that a notebook shows each one once."""

import os
import subprocess
import sys
import warnings

import nbclient
import nbformat
import numpy as np
import pytest
import torch

os.environ["MPLBACKEND"] = "agg"

import matplotlib.pyplot as plt

from helpers import figures, plots
from helpers.data import CirclesData
from helpers.figures import computations, graphs, layouts
from helpers.messages import LANGUAGES, set_language


@pytest.fixture(autouse=True)
def clean():
    """Fail on what a library would warn about on stderr, and leave no figure and no language behind."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")
    set_language("en")


@pytest.fixture(scope="module")
def circles():
    return CirclesData()


def probabilities(circles, ny=2):
    """Return a Ygrid in which class 1 wins on the right, the more so the further."""
    scores = torch.zeros(1600, ny)
    scores[:, 1] = circles.Xgrid[:, 0]
    return scores.softmax(dim=1)


def run(*cells):
    """Run the cells in a kernel of their own; return the outputs of each."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    env = os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    nbclient.NotebookClient(nb, allow_errors=True, kernel_name="python3").execute(env=env)
    return [cell.outputs for cell in nb.cells]


def kinds(outputs):
    shown = ((one, one.get("data", {})) for one in outputs)
    return ["image" if is_picture(data) else "bare" if "image/png" in data else one.output_type for one, data in shown]


def is_picture(data):
    return data.get("text/html", "").startswith("<img ")


def test_every_point_is_drawn_once(circles):
    circles.plot_data()
    drawn = np.concatenate([points.get_offsets() for points in plt.gca().collections])
    expected = torch.cat([circles.Xtrain, circles.Xtest]).numpy()
    np.testing.assert_allclose(sorted(drawn.tolist()), sorted(expected.tolist()))


def test_grid_is_drawn_the_right_way_up(circles):
    Ygrid = torch.zeros(1600, 2)
    Ygrid[:, 1] = (circles.Xgrid[:, 0] > 1.05) & (circles.Xgrid[:, 1] < -1.05)  # at the bottom right
    circles.plot_data_with_grid(Ygrid, "a title")
    ax = plt.gcf().axes[0]
    (image,) = ax.images
    assert ax.get_title() == "a title"
    left, right, bottom, top = image.get_extent()
    assert (left, right, bottom, top) == pytest.approx((-2.05, 1.95, -2.05, 1.95))
    assert image.origin == "lower"
    assert image.get_array()[0, -1] == 1
    assert image.get_array().sum() == Ygrid.sum() == 9 * 10  # x1 = 1.1 … 1.9, x2 = -2 … -1.1


@pytest.mark.parametrize("ny", [2, 3, 5])
def test_grid_accepts(circles, ny):
    Ygrid = probabilities(circles, ny)
    for accepted in (Ygrid, Ygrid.requires_grad_(), Ygrid.detach().numpy(), Ygrid.detach().double()):
        circles.plot_data_with_grid(accepted)


def test_grid_on_one_side_of_the_boundary(circles):
    circles.plot_data_with_grid(torch.tensor([0.9, 0.1]).repeat(1600, 1))


def refused(Ygrid):
    with pytest.raises(ValueError, match="plot_data_with_grid wants") as error:
        CirclesData().plot_data_with_grid(Ygrid)
    assert "\n" not in str(error.value)
    assert plt.get_fignums() == []
    return str(error.value)


@pytest.mark.parametrize(
    ("Ygrid", "got"),
    [
        (torch.zeros(2, 1600), "(2, 1600)"),
        (torch.zeros(1600), "(1600,)"),
        (torch.zeros(1600, 1), "(1600, 1)"),
        (np.zeros((200, 2)), "(200, 2)"),
        (torch.zeros(()), "()"),
        ((torch.zeros(1600, 2), {}), "tuple"),
        (None, "NoneType"),
    ],
)
def test_grid_of_another_shape(Ygrid, got):
    message = refused(Ygrid)
    assert message == (
        "plot_data_with_grid wants Ygrid of shape (1600, 2), one row per point of data.Xgrid: "
        f"pass forward(params, data.Xgrid)[0]; got {got}"
    )


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_grid_that_is_not_finite(circles, bad):
    Ygrid = probabilities(circles)
    Ygrid[7, 1] = bad
    assert "diverged" in refused(Ygrid)


def test_loss_outside_a_notebook_keeps_one_figure():
    circles = CirclesData()
    for epoch in range(150):
        circles.plot_loss(1 / (epoch + 1), torch.tensor(2.0, requires_grad=True), np.float32(0.5), torch.ones(1))
    assert len(plt.get_fignums()) == 1
    losses, accuracies = plt.gcf().axes
    np.testing.assert_allclose(losses.lines[0].get_ydata(), 1 / np.arange(1, 151))
    assert losses.lines[1].get_ydata().tolist() == [2.0] * 150
    assert accuracies.lines[1].get_xdata().tolist() == list(range(1, 151))
    assert circles.curves.history["acc_train"] == [0.5] * 150


def test_loss_that_diverges_is_a_gap():
    circles = CirclesData()
    for loss in (1.0, float("inf"), float("nan"), 3.0):
        circles.plot_loss(loss, float("nan"), 0.5, 0.5)
    plt.gcf().savefig(os.devnull, format="png")
    assert plt.gcf().axes[0].get_ylim() == (0, pytest.approx(3.15))


@pytest.mark.parametrize(("value", "got"), [(torch.zeros(3), "(3,)"), ([1, 2], "list"), ("high", "str")])
def test_loss_that_is_not_a_number(value, got):
    circles = CirclesData()
    with pytest.raises(ValueError, match="plot_loss wants four numbers") as error:
        circles.plot_loss(0.5, value, 0.5, 0.5)
    assert str(error.value).endswith(f"got {got} for loss_test")
    assert circles.curves.history["loss_train"] == []


def test_loss_in_a_notebook_is_one_picture_a_cell():
    start, training, again, failing, others = run(
        "from helpers import CirclesData, figures\ndata = CirclesData()",
        "for i in range(150): data.plot_loss(1 / (i + 1), 1.0, 0.5, 0.5)",
        "for i in range(30): data.plot_loss(1.0, 1.0, 0.5, 0.5)",
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\ndata.plot_loss(1.0, 1.0, 0.5, 0.5)\n1 / 0",
        "assert data.curves.history['acc_test'] == [0.5]\ndata.plot_data()\n"
        "data.plot_data_with_grid(data.Xgrid.softmax(1))\nfigures.neuron()",
    )
    assert kinds(start) == []
    assert kinds(training) == kinds(again) == ["image"]
    assert sorted(kinds(failing)) == ["bare", "error", "image"]
    assert kinds(others) == ["image"] * 3


def test_last_state_is_drawn_at_the_end_of_the_cell():
    *_, printed = run(
        "from helpers import CirclesData\ndata = CirclesData()\ndata.curves.interval = 1000",
        "for i in range(150): data.plot_loss(1.0, 1.0, 0.5, 0.5)",
        "print(len(data.curves._figure.axes[0].lines[0].get_xdata()))",
    )
    assert printed[0].text == "150\n"


def test_pictures_need_no_configured_shell():
    script = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "from IPython.utils.capture import capture_output\n"
        "cell = 'from helpers import CirclesData; data = CirclesData(); data.plot_data()'\n"
        "with capture_output() as got: shell.run_cell(cell)\n"
        "assert [list(output.data) for output in got.outputs] == [['text/plain', 'text/html']], got.outputs\n"
        "assert got.stdout == got.stderr == '', got.stdout\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


NODES = ["w", "x", "times", "b", "plus", "g", "y", "minus", "square"]
EDGES = [
    ("w", "times"), ("x", "times"), ("times", "plus"), ("b", "plus"),
    ("plus", "g"), ("g", "minus"), ("y", "minus"), ("minus", "square"),
]  # fmt: skip


def autoencoder():
    """Return the loss of an auto-encoder, and its tensors by name."""
    theta, b1, b2 = (torch.ones(shape, requires_grad=True) for shape in ((2, 3), (2,), (3,)))
    x = torch.ones(3)
    y = theta @ x + b1
    loss = ((theta.T @ y + b2 - x) ** 2).sum()
    return loss, {"theta": theta, "b1": b1, "b2": b2, "x": x, "y": y, "loss": loss}


PATH = torch.tensor([[1.0, 1.0], [0.5, 0.2], [0.1, 0.0]], requires_grad=True)
HISTORY = {key: [0.5, 0.4] for key in plots.CURVES}
DRAWINGS = {
    "network": lambda: figures.network([2, 4, 3], ["$x$", "$h$", r"$\hat{y}$"]),
    "large network": lambda: figures.network([784, 100, 10]),
    "neuron": figures.neuron,
    "graph": lambda: figures.graph(NODES, EDGES, {"w": 2, "square": 1}, {"w": -0.5, ("b", "plus"): "δ"}),
    "placed graph": lambda: figures.graph({"a": (0, 0), "b": (1, 1)}, [("a", "b")], labels={"a": "$a$"}),
    "computation": lambda: figures.computation(autoencoder()[0], autoencoder()[1]),
    "surface": lambda: figures.surface(lambda u, v: u**2 + 5 * v**2, {"SGD": PATH}, (-2, 2), (-1, 1)),
    "flat surface": lambda: figures.surface(lambda u, v: np.maximum(u, 0), {}, (-2, 2), (-1, 1)),
    "walks": lambda: figures.walks(lambda u, v: u**2 + 5 * v**2, dict.fromkeys("abc", PATH), (-2, 2), (-1, 1)),
    "one walk": lambda: figures.walks(lambda u, v: u**2 + 5 * v**2, {"SGD": PATH}, (-2, 2), (-1, 1)),
    "points": lambda: figures.points(PATH, [1, -1, 1], {"before": (0, 0, 0), "after": (1, 0, 2.0)}),
    "activations": figures.activations,
    "parabola": lambda: figures.parabola([0.1, 1, 1.9, 2.1], curvature=2),
    "curves": lambda: figures.curves(HISTORY),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings(name, lang):
    set_language(lang)
    assert DRAWINGS[name]() is None
    (number,) = plt.get_fignums()
    plt.figure(number).savefig(os.devnull, format="png")


def test_network_draws_every_unit_and_weight():
    figures.network([3, 5, 2])
    ax = plt.gca()
    assert len(ax.patches) == 3 + 5 + 2
    assert len(ax.lines) == 3 * 5 + 5 * 2


def test_graph_runs_from_left_to_right_and_nothing_overlaps():
    places = graphs._in_columns(NODES, EDGES)
    assert all(places[start][0] < places[end][0] for start, end in EDGES)
    assert len(set(places.values())) == len(NODES)


def test_graph_writes_values_above_and_gradients_below():
    figures.graph({"a": (0, 0), "b": (1, 0)}, [("a", "b")], values={"a": -1.5, "b": 2}, grads={"a": 0.25})
    heights = {text.get_text(): text.xyann[1] for text in plt.gca().texts if hasattr(text, "xyann")}
    assert heights["−1.5"] > 0
    assert heights["2"] > 0
    assert heights["0.25"] < 0


def boxes():
    """Return what is written in each box of a computation, and where."""
    return {text.get_text(): text.get_position() for text in plt.gca().texts if text.get_text()}


def test_computation_shows_every_leaf_and_operation_once_with_its_name():
    figures.computation(*autoencoder())
    written = sorted(text.get_text() for text in plt.gca().texts if text.get_text())
    assert written == sorted(
        ["theta\n(2, 3)", "b1\n(2,)", "b2\n(3,)", "Mv", "y\nAdd", "Permute", "Mv", "Add", "Sub", "Pow", "loss\nSum"]
    )
    assert len(plt.gca().lines) == 11  # the edges: the two of theta among them


def test_computation_runs_downwards_and_nothing_overlaps():
    a, b = (torch.ones(2, requires_grad=True) for _ in range(2))
    result = torch.stack([a * b, a.exp(), (a * b).tanh() + b, torch.ones(2)]).sum()
    figures.computation(result, {"a": a, "b": b})
    ax = plt.gca()
    extents = [box.get_extents() for box in ax.patches]
    assert not any(one.overlaps(other) for i, one in enumerate(extents) for other in extents[:i])
    assert all(np.diff(line.get_ydata()).max() < 0 for line in ax.lines)
    figures.computation(a * a)  # one operation that reads a leaf twice
    assert len(plt.gca().lines) == 1


def test_computation_shows_every_edge_whole_and_names_of_any_length():
    weights, state = torch.ones(3, 5, requires_grad=True), torch.zeros(3)
    for _step in range(3):  # the weights are read in each: their edges pass all the rows
        read = torch.cat([torch.ones(2), state])
        state = (weights @ read).tanh() * (weights @ read).sigmoid()
    figures.computation(state.sum(), {"weights of every step, from the first to the last": weights})
    ax = plt.gca()
    reached = [x for line in ax.lines for x in line.get_xdata()]
    reached += [x for box in ax.patches for x in (box.get_x(), box.get_x() + box.get_width())]
    left, right = ax.get_xlim()
    assert left < min(reached) < max(reached) < right


def test_computation_of_a_long_chain():
    tensor = torch.ones(1, requires_grad=True)
    for _ in range(1200):
        tensor = tensor + 1
    assert len(computations._sources(tensor)) == 1201
    layout = layouts.in_rows([1.0] * 1201, [(i + 1, i) for i in range(1200)])
    assert len(layout[0]) == 1201


@pytest.mark.parametrize("lang", LANGUAGES)
def test_computation_without_a_graph(lang):
    set_language(lang)
    for tensor in (torch.ones(2), torch.ones(2, requires_grad=True), (2 * torch.ones(2, requires_grad=True)).detach()):
        with pytest.raises(ValueError, match="no_grad"):
            figures.computation(tensor)


@pytest.mark.parametrize("works", [True, False])
def test_computation_is_laid_out_by_dot_where_it_is_installed(works, tmp_path, monkeypatch):
    answer = (
        "graph 1 4 2\nnode 0 1 0.5 1 0.4 0 solid box black lightgrey\nnode 1 3 1.5 1 0.4 1 solid box black lightgrey\n"
        "edge 1 0 4 3 1.3 3 1 1 1 1 0.7 solid black\nstop"
    )
    dot = tmp_path / "dot"
    body = f"cat <<'END'\n{answer}\nEND" if works else "exit 1"
    dot.write_text(f"#!/bin/sh\n{body}\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    leaf = torch.ones((), requires_grad=True)
    figures.computation(leaf.exp(), {"leaf": leaf})
    (line,) = plt.gca().lines
    if works:
        assert boxes() == {"Exp": (1, 0.5), "leaf\n()": (3, 1.5)}
        assert (line.get_xydata()[0].tolist(), line.get_xydata()[-1].tolist()) == ([3, 1.3], [1, 0.7])
    else:
        assert boxes()["Exp"][0] == boxes()["leaf\n()"][0] == 0


def test_points_lines_are_where_the_score_is_zero():
    figures.points([[0, 0], [2, 2]], [0, 1], {"line": (1, 2, -4)})
    *_, line = plt.gca().lines
    for x1, x2 in (line.get_xy1(), line.get_xy2()):
        assert 1 + 2 * x1 - 4 * x2 == pytest.approx(0)


def test_points_in_axes_of_the_author():
    _figure, axes = plt.subplots(ncols=2)
    for ax in axes:
        figures.points([[0, 0], [1, 1]], [-1, 1], ax=ax)
    assert len(plt.get_fignums()) == 1
    assert [text.get_text() for text in axes[1].get_legend().get_texts()] == ["class −1", "class 1"]
