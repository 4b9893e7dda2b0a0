"""Every mark that was ever given, a line each in marks/<stage>.jsonl: written for good before the gradebook has it."""

import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from grading.course.files import write_atomically
from grading.course.schemes import Box, Kind

FOLDER = "marks"
FORMGRADER = "formgrader"
Key = tuple[str, str]  # student and question


class MarkError(Exception):
    """Nothing can be marked; the sentence says why, and what to do."""


class JournalError(MarkError):
    """The marks cannot be read or written."""


@dataclass(frozen=True)
class Entry:
    """One mark: who gave it, when, for which answer (its hash), the boxes by their wording, the points, a comment.

    points: None where a mark was taken back. extra: credit beside them, which formgrader gives. via: how it came, ""
    for the page.
    """

    time: str
    by: str
    student: str
    question: str
    answer: str
    boxes: tuple[str, ...] = ()
    points: float | None = None
    comment: str = ""
    extra: float = 0.0
    via: str = ""

    @property
    def key(self) -> Key:
        """What was marked."""
        return self.student, self.question

    @property
    def gives(self) -> tuple[float | None, str, float]:
        """What the gradebook has of it."""
        return self.points, self.comment, self.extra

    def agrees(self, other: "Entry") -> bool:
        """Whether both give the same for the same answer."""
        return (self.gives, self.answer, set(self.boxes)) == (other.gives, other.answer, set(other.boxes))

    def line(self) -> bytes:
        """Return its line of the journal."""
        content = asdict(self)
        kept = {name: value for name, value in content.items() if value or name in REQUIRED}
        return json.dumps(kept, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


REQUIRED = ("time", "by", "student", "question", "answer", "boxes", "points")


@dataclass(frozen=True)
class Noted:
    """The boxes of a question's note, as they were when marks were given; written when they change."""

    time: str
    question: str
    note: tuple[Box, ...]

    def line(self) -> bytes:
        """Return its line of the journal."""
        return json.dumps(asdict(self), ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


Line = Entry | Noted


@dataclass
class Journal:
    """The marks of one stage. What others append to the file is read before anything is written.

    history: the marks of each answer, the last counts. ends: where in the file the last line of each stands.
    bad: the numbers of lines that cannot be read; is_cut: whether the last line is cut off.
    """

    course: Path
    stage: str
    history: dict[Key, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    notes: dict[str, tuple[Box, ...]] = field(default_factory=dict)
    ends: dict[Key, int] = field(default_factory=dict)
    bad: list[int] = field(default_factory=list)
    is_cut: bool = False
    _offset: int = 0
    _lines: int = 0

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.course / FOLDER / f"{self.stage}.jsonl"

    def last(self, key: Key) -> Entry | None:
        """Return the mark that counts, None where there is none, or it was taken back."""
        entries = self.history.get(key)
        return entries[-1] if entries and entries[-1].points is not None else None

    def version(self, key: Key) -> int:
        """Return how often the mark was written: who has seen fewer lines has not seen the last."""
        return len(self.history.get(key, ()))

    def refresh(self) -> None:
        """Read what was added to the file since. Raises JournalError."""
        try:
            if self.path.exists():
                with self.path.open("rb") as file:
                    self._read(file)
        except OSError as error:
            raise JournalError(f"{self.path}: {error.strerror}. Mend this and mark on.") from None

    def append(self, lines: Sequence[Line], may: Callable[[], None] = lambda: None) -> None:
        """Add lines, all or none, and return when they are on the disk.

        may: called when nobody else can write and all is read; what it raises keeps the lines out. Raises JournalError.
        """
        try:
            with self._locked() as file:
                self._read(file)
                may()
                if not _ends_whole(file):
                    file.write(b"\n")
                file.write(b"".join(line.line() for line in lines))
                file.flush()
                os.fsync(file.fileno())
                self._read(file)
        except OSError as error:
            raise JournalError(
                f"{self.path}: {error.strerror}. Nothing was marked: mend this, then save again."
            ) from None

    @property
    def synced(self) -> int:
        """How far the gradebook has what the file holds, in bytes; all of it where nobody knows."""
        try:
            return int(self._sidecar.read_text())
        except (OSError, ValueError):
            return self._offset

    def sync(self) -> None:
        """Remember that the gradebook has all that was read. Raises OSError."""
        write_atomically(self._sidecar, str(self._offset).encode())

    @property
    def _sidecar(self) -> Path:
        return self.path.with_name(f".{self.stage}.synced")

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """Open the file, which is made if there is none, as the only one who writes."""
        self.path.parent.mkdir(exist_ok=True)
        is_new = not self.path.exists()
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                write_atomically(self._sidecar, b"0")
                folder = os.open(self.path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
            yield file

    def _read(self, file: BinaryIO) -> None:
        file.seek(self._offset)
        content = file.read()
        *parts, rest = content.split(b"\n")
        self.is_cut = bool(rest) and not read_line(rest)
        if rest and not self.is_cut:  # only its end is lost, which the next line that is added brings back
            parts.append(rest)
        for part in parts:
            self._offset += len(part) + 1
            self._lines += 1
            line = read_line(part)
            if isinstance(line, Entry):
                self.history[line.key].append(line)
                self.ends[line.key] = self._offset
            elif line:
                self.notes[line.question] = line.note
            else:
                self.bad.append(self._lines)


def _ends_whole(file: BinaryIO) -> bool:
    """Go to the end of a file, and return whether a new line begins there."""
    if not file.seek(0, os.SEEK_END):
        return True
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def read_line(line: bytes) -> Line | None:
    """Read a line of a journal; None where it is none, or damaged."""
    try:
        content: dict[str, Any] = json.loads(line)
        if "note" in content:
            boxes = (Box(box["text"], float(box["points"]), Kind(box["kind"])) for box in content.pop("note"))
            return Noted(**content, note=tuple(boxes))
        entry = Entry(**content)
        words = (
            entry.time,
            entry.by,
            entry.student,
            entry.question,
            entry.answer,
            entry.comment,
            entry.via,
            *entry.boxes,
        )
        points = None if entry.points is None else float(entry.points)
        if not all(isinstance(word, str) for word in words) or points != points:
            return None
        return replace(entry, boxes=tuple(entry.boxes), points=points, extra=float(entry.extra))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def now() -> str:
    """Return the time for a line."""
    return datetime.now(UTC).isoformat(timespec="seconds")
