"""Earlier releases: students who go on with the notebook that they began have changed nothing."""

import copy

import nbformat
import pytest
from nbformat import NotebookNode

from grading.course.releases import add_release, hashes_of, with_hashes
from grading.recovery.rebuild import rebuild
from grading.recovery.slots import points_hash, release_hash
from notebooks import cell_of, instructor, notebook_bytes, released, said

STAGE, CHECK, ANSWER = "02_manual", "sgd_step", "sgd"


def the_first(lang: str) -> NotebookNode:
    """Return an earlier release: other words in a check, a skeleton, a setup cell, the text above an open question."""
    notebook = copy.deepcopy(released(STAGE, lang))
    cell_of(notebook, CHECK).source += '\n    check.that(True, "a message that was corrected later")'
    skeleton = cell_of(notebook, ANSWER)
    skeleton.source = skeleton.source.replace("def sgd", '"""What was said of it before."""\n\n\ndef sgd')
    setups = [cell for cell in notebook.cells if cell.metadata.gradus.role == "setup"]
    setups[0].source += "\nolder = 1"
    question = next(cell for cell in notebook.cells if cell.metadata.gradus.role == "open")
    above = notebook.cells[notebook.cells.index(question) - 1]
    assert above.cell_type == "markdown"
    above.source += "\n\nAnd explain it to a friend, in so many words that nobody could overlook them."
    return notebook


def graders(*releases: NotebookNode) -> NotebookNode:
    """Return the instructor's notebook, which knows these releases."""
    cells = [cell for notebook in releases for cell in notebook.cells]
    hashes = {release_hash(cell.source, cell.cell_type == "code") for cell in cells}
    marks = [cell.metadata.nbgrader for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    hashes |= {points_hash(each.grade_id, each.points) for each in marks}
    content = with_hashes(notebook_bytes(instructor(STAGE)), hashes)
    return nbformat.reads(content.decode(), as_version=4)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_cells_of_any_release_are_no_remark_and_no_answer(lang):
    handed_in = the_first(lang)
    unknown = rebuild(handed_in, graders())
    assert any(sentence.startswith("Cells differ from the instructor's") for sentence in said(unknown))
    known = rebuild(handed_in, graders(the_first("en"), the_first("fr")))
    assert said(known) == []
    assert ANSWER in known.unanswered
    assert not known.looks
    assert not [cell for cell in known.notebook.cells if cell.metadata.gradus.role == "extra"]
    assert cell_of(known.notebook, CHECK).source == cell_of(instructor(STAGE), CHECK).source


def test_a_cell_of_no_release_is_a_remark_all_the_same():
    handed_in = the_first("en")
    cell_of(handed_in, CHECK).source = "assert True"
    known = rebuild(handed_in, graders(the_first("en")))
    assert said(known) == [f"Cells differ from the instructor's, which are used: {CHECK}."]


@pytest.mark.parametrize(("points", "is_remark"), [(1, False), (2, False), (2.0, False), (50, True), ("50", True)])
def test_points_of_any_release_are_no_remark(points, is_remark):
    first = the_first("en")
    cell_of(first, CHECK).metadata.nbgrader.points = 1  # before it was raised to 2
    handed_in = copy.deepcopy(first)
    cell_of(handed_in, CHECK).metadata.nbgrader.points = points
    assert any("settings of cells" in sentence for sentence in said(rebuild(handed_in, graders(first)))) == is_remark


def test_what_graders_know_of_releases_is_in_no_graded_notebook():
    known = rebuild(the_first("en"), graders(the_first("en")))
    assert "releases" not in known.notebook.metadata.gradus


def test_without_releases_a_notebook_goes_to_graders_as_it_is(tmp_path):
    content = notebook_bytes(instructor(STAGE))
    assert with_hashes(content, hashes_of(tmp_path, STAGE)) == content
    add_release(tmp_path, "0.1.0", {"01_math": {"x"}})
    assert with_hashes(content, hashes_of(tmp_path, STAGE)) == content, "another stage's release changes nothing"
