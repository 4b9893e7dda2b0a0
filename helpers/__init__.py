"""What a Gradus notebook imports: data sets, pictures, checks and the setup of the notebook."""

from importlib import import_module
from typing import Any

# Where each name lives; imported when first asked for, so that what needs only messages does not load torch.
_HOMES = {
    "CirclesData": "data",
    "HousingData": "data",
    "MNISTData": "data",
    "USPSData": "data",
    "check": "checks",
    "figures": "figures",
    "playground": "playground",
    "probes": "probes",
    "progress": "loop.progress",
    "reveal": "guesses",
    "start": "setup",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"helpers.{_HOMES[name]}")
    return module if name in ("check", "figures", "playground", "probes") else getattr(module, name)
