"""Random numbers: seeds that nobody can foretell without the course's secret, and states that are put back."""

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


def seed_of(stage: str, name: str) -> int:
    """Return the seed, of 32 bits, of one cell of a stage: from both names and the environment's GRADUS_SECRET."""
    key = f"{stage}/{name}/{os.environ.get('GRADUS_SECRET', '')}"
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")


@contextmanager
def kept() -> Iterator[None]:
    """Put back random numbers, and torch's modes of gradients and of types, whatever the block does to them."""
    states = torch.get_rng_state(), np.random.get_state(), random.getstate()
    is_noting, dtype = torch.is_grad_enabled(), torch.get_default_dtype()
    try:
        yield
    finally:
        torch.set_rng_state(states[0])
        np.random.set_state(states[1])
        random.setstate(states[2])
        torch.set_grad_enabled(is_noting)
        torch.set_default_dtype(dtype)
