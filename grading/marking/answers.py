"""What there is to mark: the open answers of a class, as grading found them."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from grading.marking.journal import Key
from grading.records.executed import read_executed, sources_in
from grading.records.submissions import read_result, results_of
from grading.results.model import Remark

MAX_COMPARED = 10_000  # characters of an answer by which it is likened to others


@dataclass(frozen=True)
class Answer:
    """One student's answer to an open question.

    hash: of what was written. look: why the marker should look for it elsewhere, if so.
    """

    student: str
    question: str
    hash: str
    text: str
    lang: str
    maximum: float
    look: Remark | None = None

    @property
    def key(self) -> Key:
        """What names it here."""
        return self.student, self.question

    @property
    def alias(self) -> str:
        """What names it in a browser, where nobody sees whose it is; the order of these is by chance, and stays."""
        return hashlib.sha256(f"{self.question}\0{self.student}".encode("utf-8", "backslashreplace")).hexdigest()[:24]


@dataclass
class Class:
    """The open answers of a stage, by student and question; those that were left blank have their 0 already.

    hashes: of all that graders found, blank or not. outdated: results that another version wrote. damaged: those whose
    notebook cannot be read.
    """

    course: Path
    stage: str
    answers: dict[Key, Answer] = field(default_factory=dict)
    hashes: dict[Key, str] = field(default_factory=dict)
    outdated: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    _read: dict[str, tuple[int, int]] = field(default_factory=dict)

    def refresh(self, report: Callable[[int, int], None] = lambda done, total: None) -> set[str]:
        """Read the results that are new, or not those read before; return the questions of which answers changed."""
        found = results_of(self.course, self.stage)
        changed: set[str] = set()
        for done, (student, path) in enumerate(found.items(), start=1):
            try:
                status = path.stat()
            except OSError:
                continue
            state = status.st_mtime_ns, status.st_size
            if self._read.get(student) != state:
                self._read[student] = state
                changed |= self._take(student, path)
            report(done, len(found))
        return changed

    @property
    def students(self) -> Collection[str]:
        """Who has a result, of whatever version."""
        return self._read.keys()

    def _take(self, student: str, path: Path) -> set[str]:
        """Read one student's answers in the place of those before; return the questions that this changes."""
        for key in [key for key in self.hashes if key[0] == student]:
            del self.hashes[key]
        before = {key: self.answers.pop(key) for key in list(self.answers) if key[0] == student}
        self.outdated, self.damaged = (
            [one for one in them if one != student] for them in (self.outdated, self.damaged)
        )
        result = read_result(path)
        if result is None:
            self.outdated.append(student)
        elif result.has_points:
            try:
                notebook = read_executed(self.course, student, self.stage)
                texts = sources_in(notebook, {question.name for question in result.questions})
            except (OSError, ValueError):
                self.damaged.append(student)
                texts = {}
            for one in result.questions:
                self.hashes[student, one.name] = one.answer
                if one.points is None and one.name in texts:
                    text = texts[one.name]
                    answer = Answer(student, one.name, one.answer, text, result.lang, one.maximum, one.look)
                    self.answers[answer.key] = answer
        after = {key: answer for key, answer in self.answers.items() if key[0] == student}
        return {key[1] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def hashes_of(course: Path, stage: str) -> dict[Key, str]:
    """Return the hash of each student's answer to each open question, as the results have it."""
    found: dict[Key, str] = {}
    for student, path in results_of(course, stage).items():
        if result := read_result(path):
            found |= {(student, one.name): one.answer for one in result.questions}
    return found
