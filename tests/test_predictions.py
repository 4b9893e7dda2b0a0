"""Predictions: what a student guessed stays where it was, is shown, and costs nothing, whatever it is."""

import copy

import pytest
from nbformat import NotebookNode

from grading.authoring.build import _worked_in
from grading.engine.runner import Place, needed_of_demos, place_of
from grading.recovery.rebuild import rebuild
from helpers import reveal
from helpers.messages import set_language
from notebooks import cell_of, extras, instructor, notebook_bytes, released, strip

STAGE = "02_manual"
NAME = "in_order_ends_at"
GUESSES = (0.5, "half", [1], {}, print, object(), float("nan"), 10**5000)
FORWARD = "def forward(params, X):\n    return X, params\n"


@pytest.fixture
def notebook() -> NotebookNode:
    return copy.deepcopy(released(STAGE, "en"))


def guess_of(notebook: NotebookNode) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.gradus.get("name") == NAME)


def place_in(notebook: NotebookNode) -> Place:
    return place_of(guess_of(notebook), needed_of_demos(notebook))


@pytest.mark.parametrize("without", ["nothing", "marks"])
@pytest.mark.parametrize("guess", [f"{NAME} = 0.5", f"# as a coin\n{NAME} = 1 / 2", f"{NAME} = None"])
def test_a_guess_stays_in_its_cell(notebook, guess, without):
    guess_of(notebook).source = guess
    if without == "marks":
        strip(notebook)
    rebuilt = rebuild(notebook, instructor(STAGE)).notebook
    assert guess_of(rebuilt).source == guess
    assert extras(rebuilt) == []
    assert place_in(rebuilt) is Place.NOWHERE


@pytest.mark.parametrize("junk", [f"{NAME} = about one half", "exit()", f"while True:\n    {NAME} = 1", "one half", ""])
def test_junk_is_kept_and_not_run(notebook, junk):
    guess_of(notebook).source = junk
    rebuilt = rebuild(notebook, instructor(STAGE))
    assert guess_of(rebuilt.notebook).source == (junk or f"{NAME} = None")
    assert place_in(rebuilt.notebook) is Place.NOWHERE
    assert rebuilt.remarks == rebuild(released(STAGE, "en"), instructor(STAGE)).remarks


def test_a_guess_that_was_deleted_is_put_back(notebook):
    notebook.cells.remove(guess_of(notebook))
    rebuilt = rebuild(notebook, instructor(STAGE))
    assert guess_of(rebuilt.notebook).source == f"{NAME} = None"
    assert rebuilt.unanswered == rebuild(released(STAGE, "en"), instructor(STAGE)).unanswered


def test_of_two_guesses_the_last_counts_and_both_are_kept(notebook):
    first, second = guess_of(notebook), copy.deepcopy(guess_of(notebook))
    first.source, second.source = f"{NAME} = 0.5", f"{NAME} = 0.6"
    notebook.cells.insert(notebook.cells.index(first) + 1, second)
    rebuilt = rebuild(notebook, instructor(STAGE)).notebook
    assert guess_of(rebuilt).source == f"{NAME} = 0.6"
    assert extras(rebuilt) == [f"{NAME} = 0.5"]


def test_a_helper_typed_there_runs_where_an_answer_uses_it(notebook):
    guess_of(notebook).source = f"{NAME} = 0.5\nSCALE = 3"
    cell_of(notebook, "sgd").source = "def sgd(params, grads, eta):\n    return SCALE * params\n"
    rebuilt = rebuild(notebook, instructor(STAGE)).notebook
    assert place_in(rebuilt) is Place.GUEST


def test_an_answer_typed_there_is_found(notebook):
    guess_of(notebook).source = f"{NAME} = 0.5\n{FORWARD}"
    rebuilt = rebuild(notebook, instructor(STAGE)).notebook
    assert FORWARD.strip() in cell_of(rebuilt, "forward").source
    assert guess_of(rebuilt).source == f"{NAME} = None"


def test_a_build_keeps_a_notebook_in_which_somebody_has_guessed(notebook, tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_bytes(notebook_bytes(notebook))
    assert not _worked_in(path)
    guess_of(notebook).source = f"{NAME} = 0.5"
    path.write_bytes(notebook_bytes(notebook))
    assert _worked_in(path)


@pytest.mark.parametrize("guess", GUESSES, ids=lambda one: type(one).__name__)
def test_whatever_was_guessed_is_shown_beside_the_truth(capsys, guess):
    reveal(guess, 0.515)
    assert capsys.readouterr().out.endswith("It is 0.515.\n")


def test_without_a_guess_the_truth_is_shown(capsys):
    set_language("fr")
    reveal(None, "A")
    assert capsys.readouterr().out.startswith("Réponse : 'A'.")


@pytest.mark.parametrize(("lang", "said"), [("en", "with a point: 0.69\n"), ("fr", "avec un point : 0.69\n")])
def test_a_decimal_comma_is_two_numbers_to_python(capsys, lang, said):
    set_language(lang)
    reveal((0, 69), 0.69)
    assert said in capsys.readouterr().out
