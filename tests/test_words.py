"""Pictures in words: each drawing says what is to be seen, in both languages, and what its curves do."""

import io
import urllib.request
import warnings
from collections.abc import Iterator

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image
from test_plots import DRAWINGS, probabilities
from unsaid import unsaid, unsaid_in

from helpers import figures, plots, words
from helpers.data import CirclesData
from helpers.messages import LANGUAGES, set_language

MORE = {
    "points of the circles": lambda: CirclesData().plot_data(),
    "grid": lambda: CirclesData().plot_data_with_grid(probabilities(CirclesData()), "after 3 epochs"),
    "loss": lambda: [CirclesData().plot_loss(*point) for point in ((0.7, 0.7, 0.5, 0.5), (0.1, 0.2, 0.9, 0.8))],
    "digits": lambda: figures.digits(torch.rand(30, 784), [str(k) for k in range(30)]),
    "signed digits": lambda: figures.digits(torch.rand(2, 1, 5, 5), signed=True),
    "margins": lambda: figures.margins([[0, 0], [1, 1]], [0, 1], lambda x: x.sum(1) - 1, [[0, 0]], "a title"),
}


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
    plt.close("all")
    set_language("en")


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """Have a shell run, as in a notebook."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def pixels(source: str) -> np.ndarray:
    """Return the pixels (height, width, 4) of a picture, from the address that holds it."""
    with urllib.request.urlopen(source) as file:
        return np.asarray(Image.open(io.BytesIO(file.read())).convert("RGBA"))


def said(draw) -> str:
    """Return the words of the picture that a drawing shows last."""
    with capture_output() as shown:
        draw()
        InteractiveShell.instance().events.trigger("post_execute")
    assert unsaid(output.data for output in shown.outputs) == []
    return shown.outputs[-1].data["text/plain"]


@pytest.mark.parametrize("name", [*DRAWINGS, *MORE])
def test_every_drawing_says_what_is_to_be_seen_in_both_languages(shell, name):
    told = {}
    for lang in LANGUAGES:
        set_language(lang)
        told[lang] = said((DRAWINGS | MORE)[name])
    assert told["en"] != told["fr"]
    for text in told.values():
        assert 10 < len(text) < 1500
        assert not set(text) & set("$\\{}\n")


def test_the_words_are_in_the_picture_whatever_they_hold(shell):
    figure, _ax = plt.subplots()
    alt = "x < y & \"quoted\" 'so' <b>"
    with capture_output() as shown:
        plots.show(figure, alt)
    (output,) = shown.outputs
    assert output.data["text/plain"] == alt
    assert 'alt="x &lt; y &amp; &quot;quoted&quot; &#x27;so&#x27; &lt;b&gt;"' in output.data["text/html"]


def test_a_picture_has_a_ground_of_its_own(shell):
    for colour in ("white", (1, 1, 1, 0), "#222222"):
        figure, _ax = plt.subplots(figsize=(1, 1), facecolor=colour)
        with capture_output() as shown:
            plots.show(figure, "nothing")
        source = shown.outputs[0].data["text/html"].split('"')[1]
        assert (pixels(source)[..., 3] == 255).all()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.69, 0.5, 0.04], "from 0.69 to 0.04"),
        ([5.0, 1.0, 3.0], "from 5 to 3, lowest 1 at 2"),
        ([1.0, 9.0, 3.0], "from 1 to 3, highest 9 at 2"),
        ([1.0, float("nan"), float("inf"), 0.5], "from 1 to 0.5"),
        ([float("nan")] * 3, "no number"),
        ([0.25], "from 0.25 to 0.25"),
    ],
)
def test_a_curve_is_told_by_its_ends_and_what_is_beyond_them(values, expected):
    figure, ax = plt.subplots()
    ax.plot(range(1, len(values) + 1), values, label=r"$\hat{y}_1$")
    ax.plot([1, 2], [7, 7])
    ax.axhline(3, label="a guide")
    ax.set(xlabel=r"$\eta$", ylabel="loss")
    assert words.curves_of(figure) == f"loss by η: ŷ 1, {expected}."


def test_one_legend_stands_for_the_curves_of_all_axes():
    figure, axes = plt.subplots(ncols=2)
    for ax, factor in zip(axes, (1, 10), strict=True):
        ax.plot([factor, 2 * factor], "--", label="test" if factor == 1 else None)
        ax.set(title=f"times {factor}")
    assert words.curves_of(figure) == "times 1: test, from 1 to 2. times 10: test, from 10 to 20."


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (r"$\tilde{H}$", "H tilde"),
        (r"$\hat{y}_i$", "ŷ i"),
        (r"$\Delta_y^\top H$", "Δ y^T H"),
        (r"$k$, $\varepsilon = 10^{-k}$", "k, ε = 10^-k"),
        (r"$\partial \ell / \partial u$", "∂ ℓ / ∂ u"),
        (r"$\mathcal{L}$", "L"),
        (r"$\Vert x - z \Vert$", "‖ x - z ‖"),
        ("a file_name, {braces}", "a file_name, {braces}"),
    ],
)
def test_formulas_are_read_without_tex_and_two_quantities_never_alike(label, expected):
    assert words.plain(label) == expected


def test_nobody_hears_of_more_than_a_dozen_things():
    assert words.listed("abcdefghijkl") == "a, b, c, d, e, f, g, h, i, j, k, l"
    assert words.listed("abcdefghijklmn") == "a, b, c, d, e, f, g, h, i, j, k, l, …"


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ('<img src="a">', 1),
        ('<img src="a" alt=" ">', 1),
        ('<img src="a" alt="a curve"/>', 0),
        ("<svg><path/></svg>", 1),
        ("<svg><title>a curve</title></svg>", 0),
        ('<svg aria-label="a curve"></svg><svg aria-hidden="true"></svg>', 0),
        ('<script>const page = "<img>";</script>', 0),
    ],
)
def test_pictures_without_words_are_found(page, found):
    assert len(unsaid_in(page)) == found


def test_figures_left_to_pyplot_have_no_words():
    plt.subplots()
    assert unsaid([{"image/png": "", "text/plain": ""}]) == ["figure 1", "image/png"]
    assert plt.get_fignums() == []
