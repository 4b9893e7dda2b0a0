"""What one process imports for all that it forks: graders of submissions, and guests."""

from typing import Any

from grading.engine import grader
from grading.guest import image as guests


def prepare() -> None:
    """Import what both need, once."""
    guests.prepare()
    grader.prepare()


def run(request: dict[str, Any]) -> None:
    """Be a guest where the request names a grader's socket, else grade."""
    (guests if "socket" in request else grader).run(request)
