"""What a student is told when a check fails, for every kind of value that functions return by mistake."""

import sys
from collections import ChainMap, deque
from contextlib import nullcontext
from itertools import count
from types import MappingProxyType

import numpy as np
import pytest
import torch

from helpers import check
from helpers.checks import CheckFailed

NAN = float("nan")


def told(function, *args, **kwargs) -> str:
    with pytest.raises(CheckFailed) as failed:
        function(*args, **kwargs)
    return str(failed.value)


@pytest.mark.parametrize(
    ("got", "expected", "sentence"),
    [
        (None, [1.0, 2.0], "f(x): is None: does the function end with return?"),
        (None, 1.0, "f(x): is None: does the function end with return?"),
        (np.array([1.0, 2.0]), [1.0, 2.0], "f(x): is a numpy array; return a torch tensor"),
        ([1.0, 2.0], [1.0, 2.0], "f(x): expected a torch tensor, got list."),
        ("1", 1.0, "f(x): expected a single number, got str."),
        (torch.tensor([1, 2]), [1.0, 2.0], "f(x): holds torch.int64; expected floating point numbers"),
        (torch.tensor([True, False]), [1.0, 0.0], "f(x): holds torch.bool; expected floating point numbers"),
        (torch.ones(3, 1), torch.ones(3), "expected shape (3,), got (3, 1). Drop the last dimension"),
        (torch.ones(3), torch.ones(3, 1), "expected shape (3, 1), got (3,). Keep the last dimension"),
        (torch.ones(2, 3), torch.ones(3, 2), "expected shape (3, 2), got (2, 3). It is transposed."),
        (torch.ones(4), 1.0, "expected a single number, got a tensor of shape (4,): did you forget"),
        (torch.tensor([1.0, NAN]), [1.0, 2.0], "f(x): contains NaN"),
        (NAN, 2.0, "f(x): contains NaN"),
        (torch.tensor([1.0, 2.5]), [1.0, 2.0], "expected 2 at index [1], got 2.5 (wrong values: 1 of 2)."),
        (torch.tensor(3.0), 2.0, "expected 2, got 3."),
        pytest.param(10**5000, 2.0, "expected 2, got inf.", id="huge"),
        (np.complex128(2), 2.0, "expected a single number, got complex128."),
        (np.array({}, dtype=object), 2.0, "is a numpy array"),
        (torch.ones(2) * 1j, [0.0, 0.0], "f(x): holds torch.complex64"),
        (torch.zeros(2, device="meta"), [0.0, 0.0], "f(x): is on the device meta"),
        (torch.zeros(2, 2).to_sparse(), [0.0, 1.0], "f(x): expected shape (2,), got (2, 2)."),
    ],
)
def test_close_says_what_is_wrong(got, expected, sentence):
    assert sentence in told(check.close, got, expected, "f(x)")


@pytest.mark.parametrize(
    "got",
    [
        2.0,
        2,
        np.float64(2),
        torch.tensor(2.0),
        torch.tensor([2.0]),
        torch.tensor(2.0, dtype=torch.float64),
        np.float32(2),
    ],
)
def test_close_takes_any_form_of_a_single_number(got):
    check.close(got, 2.0, "f(x)")


@pytest.mark.parametrize(
    "got",
    [
        torch.tensor([[1.0, 2.0]]).double(),
        torch.tensor([[1.0], [2.0]]).T,
        torch.tensor([[1.0, 2.0]], requires_grad=True) * 1,
        torch.tensor([[1.00001, 2.0]]),
    ],
)
def test_close_takes_any_tensor_of_the_right_values(got):
    check.close(got, [[1.0, 2.0]], "f(x)")


def test_close_names_a_known_mistake_even_of_another_shape_or_type():
    unless = {"you forgot the mean": torch.tensor([1.0, 2.0]), "you counted": 3}
    assert told(check.close, torch.tensor([1.0, 2.0]), 1.5, "f(x)", unless=unless) == "f(x): you forgot the mean"
    assert told(check.close, torch.tensor(3), 1.5, "f(x)", unless=unless) == "f(x): you counted"


def test_another_right_value_is_taken():
    check.close(3.0, 2.0, "f(x)", also=3.0)
    assert told(check.close, 4.0, 2.0, "f(x)", also=3.0, unless={"mistake": 4.0}) == "f(x): mistake"


def test_a_mistake_with_the_right_value_is_no_mistake():
    check.close(1.0, 1.0, "f(x)", unless={"wrong": 1.0})


@pytest.mark.parametrize(
    ("got", "expected"),
    [(3, 3), (torch.tensor(3), 3), (np.int64(3), 3), ([1, 2], (1, 2)), ({"a": [1]}, {"a": [1]}), ("x", "x"), (2.0, 2)],
)
def test_same_takes_equal_plain_values(got, expected):
    check.same(got, expected, "f(x)")


@pytest.mark.parametrize(
    ("got", "expected"), [(True, 1), (1, True), ("3", 3), ([1], [1, 2]), (None, 0), ({"a": 1}, {"a": 1, "b": 2})]
)
def test_same_refuses_others(got, expected):
    assert "f(x): " in told(check.same, got, expected, "f(x)")


def test_an_object_equal_to_everything_is_not_the_same():
    class Anything:
        def __eq__(self, other):
            return True

        __hash__ = None

    assert "f(x): expected 3" in told(check.same, Anything(), 3, "f(x)")


def test_tensor_wants_finite_numbers_of_a_shape():
    check.tensor(torch.ones(2, 3), (2, 3), "f(x)")
    assert "NaN or infinity" in told(check.tensor, torch.tensor([1.0, float("inf")]), (2,), "f(x)")
    assert "expected shape (3, 2), got (2, 3)" in told(check.tensor, torch.ones(2, 3), (3, 2), "f(x)")
    assert "is None" in told(check.tensor, None, (3, 2), "f(x)")


def test_keys_and_pair_say_what_came_instead():
    assert "lacks 'b'; it has 'a'" in told(check.keys, {"a": 1}, ["a", "b"], "f(x)")
    assert "expected a dict, got list" in told(check.keys, [1], ["a"], "f(x)")
    assert "expected 2 values, separated by commas after return; got Tensor" in told(check.pair, torch.ones(3), "f(x)")
    assert "expected 2 values, separated by commas after return; got dict" in told(check.pair, {"a": 1, "b": 2}, "f(x)")
    assert "got 3" in told(check.pair, (1, 2, 3), "f(x)")
    assert check.pair([1, 2], "f(x)") == (1, 2)


def test_choices_explain_each_letter_that_was_missed():
    right, because = {"a": True, "b": False}, {"a": "since a.", "b": "since b."}
    check.choices({"a": True, "b": False}, right, because)
    assert told(check.choices, {"a": True, "b": True}, right, because) == "b: since b."


def test_the_form_of_a_choice_is_told():
    def twice():
        return {"a": True, "b": False, "a": False}  # noqa: F601

    assert "answer with one of True, False; got 1" in told(check.letters, lambda: {"a": 1, "b": True}, "ab")
    assert told(check.letters, lambda: {"a": True}, "ab") == "your answer: the dict lacks 'b'; it has 'a'."
    assert told(check.letters, twice, "ab") == "a: stands there twice: give each letter one answer."
    assert "expected a dict, got list" in told(check.letters, lambda: [True, False], "ab")


@pytest.mark.parametrize(("is_hidden_too", "sign"), [(False, "◦"), (True, "✓")])
def test_a_choice_of_which_only_the_form_was_looked_at_is_not_ticked(is_hidden_too, sign, capsys):
    def sorted_out():
        check.letters(lambda: {"a": True}, "a")
        if is_hidden_too:
            check.choices({"a": True}, {"a": True}, {"a": "since."})

    check.graded("02_manual", 2)(sorted_out)
    assert capsys.readouterr().out.startswith(f"{sign} sorted_out")
    check.graded("02_manual", 2)(lambda: None)
    assert capsys.readouterr().out == "✓ <lambda>\n"


@pytest.mark.parametrize(
    ("options", "missed", "points", "earned"),
    [
        ((True, False), 1, 2, 1.0),
        ((True, False), 2, 2, 0),
        ((True, False), 4, 2, 0),
        ((True, False), 1, 3, 1.5),
        ((True, False), 1, 1, 0.5),
        ((1, 2, 3, 4), 1, 2, 1.0),
        ((1, 2, 3, 4), 2, 2, 0.5),
        ((1, 2, 3, 4), 3, 2, 0),
    ],
)
def test_a_choice_earns_in_halves_what_is_right_beyond_chance(options, missed, points, earned, monkeypatch, capsys):
    right = dict.fromkeys("abcd", options[0])
    given = right | dict.fromkeys("abcd"[:missed], options[1])
    shown = []
    monkeypatch.setattr(sys, "displayhook", shown.append)

    def two_spaces_sorted():
        check.letters(lambda: given, "abcd", options)
        check.choices(given, right, dict.fromkeys("abcd", "since."))

    with nullcontext() if earned else pytest.raises(CheckFailed):
        check.graded("02_manual", points)(two_spaces_sorted)
    assert shown == ([earned] if earned else [])
    assert ("✗ two_spaces_sorted\na: since." in capsys.readouterr().out) == bool(earned)


@pytest.mark.parametrize("in_place", [True, False])
def test_after_takes_a_step_in_place_or_returned_and_leaves_its_arguments(in_place):
    def step(params, eta):
        if in_place:
            params["w"] -= eta
            return None
        return {"w": params["w"] - eta}

    params = {"w": torch.ones(1)}
    assert check.after(step, params, 0.5)["w"] == 0.5
    assert params["w"] == 1


def test_a_check_seeds_every_generator_from_stage_name_and_secret(monkeypatch):
    drawn = []

    def one():
        drawn.append((float(torch.rand(1)), float(np.random.rand())))

    def two():
        one()

    for stage, check_cell, secret in (
        ("02", one, ""), ("02", one, ""), ("03", one, ""), ("02", two, ""), ("02", one, "blue"), ("02", one, "green"),
    ):  # fmt: skip
        monkeypatch.setenv("GRADUS_SECRET", secret)
        check.graded(stage)(check_cell)
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 5


def test_numbers_are_a_list_of_single_numbers_and_come_back_as_a_tensor():
    mixed = [1, 2.5, torch.tensor(3.0), np.float32(4), torch.tensor([[5.0]])]
    assert check.numbers(mixed, 5, "f(x)").tolist() == [1, 2.5, 3, 4, 5]
    assert check.numbers(torch.arange(3.0), 3, "f(x)").tolist() == [0, 1, 2]
    assert check.numbers((), 0, "f(x)").shape == (0,)


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (None, "f(x): is None: does the function end with return?"),
        (3.0, "f(x): expected a list, got float."),
        ("ab", "f(x): expected a list, got str."),
        (torch.tensor(1.0), "f(x): expected a list, got Tensor."),
        ([1.0, 2.0, 3.0], "len(f(x)): expected 2, got 3."),
        ([1.0], "len(f(x)): only one: return stands in the loop"),
        ([1.0, None], "f(x)[1]: is None: compute it and store it."),
        (["1", 2.0], "f(x)[0]: expected a single number, got str."),
        ([1.0, torch.ones(2)], "f(x)[1]: expected a single number, got a tensor of shape (2,)"),
    ],
)
def test_numbers_say_which_entry_is_none(got, sentence):
    assert sentence in told(check.numbers, got, 2, "f(x)", unless={"only one: return stands in the loop": 1})


def test_a_mistake_that_gives_nan_is_named_but_nothing_right_is_nan():
    mistakes = {"the root of a negative number": [1.0, float("nan")]}
    got = torch.tensor([1.0, float("nan")])
    assert "the root of a negative number" in told(check.close, got, [1.0, 2.0], "f(x)", unless=mistakes)
    assert "contains NaN" in told(check.close, got, [1.0, float("nan")], "f(x)")


def test_vector_takes_the_three_shapes_of_a_bias():
    for shape in ((4,), (1, 4), (4, 1)):
        check.vector(torch.zeros(shape), 4, "b")
    assert "expected shape (4,), got (5,)" in told(check.vector, torch.zeros(5), 4, "b")
    assert "expected a torch tensor, got list" in told(check.vector, [0.0] * 4, 4, "b")


def run_check(source: str, **names: object) -> None:
    """Run a check cell on names that a notebook defines."""
    cell = f"@check.graded('x')\ndef some_check():\n    {source}\n"
    exec(compile(cell, "<check>", "exec"), {"check": check, "torch": torch, **names})


@pytest.mark.parametrize(
    ("source", "f", "sentence"),
    [
        ("f.sum(0)", "a", "cannot use what your code gave: look at its kind and its shape (AttributeError: 'str'"),
        ("torch.zeros(2) @ f", torch.zeros(3), "cannot use what your code gave"),
        ("f['Wh']", {}, "cannot use what your code gave: look at its kind and its shape (KeyError: 'Wh')"),
        ("f(1)", None, "'NoneType' object is not callable. What this check calls has to be a function"),
    ],
)
def test_a_check_that_cannot_go_on_says_so(source, f, sentence):
    assert sentence in told(run_check, source, f=f)


def test_a_number_of_too_many_digits_is_shown_by_its_kind():
    assert told(check.same, 10**5000, 3, "f(x)") == "f(x): expected 3, got int."


@pytest.mark.parametrize("error", [KeyError("Wh"), NotImplementedError("here"), NameError("g"), CheckFailed("no")])
def test_what_the_students_code_raises_stays_what_it_is(error):
    def f() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        run_check("f()", f=f)
    assert raised.value is error


def test_a_missing_answer_is_a_name_error():
    with pytest.raises(NameError, match="forward"):
        run_check("forward(1)")


def test_what_iterates_stands_for_a_list_and_what_maps_for_a_dict():
    for series in (iter([1, 2]), map(abs, [1, -2]), {1: 0, 2: 0}.keys(), np.array([1, 2]), torch.tensor([1, 2])):
        check.same(series, [1, 2], "f(x)")
    check.same(MappingProxyType({"a": np.int64(1), "b": (i for i in "xy")}), {"a": 1, "b": ["x", "y"]}, "f(x)")
    assert check.pair(zip("ab", "cd", strict=True), "f(x)") == (("a", "c"), ("b", "d"))
    assert check.keys(ChainMap({"a": deque([np.float64(1)])}), "a", "f(x)") == {"a": [1.0]}
    assert check.items({3}, "f(x)", ordered=False) == [3]
    assert "f(x): expected a list, got dict." in told(check.items, {}, "f(x)")
    assert "f(x): goes on after 10000 values" in told(check.items, count(), "f(x)")
    assert "f(x): expected [1, 2], got {1, 2}." in told(check.same, {1, 2}, [1, 2], "f(x)")


def test_what_is_read_is_read_once_and_no_further_than_needed():
    reads = []
    check.pair((reads.append(i) for i in range(2)), "f(x)")
    with pytest.raises(CheckFailed):
        check.pair((reads.append(i) for i in count(2)), "f(x)")
    assert reads == [0, 1, 2, 3, 4]


def test_numbers_that_went_through_float32_are_the_same_and_others_are_not():
    check.same({"eta": torch.tensor(0.98).item()}, {"eta": 0.98}, "choose(results)")
    with pytest.raises(CheckFailed):
        check.same(0.98001, 0.98, "choose(results)")


def test_what_was_changed_in_place_is_said_to_be():
    check.untouched(torch.ones(2, 2), torch.ones(2, 2), "X")
    assert told(check.untouched, torch.zeros(2, 2), torch.ones(2, 2), "X").startswith("X: was changed in place")


def test_two_tensors_that_differ_are_not_told_by_their_shape_alone():
    assert told(check.same, torch.zeros(2, 2), torch.ones(2, 2), "f(x)") == (
        "f(x): has the expected shape, but other values."
    )
    assert "float64" in told(check.same, torch.ones(2).double(), torch.ones(2), "f(x)")
