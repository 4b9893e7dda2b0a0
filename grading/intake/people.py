"""Who of the roster is meant by a name, a key or a path: nobody, somebody, or several who may be."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations
from pathlib import PurePosixPath

from rapidfuzz import fuzz

from grading.course.roster import Person
from grading.intake.layouts.platforms import Owner
from grading.intake.names import bare, called, exact, fold, has_letters, joined, spellings, without_zeros, words

EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
SPACES = re.compile(r"[\s_,;()\[\]+]+")
# Keys that name an account of the person, by which word ever a platform calls it.
ACCOUNTS = ("login", "sid", "github")
# Keys that are numbers of a platform's own.
NUMBERS = ("moodle", "canvas", "brightspace", "ilias")
ALIKE = 75  # percent, of names that may be meant
MAX_ALIKE = 3
SEVERAL = "its path names several people"


class By(IntEnum):
    """What tells who is meant, the more to be trusted the greater."""

    NAME = 0
    ALIAS = 1
    KEY = 2  # an id, an email, a platform's key, or the instructor's word


@dataclass(frozen=True)
class Match:
    """The ids of who may be meant, by what, and what speaks against it."""

    ids: frozenset[str] = frozenset()
    by: By = By.NAME
    why: str = ""

    @property
    def student(self) -> str | None:
        """The one who is meant."""
        return next(iter(self.ids)) if len(self.ids) == 1 and not self.why else None


class People:
    """The roster, to be asked who is meant."""

    def __init__(self, people: Mapping[str, Person], stages: list[str]):
        self.people, self._stages = people, stages
        self._accounts: dict[str, set[str]] = defaultdict(set)
        self._joined: dict[str, set[str]] = defaultdict(set)
        self._numbers: dict[str, set[str]] = defaultdict(set)  # accounts without the zeros that spreadsheets drop
        self._locals: dict[str, set[str]] = defaultdict(set)  # what stands before the @ of emails
        self._keys: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._exact: dict[str, set[str]] = defaultdict(set)
        self._aliases: dict[str, set[str]] = defaultdict(set)
        for one in people.values():
            for account in filter(None, (one.id, one.email, *(one.keys.get(kind) for kind in ACCOUNTS))):
                self._accounts[exact(account)].add(one.id)
                self._joined[joined(account)].add(one.id)
                self._numbers[without_zeros(account)].add(one.id)
            if "@" in one.email:
                self._locals[exact(one.email.partition("@")[0])].add(one.id)
            for kind, key in one.keys.items():
                self._keys[kind, key].add(one.id)
            if one.given or one.family:
                for spelling in spellings(one.name):
                    self._names[spelling].add(one.id)
                for name in (f"{one.given} {one.family}", f"{one.family} {one.given}"):
                    self._exact[exact(name)].add(one.id)
            for alias in filter(None, map(joined, one.aliases)):
                self._aliases[alias].add(one.id)

        self._digits = max((len(account) for account in self._accounts if account.isdecimal()), default=0)

    def knows(self, path: str) -> bool:
        """Whether a part of a path is somebody's name, letter by letter."""
        parts = PurePosixPath(path).parts
        texts = [text for part in parts for text in (part, bare(part, self._stages), re.split(r"_\d+_", part)[0])]
        return any(exact(text) in self._exact or joined(text) in self._aliases for text in texts)

    def of_owner(self, owner: Owner, covered: frozenset[str] = frozenset()) -> Match:
        """Find who is meant by what a platform says; covered: kinds of keys that the roster has of this download."""
        keyed = set().union(*(self._of_key(kind, key) for kind, key in owner.keys.items()))
        if len(keyed) > 1:
            return Match(frozenset(keyed), why="its keys are those of several people")
        named = set() if owner.is_hidden else self._of_name(owner.name)
        if keyed:
            one = next(iter(keyed))
            if named and one not in named:
                return Match(frozenset(keyed | named), why="its key is one person's, its name another's")
            # A group may have a number that is a person's elsewhere; accounts and emails are one person's.
            is_number = not any(self._of_key(kind, owner.keys[kind]) for kind in owner.keys if kind not in NUMBERS)
            if is_number and not named and not owner.is_hidden and not self._may_be_called(owner.name, one):
                return Match(frozenset(keyed), why="its key is that of somebody with another name")
            return Match(frozenset(keyed), By.KEY)
        if told := self._aliases.get(joined(owner.label)):
            return Match(frozenset(told), By.KEY if owner.key else By.ALIAS)
        if told := self._aliases.get(joined(owner.name)):
            return Match(frozenset(told | named), By.ALIAS)
        against = any(self._contradicts(owner, self.people[one], covered) for one in named)
        why = "the roster has another key for this name" if against else ""
        return Match(frozenset(named), By.KEY if owner.is_listed else By.NAME, why)

    def covered(self, owners: Iterable[Owner]) -> frozenset[str]:
        """Return the kinds of keys of which the roster knows some that these owners have."""
        return frozenset(kind for owner in owners for kind, key in owner.keys.items() if self._of_key(kind, key))

    def of_path(self, parts: Iterable[str]) -> Match:
        """Find who is meant by the names of folders and files that people chose."""
        matches = [match for match in map(self._of_text, parts) if match.ids]
        if doubt := next((match for match in matches if match.why), None):
            return doubt
        common = frozenset.intersection(*(match.ids for match in matches)) if matches else frozenset()
        if matches and not common:
            return Match(frozenset().union(*(match.ids for match in matches)), why=SEVERAL)
        return Match(common, max((match.by for match in matches), default=By.NAME))

    def alike(self, text: str) -> list[str]:
        """Return the ids of a few whose names are like one, the likest first."""
        wanted = " ".join(words(called(text, self._stages))) if has_letters(text) else ""
        scores = {one.id: self._likeness(wanted, one) for one in self.people.values()} if wanted else {}
        return sorted((one for one in scores if scores[one] >= ALIKE), key=lambda one: (-scores[one], one))[:MAX_ALIKE]

    def _likeness(self, wanted: str, one: Person) -> float:
        family = " ".join(words(one.family))
        names = [
            *(" ".join(words(name)) for name in (one.name, *one.aliases, *([] if _is_numbered(one.id) else [one.id]))),
            f"{fold(one.given)[:1]} {family}",
        ]
        return max(fuzz.token_sort_ratio(wanted, name) for name in names)

    def _of_key(self, kind: str, key: str) -> set[str]:
        if kind == "ends_in_login":
            return next((self._accounts[end] for end in _ends(exact(key), "_") if end in self._accounts), set())
        if kind in ("email", *ACCOUNTS):
            return self._of_account(exact(key))
        return self._keys.get((kind, key), set())

    def _of_account(self, text: str) -> set[str]:
        return self._accounts.get(text) or self._locals.get(text) or self._but_for_zeros(text)

    def _but_for_zeros(self, number: str) -> set[str]:
        """Return whose account a number is but for zeros in front, if it is one person's."""
        found = self._numbers.get(without_zeros(number), set())
        return found if len(found) == 1 else set()

    def _of_name(self, name: str) -> set[str]:
        """Return who has a name; of several whom accents tell apart the one who has these."""
        found = self._names.get(joined(name), set())
        has_accents = fold(exact(name)) != exact(name)
        return (self._exact.get(exact(name)) if len(found) > 1 and has_accents else None) or found

    def _may_be_called(self, name: str, student: str) -> bool:
        """Whether a name that is not the roster's may be the same person's: they share a word of it."""
        one = self.people[student]
        if not name or not (one.given or one.family):
            return True
        theirs, said = words(one.name), words(name)
        is_joined = len(said) == 1 and any(word in said[0] for word in theirs if len(word) > 2 or not word.isascii())
        return is_joined or bool({word for word in theirs if len(word) > 1} & set(said))

    def _contradicts(self, owner: Owner, one: Person, covered: frozenset[str]) -> bool:
        """Whether the roster has another key of this person, of a kind that it has of others in this download."""
        for kind, key in owner.keys.items():
            theirs = one.keys.get(kind) or (one.id if kind == "sid" else "")
            if kind in covered and kind != "email" and theirs and exact(theirs) != exact(key):
                return True
        return False

    def _of_text(self, text: str) -> Match:
        """Find who is meant by the name of a folder or file."""
        said, name = bare(text, self._stages), called(text, self._stages)
        if has_letters(name) and (aliased := self._aliases.get(joined(name))):
            return Match(frozenset(aliased | self._of_name(name)), By.ALIAS)
        if len(several := self._several_in(said)) > 1:
            return Match(several, why=SEVERAL)
        tokens = _tokens(said)
        numbers = set(_numbers(tokens))
        told = {exact(said), *numbers, *map(exact, EMAIL.findall(text))}
        keyed = (
            set().union(*(self._accounts.get(account, set()) for account in told))
            or self._by_local_part(exact(said))
            # A shorter number is any number: the longest ids have lost no zero.
            or set().union(*(self._but_for_zeros(one) for one in numbers if len(one) >= self._digits))
        )
        named = (
            self._of_name(name)
            or self._of_name(_without(said, numbers))
            or self._of_name(_without(name, numbers))
            or set(self._with_login(name, tokens))
        )
        strange = {_shape(number) for number in _numbers(_tokens(name)) if number not in self._accounts}
        if keyed and named and not keyed & named:
            return Match(frozenset(keyed | named), why="one person's id and another's name")
        if not keyed and any(_shape(exact(one)) in strange for one in named):
            return Match(frozenset(named), why="somebody's name and nobody's id")
        return Match(frozenset(keyed & named or keyed or named), By.KEY if keyed else By.NAME)

    def _several_in(self, text: str) -> frozenset[str]:
        """Return all whom a text names with words of their own; none where as a whole it is one name or id.

        Those whose names or ids lie side by side, without anything between them, are found if nothing else is there.
        """
        if self._known(parts := words(text)):
            return frozenset()
        found: list[set[str]] = []
        start = 0
        while start < len(parts):
            ends = range(len(parts), start, -1)
            end, known = next(((end, known) for end in ends if (known := self._known(parts[start:end]))), (0, set()))
            found += [known] if known else self._side_by_side(parts[start])
            start = end or start + 1
        are_apart = any(one.isdisjoint(other) for one, other in combinations(found, 2))
        return frozenset().union(*found) if are_apart else frozenset()

    def _known(self, parts: list[str]) -> set[str]:
        """Return whose full name or id some words are."""
        text = "".join(parts)
        return self._names.get(text, set()) | self._joined.get(text, set())

    def _side_by_side(self, word: str) -> list[set[str]]:
        """Part a word into names and ids with letters: the fewest ones, none if something is left."""
        parted: dict[int, list[set[str]]] = {0: []}
        for end in range(1, len(word) + 1):
            for start in range(end - 1):
                known = self._known([word[start:end]]) if start in parted and has_letters(word[start:end]) else None
                if known and (end not in parted or len(parted[start]) + 1 < len(parted[end])):
                    parted[end] = [*parted[start], known]
        return parted.get(len(word), [])

    def _by_local_part(self, text: str) -> set[str]:
        """Return whose email begins so, unless this may be somebody's name as well."""
        found = self._locals.get(text, set())
        others = (one for one in self.people.values() if one.id not in found)
        return set() if not found or any(joined(text) in words(one.name) for one in others) else found

    def _with_login(self, said: str, tokens: Iterable[str]) -> Iterator[str]:
        """Yield those whose name and login, and nothing else, a text holds."""
        for token in tokens:
            yield from self._accounts.get(token, set()) & self._of_name(_without(said, {token}))


def _tokens(text: str) -> set[str]:
    return {exact(token) for token in (*SPACES.split(text), *text.split("-"))}


def _numbers(tokens: Iterable[str]) -> Iterator[str]:
    """Yield those that may be ids."""
    return (token for token in tokens if len(token) > 3 and any(map(str.isdigit, token)))


def _is_numbered(account: str) -> bool:
    """Whether an id is a number: one that is like it is another's."""
    return any(map(str.isdigit, account))


def _ends(text: str, letter: str) -> Iterator[str]:
    """Yield a text, and what stands behind each of these letters in it."""
    yield text
    yield from (text[place:] for place, each in enumerate(text, 1) if each == letter)


def _shape(text: str) -> str:
    """Return which of its places have digits: what ids of one course have in common."""
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", text))


def _without(text: str, tokens: set[str]) -> str:
    """Return a text without some of its words, and without those that are numbers."""
    return " ".join(part for part in SPACES.split(text) if exact(part) not in tokens and not part.isdigit())
