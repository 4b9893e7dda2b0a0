"""Probes of optimisers and of loops that use them, and the samples beside them."""

import sys

import pytest
import torch
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from helpers import probes
from helpers.samples import torch_walk

W, G = torch.tensor([1.0, -2.0]), [torch.tensor([0.5, 4.0]), torch.tensor([-1.0, 2.0])]


def test_an_optimiser_is_told_with_its_options_and_the_parameters_of_the_model_that_it_holds():
    model, other = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    about = probes.optimiser(torch.optim.SGD([model.weight, other.weight], lr=0.5), model)
    assert about["kind"] == "SGD"
    assert about["optimiser"]
    assert about["groups"][0]["lr"] == 0.5
    assert about["groups"][0]["params"] == ["weight", "?"]


def test_what_is_no_optimiser_is_told():
    assert probes.optimiser(3, None) == {"kind": "int", "optimiser": False}
    assert probes.optimiser(torch.optim.SGD, None) == {"kind": "type", "optimiser": False}


def test_steps_go_down_the_gradients_that_are_told():
    model = torch.nn.Linear(3, 2)
    optim = torch.optim.SGD(model.parameters(), lr=0.1)
    start, end = probes.take_steps(model, optim, torch.ones(4, 3), 1)
    for name in ("weight", "bias"):
        torch.testing.assert_close(end["params"][name], start["params"][name] - 0.1 * start["grads"][name])


def test_a_walk_keeps_the_state_and_tells_a_changed_gradient():
    def step(w, g, state, eta):
        state["v"] = state.get("v", 0) + g.clone()
        g *= 0
        return w - eta * state["v"]

    run = probes.walk(step, W, G, [0.1], True)
    torch.testing.assert_close(torch.stack(run["path"]), torch_walk("SGD", W, G, lr=0.1, momentum=1.0))
    assert run["changed"]
    assert run["state"] == 1


def test_a_walk_tells_what_the_first_step_misses_in_its_empty_state():
    def step(w, g, state):
        state["t"] = 1
        return w - state["v"]

    assert probes.walk(lambda w, g, state: w - state["v"], W, G, [], True)["missing"] == "'v'"
    assert probes.walk(lambda w, g, state: w - g, W, G, [], True)["missing"] == ""
    with pytest.raises(KeyError, match="v"):
        probes.walk(step, W, G, [], True)


def test_a_walk_tells_a_gradient_that_a_later_step_changes():
    def step(w, g, state):
        state.setdefault("v", g).add_(0 if state["v"] is g else g)
        return w

    run = probes.walk(step, W, G, [], True)
    assert [run["changed"], run["later"]] == [False, True]


def test_a_walk_takes_what_was_changed_in_place_where_nothing_is_returned():
    def step(w, g, eta):
        w -= eta * g

    run = probes.walk(step, W, G, [0.1], False)
    torch.testing.assert_close(torch.stack(run["path"]), torch_walk("SGD", W, G, lr=0.1))
    assert not run["changed"]


def test_a_loop_is_watched_step_by_step():
    def loop(model, loss, optim, batches):
        for X, Y in batches:
            loss(model(X), Y).backward()
        optim.step()

    batches = [[torch.ones(2, 1), torch.zeros(2, 1)]] * 3
    run = probes.watch_loop(loop, [["Linear", 1, 1]], [torch.ones(1, 1), torch.zeros(1)], "SGD", {"lr": 0.1}, batches)
    (step,) = run["steps"]
    assert step["passes"] == run["passes"] == 3
    assert step["rate"] == pytest.approx(0.1)
    torch.testing.assert_close(step["slopes"][0], torch.full((1, 1), 6.0))
    torch.testing.assert_close(run["values"][0], torch.full((1, 1), 0.4))


def test_a_scheduler_that_is_stepped_too_often_is_told():
    def loop(model, loss, optim, batches):
        scheduler = torch.optim.lr_scheduler.OneCycleLR(optim, 1.0, total_steps=2)
        for _ in range(3):
            optim.step()
            scheduler.step()

    run = probes.watch_loop(loop, [["Linear", 1, 1]], [torch.ones(1, 1), torch.zeros(1)], "SGD", {"lr": 0.1}, [])
    assert "total steps" in run["error"]


def _fit(net, loss, optim, train_loader, test_loader, epochs, device, folder):
    net.to(device)
    writer = SummaryWriter(folder)
    for epoch in tqdm(range(epochs), file=sys.stdout):
        for X, Y in train_loader:
            optim.zero_grad()
            loss(net(X.to(device)), Y.to(device)).backward()
            optim.step()
        writer.add_scalar("a", 2.5, epoch)
    print("noise", file=sys.stderr)
    return {"train": [1.0]}


def test_a_fit_is_watched_with_what_it_writes():
    part = [torch.ones(5, 2), torch.zeros(5, 1)]
    run = probes.watch_fit(_fit, [["Linear", 2, 1]], [torch.ones(1, 2), torch.zeros(1)], 0.1, part, part, 2, 2)
    assert len(run["steps"]) == 6
    assert [call["training"] for call in run["calls"]] == ["none"] * 6
    assert run["scalars"] == {"a": [[0, 2.5], [1, 2.5]]}
    assert (run["opened"], run["closed"]) == (1, 0)
    assert "2/2 [" in run["stdout"]
    assert run["stderr"] == "noise\n"
    assert SummaryWriter.close.__name__ == "close"


def test_devices_are_told():
    assert probes.devices_used(_fit, 1) == [["meta", "meta", "meta"]] * 3


def _sum_of(total):
    def evaluate(net, loss, loader, device):
        with torch.no_grad():
            for X, Y in loader:
                total.add_(loss(net(X.to(device)), Y.to(device)))
        return total.item()

    return evaluate


def test_numbers_of_another_device_can_be_read():
    assert probes.devices_used(_sum_of(torch.zeros((), device="meta"))) == [["meta", "meta", "meta"]] * 3


def test_a_sum_of_the_cpu_takes_in_no_tensor_of_another_device():
    with pytest.raises(RuntimeError, match="same device"):
        probes.devices_used(_sum_of(torch.zeros(())))


def test_a_loader_can_be_a_list_of_pairs():
    def evaluate(net, loss, loader, device):
        return [len(X) for X, _Y in loader] + [len(loader)]

    part, values = [torch.ones(3, 2), torch.zeros(3, 1)], [torch.ones(1, 2), torch.zeros(1)]
    run = probes.watch_evaluation(evaluate, [["Linear", 2, 1]], values, part, 2, True, plain=True)
    assert run["result"] == [2, 1, 2]


def test_an_evaluation_is_watched():
    def evaluate(net, loss, loader, device):
        net.eval()
        return sum(loss(net(X), Y) for X, Y in loader)

    values = [torch.ones(1, 2), torch.zeros(1)]
    run = probes.watch_evaluation(evaluate, [["Linear", 2, 1]], values, [torch.ones(3, 2), torch.zeros(3, 1)], 2, True)
    assert [run["graph"], run["training"], run["moved"]] == [True, False, False]
    assert float(run["result"]) == 8.0
    assert [call["training"] for call in run["calls"]] == ["none", "none"]
