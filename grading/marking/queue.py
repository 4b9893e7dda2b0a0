"""Whose turn it is: answers by question, in an order of chance that stays, each in front of one marker at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grading.marking.answers import Answer, Class
from grading.marking.journal import Journal, Key
from grading.marking.likeness import alike, grouped

MAX_TOGETHER = 60  # answers that are marked at once, besides the one that is shown


@dataclass(frozen=True)
class Progress:
    """How many of a question's answers are marked, of how many, and how many of the others somebody has open."""

    done: int
    total: int
    open: int = 0


@dataclass
class Queue:
    """The answers of a class in the order in which they are marked, and who has which open.

    A session is one page in one browser. held: the answers that are open, by session.
    """

    answers: Class
    journal: Journal
    orders: dict[str, list[Answer]] = field(default_factory=dict)
    firsts: dict[Key, Answer] = field(default_factory=dict)
    members: dict[Key, list[Answer]] = field(default_factory=dict)
    held: dict[str, set[Key]] = field(default_factory=dict)

    def arrange(self, questions: Iterable[str]) -> None:
        """Put the answers to these questions in order, those that are alike one after the other."""
        for question in questions:
            theirs = [answer for answer in self.answers.answers.values() if answer.question == question]
            theirs.sort(key=lambda answer: answer.alias)
            for answer in self.orders.get(question, ()):
                self.firsts.pop(answer.key, None)
                self.members.pop(answer.key, None)
            found = grouped(theirs)
            self.firsts |= {answer.key: first for answer, first in found.items()}
            for answer in theirs:
                self.members.setdefault(found[answer].key, []).append(answer)
            firsts = [answer for answer in theirs if found[answer] is answer]
            self.orders[question] = [one for first in firsts for one in self.members[first.key]]

    def is_marked(self, answer: Answer) -> bool:
        """Whether there is a mark that counts, for the answer as it is now."""
        last = self.journal.last(answer.key)
        return last is not None and last.answer == answer.hash

    def group(self, answer: Answer) -> list[tuple[Answer, int]]:
        """Return the other answers of its group that wait for a mark, and how alike each is to it, in percent."""
        members = self.members[self.firsts[answer.key].key]
        others = [other for other in members if other is not answer and not self.is_marked(other)][:MAX_TOGETHER]
        return sorted(((other, alike(other, answer)) for other in others), key=lambda item: -item[1])

    def next(self, session: str, question: str, keep: Iterable[Key] = (), after: int = -1) -> Answer | None:
        """Return the next answer that waits and that nobody has open, now held, or None. keep: what else stays held.

        after: a place in the order, from which on one looks first.
        """
        order = self.orders.get(question, [])
        self.held[session] = set(keep)
        taken = set().union(*self.held.values())
        for answer in (*order[after + 1 :], *order[: after + 1]):
            if not self.is_marked(answer) and answer.key not in taken:
                self.hold(session, answer)
                return answer
        return None

    def hold(self, session: str, answer: Answer) -> None:
        """Have an answer, and those that come with it, open before this session, as far as others have them not."""
        taken = set().union(*(keys for other, keys in self.held.items() if other != session))
        group = {other.key for other, _ in self.group(answer)} - taken
        self.held.setdefault(session, set()).update({answer.key}, group)

    def with_it(self, session: str, answer: Answer) -> list[tuple[Answer, int]]:
        """Return what can be marked together with an answer: what is alike, and in front of nobody else."""
        held = self.held.get(session, set())
        return [(other, percent) for other, percent in self.group(answer) if other.key in held]

    def holder(self, answer: Answer, but: str) -> str | None:
        """Return the session, other than this one, that has an answer open."""
        return next((one for one, keys in self.held.items() if answer.key in keys and one != but), None)

    def release(self, session: str) -> None:
        """Have nothing open any more: the page was closed."""
        self.held.pop(session, None)

    def progress(self) -> Mapping[str, Progress]:
        """Return how far each question is."""
        taken = set().union(*self.held.values())
        found = {}
        for question, order in self.orders.items():
            waiting = [answer for answer in order if not self.is_marked(answer)]
            is_open = sum(answer.key in taken for answer in waiting)
            found[question] = Progress(len(order) - len(waiting), len(order), is_open)
        return found
