"""What probes say of layers with two modes, of penalties, and of a training that is measured."""

import pytest
import torch

from helpers import probes

LAYERS = [["Linear", 3, 2]]
VALUES = [torch.ones(2, 3), torch.zeros(2)]


def mean(X):
    return X.softmax(1).mean()


def squares(model):
    return sum((p**2).sum() for p in model.parameters() if p.ndim > 1)


def use_mean(X):
    return mean(X)


@pytest.mark.parametrize(("foreach", "seen"), [(None, "_foreach_norm"), (False, "clip_grad_norm_")])
def test_clipping_that_is_torchs_own_is_seen(foreach, seen):
    def clip(model):
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1, foreach=foreach)

    assert seen in probes.with_slopes(clip, LAYERS, VALUES, VALUES)["beyond"]
    assert not probes.with_slopes(squares, LAYERS, VALUES, VALUES)["beyond"]


def test_a_function_is_replaced_and_put_back():
    assert probes.with_functions("def mean(X):\n    return 7.0", use_mean, torch.ones(2, 3)) == 7.0
    assert probes.with_functions("def other(X):\n    return 7.0", use_mean, torch.ones(2, 4)) == 0.25
    assert "other" not in globals()
    assert use_mean(torch.ones(2, 4)) == 0.25


def test_a_penalty_is_followed_to_the_parameters():
    run = probes.slopes_of(squares, LAYERS, VALUES)
    assert run["result"] == 6
    assert torch.equal(run["grads"][0], 2 * VALUES[0])
    assert run["grads"][1] is None
    assert probes.slopes_of(lambda _model: 3.0, LAYERS, VALUES)["grads"] is None


def test_a_layer_runs_in_both_modes_from_given_values():
    X, mean = torch.tensor([[1.0], [3.0]]), torch.tensor([5.0])
    calls = [[False, X], [True, X, torch.ones(2, 1)]]
    run = probes.run_layer(torch.nn.BatchNorm1d, [1], {"running_mean": mean, "shift": mean}, calls)
    assert run["missing"] == ["shift"]
    evaluated, trained = run["calls"]
    assert torch.allclose(evaluated["output"], X - 5, atol=1e-4)
    assert torch.equal(evaluated["state"]["running_mean"], mean)
    assert torch.allclose(trained["state"]["running_mean"], torch.tensor([4.7]))
    assert trained["grad_X"] is not None
    assert evaluated["grad_X"] is None
    assert any("batch_norm" in name for name in trained["beyond"])


def test_a_training_is_watched_step_by_step():
    def measure(model, data, eta, penalty, augment):
        optim = torch.optim.SGD(model.parameters(), lr=eta)
        model.train()
        (model(augment(data.Xtrain)).sum() + penalty(model)).backward()
        optim.step()
        model.eval()
        return {"loss_test": model(data.Xtest).sum()}

    parts = {"Xtrain": torch.ones(4, 3), "Xtest": torch.zeros(1, 3)}
    run = probes.watch_measure(measure, parts, LAYERS, VALUES, [0.1], 0.5, 2.0)
    step, test = run["calls"]
    assert (step["training"], step["learns"], test["training"], test["learns"]) == (True, True, False, False)
    assert torch.equal(step["X"], torch.full((4, 3), 3.0))
    assert [call["values"][1].tolist() for call in (step, test)] == [VALUES[1].tolist(), run["values"][1].tolist()]
    assert run["augmented"] == [4]
    assert torch.allclose(run["values"][0], torch.full((2, 3), 1 - 0.1 * (12 + 1)))
    assert torch.allclose(run["values"][1], torch.full((2,), -0.4))
