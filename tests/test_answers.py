"""The tests of the tests: every answer of the banks gets the verdict that it should, in both languages."""

import os
import re
from collections.abc import Callable
from functools import cache, partial

import nbformat
import pytest
from babel.messages.pofile import read_po

from conftest import COURSE, STAGES
from grading.authoring.bank import Answer, read_bank
from grading.authoring.lessons import is_choice
from grading.course.secret import VARIABLE
from grading.rehearsal.cohort import checks_of, solution_answers, submission
from grading.syntax.names import defined_names, used_names
from helpers.messages import LANGUAGES
from running import Errors, Replaced, Replacement, forked, run_each, run_replaced, run_warm

BANKS = {name: read_bank(COURSE, stage) for name, stage in STAGES.items()}
EACH = [(name, lang) for name in STAGES for lang in LANGUAGES]
WITH_DEMOS = ("setup", "answer", "check", "predict", "demo")
# At most so many percent of a stage's wrong answers pass all visible checks, or fail with no mistake named.
MOST_UNSEEN, MOST_GENERIC = 2, 5
SECRETS = 20
FEW_MODULES = 40
SOME = 6  # one answer in so many is judged in French too, unless --whole-banks
GENERIC = re.compile(r": expected (?!shape|an? |whole|floating|\d+ values)[^\n]*, got [^\n]*$")
ENGLISH = re.compile(r"\b(?:the|is|are|was|were|of|with|not|you|your|and|this|that|it|its|has|have|does|to|from|for)\b")


def release(stage: str, lang: str) -> nbformat.NotebookNode:
    """Return the stage's released notebook with the hidden tests that grading puts back."""
    notebook = nbformat.read(COURSE / "notebooks" / lang / f"{stage}.ipynb", as_version=4)
    hidden = nbformat.read(COURSE / "source" / stage / f"{stage}.ipynb", as_version=4)
    checks = {cell.id: cell.source for cell in hidden.cells if cell.metadata.gradus.role == "check"}
    for cell in notebook.cells:
        cell.source = checks.get(cell.id, cell.source)
    return notebook


@pytest.fixture(scope="session")
def verdicts(pytestconfig) -> Callable[[str], list[Replaced]]:
    """Give what says of each answer of a stage's bank what went wrong, in English, and of some in French too.

    Each is handed in alone in an otherwise solved notebook, and the checks of its own exercise run; test_nbgrader hands
    in answers to all exercises together, and runs all checks.
    """
    step = 1 if pytestconfig.getoption("whole_banks") else SOME

    @cache
    def of(stage: str) -> list[Replaced]:
        notebook = submission(release(stage, "en"), tuple(solution_answers(STAGES[stage]).values()))
        own = checks_of(STAGES[stage])
        answers = [
            Replacement(
                a.exercise, a.source, {*own[a.exercise], *a.fails}, LANGUAGES if i % step == 0 else LANGUAGES[:1]
            )
            for i, a in enumerate(BANKS[stage])
        ]
        return run_replaced(notebook, answers)

    return of


@cache
def french(phrase: str) -> list[str]:
    """Return the French of every sentence of the catalogue that contains the phrase."""
    with (COURSE / "helpers/locale/fr/LC_MESSAGES/gradus.po").open("rb") as file:
        return [message.string for message in read_po(file) if message.id and phrase in message.id]


def says(message: str, phrase: str, lang: str) -> bool:
    """Tell whether the message contains the phrase; in French, a sentence that translates it, a number with a comma."""
    comma = re.sub(r"(?<=\d)\.(?=\d)", ",", phrase)
    sentences = [phrase] if lang == "en" else [phrase, comma, *french(phrase)]
    patterns = (".*?".join(map(re.escape, re.split(r"\{[^}]*\}", sentence))) for sentence in sentences)
    return any(re.search(pattern, message, re.DOTALL) for pattern in patterns)


@pytest.mark.parametrize(
    ("stage", "position"),
    [
        pytest.param(stage, i, id=f"{stage}-{answer.exercise}:{answer.line}")
        for stage in STAGES
        for i, answer in enumerate(BANKS[stage])
    ],
)
def test_each_answer_gets_its_verdict(verdicts, stage, position):
    answer = BANKS[stage][position]
    for lang, errors in zip(LANGUAGES, verdicts(stage)[position].errors, strict=False):
        assert set(errors) == set(answer.fails)
        assert sum(map(float, re.findall(r"(?m)^earns (.+)$", "\n".join(errors.values())))) == answer.earns
        if not answer.right:
            assert says("\n".join(errors.values()), answer.says, lang)


@pytest.mark.parametrize("stage", STAGES)
def test_no_wrong_answer_earns_its_full_points(verdicts, stage):
    found = zip(BANKS[stage], verdicts(stage), strict=True)
    earned = [not ran.errors[0] for answer, ran in found if not answer.right]
    print(f"{stage}: {sum(earned)} of {len(earned)} wrong answers earn their full points")
    assert not any(earned)


def wrong(stage: str, ran: list[Replaced]) -> list[tuple[Answer, Replaced]]:
    """Return the wrong answers of a bank, choices apart: their visible checks look at the form alone."""
    choices = {cell.name for cell in STAGES[stage].of_kind("answer") if is_choice(cell)}
    pairs = zip(BANKS[stage], ran, strict=True)
    return [(answer, one) for answer, one in pairs if not answer.right and answer.exercise not in choices]


@pytest.mark.parametrize("stage", STAGES)
def test_visible_checks_fail_wrong_answers(verdicts, stage):
    """What they let through has a reason in the bank, unseen="…"; what they do not has none."""
    found = wrong(stage, verdicts(stage))
    passed = [answer for answer, ran in found if set(ran.errors[0]) == set(ran.hidden)]
    print(f"{stage}: visible checks let {len(passed)} of {len(found)} wrong answers through")
    for answer in passed:
        print(f"  data/answers/{stage}.py:{answer.line}: {answer.exercise}: {answer.unseen or answer.says}")
    assert 100 * len(passed) <= MOST_UNSEEN * len(found)
    assert not [answer.line for answer in BANKS[stage] if answer.unseen and answer not in passed]
    assert all(answer.unseen for answer in passed)


@pytest.mark.parametrize("stage", STAGES)
def test_messages_name_the_mistake(verdicts, stage):
    found = wrong(stage, verdicts(stage))
    generic = [answer for answer, ran in found if all(GENERIC.search(said) for said in ran.errors[0].values())]
    print(f"{stage}: {len(generic)} of {len(found)} wrong answers get a generic message")
    for answer in generic:
        print(f"  data/answers/{stage}.py:{answer.line}: {answer.exercise}: {answer.says}")
    assert 100 * len(generic) <= MOST_GENERIC * len(found)


def english(message: str) -> list[str]:
    """Return the lines of a message that read as English, apart from code and from what Python says of it."""
    own = re.split(r"Traceback \(most recent call last\)|PyTorch dit : ", message)[0]
    lines = (re.sub(r"`.*?`|\(.*?\)", "", line) for line in own.splitlines() if not re.search(r"\w+Error\b", line))
    return [line for line in lines if len(set(ENGLISH.findall(line))) > 1]


@pytest.mark.parametrize("stage", STAGES)
def test_no_message_in_french_holds_an_english_sentence(verdicts, stage):
    messages = [said for ran in verdicts(stage) for errors in ran.errors[1:] for said in errors.values()]
    assert [line for said in messages for line in english(said)] == []


@cache
def solved(stage: str, secret: str) -> tuple[Errors, list[str]]:
    """Run the solutions in a fork; return what goes wrong, and the modules that were imported meanwhile.

    In French: a release's code is the same in both languages, as the build has it.
    """
    notebook = submission(release(stage, "fr"), tuple(solution_answers(STAGES[stage]).values()))
    errors, modules = forked(partial(_run_with, secret, notebook))
    return errors, modules


def _run_with(secret: str, notebook: nbformat.NotebookNode) -> tuple[Errors, list[str]]:
    os.environ[VARIABLE] = secret
    return run_warm(notebook)


@pytest.mark.parametrize("stage", STAGES)
def test_the_solution_passes_every_check_whatever_is_drawn(stage, pytestconfig):
    """A course's secret decides what checks draw: of many none refuses what is right. Demos run in test_claims."""
    for number in range(SECRETS if pytestconfig.getoption("whole_banks") else 1):
        assert solved(stage, f"secret {number}")[0] == {}, number


@pytest.mark.parametrize("stage", STAGES)
def test_no_guest_imports_for_itself_what_the_server_could(stage):
    """A library that everybody's guest imports costs everybody's grading tenths of a second."""
    modules = solved(stage, "secret 0")[1]
    assert len(modules) < FEW_MODULES, modules


@pytest.mark.parametrize(("stage", "lang"), EACH)
def test_the_untouched_release_fails_every_check_with_not_implemented_error_only(stage, lang):
    (errors,) = run_each([release(stage, lang)], WITH_DEMOS)
    assert {cell.name for cell in STAGES[stage].of_kind("check")} <= set(errors)
    assert all(message.startswith("NotImplementedError: ") for message in errors.values())


@pytest.mark.parametrize("stage", STAGES)
def test_a_bank_holds_enough_answers_for_every_exercise(stage):
    bank = BANKS[stage]
    assert sum(not answer.right for answer in bank) >= 20
    assert sum(answer.right for answer in bank) >= 10
    assert {answer.exercise for answer in bank} == {cell.name for cell in STAGES[stage].of_kind("answer")}


@pytest.mark.parametrize("stage", STAGES)
def test_a_bank_answer_stands_on_its_own(stage):
    """Cohorts hand in answers together: one uses of the others what its solution does, and takes no name from them.

    Nor from demos, which run for whoever uses their names, and not when the bank is tested.
    """
    solutions = solution_answers(STAGES[stage])
    owner = {name: exercise for exercise, s in solutions.items() for name in defined_names(s.source)}
    bank = (*solutions.values(), *BANKS[stage])
    kept = {name for cell in STAGES[stage].of_kind("setup", "answer", "predict") for name in defined_names(cell.source)}
    shown = {name for cell in STAGES[stage].of_kind("demo") for name in defined_names(cell.source)} - kept
    for answer in BANKS[stage]:
        borrowed = shown & used_names(answer.source) - defined_names(answer.source)
        assert not borrowed, f"the answer of line {answer.line} uses {borrowed} of a demo: define it in the answer"
        used = {name for name in used_names(answer.source) if owner.get(name, answer.exercise) != answer.exercise}
        foreign = used - used_names(solutions[answer.exercise].source)
        assert not foreign, f"the answer of line {answer.line} uses {foreign}: write it without"
        added = {name for name in defined_names(answer.source) if owner.get(name) != answer.exercise}
        assert not added & owner.keys(), f"the answer of line {answer.line} defines {added & owner.keys()}"
        for other in bank:
            taken = added & (used_names(other.source) - defined_names(other.source)) - {other.exercise}
            if other.exercise != answer.exercise:
                assert not taken, f"the answer of line {answer.line} defines {taken}, which line {other.line} uses"


@pytest.mark.parametrize("stage", STAGES)
def test_every_check_is_failed_by_some_wrong_answer(stage):
    failed = {check for answer in BANKS[stage] for check in answer.fails}
    assert failed == {cell.name for cell in STAGES[stage].of_kind("check")}


def test_a_bank_with_an_unknown_check_is_refused_with_its_line(tmp_path):
    stage = STAGES["02_manual"]
    (tmp_path / "data/answers").mkdir(parents=True)
    (tmp_path / "data/answers/02_manual.py").write_text('# %% wrong="sgd" fails=["no_such_check"] says="x"\npass\n')
    with pytest.raises(ValueError, match=r"02_manual\.py:1: 02_manual has no check no_such_check"):
        read_bank(tmp_path, stage)


def test_run_reports_the_error_of_each_cell():
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("1 / 0", id="bad", metadata={"gradus": {"role": "demo"}})]
    assert run_each([notebook], ("demo",)) == [{"bad": "ZeroDivisionError: division by zero"}]
    assert run_each([notebook], ("setup",)) == [{}]
