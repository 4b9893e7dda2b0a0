"""Overviews: their counts are those of the class, in both languages; what cannot be read is named; nothing runs."""

import contextlib
import csv
import html
import io
import json
import re
import shutil
import time
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch
from click.testing import Result as Ran
from test_results import ABOUT
from typer.testing import CliRunner
from unsaid import unsaid_in

from browsing import CHROMIUM, faults, views
from conftest import STAGES, new_course
from grading.cli.app import app
from grading.overview.attention import groups_of
from grading.overview.numbers import Separates
from grading.overview.page import Overview, write_overview
from grading.overview.sentences import masked, read_sentence
from grading.rehearsal.cohort import checks_of
from grading.results.model import (
    VERSION,
    CheckResult,
    Failure,
    Note,
    OpenQuestion,
    Reason,
    Remark,
    Result,
    Status,
    ungradable,
)
from grading.results.wording import OUTDATED, SENTENCES
from helpers.checks import comparing, containers, failing
from helpers.checks.failing import CheckFailed
from helpers.messages import _, set_language

STAGE = "02_manual"
CHECKS = {cell.name: float(cell.points) for cell in STAGES[STAGE].of_kind("check")}
NAMES = [cell.name for cell in STAGES[STAGE].of_kind("answer", "open")]
HOSTILE = "<script>document.title = 'owned'</script><img src=x onerror=alert(1)> {{ 7 * 7 }} " + "<b>" * 19_000


def said(function, *args, **kwargs) -> str:
    """Return what a check says."""
    with pytest.raises(CheckFailed) as raised:
        function(*args, **kwargs)
    return str(raised.value)


LOSS, RATE = "loss_accuracy(Yhat, Y)[0]", "loss_accuracy(Yhat, Y)[1]"
SUMMED = {"you summed over the batch instead of averaging": 2.0}
ROUND = "a whole number was asked for: divide with //, or round with math.ceil"
# Each planted mistake: the check that fails, and what it says, with numbers that differ from student to student.
PLANTED = {
    "generic": ("loss_value", lambda n: said(comparing.close, n + 0.5, 9999.0, LOSS)),
    "named": ("loss_value", lambda n: said(comparing.close, 2.0, n + 7.25, LOSS, SUMMED)),
    "accuracy": ("accuracy_value", lambda n: said(comparing.close, n + 0.25, 9999.0, RATE)),
    "kind": ("forward_shapes", lambda n: said(comparing.close, [1] * n, torch.ones(2), "forward(params, X)")),
    "keys": ("backward_shapes", lambda n: said(containers.keys, {"Wh": n}, ["by"], "backward(params, outputs, Y)")),
    "called": ("count_steps_value", lambda n: said(failing.fail, f"count_steps({n}, 5)", _(ROUND))),
    "raised": ("sgd_step", lambda n: f"own line\n\nRuntimeError: size {n} at 0x7f{n:04x}a"),
}


def result(student: str, mistakes: dict[str, str] | None = None, lang: str = "en", **fields) -> Result:
    """Return a result in which these checks say these things."""
    checks = []
    for name, points in CHECKS.items():
        message = (mistakes or {}).get(name, "")
        failure = Failure.RAISED if message and "\n\n" in message else Failure.MISTAKE
        failure = Failure.UNWRITTEN if message == name else failure
        right = CheckResult(name, points, points)
        checks.append(replace(right, points=0.0, failure=failure, message=message) if message else right)
    return replace(Result(Status.GRADED, lang=lang, checks=tuple(checks), student=student, stage=STAGE), **fields)


def write(
    course: Path, student: str, content: Result | bytes, stage: str = STAGE, answers: dict[str, str] | None = None
) -> None:
    """Put a result in its place, and the notebook that was graded."""
    folder = course / "autograded" / student / stage
    for path in (folder, course / "submitted" / student / stage):
        path.mkdir(parents=True, exist_ok=True)
    (folder / "result.json").write_bytes(content if isinstance(content, bytes) else content.to_json())
    cells = [
        {"cell_type": "code", "source": source, "metadata": {"nbgrader": {"grade_id": name}}}
        for name, source in (answers or {}).items()
    ]
    cells += [None, {"cell_type": "code", "metadata": {"nbgrader": []}}, {"cell_type": "code", "metadata": 7}]
    (folder / f"{stage}.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")


def write_class(course: Path, size: int) -> dict[str, set[str]]:
    """Write a class of which every other works in French; return who made which planted mistake."""
    key: dict[str, set[str]] = {name: set() for name in PLANTED}
    for number in range(size):
        student, lang = f"s{number:03}", ("en", "fr")[number % 2]
        set_language(lang)
        mistakes: dict[str, str] = {}
        for place, (name, (check, say)) in enumerate(PLANTED.items()):
            if number % (place + 3) < 2 and check not in mistakes:
                mistakes[check] = say(number)
                key[name].add(student)
        write(
            course,
            student,
            result(student, mistakes, lang),
            answers={"loss_accuracy": f"number = {number}  # {'a long line ' * 20}"},
        )
    set_language("en")
    return key


def found_in(overview: Overview) -> list[set[str]]:
    return [mistake.students for one in overview.mistakes for mistake in one.mistakes]


@pytest.fixture
def course(tmp_path) -> Path:
    return new_course(tmp_path / "course", STAGE)


def run(course: Path, *words: str) -> Ran:
    with contextlib.chdir(course):
        return CliRunner().invoke(app, words)


class Tags(HTMLParser):
    """What tags and addresses a page has."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        """Take note of a tag."""
        self.tags.add(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "xlink:href") and value]
        self.handlers += [name for name, _value in attributes if name.startswith("on")]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_every_planted_mistake_stands_once_with_every_student_who_made_it(course, lang):
    key = write_class(course, 60)
    found = write_overview(course, STAGE, lang)
    set_language(lang)
    assert sorted(map(sorted, found_in(found))) == sorted(map(sorted, key.values()))
    by_check = {one.name: one for one in found.checks}
    fails: dict[str, set[str]] = {check: set() for check in CHECKS}
    for name, (check, _say) in PLANTED.items():
        fails[check] |= key[name]
    assert {name: one.holds for name, one in by_check.items()} == {name: 60 - len(fails[name]) for name in CHECKS}
    sentences = {mistake.said.masked() for one in found.mistakes for mistake in one.mistakes}
    expected = {"en": f"{LOSS}: expected …, got ….", "fr": f"{LOSS} : attendu …, obtenu …."}
    assert expected[lang] in sentences
    assert "RuntimeError: size … at …" in sentences
    counts = {one.exercise.name: [len(of.students) for of in one.mistakes] for one in found.mistakes}
    of_loss = (len(key[name]) for name in ("generic", "named", "accuracy"))
    assert counts["loss_accuracy"] == sorted(of_loss, reverse=True)
    page = found.page.read_text("utf-8")
    assert unsaid_in(page) == []
    assert page.count("<article>") == len(key)
    assert f'<html lang="{lang}">' in page
    rows = list(csv.DictReader(io.StringIO(found.table.read_text("utf-8-sig"))))
    assert [row["id"] for row in rows] == [f"s{number:03}" for number in range(60)]
    for name, students in fails.items():
        assert {row["id"] for row in rows if row[name] == "0"} == students


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
def test_pages_have_no_fault_that_axe_finds_and_fit_a_phone(course):
    write_class(course, 12)
    assert run(course, "overview", STAGE).exit_code == run(course, "overview").exit_code == 0
    for page in views(*((course / f"overview/{name}.html").as_uri() for name in (STAGE, "course"))):
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert faults(page) == []


def test_the_commands_say_what_they_wrote(course):
    write_class(course, 12)
    ran = run(course, "overview", STAGE)
    assert ran.exit_code == 0, ran.output
    assert "02_manual: 12 graded." in ran.output
    assert "loss_value" in ran.output
    assert f"wrote overview/{STAGE}.html" in ran.output
    assert ran.output.endswith(f"{STAGE}.csv\nNext: gradus return {STAGE}\n")
    ran = run(course, "overview", "--lang", "fr")
    assert ran.exit_code == 0, ran.output
    page = (course / "overview/course.html").read_text("utf-8")
    assert f'href="{STAGE}.html"' in page
    assert "s011" in page
    assert "s011" in (course / "overview/course.csv").read_text("utf-8")


def test_what_cannot_be_read_is_named_and_left_out(course):
    write(course, "ada", result("ada"))
    write(course, "old", result("old").to_json().replace(b'"version": %d' % VERSION, b'"version": 1'))
    write(course, "cut", result("cut").to_json()[:200])
    write(course, "odd", b'{"version": 2, "status": "graded"}')
    write(course, "edited", result("edited").to_json().replace(b'"points": 2.0', b'"points": null'))
    write(course, "worded", replace(result("worded"), checks=(CheckResult("loss_value", 0.0, 2.0, None, 7),)))
    write(course, "stranger", result("stranger"))
    shutil.rmtree(course / "submitted/stranger")
    found = write_overview(course, STAGE)
    assert list(found.group.graded) == ["ada"]
    assert found.group.left_out.keys() == {"old", "cut", "odd", "edited", "worded", "stranger"}
    assert "another version" in found.group.left_out["old"]
    assert "damaged" in found.group.left_out["cut"]
    page = found.page.read_text("utf-8")
    assert all(name in page for name in ("old", "cut", "odd", "stranger"))
    ran = run(course, "overview", STAGE)
    assert "Left out, old: the result is of another version" in ran.output


def test_without_results_a_sentence_says_what_to_do(course):
    for words, sentence in (
        (("overview", STAGE), f"Nobody has a result for {STAGE}: run `gradus grade {STAGE}` first.\n"),
        (("overview",), "Nobody has a result yet: run `gradus grade STAGE` first.\n"),
    ):
        ran = run(course, *words)
        assert (ran.exit_code, ran.stderr) == (1, sentence)
    (course / "submitted/ada" / STAGE).mkdir(parents=True)
    assert run(course, "overview", STAGE).exit_code == 1
    assert "There is no language 'de'" in run(course, "overview", STAGE, "--lang", "de").stderr
    write(course, "ada", result("ada"))
    (course / "source" / STAGE / f"{STAGE}.ipynb").unlink()
    assert "run `gradus build` first" in run(course, "overview", STAGE).stderr


def test_a_class_of_one_and_one_in_which_nothing_could_be_graded(course):
    write(course, "ada", ungradable(Reason.EMPTY))
    assert "Cannot be graded" in write_overview(course, STAGE).page.read_text("utf-8")
    write(course, "ada", result("ada"))
    found = write_overview(course, STAGE)
    assert {one.separates for one in found.checks} == {Separates.ALL_HOLD}
    assert "No check failed." in found.page.read_text("utf-8")
    write(course, "ada", result("ada", {"loss_value": "x: no"}))
    assert "loss_value" in write_overview(course, STAGE).page.read_text("utf-8")


def test_who_needs_a_look_is_named_with_what_there_is_to_say(course):
    (course / "source/01_math").mkdir()
    (course / "source/01_math/01_math.py").write_text("", "utf-8")
    write(course, "good", result("good"))
    write(course, "blank", result("blank", {name: name for name in CHECKS}, unanswered=tuple(NAMES)))
    write(course, "half", result("half", unanswered=tuple(NAMES[: len(NAMES) // 2 + 1])))
    write(course, "low", result("low", dict.fromkeys(CHECKS, "x: no")))
    write(course, "low", result("low", dict.fromkeys(CHECKS, "x: no")), "01_math")
    write(course, "ends", result("ends", status=Status.PARTIAL, reasons=(Remark(Reason.DIED, {"cell": "sgd"}),)))
    write(course, "empty", ungradable(Reason.EMPTY))
    write(course, "mended", result("mended", remarks=(Remark(Note.WRAPPED),)))
    (course / "roster.csv").write_text("id,given,family\nnew,Grace,Hopper\n", "utf-8")
    found = {one.key: one.people for one in groups_of(write_overview(course, STAGE).group)}
    assert found.keys() == {"stuck", "blank", "partial", "ungradable", "missing", "remarks"}
    assert found["stuck"].keys() == {"half", "low"}
    assert found["stuck"]["low"] == "below half twice in a row: 01_math 0%, 02_manual 0%"
    assert found["partial"] == {"ends": "sgd ended Python itself"}
    assert list(found["missing"]) == ["new"]
    assert found["remarks"] == {"mended": "The notebook stood inside other JSON, and was taken out."}


def test_what_comes_next_is_what_is_left_to_do(course):
    write(course, "ada", result("ada", {"loss_value": f"{LOSS}: {_('you forgot the mean')}"}))
    assert run(course, "overview", STAGE).output.endswith(f"{STAGE}.csv\nNext: gradus return {STAGE}\n")
    for student in ("cleo", "dora"):
        write(course, student, result(student, {"loss_value": PLANTED["generic"][1](1)}))
    ran = run(course, "overview", STAGE)
    assert ran.output.endswith(f"No sentence names 1 mistake: gradus mine {STAGE}\nNext: gradus return {STAGE}\n")
    (question,) = STAGES[STAGE].of_kind("open")
    write(course, "bob", result("bob", questions=(OpenQuestion(question.name, None, 3.0, "hash"),)))
    ran = run(course, "overview", STAGE)
    assert ran.output.endswith(f"\nNext: gradus mark {STAGE}; then gradus return {STAGE}\n")


def test_a_french_page_says_in_french_what_became_of_files(course):
    remarks = tuple(Remark(note, ABOUT) for note in Note)
    question = OpenQuestion("comment_curves", None, 3.0, "hash", Remark(Reason.LOOK, ABOUT))
    write(course, "ada", result("ada", remarks=remarks, questions=(question,)))
    write(course, "bob", result("bob", status=Status.PARTIAL, reasons=(Remark(Reason.DIED, {"cell": "sgd"}),)))
    for number, why in enumerate(Reason):
        write(course, f"u{number}", replace(ungradable(why), reasons=(Remark(why, ABOUT),)))
    write(course, "cut", b"{")
    write(course, "stranger", result("stranger"))
    shutil.rmtree(course / "submitted/stranger")
    folder = course / "unplaced/A. Nobody"
    folder.mkdir(parents=True)
    (folder / "0123456789 x.ipynb").write_text("{}")
    (folder / "0123456789 x.json").write_text(json.dumps({"why": "several people may be meant"}))
    pages = {lang: write_overview(course, STAGE, lang).page.read_text("utf-8") for lang in ("en", "fr")}
    for sentence in SENTENCES:
        longest = max(re.split(r"\{.*?\}", sentence), key=len).strip(" .:();,")
        if sentence != OUTDATED:
            assert longest in html.unescape(pages["en"]), sentence
        assert longest not in html.unescape(pages["fr"]), sentence
    assert "A. Nobody" in pages["fr"]
    assert '<span lang="en">several people may be meant</span>' in pages["fr"]
    assert "Left out, cut: the result is damaged" in run(course, "overview", STAGE, "--lang", "fr").output


def test_discrimination_is_told_in_words(course):
    others = [name for name in CHECKS if name not in ("sgd_step", "loss_value", "accuracy_value")]
    for number in range(24):
        failed = dict.fromkeys(others[: number // 2], "x: no")  # who comes late has failed much
        failed |= {"sgd_step": "x: no"} if number < 8 else {}  # the best fail it
        failed |= {"loss_value": "x: no"} if number >= 12 else {}
        write(course, f"s{number:02}", result(f"s{number:02}", failed | {"accuracy_value": "x: no"}))
    found = {one.name: one.separates for one in write_overview(course, STAGE).checks}
    assert found["sgd_step"] is Separates.INVERTED
    assert found["loss_value"] is Separates.WELL
    assert found["accuracy_value"] is Separates.NONE_HOLD
    assert found[others[-1]] is Separates.ALL_HOLD


def test_hostile_work_does_no_harm(course):
    (course / "roster.csv").write_text('id,given,family\nada,"=1+1","<script>x</script>"\n@sum,"\t-2",b\n', "utf-8")
    for number in range(20):
        mistakes = dict.fromkeys(CHECKS, f"{number} {HOSTILE}: expected shape (1, {number}), got : {HOSTILE}")
        answers = dict.fromkeys(NAMES, f"# {HOSTILE}\n")
        write(course, f"m{number}", result(f"m{number}", mistakes), answers=answers)
    write(course, "ada", result("ada", {"loss_value": "own\n\nError: </summary></details>" + HOSTILE}))
    write(course, "@sum", result("@sum"))
    start = time.process_time()
    found = write_overview(course, STAGE)
    print(f"\nhostile work of {len(found.checks)} checks: {time.process_time() - start:.2f} CPU-s", end="")
    page = found.page.read_text("utf-8")
    tags = Tags(page)
    assert not tags.tags & {"script", "img", "iframe", "b", "form", "object"}
    assert tags.handlers == []
    assert [address for address in tags.addresses if not address.startswith("#")] == []
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert len(page) < 3_000_000
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(found.table.read_text("utf-8-sig")))}
    assert rows["ada"]["given"] == "'=1+1"
    assert "'@sum" in rows


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("expected (3, 4), got 0.5", "expected (…, …), got …"),
        ("h1 is float32, 1e-05 and -3", "h1 is float32, … and …"),
        ("0,5 et 60\N{NO-BREAK SPACE}000 et 96\N{NO-BREAK SPACE}%", "… et … et …"),
        ("[1, 2, 3, 4, 5] at 0x7faa", "[…] at …"),
    ],
)
def test_numbers_are_masked_and_names_are_not(text, expected):
    assert masked(text) == expected


def test_what_is_said_of_comes_apart_in_each_language():
    for lang in ("fr", "en"):
        set_language(lang)
        one = read_sentence(said(comparing.close, torch.ones(3, 2), torch.ones(2, 3), "f(7)[0]"))
        assert one.is_known
        assert one.masked().endswith({"en": "It is transposed.", "fr": "C'est la transposée."}[lang])
    assert one.masked() == "f(…)[0]: expected shape (…, …), got (…, …). It is transposed."
    assert not read_sentence("nothing of the catalogue").is_known


def test_exercises_are_those_of_the_texts(course):
    write(course, "ada", result("ada"))
    cells = write_overview(course, STAGE).group.cells
    assert {name: one.checks for name, one in cells.exercises.items() if not one.is_open} == checks_of(STAGES[STAGE])
