"""A made-up class: the same for the same seed, apart from real work, and graded as its key says."""

import json
from collections import Counter
from functools import cache
from itertools import product
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from conftest import COURSE, STAGES, gradus
from grading.engine.task import Limits, Task
from grading.recovery.merging import merge
from grading.rehearsal import cohort
from grading.rehearsal.cohort import (
    DAMAGES,
    CohortError,
    Student,
    checks_of,
    expected,
    files_of,
    make_class,
    solution_answers,
    submission,
)
from grading.results.model import Result
from grading.syntax.names import defined_names, used_names
from helpers.messages import LANGUAGES
from running import Replacement, run_replaced

STAGE = STAGES["02_manual"]
# What is mended before there are cells: their answers survive, which takes no grading to see.
READ = ("in_utf_16", "in_one_byte", "with_garbage", "with_commas", "in_conflict", "in_json")
MENDABLE = {name for name, damage in DAMAGES.items() if not damage.is_hopeless and name != "exiting"}


@cache
def released(stage: str, lang: str) -> NotebookNode:
    return nbformat.read(COURSE / "notebooks" / lang / f"{stage}.ipynb", as_version=4)


@cache
def instructor(stage: str) -> bytes:
    return (COURSE / "source" / stage / f"{stage}.ipynb").read_bytes()


@pytest.fixture
def course(tmp_path) -> Path:
    """Return a course without any work handed in, its folders those of this one."""
    for name in ("source", "notebooks", "data"):
        (tmp_path / name).symlink_to(COURSE / name)
    return tmp_path


def written(course: Path) -> dict[str, bytes]:
    submitted = course / "submitted"
    return {str(path.relative_to(submitted)): path.read_bytes() for path in submitted.rglob("*") if path.is_file()}


def write(course: Path, size: int = 30, seed: int = 1, lang: str = "en") -> dict[str, bytes]:
    cohort.write_cohort(course, STAGE, size, seed, lang)
    return written(course)


# Making it


def test_the_same_words_give_the_same_bytes(course, tmp_path_factory):
    first = write(course)
    again = tmp_path_factory.mktemp("again")
    for name in ("source", "notebooks", "data"):
        (again / name).symlink_to(COURSE / name)
    assert gradus(again, "cohort", "02_manual").returncode == 0
    assert written(again) == first


@pytest.mark.parametrize("other", [{"seed": 2}, {"lang": "fr"}])
def test_another_seed_or_language_gives_another_class(course, tmp_path_factory, other):
    again = tmp_path_factory.mktemp("again")
    for name in ("notebooks", "data"):
        (again / name).symlink_to(COURSE / name)
    assert write(again, **other) != write(course)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_small_class_has_its_size(size):
    students = make_class(COURSE, STAGE, size, seed=1)
    assert len({student.name for student in students}) == size
    assert (students[0].fails, students[0].damage, len(students[0].answers)) == (set(), None, len(checks_of(STAGE)))
    assert size == 1 or students[-1] == Student(students[-1].name, ())


def test_a_class_is_made_as_classes_are():
    students = make_class(COURSE, STAGE, 1000, seed=4)
    damages = Counter(student.damage for student in students)
    assert damages.pop(None) == 900
    assert damages.keys() == DAMAGES.keys()
    assert set(damages.values()) == {2, 3}
    exercises = list(checks_of(STAGE))
    answered = [[answer.exercise for answer in student.answers] for student in students]
    assert sum(not names for names in answered) == 31
    unfinished = [names for names in answered if 0 < len(names) < len(exercises)]
    assert len(unfinished) == 80
    assert all(names == exercises[: len(names)] for names in unfinished)
    assert all(len(exercises) - len(names) >= 2 for names in unfinished)
    mistakes = Counter(sum(not answer.right for answer in student.answers) for student in students)
    assert max(mistakes) <= 5
    assert all(mistakes[n] >= 60 for n in range(5))


def test_a_class_can_be_without_damages():
    assert {student.damage for student in make_class(COURSE, STAGE, 100, seed=4, damaged=False)} == {None}


# Keeping it apart from real work


def test_a_class_may_be_written_again(course):
    assert write(course) == write(course)


@pytest.mark.parametrize(
    "path",
    [
        "someone/02_manual/02_manual.ipynb",
        "ada/02_manual/02_manual.ipynb",
        "ada/02_manual/another.ipynb",
        "ada/02_manual/earlier/02_manual.ipynb",
    ],
)
def test_somebody_else_s_work_is_neither_mixed_nor_overwritten(course, path):
    theirs = course / "submitted" / path
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"real work")
    ran = gradus(course, "cohort", "02_manual")
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"submitted/{path.removesuffix('/02_manual.ipynb') if 'someone' in path else path} is")
    assert ran.stderr.endswith("or move the work of 02_manual away first.\n")
    assert written(course) == {path: b"real work"}


def test_work_of_another_stage_does_not_matter(course):
    theirs = course / "submitted/someone/01_math/01_math.ipynb"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"real work")
    write(course, size=3)
    assert theirs.read_bytes() == b"real work"


def test_a_class_of_another_seed_is_refused(course):
    before = write(course)
    with pytest.raises(CohortError):
        write(course, seed=2)
    assert written(course) == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["10_none"], f"There is no stage '10_none'. Choose one of: {', '.join(STAGES)}."),
        (["02_manual", "--lang", "de"], "There is no language 'de'. Choose one of: en, fr."),
    ],
)
def test_an_unknown_stage_or_language_is_answered_with_those_that_exist(course, words, sentence):
    ran = gradus(course, "cohort", *words)
    assert (ran.returncode, ran.stderr.strip()) == (1, sentence)


# What grading must find


@pytest.mark.parametrize("stage", STAGES)
def test_a_blank_exercise_fails_its_own_checks_and_no_other(stage, request):
    """Run each exercise left blank in an otherwise solved notebook, with all checks that depend on it.

    Every day one exercise in three.
    """
    notebook = submission(
        nbformat.reads(instructor(stage).decode(), as_version=4), tuple(solution_answers(STAGES[stage]).values())
    )
    skeletons = [cell for cell in released(stage, "en").cells if cell.metadata.gradus.role == "answer"]
    names = [(cell.metadata.nbgrader.grade_id, cell.source) for cell in skeletons]
    names = names[:: 1 if request.config.getoption("whole_banks") else 3]
    blanks = [Replacement(name, source, dependent(stage, name)) for name, source in names]
    ran, own = run_replaced(notebook, blanks), checks_of(STAGES[stage])
    assert {blank.name: sorted(*one.errors) for blank, one in zip(blanks, ran, strict=True)} == {
        blank.name: sorted(own[blank.name]) for blank in blanks
    }


def dependent(stage: str, exercise: str) -> set[str]:
    """Return the checks that use an exercise, or another one that uses it, and so on."""
    cells = STAGES[stage].of_kind("answer", "setup")
    names = set(next(defined_names(cell.source) for cell in cells if cell.name == exercise))
    while more := {n for cell in cells if used_names(cell.source) & names for n in defined_names(cell.source)} - names:
        names |= more
    return {check.name for check in STAGES[stage].of_kind("check") if used_names(check.source) & names}


def test_the_key_is_what_students_should_get(course):
    files = write(course)
    key = json.loads(files["02_manual_key.json"])
    maximum = sum(cell.points for cell in STAGE.of_kind("check"))
    checks = sorted(cell.name for cell in STAGE.of_kind("check"))
    students = make_class(COURSE, STAGE, 30, seed=1)
    assert list(key) == [student.name for student in students]
    whole = {"status": "graded", "points": maximum, "maximum": maximum, "fails": [], "damage": None, "says": None}
    assert key[students[0].name] == whole
    assert key[students[-1].name] == whole | {"points": 0, "fails": checks}
    points = {cell.name: cell.points for cell in STAGE.of_kind("check")}
    for student, outcome in zip(students, key.values(), strict=True):
        if outcome["damage"] and DAMAGES[outcome["damage"]].is_hopeless:
            assert (outcome["status"], outcome["points"], outcome["fails"]) == ("ungradable", None, [])
        else:
            partly = sum(answer.earns for answer in student.answers)
            assert outcome["points"] == maximum + partly - sum(points[name] for name in outcome["fails"])
    folders = {path.split("/")[0] for path in files if "/" in path}
    assert folders == set(key)


@pytest.mark.parametrize("stage", STAGES)
def test_every_answer_survives_what_can_be_mended(stage, request):
    """Every day in one of the languages."""
    notebook = nbformat.reads(instructor(stage).decode(), as_version=4)
    students = [s for s in make_class(COURSE, STAGES[stage], 10 * len(DAMAGES), seed=2) if s.damage in MENDABLE]
    assert {student.damage for student in students} == MENDABLE
    langs = LANGUAGES if request.config.getoption("whole_banks") else [LANGUAGES[list(STAGES).index(stage) % 2]]
    for lang, student in product(langs, students):
        rebuilt, remarks = merge(files_of(released(stage, lang), student), notebook)
        cells = [cell for cell in rebuilt.notebook.cells if cell.metadata.gradus.role == "answer"]
        found = {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}
        for answer in student.answers:
            source = "".join(found[answer.exercise].split())
            assert "".join(answer.source.split()) in source, (student.damage, answer.exercise)
        says = DAMAGES[student.damage].says
        assert says is None or says in {remark.code for remark in (*remarks, *rebuilt.remarks)}, student.damage


def sample(stage: str, whole: bool) -> list[Student]:
    """Return one student of each damage, and whole ones: right, with mistakes, unfinished, untouched; or a few only."""
    students = make_class(COURSE, STAGES[stage], 10 * len(DAMAGES), seed=1)
    if not whole:
        return [student for student in students if student.damage in ("stripped", "split", "exiting")]
    damaged = [student for student in students if student.damage and student.damage not in READ]
    unfinished = next(s for s in students if 0 < len(s.answers) < len(checks_of(STAGES[stage])))
    mistaken = next(s for s in students if len(s.fails) > 2 and not s.damage)
    return [*damaged, students[0], mistaken, unfinished, students[-1]]


@pytest.mark.parametrize(
    ("stage", "lang", "student"),
    [
        pytest.param(stage, lang, student, id=f"{stage}-{lang}-{student.name}-{student.damage or 'whole'}")
        for stage, lang, whole in (("02_manual", "en", True), ("01_math", "fr", False))
        for student in sample(stage, whole)
    ],
)
def test_grading_finds_what_the_key_says(workers, stage, lang, student):
    files = {name: content for name, content in files_of(released(stage, lang), student).items() if "ipynb" in name}
    result = Result.from_json(workers.grade(Task(files, instructor(stage), Limits(), "a secret")).result)
    key = expected(student, STAGES[stage])
    failed = sorted(check.name for check in result.checks if check.points != check.maximum)
    got = {"status": result.status, "points": result.points if result.has_points else None, "fails": failed}
    assert got == {name: key[name] for name in got}
    if key["status"] != "ungradable":
        assert (result.maximum, result.lang) == (key["maximum"], lang)
    if key["says"]:
        assert key["says"] in {remark.code for remark in (*result.reasons, *result.remarks)}
