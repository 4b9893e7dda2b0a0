"""Results as JSON, their words for each reader, and that nothing else reads these words."""

import ast
import json
import re
from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell, new_output

from conftest import COURSE
from grading.results.model import (
    VERSION,
    CheckResult,
    Failure,
    Note,
    OpenQuestion,
    Reason,
    Remark,
    Result,
    ResultError,
    Status,
    ungradable,
)
from grading.results.verdicts import failure_of, message_of
from grading.results.wording import INSTRUCTORS, for_instructor, for_student, remarks_of, why_ungradable
from helpers.evidence.model import Maps, Row, Table
from helpers.messages import LANGUAGES, set_language

RESULT = Result(
    Status.PARTIAL,
    reasons=(Remark(Reason.DIED, {"cell": "sgd"}), Remark(Reason.DIED, {"cell": "extra-1"})),
    remarks=(Remark(Note.SEVERAL_NOTEBOOKS, {"chosen": "é.ipynb", "others": ["b.ipynb", "c\udcff.ipynb"]}),),
    lang="fr",
    checks=(
        CheckResult("one", 1.5, 2, Failure.MISTAKE, "b: because", 0.1, 7),
        CheckResult("two", 3.0, 3.0, None, "", 0.2, 8),
        CheckResult("three", 0.0, 1.0, Failure.MISTAKE, "c", evidence=Maps(("1 2",), ("1 nan",))),
        CheckResult("four", 0.0, 1.0, Failure.MISTAKE, "d", evidence=Table((Row("W", False, factor=-2.0),), 1)),
    ),
    questions=(OpenQuestion("why", None, 3, "5e", Remark(Note.FOUND_ELSEWHERE, {"cells": ["why"]})),),
    unanswered=("forward",),
    cells={"sgd": 0.5},
    versions={"python": "3"},
    hashes={"source": "x"},
)
ENDED = (Reason.DIED, Reason.STOPPED, Reason.UNRUN)
LOOKS = (Reason.LOOK, Reason.LOOK_BESIDE, Reason.LOOK_LOST)
# Whatever a remark of any code may be about.
ABOUT = dict.fromkeys(
    (
        *("answers", "attempts", "cell", "cells", "chosen", "encoding", "error", "files", "found", "limit", "lines"),
        *("names", "notebooks", "others", "place", "stage", "why"),
    ),
    "x",
)


def test_a_result_comes_back_from_json_as_it_was():
    again = Result.from_json(RESULT.to_json())
    assert again == RESULT
    assert (again.points, again.maximum) == (4.5, 7)
    assert Result.from_json(ungradable(Reason.EMPTY).to_json()) == ungradable(Reason.EMPTY)
    assert "points" not in json.loads(ungradable(Reason.EMPTY).to_json())


def test_a_result_from_before_numbers_were_kept_beside_sentences_is_read():
    content = json.loads(RESULT.to_json())
    for check in content["checks"]:
        del check["evidence"]
    again = Result.from_json(json.dumps(content).encode())
    assert again == replace(RESULT, checks=tuple(replace(check, evidence=None) for check in RESULT.checks))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"status": "graded", "reason": ""}',
        json.dumps({"version": VERSION}).encode(),
        json.dumps({"version": VERSION, "status": "splendid"}).encode(),
        RESULT.to_json().replace(b'"died"', b'"flew"'),
        RESULT.to_json().replace(b'"seed"', b'"sead"'),
        RESULT.to_json().replace(b'"1 nan"', b'"1 <b>"'),
        RESULT.to_json().replace(b'"1 nan"', b'"1"'),
        RESULT.to_json().replace(b'"is_right"', b'"is_left"'),
        RESULT.to_json().replace(f'"version": {VERSION}'.encode(), b'"version": 1'),
    ],
)
def test_what_is_no_result_of_this_version_is_refused(content):
    with pytest.raises(ResultError):
        Result.from_json(content)


@pytest.mark.parametrize("code", [*Reason, *Note])
def test_every_code_has_its_words_for_the_instructor(code):
    sentence = for_instructor(Remark(code, ABOUT))
    assert len(sentence) > 10
    assert "{" not in sentence
    assert for_instructor(Remark(code, ABOUT | {"file": "a.ipynb"})) == f"a.ipynb: {sentence}"


def test_words_are_for_codes_that_exist():
    assert set(INSTRUCTORS) == {*Reason, *Note}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in (*ENDED, *LOOKS)])
def test_students_are_told_why_a_file_was_not_graded(lang, reason):
    """Where it is not theirs to mend, the sentence says only that running it failed."""
    set_language(lang)
    failed = why_ungradable(Remark(Reason.FAILED))
    ours = (Reason.BAD_NAME, Reason.FAILED, Reason.KILLED_WORKERS, Reason.NO_FOLDER, Reason.NOT_KEPT, Reason.UNREADABLE)
    is_not_theirs = reason in ours
    assert (why_ungradable(Remark(reason)) == failed) == is_not_theirs


def test_what_happened_is_told_to_each_in_their_words():
    first, second, _look = remarks_of(RESULT)
    assert first == "sgd ended Python itself; extra-1 ended Python itself"
    assert second.startswith("Several notebooks were handed in; é.ipynb has the most answers and is graded, not: b.ip")
    set_language("fr")
    several, ended = for_student(RESULT)
    assert "plusieurs notebooks" in several
    assert "sgd, une cellule" in ended


def test_what_needs_a_look_is_told_to_the_instructor():
    look = OpenQuestion("why", None, 3, "5e", Remark(Reason.LOOK, {"cells": ["extra-1"]}))
    (said,) = remarks_of(Result(Status.GRADED, questions=(look,)))
    assert said == "why needs a look: its place is empty; what may be the answer stands in extra-1."


def test_a_check_that_holds_in_part_says_what_was_missed_and_nothing_else():
    printed = new_output("stream", text="The form is right.\n✗ why\na: since a.\nb: since b.\n")
    value = new_output("execute_result", data={"text/plain": "1.0"})
    cell = new_code_cell(metadata={"nbgrader": {"grade_id": "why"}}, outputs=[printed, value])
    assert (failure_of(cell), message_of(cell)) == (Failure.MISTAKE, "a: since a.\nb: since b.")


COMPARING = ("startswith", "endswith", "removeprefix", "removesuffix", "find", "index", "partition", "split", "match")


def test_no_code_reads_a_sentence():
    """Sentences are written for people: whoever compares with one breaks when its wording is mended."""
    found = []
    for path in sorted((COURSE / "grading").glob("**/*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            compared = []
            if isinstance(node, ast.Compare):
                compared = [node.left, *node.comparators]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in COMPARING:
                compared = [node.func.value, *node.args]
            texts = [one.value for one in compared if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            found += [f"{path.name}:{node.lineno}: {text}" for text in texts if re.search(r"[A-Za-z]{2,} [a-z]", text)]
    assert found == []
