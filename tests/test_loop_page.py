"""The student's loop in JupyterLab, in a real browser: Run All goes on, an edit tells what became of its checks."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page, expect

from browsing import CHROMIUM, MINUTES, jupyterlab, run_all, tall_page
from test_loop import LARGE, PATIENT, SMALL, STUB, setup

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")


def write(folder: Path) -> None:
    """Write an untouched notebook of one answer and two checks."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    sources = (f"{setup()}\n{PATIENT}", STUB, SMALL, LARGE, "progress()", "print('the last', 'cell')")
    cells = [new_code_cell(source) for source in sources]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "toy.ipynb")


def answer(page: Page, cell: Locator, source: str) -> None:
    """Replace the source of a cell as a student does, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")


def test_from_run_all_to_all_that_holds(tmp_path):
    write(tmp_path)
    with jupyterlab(tmp_path) as address, tall_page(1600) as page:
        run_all(page, f"{address}/lab/tree/toy.ipynb")
        expect(page.get_by_text("the last cell", exact=True)).to_be_visible(timeout=MINUTES)  # past two open checks
        expect(page.locator(".jp-OutputArea-output table")).to_contain_text("· add_small")
        cell = page.locator(".jp-CodeCell").nth(1)
        shown = cell.locator(".jp-OutputArea-output")
        for number, wrong in enumerate(("a - b", "a * b", "a / b"), start=1):
            answer(page, cell, f"add = lambda a, b: {wrong}")
            expect(shown).to_contain_text(re.compile(r"✗ add_large: .*\n0 of 4 hold"), timeout=MINUTES)
            hint = "add_small has failed 3 times in a row: hint 1 of 2 below add may help, unfold it."
            if number == 3:
                expect(shown).to_contain_text(hint)
            else:
                expect(shown).not_to_contain_text("hint")
        answer(page, cell, "add = lambda a, b: a + b")
        expect(shown).to_contain_text("✓ add_small\n✓ add_large\n2 of 4 hold", timeout=MINUTES)
