"""What a marker asks for, answered: the next answer, one beside it, a mark saved, refused or taken back."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from grading.course.roster import Person, read_roster
from grading.course.schemes import Scheme, schemes_of
from grading.marking.answers import Answer, Class
from grading.marking.books import Agreed, Books, Meanwhile, agree
from grading.marking.cards import Cards
from grading.marking.journal import Entry, Journal, JournalError, Key, MarkError, now
from grading.marking.queue import Queue
from grading.records.gradebook import RecordError

MAX_COMMENTS, MAX_COMMENT = 20, 20_000
MAX_NAME = 60


@dataclass
class Session:
    """One page in one browser: who marks there, and what was saved, to be taken back."""

    id: str
    by: str
    saved: list[list[Entry]] = field(default_factory=list)


class Desk:
    """The answers of a stage, its journal and its gradebook, at the service of markers. One call at a time.

    Raises MarkError and RosterError.
    """

    def __init__(self, course: Path, stage: str, shows_names: bool = False):
        self.course, self.stage, self._shows_names = course, stage, shows_names
        source = course / "source" / stage / f"{stage}.ipynb"
        if not source.exists():
            raise MarkError(f"There is no {source.relative_to(course)}: run `gradus build` first.")
        self.instructor: NotebookNode = nbformat.read(source, as_version=4)
        self.schemes: dict[str, Scheme] = dict(schemes_of(self.instructor))
        self.answers, self.journal = Class(course, stage), Journal(course, stage)
        self.queue = Queue(self.answers, self.journal)
        self._cards = Cards(self.answers, self.instructor, self.schemes)
        self._people: Mapping[str, Person] = read_roster(course) if shows_names else {}
        self._by_alias: dict[str, Answer] = {}
        self.books = Books(self.journal, self.instructor, self.answers.hashes)
        self.sessions: dict[str, Session] = {}

    def refresh(self) -> None:
        """Take in what grading and others have written since. Raises JournalError."""
        self.journal.refresh()
        if changed := self.answers.refresh():
            self._arrange(changed & self.schemes.keys())

    def open(self, report: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Read all answers and put them in order. Raises MarkError and JournalError."""
        if not self.schemes:
            raise MarkError(f"{self.stage} has no open question: there is nothing to mark by hand.")
        self.journal.refresh()
        self.answers.refresh(report)
        if not self.answers.students:
            raise MarkError(f"Nobody has a result for {self.stage}: run `gradus grade {self.stage}` first.")
        if not self.answers.answers and self.answers.outdated:
            raise MarkError(
                f"All results of {self.stage} are of another version: run `gradus grade {self.stage}` first."
            )
        for name, scheme in self.schemes.items():
            if not scheme.boxes:
                raise MarkError(f"The note of {name} has no boxes: run `gradus build`, which says what to mend.")
        self._arrange(self.schemes)

    def agree(self) -> Agreed:
        """Bring journal and gradebook in agreement. Raises JournalError, MarksError and RecordError."""
        return agree(self.journal, self.instructor, self.answers.hashes)

    def knows(self, student: str) -> bool:
        """Whether somebody of this id has a result."""
        return student in self.answers.students

    def state(self) -> dict[str, Any]:
        """Return how far each question is, for all pages."""
        shown = self.queue.progress().items()
        return {
            "is": "state",
            "questions": [
                {"name": name, "done": one.done, "total": one.total, "open": one.open} for name, one in shown
            ],
        }

    def question(self, session: Session, name: str, lang: str) -> dict[str, Any]:
        """Return a question as pages show it."""
        return self._cards.question(name, lang) | {"is": "question"}

    def comments(self, question: str) -> list[str]:
        """Return the comments given to answers to a question, the latest first."""
        entries = [history[-1] for key, history in self.journal.history.items() if key[1] == question]
        said = [entry.comment for entry in sorted(entries, key=lambda one: one.time, reverse=True) if entry.comment]
        return list(dict.fromkeys(said))[:MAX_COMMENTS]

    def next(self, session: Session, question: str, after: str = "", keep: str = "") -> dict[str, Any]:
        """Return the next answer to a question that waits. after, keep: aliases, to look behind, to hold on to."""
        self.refresh()
        kept = self._by_alias.get(keep)
        held = self.queue.held.get(session.id, set()) & self._with(kept) if kept else set()
        place = self._place(self._by_alias.get(after))
        answer = self.queue.next(session.id, question, held, place)
        return self._shown(session, answer) if answer else {"is": "none", "question": question}

    def beside(self, session: Session, alias: str, question: str, step: int) -> dict[str, Any]:
        """Return the answer that stands so many places from one in the order, marked or not."""
        self.refresh()
        order = self.queue.orders.get(question, [])
        answer = self._by_alias.get(alias)
        place = (
            self._place(answer) + step
            if answer and answer.question == question
            else (0 if step > 0 else len(order) - 1)
        )
        if not 0 <= place < len(order):
            return {"is": "edge"}
        self.queue.release(session.id)
        self.queue.hold(session.id, order[place])
        return self._shown(session, order[place])

    def save(
        self, session: Session, alias: str, seen: Mapping[str, str], boxes: list[int], comment: str
    ) -> dict[str, Any]:
        """Mark an answer, and those marked with it. seen: for each, by alias, what it was when it was shown."""
        self.refresh()
        answers = [self._by_alias.get(one) for one in {alias: "", **seen}]
        first = answers[0]
        if first is None or any(one is None or one.question != first.question for one in answers):
            return {"is": "refused", "says": "Not saved: this answer was graded again. Go on to the next."}
        scheme = self.schemes[first.question]
        ticked = tuple(scheme.boxes[index].text for index in sorted(set(boxes)) if 0 <= index < len(scheme.boxes))
        points, text = scheme.points(ticked), comment.strip()[:MAX_COMMENT]
        time, entries = now(), []
        for one in filter(None, answers):
            last = self.journal.last(one.key)
            if self._seen(one) != seen.get(one.alias):
                return self._refused(last, one)
            extra = last.extra if last else 0.0
            entries.append(Entry(time, session.by, *one.key, one.hash, ticked, points, text, extra))
        try:
            self.books.enter(entries)
        except Meanwhile as other:
            return self._refused(other.entry, first)
        except JournalError as error:
            return {"is": "refused", "says": str(error)}
        session.saved.append(entries)
        said = {"alias": alias, "points": points, "count": len(entries), "warning": self.books.warning}
        return said | {"is": "saved", "question": first.question, "comments": self.comments(first.question)}

    def undo(self, session: Session) -> dict[str, Any]:
        """Take back what this session saved last: marks become what they were before. Returns the answer."""
        self.refresh()
        if not session.saved:
            return {"is": "refused", "says": "There is nothing to undo here."}
        saved, entries = session.saved.pop(), []
        for entry in saved:
            history = self.journal.history[entry.key]
            if history[-1] != entry:
                return {"is": "refused", "says": f"Not undone: {_gave(history[-1])} since."}
            before = history[-2] if len(history) > 1 else replace(entry, boxes=(), points=None, comment="")
            entries.append(replace(before, time=now(), by=session.by, via="undo"))
        try:
            self.books.enter(entries)
        except (Meanwhile, JournalError) as error:
            return {"is": "refused", "says": str(error)}
        answer = self.answers.answers.get(saved[0].key)
        if answer is None:
            return {"is": "refused", "says": "Undone; the answer is not there any more."}
        self.queue.release(session.id)
        self.queue.hold(session.id, answer)
        return self._shown(session, answer) | {
            "says": f"Undone: {len(entries)} marks." if len(entries) > 1 else "Undone."
        }

    def come(self, page: str, by: str, open: str = "") -> Session:
        """Have somebody mark in a page; what one saved, or had open, before it lost its connection is still its own."""
        session = self.sessions.setdefault(page, Session(page, by))
        session.by = by
        with suppress(RecordError):  # whoever saves is told
            self.books.open()
        answer = self._by_alias.get(open)
        if answer and not self.queue.holder(answer, page):
            self.queue.hold(page, answer)
        return session

    def leave(self, session: Session) -> None:
        """Let others have what a page had open: it was closed."""
        self.queue.release(session.id)

    def _arrange(self, questions: Iterable[str]) -> None:
        self.queue.arrange(questions)
        self._by_alias = {answer.alias: answer for order in self.queue.orders.values() for answer in order}

    def _refused(self, entry: Entry | None, answer: Answer) -> dict[str, Any]:
        """Say that somebody was faster, and what they gave."""
        why = f"{_gave(entry)} meanwhile" if entry else "the answer, or its mark, is not what you saw"
        one = self.answers.answers.get(entry.key, answer) if entry else answer
        return {
            "is": "refused",
            "says": f"Not saved: {why}.",
            "alias": one.alias,
            "seen": self._seen(one),
            "mark": self._mark(entry) if entry else None,
        }

    def _seen(self, answer: Answer) -> str:
        """Return what tells whether an answer, or its mark, changed."""
        return f"{self.journal.version(answer.key)}-{answer.hash[:16]}"

    def _mark(self, entry: Entry) -> dict[str, Any]:
        """Return a mark as pages show it. lost: the boxes that the note no longer has."""
        texts = [box.text for box in self.schemes[entry.question].boxes]
        return {
            "by": entry.by,
            "time": entry.time,
            "points": entry.points,
            "extra": entry.extra,
            "boxes": [texts.index(text) for text in entry.boxes if text in texts],
            "lost": [text for text in entry.boxes if text not in texts],
            "comment": entry.comment,
            "via": entry.via,
        }

    def _shown(self, session: Session, answer: Answer) -> dict[str, Any]:
        """Return an answer with all that its page shows."""
        last, order = self.journal.last(answer.key), self.queue.orders[answer.question]
        holder = self.sessions.get(self.queue.holder(answer, session.id) or "")
        others = [
            {
                "alias": other.alias,
                "alike": alike,
                "seen": self._seen(other),
                "name": self._name(other),
                "text": self._cards.text(other) if alike < 100 else "",
            }
            for other, alike in self.queue.with_it(session.id, answer)
        ]
        return self._cards.answer(answer) | {
            "is": "answer",
            "alias": answer.alias,
            "question": answer.question,
            "lang": answer.lang,
            "place": order.index(answer) + 1,
            "of": len(order),
            "maximum": answer.maximum,
            "seen": self._seen(answer),
            "name": self._name(answer),
            "mark": self._mark(last) if last else None,
            "changed": bool(last and last.answer != answer.hash),
            "holder": holder.by if holder else "",
            "others": others,
            "comments": self.comments(answer.question),
        }

    def _name(self, answer: Answer) -> str:
        return self._people.get(answer.student, Person(answer.student)).label if self._shows_names else ""

    def _place(self, answer: Answer | None) -> int:
        return self.queue.orders[answer.question].index(answer) if answer else -1

    def _with(self, answer: Answer) -> set[Key]:
        return {answer.key, *(other.key for other in self.queue.members[self.queue.firsts[answer.key].key])}


def _gave(entry: Entry) -> str:
    """Say who gave what."""
    if entry.points is None:
        return f"{entry.by} took the mark back"
    comment = f" and wrote “{entry.comment}”" if entry.comment else ""
    return f"{entry.by} gave {entry.points:g} point{'' if entry.points == 1 else 's'}{comment}"
