"""The points that the playground trains on: four shapes, two classes, as noisy as one likes."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

HALF = 1.8  # the picture shows the square from -HALF to HALF
N_TEST = 200
TURNS = 1.1  # of a spiral: with more, 16 hidden units and some minutes would not separate them
Points = tuple[Tensor, Tensor]  # X (n, 2), and one-hot Y (n, 2)


def draw(data: str, n: int, noise: float, seed: int) -> tuple[Points, Points]:
    """Draw n points to learn from and N_TEST to test with, half of them of each class, one class after the other.

    data: a name in SHAPES. noise: standard deviation of what is added to both coordinates.
    """
    random = np.random.RandomState(seed)
    return _draw(SHAPES[data], noise, random, n), _draw(SHAPES[data], noise, random, N_TEST)


def _draw(shape: Callable, noise: float, random: np.random.RandomState, n: int) -> Points:
    c = np.arange(n) * 2 // n
    X = shape(c, random.uniform(size=n), random) + random.normal(0, noise, (n, 2))
    return torch.tensor(X, dtype=torch.float32), torch.eye(2)[c]


# Each takes the classes c (n,), a number in [0, 1) for each point, and gives the points (n, 2).
def _circles(c: np.ndarray, t: np.ndarray, _random: np.random.RandomState) -> np.ndarray:
    return np.where(c == 0, 1.0, 0.33)[:, None] * _direction(2 * np.pi * t)


def _xor(c: np.ndarray, t: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    x1, x2 = 0.2 + 1.1 * t, 0.2 + 1.1 * random.uniform(size=len(c))  # a corner; class 0 has the same signs twice
    side = random.choice([-1, 1], size=len(c))
    return np.column_stack([side * x1, np.where(c == 0, side, -side) * x2])


def _moons(c: np.ndarray, t: np.ndarray, _random: np.random.RandomState) -> np.ndarray:
    turned = np.where(c == 0, 1.0, -1.0)[:, None]
    return turned * (_direction(np.pi * t) - [0.5, 0.25])


def _spirals(c: np.ndarray, t: np.ndarray, _random: np.random.RandomState) -> np.ndarray:
    return (0.1 + 1.4 * t)[:, None] * _direction(2 * np.pi * TURNS * t + np.pi * c)


def _direction(angle: np.ndarray) -> np.ndarray:
    return np.column_stack([np.cos(angle), np.sin(angle)])


SHAPES = {"circles": _circles, "xor": _xor, "moons": _moons, "spirals": _spirals}
