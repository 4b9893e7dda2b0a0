"""The one door to torchvision, which also opens where its compiled operators do not fit the installed torch."""

import functools
from types import ModuleType

import torch


@functools.cache
def torchvision() -> ModuleType:
    """Return the torchvision module: `datasets` and `transforms` always work, `ops` where its binary loads.

    Built for another torch (CUDA against CPU, say), torchvision cannot load its operators and its import ends
    in "operator torchvision::nms does not exist". Data sets and transforms need none of them: declaring the two
    names that the import looks up is enough.
    """
    try:
        import torchvision
    except RuntimeError:
        schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        for name in ("nms", "qnms"):
            torch.library.define(f"torchvision::{name}", schema)
        import torchvision
    return torchvision
