"""The course's secret: made once, kept to itself, and a change of it grades everybody again, after a question."""

import json
import os
import shutil
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from conftest import COURSE, STAGES, gradus, new_course
from grading.authoring.preprocessors import ExecuteWithSecret
from grading.course.plain import settings
from grading.course.secret import SecretError, fingerprint, in_environment, make_secret, path_of, secret_of
from grading.records import grade as step
from grading.rehearsal import doctor
from grading.rehearsal.cohort import Student, solution_answers, write_submissions
from grading.results.model import Result

STAGE = "02_manual"
WORD = "a canary of eight words that nobody says aloud"


@pytest.fixture(autouse=True)
def _without_the_tests_own(monkeypatch):
    monkeypatch.delenv("GRADUS_SECRET")


def keep(course: Path, text: str) -> None:
    path_of(course).parent.mkdir(exist_ok=True)
    path_of(course).write_text(text)


def test_a_course_makes_itself_one_secret_that_only_its_owner_can_read(tmp_path):
    assert secret_of(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    secret = make_secret(tmp_path)
    assert len(secret) == 64
    assert (make_secret(tmp_path), secret_of(tmp_path)) == (secret, secret)
    assert stat.S_IMODE(path_of(tmp_path).stat().st_mode) == 0o600
    (tmp_path / "other").mkdir()
    assert make_secret(tmp_path / "other") != secret


def test_all_that_ask_for_the_first_time_at_once_get_the_same_one(tmp_path):
    together = Barrier(8)

    def ask(_: int) -> str:
        together.wait()
        return make_secret(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert sorted(path.name for path in (tmp_path / ".gradus").iterdir()) == [".gitignore", "secret"]


def test_git_does_not_see_it(tmp_path):
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    make_secret(tmp_path)
    told = subprocess.run(["git", "-C", tmp_path, "status", "--porcelain"], capture_output=True, text=True, check=True)
    assert told.stdout == ""


def test_the_environment_overrides_the_file(tmp_path, monkeypatch):
    keep(tmp_path, "of the file\n")
    assert make_secret(tmp_path) == "of the file"
    monkeypatch.setenv("GRADUS_SECRET", "of the environment")
    assert make_secret(tmp_path) == "of the environment"
    monkeypatch.setenv("GRADUS_SECRET", "")
    assert make_secret(tmp_path) == "of the file"


@pytest.mark.parametrize("content", [b"", b" \n", WORD.encode() + b"\0", b"\xff\xfe", b"two\nlines"])
def test_what_is_no_secret_is_refused_with_a_sentence(tmp_path, content):
    keep(tmp_path, "")
    path_of(tmp_path).write_bytes(content)
    with pytest.raises(SecretError, match=r"secret holds no secret, but .*: put the one back") as told:
        make_secret(tmp_path)
    assert WORD not in str(told.value)


def test_a_place_where_no_secret_can_be_is_named(tmp_path):
    (tmp_path / ".gradus").touch()
    with pytest.raises(SecretError, match=r"\.gradus/secret.*Not a directory"):
        make_secret(tmp_path)
    (tmp_path / ".gradus").unlink()
    path_of(tmp_path).mkdir(parents=True)
    with pytest.raises(SecretError, match=r"\.gradus/secret: Is a directory"):
        make_secret(tmp_path)
    path_of(tmp_path).rmdir()
    path_of(tmp_path).symlink_to("nowhere")
    with pytest.raises(SecretError, match=r"\.gradus/secret is a link that leads nowhere"):
        make_secret(tmp_path)


def test_plain_nbgrader_has_the_secret_of_the_folder_in_which_it_grades_and_forgets_it(tmp_path):
    """Whatever folder its settings lie in."""
    course, other = new_course(tmp_path / "course", STAGE), tmp_path / "other"
    other.mkdir()
    config = settings(course, other, STAGE)
    assert ExecuteWithSecret in config.Autograde.autograde_preprocessors
    notebook = new_notebook(cells=[new_code_cell("import os; print(os.environ['GRADUS_SECRET'])")])
    ExecuteWithSecret(config=config).preprocess(notebook, {})
    assert notebook.cells[0].outputs[0].text.strip() == secret_of(other)
    assert "GRADUS_SECRET" not in os.environ
    assert secret_of(course) is None


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> Path:
    """A course that was graded once, and has feedback. Tests must not write in it."""
    course = new_course(tmp_path_factory.mktemp("secret") / "course", STAGE)
    students = [Student("ada", tuple(solution_answers(STAGES[STAGE]).values())), Student("alan", ())]
    write_submissions(COURSE / f"notebooks/en/{STAGE}.ipynb", students, course / "submitted")
    keep(course, WORD)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GRADUS_SECRET")
        for words in (("grade", STAGE), ("feedback", STAGE), ("doctor",)):
            ran = gradus(course, *words)
            assert ran.returncode == 0, ran.stderr
            assert WORD not in ran.stdout + ran.stderr
    return course


@pytest.fixture
def course(first, tmp_path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(first, tmp_path / "course"))


def result_of(course: Path, student: str) -> Result:
    return Result.from_json((course / "autograded" / student / STAGE / "result.json").read_bytes())


def test_the_secret_is_in_no_file_but_its_own_and_decides_the_draws(first):
    holding = [path for path in first.rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]
    assert holding == [path_of(first)]
    assert result_of(first, "ada").hashes["secret"] == fingerprint(WORD)
    with in_environment(WORD):
        from helpers.seeds import seed_of

        assert all(check.seed == seed_of(STAGE, check.name) for check in result_of(first, "ada").checks)


def test_the_same_secret_grades_nobody_again_wherever_it_comes_from(course, monkeypatch):
    assert "unchanged" in gradus(course, "grade", STAGE).stdout
    path_of(course).unlink()
    monkeypatch.setenv("GRADUS_SECRET", WORD)
    assert "2 of them before, and unchanged" in gradus(course, "grade", STAGE).stdout


def _another(course: Path) -> None:
    keep(course, "another one")


def _lost(course: Path) -> None:
    path_of(course).unlink()


def _graded_without(course: Path) -> None:
    """As a version did that knew no secret."""
    for path in course.glob("autograded/*/*/result.json"):
        content = json.loads(path.read_bytes())
        content["hashes"].pop("secret")
        path.write_text(json.dumps(content))


@pytest.mark.parametrize("change", [_another, _lost, _graded_without])
def test_a_changed_secret_grades_everybody_again_after_a_question(course, graders, change):
    change(course)
    asked = []

    def grade(answer: bool) -> list[str]:
        def confirm(question: str) -> bool:
            asked.append(question)
            return answer

        outcomes = step.grade(course, STAGE, graders, 2, confirm=confirm)
        return [outcome.student for outcome in outcomes if outcome.is_new]

    before = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    refused = gradus(course, "grade", STAGE)
    assert refused.returncode == 1
    assert refused.stderr.startswith("2 submissions of 02_manual were graded with another secret, or with none.")
    assert refused.stderr.endswith("Add --yes to have that done.\n")
    with pytest.raises(step.GradeError, match="Nothing was graded"):
        grade(answer=False)
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == before
    assert grade(answer=True) == ["ada", "alan"]
    assert len(asked) == 2
    assert grade(answer=False) == []
    assert result_of(course, "ada").hashes["secret"] == fingerprint(secret_of(course))


def test_yes_answers_beforehand(course):
    _another(course)
    ran = gradus(course, "grade", STAGE, "--yes", "--students", "alan")
    assert ran.returncode == 0, ran.stderr
    assert "1 graded." in ran.stdout


def test_doctor_says_which_secret_is_in_force_and_not_what_it_is(course, monkeypatch):
    monkeypatch.setattr(doctor, "_findings", list)

    def says() -> tuple[bool, str]:
        (found,) = doctor.examine(course)
        assert WORD not in found.says
        return found.is_there, found.says

    path_of(course).chmod(0o600)
    assert says() == (True, "that of .gradus/secret: keep a copy, results hold with it only")
    path_of(course).chmod(0o644)
    assert says() == (False, "others can read .gradus/secret: `chmod 600` it")
    monkeypatch.setenv("GRADUS_SECRET", WORD)
    assert says() == (True, "that of the environment variable GRADUS_SECRET")
    monkeypatch.setenv("GRADUS_SECRET", f"{WORD}\t")
    assert says()[1].startswith("The environment variable GRADUS_SECRET holds no secret, but strange characters")
    monkeypatch.delenv("GRADUS_SECRET")
    path_of(course).unlink()
    assert says() == (True, "none yet: the first grading makes one, .gradus/secret")
