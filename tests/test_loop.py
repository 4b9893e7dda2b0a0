"""The student's loop in a real kernel: what an edit tells, what a front end is told, where a student stands."""

import html
import re

import nbformat
import pytest

from conftest import COURSE, STAGES
from kernels import Kernel, kernel

PARTS = """{
    "The data": (5, {}, {}),
    "1 · Sums": (8, {"add": 2}, {"add_small": 1, "add_large": 2}),
    "2 · Differences": (6, {"sub": 0}, {"sub_small": 1, "sub_form": 1}),
}"""
SUM = '@check.graded("00_toy", points=1)\ndef {name}():\n    check.same(add({a}, {b}), {a} + {b}, "add({a}, {b})")'
SMALL, LARGE = SUM.format(name="add_small", a=1, b=2), SUM.format(name="add_large", a=10, b=20)
DIFFERENCE = '@check.graded("00_toy")\ndef sub_small():\n    check.same(sub(3, 1), 2, "sub(3, 1)")'
FORM = '@check.graded("00_toy")\ndef sub_form():\n    check.form_only()\n    sub(1, 1)'
STUB = 'def add(a, b):\n    raise NotImplementedError("add is not written yet")'
RIGHT, WRONG = "def add(a, b):\n    return a + b", "def add(a, b):\n    return a - b"
SUBTRACT = "def sub(a, b):\n    return a - b"


# On a busy machine a quick check may take long.
PATIENT = "from helpers.loop import watching as _watching\n_watching.QUICK = _watching.LONGEST = 120"


@pytest.fixture(scope="module")
def running():
    with kernel() as started:
        yield started


@pytest.fixture
def toy(running) -> Kernel:
    """A kernel as it is after its start, and after the setup cell of a notebook of two parts."""
    running.run("%reset -f")
    running.run(setup())
    running.run("from helpers.loop.watching import current as _now")
    running.run("_now().standings, _now().defined, _now().gone = {}, {}, {}")
    running.run(PATIENT)
    return running


def setup(more: str = "", lang: str = "en") -> str:
    return f'from helpers import check, progress, start\nstart("00_toy", lang="{lang}", parts={PARTS}{more})'


def lines(ran) -> list[str]:
    return ran.text.splitlines()


def test_an_edit_runs_the_checks_of_what_it_defines(toy):
    for source in (WRONG, SUBTRACT, SMALL, LARGE, DIFFERENCE):
        toy.run(source)
    assert lines(toy.run("def add(a, b):\n    return a + b if a < 5 else 0", "a")) == [
        "✓ add_small",
        "✗ add_large: add(10, 20): expected 30, got 0.",
        "2 of 4 hold",
    ]
    assert lines(toy.run(RIGHT, "a")) == ["✓ add_large", "3 of 4 hold"]
    assert lines(toy.run(RIGHT, "a")) == ["3 of 4 hold"]


def test_a_first_definition_and_other_names_run_nothing(toy):
    toy.run(SUBTRACT)
    toy.run(DIFFERENCE)
    assert [toy.run(source).text for source in (RIGHT, "other = 1", "other = 2")] == ["", "", ""]
    assert toy.run(SMALL).text == "✓ add_small\n"


def test_a_notebook_that_runs_once_shows_nothing_of_the_loop(toy):
    shown = [toy.run(source).text for source in (WRONG, SMALL, LARGE, SUBTRACT, DIFFERENCE, FORM)]
    assert "hold" not in "".join(shown)


def test_the_loop_can_be_off(toy):
    toy.run(setup(", loop=False"))
    for source in (WRONG, SMALL):
        toy.run(source)
    assert toy.run(RIGHT).text == ""


def test_starting_again_forgets_nothing(toy):
    for source in (RIGHT, SMALL, setup()):
        toy.run(source)
    assert "✓ add_small" in toy.run("progress()").text


def test_it_speaks_french(toy):
    toy.run(setup(lang="fr"))
    for source in (RIGHT, SMALL):
        toy.run(source)
    assert lines(toy.run(WRONG)) == ["✗ add_small: add(1, 2) : attendu 3, obtenu -1.", "acquis : 0 sur 4"]


def test_random_numbers_modes_and_figures_are_put_back(toy):
    toy.run("import random, numpy, torch, matplotlib.pyplot as plt")
    noisy = SMALL.replace("check.same", 'print("aloud"); plt.figure(); torch.set_grad_enabled(False); check.same')
    for source in (RIGHT, noisy, "plt.close('all')"):
        toy.run(source)
    modes = "torch.is_grad_enabled(), torch.get_default_dtype()"
    state = f"torch.rand(1).item(), numpy.random.rand(), random.random(), {modes}"
    seeds = "torch.manual_seed(7); numpy.random.seed(7); random.seed(7); torch.set_default_dtype(torch.float64)\n"
    expected = toy.run(f"{seeds}{state}").text
    toy.run(seeds)
    assert lines(toy.run(RIGHT)) == ["1 of 4 hold"]
    assert toy.run(state).text == expected
    assert toy.run("plt.get_fignums()").text == "[]"


def test_a_check_that_takes_long_waits_for_its_cell(toy):
    toy.run("import time\n_watching.QUICK = 0.5")
    toy.run(RIGHT)
    toy.run(SMALL.replace("check.same", "time.sleep(0.6); check.same"))
    assert lines(toy.run(WRONG)) == ["· add_small: run its cell again", "0 of 4 hold"]
    assert lines(toy.run(RIGHT)) == ["0 of 4 hold"]


def test_an_answer_that_never_ends_is_stopped(toy):
    toy.run(RIGHT)
    toy.run(SMALL)
    toy.run("_watching.LONGEST = 2")
    told = lines(toy.run("def add(a, b):\n    while True:\n        pass"))
    assert told == ["✗ add_small: TimeoutError: this takes more than 2 s: does a loop never end?", "0 of 4 hold"]
    assert toy.run("1 + 1").text == "2"


RENAMED, UNREAD = "the cell of add does not define it any more", "Python could not read the cell of add"


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ("def plus(a, b):\n    return a + b", RENAMED),
        ("def add(a, b:\n    return a + b", UNREAD),
        ("del add", RENAMED),
        ("1 / 0\n" + RIGHT, RENAMED),
    ],
)
def test_nothing_holds_for_code_that_is_gone(toy, after, says):
    toy.run(RIGHT, "mine")
    toy.run(SMALL, "check")
    assert f"· add_small: {says}" in toy.run(after, "mine").text
    shown = toy.run("progress()").text
    assert "✓" not in shown
    assert "Defined no longer: add" in shown
    again = toy.run(SMALL, "check")
    assert f"✗ add_small\n{says}" in again.text
    assert again.status == "ok"
    assert "✓" not in toy.run("progress()").text
    toy.run(RIGHT, "mine")
    toy.run(SMALL, "check")
    assert "✓ add_small" in toy.run("progress()").text


def test_an_answer_that_moved_to_another_cell_stays(toy):
    toy.run(RIGHT, "first")
    toy.run(SMALL)
    toy.run(RIGHT, "second")
    assert toy.run("pass", "first").text == ""
    assert "✓ add_small" in toy.run("progress()").text


def test_the_third_failure_names_the_hint(toy):
    advice = "add_small has failed {n} times in a row: hint {step} of 2 below add may help, unfold it."
    toy.run(WRONG)
    toy.run(SMALL)
    told = [toy.run(f"def add(a, b):\n    return a - {n} * b").text for n in range(2, 10)]
    assert [advice.format(n=3, step=1) in text for text in told] == [n == 3 for n in range(2, 10)]
    assert [advice.format(n=6, step=2) in text for text in told] == [n == 6 for n in range(2, 10)]
    assert "hint" not in told[-1]
    toy.run(RIGHT)
    assert ["hint" in toy.run(f"def add(a, b):\n    return a - {n} * b").text for n in range(3)] == [False, False, True]


def test_running_the_same_code_again_is_no_other_failure(toy):
    toy.run(WRONG)
    assert ["hint" in toy.run(source).text for source in 4 * (SMALL, WRONG)] == [False] * 8


def test_what_has_no_hint_is_told_of_none(toy):
    toy.run("def sub(a, b):\n    return 0")
    toy.run(DIFFERENCE)
    assert ["hint" in toy.run(f"def sub(a, b):\n    return {n}").text for n in range(3, 7)] == [False] * 4


@pytest.mark.parametrize(
    ("sources", "status", "error"),
    [
        ([WRONG, SMALL], "ok", "CheckFailed"),
        ([STUB, SMALL], "ok", "NotImplementedError"),
        ([STUB, "add(1, 2)"], "ok", "NotImplementedError"),
        ([SMALL], "ok", "NameError"),
        (["def add(a, b):\n    return a.b", SMALL], "ok", "AttributeError"),
        (["1 / 0"], "error", "ZeroDivisionError"),
        (["add(1, 2)"], "error", "NameError"),
        (["import torch\ntorch.ones(2, dtype=torch.int8).logsumexp(0).sparse_mask(1)"], "error", None),
        (["raise NotImplementedError"], "error", "NotImplementedError"),
        (["def add(a, b:"], "error", "SyntaxError"),
    ],
)
def test_run_all_goes_on_past_open_checks_and_answers_only(toy, sources, status, error):
    *_, last = [toy.run(source) for source in sources]
    assert last.status == status
    assert last.error == error if error else last.error


def test_where_a_student_stands(toy):
    assert "Not run yet: add, sub" in toy.run("progress()").text
    for source in (WRONG, SMALL, LARGE, SUBTRACT, DIFFERENCE, FORM):
        toy.run(source)
    ran = toy.run("progress()")
    assert set(ran.mimes) == {"text/plain", "text/html"}
    assert lines(ran) == [
        "The data",
        "1 · Sums         0 of 3 points",
        "    ✗ add_small  ✗ add_large",
        "2 · Differences  1 of 2 points",
        "    ✓ sub_small  ◦ sub_form",
        "1 of 4 hold, of 1 the form is right · 1 of 5 points",
        "About 8 minutes are left.",
        "When the notebook is graded, more inputs are tried, and a person reads the answers in words.",
    ]
    toy.run(STUB)
    assert "Not written yet: add" in toy.run("print(progress())").text


def test_the_table_says_what_the_text_says(toy):
    for source in (RIGHT, SMALL):
        toy.run(source)
    page = toy.run("print(progress()._repr_html_())").text
    words = html.unescape(re.sub(r"<[^>]+>", " ", page)).split()
    # Points stand behind the checks in a row, and before them in lines of text.
    assert sorted(words) == sorted(toy.run("print(progress())").text.split())


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("stage", STAGES)
def test_notebooks_know_their_parts(stage, lang):
    notebook = nbformat.read(COURSE / f"notebooks/{lang}/{stage}.ipynb", as_version=4)
    (start,) = [cell.source for cell in notebook.cells if "\nstart(" in cell.source]
    parts = eval(re.search(r"parts=(\{\n.*?\n\})", start, re.DOTALL)[1])
    lines = [line.replace("\xa0", " ") for cell in notebook.cells for line in cell.source.splitlines()]
    assert {part for part in parts if not any(line.startswith(f"## {part}") for line in lines)} == set()
    cells = STAGES[stage].cells
    checks = {name: points for _minutes, _answers, part in parts.values() for name, points in part.items()}
    assert checks == {cell.name: cell.points for cell in cells if cell.kind == "check"}
    answers = {name for _minutes, part, _checks in parts.values() for name in part}
    assert answers == {cell.name for cell in cells if cell.kind == "answer"}
    assert sum(minutes for minutes, *_ in parts.values()) == STAGES[stage].minutes


@pytest.mark.parametrize("stage", ["01_math", "02_manual"])
def test_an_untouched_release_runs_to_its_last_cell(stage):
    notebook = nbformat.read(COURSE / f"notebooks/en/{stage}.ipynb", as_version=4)
    with kernel() as fresh:
        told = [(fresh.run(cell.source, cell.id)) for cell in notebook.cells if cell.cell_type == "code"]
    assert {ran.status for ran in told} == {"ok"}
    assert {ran.error for ran in told} == {None, "NotImplementedError"}
    assert f"0 of {len(STAGES[stage].of_kind('check'))} hold" in told[-1].text
