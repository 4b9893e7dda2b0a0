"""Files: what a human could read of them is read, and said; else it is said what they are."""

import json
import zipfile
from contextlib import suppress
from io import BytesIO

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import COURSE
from grading.recovery import reading
from grading.recovery.merging import merge
from grading.recovery.reading import RebuildError, read_submission
from grading.recovery.rebuild import Rebuilt
from grading.results.model import Note, Reason
from grading.results.wording import why_ungradable
from notebooks import cell_of, contents, instructor, released

STAGE = "02_manual"
SGD = "def sgd(params, grads, eta):\n    # d'après le cours : « là-bas »\n    return params"


def written(lang: str = "fr", **answers: str) -> bytes:
    """Return a notebook with these answers, as Jupyter writes it."""
    notebook = nbformat.from_dict(released(STAGE, lang))
    for name, source in answers.items():
        cell_of(notebook, name).source = source
    return f"{nbformat.v4.writes(notebook)}\n".encode()


WHOLE = written(sgd=SGD, two_spaces="def two_spaces():\n    return 'à'", comment_curves="Elles baissent déjà.")
TEXT = WHOLE.decode()


def read(content: bytes) -> Rebuilt:
    return merge({f"{STAGE}.ipynb": content}, instructor(STAGE))[0]


def assert_read(content: bytes, *notes: Note) -> Rebuilt:
    """Assert that the answers are found, and these remarks made."""
    rebuilt = read(content)
    found = contents(rebuilt.notebook, "answer", "open")
    assert found["sgd"] == SGD
    assert found["two_spaces"] == "def two_spaces():\n    return 'à'"
    assert found["comment_curves"] == "Elles baissent déjà."
    assert tuple(remark.code for remark in rebuilt.remarks)[: len(notes)] == notes
    assert notes or rebuilt.remarks == ()
    return rebuilt


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_needs_no_remark(encoding):
    assert_read(TEXT.encode(encoding))


ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_other_encodings_of_unicode(encoding, mark):
    assert_read((mark + TEXT).encode(encoding), Note.ENCODING)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_encodings_of_one_byte(encoding):
    assert_read(TEXT.encode(encoding, "replace"), Note.ENCODING)


@pytest.mark.parametrize("stray", [b"\xff", b"\xe9", b"\x81", b"\xc3", b"\xed\xa0\x80"])
def test_stray_bytes_cost_themselves_only(stray):
    assert_read(WHOLE.replace(b"Propagation", b"Prop" + stray + b"agation", 1), Note.ENCODING)


def test_zero_bytes_at_the_end():
    assert_read(WHOLE + bytes(5000))


# JSON that is not quite JSON


DAMAGED = {
    "garbage at the end": TEXT + "\nlorem ipsum }]",
    "garbage at the start": "Here is my notebook [see below]:\n" + TEXT,
    "itself again": TEXT + TEXT,
    "a brace too many": TEXT + "}",
    "zeros and garbage at the end": TEXT + "\0" * 100 + "x",
    "a comma after the last cell": TEXT.replace("\n ],\n", "\n ],,\n", 1),
    "a comma at the end of a list": TEXT.replace('"\n   ]', '",\n   ]'),
    "a comma at the end of an object": TEXT.replace("\n   ]\n  }", "\n   ],\n  }"),
    "two commas": TEXT.replace("},\n", "},,\n", 1),
    "a comma missing between cells": TEXT.replace("},\n  {", "}\n  {", 1),
    "a comma missing between keys": TEXT.replace('",\n   "', '"\n   "', 1),
    "a line break in a string": TEXT.replace("Propagation", "Propa\ngation", 1),
    "a tab in a string": TEXT.replace("Propagation", "Propa\tgation", 1),
    "a zero byte in a string": TEXT.replace("Propagation", "Propa\0gation", 1),
    "a backslash that escapes nothing": TEXT.replace("Propagation", r"C:\data\qropagation", 1),
    "a cell that is broken": TEXT.replace('"cell_type": "markdown"', '"cell_type": mark:down', 1),
    "no closing braces": TEXT.rstrip().rstrip("}").rstrip(),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_damaged_json(kind):
    is_cut = kind in ("a cell that is broken", "no closing braces")
    rebuilt = read(DAMAGED[kind].encode())
    assert contents(rebuilt.notebook, "answer")["sgd"] == SGD
    assert contents(rebuilt.notebook, "open")["comment_curves"] == "Elles baissent déjà."
    assert rebuilt.remarks[0].code in (Note.JSON_MENDED, *[Note.CUT_OFF] * is_cut)


@pytest.mark.parametrize("lost", [1, 30, 200, 1024, 3000])
def test_a_file_whose_end_is_cut_off(lost):
    """What can be read is graded, and what may be lost is no answer left out: it needs a look."""
    rebuilt = read(WHOLE.strip()[:-lost])
    assert contents(rebuilt.notebook, "answer")["sgd"] == SGD
    assert rebuilt.remarks[0].code in (Note.CUT_OFF, Note.JSON_MENDED)
    open_answer = contents(rebuilt.notebook, "open")["comment_curves"]
    assert open_answer == "Elles baissent déjà." or rebuilt.looks["comment_curves"].code is Reason.LOOK_LOST


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_a_file_of_which_too_little_is_left_is_not_graded(share):
    with pytest.raises(RebuildError) as error:
        read(WHOLE[: int(share * len(WHOLE))])
    assert error.value.remark.code is Reason.DAMAGED


# JSON in JSON


WRAPPED = {
    "JSON in JSON": json.dumps(TEXT),
    "twice": json.dumps(json.dumps(TEXT)),
    "a list around it": f"[{TEXT}]",
    "an answer of Jupyter": json.dumps({"name": "a.ipynb", "type": "notebook", "content": json.loads(TEXT)}),
    "in a text in it": json.dumps({"file": {"content": TEXT}}),
    "its cells alone": json.dumps(json.loads(TEXT)["cells"]),
}


@pytest.mark.parametrize("kind", WRAPPED)
def test_a_notebook_in_other_json(kind):
    assert_read(WRAPPED[kind].encode(), Note.WRAPPED)


# Git's marks


def conflict(mine: str, theirs: str, base: str = "") -> str:
    middle = f"||||||| 1234567\n{base}\n" if base else ""
    return f"<<<<<<< HEAD\n{mine}\n{middle}=======\n{theirs}\n>>>>>>> main"


def at(part: str, mine: str, theirs: str, base: str = "") -> bytes:
    """Return the notebook with a conflict in place of a line."""
    line = next(line for line in TEXT.split("\n") if part in line)
    return TEXT.replace(line, conflict(line.replace(part, mine), line.replace(part, theirs), base), 1).encode()


@pytest.mark.parametrize(
    "content",
    [
        conflict(TEXT, TEXT).encode(),
        conflict(written().decode(), TEXT).encode(),
        conflict(TEXT, written().decode(), "{}").encode(),
        at('"nbformat_minor": 5', '"nbformat_minor": 5', '"nbformat_minor": 4'),
        at('"display_name": "Python 3 (ipykernel)"', '"display_name": "a"', '"display_name": "b"', "other"),
        at("Propagation", "propagation", "PROPAGATION"),
        at("Propagation", "propagation", "PROPAGATION").replace(b"\n", b"\r\n"),
    ],
)
def test_a_conflict_that_does_not_touch_the_answers(content):
    assert_read(content, Note.CONFLICT)


def test_answers_of_both_sides():
    mine, theirs = written(sgd=SGD).decode(), written(forward="def forward(params, X):\n    return X, {}").decode()
    found = contents(read(conflict(mine, theirs).encode()).notebook, "answer")
    assert found["sgd"] == SGD
    assert found["forward"].endswith("return X, {}")


@pytest.mark.parametrize(
    "content",
    [
        at("return params", "return params", "return grads"),
        conflict(TEXT, written(sgd=SGD.replace("params", "grads")).decode()).encode(),
        conflict(TEXT, "").encode(),
        conflict(TEXT, TEXT[:5000]).encode(),
    ],
)
def test_a_conflict_in_an_answer_is_for_the_student_to_solve(content):
    with pytest.raises(RebuildError, match="holds git's conflict marks: ask for the merged file"):
        read(content)


# What is no notebook


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.ipynb", WHOLE)
    return file.getvalue()


OTHERS = {
    "nothing": (b"", Reason.EMPTY),
    "blanks": (b" \n\t", Reason.EMPTY),
    "zeros": (bytes(80_000), Reason.ZEROS),
    "a zip": (zipped(), Reason.ARCHIVE),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", Reason.PDF),
    "a picture": (b"\x89PNG\r\n\x1a\n", Reason.PICTURE),
    "a page": (b"\n<!DOCTYPE html><html>", Reason.WEB_PAGE),
    "a page of Python": (b"<html><pre>import torch\ndef sgd(x): pass</pre>", Reason.WEB_PAGE),
    "a saved page": (b"From: <Saved by Blink>\nMIME-Version: 1.0\n", Reason.WEB_PAGE),
    "a script": (b"# coding: utf-8\nimport torch\n\n\ndef sgd(params):\n    return params\n", Reason.SCRIPT),
    "cells of jupytext": (b"# %%\nx = 1\n", Reason.SCRIPT),
    "a pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n",
        Reason.LFS_POINTER,
    ),
    "a letter": ("Bonjour, voici mon devoir, à bientôt.".encode(), Reason.PLAIN_TEXT),
    "bytes": (bytes(reversed(range(256))), Reason.DAMAGED),
    "deep JSON": (b"[" * 100_000, Reason.DAMAGED),
    "deep cells": (b'{"cells": ' + b"[" * 100_000, Reason.DAMAGED),
    "a list": (b"[]", Reason.NO_CELLS),
    "a number of cells": (b'{"cells": 3}', Reason.NO_CELLS),
    "other JSON": (b'{"a": {"b": ["c"]}}', Reason.NO_CELLS),
    "no cells in conflict": (b"<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n", Reason.BOTH_SIDES),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_notebook_is_named(kind):
    content, reason = OTHERS[kind]
    with pytest.raises(RebuildError) as error:
        read(content)
    assert error.value.remark.code is reason
    assert str(error.value).endswith((".", ")."))
    assert why_ungradable(error.value.remark) != why_ungradable(type(error.value.remark)(Reason.FAILED))


def test_a_file_that_is_too_large_is_told(monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 2**16)
    with pytest.raises(RebuildError, match=r"^The file is larger than 0 MB: ask for it again, its outputs cleared\.$"):
        read_submission(WHOLE)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=6)), max_size=4))
def test_nothing_but_its_own_error_comes_of_a_damaged_file(damages):
    content = WHOLE
    for place, length, instead in damages:
        content = content[:place] + instead + content[place + length :]
    with suppress(RebuildError):
        nbformat.validate(read(content).notebook)


@pytest.mark.parametrize(
    "content",
    [
        b'{"cells": [' + b'{"source": "\\"' * 200_000,
        b'{"cells": [' + b'{"metadata": {' * 200_000,
        b'{"cells": [{"source": "' + b'\\"' * 2_000_000,
        b'{"cells": [' + b'{"id": 1,},' * 200_000,
        b'{"cells": [' + b" " * 5_000_000 + b"," * 5_000_000,
        b"<<<<<<< a\n" * 300_000 + b'"cells": [',
    ],
)
def test_salvaging_comes_to_an_end(content):
    with pytest.raises(RebuildError):
        read(content)


# Several files


FORWARD = "def forward(params, X):\n    return helper(X), {}"
HELPER = "def helper(x):\n    return x"


def merged(**files: bytes) -> tuple[dict[str, str], dict]:
    rebuilt, remarks = merge({f"{name}.ipynb": content for name, content in files.items()}, instructor(STAGE))
    about = {remark.code: remark.about for remark in remarks}
    assert not set(rebuilt.unanswered) & rebuilt.finished
    return contents(rebuilt.notebook, "answer", "open"), about


def test_of_a_blank_and_a_solved_notebook_the_solved():
    blank = written()
    for files in ({"a": blank, "b": WHOLE}, {"b": WHOLE, "a": blank}):
        found, about = merged(**files)
        assert found["sgd"] == SGD
        assert about == {Note.SEVERAL_NOTEBOOKS: {"chosen": "b.ipynb", "others": ["a.ipynb"]}}


def test_a_begun_notebook_does_not_stand_before_a_finished_one():
    begun = {name: source.replace("raise", "x = 1\n    raise") for name, source in skeletons().items()}
    found, about = merged(begun=written(**begun), done=WHOLE)
    assert about[Note.SEVERAL_NOTEBOOKS]["chosen"] == "done.ipynb"
    assert found["sgd"] == SGD


def skeletons() -> dict[str, str]:
    return contents(released(STAGE, "fr"), "answer")


def test_files_are_merged_answer_by_answer():
    one = written(sgd=SGD, backward="def backward(params, outputs, Y):\n    return {}")
    other = nbformat.reads(written("en", forward=FORWARD, comment_curves="They fall.").decode(), as_version=4)
    other.cells.insert(3, nbformat.v4.new_code_cell(HELPER))
    found, about = merged(one=one, other=nbformat.v4.writes(other).encode())
    assert (found["sgd"], found["forward"], found["comment_curves"]) == (SGD, FORWARD, "They fall.")
    places = {name.split(" ")[0] for name in about[Note.MERGED]["cells"]}
    assert places in ({"forward", "comment_curves"}, {"sgd", "backward"})


def test_helpers_of_another_file_come_with_their_answer():
    one = written(sgd=SGD, backward="def backward(params, outputs, Y):\n    return {}")
    other = nbformat.reads(written(forward=FORWARD).decode(), as_version=4)
    other.cells.insert(3, nbformat.v4.new_code_cell(HELPER))
    other.cells.insert(3, nbformat.v4.new_code_cell("unused = 3"))
    files = {"one.ipynb": one, "other.ipynb": nbformat.v4.writes(other).encode()}
    rebuilt, _ = merge(files, instructor(STAGE))
    sources = [cell.source for cell in rebuilt.notebook.cells]
    assert sources[sources.index(FORWARD) - 1] == HELPER
    assert "unused = 3" not in sources
    nbformat.validate(rebuilt.notebook)


def test_the_newest_of_two_finished_answers_is_used():
    old = written(sgd=SGD.replace("return params", "return 'old'"))
    assert merged(new=written(sgd=SGD), old=old)[0]["sgd"] == SGD


def test_files_that_are_none_are_named():
    found, about = merged(a=b"", b=WHOLE, c=COURSE.joinpath("notebooks/en/01_math.ipynb").read_bytes())
    assert found["sgd"] == SGD
    assert about[Note.SEVERAL_NOTEBOOKS]["others"] == ["a.ipynb", "c.ipynb"]
    with pytest.raises(RebuildError, match=r"^a\.ipynb: The file is empty"):
        merged(a=b"", b=b"")
