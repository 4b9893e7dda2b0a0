"""All that was ever published of each stage's cells, as hashes: releases.json, which belongs into the repository.

Students go on with the notebook that they began. So that nobody looks as if they had tampered with it when a later one
is published, graders know the cells of all releases.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path

import nbformat

from grading.course.files import write_atomically
from grading.course.schemes import without_notes

FILE = "releases.json"

Releases = dict[str, dict[str, list[str]]]  # by stage and version: hashes of the cells that no version before had


class ReleasesError(Exception):
    """releases.json cannot be read; the sentence says what to do."""


def hashes_of(course: Path, stage: str) -> list[str]:
    """Return the hashes of all cells of a stage that were ever published, none where there are none."""
    return sorted(hash for hashes in _read(course).get(stage, {}).values() for hash in hashes)


def latest_release(course: Path, stage: str) -> str:
    """Return the version that last published something new of a stage, "" where none did. Raises ReleasesError."""
    return next(reversed(_read(course).get(stage, {})), "")


def add_release(course: Path, version: str, hashes: Mapping[str, Collection[str]]) -> None:
    """Add the hashes of the cells that are published now, by stage, to releases.json. Raises ReleasesError."""
    releases = _read(course)
    for stage, published in hashes.items():
        known = releases.setdefault(stage, {})
        new = set(published).difference(*known.values())
        if new:
            known[version] = sorted({*known.get(version, ()), *new})
    write_atomically(course / FILE, f"{json.dumps(releases, indent=1)}\n".encode())


def instructors_notebook(course: Path, stage: str) -> bytes:
    """Return the instructor's notebook of a stage as it goes to graders. Raises ReleasesError and OSError."""
    notebook = nbformat.reads((course / "source" / stage / f"{stage}.ipynb").read_text("utf-8"), as_version=4)
    without_notes(notebook)
    return with_hashes(nbformat.writes(notebook).encode(), hashes_of(course, stage))


def with_hashes(instructor: bytes, hashes: Collection[str]) -> bytes:
    """Return an instructor's notebook that carries the hashes of all releases to where it is graded."""
    if not hashes:
        return instructor
    notebook = nbformat.reads(instructor.decode(), as_version=4)
    notebook.metadata.gradus.releases = list(hashes)
    written: str = nbformat.writes(notebook)
    return written.encode()


def _read(course: Path) -> Releases:
    try:
        releases = json.loads((course / FILE).read_bytes())
        return {
            stage: {version: [str(hash) for hash in hashes] for version, hashes in versions.items()}
            for stage, versions in releases.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise ReleasesError(f"{FILE} cannot be read ({error}): take it from the repository again.") from None
