"""The playground in JupyterLab, in a real browser: by mouse and by keys, in both languages and themes."""

import re
from collections.abc import Iterator

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from browsing import CHROMIUM, MINUTES, jupyterlab, run_all, tall_page
from conftest import STAGES
from grading.rehearsal.cohort import solution_answers, submission
from notebooks import released

STAGE = "02_manual"
NEEDED = ("init_params", "forward", "loss_accuracy", "backward", "sgd")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")


def solved(lang: str) -> nbformat.NotebookNode:
    """Return the solved 02 down to its playground, without its checks and pictures, and a cell of one's own below."""
    notebook = submission(released(STAGE, lang), tuple(solution_answers(STAGES[STAGE]).values()))
    kept = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        is_playground = "playground.play(" in cell.source
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.metadata.gradus.role == "setup" or name in NEEDED or is_playground:
            kept.append(cell)
        if is_playground:
            break
    notebook.cells = [*kept, nbformat.v4.new_code_cell("print('the kernel', 'is free')")]
    return notebook


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("playing")
    for lang in ("en", "fr"):
        nbformat.write(solved(lang), folder / f"{lang}.ipynb")
    with jupyterlab(folder) as address:
        yield address


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with tall_page(3000) as opened:
        yield opened


def opened(page: Page, server: str, lang: str) -> Locator:
    """Open the notebook anew and run all its cells; return what stands below the playground's."""
    run_all(page, f"{server}/lab/tree/{lang}.ipynb?reset")
    panel = page.locator(".jp-OutputArea-output", has=page.locator("img[src^='data:image/png']")).first
    expect(panel.locator("img")).to_be_visible(timeout=2 * MINUTES)
    expect(page.get_by_text("the kernel is free").last).to_be_visible(timeout=MINUTES)
    return panel


def epoch(panel: Locator) -> int:
    return int(re.search(r"(?:epoch|époque) (\d+)", panel.locator("img").get_attribute("alt"))[1])


def shows(panel: Locator, number: str) -> None:
    expect(panel.get_by_text(re.compile(f"^epoch {number}:"))).to_be_visible(timeout=MINUTES)


def test_it_plays_while_cells_run_is_paused_goes_on_by_one_and_is_reset(server, page):
    panel = opened(page, server, "en")
    shows(panel, "0")
    panel.get_by_role("button", name="Play").click()
    shows(panel, "[1-9][0-9]+")
    page.locator(".jp-CodeCell").last.locator(".cm-content").click()
    page.keyboard.press("End")
    page.keyboard.type("; print(6 * 7)")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-OutputArea-output pre", has_text="42")).to_be_visible(timeout=MINUTES)
    before = epoch(panel)
    shows(panel, f"(?!{before}:)[0-9]+")  # it plays on
    panel.get_by_role("button", name="Pause").click()
    expect(panel.get_by_role("button", name="Play")).to_be_visible(timeout=MINUTES)
    before = epoch(panel)
    panel.get_by_role("button", name="One epoch").click()
    shows(panel, str(before + 1))
    panel.get_by_role("button", name="Reset").click()
    shows(panel, "0")


def test_a_dragged_slider_changes_the_picture_and_a_pasted_line_moves_the_sliders(server, page):
    panel = opened(page, server, "en")
    line = panel.get_by_role("textbox", name="settings")
    expect(line).to_have_value(re.compile("nh=4 "))
    before = panel.locator("img").get_attribute("src")
    slider = panel.locator(".widget-hslider", has_text="units nh")
    handle, track = slider.locator(".noUi-handle").bounding_box(), slider.locator(".noUi-base").bounding_box()
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"], handle["y"] + handle["height"] / 2, steps=5)
    page.mouse.up()
    expect(line).to_have_value(re.compile("nh=16 "), timeout=MINUTES)
    expect(panel.locator("img")).to_have_attribute("alt", re.compile("16 hidden units"), timeout=MINUTES)
    assert panel.locator("img").get_attribute("src") != before
    line.fill("data=moons nh=3 seed=2")
    line.press("Enter")
    expect(slider.locator(".widget-readout")).to_have_text("3", timeout=MINUTES)
    expect(panel.get_by_role("combobox", name="data")).to_have_value("moons", timeout=MINUTES)
    line.fill("nh=many")
    line.press("Enter")
    expect(panel.get_by_role("alert")).to_contain_text("nh=many: choose one of 1, 2", timeout=MINUTES)


def test_keys_alone_are_enough_and_what_one_presses_has_a_name(server, page):
    panel = opened(page, server, "fr")
    panel.get_by_role("button", name="Une époque").focus()
    page.keyboard.press("Space")
    expect(panel.get_by_text(re.compile("^époque 1 :"))).to_be_visible(timeout=MINUTES)
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Pause")).to_be_visible(timeout=MINUTES)
    expect(panel.get_by_text(re.compile("^époque [1-9][0-9]+ :"))).to_be_visible(timeout=MINUTES)
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Lancer")).to_be_visible(timeout=MINUTES)
    panel.locator(".widget-hslider", has_text="graine").locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("textbox", name="réglages")).to_have_value(re.compile("seed=1$"), timeout=MINUTES)
    faults = Axe().run(page, ".jp-OutputArea-output img", {"resultTypes": ["violations"]}).response["violations"]
    assert faults == []
    nameless = panel.locator("button:visible, img").evaluate_all(
        "all => all.filter(one => !(one.innerText || one.alt)).map(one => one.outerHTML)"
    )
    assert nameless == []
