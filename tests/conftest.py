"""What the tests share: the course's folder and its stages."""

import os

os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from pathlib import Path

import pytest

from grading.source import read_stages

COURSE = Path(__file__).parent.parent
STAGES = {stage.name: stage for stage in read_stages(COURSE)}


@pytest.fixture(scope="session")
def course() -> Path:
    """Return the repository's folder."""
    return COURSE
