"""The site: all pages in both languages, one stage with what its demos show; nothing secret, broken, from elsewhere."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect, sync_playwright

from browsing import CHROMIUM, SERIOUS, faults, views
from conftest import COURSE, STAGES
from grading.authoring import build
from grading.course.release import BEGIN, END, WITHHELD
from helpers.messages import LANGUAGES
from notebooks import released
from test_build import hidden_lines
from test_forks import OTHER, OWNER, holding, move

RUN = "09_svm"  # the stage whose cells run: half a minute
PROJECT = ("README.md", "README.fr.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks", "notebooks")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")


def built(course: Path, site: Path, *words: str) -> Path:
    """Build the site of a course in this folder, as `make site` does."""
    command = [sys.executable, COURSE / "docs/site/build.py", site, *words]
    ran = subprocess.run(command, cwd=course, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    return site


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The whole site, where the cells of one stage have run."""
    return built(COURSE, tmp_path_factory.mktemp("site") / "site", "--run", RUN)


@cache
def read(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


def lines(page: Path) -> set[str]:
    """Return the lines that a page shows, code and outputs among them."""
    return {line.strip() for line in read(page).get_text().splitlines()}


def cells(page: Path) -> list:
    return read(page).select("div.cell")


def code(page: Path) -> set[str]:
    """Return the lines of a stage's code."""
    return {line.strip() for cell in read(page).select("div.cell_input") for line in cell.get_text().splitlines()}


def test_every_stage_is_there_in_both_languages_and_every_page_of_the_docs(site):
    for lang in LANGUAGES:
        assert {path.stem for path in (site / lang / "notebooks").glob("*.html")} == {*STAGES, "README"}
        docs = {path.stem for path in COURSE.glob("docs/*.md") if not path.stem.startswith("students")}
        assert {path.stem for path in (site / lang / "docs").glob("*.html")} == docs
        assert read(site / lang / "index.html").html["lang"] == lang
        for name in STAGES:
            title = read(site / lang / "notebooks" / f"{name}.html").h1.get_text().replace("\N{NO-BREAK SPACE}", " ")
            assert STAGES[name].title[lang] in title


def test_no_page_tells_a_solution_a_hidden_test_or_a_marking_note(site):
    secret = hidden_lines()
    pages = list(site.rglob("*.html"))
    assert len(secret) > 100
    assert len(pages) > 2 * len(STAGES)
    for page in pages:
        assert not secret & lines(page), page
    others = [path for path in site.rglob("*") if path.suffix in (".js", ".ipynb", ".md", ".py", ".txt", ".inv")]
    texts = "\n".join(path.read_text("utf-8", "replace") for path in others)
    assert not [line for line in secret if line in texts]
    assert not [path for path in others if path.suffix in (".ipynb", ".md", ".py")]


def test_no_page_tells_an_earlier_stages_solution_as_later_notebooks_do(site):
    """What 03 starts with is what 02 asked for: on a site that everybody sees, its place is marked."""
    for earlier, stage in STAGES.items():
        own = {line.strip() for cell in released(earlier, "en").cells for line in cell.source.splitlines()}
        marked = rf"(?s){BEGIN}\n(.*?){END}"
        found = (re.findall(marked, cell.source) for cell in stage.of_kind("answer"))
        solution = {line.strip() for parts in found for part in parts for line in part.splitlines()}
        solution = {line for line in solution if len(line) > 30} - own
        assert solution
        for later in [name for name in STAGES if name > earlier]:
            assert len(solution & code(site / f"en/notebooks/{later}.html")) < 2, (earlier, later)
    assert "# Ici, le notebook reprend ce qu'un notebook précédent a demandé." in code(
        site / "fr/notebooks/03_autograd.html"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_stage_shows_skeletons_folded_checks_hints_and_what_its_demos_show(site, lang):
    page = site / lang / "notebooks" / f"{RUN}.html"
    notebook, text = released(RUN, lang), "\n".join(sorted(lines(page)))
    roles = [cell.metadata.gradus.role for cell in notebook.cells]
    assert not set(roles) & set(WITHHELD)
    assert text.count("raise NotImplementedError(") > 1
    source = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell, shown in zip(source, cells(page), strict=True):
        folded = bool(cell.metadata.get("jupyter", {}).get("source_hidden"))
        assert bool(shown.select("details.hide")) == folded
        role = cell.metadata.gradus.role
        if role == "check":
            assert folded
            assert re.search(r"[✓◦] ", shown.select_one("div.cell_output").get_text()), cell.id
        if role == "answer":
            assert not shown.select("div.cell_output")
    demos = [shown for cell, shown in zip(source, cells(page), strict=True) if cell.metadata.gradus.role == "demo"]
    assert sum(bool(shown.select("div.cell_output img, div.cell_output table")) for shown in demos) > len(demos) / 2
    summaries = [summary.get_text() for summary in read(page).select("details:not(.hide) > summary")]
    assert len([one for one in summaries if one.startswith(("Hint", "Indice"))]) == sum(
        cell.source.count("<summary>") for cell in notebook.cells if cell.metadata.gradus.role == "hint"
    )


def test_every_link_anchor_and_picture_leads_somewhere(site):
    broken, checked = [], 0
    for page in site.rglob("*.html"):
        for tag in read(page).find_all(href=True) + read(page).find_all(src=True):
            address = urlsplit(tag.get("href") or tag["src"])
            if address.scheme or address.netloc:
                continue
            checked += 1
            target = (page.parent / unquote(address.path)).resolve() if address.path else page
            anchor = unquote(address.fragment)
            if not target.is_file() or (anchor and target.suffix == ".html" and not read(target).find(id=anchor)):
                broken.append((page, str(tag)[:100]))
    assert checked > 1000
    assert broken == []


def test_nothing_is_loaded_from_elsewhere_and_every_formula_is_drawn(site):
    for page in site.rglob("*.html"):
        for tag in read(page).select("script[src], img[src], iframe[src], link[rel=stylesheet], link[rel=preload]"):
            address = tag.get("src") or tag.get("href")
            assert address.startswith("data:") or not urlsplit(address).netloc, (page, address)
        assert not read(page).select("code.tex"), page
    assert len(read(site / "fr/notebooks/01_math.html").select("math")) > 300


def test_every_diagram_of_the_docs_is_a_named_picture_with_all_its_words(site):
    def words(text: str) -> set[str]:
        return set(re.findall(r"\w+", text))

    drawn = 0
    for source in COURSE.glob("docs/*.md"):
        texts = re.findall(r"(?s)```mermaid\n(.*?)```", source.read_text("utf-8"))
        for lang in LANGUAGES if texts else ():
            pictures = read(site / lang / "docs" / f"{source.stem}.html").select("div.diagram[tabindex] > svg")
            for picture, text in zip(pictures, texts, strict=True):
                labels = " ".join(re.findall(r'"([^"]*)"', re.sub(r"</?b>|<br>", " ", text)))
                assert words(labels) <= words(picture.get_text(" "))
                assert picture.title.get_text() == re.search(r"accTitle: (.*)", text)[1]
                assert picture.title["id"] == picture["aria-labelledby"]
                drawn += 1
    assert drawn
    for page in site.rglob("*.html"):
        assert not read(page).select("[class*=mermaid]"), page


def test_each_page_leads_to_its_twin_and_says_in_which_language_it_is(site):
    for page in (site / "fr").rglob("*.html"):
        if page.name == "search.html":  # a page of the theme's own
            continue
        (twin,) = read(page).select("nav.twins a")
        assert twin["lang"] == "en"
        assert (page.parent / twin["href"]).resolve() == (site / "en" / page.relative_to(site / "fr")).resolve()
    assert read(site / "fr/docs/grading.html").select_one("article div[lang]")["lang"] == "en"
    assert read(site / "fr/notebooks/02_manual.html").select_one("article div[lang]")["lang"] == "fr"
    assert "Sur cette page" in read(site / "fr/notebooks/02_manual.html").get_text()


@needs_chromium
def test_pages_have_no_serious_fault_that_axe_finds_and_fit_a_phone(site):
    pages = [f"{lang}/{name}.html" for lang in LANGUAGES for name in ("index", f"notebooks/{RUN}", "search")]
    pages += ["en/docs/instructor.html", "en/docs/syllabus.html", "en/docs/hostile.html", "en/docs/architecture.html"]
    for page in views(*((site / name).as_uri() for name in pages)):
        assert faults(page, SERIOUS) == [], page.url


@needs_chromium
@pytest.mark.parametrize(("lang", "word"), [("en", "gradient"), ("fr", "gradients")])
def test_the_search_finds_stages_without_a_server(site, lang, word):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.goto(f"{(site / lang / 'search.html').as_uri()}?q={word}")
        expect(page.locator("#search-results li a[href*='notebooks/02_manual.html']").first).to_be_visible()
        browser.close()


def test_a_course_of_one_language_at_another_address_has_a_site_of_that_alone(copy, tmp_path_factory):
    for name in PROJECT:
        if not (copy / name).exists():
            (copy / name).symlink_to(COURSE / name)
    (copy / "course.toml").write_text('languages = ["fr"]\n', "utf-8")
    move(copy)
    build.build(copy)
    site = built(copy, tmp_path_factory.mktemp("site") / "site", "--run", "")
    assert {path.name for path in site.iterdir()} == {"fr", "index.html"}
    assert holding(site, OWNER) == set()
    assert {path.stem for path in (site / "fr/notebooks").glob("*.html")} == {"02_manual", "README"}
    (link,) = read(site / "fr/notebooks/02_manual.html").select("article a[href*=colab]")
    assert OTHER.removeprefix("https://github.com/") in unquote(link["href"])
    assert not read(site / "fr/index.html").select("nav.twins")
    assert read(site / "index.html").meta
