"""Lists of a class brought into the roster: who is there already gets what is new, nobody is deleted."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from grading.course.roster import Person, RosterError, may_name_folders
from grading.intake.classlists import ClassList, Entry
from grading.intake.names import exact, joined, safe, spellings, words


@dataclass(frozen=True)
class Merged:
    """The roster after a list came in: who is new, who was known, and of these by the name alone."""

    people: dict[str, Person]
    new: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    by_name: tuple[str, ...] = ()


def merge(people: Mapping[str, Person], read: ClassList) -> Merged:
    """Bring a list into the roster: by id, email or key, else by a name that one person has on either side.

    Raises RosterError where a line is two people's, or names nobody whom an id could be made for.
    """
    merged = dict(people)
    new: list[str] = []
    known: list[str] = []
    by_name: list[str] = []
    index = _Index(people.values())
    locals_of = Counter(_local(entry.email) for entry in read.entries if entry.email)
    names = Counter(joined(entry.name) for entry in read.entries)
    for entry in read.entries:
        found = index.matching(entry)
        if len(found) > 1:
            raise RosterError(
                f"{read.file}, line {entry.line}: it is {' and '.join(sorted(found))} at once, by id, email or key: "
                "mend the line, or these people in the roster."
            )
        if not found and names[joined(entry.name)] == 1:
            found = index.of_one_name(entry, people)
            by_name += found
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
            keys = {kind: key for kind, key in entry.keys.items() if key != student}
            others = [one for one in entry.ids if one != student and one not in keys.values()]
            keys |= {"sid": others[0]} if others else {}
            merged[student] = Person(student, entry.given, entry.family, entry.email, keys, entry.aliases)
            new.append(student)
            index.add(merged[student])
    return Merged(merged, tuple(new), tuple(known), tuple(by_name))


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
        for kind, key in (*one.keys.items(), ("email", exact(one.email))):
            self._having[kind, key].add(one.id)

    def matching(self, entry: Entry) -> set[str]:
        """Return whose id, email or key a line has."""
        told = [("account", exact(account)) for account in entry.ids]
        told += [*entry.keys.items(), ("email", exact(entry.email))]
        return set().union(*(self._having.get(pair, ()) for pair in told if pair[1]))

    def of_one_name(self, entry: Entry, people: Mapping[str, Person]) -> set[str]:
        """Return the only one of a name, if no id and no email says that the line is another's."""
        same = set().union(*(self._having.get(("name", name), ()) for name in spellings(entry.name)))
        is_open = not entry.ids and len(same) == 1
        return {one for one in same if is_open and not (entry.email and people[one].email)}


def _with(one: Person, entry: Entry) -> Person:
    """Return a person with what a line says besides; another name than the roster's is an alias."""
    others = [name for name in entry.ids if exact(name) != exact(one.id) and name not in one.keys.values()]
    keys = one.keys | entry.keys | ({"sid": others[0]} if others and "sid" not in one.keys else {})
    keys = {kind: key for kind, key in keys.items() if kind not in ("login", "sid") or exact(key) != exact(one.id)}
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
