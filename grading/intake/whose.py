"""Whose each notebook is: the roster's people by what their paths claim, and why nobody where it stays open."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import PurePosixPath

from grading.intake.archives.files import CollectError, File
from grading.intake.layouts.platforms import Claim, Owner
from grading.intake.names import has_letters, joined
from grading.intake.owners import Trace, allot, trace_of
from grading.intake.people import SEVERAL as NAMES_SEVERAL
from grading.intake.people import By, Match, People

NAMELESS = "nothing says whose it is: put it in a folder named after the student"
NUMBER = "a number is no name, and this one is nobody's id in the roster"
STRANGER = "it came from one person, and its own name is another's"
HIDDEN = "the platform hides the names"
UNKNOWN = "the roster has nobody of this name"
SEVERAL = "several people may be meant"
TWICE = "another one of this name handed in, too"
BEFORE = "work of this name came before, under another number"


@dataclass(frozen=True)
class Found:
    """A notebook, what its path claims, and of which stage it is: "" where `why` says what is in the way of telling.

    called: another stage, after which it is called.
    """

    file: File
    claim: Claim
    stage: str
    why: str = ""
    called: str = ""

    @property
    def path(self) -> PurePosixPath:
        """The path in the download."""
        return self.file.path


@dataclass(frozen=True)
class Share:
    """One owner's share in a notebook: whose it is, or why nobody can tell.

    student: the folder's name, "" where it stays open. label: what the owner is called, to be settled by it.
    may_be: ids of who may be meant. by: what tells whose it is. is_settled: whether the instructor
    says so of this path.
    """

    found: Found
    owner: Owner
    student: str = ""
    why: str = ""
    label: str = ""
    may_be: tuple[str, ...] = ()
    by: By = By.NAME
    is_settled: bool = False


def by_structure(found: Iterable[Found], known: Mapping[str, list[Trace]]) -> list[Share]:
    """Give each notebook to the folder of its owner, where there is no roster."""
    shares = [Share(one, owner, label=owner.label) for one in found for owner in one.claim.owners or (Owner(),)]
    folders = allot([_trace(share) for share in shares if share.owner.title.strip(". ")], known)
    return [
        replace(share, student=folder) if folder else replace(share, why=NAMELESS, label=str(share.found.path))
        for share in shares
        for folder in [folders.get(_trace(share), "")]
    ]


def by_roster(
    found: Sequence[Found], people: People, known: Mapping[str, list[Trace]], told: Mapping[str, str], source: str
) -> list[Share]:
    """Give each notebook to people of the roster.

    told: what the instructor says, ids by what owners are called, or by paths. source: the name of the folder or
    archive, which says whose those are that say nothing themselves. Raises CollectError where nobody, or more than one,
    is called as the instructor says.
    """
    covered = people.covered(owner for one in found for owner in one.claim.owners)
    shares = [Share(one, owner) for one in found for owner in one.claim.owners or (Owner(),)]
    given = _given(shares, told)
    shares = [
        replace(share, student=given[id(share)], by=By.KEY)
        if id(share) in given and str(share.found.path) not in told
        else _share(share.found, share.owner, people, covered, source)
        for share in shares
    ]
    pairs = zip(_without_strangers(shares, people), shares, strict=True)
    shares = [_settled(share, before.student, told) for share, before in pairs]
    shares = _without_clashes(shares, known)
    names = Counter(name for name, _ in {(share.owner.name, share.owner.label) for share in shares})
    return [share if share.student else _labelled(share, names) for share in shares]


def _given(shares: Iterable[Share], told: Mapping[str, str]) -> dict[int, str]:
    """Return whose shares are as the instructor says, by the shares' identities. Raises CollectError."""
    given: dict[int, str] = {}
    for name, student in told.items():
        meant = [
            share
            for share in shares
            if name == str(share.found.path) or (not _is_number(share) and joined(name) == joined(share.owner.label))
        ]
        meant = meant or [
            share
            for share in shares
            if joined(name) and not _is_number(share) and joined(name) == joined(share.owner.name)
        ]
        labels = sorted({share.owner.label for share in meant})
        if not meant:
            raise CollectError(f"Nobody in this download is called {name!r}: write the name as the list has it.")
        if len(labels) > 1 and any(_trace(a).speaks_against(_trace(b)) for a, b in combinations(meant, 2)):
            raise CollectError(f"Several people are called {name!r} here: say which, of {', '.join(labels)}.")
        given |= {id(share): student for share in meant}
    return given


def _share(one: Found, owner: Owner, people: People, covered: frozenset[str], source: str) -> Share:
    """Find whose one share in a notebook is, if only by what its own path says."""
    parts = one.path.parts
    around = people.of_path(parts[: one.claim.part])
    match = people.of_owner(owner, covered) if one.claim.platform else people.of_path(parts)
    if one.claim.platform:
        if not match.ids and not owner.is_hidden:
            match = people.of_path([parts[one.claim.part]])
        if around.student and match.student and around.student != match.student:
            match = Match(match.ids | around.ids, why="its folders name several people")
    elif not match.ids and not owner.title:
        match = people.of_path([source])
    if match.student:
        return Share(one, owner, match.student, by=match.by)
    unknown = NUMBER if owner.title and _is_number(Share(one, owner)) else UNKNOWN if owner.title else NAMELESS
    why = match.why or (SEVERAL if match.ids else HIDDEN if owner.is_hidden else unknown)
    may_be = sorted(match.ids) or ([] if owner.is_hidden else people.alike(owner.name or owner.title))
    return Share(one, owner, why=why, may_be=tuple(may_be))


def _without_strangers(shares: Sequence[Share], people: People) -> list[Share]:
    """Take those away from the owners of folders whose own names are those of other people."""
    owners: dict[int, set[str]] = defaultdict(set)
    for share in shares:
        owners[id(share.found)].add(share.student)

    def judged(share: Share) -> Share:
        claim, parts = share.found.claim, share.found.path.parts
        inner = parts[claim.part + 1 :] or ((claim.file,) if claim.platform else ())
        named = people.of_path(inner).ids if share.student else frozenset()
        if not named or named & owners[id(share.found)]:
            return share
        return replace(share, student="", why=STRANGER, may_be=tuple(sorted({share.student, *named})))

    return [judged(share) for share in shares]


def _settled(share: Share, by_folder: str, told: Mapping[str, str]) -> Share:
    """Give a notebook to whom the instructor names for its path; if its folder is another's, its keys are, too."""
    student = told.get(str(share.found.path))
    if not student:
        return share
    is_anothers = share.why == NAMES_SEVERAL or by_folder not in ("", student)
    owner = Owner() if is_anothers else share.owner
    return replace(share, owner=owner, student=student, why="", by=By.KEY, is_settled=True)


def _without_clashes(shares: list[Share], known: Mapping[str, list[Trace]]) -> list[Share]:
    """Take those away from people that a name gives them, where keys say that two have this name."""
    of_student: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        of_student[share.student].append(share)

    def why_not(share: Share) -> str:
        if not share.student or share.by == By.KEY or not share.found.claim.platform:
            return ""
        others = [other for other in of_student[share.student] if other.found.claim.platform]
        if any(_trace(share).speaks_against(_trace(other)) for other in others if share.by in (By.NAME, other.by)):
            return TWICE
        before = known.get(share.student, ())
        is_same = any(_trace(share).shares_a_key(other) for other in before)
        return BEFORE if not is_same and any(_trace(share).speaks_against(other) for other in before) else ""

    return [
        replace(share, student="", why=why, may_be=(share.student,)) if (why := why_not(share)) else share
        for share in shares
    ]


def _labelled(share: Share, names: Counter[str]) -> Share:
    """Say what the owner of an open share is called: the name alone, if that is enough to settle it."""
    owner = Owner() if _is_number(share) or share.why in (NAMES_SEVERAL, STRANGER) else share.owner
    is_enough = (
        bool(owner.name) and names[owner.name] == 1 and (share.why == UNKNOWN or owner.keys.keys() <= {"folder"})
    )
    return replace(share, label=(owner.name if is_enough else owner.label) or str(share.found.path))


def _is_number(share: Share) -> bool:
    """Whether people, and no platform, call the owner what has no letter: a date, a time, a number."""
    return not share.found.claim.platform and not has_letters(share.owner.title)


def _trace(share: Share) -> Trace:
    return trace_of(share.owner, share.found.stage)
