"""What only some stages import: read off a stage's notebook, so that it is imported once and not by each guest."""

import pkgutil
import re

# Words of a notebook's code, and the modules that are imported, slowly, when that code runs; or functions that do it.
SLOW = {
    rb"\boptim\.": ("torch._dynamo", "torch.fx.experimental.symbolic_shapes"),  # by the first optimiser
    rb"\.backward\(\w": ("torch.fx.experimental.symbolic_shapes",),  # by a slope given to autograd
    rb"\bSummaryWriter\b": (
        "torch.utils.tensorboard",
        "tensorboard.backend.event_processing.event_file_loader",
        "tensorboard.plugins.scalar.metadata",
    ),
    rb"\btorchvision\(": ("helpers.vision:torchvision",),
    rb"\bsklearn\b|\bmachines\b": ("helpers.machines",),
}


def slow_imports(notebook: bytes) -> list[str]:
    """Return what `preload` takes: what running an instructor's notebook imports beyond what every stage needs."""
    return [module for words, modules in SLOW.items() if re.search(words, notebook) for module in modules]


def preload(name: str) -> None:
    """Import a module, or call a "module:function" that imports one."""
    found = pkgutil.resolve_name(name)
    if callable(found):
        found()
