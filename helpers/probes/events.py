"""Probes of what is written for TensorBoard."""

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def events_written(write: Callable, *args: Any) -> dict[str, dict[str, list]]:
    """Call `write(*args, folder)` with an empty folder, and read back the scalars and images of its event files.

    Returns a dict: "scalars", for each tag its points [step, value]; "images", for each tag its pictures [step,
    pixels], a tensor of whole numbers from 0 to 255, (height, width) or (height, width, channels). They come in the
    order in which they were written.
    """
    import io

    import numpy as np
    import torch
    from PIL import Image

    folder = Path(tempfile.mkdtemp())
    try:
        write(*args, str(folder))
        found = _events(folder)
        while len(more := _events(folder)) != len(found):  # a writer left open is still at work
            found = more
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    scalars: dict[str, list] = {}
    images: dict[str, list] = {}
    for step, value in found:
        if value.HasField("simple_value"):
            scalars.setdefault(value.tag, []).append([step, value.simple_value])
        elif value.HasField("image"):
            pixels = np.array(Image.open(io.BytesIO(value.image.encoded_image_string)))
            images.setdefault(value.tag, []).append([step, torch.from_numpy(pixels)])
        elif len(value.tensor.float_val) == 1:
            scalars.setdefault(value.tag, []).append([step, value.tensor.float_val[0]])
    return {"scalars": scalars, "images": images}


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


def _events(folder: Path) -> list[tuple[int, Any]]:
    """Return the step and the value of each event in the files of a folder."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    time.sleep(0.02)
    return [
        (event.step, value)
        for path in sorted(folder.rglob("*tfevents*"))
        for event in LegacyEventFileLoader(str(path)).Load()
        for value in event.summary.value
    ]
