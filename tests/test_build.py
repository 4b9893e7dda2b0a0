"""The generated files: up to date, the same at every build, and free of what students must not see."""

import fcntl
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

from conftest import COURSE, STAGES, gradus, linked_course
from grading.authoring import build
from grading.authoring.notebooks import FOLDED_LINES
from grading.authoring.publish import PublishError, publish
from grading.authoring.syllabus import read_syllabus
from grading.course.release import WITHHELD
from grading.course.releases import ReleasesError, add_release, hashes_of
from helpers.messages import LANGUAGES

RELEASES = [(name, lang) for name in STAGES for lang in LANGUAGES]


def release(stage: str, lang: str) -> nbformat.NotebookNode:
    return nbformat.read(COURSE / "notebooks" / lang / f"{stage}.ipynb", as_version=4)


@pytest.mark.parametrize("stage", STAGES)
def test_no_french_line_starts_with_its_punctuation(stage):
    for cell in release(stage, "fr").cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$", "x", cell.source, flags=re.DOTALL)
            assert not re.search(r"[^\s|]\s[;:?!»]", prose.replace("\N{NO-BREAK SPACE}", ""))


def test_what_is_committed_is_what_the_build_generates():
    assert build.check(COURSE) == ""


def test_every_row_of_the_syllabus_is_taught():
    syllabus = read_syllabus(COURSE)
    taught = {name: {number for cell in stage.cells for number in cell.ids} for name, stage in STAGES.items()}
    assert {name: {number for row in rows for number in row.ids} for name, (_, rows) in syllabus.items()} == taught


def test_a_second_build_changes_no_byte(copy):
    build.build(copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert build.build(copy) == []
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_two_builds_at_once_are_kept_apart(copy):
    build.build(copy)
    index = copy / "notebooks/README.md"
    index.unlink()
    with (copy / ".gradus/build.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = gradus(copy, "build")
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
        assert ran.stderr.startswith("Another `gradus build` is at work in this course: wait")
        assert not index.exists()
    assert build.build(copy) == [index.relative_to(copy)]


def test_check_shows_what_changed_and_writes_nothing(copy):
    notebook = copy / "notebooks/fr/02_manual.ipynb"
    notebook.write_text(notebook.read_text("utf-8").replace("Deux anneaux de points", "Trois anneaux"), "utf-8")
    before = notebook.read_bytes()
    ran = gradus(copy, "build", "--check")
    assert ran.returncode == 1
    assert "-Trois anneaux" in ran.stdout
    assert "+Deux anneaux de points" in ran.stdout
    assert "run `gradus build`" in ran.stderr
    assert notebook.read_bytes() == before


def test_check_names_the_place_of_a_missing_french_cell(copy):
    source = copy / "source/02_manual/02_manual.py"
    text = source.read_text("utf-8")
    start = text.index('# %% [markdown] lang="fr"\n# ## 3 ')
    line = text[: text.index('# %% [markdown] lang="en"\n# ## 3 ')].count("\n") + 1
    source.write_text(text[:start] + text[text.index("# %% ", start + 1) :], "utf-8")
    ran = gradus(copy, "build", "--check")
    assert ran.returncode == 1
    assert f'source/02_manual/02_manual.py:{line}: this lang="en" cell is not followed by its lang="fr"' in ran.stderr


def test_check_names_the_files_of_a_stage_whose_text_is_gone(copy):
    shutil.copy(copy / "notebooks/fr/02_manual.ipynb", copy / "notebooks/fr/10_gone.ipynb")
    assert "notebooks/fr/10_gone.ipynb: no text generates this file, delete it\n" in build.check(copy)


@pytest.mark.parametrize("how", ["answered", "run"])
def test_a_build_keeps_a_notebook_in_which_somebody_has_worked(copy, how):
    path = copy / "notebooks/en/02_manual.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in notebook.cells if cell.id == "sgd"]
    if how == "answered":
        cell.source = "def sgd(params, grads, eta):\n    return params"
    else:
        cell.outputs = [nbformat.v4.new_output("stream", text="hello")]
    nbformat.write(notebook, path)
    mine = path.read_bytes()
    build.build(copy)
    (kept,) = path.parent.glob("02_manual (kept *).ipynb")
    assert kept.read_bytes() == mine
    assert build.check(copy) == ""


@pytest.mark.parametrize(("stage", "lang"), RELEASES)
def test_a_release_holds_one_language_and_nothing_for_markers(stage, lang):
    cells = release(stage, lang).cells
    assert {cell.metadata.gradus.get("lang", lang) for cell in cells} == {lang}
    assert not set(WITHHELD) & {cell.metadata.gradus.role for cell in cells}
    (start,) = [cell for cell in cells if "start(" in cell.source]
    assert f'start("{stage}", lang="{lang}", parts=' in start.source


@pytest.mark.parametrize(("stage", "lang"), RELEASES)
def test_a_release_has_stable_ids_no_outputs_and_valid_metadata(stage, lang):
    notebook = release(stage, lang)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        if "nbgrader" in cell.metadata:
            assert cell.id == cell.metadata.nbgrader.grade_id
            assert cell.metadata.nbgrader.schema_version == 3


@pytest.mark.parametrize(("stage", "lang"), RELEASES)
def test_checks_are_folded_wherever_a_file_can_ask_for_it(stage, lang):
    notebook = release(stage, lang)
    assert notebook.metadata.language_info.name == notebook.metadata.kernelspec.language == "python"
    for cell in notebook.cells:
        is_folded = cell.metadata.gradus.role == "check" or (
            cell.metadata.gradus.role == "demo" and len(cell.source.splitlines()) > FOLDED_LINES
        )
        assert cell.metadata.get("jupyter", {}).get("source_hidden", False) == is_folded  # JupyterLab
        assert (cell.metadata.get("cellView") == "form") == is_folded  # Colab
        assert cell.source.count("<details>") == cell.source.count("</details>")


@pytest.mark.parametrize(("stage", "lang"), RELEASES)
def test_a_release_asks_and_answers_nothing(stage, lang):
    solutions = {
        line.strip()
        for cell in STAGES[stage].of_kind("answer")
        for solution in re.findall(r"(?s)### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source)
        for line in solution.splitlines()
        if len(line.strip()) > 30
    }
    for cell in release(stage, lang).cells:
        if cell.metadata.gradus.role == "answer":
            assert "raise NotImplementedError(" in cell.source
            assert not solutions & {line.strip() for line in cell.source.splitlines()}


def hidden_lines() -> set[str]:
    """Return the lines that only solutions, hidden tests, model answers and marking notes hold."""
    secret, public = set(), set()
    for stage in STAGES.values():
        for cell in stage.cells:
            hidden = cell.kind in ("open", *WITHHELD)
            for line in cell.source.splitlines():
                if line.strip().startswith(("### BEGIN", "### END")):
                    hidden = "BEGIN" in line
                (secret if hidden else public).add(line.strip())
    return {line for line in secret - public if len(line) > 30}


@pytest.fixture
def course(tmp_path) -> Path:
    """The course, to publish from."""
    return linked_course(tmp_path / "course")


def test_the_published_tree_holds_no_solution_and_no_hidden_test(course, tmp_path):
    publish(course, tmp_path / "tree")
    texts = [p for p in (tmp_path / "tree").rglob("*") if p.suffix in (".py", ".ipynb", ".md", ".toml")]
    assert {path.relative_to(tmp_path / "tree").parts[0] for path in texts} == {
        "data",
        "helpers",
        "notebooks",
        "README.md",
        "README.fr.md",
        "pyproject.toml",
    }
    secret = hidden_lines()
    assert len(secret) > 100
    for path in texts:
        if path.suffix == ".ipynb":
            lines = [line.strip() for c in nbformat.read(path, as_version=4).cells for line in c.source.splitlines()]
        else:
            lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        assert not secret & set(lines), path
        assert not any(mark in "\n".join(lines) for mark in ("### BEGIN", "### END")), path
    assert not list((tmp_path / "tree").rglob("answers*"))


def test_publish_refuses_a_folder_with_other_things(course, tmp_path):
    tree = tmp_path / "thesis"
    tree.mkdir()
    (tree / "thesis.tex").write_text("…", "utf-8")
    with pytest.raises(PublishError, match="is not empty and was not published to before"):
        publish(course, tree)
    assert [path.name for path in tree.iterdir()] == ["thesis.tex"]
    assert not (course / "releases.json").exists()


def test_publish_again_updates_and_deletes_nothing(course, tmp_path):
    tree = tmp_path / "tree"
    publish(course, tree)
    (tree / "notebooks/en/mine.ipynb").write_text("{}", "utf-8")
    (tree / "helpers/setup.py").write_text("", "utf-8")
    publish(course, tree)
    assert (tree / "notebooks/en/mine.ipynb").exists()
    assert (tree / "helpers/setup.py").read_text("utf-8")


def test_only_chosen_stages_are_published_and_those_of_before_stay(course, tmp_path):
    tree = tmp_path / "tree"

    def stages() -> tuple[set[str], set[str]]:
        """Return the stages whose notebooks are there, and those that the list links to."""
        linked = re.findall(r"\]\(fr/(\w+)\.ipynb\)", (tree / "notebooks/README.md").read_text("utf-8"))
        return {path.stem for path in tree.glob("notebooks/en/*.ipynb")}, set(linked)

    publish(course, tree, ["01_math"])
    assert stages() == ({"01_math"}, {"01_math"})
    publish(course, tree, ["02_manual"])
    assert stages() == ({"01_math", "02_manual"}, {"01_math", "02_manual"})
    assert set(json.loads((course / "releases.json").read_text("utf-8"))) == {"01_math", "02_manual"}
    assert gradus(COURSE, "publish", str(tree), "--stages", "01_math,2").stderr.startswith("There is no stage '2'")


def test_each_release_adds_only_cells_that_none_before_had(course, tmp_path):
    publish(course, tmp_path / "tree", ["02_manual"])
    first = (course / "releases.json").read_bytes()
    publish(course, tmp_path / "tree", ["02_manual"])
    assert (course / "releases.json").read_bytes() == first
    add_release(course, "0.2.0", {"02_manual": {*hashes_of(course, "02_manual"), "a new cell"}})
    releases = json.loads((course / "releases.json").read_bytes())
    assert releases["02_manual"]["0.2.0"] == ["a new cell"]
    assert set(hashes_of(course, "02_manual")) == {*json.loads(first)["02_manual"]["0.1.0"], "a new cell"}


def test_a_damaged_list_of_releases_is_told_and_nothing_is_published(course, tmp_path):
    for content in (b"{", b"[]", b'{"02_manual": ["x"]}', b"\xff"):
        (course / "releases.json").write_bytes(content)
        with pytest.raises(ReleasesError, match="take it from the repository again"):
            publish(course, tmp_path / "tree", ["02_manual"])
        assert not (tmp_path / "tree").exists()


@pytest.mark.parametrize("role", ["answer", "check", "claim"])
def test_publish_refuses_a_notebook_with_a_solution_a_hidden_test_or_a_claim(copy, tmp_path, role):
    path = copy / "notebooks/en/02_manual.ipynb"
    notebook = nbformat.read(copy / "source/02_manual/02_manual.ipynb", as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.gradus.role == role]
    assert notebook.cells
    nbformat.write(notebook, path)
    with pytest.raises(PublishError, match=r"notebooks/en/02_manual\.ipynb holds a solution or a hidden test"):
        publish(copy, tmp_path / "tree")
