"""Mistakes that no sentence names: found in a graded class, and drafted as entries of the bank that name nobody."""

import contextlib
import re
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from click.testing import Result
from typer.testing import CliRunner

from conftest import COURSE, STAGES, new_course
from grading.authoring.bank import Answer, read_bank
from grading.cli.app import app
from grading.overview.bare import bare, known_texts
from grading.overview.drafts import write_drafts
from grading.overview.mining import Finding, Unnamed, missing_line
from grading.overview.mining import mine as step
from grading.records import grade as engine
from grading.rehearsal.cohort import Student, checks_of, solution_answers, submission, write_submissions
from grading.results.model import Failure
from running import Replacement, run_replaced

STAGE = "02_manual"
FIVEFOLD = '''def loss_accuracy(Yhat, Y):
    """Ada Lovelace's own."""
    # ada, with alan
    print("by Ada", f"{Yhat} of Alan")
    L = 5 * -(Y * torch.log(Yhat)).sum(1).mean()
    return L, (Yhat.argmax(1) == Y.argmax(1)).float().mean()'''
# Each of two students makes these; the class holds others besides, which are no findings.
PLANTED = {
    "loss_accuracy": FIVEFOLD,
    "minibatches": 'def minibatches(n, batch):\n    return [torch.arange(n)[i // 0 :] for i in range("Ada" == 0, n)]',
    "sgd": "def sgd(params, grads, eta):\n    return {key: params[key] - 7 * eta * grads[key] for key in params}",
}
FAILS = {
    "loss_accuracy": ["loss_value"],
    "minibatches": ["minibatches_cover", "minibatches_random"],
    "sgd": ["sgd_step"],
}


def answers(**others: str) -> tuple[Answer, ...]:
    solutions = {name: answer.source for name, answer in solution_answers(STAGES[STAGE]).items()}
    return tuple(Answer(name, source, (), "", 1) for name, source in (solutions | others).items())


@pytest.fixture(scope="module")
def graded(tmp_path_factory, graders) -> Path:
    """A course whose class made three mistakes that lack a name, in both languages. Tests must not write in it."""
    course = new_course(tmp_path_factory.mktemp("course"), STAGE)
    (course / "data/answers").mkdir(parents=True)
    shutil.copy(COURSE / "data/answers" / f"{STAGE}.py", course / "data/answers")
    for lang, name in (("en", "ada"), ("fr", "alan")):
        student = Student(name, answers(**PLANTED))
        write_submissions(COURSE / "notebooks" / lang / f"{STAGE}.ipynb", [student], course / "submitted")
    ada, _alan = (outcome.result for outcome in engine.grade(course, STAGE, graders, 2))
    # Others failed otherwise, or so that a sentence names the mistake.
    named = [replace(one, failure=Failure.MISTAKE, message="x: you forgot the mean") for one in ada.checks]
    other = [replace(one, message=one.message + "5") for one in ada.checks]
    for student, checks in (("carl", other), ("zoé", named), ("yann", named)):
        place = course / "autograded" / student / STAGE / "result.json"
        place.parent.mkdir(parents=True)
        (course / "submitted" / student).mkdir()
        place.write_bytes(replace(ada, checks=tuple(checks), student=student).to_json())
    return course


@pytest.fixture
def course(graded, tmp_path) -> Path:
    """A copy of the graded course, to change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def run(course: Path, *words: str) -> Result:
    with contextlib.chdir(course):
        return CliRunner().invoke(app, words)


def test_exactly_the_mistakes_without_a_name_are_found(graded):
    _group, findings = step(graded, STAGE)
    assert {one.exercise: sorted(one.students) for one in findings} == {name: ["ada", "alan"] for name in PLANTED}
    assert len(findings) == len(PLANTED)
    assert {one.exercise: one.fails for one in findings} == FAILS
    by_check = {failure.check: failure for one in findings for failure in one.failures}
    assert by_check["minibatches_cover"].raised.startswith("ZeroDivisionError")
    assert by_check["loss_value"].what == "loss_accuracy(Yhat, Y)[0]"
    assert float(by_check["loss_value"].got) == pytest.approx(5 * float(by_check["loss_value"].expected), rel=1e-3)


def test_a_draft_is_an_entry_of_the_bank_once_its_sentence_is_there(course):
    said = run(course, "mine", STAGE)
    assert said.exit_code == 0, said.output
    assert "2 × loss_accuracy" in said.stdout
    assert f"source/{STAGE}/{STAGE}.py:" in said.stdout
    assert 'unless={"…": ' in said.stdout
    drafts, bank = (course / "data/answers" / f"{STAGE}{end}" for end in (".draft.py", ".py"))
    assert not drafts.exists()
    assert "3 drafts added" in run(course, "mine", STAGE, "--write").stdout
    text = drafts.read_text("utf-8")
    assert not [name for name in ("Ada", "ada", "Alan", "alan") if name in text.replace("gradus", "")]

    assert "0 drafts added" in run(course, "mine", STAGE, "--write").stdout
    assert drafts.read_text("utf-8") == text

    before = read_bank(course, STAGES[STAGE])
    cells = text[text.index("# %% [markdown]", 1) :]
    bank.write_text(bank.read_text("utf-8") + "\n" + cells, "utf-8")
    with pytest.raises(ValueError, match="a wrong answer needs"):
        read_bank(course, STAGES[STAGE])
    bank.write_text(bank.read_text("utf-8").replace('says=""', 'says="three times"'), "utf-8")
    added = read_bank(course, STAGES[STAGE])[len(before) :]
    assert {one.exercise: list(one.fails) for one in added} == FAILS
    drafts.unlink()  # moved into the bank, they are no drafts again
    assert "0 drafts added" in run(course, "mine", STAGE, "--write").stdout


def test_a_draft_gets_its_verdict_once_the_check_has_its_line(course):
    """What an author does: the sentence into the draft, the line into the check; then the bank's own test."""
    said, sentence = run(course, "mine", STAGE, "--write").stdout, "this is five times the loss"
    (line,) = re.findall(r'unless=\{("…": 1\.8\d+)\}', said)
    drafts = (course / "data/answers" / f"{STAGE}.draft.py").read_text("utf-8").replace('says=""', f'says="{sentence}"')
    (course / "data/answers" / f"{STAGE}.py").write_text(drafts[drafts.index("# %% [markdown]", 1) :], "utf-8")
    (draft,) = [one for one in read_bank(course, STAGES[STAGE]) if one.exercise == "loss_accuracy"]
    solutions = tuple(solution_answers(STAGES[STAGE]).values())
    notebook = submission(nbformat.read(COURSE / "source" / STAGE / f"{STAGE}.ipynb", 4), solutions)
    (check,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "loss_value"]
    own = set(checks_of(STAGES[STAGE])["loss_accuracy"])
    (before,) = run_replaced(notebook, [Replacement(draft.exercise, draft.source, own)])
    check.source = check.source.replace("unless={", f"unless={{{line.replace('…', sentence)},", 1)
    (after,) = run_replaced(notebook, [Replacement(draft.exercise, draft.source, own)])
    assert set(before.errors[0]) == set(after.errors[0]) == set(draft.fails)
    assert sentence not in before.errors[0]["loss_value"]
    assert sentence in after.errors[0]["loss_value"]


def test_drafts_name_nobody_and_keep_what_the_code_needs():
    source = '''def f(params):
    """Of Ada."""
    # Ada
    "Ada again"; f"and {params}"
    if params["Wh"] == "Ada": b"Ada"
    return params["Wh"], f"Ada {1:>3}"'''
    code = bare(source, known_texts(['{"Wh": 1}']))
    assert code is not None
    assert "Ada" not in code
    assert "params['Wh']" in code
    compile(code, "draft", "exec")
    assert bare("def f(:", ()) is None
    assert bare("%time f()", ()) is None
    assert bare("(" * 5_000, ()) is None


def test_a_draft_quotes_no_text_of_a_student(tmp_path):
    failures = [
        Unnamed("one", "f()", "'Ada'", "'Wh'"),
        Unnamed("two", raised="ValueError: Ada was here"),
        Unnamed("three", raised="AdaError: x"),
    ]
    path, new = write_drafts(tmp_path, STAGE, [Finding("f", failures, ["a", "b"], ["one"], "x = 1\n# %% y")], {"Wh"})
    text = path.read_text("utf-8")
    assert new == 1
    assert "Ada" not in text
    assert "ValueError" in text
    assert "'Wh'" in text
    assert text.count("# %%") == 3


def test_the_missing_line_says_what_is_known():
    assert missing_line(Unnamed("one", "f()", "0.5", "1")) == 'unless={"…": 0.5}'
    assert "at [0, 1]" in missing_line(Unnamed("one", "f()", "0.5", "1", "[0, 1]"))
    assert "check.fits" in missing_line(Unnamed("one", raised="KeyError: 'x'"))


def test_drafts_that_cannot_be_read_are_told_of(course):
    (course / "data/answers" / f"{STAGE}.draft.py").write_bytes(b"\xff")
    ran = run(course, "mine", STAGE, "--write")
    assert (ran.exit_code, "is not UTF-8" in ran.stderr) == (1, True)


def test_where_there_is_nothing_to_find_a_sentence_says_so(tmp_path):
    course = new_course(tmp_path / "course", STAGE)
    ran = run(course, "mine", STAGE)
    assert (ran.exit_code, ran.stderr) == (1, f"Nobody has a result for {STAGE}: run `gradus grade {STAGE}` first.\n")
    ran = run(course, "mine", "99_none")
    assert (ran.exit_code, "There is no stage '99_none'" in ran.stderr) == (1, True)
