"""The playground, driven by the solutions of 02 and by whatever stands in their place."""

import asyncio
import io
import random
import re
import sys
import threading
from base64 import b64decode
from collections.abc import Callable
from html import unescape
from typing import Any

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from PIL import Image

from conftest import STAGES
from helpers import playground
from helpers.messages import set_language
from helpers.playground import clouds, picture, settings, trial
from helpers.playground.trial import SIDE, TroubleError, grid

ANSWERS = ("init_params", "forward", "loss_accuracy", "backward", "sgd")
(DEMO,) = [cell.source for cell in STAGES["02_manual"].of_kind("demo") if "playground.play(" in cell.source]


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """Give an epoch a minute: where the machine has much else to do, two seconds pass without it."""
    monkeypatch.setattr(trial, "SECONDS", 60.0)


def notebook() -> dict[str, Any]:
    """Return the names of a kernel in which 02 has been solved, and its playground opened."""
    names: dict[str, Any] = {"__name__": "__main__", "torch": torch, "playground": playground}
    for cell in STAGES["02_manual"].of_kind("answer"):
        if cell.name in ANSWERS:
            exec(cell.source, names)
    exec(compile(DEMO, "a cell", "exec"), names)
    return names


class Browser:
    """A panel, and what a page does to it."""

    def __init__(self, **others: Callable):
        self.names = notebook() | others
        exec(compile(DEMO, "a cell", "exec"), self.names)  # its functions find the others when they are called
        self.names["by_hand"].show()
        self.panel = self.names["by_hand"].panel
        self.ticks = 0

    def play(self) -> None:
        """Press Play, or Pause."""
        self.panel.toggle.click()

    def tick(self, **state: Any) -> None:
        """Send what the page sends when its clock strikes."""
        self.ticks += 1
        self.panel.play.set_state({"value": self.ticks} | state)

    def slide(self, name: str, value: Any) -> None:
        """Move a control to a value."""
        control = self.panel.controls[name]
        control.set_state({"index": [one for _label, one in control.options].index(value)})

    @property
    def image(self) -> str:
        """What stands where the picture is."""
        return self.panel.image.value

    @property
    def epoch(self) -> int:
        """The epoch that the page shows."""
        return int(re.search(r">epoch (\d+)", self.image)[1])

    @property
    def said(self) -> str:
        """The sentence that the page shows."""
        return unescape(re.sub("<.*?>", "", self.panel.message.value))


def test_it_plays_is_paused_goes_on_by_one_epoch_and_is_reset():
    page = Browser()
    first = page.image
    page.tick()  # nobody pressed Play
    assert (page.epoch, page.panel.toggle.description) == (0, "Play")
    page.play()
    page.tick()
    page.tick()
    assert (page.epoch, page.panel.toggle.description) == (2, "Pause")
    page.play()
    page.tick()  # was on its way when it was paused
    assert (page.epoch, page.panel.toggle.description) == (2, "Play")
    page.panel.one_epoch.click()
    assert page.epoch == 3
    page.play()
    page.panel.reset.click()
    page.tick()
    assert (page.epoch, page.panel.is_playing) == (0, False)
    assert page.image == first


def test_what_a_thread_beside_the_cells_asks_for_waits_until_no_cell_runs():
    """JupyterLab's subshells: a message of a widget comes in a thread of its own while a cell runs."""
    drew_in: set[str] = set()
    sgd = notebook()["sgd"]

    def watched(*args: Any) -> Any:
        drew_in.add(threading.current_thread().name)
        return sgd(*args)

    def press(page: Browser) -> None:
        page.panel.toggle.click()
        for _tick in range(5):
            page.tick()

    async def kernel() -> None:
        page = Browser(sgd=watched)
        torch.manual_seed(0)
        expected = [float(torch.rand(())), float(torch.rand(()))]
        torch.manual_seed(0)
        cell = [float(torch.rand(()))]  # in the middle of it, somebody plays
        subshell = threading.Thread(target=press, args=(page,))
        subshell.start()
        subshell.join()
        assert (page.epoch, drew_in) == (0, set())
        assert [*cell, float(torch.rand(()))] == expected
        await asyncio.sleep(0)
        assert (page.epoch, page.panel.toggle.description) == (1, "Pause")  # what it missed is not made up for
        assert drew_in == {threading.main_thread().name}

    asyncio.run(kernel())


def test_a_playground_that_opens_pauses_the_one_before():
    before = Browser()
    before.play()
    Browser()
    before.tick()
    assert (before.panel.is_playing, before.epoch) == (False, 0)


def test_it_learns_the_circles():
    page = Browser()
    for _epoch in range(60):
        page.panel.one_epoch.click()
    assert float(re.search(r"accuracy (\S+)% train", page.image)[1]) > 90


@pytest.mark.parametrize(
    ("name", "value", "epoch"),
    [
        ("nh", 7, 0),
        ("data", "moons", 0),
        ("noise", 0.4, 0),
        ("n", 40, 0),
        ("seed", 3, 0),
        ("eta", 3.0, 2),
        ("batch", 1, 2),
    ],
)
def test_a_slider_changes_the_picture_and_the_line(name, value, epoch):
    page = Browser()
    page.panel.one_epoch.click()
    before = page.image
    page.slide(name, value)
    if epoch:  # the training goes on
        page.panel.one_epoch.click()
    assert page.epoch == epoch
    assert page.image != before
    assert f"{name}={value:g}" in page.panel.line.value if isinstance(value, float) else f"{name}={value}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("data=spirals n=40 noise=0.05 nh=16 eta=1 batch=50 seed=7", {}),
        ("seed=7 batch=50 eta=1 nh=16 noise=0,05 n=40 data=spirals", {}),
        ("`data = SPIRALS; n=40, noise=.05 nh=16  eta=1.0 batch=50 seed=7`\n", {}),
        ("nh=3", {"nh": 3}),
        ("", {}),
    ],
)
def test_a_pasted_line_sets_the_controls(line, expected):
    wanted = {"data": "spirals", "n": 40, "noise": 0.05, "nh": 16, "eta": 1.0, "batch": 50, "seed": 7}
    page = Browser()
    before = {name: control.value for name, control in page.panel.controls.items()}
    page.panel.line.set_state({"value": line})
    expected = before | (wanted if "batch" in line else expected)
    assert {name: control.value for name, control in page.panel.controls.items()} == expected
    assert page.panel.line.value == settings.written(expected)
    assert page.said == ""
    again = Browser()
    again.panel.line.set_state({"value": page.panel.line.value})
    assert again.image == page.image


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nh=99", "nh=99: choose one of 1, 2, 3"),
        ("eta=fast", "eta=fast: choose one of 0.001"),
        ("data=rings nh=3", "data=rings: choose one of circles, xor, moons, spirals"),
        ("layers=2", "layers is no setting of this playground: data="),
        ("<b>hello</b>", "<b>hello</b> is no setting"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_and_changes_nothing(line, said):
    page = Browser()
    before = page.image
    page.panel.line.set_state({"value": line})
    assert said in page.said
    assert page.image == before
    page.panel.line.set_state({"value": "nh=5"})
    assert (page.said, page.panel.controls["nh"].value) == ("", 5)


def raises(params, X):
    return params["Wrong"] @ X


def runs_on(params, X):
    while True:
        pass


def leaves(params, X):
    sys.exit("enough")


def to(change: Callable, place: int = 0) -> Callable:
    """Return a forward whose result is changed."""

    def forward(params, X):
        Yhat, outputs = FORWARD(params, X)
        return (change(Yhat), outputs) if place == 0 else (Yhat, outputs | {"h": change(outputs["h"])})

    return forward


FORWARD = notebook()["forward"]
BAD = {
    "raises": (raises, r"raises, line \d+: KeyError: 'Wrong'"),
    "NaN": (to(lambda Y: Y * torch.nan), "Yhat holds NaN"),
    "infinite": (to(lambda Y: Y / 0), "Yhat holds NaN or infinite"),
    "transposed": (to(lambda Y: Y.T), r"Yhat should be of shape \(2500, 2\) for 2500 points; it is \(2, 2500\)"),
    "one column": (to(lambda Y: Y[:, 0]), r"it is \(2500\)"),
    "a list": (to(lambda Y: Y.tolist()), r"it is \(list\)"),
    "nothing": (to(lambda Y: None), r"it is \(NoneType\)"),
    "no units": (to(lambda h: h[:, :0], 1), r"h should be of shape \(2500, nh\)|Error"),
    "h transposed": (to(lambda h: h.T if len(h) == SIDE**2 else h, 1), r"h should be of shape \(2500, nh\)"),
    "no pair": (lambda params, X: X.sum(), r"\w+, line \d+: \w+Error: "),
    "never ends": (runs_on, "more than 0.5 s for one epoch"),
    "leaves": (leaves, r"leaves, line \d+: SystemExit: enough"),
}


@pytest.mark.parametrize("bad", BAD)
def test_whatever_forward_does_a_sentence_says_it_and_the_last_good_picture_stays(bad, monkeypatch):
    function, said = BAD[bad]
    page = Browser()
    page.play()
    page.tick()
    before = page.image
    good, page.names["forward"] = page.names["forward"], function
    if function is runs_on:
        monkeypatch.setattr(trial, "SECONDS", 0.5)
    page.tick()
    assert re.search(said, page.said)
    assert page.image == before
    assert not page.panel.is_playing
    page.panel.reset.click()
    assert page.said
    assert page.image == before
    page.names["forward"] = good  # mended, and its cell run again
    monkeypatch.setattr(trial, "SECONDS", 60.0)
    page.play()
    page.tick()
    page.tick()
    assert (page.said, page.epoch) == ("", 1)


@pytest.mark.parametrize(
    ("name", "function", "said"),
    [
        ("loss_accuracy", lambda Yhat, Y: 0.5, "loss and accuracy should be two numbers"),
        ("loss_accuracy", lambda Yhat, Y: (Yhat, Y), "loss and accuracy should be two numbers"),
        (
            "loss_accuracy",
            lambda Yhat, Y: (torch.tensor(torch.nan), 1),
            "loss nan, accuracy 1.0: the parameters have run away",
        ),
        ("backward", lambda params, outputs, Y: {}, "KeyError"),
        ("sgd", lambda params, grads, eta: dict.fromkeys(params, torch.zeros(3, 3)), "Error"),
    ],
)
def test_the_other_functions_may_fail_as_well(name, function, said):
    page = Browser()
    page.names[name] = function
    page.panel.one_epoch.click()
    assert said in page.said
    assert page.epoch == 0


def test_too_large_a_rate_ends_in_a_sentence_not_in_a_broken_picture():
    def run_away(params, grads, eta):
        return {name: value * 1e30 for name, value in params.items()}

    page = Browser(sgd=run_away)
    page.panel.one_epoch.click()
    assert "the parameters have run away" in page.said


def test_an_sgd_that_changes_its_parameters_in_place_and_returns_nothing_will_do():
    def in_place(params, grads, eta):
        for name in params:
            params[name] -= eta * grads[name]

    page, other = Browser(), Browser(sgd=in_place)
    for one in (page, other):
        one.panel.one_epoch.click()
    assert page.image == other.image


def test_functions_that_print_and_change_their_inputs_disturb_nobody(capsys):
    def forward(params, X):
        print("here I am")
        result = FORWARD(params, X.clone())
        X *= 0
        return result

    page = Browser()
    capsys.readouterr()
    page.names["forward"] = forward
    for _epoch in range(2):
        page.panel.one_epoch.click()
    assert (page.said, capsys.readouterr().out) == ("", "")
    assert page.panel._trial.train[0].abs().sum() > 0


def test_an_answer_that_is_not_written_stops_the_cell_and_later_says_so():
    def unwritten(*args):
        raise NotImplementedError("backward is not written yet")

    page = Browser(backward=unwritten)
    page.panel.one_epoch.click()
    assert page.said == "backward is not written yet"
    with pytest.raises(NotImplementedError):
        Browser(init_params=unwritten)


def test_the_kernels_random_numbers_go_on_as_if_nothing_had_been_drawn():
    def drawn() -> list[float]:
        return [random.random(), np.random.rand(), float(torch.rand(()))]

    def seed() -> None:
        random.seed(1), np.random.seed(2), torch.manual_seed(3)

    seed()
    expected = drawn()
    seed()
    page = Browser()
    for _epoch in range(3):
        page.panel.one_epoch.click()
    page.names["forward"] = raises
    page.panel.one_epoch.click()
    assert drawn() == expected


@pytest.mark.parametrize(
    "forward",
    [
        to(lambda Y: Y * 1e300),
        to(lambda Y: Y.double() * 1e300 * torch.tensor([-1, 1])),
        to(lambda h: h.repeat(1, 300), 1),
        to(lambda h: h * 1e30, 1),
    ],
    ids=["infinite", "huge", "many units", "huge units"],
)
def test_what_is_finite_is_drawn_or_told(forward):
    page = Browser()
    page.names["forward"] = forward
    page.panel.reset.click()
    assert page.image
    assert page.panel._trial or page.said


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_without_ipywidgets_there_are_pictures_and_a_sentence(monkeypatch, lang):
    for name in [name for name in sys.modules if name.split(".")[0] == "ipywidgets"]:
        monkeypatch.setitem(sys.modules, name, None)
    InteractiveShell.instance()
    set_language(lang)
    try:
        with capture_output() as captured:
            notebook()
    finally:
        InteractiveShell.clear_instance()
    shown = [output.data["text/html"] for output in captured.outputs]
    assert [int(re.search(r">\S+ (\d+)", html)[1]) for html in shown] == [0, 10, 30, 100]
    assert all('alt="' in html for html in shown)
    assert ("install ipywidgets" if lang == "en" else "installez ipywidgets") in captured.stdout


def pixels(html: str) -> np.ndarray:
    """Return the picture as colours and their opacity."""
    png = b64decode(re.search(r"base64,([^\"]*)", html)[1])
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))


def test_the_picture_shows_the_class_on_its_side_and_a_map_for_each_unit_on_a_transparent_ground():
    def to_the_right(params, X):
        """Class 1 above a line, and units that are 1 on the right."""
        p = torch.sigmoid(20 * (X[:, 1:] - 0.5))
        return torch.cat([1 - p, p], 1), {"h": torch.tanh(9 * X[:, :1]).repeat(1, 3)}

    page = Browser(forward=to_the_right)
    shown = pixels(page.image).astype(int)
    assert shown.shape == (picture.HEIGHT, picture.WIDTH, 4)
    side, gap = picture.PANEL, picture.GAP
    top, bottom = shown[5, 5], shown[side - 5, 5]
    assert top[0] > top[2] + 50
    assert bottom[2] > bottom[0] + 50
    line = np.flatnonzero(shown[:side, 3, :3].max(axis=1) < 60)
    assert abs(line.mean() - side * (clouds.HALF - 0.5) / (2 * clouds.HALF)) < 3
    units = shown[:side, side + gap :]
    half = side // 2
    for rows, columns in ((slice(0, half - 4), slice(0, half - 4)), (slice(0, half - 4), slice(half + 4, None))):
        tile = units[rows, columns]
        assert tile[9, 9, 2] > tile[9, 9, 0] + 50
        assert tile[9, -9, 0] > tile[9, -9, 2] + 50
    assert (units[half + 4 :, half + 4 :, 3] == 0).all()  # there is no fourth unit
    assert (shown[:, side : side + gap, 3] == 0).all()


def test_the_grid_is_in_the_order_of_the_pixels():
    points = grid().reshape(SIDE, SIDE, 2)
    assert (points[0, :, 1] > 1.7).all()
    assert (points[:, 0, 0] < -1.7).all()


@pytest.mark.parametrize("data", clouds.SHAPES)
@pytest.mark.parametrize("n", [20, 40, 100, 200])
def test_the_points_lie_in_the_picture_half_of_each_class_and_repeat(data, n):
    (X, Y), (Xtest, _) = clouds.draw(data, n, 0.0, 3)
    assert X.shape == (n, 2)
    assert Y.sum(0).tolist() == [n / 2, n / 2]
    assert len(Xtest) == clouds.N_TEST
    assert X.abs().max() < clouds.HALF
    assert torch.equal(X, clouds.draw(data, n, 0.0, 3)[0][0])
    assert not torch.equal(X, clouds.draw(data, n, 0.0, 4)[0][0])


def test_the_alt_text_says_what_is_to_be_seen_in_the_notebooks_language():
    alts = {}
    for lang in ("en", "fr"):
        set_language(lang)
        page = Browser()
        page.panel.one_epoch.click()
        alts[lang] = re.search('alt="(.*?)"', page.image)[1]
    assert "4 hidden units" in alts["en"]
    assert re.search(r"epoch 1: loss \d\.\d+", alts["en"])
    assert "4 unités cachées" in alts["fr"]
    assert re.search(r"époque 1 : coût \d,\d+", alts["fr"])


def test_hidden_units_are_what_the_last_affine_map_reads():
    class Mine(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = torch.nn.Linear(2, 5), torch.nn.Linear(5, 2)

        def forward(self, X):
            return self.b(self.a(X).relu())

    model, X = Mine(), torch.randn(7, 2)
    torch.testing.assert_close(playground.hidden(model, X), model.a(X).relu().detach())
    assert playground.hidden(torch.nn.Tanh(), X) is None


def test_one_can_ask_what_a_training_leads_to_and_why_it_fails():
    names = notebook()
    assert names["by_hand"].trained("nh=3 seed=2", 2).keys() == {"loss_train", "loss_test", "acc_train", "acc_test"}
    names["forward"] = raises
    with pytest.raises(TroubleError, match="raises, line"):
        names["by_hand"].trained("", 1)
