"""Lists of a class brought into the roster: who is there already gets what is new, nobody is deleted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grading.course.roster import Person, RosterError, may_name_folders
from grading.intake.classlists import ClassList, Entry
from grading.intake.names import exact, joined, safe, spellings, without_zeros, words
from grading.intake.people import NUMBERS

MIN_ALIKE = 2  # names that a list and the roster share
ACCOUNTS = ("login", "sid")  # keys that are ids, too


@dataclass(frozen=True)
class Merged:
    """The roster after a list came in: who is new, who was known, and of these by the name alone.

    against: of those known by name, the ones whose ids or emails are others in the list. zeros: ids as the list has
    them, and the roster's, where leading zeros are all that differs.
    """

    people: dict[str, Person]
    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    zeros: tuple[tuple[str, str], ...] = ()


def merge(people: Mapping[str, Person], read: ClassList) -> Merged:
    """Bring a list into the roster: by id, email or key, else by a name that one person has on either side.

    Raises RosterError where a line is two people's, or names nobody whom an id could be made for.
    """
    merged = dict(people)
    new: list[str] = []
    known: list[str] = []
    against: list[str] = []
    index = _Index(people.values())
    locals_of = Counter(_local(entry.email) for entry in read.entries if entry.email)
    zeros = index.but_for_zeros(read.entries, people)
    names = _by_name(people, index, read.entries, zeros)
    for entry in read.entries:
        found = index.matching(entry)
        if len(found) > 1:
            raise RosterError(
                f"{read.file}, line {entry.line}: it is {' and '.join(sorted(found))} at once, by id, email or key: "
                "mend the line, or these people in the roster."
            )
        if not found and (student := zeros.get(entry.line) or names.get(entry.line)):
            found = {student}
            against += [student] if entry.line in names and _speaks_against(entry, people[student]) else []
        if found:
            (student,) = found
            if student in (*known, *new):
                raise RosterError(
                    f"{read.file}, line {entry.line}: it is {student}, as a line before it is: delete one of the two, "
                    "or give this person an id and an email of their own."
                )
            merged[student] = _with(merged[student], entry)
            known.append(student)
            index.add(merged[student])
        else:
            student = _new_id(entry, merged, locals_of, read.file)
            keys = {kind: key for kind, key in entry.keys.items() if key != student or kind not in ACCOUNTS}
            others = [one for one in entry.ids if one != student and one not in keys.values()]
            keys |= {"sid": others[0]} if others else {}
            merged[student] = Person(student, entry.given, entry.family, entry.email, keys, entry.aliases)
            new.append(student)
            index.add(merged[student])
    told = {entry.line: entry.ids[0] for entry in read.entries if entry.line in zeros}
    return Merged(
        merged,
        tuple(new),
        tuple(known),
        tuple(names.values()),
        tuple(against),
        tuple((told[line], student) for line, student in zeros.items()),
    )


def _by_name(
    people: Mapping[str, Person], index: "_Index", entries: Sequence[Entry], zeros: Mapping[int, str]
) -> dict[int, str]:
    """Return whom lines mean, by line, of which no id, email or key says it, and whose name one person has.

    A line whose id or email is another than the roster's is somebody else, unless most such lines have names of the
    roster: then it is the list that calls the same people otherwise.
    """
    claimed = set(zeros.values()).union(*map(index.matching, entries))
    left = [entry for entry in entries if entry.line not in zeros and not index.matching(entry)]
    names = Counter(joined(entry.name) for entry in entries)
    found = {entry.line: index.of_name(entry.name) - claimed for entry in left if names[joined(entry.name)] == 1}
    alike = {line: next(iter(same)) for line, same in found.items() if len(same) == 1}
    once = Counter(alike.values())
    alike = {line: student for line, student in alike.items() if once[student] == 1}
    is_of_another_kind = len(alike) >= MIN_ALIKE and 2 * len(alike) >= len(left)
    return {
        entry.line: alike[entry.line]
        for entry in left
        if entry.line in alike and (is_of_another_kind or not _speaks_against(entry, people[alike[entry.line]]))
    }


def _speaks_against(entry: Entry, one: Person) -> bool:
    """Whether a line's id or email is another than somebody has; what an id was made of is no id of the person's."""
    made_of = (*(one.keys.get(kind) for kind in NUMBERS), one.email, _local(one.email), ".".join(words(one.name)))
    has_id = exact(one.id) not in {exact(safe(each)) for each in made_of if each}
    return bool(entry.ids and has_id) or bool(entry.email and one.email and exact(entry.email) != exact(one.email))


def namesakes(people: Iterable[Person]) -> list[list[Person]]:
    """Return those who share a name: files that say the name alone cannot be given to one of them."""
    by_name: dict[str, list[Person]] = defaultdict(list)
    for one in people:
        if one.given or one.family:
            by_name[" ".join(sorted(words(one.name)))].append(one)
    return [same for same in by_name.values() if len(same) > 1]


class _Index:
    """Who has an id, an email, a key or a name."""

    def __init__(self, people: Iterable[Person]):
        self._having: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in people:
            self.add(one)
            for name in spellings(one.name):
                self._having["name", name].add(one.id)

    def add(self, one: Person) -> None:
        """Add somebody; names of those who come with a list are not looked at: it has nobody twice."""
        for account in (one.id, one.keys.get("login"), one.keys.get("sid")):
            self._having["account", exact(account or "")].add(one.id)
            self._having["number", without_zeros(account or "")].add(one.id)
        for kind, key in (*one.keys.items(), ("email", exact(one.email))):
            self._having[kind, key].add(one.id)

    def matching(self, entry: Entry) -> set[str]:
        """Return whose id, email or key a line has."""
        told = [("account", exact(account)) for account in entry.ids]
        told += [*entry.keys.items(), ("email", exact(entry.email))]
        return set().union(*(self._having.get(pair, ()) for pair in told if pair[1]))

    def of_name(self, name: str) -> set[str]:
        """Return who has a name."""
        return set().union(*(self._having.get(("name", spelling), ()) for spelling in spellings(name)))

    def but_for_zeros(self, entries: Sequence[Entry], people: Mapping[str, Person]) -> dict[int, str]:
        """Return whom lines mean, by line, whose ids are the roster's but for zeros in front, if the name may be."""
        same = Counter(number for entry in entries for number in set(map(without_zeros, entry.ids)))
        found: dict[int, str] = {}
        for entry in entries:
            ones = set().union(*(self._having.get(("number", number), ()) for number in map(without_zeros, entry.ids)))
            is_one = len(ones) == 1 and all(same[without_zeros(number)] == 1 for number in entry.ids)
            if is_one and not self.matching(entry) and _may_be_called(entry.name, people[student := ones.pop()]):
                found[entry.line] = student
        return found


def _may_be_called(name: str, one: Person) -> bool:
    """Whether somebody may have a name: it has a word of the roster's, or there is none."""
    theirs = set(words(f"{one.given} {one.family}"))
    return not (name and theirs) or bool(theirs & set(words(name)))


def _with(one: Person, entry: Entry) -> Person:
    """Return a person with what a line says besides; another name than the roster's is an alias."""
    others = [name for name in entry.ids if exact(name) != exact(one.id) and name not in one.keys.values()]
    others = [name for name in others if without_zeros(name) != without_zeros(one.id) or len(name) > len(one.id)]
    keys = one.keys | entry.keys | ({"sid": others[0]} if others and "sid" not in one.keys else {})
    keys = {kind: key for kind, key in keys.items() if kind not in ACCOUNTS or exact(key) != exact(one.id)}
    has_name = bool(one.given or one.family)
    is_other = has_name and entry.name and not spellings(entry.name) & spellings(one.name)
    aliases = dict.fromkeys((*one.aliases, *entry.aliases, *([entry.name.replace(";", ",")] if is_other else [])))
    return replace(
        one,
        given=one.given if has_name else entry.given,
        family=one.family if has_name else entry.family,
        email=one.email or entry.email,
        keys=keys,
        aliases=tuple(aliases),
    )


def _new_id(entry: Entry, people: Mapping[str, Person], locals_of: Counter[str], file: str) -> str:
    """Return an id for somebody new: the list's own, else what an email begins with, else the name."""
    email = entry.email if locals_of[_local(entry.email)] > 1 else _local(entry.email)
    choices = [*entry.ids, email, entry.email, *entry.keys.values(), ".".join(words(entry.name))]
    free = {exact(one) for one in people}
    for choice in map(safe, filter(None, choices)):
        if may_name_folders(choice) and exact(choice) not in free:
            return choice
    raise RosterError(
        f"{file}, line {entry.line}: nothing tells {entry.name or 'this person'} from others: add an id or an email."
    )


def _local(email: str) -> str:
    return email.partition("@")[0].casefold()
