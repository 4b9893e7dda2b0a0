"""The probes of data sets, loaders, checkpoints and trainings, and the events and digits that they go with."""

import matplotlib.pyplot as plt
import pytest
import torch
from torch.utils.data import Dataset, TensorDataset

from helpers import figures, probes
from helpers.data import MNISTData

LAYERS = [["Linear", 2, 3]]
MODEL = {"0.weight": torch.ones(3, 2), "0.bias": torch.zeros(3)}


def state() -> dict:
    momentum = [torch.full((3, 2), 0.5), torch.full((3,), 0.25)]
    return {"model": MODEL, "momentum": momentum, "eta": 0.1, "epoch": 4, "random": torch.get_rng_state()}


def parts(n: int = 6) -> dict[str, torch.Tensor]:
    x, y = torch.rand(2 * n, 3), torch.eye(2)[torch.arange(2 * n) % 2]
    return {"Xtrain": x[:n], "Ytrain": y[:n], "Xtest": x[n:], "Ytest": y[n:]}


def train(data, nh, epochs, batch, eta):
    raise AssertionError("the stand-in should have been called")


def train_epoch(*args):
    raise AssertionError("the stand-in should have been called")


save_checkpoint = load_checkpoint = best_of = train_epoch


def test_items_of_a_data_set():
    X = torch.rand(4, 3)
    found = probes.items_of(lambda X, Y: TensorDataset(X, Y.argmax(1)), X, torch.eye(4), [2, 0])
    assert found["dataset"]
    assert found["length"] == 4
    assert torch.equal(found["items"][0][0], X[2])
    assert found["items"][1][1] == 0


def test_an_epoch_is_watched():
    def one_epoch(model, loss, optim, loader):
        model.train()
        for x, c in loader:
            optim.zero_grad()
            L = loss(model(x), c)
            L.backward()
            optim.step()
        return L

    values = [torch.zeros(3, 2), torch.zeros(3)]
    run = probes.epoch_of(one_epoch, LAYERS, values, 0.5, torch.rand(5, 2), torch.arange(5) % 3, 2)
    assert run["modes"] == [True] * 3
    assert run["result"].requires_grad
    assert not torch.equal(run["values"][0], values[0])


def test_a_measurement_is_watched():
    def rate(model, loader):
        model.eval()
        return torch.cat([model(x).argmax(1) == c for x, c in loader]).float().mean().item()

    values = [torch.zeros(3, 2), torch.tensor([0.0, 1.0, 0.0])]
    run = probes.rate_of(rate, LAYERS, values, torch.rand(4, 2), torch.tensor([1, 1, 1, 0]), 3)
    assert run == {"result": 0.75, "modes": [False] * 2, "graphs": [True] * 2}


def test_what_was_saved_is_read_back():
    def save(path, model, optim, epoch):
        torch.save({"model": model.state_dict(), "optim": optim.state_dict(), "epoch": epoch}, path)

    run = probes.saved(save, LAYERS, state())
    assert run["exists"]
    assert not run["refused"]
    assert run["files"] == ["run.pt"]
    assert torch.equal(run["content"]["model"]["0.weight"], MODEL["0.weight"])
    assert torch.equal(run["content"]["optim"]["state"][1]["momentum_buffer"], torch.full((3,), 0.25))


def test_objects_in_a_checkpoint_are_refused():
    run = probes.saved(lambda path, model, optim, epoch: torch.save(model, path), LAYERS, state())
    assert (run["exists"], run["refused"], run["content"]) == (True, True, None)


def test_what_loading_changed_is_told():
    def load(path, model, optim):
        content = torch.load(path)
        optim.load_state_dict(content["optim"])
        return content["epoch"]

    before = torch.get_rng_state()
    run = probes.loaded(load, LAYERS, state())
    assert run["result"] == 4
    assert run["eta"] == 0.1
    assert torch.equal(run["momentum"][0], torch.full((3, 2), 0.5))
    assert not torch.equal(run["model"]["0.weight"], MODEL["0.weight"])
    assert torch.equal(torch.get_rng_state(), before)


def fit(model, loss, optim, loader, epochs, path):
    from pathlib import Path

    done = load_checkpoint(path, model, optim) if Path(path).exists() else 0
    losses = []
    for epoch in range(done, epochs):
        losses.append(train_epoch(model, loss, optim, loader))
        save_checkpoint(path, model, optim, epoch + 1)
    return losses


def test_a_training_that_is_stopped_goes_on():
    X, c = torch.randn(9, 4), torch.arange(9) % 3
    (whole,) = probes.runs_of(fit, X, c, 4, [[4, 1, 0]])
    cut, resumed = probes.runs_of(fit, X, c, 4, [[4, 1, 3], [4, 2, 0]])
    assert (whole["passes"], whole["saved"], whole["stopped"]) == (4, 4, False)
    assert (cut["passes"], cut["saved"], cut["stopped"], cut["result"]) == (3, 2, True, None)
    assert (resumed["passes"], resumed["result"]) == (2, resumed["losses"])
    assert all(torch.equal(resumed["model"][name], whole["model"][name]) for name in whole["model"])
    assert train_epoch is save_checkpoint  # ours are back


def test_the_halves_of_other_data():
    def swap(data):
        data.Ytest = None
        return type("Other", (), {"Xtrain": data.Xtest})()

    given = parts()
    run = probes.halves_of(swap, given)
    assert run["kind"] == "Other"
    assert torch.equal(run["halves"]["Xtrain"], given["Xtest"])
    assert run["halves"]["Ytrain"] is None
    assert run["given"]["Ytest"] is None
    assert given["Ytest"] is not None


def test_trainings_are_recorded():
    def twice(data, eta):
        train(data, 5, 2, 3, eta)
        return train(data, nh=7, epochs=1, batch=4, eta=eta)

    given, logs = parts(), [{"acc_test": [0.5]}, {"acc_test": [0.25]}]
    run = probes.trainings_of(twice, given, logs, 0.1)
    assert [call["nh"] for call in run["calls"]] == [5, 7]
    assert torch.equal(run["calls"][0]["halves"]["Xtrain"], given["Xtrain"])
    assert run["trained"]
    assert run["result"][1] == {"acc_test": [0.25]}
    second = run["result"][0]  # the model of call 1 always guesses class 1
    assert second(given["Xtest"]).argmax(1).tolist() == [1] * len(given["Xtest"])
    with pytest.raises(AssertionError):
        train(None, 1, 1, 1, 1)


def test_draws_are_recorded():
    def twice(wrong, n, times):
        return [best_of(wrong, torch.arange(n) + k) for k in range(times)]

    wrong = torch.rand(3, 8) < 0.5
    run = probes.draws_of(twice, wrong, 2, 3)
    assert [call["rows"].tolist() for call in run["calls"]] == [[0, 1], [1, 2], [2, 3]]
    assert torch.equal(run["calls"][0]["wrong"], wrong)
    assert run["result"] == run["pairs"]
    assert len(set(run["pairs"])) == 3
    assert best_of is train_epoch  # ours is back


def test_training_images_are_read_when_they_are_asked_for():
    mnist = MNISTData()
    assert "Xtrain" not in vars(mnist)
    assert mnist.Ytrain.shape == (60000, 10)
    assert "Xtrain" in vars(mnist)
    with pytest.raises(AttributeError, match="no attribute 'Xgrid'"):
        _ = mnist.Xgrid


def test_training_images_can_be_replaced_before_they_are_read():
    mnist = MNISTData()
    mnist.Xtrain = torch.zeros(2, 784)
    assert mnist.Ytrain.shape == (60000, 10)
    assert mnist.Xtrain.shape == (2, 784)


def test_events_are_read_back():
    from torch.utils.tensorboard import SummaryWriter

    images = torch.rand(9, 1, 4, 5)

    def write(value, folder):
        with SummaryWriter(folder) as writer:
            writer.add_scalar("loss/train", value, 1)
            writer.add_images("some", images, 3)

    found = probes.events_written(write, 0.5)
    assert found["scalars"] == {"loss/train": [[1, 0.5]]}
    [[step, pixels]] = found["images"]["some"]
    assert step == 3
    assert pixels.shape[:2] == (8, 40)
    torch.testing.assert_close(pixels[4:, :5, 0] / 255, images[8, 0], atol=0.01, rtol=0)


@pytest.mark.parametrize(("n", "titles"), [(1, ()), (10, ["0"] * 10), (13, ["a", "b"]), (0, ())])
def test_digits_are_drawn_in_rows(n, titles):
    figures.digits(torch.rand(n, 1, 4, 4), titles=titles, signed=n == 13)
    axes = plt.gcf().axes
    assert len(axes) == 10 * max(1, -(-n // 10))
    assert sum(bool(ax.images) for ax in axes) == n
    plt.close("all")


def test_a_data_set_of_ones_own_class_is_told_from_torch_s():
    class Plain:
        def __init__(self, X, Y):
            self.X = X

        def __len__(self):
            return len(self.X)

        def __getitem__(self, i):
            return self.X[i]

    assert not probes.items_of(Plain, torch.rand(2, 3), torch.eye(2), [])["dataset"]
    assert issubclass(TensorDataset, Dataset)
