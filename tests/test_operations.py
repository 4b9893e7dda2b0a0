"""What a function is seen to use, under whatever name it calls it."""

import gc
import threading
import weakref

import numpy as np
import pytest
import torch
from torch.autograd import forward_ad

from helpers import probes

X = torch.tensor([[1.0, 2.0], [3.0, 5.0]])


def total(x):
    return (x * x).sum()


def leaf(x):
    return x.clone().requires_grad_()


def backward(x):
    live = leaf(x)
    total(live).backward()
    return live.grad


def grad(x):
    live = leaf(x)
    return torch.autograd.grad(total(live), live)


def node(x):
    return total(leaf(x)).grad_fn(torch.ones(()))


def dual(x):
    with forward_ad.dual_level():
        return forward_ad.unpack_dual(total(forward_ad.make_dual(x, torch.ones_like(x)))).tangent


def in_thread(x):
    thread = threading.Thread(target=backward, args=[x])
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    "function",
    [
        backward,
        grad,
        node,
        dual,
        in_thread,
        torch.func.grad(total),
        torch.func.jacfwd(total),
        torch.func.jacrev(total),
        lambda x: torch.func.vjp(total, x)[1](torch.ones(())),
        lambda x: torch.func.jvp(total, (x,), (torch.ones_like(x),)),
        lambda x: torch.autograd.functional.jacobian(total, x),
    ],
)
def test_differentiation_of_every_kind_is_seen(function):
    assert probes.calls_autograd(function, X)


def by_hand(x):
    with torch.no_grad():
        return 2 * x * torch.ones_like(x).detach()


@pytest.mark.parametrize("function", [total, by_hand, lambda x: np.asarray(x) * 2, lambda x: torch.linalg.inv(x) @ x])
def test_what_differentiates_nothing_is_not_said_to(function):
    assert not probes.calls_autograd(function, X)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: torch.softmax(x, 1), "_softmax"),
        (lambda x: x.log_softmax(1).exp(), "_log_softmax"),
        (lambda x: torch.nn.Softmax(1)(x), "_softmax"),
        (lambda x: torch.ops.aten._softmax(x, 1, False), "_softmax"),
        (lambda x: torch._C._VariableFunctions.softmax(x, 1), "_softmax"),
        (lambda x: x.logsumexp(1), "logsumexp"),
        (lambda x: torch.logcumsumexp(x, 1), "logcumsumexp"),
        (lambda x: torch.native_layer_norm(x, [2], None, None, 1e-5), "native_layer_norm"),
        (lambda x: torch.native_batch_norm(x, None, None, None, None, True, 0.1, 1e-5), "native_batch_norm"),
        (lambda x: torch.native_dropout(x, 0.5, True), "native_dropout"),
        (lambda x: torch._foreach_norm([x]), "_foreach_norm"),
        (lambda x: torch.nn.functional.multilabel_soft_margin_loss(x, x.round()), "multilabel_soft_margin_loss"),
        (lambda x: torch.nn.functional.multilabel_margin_loss(x, x.long()), "multilabel_margin_loss_forward"),
        (lambda x: torch.nn.functional.cross_entropy(x, x.softmax(1)), "_log_softmax"),
        (
            lambda x: torch.nn.functional.binary_cross_entropy(x.sigmoid(), x.round().clamp(0, 1)),
            "binary_cross_entropy",
        ),
        (lambda x: torch.nn.BCEWithLogitsLoss()(x, x.round().clamp(0, 1)), "binary_cross_entropy_with_logits"),
        (lambda x: torch._refs.softmax(x, 1), "torch._refs"),
        (lambda x: torch.distributions.Categorical(logits=x).probs, "torch.distributions"),
        (lambda x: torch.vmap(lambda row: torch.softmax(row, 0))(x), "_softmax"),
        (lambda x: __import__("scipy.special").special.softmax(x.numpy(), 1), "scipy"),
    ],
)
def test_what_does_it_all_in_one_go_is_named(function, name):
    assert name in probes.beyond_arithmetic(function, X)


def softmax(x):
    exp = torch.exp(x - x.amax(-1, keepdim=True))
    return exp / exp.sum(-1, keepdim=True)


def rows(x):
    return torch.stack([torch.tensor([float(n) for n in row]).exp() / sum(n.exp() for n in row) for row in x])


@pytest.mark.parametrize(
    "function",
    [
        softmax,
        rows,
        lambda x: torch.einsum("ij,ij->i", x, x),
        lambda x: torch.where(x > 1, x, x.max(1, keepdim=True).values)[x[:, 0].argsort()],
        lambda x: (x - x.mean(0)) / x.std(0),
        lambda x: torch.from_numpy(np.exp(x.numpy())),
        lambda x: x.norm() + torch.linalg.norm(x) + torch.bernoulli(torch.full_like(x, 0.5)).sum(),
    ],
)
def test_arithmetic_is_nothing_beyond(function):
    assert probes.beyond_arithmetic(function, X) == []


def adam(w):
    live = leaf(w)
    live.grad = torch.ones_like(w)
    torch.optim.Adam([live], lr=0.1).step()
    return live


def use_total(x):
    return total(x) / 2


def test_torchs_optimisers_are_seen():
    assert "torch.optim" in probes.beyond_arithmetic(adam, X)
    assert "_fused_sgd_" in probes.beyond_arithmetic(
        lambda x: torch._fused_sgd_(
            [x], [x], [], weight_decay=0.0, momentum=0.0, lr=0.1, dampening=0.0, nesterov=False, maximize=False,
            is_first_step=True,
        ), X.clone(),
    )  # fmt: skip


def test_what_an_earlier_function_uses_is_not_counted_where_another_stands_in():
    cheat = "import torch\ndef total(x):\n    return torch.softmax(x, 1).sum()"
    assert probes.beyond_arithmetic_with(cheat, use_total, X) == ["_softmax"]
    assert probes.beyond_arithmetic_with("def total(x):\n    return x.sum()", use_total, X) == []


class _Figure:
    """What goes with the garbage only, as figures do: they hold on to themselves."""

    def __init__(self):
        self.me = self


def test_what_others_do_with_their_garbage_is_not_of_the_function():
    """Python looks for garbage whenever it makes things; what is told of it then may be of any package."""
    code = compile("def told(*args):\n    import torch\n", f"{probes.operations.PACKAGES}/plotting/figures.py", "exec")
    exec(code, names := {})
    gc.callbacks.append(names["told"])
    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        figures = [weakref.ref(_Figure(), names["told"]) for _ in range(3)]
        assert probes.beyond_arithmetic(rows, X) == []
        assert figures
        assert gc.isenabled()
        gc.disable()
        assert not probes.calls_autograd(rows, X)
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.set_threshold(*before)
        gc.callbacks.remove(names["told"])
