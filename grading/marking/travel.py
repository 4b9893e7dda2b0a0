"""Marks that travel between two markers' machines, as lines of a journal; what contradicts is listed, not merged."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from grading.course.files import read, write_atomically
from grading.marking.journal import Entry, Journal, JournalError, Key, read_line

MAX_FILE = 256 * 2**20


@dataclass(frozen=True)
class Imported:
    """What an import brought: marks that are new here, those known already, pairs that contradict, lines not read.

    In a pair the mark of this course, which stays, comes first.
    """

    new: tuple[Entry, ...]
    known: int
    conflicts: tuple[tuple[Entry, Entry], ...]
    bad: int


def export_marks(journal: Journal, target: Path) -> int:
    """Write all marks to a file for another machine; return how many answers they are of. Raises JournalError."""
    journal.refresh()
    entries = sorted((entry for history in journal.history.values() for entry in history), key=lambda one: one.time)
    try:
        write_atomically(target, b"".join(entry.line() for entry in entries))
    except OSError as error:
        raise JournalError(f"{target}: {error.strerror}. Choose another place.") from None
    return sum(journal.last(key) is not None for key in journal.history)


def import_marks(journal: Journal, source: Path, questions: set[str], is_student: Callable[[str], bool]) -> Imported:
    """Take over the marks of a file: where it goes on from what is here, or is new; conflicts stay as they are here.

    Raises JournalError.
    """
    try:
        lines = read(source, MAX_FILE).splitlines()
    except OSError as error:
        raise JournalError(f"{source}: {error.strerror}. Give the file that `gradus mark … --export` wrote.") from None
    theirs: dict[Key, list[Entry]] = defaultdict(list)
    bad = 0
    for line in lines:
        entry = read_line(line)
        if isinstance(entry, Entry) and entry.question in questions and is_student(entry.student):
            theirs[entry.key].append(entry)
        else:
            bad += 1
    if not theirs and bad:
        raise JournalError(
            f"{source} holds no mark of {journal.stage}: give what `gradus mark {journal.stage} --export` wrote."
        )
    journal.refresh()
    new: list[Entry] = []
    known, conflicts = 0, []
    for key, entries in sorted(theirs.items()):
        ours = journal.history.get(key, [])
        if not ours or _same(ours[-1]) in map(_same, entries):
            last = max((i for i, entry in enumerate(entries) if ours and _same(entry) == _same(ours[-1])), default=-1)
            new += [replace(entry, via=entry.via or "import") for entry in entries[last + 1 :]]
            known += last == len(entries) - 1
        elif _same(entries[-1]) in map(_same, ours) or ours[-1].agrees(entries[-1]):
            known += 1
        else:
            conflicts.append((ours[-1], entries[-1]))
    if new:
        journal.append(new)
    answers = {entry.key: entry for entry in new}
    return Imported(tuple(answers.values()), known, tuple(conflicts), bad)


def _same(entry: Entry) -> Entry:
    """Return what is the same mark on both machines."""
    return replace(entry, via="")
