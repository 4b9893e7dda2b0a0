"""What checks and probes say of models: where they are, what they hold, what a step does to them."""

import pytest
import torch

from helpers import check, figures, probes
from helpers.samples import LINEAR_TRAINING, by_shape, shifted_circles

LAYERS = [["Linear", 3, 5], ["Tanh"], ["Linear", 5, 2]]


class Listed(torch.nn.Module):
    """A module whose layer is hidden in a list."""

    def __init__(self):
        super().__init__()
        self.layers = [torch.nn.Linear(2, 2)]


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (torch.nn.Linear(2, 3, device="meta"), "is on the device meta; here everything stays on the CPU."),
        (torch.nn.Linear(2, 3).double(), "has parameters of torch.float64; keep torch.float32."),
        (torch.nn.Linear(2, 3).requires_grad_(False), "the parameter weight does not require gradients."),
        (Listed(), "has no parameters"),
        (torch.nn.Tanh, "is a class, not a module"),
        (torch.tanh, "expected a torch.nn.Module, got builtin_function_or_method."),
        (None, "is None"),
    ],
)
def test_a_model_that_cannot_be_used_is_told_why(model, sentence):
    with pytest.raises(check.CheckFailed, match=sentence.replace("(", r"\(")):
        check.module(probes.describe(model), "model")


class Unbegun(torch.nn.Module):
    """A module that does not call Module's own __init__."""

    def __init__(self, size):
        self.layer = torch.nn.Linear(size, size)


def test_a_module_that_is_not_begun_is_told_so():
    with pytest.raises(check.CheckFailed, match=r"__init__ begins with super\(\)"):
        check.made(Unbegun, 3)
    with pytest.raises(AttributeError, match="shape"):
        check.made(lambda size: size.shape, 3)
    assert isinstance(check.made(torch.nn.Linear, 3, 3), torch.nn.Linear)


@pytest.mark.parametrize(
    ("error", "slopes", "sentence"),
    [
        ("a leaf Variable that requires grad", [1], "the update is outside torch.no_grad"),
        ("'float' and 'NoneType'", [torch.ones(1)], "your code asks .grad of tensors that have none"),
        ("'float' and 'NoneType'", [None], "a gradient is None: the update comes after"),
        ("'float' and 'NoneType'", [None, torch.ones(1)], "the reset stands in the loop"),
        ("set_grad_enabled(False)", [None], "after the step, PyTorch no longer notes operations"),
    ],
)
def test_a_step_that_could_not_be_taken_is_told_why(error, slopes, sentence):
    moved = [slope is not None for slope in slopes]
    check.stepped({"error": "", "slopes": slopes, "moved": moved})
    with pytest.raises(check.CheckFailed, match=sentence):
        check.stepped({"error": error, "slopes": slopes, "moved": moved})


def test_a_model_is_described_with_its_buffers():
    about = probes.describe(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)).eval())
    check.module(about, "model")
    assert about["modules"] == {"0": "Linear", "1": "BatchNorm1d"}
    assert about["buffers"]["1.running_mean"]["saved"]
    assert about["parameters"]["0.weight"]["shape"] == [3, 2]
    assert not about["training"]


def test_parameters_are_copies_wherever_they_are():
    model = torch.nn.Linear(2, 3)
    copies = probes.parameters(model)
    copies["weight"] += 1
    assert not torch.equal(copies["weight"], model.weight)
    assert probes.parameters(torch.nn.Linear(2, 3, device="meta"))["weight"].isnan().all()
    assert probes.parameters("no model") == {}


def test_the_parameters_of_one_hidden_layer_are_told_apart_by_shape():
    values = {"a": torch.randn(3, 7), "b": torch.randn(1, 3), "c": torch.randn(4, 7), "d": torch.randn(7)}
    found = by_shape(values, 4, 7, 3)
    assert torch.equal(found["Wh"], values["c"].T)
    assert torch.equal(found["Wy"], values["a"])
    assert torch.equal(found["by"], values["b"][0])
    assert by_shape({**values, "e": torch.randn(7)}, 4, 7, 3) is None
    assert by_shape({"a": values["a"]}, 4, 7, 3) is None


def test_one_step_keeps_what_torch_refuses_and_raises_the_rest():
    values = [torch.randn(shape) for shape in ((5, 3), (5,), (2, 5), (2,))]

    def outside_no_grad(model, eta):
        for value in model.parameters():
            value -= eta

    def broken(model, eta):
        raise RuntimeError("something else")

    run = probes.one_step(outside_no_grad, LAYERS, values, None, [0.1])
    assert "leaf Variable" in run["error"]
    assert all(torch.equal(new, old) for new, old in zip(run["values"], values, strict=True))
    with pytest.raises(RuntimeError, match="something else"):
        probes.one_step(broken, LAYERS, values, None, [0.1])


def init_model(nx, nh, ny):
    raise AssertionError("the stand-in takes its place")


def test_a_training_is_recorded_pass_by_pass():
    def train(data, nh, epochs, batch, eta):
        model, loss = init_model(2, nh, 2)
        for rows in ([0, 1, 2], [3, 4]):
            loss(model(data.Xtrain[rows]), data.Ytrain[rows]).backward()
        return model, {}

    parts = shifted_circles(4)
    run = probes.watch_training(LINEAR_TRAINING, train, parts, 3, 1, 10, 0.1)
    first, second = run["passes"]
    assert run["notes"] == [[2, 3, 2]]
    assert run["graphs"] == [3, 2]
    assert torch.equal(second["X"], parts["Xtrain"][[3, 4]])
    torch.testing.assert_close(second["Yhat"] - 2 * second["delta"], parts["Ytrain"][[3, 4]])
    sums = first["delta"].T @ first["X"] + second["delta"].T @ second["X"]
    torch.testing.assert_close(second["grads"]["weight"], sums)  # as nobody reset them


def test_code_is_shown_beside_the_code_that_takes_its_place(monkeypatch):
    shown = []
    monkeypatch.setattr("helpers.figures.listings.running_shell", lambda: True)
    monkeypatch.setattr("IPython.display.display", shown.append)

    def before(x):
        """Say nothing."""
        # nor here
        return x < 1

    def after(x):
        return x

    figures.side_by_side(([before], [after]), ([before], [before]))
    (html,) = (table.data.replace("\N{NO-BREAK SPACE}", " ") for table in shown)
    assert "before: 4 lines" in html
    assert "now: 4 lines" in html
    assert "−     return x &lt; 1" in html
    assert "+     return x<" in html
    assert "Say nothing" not in html
    assert "nor here" not in html
