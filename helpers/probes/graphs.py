"""Probes of the graph between a model's output and its parameters."""

from typing import Any

import torch


def unreached(model: Any, X: torch.Tensor) -> list[str]:
    """Return the names of the parameters in which the sum of `model(X)` has no gradient: a graph cut in two."""
    live = {name: value for name, value in model.named_parameters() if value.requires_grad}
    output = model(X)
    if not live or not isinstance(output, torch.Tensor) or not output.requires_grad:
        return list(live)
    slopes = torch.autograd.grad(output.sum(), list(live.values()), allow_unused=True)
    return [name for name, slope in zip(live, slopes, strict=True) if slope is None]
