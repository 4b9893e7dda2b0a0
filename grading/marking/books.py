"""The journal and nbgrader's gradebook in agreement: who wrote last is kept, and nothing is lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from grading.marking.journal import FORMGRADER, Entry, Journal, Key, now
from grading.records.gradebook import Recorder, RecordError
from grading.records.marks import Mark, read_marks


@dataclass(frozen=True)
class Agreed:
    """What it took: marks that formgrader had given, marks that the gradebook lacked, and those it has no place for."""

    from_formgrader: tuple[Entry, ...] = ()
    restored: tuple[Entry, ...] = ()
    homeless: tuple[Entry, ...] = ()


def agree(journal: Journal, instructor: NotebookNode, hashes: Mapping[Key, str]) -> Agreed:
    """Enter into the journal what formgrader gave, write into the gradebook what it lacks; both then agree.

    hashes: of the answers, as they are now.
    Raises JournalError, MarksError and RecordError.
    """
    journal.refresh()
    questions = {cell.metadata.nbgrader.grade_id for cell in instructor.cells if cell.metadata.gradus.role == "open"}
    marks = {
        (student, question): mark
        for student, theirs in read_marks(journal.course, journal.stage).items()
        for question, mark in theirs.items()
        if question in questions
    }
    taken, lacking = [], []
    for key in sorted(journal.history.keys() | marks.keys()):
        mark = marks.get(key, Mark())
        match _who(journal, key, mark):
            case "formgrader":
                taken.append(given_in_formgrader(journal, hashes, key, mark))
            case "journal":
                lacking.append(journal.history[key][-1])
    if taken:
        journal.append(taken)
    homeless = []
    if lacking:
        with Recorder(journal.course, journal.stage, instructor) as recorder:
            homeless = write(recorder, hashes, lacking)
    if journal.path.exists():
        journal.sync()
    without = {entry.key for entry in homeless}
    return Agreed(tuple(taken), tuple(one for one in lacking if one.key not in without), tuple(homeless))


class Meanwhile(Exception):
    """An answer was marked by somebody else since it was shown."""

    def __init__(self, entry: Entry | None):
        self.entry = entry
        super().__init__("Not saved: the answer was marked meanwhile.")


class Books:
    """Where marks are written: first into the journal, then into the gradebook.

    is_behind: whether the gradebook lacks what the journal has.
    """

    def __init__(self, journal: Journal, instructor: NotebookNode, hashes: Mapping[Key, str]):
        self._journal, self._instructor, self._hashes = journal, instructor, hashes
        self.is_behind = False
        self._recorder: Recorder | None = None  # kept open: to open it takes longer than to write a mark

    @property
    def warning(self) -> str:
        """What there is to say after a mark was saved, if anything."""
        where = self._journal.path.relative_to(self._journal.course)
        return f"Kept in {where}; the gradebook cannot take it now, and gets it later." if self.is_behind else ""

    def enter(self, entries: Sequence[Entry]) -> None:
        """Write marks down, all or none. Raises Meanwhile and JournalError, having written none of them."""
        journal = self._journal
        versions = {entry.key: journal.version(entry.key) for entry in entries}

        def unchanged() -> None:
            for key, version in versions.items():
                if journal.version(key) != version:
                    raise Meanwhile(journal.history[key][-1])

        try:
            recorder = self.open()
            if not self.is_behind:
                self._ask_formgrader(recorder, list(versions))
            journal.append(entries, unchanged)
            self.is_behind = bool(write(recorder, self._hashes, [*self._lacking(), *entries]))
            if not self.is_behind:
                journal.sync()
        except (RecordError, OSError):
            self.is_behind = True
            self.close()
            if any(journal.version(entry.key) == versions[entry.key] for entry in entries):
                journal.append(entries, unchanged)

    def open(self) -> Recorder:
        """Open the gradebook, if it is not open. Raises RecordError."""
        journal = self._journal
        self._recorder = self._recorder or Recorder(journal.course, journal.stage, self._instructor)
        return self._recorder

    def close(self) -> None:
        """Close the gradebook."""
        if self._recorder:
            self._recorder.__exit__()
            self._recorder = None

    def _ask_formgrader(self, recorder: Recorder, keys: Sequence[Key]) -> None:
        """Enter what was given in formgrader while these answers were open. Raises Meanwhile if there is anything."""
        for key in keys:
            mark = recorder.given(key[0]).get(key[1], Mark())
            history = self._journal.history.get(key)
            if mark.points is not None and not (
                history and history[-1].gives == (mark.points, mark.comment, mark.extra)
            ):
                entry = given_in_formgrader(self._journal, self._hashes, key, mark)
                self._journal.append([entry])
                self._journal.sync()
                raise Meanwhile(entry)

    def _lacking(self) -> list[Entry]:
        """Return the marks that the gradebook could not take before."""
        if not self.is_behind:
            return []
        synced, journal = self._journal.synced, self._journal
        return [journal.history[key][-1] for key, end in journal.ends.items() if end > synced]


def write(recorder: Recorder, hashes: Mapping[Key, str], entries: Iterable[Entry]) -> list[Entry]:
    """Write marks into the gradebook; return those of whom it does not know. Raises RecordError."""
    by_student: dict[str, dict[str, Mark]] = {}
    entries = list(entries)
    for entry in entries:
        is_old = entry.points is not None and hashes.get(entry.key, entry.answer) != entry.answer
        mark = Mark(entry.points, entry.extra, is_old, entry.comment)
        by_student.setdefault(entry.student, {})[entry.question] = mark
    unknown = {student for student, marks in by_student.items() if not recorder.give(student, marks)}
    return [entry for entry in entries if entry.student in unknown]


def given_in_formgrader(journal: Journal, hashes: Mapping[Key, str], key: Key, mark: Mark) -> Entry:
    """Return the line for what the gradebook holds, and the journal does not."""
    last = journal.last(key)
    known = hashes.get(key, "") if not mark.is_old else last.answer if last else ""
    return Entry(
        now(), FORMGRADER, *key, known, points=mark.points, comment=mark.comment, extra=mark.extra, via=FORMGRADER
    )


def _who(journal: Journal, key: Key, mark: Mark) -> str:
    """Return whose word counts where the two differ, "" where they do not."""
    history, given = journal.history.get(key, []), (mark.points, mark.comment, mark.extra)
    if history and history[-1].gives == given:
        return ""
    if not history:
        return "formgrader" if mark.points is not None else ""
    if mark.points is None:  # lost, or never written
        return "journal" if history[-1].points is not None else ""
    if journal.ends[key] <= journal.synced:
        return "formgrader"
    # The last line is not known to have reached the gradebook: if that holds what an earlier line gave, it has not.
    return "journal" if any(entry.gives == given for entry in history[:-1]) else "formgrader"
