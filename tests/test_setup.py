"""What a student sees in a real kernel: messages, own lines, no warnings in red."""

import re

import nbformat
import pytest
import torch
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from helpers.messages import set_language
from helpers.setup import explained, sentence_of

SETUP = 'from helpers import CirclesData, check, start\nstart("00_toy", lang="{lang}")'
CHECK = '@check.graded("00_toy")\ndef add_small():\n    # HIDDEN\n    check.same(add(1, 2), 3, "add(1, 2)")'


def outputs(*sources: str, lang: str = "en") -> list[list[nbformat.NotebookNode]]:
    """Run cells after a setup cell and return the outputs of each."""
    cells = [new_code_cell(source) for source in (SETUP.format(lang=lang), *sources)]
    notebook = new_notebook(cells=cells)
    NotebookClient(notebook, allow_errors=True).execute()
    return [cell.outputs for cell in notebook.cells[1:]]


def text(output: nbformat.NotebookNode) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))


def test_a_notebook_starts_with_one_thread_and_axes_in_its_language():
    draw = (
        "import torch, matplotlib.pyplot as plt\nstart('00_toy', lang='fr')\nfigure, ax = plt.subplots()\n"
        "ax.set_xticks([0.5])\nfigure.canvas.draw()\nlabel = ax.get_xticklabels()[0].get_text()\nplt.close(figure)"
    )
    (_, (output,)) = outputs(draw, "print(torch.get_num_threads(), label)")
    assert output.text == "1 0,5\n"


def test_a_check_that_holds_prints_one_short_line():
    (_, (output,)) = outputs("def add(a, b):\n    return a + b", CHECK)
    assert (output.name, output.text) == ("stdout", "✓ add_small\n")


@pytest.mark.parametrize(
    ("lang", "expected"), [("en", "add(1, 2): expected 3, got -1."), ("fr", "add(1, 2) : attendu 3, obtenu -1.")]
)
def test_a_check_that_fails_shows_its_sentence_and_no_traceback(lang, expected):
    (_, (output,)) = outputs("def add(a, b):\n    return a - b", CHECK, lang=lang)
    assert output.traceback == ["✗ add_small", expected]


def test_an_error_in_the_answer_shows_the_students_lines_and_not_those_of_the_check():
    helper = "def inner(a):\n    return a.size"
    (_, _, (output,)) = outputs(helper, "def add(a, b):\n    return inner(a)  # mine", CHECK)
    assert output.ename == "AttributeError"
    assert "return inner(a)  # mine" in text(output)
    assert "return a.size" in text(output)
    assert "HIDDEN" not in text(output)
    assert "check.same" not in text(output)


SLIPS = {
    "torch.ones(2, 3) @ torch.ones(2, 3)": "a product does not fit, (2, 3) @ (2, 3)",
    "torch.ones(2, 3) + torch.ones(2)": "two sizes do not fit, 3 and 2",
    "(torch.ones(2) > 0).mean()": "torch takes no mean of True and False",
    "torch.ones(2).softmax(1)": "the last one here is 0, and there is none with the number 1",
    "torch.ones(2).sum(-2)": "the last one here is 0, and there is none with the number -2",
    "torch.nn.functional.cross_entropy(torch.ones(3, 2), torch.ones(4).long())": "3 outputs meet 4 targets",
    "a, b = torch.ones(3)": "another number of values comes",
    "a, b = 1": "another number of values comes",
    "torch.tanh((torch.ones(2), {}))": "a tuple, several values in one",
    "float((1, 2))": "a tuple, several values in one",
    "(1, 2)['Wh']": "a tuple, several values in one",
    "(torch.ones(2), {}).log()": "a tuple, several values in one",
    "torch.ones(2).shape - 1": "a tuple, several values in one",
    "torch.ones(2) - {}": "a dict stands where",
    "{}.shape": "a dict stands where",
    "torch.ones(2) + None": "your code computes with None",
    "torch.tanh(None)": "your code computes with None",
    "None.item()": "your code computes with None",
}


def raised_by(code: str) -> Exception:
    try:
        exec(code, {"torch": torch})
    except Exception as error:
        return error
    raise AssertionError(f"{code} raises nothing")


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_which_torch_or_python_says_so_is_explained(slip):
    error = raised_by(slip)
    assert SLIPS[slip] in sentence_of(error)
    set_language("fr")
    assert explained(error)
    assert SLIPS[slip] not in sentence_of(error)


@pytest.mark.parametrize(
    "code", ["().append(1)", "[][1]", "int('a')", "raise type('E', (ValueError,), {'__str__': 1})"]
)
def test_of_what_is_no_such_slip_nothing_is_said(code):
    assert explained(raised_by(code)) == ""


@pytest.mark.parametrize(("lang", "said"), [("en", "dim=-1 is the last"), ("fr", "dim=-1 est la dernière")])
def test_a_slip_shows_the_line_and_what_it_means(lang, said):
    (_, _, (output,)) = outputs(
        "import torch", "def add(a, b):\n    return torch.ones(2).softmax(1)  # mine", CHECK, lang=lang
    )
    assert "softmax(1)  # mine" in text(output)
    assert said in text(output).splitlines()[-1]


def test_a_call_that_does_not_fit_shows_one_sentence():
    (_, (output,)) = outputs("def add(a):\n    return a", CHECK)
    assert text(output) == "✗ add_small\nTypeError: add() takes 1 positional argument but 2 were given"


def test_an_answer_that_was_not_run_is_named():
    ((output,),) = outputs(CHECK)
    assert text(output) == "add is not defined: write its cell, run it, then run this one again."


def test_an_unwritten_answer_is_named_without_a_traceback():
    (_, (output,)) = outputs('def add(a, b):\n    raise NotImplementedError("add is not written yet")', CHECK)
    assert (output.ename, text(output)) == ("NotImplementedError", "NotImplementedError: add is not written yet")


def test_an_error_outside_checks_looks_as_python_shows_it_without_our_lines():
    ((output,), (picture,)) = outputs("x = 1\nx / 0", "data = CirclesData()\ndata.plot_data_with_grid([[1.0, 2.0]])")
    assert "x / 0" in text(output)
    assert "plot_data_with_grid wants Ygrid of shape (1600, 2)" in text(picture)
    assert "plots.py" not in text(picture)


def test_warnings_and_progress_bars_do_not_go_to_stderr():
    code = "import sys, warnings\nwarnings.warn('careful')\nprint('bar', file=sys.stderr)"
    ((*printed,),) = outputs(code)
    assert {output.name for output in printed} == {"stdout"}
    assert "UserWarning: careful" in "".join(output.text for output in printed)
