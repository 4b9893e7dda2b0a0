"""Random inputs for checks, of any size."""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace

import numpy as np
import torch

from helpers.data import CirclesData

# Functions that stand in for those of a notebook while `probes.watch_training` watches its train: the model is one
# affine map, the loss is the squared error, the "accuracy" is the mean absolute error, sgd goes twice as far as asked.
LINEAR_TRAINING = """
import torch

turn = [0]

def init_model(nx, nh, ny):
    note([nx, nh, ny])
    return watch(torch.nn.Linear(nx, ny)), torch.nn.MSELoss()

def minibatches(n, batch):
    turn[0] += 1
    return list(torch.arange(n).roll(turn[0]).split(batch))

def loss_accuracy(loss, Ytilde, Y):
    return loss(Ytilde, Y), (Ytilde - Y).abs().mean()

def sgd(model, eta):
    for p in model.parameters():
        if p.grad is not None:
            p.data -= p.grad * (2 * eta)
            p.grad = None
    return model
"""

# The same for a train that takes its steps with an optimiser: what is called, in its order, is noted.
OPTIM_TRAINING = """
import torch

turn = [0]

class Optim(torch.optim.SGD):
    def zero_grad(self, *args, **kwargs):
        note("zero_grad")
        super().zero_grad(*args, **kwargs)

    def step(self, closure=None):
        result = super().step(closure)
        note("step")
        return result

def init_model(nx, nh, ny, eta):
    note([nx, nh, ny, eta])
    model = torch.nn.Linear(nx, ny)
    model.weight.register_post_accumulate_grad_hook(lambda _: note("backward"))
    return watch(model), torch.nn.MSELoss(), Optim(model.parameters(), lr=eta)

def minibatches(n, batch):
    turn[0] += 1
    return list(torch.arange(n).roll(turn[0]).split(batch))

def loss_accuracy(loss, Yhat, Y):
    return loss(Yhat, Y), (Yhat - Y).abs().mean()
"""

# An evaluate that stands in for the notebook's own where what it returns does not matter: it looks at one batch only.
GLANCE = """
import torch

def evaluate(net, loss, loader, device):
    mode, first = net.training, [part.to(device) for part in next(iter(loader))]
    net.train(False)
    with torch.inference_mode():
        found = float(loss(net(first[0]), first[1]))
    net.train(mode)
    return found
"""

# What a training notes of each epoch.
CURVES = [f"{kind}_{part}" for kind in ("loss", "acc") for part in ("train", "val", "test")]


def random_params(nx: int, nh: int, ny: int, like: Callable | None = None) -> dict[str, torch.Tensor]:
    """Draw the parameters of a network with one hidden layer: Wh (nh, nx), bh, Wy (ny, nh), by.

    like: a function (nx, nh, ny) -> params whose biases may have the shape (n,), (1, n) or (n, 1); ours get the same
        shape. Where it fails or gives another shape, biases have the shape (n,).
    """
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    for name, n in (("bh", nh), ("by", ny)):
        try:
            shape = tuple(like(nx, nh, ny)[name].shape) if like else (n,)
        except Exception:  # what is wrong with `like` is told by its own checks
            continue
        if shape in ((1, n), (n, 1)):
            shapes[name] = shape
    return {name: torch.randn(shape) for name, shape in shapes.items()}


def random_batch(n: int, nx: int, ny: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw n examples: X (n, nx) from a normal distribution, Y (n, ny) one-hot with each class as likely."""
    return torch.randn(n, nx), torch.eye(ny)[torch.randint(ny, (n,))]


def by_shape(params: Mapping[str, torch.Tensor], nx: int, nh: int, ny: int) -> dict[str, torch.Tensor] | None:
    """Tell the parameters of a network with one hidden layer apart by their shapes alone.

    params: under any names, in any order; weights may be transposed, biases (n,), (1, n) or (n, 1). The three sizes
        differ and are larger than 1.
    Returns Wh (nh, nx), bh (nh,), Wy (ny, nh), by (ny,); None where the shapes are others.
    """
    shapes = {"Wh": (nh, nx), "bh": (nh,), "Wy": (ny, nh), "by": (ny,)}
    found = {}
    for value in params.values():
        for name, shape in shapes.items():
            if name not in found and sorted(n for n in value.shape if n > 1) == sorted(shape):
                found[name] = value.T if value.ndim == 2 and tuple(value.shape) != shape else value
                found[name] = found[name].reshape(shape)
                break
        else:
            return None
    return found if len(found) == 4 else None


def random_histories(lengths: Sequence[int]) -> list[dict[str, list[float]]]:
    """Draw a training of each number of epochs: all CURVES, the lowest validation loss neither first nor last."""
    histories = [{name: torch.rand(epochs).tolist() for name in CURVES} for epochs in lengths]
    for k, history in enumerate(histories):
        history["loss_val"][1 + k % (len(history["loss_val"]) - 2)] = 0.01 * (k + 1)
        history["loss_test"][0] = 0.005
    return histories


def shifted_circles(seed: int) -> dict[str, torch.Tensor]:
    """Return the four tensors of CirclesData(seed), its test rows moved on by 50, so that Ytest is not Ytrain."""
    data = CirclesData(seed)
    parts = {name: getattr(data, name) for name in ("Xtrain", "Ytrain", "Xtest", "Ytest")}
    return parts | {name: parts[name].roll(50, 0) for name in ("Xtest", "Ytest")}


def torch_walk(kind: str, w: torch.Tensor, slopes: Sequence[torch.Tensor], **options: float) -> torch.Tensor:
    """Return where an optimiser of torch.optim goes from w, one step for each slope: one row a step."""
    point = torch.nn.Parameter(w.detach().clone())
    optim = getattr(torch.optim, kind)([point], **options)
    path = []
    for slope in slopes:
        point.grad = slope.clone()
        optim.step()
        path.append(point.detach().clone())
    return torch.stack(path)


def bent(values: Sequence, X: np.ndarray, Y: np.ndarray, steps: int = 0, eta: float = 0.0) -> SimpleNamespace:
    """Compute by autograd what modules in series do that stand in for others in `probes.in_series` and `probes.drive`.

    values: a and c of each, which takes x to a x² + c x. X, Y: (n, nx), of an input and a target.
    steps, eta: how many steps of descent all of them take first.
    Returns an object: values, as they are; z, the arrays between the modules, the input first; L, the mean of
    yhat² + 3 yhat y; deltas, its gradients in z; slopes, its gradients in values.
    """
    live = torch.tensor(np.array(values, dtype=float)).reshape(-1, 2).requires_grad_()
    for _ in range(steps + 1):
        z, target = [torch.tensor(X).double().requires_grad_()], torch.tensor(Y).double()
        for a, c in live:
            z.append(a * z[-1] ** 2 + c * z[-1])
        L = (z[-1] ** 2 + 3 * z[-1] * target).mean()
        slopes, *deltas = torch.autograd.grad(L, [live, *z], materialize_grads=True)
        used, live = live, (live - eta * slopes).detach().requires_grad_()
    return SimpleNamespace(
        values=used.detach().numpy(),
        z=[one.detach().numpy() for one in z],
        L=L.item(),
        deltas=[one.numpy() for one in deltas],
        slopes=slopes.numpy(),
    )


def woven(nodes: Sequence, values: Sequence, X: np.ndarray, delta: np.ndarray | float = 1.0) -> SimpleNamespace:
    """Compute by autograd what the stand-ins of `probes.in_graph` do.

    nodes: for each place from 1 on, the number of a stand-in and the places that it reads; place 0 is X (n, nx).
    values: a and c of each stand-in. delta: the gradient in the array at the last place.
    Returns an object: z, the arrays at all places; deltas, the gradients in them; slopes, those in values.
    """
    live = torch.tensor(np.array(values, dtype=float)).reshape(-1, 2).requires_grad_()
    z = [torch.tensor(X).double().requires_grad_()]
    for number, *places in nodes:
        a, c = live[number]
        parts = [k * (a * z[place] ** 2 + c * z[place]) for k, place in enumerate(places, 1)]
        joined = [part.sum(1, keepdim=True) for part in parts] if len(parts) > 1 else parts
        z.append(sum(joined) if joined else torch.stack([a, c])[None])
    grad = torch.tensor(delta).expand_as(z[-1])
    slopes, *deltas = torch.autograd.grad(z[-1], [live, *z], grad, materialize_grads=True)
    return SimpleNamespace(
        z=[one.detach().numpy() for one in z], deltas=[one.numpy() for one in deltas], slopes=slopes.numpy()
    )
