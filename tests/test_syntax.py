"""What Python says of code: whatever a cell holds, an answer, and no exception."""

import pytest

from grading.syntax.definitions import definitions
from grading.syntax.names import defined_names, used_names
from grading.syntax.parsing import MAX_SOURCE, table_of, tree_of

DEEP = {
    "summands": " + ".join(5000 * ["1"]),
    "signs": "-" * 20_000 + "1",
    "negations": "not " * 20_000 + "1",
    "calls": "print" + "()" * 3000,
    "attributes": "torch" + ".x" * 5000,
    "subscripts": "x" + "[0]" * 5000,
    "powers": "**".join(20_000 * ["2"]),
    "conditions": "1 if x else " * 3000 + "1",
    "lambdas": "lambda: " * 10_000 + "1",
    "brackets": "[" * 300 + "]" * 300,
    "branches": "0\nif 0: pass\n" + "elif 0: pass\n" * 5000,
    "levels": "0\n" + "".join(f"{' ' * n}if 1:\n" for n in range(200)) + " " * 200 + "pass",
    "digits": "9" * 10_000,
    "zero byte": "1\0",
    "half a character": "'\ud800'",
    "length": "1 + 1\n" * MAX_SOURCE,
}


@pytest.mark.parametrize("kind", DEEP)
def test_code_that_python_cannot_hold_has_no_tree_and_no_names(kind):
    source = f"x = {DEEP[kind]}"
    assert tree_of(source) is None
    assert table_of(source) is None
    assert defined_names(source) == used_names(source) == frozenset()
    assert definitions(f"{source}\ndef f(): pass").keys() == {"f"}


def test_warnings_of_a_students_code_are_not_ours(recwarn):
    assert tree_of(r"x = '\d' is 1") is not None
    assert table_of(r"y = '\d' is 1") is not None
    assert not recwarn.list


def test_magics_hide_no_names():
    cell = "%%time\n%matplotlib inline\n!echo done\nx = f(1)"
    assert defined_names(cell) == definitions(cell).keys() == {"x"}
    assert used_names(cell) == {"f"}


def test_variables_of_comprehensions_stay_in_them_whatever_the_python():
    cell = "x = [a for a in b] + [{c: d for c, d in e}]\nfor k in {[f for f in g] for g in h}: pass\nprint(a)"
    assert defined_names(cell) == {"x", "k"}
    assert used_names(cell) == {"b", "e", "h", "print", "a"}


def test_what_only_begins_like_a_magic_is_code():
    assert used_names("x = (a\n% f(2))") == {"a", "f"}
    assert definitions("x = (a\n% f(2))") == {"x": "x = (a\n% f(2))"}


def test_a_statement_that_defines_many_names_is_kept_once():
    names = [f"a{n}" for n in range(5000)]
    defined = definitions(" = ".join((*names, "1")))
    assert list(defined) == names
    assert len({id(statement) for statement in defined.values()}) == 1
