"""What checks of stages written in numpy use: arrays that are expected, and probes of modules."""

import warnings

import numpy as np
import pytest
import torch

from helpers import check, probes
from helpers.checks import CheckFailed
from helpers.samples import bent, woven

PAIRS = [[0.3, 0.8], [-0.2, 1.2]]
X, Y = np.array([[1.0, 0.5, -1.0], [0.2, -0.3, 0.7]]), np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def told(function, *args, **kwargs) -> str:
    with pytest.raises(CheckFailed) as failed:
        function(*args, **kwargs)
    return str(failed.value)


@pytest.mark.parametrize(
    ("got", "expected", "sentence"),
    [
        (None, np.ones(2), "f(x): is None: does the function end with return?"),
        (torch.ones(2), np.ones(2), "f(x): is a torch tensor; return a numpy array."),
        ([1.0, 1.0], np.ones(2), "f(x): expected a numpy array, got list."),
        (np.ones(2, dtype=int), np.ones(2), "f(x): holds int64; expected floating point numbers."),
        (np.ones(2, dtype=bool), np.ones(2), "f(x): holds bool; expected floating point numbers."),
        (np.ones(2, dtype=complex), np.ones(2), "f(x): holds complex128; expected floating point numbers."),
        (np.ones((2, 3)), np.ones((3, 2)), "f(x): expected shape (3, 2), got (2, 3). It is transposed."),
        (np.ones(3), np.ones((3, 1)), "f(x): expected shape (3, 1), got (3,)."),
        (np.ones(4), np.array(1.0), "f(x): expected a single number, got an array of shape (4,): did you forget"),
        (np.array([1.0, np.nan]), np.ones(2), "f(x): contains NaN"),
        (np.array([1.0, 2.5]), np.ones(2), "f(x): expected 1 at index [1], got 2.5 (wrong values: 1 of 2)."),
        (3.0, np.array(2.0), "f(x): expected 2, got 3."),
    ],
)
def test_close_wants_arrays_where_one_is_expected(got, expected, sentence):
    assert sentence in told(check.close, got, expected, "f(x)")


def test_close_takes_arrays_of_any_layout_and_precision():
    for got in (np.ones((3, 2), np.float32), np.ones((2, 3)).T, np.ones((6, 2))[::-2], np.ones((3, 2), np.float16)):
        check.close(got, np.ones((6, 2))[::-2], "f(x)")
    for got in (2, 2.0, np.float32(2), np.array(2.0), np.array([2.0])):
        check.close(got, np.array(2.0), "f(x)")
    check.close(np.eye(2, dtype=int), np.eye(2).astype(int), "f(x)")


def test_mistakes_may_be_arrays_or_tensors():
    for mistaken in (np.zeros(2), torch.zeros(2), [0.0, 0.0], np.zeros(4)[::-2]):
        assert "nothing was added" in told(
            check.close, np.zeros(2), np.ones(2), "f(x)", unless={"nothing was added to the gradient": mistaken}
        )


def test_tensors_are_wanted_where_none_but_a_tensor_or_a_list_is_expected():
    for expected in (torch.ones(2), [1.0, 1.0]):
        assert "is a numpy array; return a torch tensor" in told(check.close, np.ones(2), expected, "f(x)")
    check.close(torch.ones(2), torch.ones(2), "f(x)")


def test_array_wants_finite_numbers_of_a_shape():
    check.array(np.zeros((2, 3), np.float32), (2, 3), "f(x)")
    assert "is a torch tensor" in told(check.array, torch.zeros(2), (2,), "f(x)")
    assert "expected shape (2, 3), got (3, 2)." in told(check.array, np.zeros((3, 2)), (2, 3), "f(x)")
    assert "contains NaN or infinity" in told(check.array, np.array([np.inf]), (1,), "f(x)")


class _Shift:
    """A module that adds its parameter, and does all that it should."""

    def __init__(self, n):
        self._parameters, self._gradient = {"b": np.ones(n)}, {"b": np.zeros(n)}

    def zero_grad(self):
        self._gradient["b"][:] = 0

    def forward(self, X):
        return X + self._parameters["b"]

    def update_parameters(self, gradient_step):
        self._parameters["b"] -= gradient_step * self._gradient["b"]

    def backward_update_gradient(self, input, delta, scale=1.0):
        self._gradient["b"] += scale * delta.sum(0)

    def backward_delta(self, input, delta):
        input[:] = 0
        return delta


def test_use_module_records_each_call():
    calls = [["forward", X], ["backward_update_gradient", X, Y], ["update_parameters", 0.5], ["backward_delta", X, Y]]
    run = probes.use_module(_Shift, [3], {"b": np.array([1.0, 2.0, 3.0])}, calls)
    assert run["lacks"] == []
    assert run["start"]["parameters"]["b"].tolist() == [1, 1, 1]
    forth, back, moved, delta = run["calls"]
    assert np.array_equal(forth["result"], X + np.array([1, 2, 3]))
    assert not forth["changed"]
    assert back["gradient"]["b"].tolist() == [1, 1, 0]
    assert back["parameters"]["b"].tolist() == [1, 2, 3]
    assert moved["parameters"]["b"].tolist() == [0.5, 1.5, 3]
    assert delta["changed"]
    assert X.any()


def test_use_module_says_which_methods_are_missing():
    lacking = type("Lacking", (), {"forward": lambda self, X: X})
    run = probes.use_module(lacking, [], None, [["forward", X], ["zero_grad"], ["forward", X]])
    assert run["lacks"] == ["zero_grad", "update_parameters", "backward_update_gradient", "backward_delta"]
    assert len(run["calls"]) == 1


class _Series:
    """Two modules or more in series; going back before going forth is an IndexError."""

    def __init__(self, *modules):
        self.modules, self.inputs = list(modules), []

    def add(self, module):
        self.modules.append(module)

    def forward(self, X):
        self.inputs = []
        for module in self.modules:
            self.inputs.append(X)
            X = module.forward(X)
        return X

    def backward_delta(self, input, delta):
        for i in range(len(self.modules))[::-1]:
            delta = self.modules[i].backward_delta(self.inputs[i], delta)
        return delta

    def backward_update_gradient(self, input, delta, scale=1.0):
        for i in range(len(self.modules))[::-1]:
            self.modules[i].backward_update_gradient(self.inputs[i], delta, scale)
            delta = self.modules[i].backward_delta(self.inputs[i], delta)

    def zero_grad(self): ...

    def update_parameters(self, gradient_step): ...


@pytest.mark.parametrize(("places", "added"), [([0, 1], False), ([0, 1], True), ([[0], [[1], []]], True)])
def test_in_series_agrees_with_autograd(places, added):
    right = bent(PAIRS, X, Y)
    d = right.deltas[-1]
    calls = [["forward", X], ["backward_update_gradient", X, d], ["backward_delta", X, d]]
    forth, back, delta = probes.in_series(_Series, places, PAIRS, calls, added=added)["calls"]
    np.testing.assert_allclose(forth["result"], right.z[-1])
    assert forth["events"] == [[0, "forward"], [1, "forward"]]
    np.testing.assert_allclose(back["slopes"], right.slopes)
    assert [0, "forward"] not in back["events"]
    np.testing.assert_allclose(delta["result"], right.deltas[0])


def test_in_series_tells_how_the_last_call_failed():
    run = probes.in_series(_Series, [0, 1], PAIRS, [["backward_delta", X, X]], refused=True)
    assert run["raised"][:2] == ["IndexError", "LookupError"]
    assert run["calls"] == []
    with pytest.raises(IndexError):
        probes.in_series(_Series, [0, 1], PAIRS, [["backward_delta", X, X]])


def test_bent_agrees_with_central_differences():
    right = bent(PAIRS, X, Y)
    for place in np.ndindex(2, 2):
        moved = [np.array(PAIRS), np.array(PAIRS)]
        moved[0][place] += 1e-5
        moved[1][place] -= 1e-5
        slope = (bent(moved[0], X, Y).L - bent(moved[1], X, Y).L) / 2e-5
        assert slope == pytest.approx(right.slopes[place], rel=1e-4)
    np.testing.assert_allclose(bent(PAIRS, X, Y, 1, 0.1).values, np.array(PAIRS) - 0.1 * right.slopes)


def step(module, loss, X, Y, eta):
    Yhat = module.forward(X)
    module.zero_grad()
    module.backward_update_gradient(X, loss.backward(Y, Yhat))
    module.update_parameters(eta)
    return loss.forward(Y, Yhat)


def passes(module, loss, data, eta):
    return [step(module, loss, data.Xtrain, data.Ytrain, eta) for _ in range(3)]


def test_drive_runs_a_step():
    run = probes.drive(step, PAIRS[:1], [[0.7, -0.5]], X, Y, 0.1)
    assert run["result"] == pytest.approx(bent(PAIRS[:1], X, Y).L)
    np.testing.assert_allclose(run["values"], bent(PAIRS[:1], X, Y, 1, 0.1).values)
    assert np.array_equal(run["batches"][0], [X, Y])
    assert [0, "update_parameters"] in run["events"]
    assert ["loss", "backward"] in run["events"]


def test_drive_replaces_step_meanwhile():
    mine = step
    run = probes.drive(passes, PAIRS[:1], [[0.0, 0.0]], {"Xtrain": X, "Ytrain": Y}, 0.1)
    assert run["events"] == []
    assert len(run["batches"]) == 3
    assert step is mine
    np.testing.assert_allclose(run["values"], bent(PAIRS[:1], X, Y, 3, 0.1).values)
    np.testing.assert_allclose(run["result"], [bent(PAIRS[:1], X, Y, k, 0.1).L for k in range(3)])


def test_a_failing_function_leaves_step_as_it_was():
    mine = step

    def failing(module, loss):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        probes.drive(failing, PAIRS[:1], [[0.0, 0.0]])
    assert step is mine


class _Woven:
    """Modules that read the outputs of any before them; the deltas of several readers are added."""

    def __init__(self):
        self.nodes, self.z = [], []

    def add(self, module, *sources):
        self.nodes.append((module, sources))

    def inputs(self, k):
        arrays = [self.z[place] for place in self.nodes[k][1]]
        return arrays[0] if len(arrays) == 1 else arrays

    def forward(self, X):
        self.z = [X]
        for k, (module, _) in enumerate(self.nodes):
            self.z.append(module.forward(self.inputs(k)))
        return self.z[-1]

    def deltas(self, delta):
        deltas = [*(0 * z for z in self.z[:-1]), delta]
        for k, (module, sources) in reversed(list(enumerate(self.nodes))):
            parts = module.backward_delta(self.inputs(k), deltas[k + 1])
            for place, part in zip(sources, [parts] if len(sources) == 1 else parts, strict=True):
                deltas[place] = deltas[place] + part
        return deltas

    def backward_update_gradient(self, input, delta, scale=1.0):
        for k, one in enumerate(self.deltas(delta)[1:]):
            self.nodes[k][0].backward_update_gradient(self.inputs(k), one, scale)


@pytest.mark.parametrize(
    ("x", "nodes"),
    [(X, [[0, 0], [1, 0, 1], [2, 2, 0, 1]]), (X, [[0, 0], [1, 0], [2, 1, 1]]), (X[:1], [[0], [1, 0], [2, 2, 1]])],
)
def test_in_graph_agrees_with_autograd(x, nodes):
    pairs, delta = [*PAIRS, [0.4, -0.7]], np.arange(1.0, len(x) + 1)[:, None]
    right = woven(nodes, pairs, x, delta)
    calls = [["forward", x], ["deltas", delta], ["backward_update_gradient", x, delta]]
    forth, back, added = probes.in_graph(_Woven, nodes, pairs, calls)["calls"]
    assert np.allclose(forth["result"], right.z[-1])
    assert all(np.allclose(got, one) for got, one in zip(back["result"], right.deltas, strict=True))
    assert not np.any(back["slopes"])
    assert np.allclose(added["slopes"], right.slopes)
    assert [number for number, method in back["events"] if method == "backward_delta"] == [2, 1, 0]


class _Wrapped(_Woven):
    """A graph that gives every module a list, and so a list of one array to those that read one place."""

    def inputs(self, k):
        return [self.z[place] for place in self.nodes[k][1]]


def test_a_list_of_one_array_is_no_array():
    forth = probes.in_graph(_Wrapped, [[0, 0], [1, 1, 1]], PAIRS, [["forward", X]])["calls"][0]
    assert forth["result"].shape == (1, len(X), 1)


def test_drive_tells_where_the_first_module_was_at_each_batch():
    run = probes.drive(passes, PAIRS[:1], [[0.0, 0.0]], {"Xtrain": X, "Ytrain": Y}, 0.1)
    np.testing.assert_allclose(run["path"], [bent(PAIRS[:1], X, Y, k, 0.1).values[0] for k in range(3)])


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("module(X)", "module.forward(X) and loss.forward(y, yhat), not module(X)"),
        ("module.layers", "there is no attribute layers"),
        ("module.backward_delta(X, [X, X])", "input and delta are swapped"),
        ("X * None", "your code computes with None"),
        ("None['W']", "your code asks None for what it holds"),
        ("(module,).append(module)", "keep a list, list(modules)"),
        ("(module,) + [module]", "keep a list, list(modules)"),
        ("max(0, X)", "np.maximum(0, a) compares number by number"),
        ("np.max(0, X)", "an array stands where one whole number should"),
        ("X @ X", "the sizes do not fit in a product, @"),
        ("np.add(np.zeros(3), X, out=np.zeros(3))", "what += adds to an array has another shape"),
        ("X + X.T", "two sizes do not fit, (2,3) and (3,2)"),
    ],
)
def test_a_slip_in_numpy_code_is_named(code, sentence):
    def slips(module, loss):
        return eval(code, {"module": module, "X": X, "np": np})

    with warnings.catch_warnings(action="ignore"):
        assert sentence in told(check.ran, probes.drive, slips, PAIRS[:1], [[0.0, 0.0]])


def test_what_is_no_known_slip_is_raised():
    with pytest.raises(AttributeError, match="shapes"):
        check.ran(lambda: X.shapes)
    assert check.ran(np.add, X, X, out=None).tolist() == (X + X).tolist()
