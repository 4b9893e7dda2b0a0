"""Time as pictures: at most twenty frames and a megabyte, with words, and what stays where no script runs."""

import html
import re
import shutil
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from playwright.sync_api import expect, sync_playwright
from test_plots import probabilities
from test_words import pixels
from unsaid import unsaid_in

from grading.pages.cleaning import clean, without_pictures
from helpers import figures
from helpers.data import CirclesData
from helpers.figures.motion import MAX_BYTES, MAX_FRAMES
from helpers.messages import LANGUAGES, set_language

CHROMIUM = shutil.which("chromium")
SOURCE = re.compile(r'data:image/png;base64,[^"]+')


def noise(n: int, side: int) -> Callable[[], None]:
    """Return a call that shows n frames which nothing makes small."""
    frames = {f"frame {k}": np.random.default_rng(k).random((1, side, side)) for k in range(n)}
    return lambda: figures.moving_images(frames, 1, "Noise.", ("It begins.", "It ends."), scale=1)


def boundary(n: int = 30) -> None:
    data = CirclesData()
    grid = probabilities(data)
    figures.moving_boundary(data, {f"epoch {k}": (grid * k).softmax(1) for k in range(n)})


def walks() -> None:
    path = torch.tensor([[-1.0, 1.0], [0.5, 0.2], [9.0, 9.0], [0.1, 0.0]])
    figures.moving_walks(lambda u, v: u**2 + 5 * v**2, {"SGD": path, "Adam": path[:2]}, (-2, 2), (-1, 2))


MOVING = {"boundary": boundary, "walks": walks, "images": noise(5, 8)}


@pytest.fixture(autouse=True)
def shell() -> Iterator[None]:
    """Have a shell run, as in a notebook."""
    InteractiveShell.instance()
    yield
    InteractiveShell.clear_instance()
    set_language("en")


def shown(draw: Callable[[], None]) -> dict[str, str]:
    with capture_output() as captured:
        draw()
    (output,) = captured.outputs
    return output.data


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", MOVING)
def test_the_ends_stand_before_all_frames_with_words(name, lang):
    set_language(lang)
    data = shown(MOVING[name])
    page, script = data["text/html"].split("<script>")
    frames = SOURCE.findall(script)
    assert 2 <= len(frames) <= MAX_FRAMES
    assert SOURCE.findall(page) == [frames[0], frames[-1]]
    assert unsaid_in(page) == []
    assert len(data["text/html"]) <= MAX_BYTES
    assert ("filer" in script) == (lang == "fr")
    for words in re.findall('alt="([^"]+)"', page):
        assert html.unescape(words) in data["text/plain"]


@pytest.mark.parametrize(("n", "count"), [(1, 1), (2, 2), (20, 20), (21, 20), (100, 20)])
def test_frames_are_chosen_evenly_with_both_ends(n, count):
    page, script = shown(noise(n, 4))["text/html"].split("<script>")
    names = re.findall(r'"frame (\d+)"', script)
    assert len(names) == len(SOURCE.findall(script)) == count
    assert (names[0], names[-1]) == ("0", f"{n - 1}")
    steps = np.diff(np.array(names, dtype=int))
    assert n == 1 or steps.max() - steps.min() <= 1
    assert page.count("<img ") == min(n, 2)


def test_what_nothing_makes_small_is_shown_in_less_detail():
    data = shown(noise(20, 700))["text/html"]
    assert 100_000 < len(data) <= MAX_BYTES
    assert 'width="471"' in data


def test_a_boundary_is_drawn_the_right_way_up():
    data = CirclesData()
    corner = torch.zeros(1600, 2)
    corner[:, 1] = (data.Xgrid[:, 0] > 1.05) & (data.Xgrid[:, 1] < -1.05)  # at the bottom right
    corner[:, 0] = 1 - corner[:, 1]
    page = shown(lambda: figures.moving_boundary(data, {"epoch 0": corner}))["text/html"]
    image = pixels(SOURCE.findall(page)[0]).astype(int)
    is_orange = image[..., 0] - image[..., 2] > 40
    half = len(image) // 2
    assert is_orange[-40:, -40:].all()
    assert not is_orange[:40].any() and not is_orange[:, :40].any()  # noqa: PT018
    assert is_orange[half:, half:].sum() > 4000


def test_a_path_that_leaves_its_axes_is_not_drawn_beyond_them():
    far = torch.tensor([[0.0, 0.0], [90.0, 0.0], [0.0, 90.0]])
    still = torch.zeros(3, 2)
    frames = []
    for paths in ({"a": far, "b": still}, {"a": still, "b": still}):
        page = shown(lambda paths=paths: figures.moving_walks(lambda u, v: u**2 + v**2, paths, (-1, 1), (-1, 1)))
        frames.append(pixels(SOURCE.findall(page["text/html"])[-1]).astype(int))
    differs = abs(frames[0] - frames[1]).max(axis=2) > 40
    width = differs.shape[1]
    assert differs[:, : width // 2].any()
    assert not differs[:, width * 55 // 100 :].any()


def test_what_diverged_is_drawn_as_far_as_it_is_finite():
    way = torch.tensor([[0.0, 0.0], [1e30, -1e30], [float("inf"), 0.0], [float("nan")] * 2])
    data = shown(lambda: figures.moving_walks(lambda u, v: u**2 + v**2, {"SGD": way}, (-1, 1), (-1, 1)))
    assert len(SOURCE.findall(data["text/html"].split("<script>")[1])) == 2
    weights = np.full((1, 3, 3), float("nan"))
    assert shown(lambda: figures.moving_images({"a": weights, "b": weights + np.inf}, 1, "w", ("a", "b")))


def test_nothing_is_drawn_when_nbgrader_runs_the_notebook_or_none_is_run(monkeypatch):
    def draw(_k: int) -> np.ndarray:
        raise AssertionError("it was drawn")

    from helpers.figures.motion import motion

    with capture_output() as captured:
        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
        motion(draw, ["first"], "what", ("a", "b"))
        monkeypatch.delenv("NBGRADER_EXECUTION")
        InteractiveShell.clear_instance()
        motion(draw, ["first"], "what", ("a", "b"))
    assert captured.outputs == []


def test_predictions_that_diverged_are_refused_in_a_sentence():
    data = CirclesData()
    with pytest.raises(ValueError, match="diverged"):
        figures.moving_boundary(data, {"epoch 0": torch.full((1600, 2), float("nan"))})


def test_pages_of_feedback_keep_the_ends_and_nothing_that_runs():
    page, pasted = without_pictures(shown(MOVING["images"])["text/html"])
    made = clean(page, pasted)
    assert made.count("<img ") == made.count("<figcaption>") == 2
    assert unsaid_in(made) == []
    assert "script" not in made


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
def test_it_plays_is_paused_and_stepped_with_the_keyboard(tmp_path):
    path = tmp_path / "page.html"
    page_of = shown(noise(4, 8))["text/html"]
    path.write_text(f'<!doctype html><meta charset="utf-8">{page_of}{page_of}', "utf-8")  # twice, as in two views
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(path.as_uri())
        player = page.locator("div").first
        moving, slider = player.get_by_role("img"), player.get_by_role("slider", name="which picture")
        expect(page.locator("figure img")).to_have_count(4)
        expect(moving).to_have_attribute("alt", "Noise. frame 0")
        slider.press("ArrowRight")
        expect(moving).to_have_attribute("alt", "Noise. frame 1")
        button = player.get_by_role("button")
        button.press("Enter")
        expect(button).to_have_text("⏸ pause")
        button.press("Enter")
        expect(button).to_have_text("▶ play")
        button.press("Enter")
        expect(player.get_by_role("status")).to_have_text("frame 3")
        expect(button).to_have_text("▶ play")
        assert moving.get_attribute("src") == page.locator("figure img").nth(1).get_attribute("src")
        assert unsaid_in(page.content()) == []
        browser.close()
