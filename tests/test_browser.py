"""The notebooks in JupyterLab and the stages in formgrader, in a real browser."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from browsing import CHROMIUM, MINUTES, jupyterlab, tall_page
from conftest import COURSE, STAGES
from grading.course import plain
from grading.rehearsal.cohort import Student, solution_answers, write_submissions

STAGE = "02_manual"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[str]:
    """Serve a course folder in JupyterLab: a released stage, a solved notebook, and one graded submission."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    (folder / "source" / STAGE).mkdir(parents=True)
    shutil.copy(COURSE / "source" / STAGE / f"{STAGE}.ipynb", folder / "source" / STAGE)
    plain.generate_assignment(COURSE, folder, "en", STAGE, database=True)
    ada = Student("ada", tuple(solution_answers(STAGES[STAGE]).values()))
    write_submissions(folder / "release/en" / STAGE / f"{STAGE}.ipynb", [ada], folder / "submitted")
    plain.autograde(COURSE, folder, STAGE, "ada")
    write_submissions(COURSE / "notebooks/fr" / f"{STAGE}.ipynb", [ada], folder / "solved")
    with jupyterlab(folder) as address:
        yield address


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Open a page in headless Chromium."""
    with tall_page(30_000) as opened:
        yield opened


def test_a_solved_notebook_shows_formulas_pictures_and_checks(server, page):
    page.goto(f"{server}/lab/tree/solved/ada/{STAGE}/{STAGE}.ipynb")
    expect(page.locator(".jp-Notebook h1")).to_contain_text("Propagation avant et arrière", timeout=MINUTES)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    for check in STAGES[STAGE].of_kind("check"):
        ticked = page.locator(".jp-OutputArea-output", has_text=re.compile(f"[✓◦] {check.name}")).first
        expect(ticked).to_be_visible(timeout=2 * MINUTES)
    assert page.locator("mjx-container").count() > 50
    assert page.locator("mjx-merror").count() == 0
    pictures = page.locator(".jp-OutputArea img")
    assert pictures.count() >= 12
    assert all(picture.get_attribute("alt") for picture in pictures.all())
    player = page.locator(".jp-OutputArea div", has=page.get_by_role("slider", name="numéro de l'image")).last
    player.get_by_role("slider").press("End")
    expect(player.get_by_role("status")).to_have_text("époque 57")
    assert page.locator(".jp-OutputArea [data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_formgrader_lists_the_stage_and_its_submission(server, page):
    page.goto(f"{server}/formgrader")
    expect(page.get_by_role("link", name=STAGE).first).to_be_visible(timeout=MINUTES)
    page.goto(f"{server}/formgrader/gradebook/{STAGE}")
    expect(page.get_by_role("link", name=STAGE).first).to_be_visible(timeout=MINUTES)
    page.goto(f"{server}/formgrader/gradebook/{STAGE}/{STAGE}")
    expect(page.get_by_role("link", name="Submission #1")).to_be_visible(timeout=MINUTES)
