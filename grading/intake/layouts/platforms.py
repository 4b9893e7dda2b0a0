"""The names that learning platforms give to files and folders: whose each is, and what they say of the hand-in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath

from grading.intake.layouts.companions import ATTEMPT, Companions
from grading.intake.layouts.times import read_time
from grading.intake.names import stage_in

# What platforms call somebody whose name they hide, in the languages of most of Moodle's users.
BLIND = (
    *("participant", "participante", "partecipante", "teilnehmer", "teilnehmerin", "teilnehmer/in"),
    *(
        "deelnemer",
        "deltagare",
        "deltager",
        "deltaker",
        "uczestnik",
        "участник",
        "учасник",
        "参与者",
        "參與者",
        "참가자",
    ),
)

MOODLE = re.compile(r"(?P<name>.+?)(?:_(?P<key>\d+))?_assignsubmission_[a-z]+(?:_(?P<file>.*))?")
# Names have nothing but letters and digits: Canvas takes all else out.
CANVAS = re.compile(r"(?P<name>[^\W_](?:[^\s_.,;()-])*?)(?P<late>_LATE)?_(?P<key>\d+)_(?P<number>\d{3,})_(?P<file>.+)")
CANVAS_ANONYMOUS = re.compile(r"(?P<late>LATE_)?anon_(?P<key>[A-Za-z0-9]+)_(?P<number>\d+)_(?P<file>.+)")
# What has two numbers and is a date: 2024_03_15, 15_03_2024, 20240315_110233, 03_2024.
A_DATE = re.compile(
    r"(?:19|20)\d\d_(?:0?[1-9]|1[0-2])_.*|(?:0?[1-9]|[12]\d|3[01])_(?:0?[1-9]|1[0-2])_(?:19|20)\d\d(?!\d).*"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])_\d{4}(?:\d\d)?_.*|(?:0?[1-9]|1[0-2])_(?:19|20)\d\d_.*"
)
BRIGHTSPACE = re.compile(
    r"(?P<key>\d+)-\d+ - (?:(?P<sid>[A-Za-z]?\d{5,}) - )?(?P<name>.+?) ?- (?P<time>[^-]*\b(?:19|20)\d\d\b[^-]*?)"
    r"(?: - (?P<file>.+))?"
)
INBOUND = re.compile(
    r"(?P<login>[^+]+)\+(?P<stage>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? UTC)(?:\+.*)?"
)
ILIAS = re.compile(r"(?P<family>[^\W\d_][^_\d]*)_(?P<given>[^\W\d_][^_\d]*)_(?P<login>[^_]+)_(?P<key>\d{2,})")
ILIAS_LATE = re.compile(r"(?i)(?:late submission|versp\w{1,2}tete abgabe) - (?P<file>.+)")


@dataclass(frozen=True)
class Owner:
    """Who handed in, as the platform calls the person: a name, and keys by their kind.

    is_hidden: whether the platform hides the name, so that only the keys tell. is_listed: whether a list of all who
    take part has the name, once.
    """

    name: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    is_hidden: bool = False
    is_listed: bool = False

    @property
    def key(self) -> str:
        """The first of the keys, "" for none."""
        return next(iter(self.keys.values()), "")

    @property
    def title(self) -> str:
        """What to call the owner where there is no roster; "" for nobody."""
        return "-".join(filter(None, (self.name, self.key))) if self.is_hidden else self.name or self.key

    @property
    def label(self) -> str:
        """What tells the owner from others of the same name."""
        return "_".join(filter(None, (self.name, self.key)))


@dataclass(frozen=True)
class Claim:
    """What a path says of its file.

    platform: "" where none is recognised. owners: several who worked together. part: the part of the path that says
    so. file: the file's name, without what the platform put before it. number: grows with each upload. has_time:
    whether the platform's archives keep the times of handing in. called: what the path calls the owner, where a list
    says who that is.
    """

    platform: str
    owners: tuple[Owner, ...]
    part: int
    file: str
    time: datetime | None = None
    is_late: bool | None = None
    number: int = 0
    has_time: bool = False
    called: Owner | None = None


def claim_of(path: PurePosixPath, companions: Companions, stages: list[str]) -> Claim | None:
    """Return what the outermost part of a path that some platform named says; None where none did.

    What lies further in has names of the owner's own making, which say nothing of others.
    """
    for part, text in enumerate(path.parts):
        is_folder = part < len(path.parts) - 1
        found = next(
            (
                claim
                for read in (_gradescope, _moodle, _blackboard, _canvas, _brightspace, _nbgrader, _ilias, _github)
                if (claim := read(_Part(path, part, text, is_folder, companions, stages)))
            ),
            None,
        )
        if found:
            return found
    return None


@dataclass(frozen=True)
class _Part:
    """A part of a path, which may be one that a platform named."""

    path: PurePosixPath
    number: int
    text: str
    is_folder: bool
    companions: Companions
    stages: list[str]

    def claim(self, platform: str, owners: tuple[Owner, ...], file: str | None) -> Callable[..., Claim]:
        """Return what makes a claim; file: the rest of this part's own name, if it has one."""
        name = self.path.name if self.is_folder or file is None else file
        return partial(Claim, platform, owners, self.number, name)


def _gradescope(part: _Part) -> Claim | None:
    told = part.companions.submitters.get(PurePosixPath(*part.path.parts[: part.number + 1]))
    if not told or not part.is_folder:
        return None
    owners = tuple(
        Owner(person["name"], {key: person[key] for key in ("email", "sid") if person[key]}) for person in told.people
    )
    return part.claim("gradescope", owners, None)(time=told.time)


def _moodle(part: _Part) -> Claim | None:
    found = MOODLE.fullmatch(part.text)
    if not found:
        return None
    keys = {"moodle": found["key"]} if found["key"] else {}
    owner = Owner(found["name"], keys, found["name"].casefold() in BLIND)
    return part.claim("moodle", (owner,), found["file"])(has_time=True)


def _blackboard(part: _Part) -> Claim | None:
    found = ATTEMPT.fullmatch(part.text)
    if not found:
        return None
    name, kind, login = part.companions.owner(PurePosixPath(*part.path.parts[: part.number + 1]), part.stages)
    owner = Owner(name, {kind: login})
    return part.claim("blackboard", (owner,), found["file"])(time=read_time(found["time"]))


def _canvas(part: _Part) -> Claim | None:
    found = CANVAS_ANONYMOUS.fullmatch(part.text)
    if found:
        owner = Owner("anon", {"canvas_anonymous": found["key"]}, is_hidden=True)
    else:
        found = CANVAS.fullmatch(part.text)
        if not found or stage_in(found["name"], part.stages) or A_DATE.fullmatch(part.text[found.start("key") :]):
            return None
        owner = Owner(found["name"], {"canvas": found["key"]})
    return part.claim("canvas", (owner,), found["file"])(is_late=bool(found["late"]), number=int(found["number"]))


def _brightspace(part: _Part) -> Claim | None:
    found = BRIGHTSPACE.fullmatch(part.text)
    if not found:
        return None
    keys = {"brightspace": found["key"]} | ({"sid": found["sid"]} if found["sid"] else {})
    return part.claim("brightspace", (Owner(found["name"], keys),), found["file"])(time=read_time(found["time"]))


def _nbgrader(part: _Part) -> Claim | None:
    """Read the exchange's folder of what comes in, or a student's folder with one of a stage in it."""
    if not part.is_folder:
        return None
    if found := INBOUND.fullmatch(part.text):
        return part.claim("nbgrader", (Owner("", {"login": found["login"]}),), None)(time=read_time(found["time"]))
    time = part.companions.times.get(part.path.parent)
    if time and part.number == len(part.path.parts) - 3 and part.path.parts[-2] in part.stages:
        return part.claim("nbgrader", (Owner("", {"login": part.text}),), None)(time=time)
    return None


def _ilias(part: _Part) -> Claim | None:
    found = ILIAS.fullmatch(part.text)
    if not found or not part.is_folder or stage_in(part.text, part.stages):
        return None
    owner = Owner(f"{found['given']} {found['family']}", {"login": found["login"], "ilias": found["key"]})
    late = ILIAS_LATE.fullmatch(part.path.name)
    claim = part.claim("ilias", (owner,), None)(has_time=True, is_late=True if late else None)
    return replace(claim, file=late["file"]) if late else claim


def _github(part: _Part) -> Claim | None:
    """Read a clone that GitHub Classroom's tools made: the assignment's name and the account's, in a folder of all."""
    parent = part.path.parts[part.number - 1] if part.number else ""
    start = parent.removesuffix("-submissions") + "-"
    if not part.is_folder or start == f"{parent}-" or not part.text.startswith(start) or part.text == start:
        return None
    return part.claim("github", (Owner("", {"github": part.text.removeprefix(start)}),), None)(has_time=True)
