"""The pictures of README.md and docs/instructor.md, of a made-up class: `make pictures`. It needs Chromium."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
STAGE, SIZE, SEED = "02_manual", 12, 3
DATES = f"""
timezone = "Europe/Paris"
out_of = 20
[lateness]
percent_a_day = 10
[stages.{STAGE}]
due = 2025-03-14 20:00:00
"""
# The week of a class: its list, what it had handed in a day before the work was due, what after it.
WEEK = (
    f"cohort {STAGE} --size {SIZE} --seed {SEED} --layout moodle",
    f"roster cohort/{STAGE}-moodle/class.csv",
    f"collect cohort/{STAGE}-moodle/first.zip",
    f"grade {STAGE}",
    f"collect cohort/{STAGE}-moodle/last.zip --worksheet cohort/{STAGE}-moodle/worksheet.csv",
    f"grade {STAGE}",
)
SCALE = 1


@dataclass(frozen=True)
class Picture:
    """A picture docs/<name>.png: what a command writes, a page in the course, or serves, where there is no page.

    width, height: how much of the page is shown, in pixels. awaited: a selector of what is there once it is all there.
    """

    name: str
    command: str
    page: str = ""
    height: int = 900
    width: int = 800
    awaited: str = "body"


# A student's answer that lacks something, and the checks that say so.
ANSWER = """
    htilde = X @ params["Wh"].T + params["bh"]
    h = torch.sigmoid(htilde)
    ytilde = h @ params["Wy"].T + params["by"]
    yhat = torch.softmax(ytilde, 1)
    return yhat, {"X": X, "htilde": htilde, "h": h, "ytilde": ytilde, "yhat": yhat}"""
SHOWN = ("forward", "forward_shapes", "forward_hidden")

PICTURES = (
    Picture("student", "", "student.html", 540, 870),
    Picture("overview", f"overview {STAGE}", f"overview/{STAGE}.html", 1400),
    Picture("marking", f"mark {STAGE} --grader anna", height=700, width=1100, awaited="[data-box]"),
    Picture("feedback", f"feedback {STAGE}", f"feedback/barbara/{STAGE}/{STAGE}.html", 1250),
)


def make_course(folder: Path) -> Path:
    """Make a course, and let a week go by."""
    shutil.copy(DOCS.parent / "nbgrader_config.py", folder)
    for name in ("source", "notebooks", "data"):
        (folder / name).symlink_to(DOCS.parent / name)
    for command in WEEK:
        if command.startswith("collect"):
            (folder / "course.toml").write_text(DATES, "utf-8")  # whom it names is in the roster by now
        subprocess.run(_words(command), cwd=folder, check=True)
    write_exercise(folder / "student.html")
    return folder


def write_exercise(path: Path) -> None:
    """Write a page with one exercise, answered wrong, as JupyterLab shows it after its checks have run."""
    notebook = nbformat.read(DOCS.parent / f"notebooks/en/{STAGE}.ipynb", as_version=4)
    setups = [cell for cell in notebook.cells if cell.metadata.gradus.role == "setup"]
    shown = [cell for cell in notebook.cells if cell.id in SHOWN]
    head, quotes, _stub = shown[0].source.rpartition('"""')
    shown[0].source = f"{head}{quotes}{ANSWER}"
    notebook.cells = [*setups, *(cell for cell in notebook.cells if cell.id == "init_params"), *shown]
    NotebookClient(notebook, allow_errors=True).execute()
    for check in shown[1:]:
        check.source = f"{check.source.splitlines()[0]}  # …"  # folded
    notebook.cells = shown
    path.write_text(HTMLExporter(template_name="lab").from_notebook_node(notebook)[0], "utf-8")


@contextmanager
def address_of(picture: Picture, course: Path) -> Iterator[str]:
    """Run a picture's command, and return where its page is; what it serves is served until the end of the block."""
    if picture.page:
        if picture.command:
            subprocess.run(_words(picture.command), cwd=course, check=True)
        yield (course / picture.page).as_uri()
        return
    with subprocess.Popen(_words(picture.command), cwd=course, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield next(found[0] for line in server.stdout or () if (found := re.search(r"http://\S+", line)))
        finally:
            server.terminate()


def take(pictures: tuple[Picture, ...], course: Path, folder: Path) -> None:
    """Take pictures of a course's pages, into a folder."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for picture in pictures:
            page = browser.new_page(
                viewport={"width": picture.width, "height": picture.height},
                device_scale_factor=SCALE,
                color_scheme="light",
            )
            with address_of(picture, course) as address:
                page.goto(address)
                page.wait_for_selector(picture.awaited)
                page.screenshot(path=folder / f"{picture.name}.png")
        browser.close()


def _words(command: str) -> list[str]:
    return [sys.executable, "-m", "grading.cli", *command.split()]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        take(PICTURES, make_course(Path(folder)), DOCS)
