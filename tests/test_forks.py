"""A course of one's own: at another address, in one language; no trace of the old address, nothing of the other one."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from conftest import COURSE, gradus, linked_course
from grading.authoring import build
from grading.authoring.publish import publish
from grading.course.course_file import CourseFileError, read_languages
from helpers.messages import LANGUAGES

ADDRESS = tomllib.loads((COURSE / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["repository"]
OWNER = ADDRESS.removeprefix("https://github.com/")
OTHER = "https://github.com/école-d'été/réseaux"


def holding(folder: Path, words: str) -> set[str]:
    """Return the files that hold these words."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and words.encode() in path.read_bytes()
    }


def move(course: Path) -> None:
    """Give a course another address."""
    project = course / "pyproject.toml"
    project.write_text(project.read_text("utf-8").replace(ADDRESS, OTHER), "utf-8")


def test_the_address_stands_in_one_place_alone_and_what_is_generated_follows_it():
    listed = subprocess.run(["git", "grep", "-l", OWNER], cwd=COURSE, capture_output=True, text=True).stdout.split()
    generated = re.compile(r"notebooks/.*|source/\d\d_\w+/\d\d_\w+\.ipynb")
    assert [path for path in listed if not generated.fullmatch(path)] == ["pyproject.toml"]


def test_a_course_at_another_address_has_no_trace_of_the_old_one(copy, tmp_path_factory):
    assert holding(copy, OWNER) > {"pyproject.toml"}
    move(copy)
    build.build(copy)
    tree = tmp_path_factory.mktemp("tree")
    publish(copy, tree)
    assert holding(copy, OWNER) == holding(tree, OWNER) == set()
    new = OTHER.removeprefix("https://github.com/")
    assert {"pyproject.toml", "notebooks/README.md", "notebooks/en/02_manual.ipynb"} <= holding(tree, new)
    for lang in LANGUAGES:
        cells = json.loads((tree / f"notebooks/{lang}/02_manual.ipynb").read_text("utf-8"))["cells"]
        (setup,) = (cell for cell in cells if cell["id"] == "02_manual-colab")
        assert f'"git+{OTHER}@v' in "".join(setup["source"])


@pytest.fixture(params=LANGUAGES)
def alone(request, copy) -> tuple[Path, str, str]:
    """A course that is published in one language only, which one, and the other."""
    (copy / "course.toml").write_text(f'languages = ["{request.param}"]\n', "utf-8")
    (other,) = set(LANGUAGES) - {request.param}
    return copy, request.param, other


def test_a_course_in_one_language_publishes_nothing_in_the_other(alone, tmp_path_factory):
    course, lang, other = alone
    left = f"notebooks/{other}/02_manual.ipynb"
    assert f"{left}: no text generates this file, delete it" in build.check(course)
    shutil.rmtree(course / "notebooks" / other)
    build.build(course)
    assert build.check(course) == ""
    assert not (course / "notebooks" / other).exists()

    tree = tmp_path_factory.mktemp("tree")
    files = {path.as_posix() for path in publish(course, tree)}
    assert files == {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}
    assert [path.parent.name for path in tree.glob("notebooks/*/*.ipynb")] == [lang]
    assert [path.name for path in tree.glob("README*")] == ["README.md"]
    for text in (tree.joinpath(name).read_text("utf-8") for name in ("README.md", "notebooks/README.md")):
        assert text.strip()
        links = re.findall(r"\]\(([^)]*)\)", text)
        assert links
        assert not [link for link in links if f"{other}/" in link or link.startswith("README.")]
    assert ("Neural networks" in (tree / "README.md").read_text("utf-8")) == (lang == "en")


def test_its_made_up_class_speaks_that_language(alone):
    course, lang, other = alone
    shutil.rmtree(course / "notebooks" / other)
    ran = gradus(course, "cohort", "02_manual", "--size", "1")
    assert ran.returncode == 0, ran.stderr
    (path,) = (course / "submitted").glob("*/02_manual/02_manual.ipynb")
    assert f'start(\\"02_manual\\", lang=\\"{lang}\\"' in path.read_text("utf-8")
    ran = gradus(course, "cohort", "02_manual", "--lang", other)
    assert (ran.returncode, ran.stderr) == (1, f"There is no language '{other}'. Choose one of: {lang}.\n")


def test_links_in_the_students_tree_lead_somewhere(tmp_path):
    tree = tmp_path / "tree"
    publish(linked_course(tmp_path / "course"), tree)
    pages = [path for path in tree.rglob("*.md") if not path.is_relative_to(tree / "helpers")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))]
    local = [(page, link) for page, link in links if not link.startswith("http")]
    assert len(local) >= 6
    assert [(page, link) for page, link in local if not (page.parent / link).exists()] == []


def test_the_first_language_named_comes_first(copy, tmp_path_factory):
    (copy / "course.toml").write_text('languages = ["fr", "en"]\n', "utf-8")
    build.build(copy)
    tree = tmp_path_factory.mktemp("tree")
    publish(copy, tree)
    assert (tree / "notebooks/README.md").read_text("utf-8").startswith("# Les notebooks · The notebooks\n")
    assert "[In English](README.en.md)" in (tree / "README.md").read_text("utf-8")
    assert "[En français](README.md)" in (tree / "README.en.md").read_text("utf-8")


@pytest.mark.parametrize("written", ["[]", '"fr"', '["de"]', "[1]", "[[]]", "{fr = true}"])
def test_languages_that_there_are_not_are_told_with_their_line(tmp_path, written):
    (tmp_path / "course.toml").write_text(f"# ours\nlanguages = {written}\n", "utf-8")
    with pytest.raises(CourseFileError, match=r"course.toml, line 2: name one language or more of \['en', 'fr'\]"):
        read_languages(tmp_path)


def test_dates_and_languages_stand_in_the_same_file(copy):
    (copy / "course.toml").write_text('languages = ["fr"]\nout_of = 20\n', "utf-8")
    ran = gradus(copy, "dates")
    assert ran.returncode == 0, ran.stderr
    assert read_languages(copy) == ("fr",)
    (copy / "course.toml").write_text('languages = ["de"]\n', "utf-8")
    for words in (("build",), ("publish", "tree"), ("cohort", "02_manual")):
        assert gradus(copy, *words).stderr.startswith("course.toml, line 1: name one language")
