"""Random inputs for checks, of any size."""

from collections.abc import Callable

import torch


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
