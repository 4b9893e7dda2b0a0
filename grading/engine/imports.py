"""What only some stages import: read off a stage's notebook, so that it is imported once and not by each guest."""

import re

# Words of a notebook's code, and the modules that are imported, slowly, when that code runs.
SLOW = {
    rb"\boptim\.": ("torch._dynamo", "torch.fx.experimental.symbolic_shapes"),  # by the first optimiser
    rb"\bSummaryWriter\b": ("torch.utils.tensorboard",),
    rb"\bsklearn\b|\bmachines\b": ("helpers.machines",),
}


def slow_imports(notebook: bytes) -> list[str]:
    """Return the modules that running an instructor's notebook imports beyond those that every stage needs."""
    return [module for words, modules in SLOW.items() if re.search(words, notebook) for module in modules]
