"""Probes of what is written for TensorBoard."""

import io
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image

from helpers.probes.common import events_in, scalars_among


def events_written(write: Callable, *args: Any) -> dict[str, dict[str, list]]:
    """Call `write(*args, folder)` with an empty folder, and read back the scalars and images of its event files.

    Returns a dict: "scalars", for each tag its points [step, value]; "images", for each tag its pictures [step,
    pixels], a tensor of whole numbers from 0 to 255, (height, width) or (height, width, channels). They come in the
    order in which they were written.
    """
    events = _written(write, *args)
    images: dict[str, list] = {}
    for step, value in events:
        if value.HasField("image"):
            pixels = np.array(Image.open(io.BytesIO(value.image.encoded_image_string)))
            images.setdefault(value.tag, []).append([step, torch.from_numpy(pixels)])
    return {"scalars": scalars_among(events), "images": images}


def scalars_written(write: Callable, *args: Any) -> dict[str, list[list[float]]]:
    """Call `write(*args, folder)` with an empty folder, and read back the scalars of its event files.

    Returns for each tag its points [step, value], in the order in which they were written.
    """
    return scalars_among(_written(write, *args))


def writers_left_open(write: Callable, *args: Any) -> int:
    """Call `write(*args, folder)` with an empty folder, and count the writers that it leaves open; they are closed."""
    before = set(threading.enumerate())
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        write(*args, folder)
        new = [one for one in threading.enumerate() if one not in before]
        left = [one for one in new if type(one).__name__ == "_AsyncWriterThread"]
        for thread in left:
            thread.stop()
    return len(left)


def _written(write: Callable, *args: Any) -> list[tuple[int, Any]]:
    """Call `write(*args, folder)` with an empty folder, and return the events that it writes."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        write(*args, folder)

        def look() -> list[tuple[int, Any]]:
            time.sleep(0.02)
            return events_in(folder)

        found = look()
        while len(more := look()) != len(found):  # a writer left open is still at work
            found = more
        return found
