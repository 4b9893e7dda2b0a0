"""Whose each notebook is: the roster's people by what their paths claim, and why nobody where it stays open."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from grading.intake.archives.files import File
from grading.intake.layouts.platforms import Claim, Owner
from grading.intake.owners import Trace, allot, trace_of
from grading.intake.people import Match, People

NAMELESS = "nothing says whose it is: put it in a folder named after the student"
HIDDEN = "the platform hides the names"
UNKNOWN = "the roster has nobody of this name"
SEVERAL = "several people may be meant"
TWICE = "another one of this name handed in, too"
BEFORE = "work of this name came before, under another number"


@dataclass(frozen=True)
class Found:
    """A notebook, what its path claims, and of which stage it is: "" where `why` says what is in the way of telling."""

    file: File
    claim: Claim
    stage: str
    why: str = ""

    @property
    def path(self) -> PurePosixPath:
        """The path in the download."""
        return self.file.path


@dataclass(frozen=True)
class Share:
    """One owner's share in a notebook: whose it is, or why nobody can tell.

    student: the folder's name, "" where it stays open. label: what the owner is called, to be settled by it.
    may_be: ids of who may be meant. is_sure: whether an id or a key says so.
    """

    found: Found
    owner: Owner
    student: str = ""
    why: str = ""
    label: str = ""
    may_be: tuple[str, ...] = ()
    is_sure: bool = False


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
    found: Sequence[Found], people: People, known: Mapping[str, list[Trace]], told: Mapping[str, str]
) -> list[Share]:
    """Give each notebook to people of the roster. told: the ids of whose certain paths are, as the instructor says."""
    covered = people.covered(owner for one in found for owner in one.claim.owners)
    shares = [_share(one, owner, people, covered, told) for one in found for owner in one.claim.owners or (Owner(),)]
    shares = _without_clashes(shares, known)
    names = Counter(name for name, _ in {(share.owner.name, share.owner.label) for share in shares})
    return [share if share.student else _labelled(share, names) for share in shares]


def _share(one: Found, owner: Owner, people: People, covered: frozenset[str], told: Mapping[str, str]) -> Share:
    """Find whose one share in a notebook is, if only by what its own path says."""
    if student := told.get(str(one.path)):
        return Share(one, owner, student, is_sure=True)
    parts = one.path.parts
    around = people.of_path(parts[: one.claim.part])
    match = people.of_owner(owner, covered) if one.claim.platform else people.of_path(parts)
    if one.claim.platform:
        if not match.ids and not owner.is_hidden:
            match = people.of_path([parts[one.claim.part]])
        if around.student and match.student and around.student != match.student:
            match = Match(match.ids | around.ids, why="its folders name several people")
    if match.student:
        return Share(one, owner, match.student, is_sure=match.is_sure)
    why = match.why or (SEVERAL if match.ids else HIDDEN if owner.is_hidden else UNKNOWN if owner.title else NAMELESS)
    may_be = sorted(match.ids) or ([] if owner.is_hidden else people.alike(owner.name or owner.title))
    return Share(one, owner, why=why, may_be=tuple(may_be))


def _without_clashes(shares: list[Share], known: Mapping[str, list[Trace]]) -> list[Share]:
    """Take those away from people that only a name gives them, where keys say that two have this name."""
    of_student: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        of_student[share.student].append(share)

    def why_not(share: Share) -> str:
        if not share.student or share.is_sure or not share.found.claim.platform:
            return ""
        others = (_trace(other) for other in of_student[share.student] if other.found.claim.platform)
        if any(_trace(share).speaks_against(other) for other in others):
            return TWICE
        return BEFORE if any(_trace(share).speaks_against(other) for other in known.get(share.student, ())) else ""

    return [
        replace(share, student="", why=why, may_be=(share.student,)) if (why := why_not(share)) else share
        for share in shares
    ]


def _labelled(share: Share, names: Counter[str]) -> Share:
    """Say what the owner of an open share is called: the name alone, if it is one owner's and nobody's else."""
    owner = share.owner
    if not owner.title:
        return replace(share, label=str(share.found.path))
    is_plain = owner.name and names[owner.name] == 1 and share.why == UNKNOWN
    return replace(share, label=owner.name if is_plain or not owner.key or "folder" in owner.keys else owner.label)


def _trace(share: Share) -> Trace:
    return trace_of(share.owner, share.found.stage)
