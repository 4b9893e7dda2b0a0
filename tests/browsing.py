"""Pages in a real Chromium: as a phone shows them in light colours, and a desk in dark ones; what axe finds in them."""

import shutil
from collections.abc import Collection, Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium")
SERIOUS = ("serious", "critical")


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


def faults(page: Page, impacts: Collection[str] = ("minor", "moderate", *SERIOUS)) -> list[tuple[str, str]]:
    """Return what axe finds that is as bad as that, and what in the page is wider than it."""
    violations = [fault for fault in Axe().run(page).response["violations"] if fault["impact"] in impacts]
    found = [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in violations]
    beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [*found, *([("too wide", f"{beyond} pixels")] if beyond > 0 else [])]
