"""Plain nbgrader on our stages, in a folder with our settings and notebooks."""

import re
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pytest
from unsaid import unsaid

from conftest import COURSE, STAGES, new_course
from grading.authoring.bank import Answer
from grading.course import plain
from grading.records import grade as engine
from grading.rehearsal.cohort import Student, packed, solution_answers, write_submissions
from grading.results.model import Failure

# What a message says in figures follows from random inputs: the judge draws them apart from what students draw.
NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]\d+)?")


def nbgrader(folder: Path, *words: str) -> str:
    """Run an nbgrader command, and return what it printed."""
    ran = subprocess.run(["nbgrader", *words], cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


# Plain nbgrader takes ten seconds a student: of two stages it grades these, who answer every exercise, wrongly; in
# French also rightly. Our judge grades of every stage also all that are right, and more that are wrong.
# `--whole-banks`: everybody, of every stage.
PLAIN = {"en": ("wrong0",), "fr": ("untouched", "right0", "wrong0")}
FRENCH, ENGLISH = "02_manual", "09_svm"
JOBS = [*((stage, "en") for stage in STAGES), (FRENCH, "fr")]
WRONG = ("wrong0", "wrong1")


def grade(folder: Path, stage: str, lang: str, whole: bool) -> list[Student]:
    """Release and grade a stage in a new course folder; return the students, those of the `whole` bank or some.

    In French by nbgrader's commands; in English by what they call, which saves minutes.
    """
    if not whole and lang == "en" and stage != ENGLISH:
        return []
    students = [student for student in packed(COURSE, STAGES[stage]) if whole or student.name in PLAIN[lang]]
    new_course(folder, stage)
    if lang == "fr":
        words = ["--CourseDirectory.release_directory=release/fr", "--KeepLanguage.lang=fr"]
        nbgrader(folder, "generate_assignment", stage, *words)
    else:
        plain.generate_assignment(COURSE, folder, lang, stage, database=True)
    write_submissions(folder / "release" / lang / stage / f"{stage}.ipynb", students, folder / "submitted")
    if lang == "fr":
        nbgrader(folder, "autograde", stage)
    else:
        for student in students:
            plain.autograde(COURSE, folder, stage, student.name)
    return students


@pytest.fixture(scope="session")
def graded(request, tmp_path_factory) -> dict[tuple[str, str], tuple[Path, list[Student]]]:
    """Grade the stages that the chosen tests ask for, two side by side."""
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    jobs = [job for job in JOBS if job == (FRENCH, "fr") or {"stage": job[0], "lang": job[1]} in asked]
    folders = {job: tmp_path_factory.mktemp("_".join(job)) for job in jobs}
    whole = request.config.getoption("whole_banks")
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        grading = {job: pool.submit(grade, folders[job], *job, whole) for job in jobs}
        return {job: (folders[job], grading[job].result()) for job in jobs}


@pytest.mark.parametrize(("stage", "lang"), JOBS)
def test_autograde_gives_every_answer_its_verdict(graded, stage, lang):
    folder, students = graded[stage, lang]
    for student in students:
        path = folder / "autograded" / student.name / stage / f"{stage}.ipynb"
        verdicts = plain.read_verdicts(nbformat.read(path, as_version=4))
        failed = {verdict.name for verdict in verdicts if verdict.points != verdict.maximum}
        expected = {v.name for v in verdicts} if student.name == "untouched" else student.fails
        assert failed == expected, student.name


def test_nbgrader_draws_pictures_with_words_and_nothing_that_moves(graded):
    folder, _students = graded[FRENCH, "fr"]
    notebook = nbformat.read(folder / "autograded/right0" / FRENCH / f"{FRENCH}.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [output.data for output in outputs if "data" in output]
    assert unsaid(shown) == []
    pages = [data.get("text/html", "") for data in shown]
    assert sum(page.startswith("<img ") for page in pages) > 10
    assert not any("<script" in page for page in pages)


@pytest.mark.parametrize(("stage", "lang"), JOBS)
def test_our_judge_gives_verdicts_and_the_messages_of_nbgrader(graded, graders, stage, lang, tmp_path, pytestconfig):
    """In French without the answers of which English has shown the verdict."""
    folder, both = graded[stage, lang]
    whole = pytestconfig.getoption("whole_banks")
    new_course(tmp_path, stage)
    students = [s for s in packed(COURSE, STAGES[stage]) if whole or s in both or (lang == "en" and _is_judged(s))]
    write_submissions(COURSE / "notebooks" / lang / f"{stage}.ipynb", students, tmp_path / "submitted")
    outcomes = {o.student: o for o in engine.grade(tmp_path, stage, graders, 2)}
    assert {name: o.status for name, o in outcomes.items()} == {student.name: "graded" for student in students}
    for student in students:
        checks = outcomes[student.name].result.checks
        failed = {check.name for check in checks if check.points != check.maximum}
        assert failed == ({check.name for check in checks} if student.name == "untouched" else student.fails)
    for student in both:
        path = folder / "autograded" / student.name / stage / f"{stage}.ipynb"
        theirs = plain.read_verdicts(nbformat.read(path, as_version=4))
        ours = outcomes[student.name].result.checks
        assert [(check.name, check.points) for check in ours] == [(v.name, v.points) for v in theirs]
        for check, verdict in zip(ours, theirs, strict=True):
            assert check.failure == verdict.failure
            assert type(check.evidence) is type(verdict.evidence), (student.name, check.name)
            if check.failure is not Failure.RAISED:  # a traceback counts the cells that ran, demos too
                assert NUMBER.sub("#", check.message) == NUMBER.sub("#", verdict.message)


def _is_judged(student: Student) -> bool:
    return student.name.startswith("right") or student.name in WRONG


def test_feedback_pages_are_made_without_hidden_tests(graded):
    folder, students = graded[FRENCH, "fr"]
    nbgrader(folder, "generate_feedback", FRENCH)
    pages = {path.parts[-3]: path.read_text("utf-8") for path in folder.glob(f"feedback/*/{FRENCH}/{FRENCH}.html")}
    assert set(pages) == {student.name for student in students}
    assert not any("HIDDEN TESTS" in page for page in pages.values())


def test_grades_can_be_exported(graded):
    folder, students = graded[FRENCH, "fr"]
    nbgrader(folder, "export")
    rows = (folder / "grades.csv").read_text().splitlines()
    assert len(rows) == 1 + len(students)


def test_validate_names_what_an_untouched_release_lacks(tmp_path):
    shutil.copy(COURSE / "notebooks/fr/02_manual.ipynb", tmp_path)
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    said = nbgrader(tmp_path, "validate", "02_manual.ipynb")
    graded_cells = STAGES["02_manual"].of_kind("check", "open")
    assert f"VALIDATION FAILED ON {len(graded_cells)} CELL(S)" in said
    assert "forward reste à écrire" in said


def test_validate_passes_a_solved_release(tmp_path):
    opens = [Answer(cell.name, cell.source, (), "", 1) for cell in STAGES["02_manual"].of_kind("open")]
    answers = (*solution_answers(STAGES["02_manual"]).values(), *opens)
    write_submissions(COURSE / "notebooks/en/02_manual.ipynb", [Student("ada", answers)], tmp_path)
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    assert "Success!" in nbgrader(tmp_path, "validate", "ada/02_manual/02_manual.ipynb")


def test_no_warning_costs_a_point(tmp_path):
    noisy = Answer(
        "sgd",
        "import logging, sys, warnings\n\n"
        "def sgd(params, grads, eta):\n"
        "    warnings.warn('mind the step')\n"
        "    logging.warning('mind the gap')\n"
        "    print('progress', file=sys.stderr)\n"
        "    print('progress', file=sys.__stderr__)\n"
        "    return {name: params[name] - eta * grads[name] for name in params}",
        (),
        "",
        1,
    )
    stage = "02_manual"
    new_course(tmp_path, stage)
    nbgrader(tmp_path, "generate_assignment", stage)
    write_submissions(
        tmp_path / "release/en" / stage / f"{stage}.ipynb", [Student("ada", (noisy,))], tmp_path / "submitted"
    )
    nbgrader(tmp_path, "autograde", stage)
    notebook = nbformat.read(tmp_path / "autograded/ada" / stage / f"{stage}.ipynb", as_version=4)
    points = {verdict.name: verdict.points for verdict in plain.read_verdicts(notebook)}
    assert (points["sgd_step"], points["sgd_any_network"]) == (2, 1)
