"""What the tests share: the course's folder, its stages, and a way to run a notebook in a process of its own."""

import os

os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import pytest

COURSE = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def course() -> Path:
    """Return the repository's folder."""
    return COURSE
