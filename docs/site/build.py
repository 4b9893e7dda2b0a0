"""The site: the docs, and each stage as a student sees it when it is done, in the course's languages: `make site`.

    python docs/site/build.py site                       # all of the course in this folder
    python docs/site/build.py site --stages 01_math      # these stages alone, as long as others are still closed

Sphinx builds it, with myst-nb and furo: notebooks are its pages, search works without a server, a broken link ends it.
"""

import argparse
import html
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import nbformat
import ziamath
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from fontTools import subset
from nbclient import NotebookClient
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_output
from sphinx.cmd.build import build_main

from grading.authoring.build import address_of
from grading.authoring.cells import Stage
from grading.authoring.documents import NAMES, OPEN, colab_link, index
from grading.authoring.publish import student_page
from grading.authoring.source import read_stages
from grading.course.course_file import read_languages
from grading.course.release import BEGIN, END
from grading.engine.digest import digest
from grading.rehearsal.cohort import solution_answers, submission

HERE = Path(__file__).parent
# The front page in each language, and the pages beside those of students and stages, in order.
FRONT = {"en": "README.md", "fr": "README.fr.md"}
FOR_INSTRUCTORS = ("instructor", "collecting", "grading", "security", "hostile", "scaling", "containers")
FOR_AUTHORS = ("authoring", "syllabus", "notation", "architecture")
AT_THE_ROOT = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/RESULTS.md")
CAPTIONS = {
    "en": ("Students", "Instructors", "Authors"),
    "fr": ("Étudiants", "Enseignants (en anglais)", "Auteurs (en anglais)"),
}
START = {"en": "How it works", "fr": "Mode d'emploi"}
NOTE = {
    "en": "The cells show what they do once all answers are right; the answers themselves are left to write.",
    "fr": "Les cellules montrent ce qu'elles font une fois toutes les réponses justes ; les réponses restent à écrire.",
}
WITHHELD = {
    "en": "# Here the notebook repeats what an earlier one asked for.",
    "fr": "# Ici, le notebook reprend ce qu'un notebook précédent a demandé.",
}
OWN_CODE = {"en": "Here your own code is shown.", "fr": "Ici s'affiche votre propre code."}
# Shorter lines of a solution stand elsewhere by chance.
TELLING = 30
REMOTE_PICTURE = re.compile(r"!\[([^\]]*)\]\(https?://[^)]*\)")
TAG = re.compile(r"<[^>]*>")
FORMULA = re.compile(r"(?s)<math.*?</math>")
# In which letters of formulas are drawn.
ITALICS = [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C), 0x210E]


def build_site(course: Path, site: Path, stages: Collection[str] = (), run: Collection[str] | None = None) -> int:
    """Write the site of a course; return what Sphinx does, 0 where all is well.

    stages: only these. run: run the cells of these alone, the others show nothing; without it, of all.
    """
    languages = read_languages(course)
    texts = [stage for stage in read_stages(course) if stage.name in (stages or [stage.name])]
    with tempfile.TemporaryDirectory() as folder:
        for lang in languages:
            _stage_docs(course, Path(folder) / lang, lang, texts, run)
        _translate(Path(folder))
        for lang in languages:
            if failed := _sphinx(course, Path(folder), lang, languages):
                return failed
            shutil.rmtree(site / lang, ignore_errors=True)
            shutil.move(Path(folder) / "html" / lang, site / lang)
            _set_formulas(site / lang)
    links = "".join(f'<p><a href="{lang}/index.html" lang="{lang}">{NAMES[lang]}</a></p>' for lang in languages)
    frame = (HERE / "index.html").read_text("utf-8")
    (site / "index.html").write_text(frame.format(first=languages[0], links=links), "utf-8")
    return 0


def done(course: Path, stage: Stage, lang: str, kept: Path) -> NotebookNode:
    """Return a released notebook with what its cells show where every answer is the stage's own, and no such answer.

    kept: a folder for what has run; it runs again when the notebook or what it imports has changed.
    """
    release = nbformat.read(course / "notebooks" / lang / f"{stage.name}.ipynb", as_version=4)
    solved = submission(release, tuple(solution_answers(stage).values()))
    imported = (path for kind in ("py", "mo") for path in sorted(course.glob(f"helpers/**/*.{kind}")))
    key = digest(nbformat.writes(solved).encode(), *(path.read_bytes() for path in imported))
    path = kept / lang / f"{stage.name}-{key[:16]}.ipynb"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{stage.name}-*"):
            old.unlink()
        nbformat.write(_executed(course, solved), path)
    whole, _ = CoalesceStreamsPreprocessor().preprocess(nbformat.read(path, as_version=4), {})
    shown = {cell.id: cell.get("outputs", []) for cell in whole.cells}
    for cell in release.cells:
        if cell.cell_type == "code":
            cell.outputs = shown[cell.id]
    return release


def page(notebook: NotebookNode, lang: str, link: str, earlier: Collection[str], solutions: Collection[str]) -> None:
    """Make a page of a notebook, in place: checks are folded, and nothing tells a solution.

    earlier: the lines of earlier stages' solutions. solutions: those of all.
    """
    first = notebook.cells[0]
    opened = f"[{OPEN[lang]}]({link}). " if link else ""
    first.source = first.source.replace("\n", f"\n\n*{opened}{NOTE[lang]}*\n", 1)
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata.tags = ["hide-input"]
        if len(earlier & {line.strip() for line in cell.source.splitlines()}) > 1:
            cell.source = WITHHELD[lang]
        for place, output in enumerate(cell.outputs):
            for kind in [kind for kind in output.get("data", {}) if "widget" in kind or kind.endswith("javascript")]:
                del output.data[kind]
            if solutions & set(_lines(output)):
                cell.outputs[place] = new_output("stream", text=OWN_CODE[lang])


def solution_lines(stages: Sequence[Stage]) -> frozenset[str]:
    """Return the lines of the solutions of stages that stand nowhere else by chance."""
    found = re.compile(rf"(?s){BEGIN}\n(.*?){END}")
    return frozenset(
        line.strip()
        for stage in stages
        for cell in stage.of_kind("answer")
        for solution in found.findall(cell.source)
        for line in solution.splitlines()
        if len(line.strip()) > TELLING
    )


def _lines(output: NotebookNode) -> list[str]:
    """Return the lines that an output shows as text or HTML."""
    data = output.get("data", {})
    text = "\n".join([output.get("text", ""), data.get("text/plain", ""), TAG.sub("\n", data.get("text/html", ""))])
    return [line.replace("\N{NO-BREAK SPACE}", " ").strip("−+ ") for line in html.unescape(text).splitlines()]


def _executed(course: Path, notebook: NotebookNode) -> NotebookNode:
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment["PYTHONPATH"] = str(course.resolve())
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=None,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR", "--HistoryManager.hist_file=:memory:"],
            resources={"metadata": {"path": folder}},
        )
        executed: NotebookNode = client.execute(env=environment)
    return executed


def _stage_docs(course: Path, folder: Path, lang: str, stages: list[Stage], run: Collection[str] | None) -> None:
    """Lay out what Sphinx reads in one language, as in the repository, so that links hold: nothing else is there."""
    address, kept = address_of(course), course / ".gradus" / "site"
    (folder / "notebooks").mkdir(parents=True)
    pages = [path.relative_to(course) for path in course.glob("docs/*.md") if not path.stem.startswith("students")]
    for name in (*pages, *AT_THE_ROOT):
        _write(folder / name, (course / name).read_text("utf-8"))
    for picture in course.glob("docs/*.png"):
        shutil.copy(picture, folder / "docs")
    _write(folder / "students.md", student_page(course, lang, {lang: "students.md"}))
    table = index(stages, *address, [lang]).replace(f"]({lang}/", "](")
    _write(folder / "notebooks/README.md", table)
    front = re.sub(r" ?\[[^\]]*\]\(README[^)]*\)\.", "", (course / FRONT[lang]).read_text("utf-8"))
    _write(folder / "index.md", front + _contents(lang, [stage.name for stage in stages]))
    with ThreadPoolExecutor(2) as pool:
        needed = [stage for stage in stages if run is None or stage.name in run]
        finished = dict(zip(needed, pool.map(partial(done, course, lang=lang, kept=kept), needed), strict=True))
    solutions = solution_lines(stages)
    for place, stage in enumerate(stages):
        path = course / "notebooks" / lang / f"{stage.name}.ipynb"
        notebook = finished.get(stage) or nbformat.read(path, as_version=4)
        link = colab_link(*address, lang, stage.name)
        page(notebook, lang, link, solution_lines(stages[:place]), solutions)
        nbformat.write(notebook, folder / "notebooks" / f"{stage.name}.ipynb")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(REMOTE_PICTURE.sub(r"\1", text), "utf-8")


def _contents(lang: str, stages: list[str]) -> str:
    """Return the tables of contents that the front page brings, one for each kind of reader."""
    students = [f"{START[lang]} <students>", "notebooks/README", *(f"notebooks/{stage}" for stage in stages)]
    instructors = [*(f"docs/{name}" for name in FOR_INSTRUCTORS), "benchmarks/RESULTS"]
    authors = [*(f"docs/{name}" for name in FOR_AUTHORS), "CONTRIBUTING", "CHANGELOG", "SECURITY"]
    parts = zip(CAPTIONS[lang], (students, instructors, authors), strict=True)
    return "".join(
        f"\n```{{toctree}}\n:hidden:\n:titlesonly:\n:caption: {caption}\n\n{chr(10).join(names)}\n```\n"
        for caption, names in parts
    )


def _translate(folder: Path) -> None:
    """Compile the words that the theme leaves in English."""
    for path in HERE.glob("locale/*/LC_MESSAGES/sphinx.po"):
        compiled = folder / path.relative_to(HERE).with_suffix(".mo")
        compiled.parent.mkdir(parents=True)
        with path.open("rb") as source, compiled.open("wb") as target:
            write_mo(target, read_po(source))


def _set_formulas(pages: Path) -> None:
    """Bring the font of formulas, of which not every phone has one: what is used of the one that ziamath ships."""
    drawn = "".join(found for page in pages.rglob("*.html") for found in FORMULA.findall(page.read_text("utf-8")))
    options = subset.Options(flavor="woff")
    font = subset.load_font(Path(ziamath.__file__).parent / "fonts/STIXTwoMath-Regular.ttf", options)
    chosen = subset.Subsetter(options)
    chosen.populate(text=html.unescape(TAG.sub("", drawn)), unicodes=ITALICS)
    chosen.subset(font)
    subset.save_font(font, pages / "_static/formulas.woff", options)


def _sphinx(course: Path, folder: Path, lang: str, languages: Sequence[str]) -> int:
    """Run Sphinx in one language; every warning is an error."""
    others = [f"{other}:{NAMES[other]}" for other in languages if other != lang]
    settings = {
        "language": lang,
        "course": course.resolve(),
        "twins": ",".join(others),
        "locale_dirs": folder / "locale",
    }
    words = ["-b", "html", "-q", "-W", "--keep-going", "-j", "2", "-c", HERE, "-d", folder / "doctrees" / lang]
    words += [word for name, value in settings.items() for word in ("-D", f"{name}={value}")]
    return build_main([*map(str, words), str(folder / lang), str(folder / "html" / lang)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path, help="the folder to write")
    parser.add_argument("--stages", default="", help="only these stages: 01_math,02_manual")
    parser.add_argument("--run", help="run the cells of these alone, to be quick: 02_manual")
    given = parser.parse_args()
    chosen = [name for name in given.stages.split(",") if name]
    sys.exit(build_site(Path.cwd(), given.site, chosen, None if given.run is None else given.run.split(",")))
