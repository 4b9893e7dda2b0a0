"""Support vector machines for checks: examples that tell settings apart, and what plain scikit-learn makes of them."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from sklearn.svm import SVC
from torch import Tensor

from helpers.checks.failing import CheckFailed
from helpers.messages import _

Pair = tuple[Tensor, Tensor]  # X (n, nx), Y one-hot (n, 2)


def descended(call: Callable[[], Any]) -> Any:
    """Return what a call of a student's descent gives; where torch or Python refuses a step, say why."""
    try:
        return call()
    except (AttributeError, RuntimeError, TypeError) as error:
        said = str(error)
        if "leaf Variable that requires grad" in said:
            sentence = _(
                "PyTorch refuses to change a leaf while it notes operations: "
                "take the step under `with torch.no_grad():`"
            )
        elif "does not require grad" in said:
            sentence = _("nothing asks for gradients: make w and b with requires_grad=True")
        elif "backward through the graph a second time" in said:
            sentence = _("the same J is used twice: call objective again in each step, with the new w and b")
        elif "NoneType" in said:
            sentence = _(
                "a gradient is None. Was backward called before the step? Does W = W - … replace the leaf by a tensor "
                "that is none? Change the leaf itself, W -= …"
            )
        else:
            raise
        raise CheckFailed(sentence) from None


def rings(n: int, nx: int, flipped: float, random: torch.Generator | None = None) -> Pair:
    """Draw n examples: class 1 is nearer to 0 than class 0, but for the part `flipped` of them."""
    X = torch.randn(n, nx, generator=random)
    near = ((X**2).sum(1) < nx - 0.7) ^ (torch.rand(n, generator=random) < flipped)
    return X, torch.eye(2)[near.long()]


def rates(train: Pair, other: Pair, Cs: Sequence[float], gammas: Sequence[float | str]) -> Tensor:
    """Tabulate the accuracy on `other` of machines trained on `train`: a row for each C, a column for each gamma."""
    return tables(train, [other], Cs, gammas)[0]


def tables(train: Pair, others: Sequence[Pair], Cs: Sequence[float], gammas: Sequence[float | str]) -> list[Tensor]:
    """Return such a table for each of `others`, of the same machines."""
    X, y = train[0].numpy(), train[1].argmax(1).numpy()
    machines = [[SVC(C=C, gamma=gamma).fit(X, y) for gamma in gammas] for C in Cs]
    return [
        torch.tensor([[(one.predict(X.numpy()) == Y.argmax(1).numpy()).mean() for one in row] for row in machines])
        for X, Y in others
    ]


def pooled(*pairs: Pair) -> Pair:
    """Put the examples of several pairs together."""
    X, Y = zip(*pairs, strict=True)
    return torch.cat(X), torch.cat(Y)


def best(table: Tensor, Cs: Sequence[float], gammas: Sequence[float]) -> list[float]:
    """Return the C and the gamma of the largest entry."""
    i, j = divmod(int(table.argmax()), len(gammas))
    return [Cs[i], gammas[j]]


def mistaken_settings(tables: Sequence[Tensor], Cs: Sequence[float], gammas: Sequence[float]) -> list[list[float]]:
    """Return the settings that the best ones on valid can be mistaken for.

    tables: the accuracies on train, valid and test. The best settings on test and on train; the right ones, swapped;
    the worst on valid; the places of the right ones in the lists; those found if row and column are mixed up.
    """
    on_train, on_valid, on_test = tables
    chosen, k = best(on_valid, Cs, gammas), int(on_valid.argmax())
    places = [float(place) for place in divmod(k, len(gammas))]
    mixed = [Cs[k % len(Cs)], gammas[k // len(Cs) % len(gammas)]]
    worst = best(-on_valid, Cs, gammas)
    return [best(on_test, Cs, gammas), best(on_train, Cs, gammas), chosen[::-1], worst, places, mixed]


def mistaken_rates(parts: Sequence[Pair], C: float, gamma: float) -> list[float]:
    """Return the accuracies that a report on test can be mistaken for, for machines with these settings.

    parts: train, valid, test. Those of a machine trained on train, measured on train and on valid; then those on test
    of machines trained on all three, on test, on train and valid, on valid; last, of one trained on train with the
    settings 1 and 1.
    """
    train, valid, test = parts
    taught = (train, train, pooled(*parts), test, pooled(train, valid), valid)
    measured = (train, valid, test, test, test, test)
    found = [float(rates(pair, on, [C], [gamma])) for pair, on in zip(taught, measured, strict=True)]
    return [*found, float(rates(train, test, [1.0], [1.0]))]


def contested(
    nx: int, sizes: Sequence[int], Cs: Sequence[float], gammas: Sequence[float], seed: int
) -> tuple[list[Pair], list[Tensor]]:
    """Draw train, valid and test, of which each recommends other settings; return them and the accuracies on each.

    The settings that valid recommends are better than all others there, worse than some on train and on test. They and
    `mistaken_settings` all differ, and so do their accuracy on test, the best one there and `mistaken_rates`: a value
    that is found tells which mistake gave it. Few draws are so, and each takes a dozen trainings: give a seed with
    which the first one is.
    """
    random = torch.Generator().manual_seed(seed)
    while True:
        parts = [rings(n, nx, 0.12, random) for n in sizes]
        rated = tables(parts[0], parts, Cs, gammas)
        C, gamma = best(rated[1], Cs, gammas)
        place = Cs.index(C), gammas.index(gamma)
        found = [table[place] for table in rated]
        fair = (
            all((table == rate).sum() == 1 for table, rate in zip(rated[1:], found[1:], strict=True))
            and all(found[part] < rated[part].max() for part in (0, 2))
            and _differ([[C, gamma], *mistaken_settings(rated, Cs, gammas)])
        )
        if fair and _differ(
            [[float(found[2])], [float(rated[2].max())], *([r] for r in mistaken_rates(parts, C, gamma))]
        ):
            return parts, rated


def _differ(values: Sequence[Sequence[float]]) -> bool:
    """Tell whether all the vectors differ from each other, by more than the tolerance of checks."""
    points = torch.tensor(values, dtype=torch.float64)
    return bool(torch.pdist(points, p=torch.inf).min() > 2e-3)
