"""Probes of what is written for TensorBoard."""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def scalars_written(write: Callable, *args: Any) -> dict[str, list[list[float]]]:
    """Call `write(*args, folder)` with an empty folder, and read back the scalars of its event files.

    Returns for each tag its points [step, value], in the order in which they were written.
    """
    folder = Path(tempfile.mkdtemp())
    try:
        write(*args, str(folder))
        found = _scalars(folder)
        while (more := _scalars(folder)) and _sizes(more) != _sizes(found):  # a writer left open is still at work
            found = more
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sizes(found: Mapping[str, list]) -> dict[str, int]:
    return {tag: len(points) for tag, points in found.items()}


def _scalars(folder: Path) -> dict[str, list[list[float]]]:
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    time.sleep(0.02)
    found: dict[str, list[list[float]]] = {}
    for path in sorted(folder.rglob("*tfevents*")):
        for event in LegacyEventFileLoader(str(path)).Load():
            for value in event.summary.value:
                is_simple = value.HasField("simple_value")
                number = value.simple_value if is_simple else [*value.tensor.float_val, float("nan")][0]
                found.setdefault(value.tag, []).append([event.step, number])
    return found
