"""What changed between one grading of a submission and the next, and why: history.jsonl, beside its result."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grading.course.files import read, write_atomically
from grading.results.model import Result, Status

if TYPE_CHECKING:  # it imports nbgrader, which takes seconds
    from grading.records.marks import Marks

HISTORY = "history.jsonl"
MAX_HISTORY = 64 * 2**20


class Why(StrEnum):
    """Why points are not what they were."""

    WORK = "work"  # another notebook was handed in
    CHECK = "check"  # the check itself, or the text of the question
    STAGE = "stage"  # other cells of the stage
    SECRET = "secret"  # hidden tests draw other inputs
    ENGINE = "engine"
    HAND = "hand"  # what was given by hand
    AGAIN = "again"  # the same was graded again, and came out otherwise


@dataclass(frozen=True)
class Change:
    """What became of one check or open question, and why; without a name, of the whole submission's points.

    before and after: the points, None where there were none.
    """

    name: str
    before: float | None
    after: float | None
    why: tuple[Why, ...]


@dataclass(frozen=True)
class Entry:
    """One line of a history: its time, what changed, whether a result was not kept since the one before is better."""

    time: datetime
    changes: tuple[Change, ...]
    is_declined: bool = False


@dataclass(frozen=True)
class State:
    """What one grading found: automatic points and those by hand, by name, and hashes of all that they depend on.

    cells: hashes of the stage's checks and open questions, by name.
    """

    status: str
    points: Mapping[str, float | None]
    by_hand: Mapping[str, float] = field(default_factory=dict)
    extra: Mapping[str, float] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, result: Result, marks: "Marks", cells: Mapping[str, str]) -> "State":
        """Return the state that a result and the marks given by hand make."""
        points: dict[str, float | None] = {check.name: check.points for check in result.checks}
        points |= {question.name: question.points for question in result.questions}
        given = {name: marks[name] for name in points if name in marks}
        return cls(
            result.status,
            points,
            {name: mark.points for name, mark in given.items() if mark.points is not None},
            {name: mark.extra for name, mark in given.items() if mark.extra},
            dict(result.hashes),
            {name: cells[name] for name in points if name in cells},
        )

    @property
    def has_points(self) -> bool:
        """Whether there was something to grade."""
        return self.status in (Status.GRADED, Status.PARTIAL)

    @property
    def total(self) -> float | None:
        """All points together, None where there are none."""
        return sum(self.of_one(name) or 0.0 for name in self.points) if self.has_points else None

    def of_one(self, name: str) -> float | None:
        """Return the points of one check or question that count."""
        points = self.by_hand.get(name, self.points.get(name))
        return None if points is None else points + self.extra.get(name, 0.0)


def changes(before: State | None, after: State) -> tuple[Change, ...]:
    """Tell what changed between two gradings; nothing where there was none before."""
    if before is None:
        return ()
    if before.has_points != after.has_points:
        return (Change("", before.total, after.total, _reasons(before, after, None)),)
    found = []
    for name in dict.fromkeys((*after.points, *before.points)):
        if before.of_one(name) == after.of_one(name):
            continue
        is_by_hand = _by_hand(before, name) != _by_hand(after, name)
        is_automatic = before.points.get(name) != after.points.get(name) and name not in after.by_hand
        why = (*(_reasons(before, after, name) if is_automatic else ()), *([Why.HAND] if is_by_hand else []))
        found.append(Change(name, before.of_one(name), after.of_one(name), why))
    return tuple(found)


def last_state(folder: Path) -> State | None:
    """Return what the last grading of autograded/<student>/<stage>/ found; None where none is known."""
    for line in reversed(_lines(folder)):
        try:
            kept = json.loads(line)["state"]
            return State(**kept)
        except (ValueError, TypeError, KeyError, RecursionError):  # not ours, or of another version
            continue
    return None


def read_history(folder: Path) -> list[Entry]:
    """Return what changed in autograded/<student>/<stage>/ since it was first graded, the oldest first."""
    entries = []
    for line in _lines(folder):
        try:
            content = json.loads(line)
            changed = [Change(**one | {"why": tuple(map(Why, one["why"]))}) for one in content["changes"]]
            entries.append(Entry(datetime.fromisoformat(content["time"]), tuple(changed), "declined" in content))
        except (ValueError, TypeError, KeyError, RecursionError):  # not ours, or of another version
            continue
    return entries


def remember(folder: Path, state: State, changed: tuple[Change, ...], now: datetime, declined: Result | None) -> None:
    """Add a line to the history. declined: a result that was not kept, as the one before is better. Raises OSError."""
    content: dict[str, Any] = {"time": now.isoformat(timespec="seconds")}
    if declined:
        content["declined"] = {"status": declined.status, "points": declined.points if declined.has_points else None}
    content |= {"changes": [asdict(change) for change in changed], "state": asdict(state)}
    line = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    write_atomically(folder / HISTORY, b"".join(part + b"\n" for part in (*_lines(folder), line)))


def _lines(folder: Path) -> list[bytes]:
    try:
        return read(folder / HISTORY, MAX_HISTORY).splitlines()
    except OSError:
        return []


def _by_hand(state: State, name: str) -> tuple[float | None, float | None]:
    return state.by_hand.get(name), state.extra.get(name)


def _reasons(before: State, after: State, name: str | None) -> tuple[Why, ...]:
    """Return what of all that a check's points depend on is not what it was."""

    def differs(what: str) -> bool:
        return before.hashes.get(what) != after.hashes.get(what)

    why = [Why.WORK] if differs("submission") else []
    if name is not None and before.cells.get(name) != after.cells.get(name):
        why.append(Why.CHECK)
    elif differs("source"):
        why.append(Why.STAGE)
    why += [Why.SECRET] if differs("secret") else []
    why += [Why.ENGINE] if differs("engine") else []
    return tuple(why) or (Why.AGAIN,)
