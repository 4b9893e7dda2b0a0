"""Collect what students handed in: each notebook under the one name of its owner, the newest where graders look."""

import re
import shlex
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from grading.course.dates import with_zone
from grading.course.origin import Origin
from grading.course.roster import ROSTER, Person, read_roster, write_roster
from grading.course.stages import stage_names
from grading.intake.archives.files import DAMAGES, CollectError, Left, why
from grading.intake.archives.search import files_of
from grading.intake.finding import find
from grading.intake.layouts.worksheet import Worksheet
from grading.intake.names import without_ending
from grading.intake.owners import NAME, traces_of
from grading.intake.people import People
from grading.intake.remarks import Same, contradicted, earlier_answers, same_files
from grading.intake.undo import Journal
from grading.intake.unplaced import Unplaced, keep
from grading.intake.versions import PlaceError, Version, digest_of, place, settled_in, version_of
from grading.intake.whose import Found, Share, by_roster, by_structure

OWN_FOLDERS = ("autograded", "feedback", "notebooks", "release", "returns", "source", "submitted", "unplaced")
MAX_VERSIONS = 50  # of one person's notebooks for one stage in one download


@dataclass(frozen=True)
class Placed:
    """One student's notebook of one stage.

    outcome: "new", "replaced", "joined" where what was graded before still is, with it, "unchanged", or "earlier" for
    one that is older than what is graded.
    """

    student: str
    stage: str
    file: str
    outcome: str


@dataclass
class Collected:
    """What became of every file.

    untimed: students and stages where nobody says when the newest was handed in. lacks_worksheet: whether Moodle's
    would tell more. blank: those where it is blank, with an earlier one that is not. misnamed: the stages of notebooks
    that are called after another, by path. same: files that several have. contradicted: whose a name is by the roster
    and by the worksheet, where they differ. without: who handed in no notebook, but other files. aliases: ids by what
    the roster has now.
    """

    placed: list[Placed] = field(default_factory=list)
    unplaced: list[Unplaced] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    untimed: list[tuple[str, str]] = field(default_factory=list)
    lacks_worksheet: bool = False
    blank: dict[tuple[str, str], Path] = field(default_factory=dict)
    misnamed: dict[str, str] = field(default_factory=dict)
    same: Same = field(default_factory=Same)
    contradicted: dict[str, tuple[str, str]] = field(default_factory=dict)
    without: dict[str, list[str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)


def collect(
    course: Path,
    source: Path,
    worksheet: Path | None = None,
    who: Mapping[str, str] | None = None,
    zone: tzinfo | None = None,
) -> Collected:
    """Put each notebook of a folder or a zip at submitted/<student>/<stage>/<stage>.ipynb, or into unplaced/.

    worksheet: Moodle's grading worksheet of the assignment. who: ids by what owners are called, kept in the roster as
    aliases. zone: that of times which name none, None for this machine's.
    The newest by the time of handing in is graded, in whatever order downloads come; `earlier` holds the others.
    Raises CollectError, RosterError and TableError, before anything is changed.
    """
    _refuse_own(course, source)
    roster, who = read_roster(course), who or {}
    _refuse_unknown(who, roster)
    listed = Worksheet(worksheet) if worksheet else None
    stages = stage_names(course)
    people = People(roster, stages)
    submitted = course / "submitted"
    submitted.mkdir(exist_ok=True)
    try:
        with (
            tempfile.TemporaryDirectory(dir=submitted, prefix=".collect-") as folder,
            files_of(source, Path(folder), zone, people.knows) as (files, companions, left),
        ):
            findings = find(course, files, companions, left, stages, listed)
            found = findings.found
            known = traces_of(course)
            told = {**_settled(course, found, roster), **who}
            shares = (
                by_roster(found, people, known, told, source.resolve().name) if roster else by_structure(found, known)
            )
            paths = {str(one.path) for one in found}  # which say nothing of other downloads
            aliases = {name.replace(";", ","): student for name, student in who.items() if name not in paths}
            new = {name: student for name, student in aliases.items() if name not in roster[student].aliases}
            taking = _Taking(course, source, worksheet, Path(folder), zone, is_known=bool(roster))
            result = taking.take(shares, new)
    finally:
        with suppress(OSError):  # something is in it
            submitted.rmdir()
    if aliases:
        write_roster(course, _with_aliases(roster, aliases).values())
    return replace(
        result,
        left=findings.left + result.left,
        same=same_files(course, shares),
        contradicted=contradicted(shares, people, aliases),
        misnamed={str(one.path): one.stage for one in found if one.called},
        without=findings.without,
        aliases=aliases,
        lacks_worksheet=not listed and any("moodle" in share.owner.keys for share in shares),
    )


class _Taking:
    """Takes the notebooks of one source to their places."""

    def __init__(
        self, course: Path, source: Path, worksheet: Path | None, folder: Path, zone: tzinfo | None, is_known: bool
    ):
        self._course, self._source, self._folder, self._zone = course, source, folder, zone
        given = ["gradus", "collect", source, *(["--worksheet", worksheet] if worksheet else [])]
        self._command = shlex.join(map(str, given))
        self._has_roster = is_known
        self._copies: dict[int, Path] = {}
        self._numbers: dict[int, int] = {}
        self._result = Collected()

    def take(self, shares: Iterable[Share], aliases: Mapping[str, str]) -> Collected:
        """Copy all out, complete and checked, before anything is changed; then place what has an owner.

        aliases: what the roster is about to get, to be taken back with the rest.
        """
        shares = list(shares)
        self._numbers = _numbers(shares)
        of_student: dict[tuple[str, str], list[Version]] = defaultdict(list)
        open_shares: list[tuple[Unplaced, Path]] = []
        for share in shares:
            copy = self._copied(share.found)
            if copy is None:
                continue
            version = version_of(copy, *self._origin(share))
            if share.student and share.found.stage:
                of_student[share.student, share.found.stage].append(version)
            else:
                open_shares.append((self._unplaced(share, version.digest), copy))
        journal = Journal(self._course, self._source.name)
        try:
            for (student, stage), versions in sorted(of_student.items()):
                self._place(student, stage, versions, journal)
            placed = {(version.origin.path, version.digest) for versions in of_student.values() for version in versions}
            keep(self._course, open_shares, placed, journal)
            journal.close(aliases)
        except OSError as error:
            raise CollectError(f"{error.filename} cannot be written: {error.strerror}.") from None
        self._result.unplaced = [one for one, _ in open_shares]
        return self._result

    def _copied(self, found: Found) -> Path | None:
        """Copy a notebook out, once; None for one that cannot be read."""
        if id(found) not in self._copies:
            copy = self._folder / f"copy-{len(self._copies)}"
            try:
                with found.file.open() as stream, copy.open("wb") as file:
                    shutil.copyfileobj(stream, file)
            except DAMAGES as error:
                self._result.left.append(Left(str(found.path), why(error)))
                return None
            self._copies[id(found)] = copy
        return self._copies[id(found)]

    def _origin(self, share: Share) -> tuple[Origin, float]:
        """Return where a notebook comes from, and when it was changed."""
        claim = share.found.claim
        below = share.found.file.below(claim.part)
        time, is_wall = claim.time, bool(claim.time and not claim.time.tzinfo)
        if time is None and claim.has_time and below.is_stated:
            time, is_wall = datetime.fromtimestamp(below.modified, UTC).astimezone(self._zone), below.is_wall
        time = with_zone(time, self._zone) if time else None
        keys = {**share.owner.keys, **({NAME: share.owner.title} if share.owner.title else {})}
        path = str(share.found.path)
        number = self._numbers.get(id(share), claim.number)
        settled = (path,) if share.is_settled else ()
        origin = Origin(self._source.name, path, keys, time, claim.is_late, number, settled=settled, is_wall=is_wall)
        return origin, below.modified

    def _place(self, student: str, stage: str, versions: list[Version], journal: Journal) -> None:
        versions.sort(key=lambda version: version.age, reverse=True)
        for version in versions[MAX_VERSIONS:]:
            reason = f"one of more than {MAX_VERSIONS} notebooks of one person for one stage"
            self._result.left.append(Left(version.origin.path, reason))
        try:
            folder = self._course / "submitted" / student / stage
            standing = place(folder, stage, versions[:MAX_VERSIONS], journal, self._zone)
        except PlaceError as error:
            self._result.left += [Left(version.origin.path, str(error)) for version in versions[:MAX_VERSIONS]]
            return
        for version in versions[:MAX_VERSIONS]:
            self._result.placed.append(Placed(student, stage, version.origin.path, standing.outcome(version)))
        origin = standing.graded[0].origin
        if origin.time is None and origin.is_late is None:
            self._result.untimed.append((student, stage))
        if standing.earlier and standing.is_changed and (path := earlier_answers(self._course, stage, standing)):
            self._result.blank[student, stage] = path

    def _unplaced(self, share: Share, digest: str) -> Unplaced:
        """Say what keeps a notebook from its place, and the line that settles it, where there is one."""
        found, settle = share.found, ""
        if self._has_roster and not share.student:
            answer = share.may_be[0] if len(share.may_be) == 1 else "ID"
            said = shlex.quote(f"{share.label}={answer}")
            settle = f"{self._command} --who {said}"
        reason = share.why or found.why
        return Unplaced(str(found.path), share.label or share.student, reason, digest, settle, share.may_be)


def _numbers(shares: Iterable[Share]) -> dict[int, int]:
    """Return the numbers of what came together, by the shares' identities: the greatest, where each has its own name.

    Platforms number files; a file that was handed in again has the name of the former and a number of its own.
    """
    together: dict[tuple[str, str, bool | None], list[Share]] = defaultdict(list)
    for share in shares:
        if share.found.claim.number:
            together[share.owner.label, share.found.stage, share.found.claim.is_late].append(share)
    numbers: dict[int, int] = {}
    for ones in together.values():
        names = {re.sub(r"-\d+$| \(\d+\)$", "", without_ending(share.found.claim.file)) for share in ones}
        if len(names) == len(ones):
            numbers |= {id(share): max(one.found.claim.number for one in ones) for share in ones}
    return numbers


def _settled(course: Path, found: Iterable[Found], roster: Mapping[str, Person]) -> dict[str, str]:
    """Return ids by the paths of those notebooks that the instructor settled in a former collecting."""
    settled = settled_in(course)
    paths = {path for path, _ in settled}
    told: dict[str, str] = {}
    for path, file in ((str(one.path), one.file) for one in found if str(one.path) in paths):
        with suppress(*DAMAGES), file.open() as stream:
            students = settled.get((path, digest_of(stream)), set()) & roster.keys()
            if len(students) == 1:
                told[path] = students.pop()
    return told


def _refuse_own(course: Path, source: Path) -> None:
    """Refuse the course's own folders, and what holds the course."""
    place, home = source.resolve(), course.resolve()
    if place == home or place in home.parents:
        raise CollectError(f"{source} holds the course itself: give the folder or zip of what students handed in.")
    own = next((name for name in OWN_FOLDERS if (home / name) in (place, *place.parents)), None)
    if own:
        raise CollectError(f"{source} is in the course's own folder {own}/: give what students handed in.")


def _refuse_unknown(who: Mapping[str, str], roster: Mapping[str, Person]) -> None:
    if who and not roster:
        raise CollectError("There is no roster, so there are no ids: make one first, with `gradus roster FILE`.")
    for name, student in who.items():
        if student not in roster:
            raise CollectError(f"{ROSTER} has no id {student!r}, which --who gives to {name!r}: look it up there.")


def _with_aliases(roster: Mapping[str, Person], aliases: Mapping[str, str]) -> dict[str, Person]:
    """Return the roster with more aliases, ids by alias."""
    return {
        one.id: replace(
            one, aliases=tuple(dict.fromkeys((*one.aliases, *(name for name in aliases if aliases[name] == one.id))))
        )
        for one in roster.values()
    }
