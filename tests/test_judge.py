"""The judge: checks outside the student's process, which sees of the student's objects only values."""

import ast
import inspect
import json
import multiprocessing
import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grading.engine.driver import Execution, Guest
from grading.engine.forkserver import ForkServer
from grading.judging.judge import Judge
from grading.judging.probes import whole_source
from grading.results.verdicts import ANSI
from grading.sandbox.bubblewrap import missing
from grading.wire.errors import MAX_NUMBERS, MAX_TEXT, MAX_VALUES, WireError
from grading.wire.frames import LENGTH, MAX_FRAME, receive, send
from grading.wire.values import DTYPES, Reader, Writer
from helpers import probes
from helpers.evidence.model import Maps

SETUP = "import numpy as np\nimport torch\nfrom helpers import check, probes\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with closing(ForkServer("grading.guest.image", is_sandboxed=missing() is None)) as running:
        running.wait_until_ready()
        yield running


@pytest.fixture
def judged(server) -> Iterator[Callable[..., Execution]]:
    """Return a function that runs a student's code in a guest, and then a check of the names given in the judge."""
    with closing(Guest(server.address, 60)) as guest:
        judge = Judge(["f", "g", "Thing", "value"])
        judge.set_up(SETUP)
        guest.execute(SETUP, 1, 20)

        def run(student: str, *lines: str, seconds: float = 20) -> Execution:
            assert guest.execute(student, 1, 20).ended == "ok"
            body = "\n".join(f"    {line}" for text in lines for line in text.splitlines())
            source = f'@check.graded("02_manual")\ndef the_check():\n{body}\n'
            return guest.judge(lambda connection, left: judge.judge(source, connection, left), 1, seconds)

        yield run


def says(execution: Execution) -> str:
    """Return what the student reads, without colours."""
    texts = (output.get("text") or "\n".join(output.get("traceback", ())) for output in execution.outputs)
    return ANSI.sub("", "".join(texts))


# What crosses, and how


def sent(value: Any) -> Any:
    """Return a value after a journey."""

    def refuse(_value: Any) -> Any:
        raise WireError("no plain value")

    writer = Writer(refuse)
    node = writer.write(value)
    here, there = multiprocessing.Pipe()
    with here, there:
        thread = threading.Thread(target=send, args=(here, {"value": node}, writer.blobs))
        thread.start()
        message, blobs = receive(there)
        thread.join()
    return Reader(blobs, refuse).read(message["value"])


def same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other) and one.requires_grad == other.requires_grad
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return len(one) == len(other) and all(map(same, [*one.items()], [*other.items()]))
    return one == other


leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
leaves |= st.complex_numbers(allow_nan=False)
keys = st.text() | st.integers() | st.tuples(st.integers(), st.text())
numbers = st.sampled_from(["?", "|u1", "<i2", "<i8", "<f4", "<f8", "<c16"])
leaves |= arrays(numbers, array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
plain = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(keys, inner), max_leaves=20
)


@given(plain)
@settings(max_examples=150, deadline=None)
def test_plain_values_arrive_as_they_were(value):
    assert same(sent(value), value)


@pytest.mark.parametrize("dtype", DTYPES.values(), ids=DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (4, 3)])
def test_tensors_of_every_type_and_shape_arrive_as_they_were(dtype, shape):
    value = (10 * torch.rand(shape)).to(dtype)
    assert same(sent(value), value)
    assert same(sent(value.reshape(-1)[::2]), value.reshape(-1)[::2])


def test_tensors_keep_what_students_notice_about_them():
    columns = torch.randn(4, 6)[:, ::2].T
    assert (sent(columns).stride(), sent(columns).is_contiguous()) == (columns.stride(), False)
    weight = torch.nn.Parameter(torch.randn(2, 2))
    weight.grad = torch.ones(2, 2)
    arrived = sent(weight)
    assert arrived.requires_grad
    assert torch.equal(arrived.grad, weight.grad)
    assert sent(weight * 2).requires_grad
    assert torch.equal(sent(torch.arange(3).expand(2, 3)), torch.arange(3).expand(2, 3))
    assert np.isnan(sent(float("nan")))
    assert sent(torch.tensor([float("inf"), float("nan")])).isnan().tolist() == [False, True]


def test_what_is_the_same_object_stays_one():
    weight, inner = torch.zeros(2), [1]
    inner.append(inner)
    arrived = sent({"a": weight, "b": [weight, inner]})
    assert arrived["b"][0] is arrived["a"]
    assert arrived["b"][1][1] is arrived["b"][1]


BLOB = memoryview(bytes(8))
MALFORMED = [
    {"is": "tensor", "dtype": "float32", "shape": [3], "blob": 0},
    {"is": "tensor", "dtype": "float32", "shape": [-2], "blob": 0},
    {"is": "tensor", "dtype": "float32", "shape": [-1, -2], "blob": 0},
    {"is": "tensor", "dtype": "float32", "shape": [2.0], "blob": 0},
    {"is": "tensor", "dtype": "float32", "shape": [True, 2], "blob": 0},
    {"is": "tensor", "dtype": "float32", "shape": "22", "blob": 0},
    {"is": "tensor", "dtype": "float32", "shape": [1] * 70 + [2], "blob": 0},
    {"is": "tensor", "dtype": "float32", "shape": [2**70, 0], "blob": 0},
    {"is": "tensor", "dtype": "float99", "shape": [2], "blob": 0},
    {"is": "tensor", "dtype": ["float32"], "shape": [2], "blob": 0},
    {"is": "tensor", "dtype": "float32", "shape": [2], "blob": 7},
    {"is": "tensor", "dtype": "float32", "shape": [2], "blob": "0"},
    {"is": "tensor", "dtype": "float32", "shape": [2]},
    {"is": "tensor", "dtype": "float32", "shape": [2], "blob": 0, "strides": [10**12]},
    {"is": "tensor", "dtype": "float32", "shape": [2], "blob": 0, "strides": [-1]},
    {"is": "tensor", "dtype": "float32", "shape": [2], "blob": 0, "strides": [1, 1]},
    {"is": "tensor", "dtype": "int64", "shape": [1], "blob": 0, "requires_grad": True},
    {"is": "tensor", "dtype": "float32", "shape": [2], "blob": 0, "requires_grad": True, "grad": "big"},
    {"is": "array", "dtype": "|O", "shape": [1], "blob": 0},
    {"is": "objects", "text": False, "shape": [2**40], "of": [1]},
    {"is": "objects", "text": True, "shape": [2], "of": [1]},
    {"is": "objects", "shape": [1], "of": [1]},
    {"is": "set", "of": [{"is": "list", "of": []}]},
    {"is": "meta", "dtype": "float99", "shape": [1]},
    {"is": "meta", "dtype": "float32", "shape": [-1]},
    {"is": "array", "dtype": "O8", "shape": [1], "blob": 0},
    {"is": "array", "dtype": "<U2", "shape": [1], "blob": 0},
    {"is": "array", "dtype": [["a", "<f8"]], "shape": [1], "blob": 0},
    {"is": "array", "dtype": "<f8", "shape": [1] * 40, "blob": 0},
    {"is": "scalar", "dtype": "<f4", "blob": 0},
    {"is": "dict", "of": [[{"is": "list", "of": []}, 1]]},
    {"is": "dict", "of": [[1]]},
    {"is": "dict", "of": 3},
    {"is": "list", "of": None},
    {"is": "list", "of": [], "number": "one"},
    {"is": "same", "as": 99},
    {"is": "same", "as": []},
    {"is": "tuple"},
    {"is": "handle"},
    {"is": "handle", "kind": "\0", "number": 1, "callable": True},
    {"is": "handle", "kind": 3, "number": 1, "callable": True},
    {"is": "pickle", "of": "gASVAAAAAAAAAAAu"},
    {"is": "complex", "of": ["a", 1]},
    {"is": "bytes", "blob": -9},
    {"is": None},
    {},
    [1, 2],
    [],
]


@pytest.mark.parametrize("node", MALFORMED, ids=json.dumps)
def test_what_is_malformed_is_refused(node):
    from grading.judging.remote import RemoteGuest

    with pytest.raises(WireError):
        Reader([BLOB], RemoteGuest(None)._remote).read(node)


def test_a_message_cannot_grow_when_it_is_read():
    big = memoryview(bytes(MAX_NUMBERS // 8))
    nodes = [{"is": "array", "dtype": "|u1", "shape": [len(big)], "blob": 0}] * 20
    with pytest.raises(WireError):
        Reader([big], None).read({"is": "list", "of": nodes})
    with pytest.raises(WireError, match="too many"):
        Reader([], None).read({"is": "list", "of": [0] * 300_000})
    deep = 0
    for _ in range(100):
        deep = {"is": "tuple", "of": [deep]}
    with pytest.raises(WireError):
        Reader([], None).read(deep)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"nonsense", b"[]", b"{}", b'{"sizes": 1}', b'{"sizes": [-1]}', b'{"sizes": [9]}', b"\xff\xfe"),
        *(b"[" * 100_000, b'{"sizes": [], "value": 1' + b"0" * 5000 + b"}"),
    ],
    ids=range(10),
)
def test_a_message_that_is_none_is_refused(text):
    here, there = multiprocessing.Pipe()
    with here, there:
        here.send_bytes(LENGTH.pack(len(text)) + text + b"1234")
        with pytest.raises(WireError):
            receive(there)


def test_too_large_a_message_is_neither_sent_nor_received():
    here, there = multiprocessing.Pipe()
    with here, there:
        with pytest.raises(WireError, match="too large"):
            send(here, {"value": "x" * (MAX_TEXT + 1)}, [])
        with pytest.raises(WireError, match="too large"):
            send(here, {}, [memoryview(bytes(MAX_NUMBERS + 1))])
        here._send(struct.pack("!i", MAX_FRAME + 1))
        with pytest.raises(OSError, match="bad message length"):
            receive(there)


@pytest.mark.parametrize("frame", [b"", b"123", LENGTH.pack(3) + b"{}", LENGTH.pack(2**32 - 1) + b"{}"])
def test_a_frame_shorter_than_it_says_is_refused(frame):
    here, there = multiprocessing.Pipe()
    with here, there:
        here.send_bytes(frame)
        with pytest.raises(WireError):
            receive(there)


def test_a_message_of_too_many_parts_is_refused():
    text = b'{"sizes": [' + b"0," * MAX_VALUES + b"0]}"
    with pytest.raises(WireError):
        receive(SimpleNamespace(recv_bytes=lambda _most: LENGTH.pack(len(text)) + text))


# Checks


def test_a_check_holds_or_fails_as_in_a_notebook(judged):
    right = judged("def f(x): return 2 * x", 'check.close(f(torch.ones(3)), [2.0, 2.0, 2.0], "f(x)")')
    assert (right.ended, says(right)) == ("ok", "✓ the_check\n")
    wrong = judged("def f(x): return 3 * x", 'check.close(f(2.0), 4.0, "f(2.0)", unless={"thrice": 6.0})')
    assert (wrong.ended, says(wrong)) == ("error", "✗ the_check\nf(2.0): thrice")


def test_a_visible_failure_has_its_numbers_beside_it_and_a_hidden_one_has_none(judged):
    seen = 'check.close(f(torch.eye(2)), torch.eye(2), "f(x)")'
    unseen = f"### BEGIN HIDDEN TESTS\n{seen}\n### END HIDDEN TESTS"
    answer = "def f(x): return 2 * x"
    maps = Maps(("1 0", "0 1"), ("2 0", "0 2"))
    assert judged(answer, seen, unseen).evidence == maps
    stand_in = unseen.replace(seen, "STAND_IN = f")
    assert judged(answer, stand_in, seen).evidence == maps, "below hidden stand-ins"
    hidden = judged(answer, 'check.close(f(torch.zeros(2, 2)), torch.zeros(2, 2), "f(x)")', unseen)
    assert (hidden.ended, hidden.evidence) == ("error", None)
    verify = f"def verify(x):\n    {seen.replace('torch.eye(2)', 'x')}"
    assert judged(answer, verify, "verify(torch.eye(2))").evidence == maps
    called = "### BEGIN HIDDEN TESTS\nverify(torch.eye(2))\n### END HIDDEN TESTS"
    assert judged(answer, verify, "f(1)", called).evidence is None
    for shown in (judged(answer, seen), hidden):
        assert [output.output_type for output in shown.outputs] == ["error"], "nothing is displayed"


def test_of_what_a_student_raises_no_numbers_are_shown(judged):
    answer = (
        "from helpers.checks import CheckFailed\nfrom helpers.evidence.model import Maps\n"
        "class Own(CheckFailed):\n    evidence = Maps(('1',), ('2',))\n"
        "def f(x):\n    raise Own('<b>')"
    )
    assert judged(answer, 'with check.table({}, {"W": 1.0}):\n    f(1)').evidence is None


@pytest.mark.parametrize(
    ("letters", "ended", "told"),
    [
        ('{"a": True, "b": False}', "ok", "◦ the_check: the form is right."),
        (
            '{"a": True, "b": False, "a": False}',
            "error",
            "✗ the_check\na: stands there twice: give",
        ),
        ('{"a": True}', "error", "✗ the_check\nyour answer: the dict lacks 'b'; it has 'a'."),
        ('{"a": True, "b": 0}', "error", "✗ the_check\nb: answer with one of True, False; got 0."),
    ],
)
def test_the_form_of_a_choice_is_told_by_the_judge(judged, letters, ended, told):
    execution = judged(f"def f():\n    return {letters}", 'check.letters(f, "ab")')
    assert (execution.ended, says(execution).startswith(told)) == (ended, True)


CHANGING = """
def f(params, grads, log):
    for name in params:
        params[name] -= grads[name]
    params["new"] = grads.pop("by")
    log.append(len(log))
    log[0][:] = 7
    return params
def g(weight, other):
    (weight ** 2).sum().backward()
    other.resize_(3).fill_(1)
    return weight
"""
GIVEN = """
params, grads = {"Wy": torch.ones(2), "by": torch.ones(1)}, {"Wy": torch.ones(2), "by": torch.ones(1)}
log, weight, other = [np.zeros(2)], torch.tensor([3.0], requires_grad=True), torch.zeros(1)
"""


def test_a_call_leaves_its_arguments_whatever_comes_back(judged):
    execution = judged(
        CHANGING,
        GIVEN,
        "got = f(params, grads, log)",
        "assert list(params) == ['Wy', 'by'] == list(grads) and params['Wy'].tolist() == [1, 1]",
        "assert len(log) == 1 and log[0].tolist() == [0, 0]",
        "assert list(got) == ['Wy', 'by', 'new'] and got['Wy'].tolist() == [0, 0]",
        "assert g(weight, other).grad.tolist() == [6]",
        "assert weight.grad is None and other.tolist() == [0]",
    )
    assert execution.ended == "ok", says(execution)


def test_what_a_call_changes_is_seen_where_a_check_asks(judged):
    execution = judged(
        CHANGING,
        GIVEN,
        "got, (params, grads, log) = check.changed(f, params, grads, log)",
        "assert got is params and list(params) == ['Wy', 'by', 'new'] and list(grads) == ['Wy']",
        "assert params['Wy'].tolist() == [0, 0] and log[0].tolist() == [7, 7] and log[1] == 1",
        "got, (weight, other) = check.changed(g, weight, other)",
        "assert got is weight and weight.grad.tolist() == [6] and other.tolist() == [1, 1, 1]",
        "assert check.after(g, torch.tensor([1.0], requires_grad=True), torch.zeros(1)).grad.tolist() == [2]",
    )
    assert execution.ended == "ok", says(execution)


def test_an_answer_to_a_probe_changes_nothing(judged):
    student = """
def f(model, x):
    x.zero_()
    return x
"""
    execution = judged(
        student,
        "x, values = torch.ones(3), [torch.ones(1, 2), torch.ones(1)]",
        "got = probes.on_model(f, [['Linear', 2, 1]], values, x)",
        "assert got.tolist() == [0, 0, 0] and x.tolist() == [1, 1, 1]",
    )
    assert execution.ended == "ok", says(execution)


def test_a_probe_that_tells_of_changes_or_mentions_its_arguments_is_not_heard():
    ours, theirs = socket.socketpair()
    zeros = {"is": "tensor", "dtype": "float32", "shape": [1], "blob": 0}
    with Connection(ours.detach()) as here, Connection(theirs.detach()) as there:
        for value in (1, {"is": "same", "as": 2}):
            send(there, {"value": None}, [])  # there are no names
            send(there, {"value": value, "changes": [[number, zeros] for number in range(5)]}, [memoryview(bytes(4))])
        judge, source = Judge([]), '@check.graded("x")\ndef c():\n    x = torch.ones(1)\n    {}\n    assert x == 1'
        judge.set_up(SETUP)
        assert judge.judge(source.format("assert probes.describe(x) == 1"), Line(here), 5).ended == "ok"
        assert judge.judge(source.format("probes.describe([x])"), Line(here), 5).error["ename"] == "WireError"


SERIES = """
import collections
class Indexed:
    def __len__(self): return 3
    def __getitem__(self, i): return i
def f(kind):
    match kind:
        case "generator": return (i for i in range(3))
        case "endless": return iter(int, 1)
        case "failing": return (1 // (2 - i) for i in range(5))
        case "indexed": return Indexed()
        case "nested": return {"a": collections.deque([map(abs, [-1])])}
        case "loader": return torch.utils.data.DataLoader(torch.arange(3.0), batch_size=2)
        case "set": return {0, 1, 2}
        case "objects": return np.array([0, "a", None], dtype=object)
        case "texts": return np.array(["a", "bcd"])
        case "mapping": return collections.UserDict(a=1)
        case "text": return "abc"
"""


def test_what_iterates_or_maps_is_read_where_a_check_asks(judged):
    execution = judged(
        SERIES,
        "for kind in ('generator', 'indexed'): assert check.items(f(kind), kind) == [0, 1, 2], kind",
        "assert check.plain(f('nested')) == {'a': [[1]]}",
        "assert [one.tolist() for one in check.items(f('loader'), 'loader')] == [[0, 1], [2]]",
        "assert check.items(f('set'), 'set', ordered=False) == [0, 1, 2]",
        "assert f('objects').dtype == object and f('texts').dtype == '<U3'",
        "assert check.items(f('objects'), '') == [0, 'a', None] and check.items(f('texts'), '') == ['a', 'bcd']",
        "assert check.keys(f('mapping'), 'a', 'f()') == {'a': 1}",
        "check.same(f('generator'), [0, 1, 2], 'f()')",
        "first = iter(f('failing'))",
        "assert [next(first), next(first)] == [0, 1]",
        "try: next(first)",
        "except ZeroDivisionError: pass",
        "else: raise AssertionError",
    )
    assert execution.ended == "ok", says(execution)
    assert "f(): expected a list, got set." in says(judged(SERIES, "check.items(f('set'), 'f()')"))
    assert "f(): expected a list, got str." in says(judged(SERIES, "check.items(f('text'), 'f()')"))
    assert "f(): goes on after 10000 values" in says(judged(SERIES, "check.items(f('endless'), 'f()')"))


def test_what_goes_on_for_ever_cannot_fill_the_judges_memory(judged):
    student = "def f():\n    while True: yield torch.zeros(10**6)"
    assert "It is too large" in says(judged(student, "check.items(f(), 'f()')"))


@pytest.mark.parametrize("returned", ["10**5000", "[[[0] * 10**6]]", "torch.zeros(10**8)", "deep()"])
def test_what_cannot_be_sent_is_no_error_that_a_check_may_want(judged, returned):
    student = f"def deep():\n    x = []\n    for _ in range(1000): x = [x]\n    return x\ndef f(): return {returned}"
    wants = "try: f()\nexcept (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError): pass"
    assert "What your function returned cannot be read" in says(judged(student, wants))


def test_what_is_left_as_it_was_stays_untouched(judged):
    execution = judged(
        "def f(x): return x + 1",
        "x = torch.arange(3.0)[None].expand(2, 3)",
        "assert f(x).shape == (2, 3) and x.stride() == (0, 1)",
        "y = torch.randn(4, 3).T",
        "assert not y.is_contiguous() and torch.equal(f(y), y + 1)",
    )
    assert execution.ended == "ok", says(execution)


def test_other_objects_can_be_called_and_their_attributes_read_and_no_more(judged):
    student = """
class Thing:
    def __init__(self, size):
        self.size, self.weight = size, torch.ones(size)
    def __call__(self, x):
        return self.weight * x
    def grow(self, by=1):
        self.size += by
        return self
    def __len__(self): return self.size
    def __eq__(self, other): return True
    def __bool__(self): return True
    def __float__(self): return 3.0
def f(thing): return thing.size
"""
    execution = judged(
        student,
        "thing = Thing(3)",
        "assert type(thing).__name__ == 'Thing' and thing.size == 3 and thing(2.0).tolist() == [2, 2, 2]",
        "assert thing.grow(by=4).size == 7 and f(thing) == 7",
        "assert thing != 3.0 and not isinstance(thing, float)",
        "for wrong in (lambda: len(thing), lambda: thing[0], lambda: iter(thing), lambda: float(thing)):",
        "    try: wrong()",
        "    except TypeError: continue",
        "    raise AssertionError",
        "try: thing.size = 4",
        "except AttributeError: pass",
        "else: raise AssertionError",
        "try: check.close(thing, 3.0, 'thing')",
        "except check.CheckFailed as error: assert 'got Thing' in str(error), error",
    )
    assert execution.ended == "ok", says(execution)


def test_what_is_no_plain_value_is_not_passed(judged):
    execution = judged("def f(x): return x", "f(lambda: 1)")
    assert "A check passes plain values to students' functions, not a function: use a probe." in says(execution)


def test_variables_arrive_by_value_and_what_is_missing_is_named(judged):
    assert judged("value = [1, (2.5, 'a')]", "check.same(value, [1, (2.5, 'a')], 'value')").ended == "ok"
    assert "g is not defined: write its cell" in says(judged("f = 3", "g(1)"))
    assert "'int' object is not callable" in says(judged("f = 3", "f(1)"))


def test_an_exception_arrives_as_one_with_the_students_own_lines_and_no_others(judged):
    student = "def g(x):\n    return x['no']\ndef f(x):\n    return g(x)"
    execution = judged(student, "secret = 'hidden test'", "f({})")
    text = says(execution)
    assert execution.ended == "error"
    assert all(line in text for line in ("return g(x)", "return x['no']", "KeyError"))
    assert not any(word in text for word in ("hidden", "grading", "agent"))
    caught = judged(student, "try: f({})", "except KeyError as error: assert type(error).__name__ == 'KeyError'")
    assert caught.ended == "ok", says(caught)
    own = judged("class Mine(ValueError): pass\ndef f(): raise Mine('so')", "try: f()", "except ValueError: pass")
    assert own.ended == "ok"
    unwritten = judged("def f(): raise NotImplementedError('f is not written yet')", "f()")
    assert says(unwritten) == "NotImplementedError: f is not written yet"


def test_students_prints_are_shown_and_a_value_or_a_forged_verdict_is_not(judged):
    student = """
from IPython.display import display
def f():
    print("mine")
    display(42)
    get_ipython().displayhook(1.0)
    get_ipython().showtraceback((ValueError, ValueError("forged"), None))
    return 1
"""
    execution = judged(student, "f()")
    assert says(execution).splitlines()[:: len(says(execution).splitlines()) - 1] == ["mine", "✓ the_check"]
    assert {output.output_type for output in execution.outputs} <= {"stream", "display_data"}


def test_input_interrupts_and_the_end_of_the_guest(judged):
    assert "Nobody is there to answer" in says(judged("def f(): return input()", "f()"))
    assert judged("import time\ndef f(): time.sleep(60)", "f()", seconds=1).ended == "stopped"
    assert judged("def f(): return 1", "while True: pass", seconds=1).ended == "stopped"
    assert judged("def f(): return 1", "check.same(f(), 1, 'f()')").ended == "ok"  # the guest lives
    assert judged("import os\ndef f(): os._exit(0)", "f()").ended == "died"


def test_what_is_too_large_or_endless_is_refused_with_a_sentence(judged):
    assert "It is too large" in says(judged("def f(): return torch.zeros(10**8)", "f()"))
    assert "It is too large" in says(judged("def f(): return 'x' * 10**8", "f()"))
    deep = "def f():\n    x = []\n    for _ in range(10**5): x = [x]\n    return x"
    assert "It holds too many values" in says(judged(deep, "f()"))
    assert judged("def f(): return 10 ** 10_000", "f()").ended == "error"
    assert "too many values" in says(judged("def f(): return [0] * 10**6", "f()"))


def test_a_probe_runs_beside_the_students_objects_whatever_became_of_helpers(judged):
    student = """
import helpers, helpers.probes
helpers.probes.calls_autograd = lambda *args: False
helpers.probes = None
def f(x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad((x ** 2).sum(), x)[0]
def g(x): return 2 * x
"""
    lines = "check.same([probes.calls_autograd(h, torch.ones(2)) for h in (f, g)], [True, False], 'used')"
    execution = judged(student, lines)
    assert execution.ended == "ok", says(execution)


PROBES: dict[str, list[str]] = {}
for _name in probes.__all__:
    PROBES.setdefault(getattr(probes, _name).__module__, []).append(_name)


def _bound(statement: ast.stmt) -> list[tuple[str, str]]:
    """Return the names that a statement at the top of a module binds, each with what it is if it is imported."""
    match statement:
        case ast.Import(names=names):
            return [((one.asname or one.name).partition(".")[0], one.name) for one in names]
        case ast.ImportFrom(module=module, names=names):
            return [(one.asname or one.name, f"{module}.{one.name}") for one in names]
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [(name, f"line {statement.lineno}")]
    names = [node for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return [(node.id, f"line {node.lineno}") for node in names]


@pytest.mark.parametrize("module", PROBES)
def test_the_source_of_probes_is_whole_and_no_name_stands_for_two_things(module, monkeypatch):
    source = whole_source(module)
    tree = ast.parse(source)
    counts = Counter(name for name, _ in {pair for statement in tree.body for pair in _bound(statement)})
    assert {name for name, count in counts.items() if count > 1} == set()
    for node in ast.walk(tree):
        names = [node.module] if isinstance(node, ast.ImportFrom) else []
        names += [one.name for one in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        assert not any(name is None or "probes" in name for name in names), ast.unparse(node)
    for name in [name for name in sys.modules if name.startswith("helpers.probes")]:
        monkeypatch.setitem(sys.modules, name, None)  # whose import fails
    scope: dict[str, Any] = {}
    exec(compile(source, "<probes>", "exec"), scope)
    assert set(PROBES[module]) <= set(scope)


def test_modules_of_probes_rename_nothing_that_they_import_from_each_other():
    for module in PROBES:
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
            if isinstance(node, ast.ImportFrom) and node.module.startswith("helpers.probes"):
                assert not any(one.asname for one in node.names), ast.unparse(node)


def test_what_probes_share_is_the_judges_own_whatever_the_student_made_of_it(judged):
    student = """
import sys
from helpers import probes
from helpers.probes import common
for module in [module for name, module in sys.modules.items() if name.startswith("helpers.probes")]:
    for name in ("sequential", "copied", "replaced", "defined", "namespace_of"):
        setattr(module, name, lambda *args, **kwargs: 7.0)
sys.modules["helpers.probes.common"] = common
def f(model, X): return model(X)
def g(x): return Thing(x)
def Thing(x): return 3 * x
"""
    execution = judged(
        student,
        "got = probes.on_model(f, [['Linear', 2, 1]], [torch.ones(1, 2), torch.ones(1)], torch.ones(3, 2))",
        "check.close(got, torch.full((3, 1), 3.0), 'f(model, X)')",
        "check.same(probes.with_functions('def Thing(x): return x', g, 2.0), 2.0, 'g(2.0)')",
    )
    assert execution.ended == "ok", says(execution)


def test_functions_of_a_check_are_called_back_by_probes(judged):
    student = "def f(data, n): return [g(data.Xtrain, i) for i in range(n)]"
    stand_in = """
parts, seen = {"Xtrain": torch.zeros(2)}, []
def stand_in(x, i):
    seen.append(i)
    x += 1
    return {"x": x, "i": {0: 0, 1: 1, 2: 4}[i]}
"""
    execution = judged(
        student,
        stand_in,
        "got = probes.train_with({'g': stand_in}, f, parts, 3)",
        "assert seen == [0, 1, 2]",
        "assert [one['i'] for one in got] == [0, 1, 4]",
        "assert got[0]['x'].tolist() == [3, 3] and parts['Xtrain'].tolist() == [0, 0]",
    )
    assert execution.ended == "ok", says(execution)
    failed = judged(student, stand_in, "probes.train_with({'g': stand_in}, f, parts, 4)")
    assert "KeyError: '3'" in says(failed)
    assert "return [g(data.Xtrain, i)" in says(failed)
    assert not any(word in says(failed) for word in ("agent", "stand_in", "wire"))


def test_grad_mode_and_default_type_are_those_of_a_fresh_guest(judged):
    student = "torch.set_grad_enabled(False)\ntorch.set_default_dtype(torch.float64)\ndef f(): return torch.ones(1)"
    execution = judged(student, "assert f().dtype == torch.float32")
    assert execution.ended == "ok", says(execution)


class Line:
    """The other end of a connection as a judge asks it, without a guest."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def send(self, message: dict, blobs: list[memoryview]) -> None:  # noqa: D102
        send(self._connection, message, blobs)

    def receive(self) -> tuple[dict, list[memoryview]]:  # noqa: D102
        return receive(self._connection)


FORGERIES = {
    "nothing": b"",
    "no JSON": b"nonsense",
    "a list": b"[]",
    "no sizes": b'{"value": 1}',
    "negative sizes": b'{"value": 1, "sizes": [-4]}',
    "too long": b'{"value": 1, "sizes": [4]}',
    "changes of nothing": b'{"value": {"is": "dict", "of": []}, "changes": [[77, 1]], "sizes": []}',
    "changes of no kind": b'{"value": {"is": "dict", "of": []}, "changes": 3, "sizes": []}',
    "an error that is none": b'{"error": 3, "sizes": []}',
    "an error without lines": b'{"error": {"kind": "X", "text": "", "lines": 3, "kinds": []}, "sizes": []}',
}


WRONG = (None, True, -1, 3, 10**400, "x", "\0", "\ud800", [], [[3]], {}, {"is": "list", "of": 3}, [{"is": []}])
PARTS = {
    "value": {"is": "dict", "of": [["f", 2]], "number": 0},
    "error": {"kind": "X", "kinds": ["ValueError"], "text": "x", "lines": ["x"]},
}
FIELDS = {
    **{(field,): lambda wrong, field=field: {field: wrong} for field in (*PARTS, "changes", "callback", "sizes")},
    **{(p, key): lambda wrong, p=p, key=key: {p: PARTS[p] | {key: wrong}} for p in PARTS for key in PARTS[p]},
}
FORGERIES |= {
    f"{' '.join(field)} {number}": json.dumps({"value": 2, "sizes": []} | FIELDS[field](wrong)).encode()
    for field in FIELDS
    for number, wrong in enumerate(WRONG)
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_reply_is_no_value(name):
    ours, theirs = socket.socketpair()
    with Connection(ours.detach()) as here, Connection(theirs.detach()) as there:
        for _ in range(3):
            there.send_bytes(LENGTH.pack(len(FORGERIES[name])) + FORGERIES[name])
        send(there, {"value": 2}, [])
        judge = Judge(["f"])
        judge.set_up(SETUP)
        judged = judge.judge('@check.graded("x")\ndef c(): check.same(f(), 1, "f()")', Line(here), 5)
    assert judged.ended == "error"
    assert judged.error["ename"] != "AttributeError", "the judge's own"


def test_a_forged_reply_cannot_put_names_of_its_own_in_a_check():
    """The names that were asked for are a list that went there, and what went there may come back changed."""
    ours, theirs = socket.socketpair()
    check = {"is": "handle", "kind": "check", "number": 0, "callable": True}
    found = {"is": "dict", "of": [["check", check], ["torch", check], ["f", 1]]}
    changed = {"is": "list", "of": ["check", "torch"]}
    with Connection(ours.detach()) as here, Connection(theirs.detach()) as there:
        send(there, {"value": found, "changes": [[0, changed]]}, [])
        judge = Judge(["f"])
        judge.set_up(SETUP)
        judged = judge.judge('@check.graded("x")\ndef c(): check.same(f, 2, "f")', Line(here), 5)
    assert (judged.ended, judged.error["ename"]) == ("error", "CheckFailed")
