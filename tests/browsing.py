"""Pages in a real Chromium: as a phone shows them in light colours, and a desk in dark ones; what axe finds in them."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SERIOUS = ("serious", "critical")
MINUTES = 60_000  # milliseconds, of the busiest machine


def views(*addresses: str) -> Iterator[Page]:
    """Open each page in both ways, one after the other."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for scheme, width in (("light", 390), ("dark", 1000)):
            for address in addresses:
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page.goto(address)
                yield page
                page.close()
        browser.close()


@contextmanager
def tall_page(height: int) -> Iterator[Page]:
    """Open a page that is high enough to show every cell at once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page(viewport={"width": 1200, "height": height})
        browser.close()


def run_all(page: Page, address: str) -> None:
    """Open a notebook in JupyterLab and have all its cells run."""
    page.goto(address)
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=MINUTES)
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=MINUTES)  # before, one would be asked for a kernel
    page.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")


def faults(page: Page, impacts: Collection[str] = ("minor", "moderate", *SERIOUS)) -> list[tuple[str, str]]:
    """Return what axe finds that is as bad as that, and what in the page is wider than it."""
    violations = [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in impacts]
    found = [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in violations]
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, *([("too wide", f"{beyond} pixels")] if beyond > 0 else [])]


@contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Serve a folder in JupyterLab, whose kernels have our packages; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=", "--LabApp.news_url=None"]
    command += ["--LabApp.expose_app_in_browser=True"]  # as jupyterapp, which tests ask for a theme
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("MPLBACKEND", None)  # the tests' own; students' kernels show pictures
    with (folder / "server.log").open("w") as log:
        lab = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):  # of the busiest machine
            try:
                urllib.request.urlopen(f"{address}/api").close()
                break
            except OSError:
                time.sleep(0.5)
        yield address
    finally:
        lab.terminate()
        lab.wait()
