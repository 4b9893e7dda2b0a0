"""Data that others nested: cut where it is deeper than what walks it later can follow."""

from typing import Any

# Charts nest a dozen levels; json, copy and nbformat follow some three hundred.
MAX_DEPTH = 50
CUT = "…"


def shallow(value: Any) -> Any:
    """Return a value of JSON, changed in place, with nothing nested deeper than MAX_DEPTH levels."""
    layer = [value]
    for _ in range(MAX_DEPTH):
        layer = [inner for outer in layer for inner in _values(outer) if isinstance(inner, dict | list)]
        if not layer:
            return value
    for outer in layer:
        for key in list(outer if isinstance(outer, dict) else range(len(outer))):
            if isinstance(outer[key], dict | list):
                outer[key] = CUT
    return value


def _values(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
