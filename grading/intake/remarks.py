"""What collecting lets wonder: a blank notebook after one that was worked on, one file of two people, a wrong name."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from grading.course.files import read
from grading.course.origin import Origin
from grading.intake.names import joined
from grading.intake.owners import NAME
from grading.intake.people import People
from grading.intake.versions import Standing, Version, versions_in
from grading.intake.whose import Share
from grading.recovery.reading import MAX_BYTES, RebuildError, read_submission
from grading.recovery.rebuild import rebuild


def earlier_answers(course: Path, stage: str, standing: Standing) -> Path | None:
    """Return the newest earlier version in which something is answered, if nothing is in what is graded."""
    instructor = _instructor(course / "source" / stage / f"{stage}.ipynb")
    if instructor is None or not all(_is_blank(version, instructor) for version in standing.graded):
        return None
    answered = [version for version in standing.earlier if _is_blank(version, instructor) is False]
    return max(answered, key=lambda version: version.age).content if answered else None


@dataclass
class Same:
    """Files that several have, byte for byte.

    copies: stages, and who handed in the same answers. stale: who has what is another's now: the student, the stage,
    and whose it is.
    """

    copies: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    stale: list[tuple[str, str, str]] = field(default_factory=list)


def same_files(course: Path, shares: Iterable[Share]) -> Same:
    """Find what was collected now and lies in several students' folders; what a team handed in once is no remark."""
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for share in shares:
        if share.student and share.found.stage:
            owners[share.found.stage, str(share.found.path)].add(share.student)
    same = Same()
    for stage in sorted({stage for stage, _ in owners}):
        held: dict[str, dict[str, Version]] = defaultdict(dict)
        for folder in sorted((course / "submitted").glob(f"[!.]*/{stage}/")):
            for version in versions_in(folder, stage):
                held[version.digest].setdefault(folder.parent.name, version)
        instructor = _instructor(course / "source" / stage / f"{stage}.ipynb")
        for holders in (holders for holders in held.values() if len(holders) > 1):
            paths = {student: version.origin.path for student, version in holders.items()}
            now = [student for student in holders if student in owners.get((stage, paths[student]), ())]
            stale = {
                student: one
                for student in holders.keys() - set(now)
                for one in now
                if _is_one_upload(holders[student].origin, holders[one].origin)
            }
            same.stale += [(student, stage, stale[student]) for student in sorted(stale)]
            rest = [student for student in holders if student not in stale]
            is_of_a_team = len({paths[student] for student in rest}) == 1 and set(rest) <= set(now)
            if now and len(rest) > 1 and not is_of_a_team and _is_blank(holders[rest[0]], instructor) is False:
                same.copies.append((stage, tuple(rest)))
    return same


def _is_one_upload(mine: Origin, other: Origin) -> bool:
    """Whether two notebooks are one file of the platform's, which was collected twice."""
    keys = {pair for pair in mine.keys.items() if pair[0] != NAME}
    return mine.path == other.path and (mine.source == other.source or bool(keys & set(other.keys.items())))


def contradicted(shares: Iterable[Share], people: People, who: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return names of whom a list of the platform says otherwise than the roster's aliases or the instructor.

    who: ids by what the instructor says that owners are called. By name, whose it is said to be, and whose by the list.
    """
    said = {joined(alias): one.id for one in people.people.values() for alias in one.aliases}
    said |= {joined(name): student for name, student in who.items()}
    found = {}
    for share in shares:
        called, student = share.found.claim.called, people.of_owner(share.owner).student
        for name in (called.name, called.label) if called and student else ():
            if student and said.get(joined(name), student) != student:
                found[name] = said[joined(name)], student
    return found


def _is_blank(version: Version, instructor: NotebookNode | None) -> bool | None:
    """Whether a notebook has no answer at all; None for one that cannot be read, or where the stage is not built."""
    if instructor is None:
        return None
    try:
        rebuilt = rebuild(read_submission(read(version.content, MAX_BYTES)).notebook, instructor)
    except (RebuildError, OSError):
        return None
    answers = [cell for cell in instructor.cells if cell.metadata.gradus.role in ("answer", "open")]
    return len(rebuilt.unanswered) == len(answers)


@cache
def _instructor(path: Path) -> NotebookNode | None:
    return nbformat.reads(path.read_text("utf-8"), as_version=4) if path.exists() else None
