"""Grading a class with `gradus grade`: results, gradebook, what is skipped, and what survives a kill."""

import fcntl
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from conftest import COURSE, STAGES, gradus, new_course
from grading.authoring.bank import Answer
from grading.cli.tables import show_outcomes
from grading.course import plain
from grading.course.roster import Person
from grading.engine.digest import ENGINE
from grading.engine.pool import Workers
from grading.engine.task import NOTEBOOK_SECONDS, OF_REFERENCE, Limits, Submit
from grading.records import grade as step
from grading.records.gradebook import Recorder, RecordError
from grading.records.standing import Standing
from grading.rehearsal.cohort import Student, expected, make_class, solution_answers, write_submissions
from grading.results.model import Reason, Result, ungradable
from grading.results.wording import reason_of, remarks_of
from grading.sandbox.bubblewrap import missing

STAGE = "02_manual"
OPEN = next(cell.name for cell in STAGES[STAGE].of_kind("open"))


def hand_in(course: Path, students: list[Student], stage: str = STAGE, lang: str = "en") -> None:
    write_submissions(COURSE / "notebooks" / lang / f"{stage}.ipynb", students, course / "submitted")


def with_text(name: str, text: str) -> Student:
    """Make a student whose answers are all right, with this text for the open question."""
    answers = tuple(solution_answers(STAGES[STAGE]).values())
    return Student(name, (*answers, Answer(OPEN, text, (), "", 1)))


@pytest.fixture
def grade(graders) -> Callable[..., dict[str, step.Outcome]]:
    """Return a function that grades a course and returns everybody's outcome."""

    def run(course: Path, **options) -> dict[str, step.Outcome]:
        return {outcome.student: outcome for outcome in step.grade(course, STAGE, graders, 2, **options)}

    return run


def result_of(course: Path, student: str, stage: str = STAGE) -> Result:
    return Result.from_json((course / "autograded" / student / stage / "result.json").read_bytes())


def scores(course: Path, student: str, stage: str = STAGE) -> dict[str, float | None]:
    """Return the automatic scores that the gradebook holds."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
        notebook = gradebook.find_submission_notebook(stage, stage, student)
        return {score.name: score.auto_score for score in notebook.grades}


def agrees(course: Path, student: str) -> bool:
    """Whether the gradebook holds what the result says."""
    result = result_of(course, student)
    return scores(course, student) == {one.name: one.points for one in result.verdicts}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A course with a graded class: right, wrong, French and untouched. Tests must not write in it."""
    course = new_course(tmp_path_factory.mktemp("course"), STAGE)
    students = make_class(COURSE, STAGES[STAGE], 6, 3, damaged=False)
    hand_in(course, students[:-1])
    hand_in(course, [Student("zoé", students[0].answers)], lang="fr")
    hand_in(course, students[-1:])
    ran = gradus(course, "grade", STAGE)
    assert ran.returncode == 0, ran.stderr
    assert "7 graded." in ran.stdout
    return course


@pytest.fixture
def course(graded, tmp_path) -> Path:
    """A copy of the graded course, to change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def test_each_student_has_a_result_an_executed_notebook_and_scores(graded):
    for folder in (graded / "submitted").iterdir():
        student = folder.name
        result = result_of(graded, student)
        assert (result.student, result.stage, result.status) == (student, STAGE, "graded")
        assert result.lang == ("fr" if student == "zoé" else "en")
        assert set(result.hashes) == {"submission", "source", "secret", "engine"}
        assert {"python", "torch"} <= set(result.versions)
        assert result.sandboxed == (missing() is None)
        assert [check.name for check in result.checks] == [c.name for c in STAGES[STAGE].of_kind("check")]
        notebook = nbformat.read(graded / "autograded" / student / STAGE / f"{STAGE}.ipynb", as_version=4)
        nbformat.validate(notebook)
        assert agrees(graded, student)


def test_messages_are_those_of_the_answer_bank_in_the_language_of_the_notebook(graded):
    students = make_class(COURSE, STAGES[STAGE], 6, 3, damaged=False)
    for student in students[1:-1]:
        failed = {check.name: check.message for check in result_of(graded, student.name).checks if not check.holds}
        assert set(failed) == student.fails
        assert all(failed.values())
    untouched = result_of(graded, students[-1].name)
    assert all(check.message.endswith("is not written yet") for check in untouched.checks)


def test_unchanged_submissions_are_skipped(course):
    before = {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/*/*")}
    ran = gradus(course, "grade", STAGE)
    assert "7 graded; 7 of them before, and unchanged." in ran.stdout
    assert {path: path.stat().st_mtime_ns for path in course.glob("autograded/*/*/*")} == before


def test_what_changed_is_graded_again(course, monkeypatch, grade):
    two = ["ada", "zoé"]

    def graded_anew(**options) -> list[str]:
        return [name for name, outcome in grade(course, students=two, **options).items() if outcome.is_new]

    path = course / "submitted/ada" / STAGE / f"{STAGE}.ipynb"
    path.write_text(path.read_text("utf-8").replace("return", "return ", 1), "utf-8")
    assert graded_anew() == ["ada"]
    assert graded_anew(force=True) == two
    source = course / "source" / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    check = next(cell for cell in notebook.cells if cell.metadata.gradus.role == "check")
    check.source += "\n    # a test was mended"
    nbformat.write(notebook, source)
    assert graded_anew() == two
    monkeypatch.setattr(step, "engine_digest", lambda: "another engine")
    assert graded_anew() == two
    assert graded_anew() == []
    monkeypatch.setenv("GRADUS_SECRET", "another year")
    assert graded_anew() == two


def test_the_engine_is_what_workers_and_guests_import():
    modules = "grading.guest.image, grading.engine.grader, grading.engine.pool"
    code = f"import sys, {modules}; print(*(m for m in sys.modules if m.startswith('grading.')))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {name.split(".")[1] for name in names} == set(ENGINE)


def test_a_mark_given_by_hand_is_never_overwritten(tmp_path, grade):
    course = new_course(tmp_path, STAGE)
    hand_in(course, [with_text("ada", "Because of the slope.")])
    grade(course)

    def mark() -> tuple:
        with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
            found = gradebook.find_grade(OPEN, STAGE, STAGE, "ada")
            comment = gradebook.find_comment(OPEN, STAGE, STAGE, "ada")
            return found.auto_score, found.manual_score, found.extra_credit, found.needs_manual_grade, comment.comment

    assert mark() == (None, None, None, True, None)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
        found = gradebook.find_grade(OPEN, STAGE, STAGE, "ada")
        found.manual_score, found.extra_credit, found.needs_manual_grade = 1.5, 0.5, False
        gradebook.find_comment(OPEN, STAGE, STAGE, "ada").manual_comment = "Say which slope."
        gradebook.db.commit()
    grade(course, force=True)
    assert mark() == (None, 1.5, 0.5, False, "Say which slope.")
    hand_in(course, [with_text("ada", "Because tanh is steepest at 0.")])
    grade(course)
    assert mark() == (None, 1.5, 0.5, True, "Say which slope."), "the mark stays, and is to be looked at again"


def test_an_open_answer_left_untouched_gets_0_and_needs_no_marker(graded):
    (question,) = result_of(graded, "ada").questions
    assert question.points == 0
    with Gradebook(f"sqlite:///{graded}/gradebook.db", "gradus") as gradebook:
        assert not gradebook.find_grade(OPEN, STAGE, STAGE, "ada").needs_manual_grade


def test_a_gradebook_that_was_lost_is_filled_again(course, grade):
    (course / "gradebook.db").unlink()
    assert not any(outcome.is_new for outcome in grade(course).values())
    assert all(agrees(course, folder.name) for folder in (course / "submitted").iterdir())


def test_who_handed_in_nothing_is_missing(course, grade):
    (course / "submitted/late").mkdir()
    with Recorder(course, STAGE, nbformat.read(course / "source" / STAGE / f"{STAGE}.ipynb", as_version=4)) as recorder:
        recorder._gradebook.add_student("enrolled")
    outcomes = grade(course)
    assert {name for name, outcome in outcomes.items() if outcome.status == "missing"} == {"late", "enrolled"}
    assert "2 missing" in gradus(course, "grade", STAGE).stdout


def test_a_student_may_have_any_name(graded, tmp_path):
    names = ("Zoë d'Arc", 'Ann "Bob" O.', "a.*[b]+(c)?", "名前", "100% $HOME `x`", "-rf", "[bold]x[b]")
    course = new_course(tmp_path, STAGE)
    for name in names:
        shutil.copytree(graded / "submitted/ada", course / "submitted" / name)
    shutil.copytree(graded / "autograded/.reference", course / "autograded/.reference")
    ran = gradus(course, "grade", STAGE)
    assert "7 graded." in ran.stdout, ran.stderr
    for name in names:
        assert result_of(course, name).points == 39
        assert agrees(course, name)


def test_a_name_that_is_not_utf8_is_ungradable_and_stops_nobody(course, grade):
    shutil.copytree(os.fsencode(course / "submitted/ada"), os.fsencode(course / "submitted") + b"/Ren\xe9")
    outcomes = grade(course)
    assert [outcome.status for outcome in outcomes.values()].count("ungradable") == 1
    assert "Ren\\udce9" in gradus(course, "grade", STAGE).stdout


def test_an_ungradable_file_gets_no_points_and_keeps_what_was_marked(course, grade):
    before = scores(course, "ada")
    (course / "submitted/ada" / STAGE / f"{STAGE}.ipynb").write_bytes(b"")
    outcome = grade(course)["ada"]
    assert (outcome.status, reason_of(outcome.result)) == ("ungradable", "The file is empty: ask for it again.")
    assert not outcome.result.has_points
    assert scores(course, "ada") == before
    assert not grade(course)["ada"].is_new


def test_a_solution_that_loses_points_is_refused_before_anybody_is_graded(course):
    source = course / "source" / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    check = next(cell for cell in notebook.cells if cell.metadata.gradus.role == "check")
    check.source += "\n    check.that(False, 'a test that is wrong')"
    nbformat.write(notebook, source)
    ran = gradus(course, "grade", STAGE)
    assert ran.returncode == 1
    assert f"The solution of {STAGE} itself does not earn all points" in ran.stderr
    assert check.metadata.nbgrader.grade_id in ran.stderr


def test_the_solution_may_take_its_time_and_sets_the_limits_of_the_others(tmp_path, graders):
    """However slow a machine is: there what a student's cell may take grows with the solution's."""
    course, tasks = new_course(tmp_path / "course", STAGE), []
    hand_in(course, [with_text("ada", "Short.")])

    @contextmanager
    def noting() -> Iterator[Submit]:
        with graders as submit:
            yield lambda task: (tasks.append(task), submit(task))[1]

    list(step.grade(course, STAGE, noting(), 1))
    seconds = json.loads((course / f"autograded/.reference/{STAGE}.json").read_bytes())["seconds"]
    slowest = max(seconds, key=seconds.get)
    assert [task.limits for task in tasks] == [OF_REFERENCE, Limits.from_reference(seconds)]
    assert OF_REFERENCE.of(slowest) == OF_REFERENCE.notebook > 3 * NOTEBOOK_SECONDS
    assert Limits.from_reference({slowest: 60}).of(slowest) == 600


def test_a_dry_run_names_those_whose_points_a_changed_check_changes(course):
    source = course / "source" / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    failed = {path.parts[-3]: result_of(course, path.parts[-3]) for path in course.glob("autograded/*/*/result.json")}
    checks = {student: [check.name for check in result.checks if not check.holds] for student, result in failed.items()}
    name = next(name for names in checks.values() for name in names)
    next(cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name).source = "pass"
    nbformat.write(notebook, source)
    before = {path: path.stat().st_mtime_ns for path in course.rglob("*") if path.is_file()}
    ran = gradus(course, "grade", STAGE, "--dry-run")
    assert ran.returncode == 0, ran.stderr
    told = re.findall(rf"^  (\S+): {name} 0 → \S+: the check changed$", ran.stdout, re.MULTILINE)
    assert told == sorted(student for student, names in checks.items() if name in names)
    assert ran.stdout.endswith(f"Nothing was written. Next: gradus grade {STAGE}\n")
    assert {path: path.stat().st_mtime_ns for path in course.rglob("*") if path.is_file()} == before


def test_a_text_that_was_not_built_is_noted(course):
    text = course / "source" / STAGE / f"{STAGE}.py"
    shutil.copy(COURSE / "pyproject.toml", course)
    later = text.with_suffix(".ipynb").stat().st_mtime + 10
    os.utime(text, (later, later))
    assert "Note:" not in gradus(course, "grade", STAGE).stdout, "only the time differs"
    text.write_text(
        text.read_text("utf-8").replace("# %% [markdown]", "# %%  [markdown]", 1) + "\n# a last line\n", "utf-8"
    )
    os.utime(text, (later, later))
    assert "Note: the text of 02_manual has changed" in gradus(course, "grade", STAGE).stdout


def test_cells_that_came_or_went_are_refused_while_marks_depend_on_them(course, grade):
    source = course / "source" / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(source, as_version=4)
    check = next(cell for cell in notebook.cells if cell.metadata.gradus.role == "check")
    check.metadata.nbgrader.grade_id = "another_name"
    nbformat.write(notebook, source)
    with pytest.raises(RecordError, match="another_name"):
        grade(course)


def test_a_gradebook_in_use_is_told_in_a_sentence(course):
    (course / "submitted/ada" / STAGE / f"{STAGE}.ipynb").touch()
    holder = sqlite3.connect(course / "gradebook.db")
    holder.execute("BEGIN EXCLUSIVE")
    ran = gradus(course, "grade", STAGE, "--force")
    holder.close()
    assert ran.returncode == 1
    assert ran.stderr.startswith("The gradebook cannot be used (database is locked): close what else uses it")


def test_what_lies_beside_a_notebook_is_named_and_stops_nobody(course, grade):
    folder = course / "submitted/ada" / STAGE
    (folder / "timestamp.txt").write_text("yesterday at noon")
    (folder / "myutils.py").write_text("f = 1")
    (folder / f"{STAGE}.ipynb").rename(folder / "Notebook.IPYNB")
    outcome = grade(course)["ada"]
    assert (outcome.status, outcome.result.points) == ("graded", 39)
    assert remarks_of(outcome.result) == ["Handed in beside the notebook, and not used: myutils.py."]


def test_a_failure_of_the_machine_is_tried_again_the_next_time(course, monkeypatch, grade):
    monkeypatch.setattr(Workers, "_run_child", lambda *_: "no space left")
    first = grade(course, students=["ada"], force=True)["ada"]
    assert (first.status, "no space left" in reason_of(first.result)) == ("ungradable", True)
    monkeypatch.undo()
    again = grade(course, students=["ada"])["ada"]
    assert (again.status, again.is_new) == ("graded", True)


def test_two_that_grade_at_once_are_kept_apart(course):
    with (course / "autograded/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ran = gradus(course, "grade", STAGE)
    assert ran.returncode == 1
    assert "Another `gradus grade` is at work" in ran.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("no_stage",), "There is no stage 'no_stage'"),
        ((STAGE, "--students", "nobody"), "There is no student 'nobody'"),
    ],
)
def test_what_is_not_there_is_named(course, words, sentence):
    ran = gradus(course, "grade", *words)
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr


def test_nbgraders_own_commands_go_on_from_our_results(course, grade):
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for words in (["export"], ["generate_feedback", STAGE], ["generate_assignment", STAGE, "--force"]):
        ran = subprocess.run(["nbgrader", *words], cwd=course, env=env, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    rows = (course / "grades.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + 7
    assert len(list(course.glob(f"feedback/*/{STAGE}/{STAGE}.html"))) == 7
    assert not any(outcome.is_new for outcome in grade(course).values()), "generate_assignment wrote the same cells"


def test_the_gradebook_keeps_the_cells_that_generate_assignment_writes(tmp_path, graded):
    course = new_course(tmp_path, STAGE)
    plain.generate_assignment(course, course, "en", STAGE, database=True)

    def cells(folder: Path) -> dict:
        with Gradebook(f"sqlite:///{folder}/gradebook.db", "gradus") as gradebook:
            notebook = gradebook.find_notebook(STAGE, STAGE)
            return {
                cell.name: (cell.source, cell.checksum, cell.cell_type, cell.locked) for cell in notebook.source_cells
            }

    assert cells(course) == cells(graded)


def test_killed_at_any_moment_every_student_is_graded_once(tmp_path, grade):
    course = new_course(tmp_path, STAGE)
    students = make_class(COURSE, STAGES[STAGE], 20, 5)
    hand_in(course, students)
    draw = random.Random(1)
    seen: dict[str, int] = {}
    command = [sys.executable, "-m", "grading.cli", "grade", STAGE]
    for _ in range(6):
        process = subprocess.Popen(command, cwd=course, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=draw.uniform(0.5, 6))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        found = {path.parent.parent.name: path.stat().st_mtime_ns for path in course.glob("autograded/*/*/result.json")}
        assert found.items() >= seen.items(), "nobody is graded twice"
        seen = found
    outcomes = grade(course)
    assert {name for name, outcome in outcomes.items() if not outcome.is_new} == set(seen)
    for student in students:
        key, result = expected(student, STAGES[STAGE]), outcomes[student.name].result
        assert (result.status, result.points if result.has_points else None) == (key["status"], key["points"])
        assert key["points"] is None or agrees(course, student.name)


def test_the_table_prints_what_no_terminal_should(tmp_path):
    """A stage or points in the metadata of a notebook may be any text, and end in the remarks."""
    said = ungradable(Reason.OTHER_STAGE, found="\ud800 \x1b[2J [/bold] " + 3000 * "x", stage=STAGE)
    with (tmp_path / "out").open("w", encoding="utf-8") as file:
        outcome = step.Outcome(Standing(Person("a\udcff"), said), is_new=True)
        show_outcomes("02_manual", [outcome], Console(file=file, width=150))
    text = (tmp_path / "out").read_text("utf-8")
    assert r"\ud800 \x1b[2J [/bold]" in text
    assert r"a\udcff" in text
    assert len(text) < 9000
