"""Results: what grading a submission gives, typed, and as JSON both ways."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from helpers.evidence.model import Evidence, from_json

# Of the JSON. A result of another version is not read: its submission is graded again.
VERSION = 2


class ResultError(ValueError):
    """What was read is no result, or one of another version."""


class Status(StrEnum):
    """What became of a submission."""

    GRADED = "graded"
    PARTIAL = "partial"  # some cells did not come to their end
    UNGRADABLE = "ungradable"
    MISSING = "missing"
    UNGRADED = "not graded"  # yet


class Reason(StrEnum):
    """Why a submission is not simply graded, or why an open answer needs a look; `wording` has the words."""

    # Nothing can be graded.
    ARCHIVE = "archive"
    BAD_NAME = "bad name"
    BOTH_SIDES = "both sides of a conflict"
    DAMAGED = "damaged"
    EMPTY = "empty"
    FAILED = "failed"
    LFS_POINTER = "LFS pointer"
    KILLED_WORKERS = "killed workers"
    NO_CELLS = "no cells"
    NO_FOLDER = "no folder"
    NO_NOTEBOOK = "no notebook"
    NOT_KEPT = "not kept"
    NOTHING_FOUND = "nothing found"
    OTHER_COURSE = "other course"
    OTHER_STAGE = "other stage"
    PDF = "PDF"
    PICTURE = "picture"
    PLAIN_TEXT = "plain text"
    SCRIPT = "script"
    TOO_LARGE = "too large"
    TOO_MUCH = "too much"
    UNREAD = "unread"
    UNREADABLE = "unreadable"
    WEB_PAGE = "web page"
    ZEROS = "zeros"
    # A cell did not come to its end.
    DIED = "died"
    STOPPED = "stopped"
    UNRUN = "unrun"
    # An open answer may stand elsewhere.
    LOOK = "look elsewhere"
    LOOK_BESIDE = "look beside"
    LOOK_LOST = "look, cells lost"


class Note(StrEnum):
    """What an instructor is told of a submission that could be graded; `wording` has the words."""

    CELLS_CHANGED = "cells changed"
    CELLS_MISSING = "cells missing"
    CODE_MENDED = "code mended"
    CONFLICT = "conflict"
    CUT_OFF = "cut off"
    ENCODING = "encoding"
    FOUND_BY_LIKENESS = "found by likeness"
    FOUND_BY_NAMES = "found by names"
    FOUND_BY_PLACE = "found by place"
    FOUND_ELSEWHERE = "found elsewhere"
    JOINED = "joined"
    JSON_MENDED = "JSON mended"
    MERGED = "merged"
    NO_ANSWER = "no answer"
    NOT_CODE = "not code"
    NOT_FOUND = "not found"
    NOT_READ = "not read"
    NOT_USED = "not used"
    OTHER_CELLS = "cells of another stage"
    SETTINGS_CHANGED = "settings changed"
    SEVERAL_COPIES = "several copies"
    SEVERAL_NOTEBOOKS = "several notebooks"
    SKIPPED = "skipped"
    SUSPICIOUS = "suspicious"
    UNFINISHED = "unfinished"
    WRAPPED = "wrapped"


class Failure(StrEnum):
    """How a check failed."""

    LOST = "lost"  # it did not come to its end
    MISTAKE = "mistake"  # what the answer gave is wrong; the message says how
    RAISED = "raised"  # the answer's code raised an exception
    UNWRITTEN = "unwritten"


@dataclass(frozen=True)
class Remark:
    """What there is to tell of a submission: a code and what its sentence is about, for each reader to be put in words.

    about: strings, numbers, and lists of strings.
    """

    code: Reason | Note
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Remark":
        """Read what `asdict` and JSON made of one. Raises ValueError."""
        code = content["code"]
        return cls(Reason(code) if code in set(Reason) else Note(code), content["about"])


@dataclass(frozen=True)
class CheckResult:
    """What one check gave.

    points: out of `maximum`. failure and message: how and why it lost points, None and "" where it holds.
    seconds: what it took. seed: of the random numbers in the student's process. evidence: the numbers that were wrong,
    where a visible test failed that shows them.
    """

    name: str
    points: float
    maximum: float
    failure: Failure | None = None
    message: str = ""
    seconds: float = 0.0
    seed: int = 0
    evidence: Evidence | None = None

    @property
    def holds(self) -> bool:
        """Whether all points were earned."""
        return self.points == self.maximum


@dataclass(frozen=True)
class OpenQuestion:
    """An open question: 0 points where nothing was written, None while it waits for a marker.

    answer: a hash of what was written. look: why the marker should look for the answer elsewhere, if so.
    """

    name: str
    points: float | None
    maximum: float
    answer: str
    look: Remark | None = None


@dataclass(frozen=True)
class Result:
    """What grading one submission gave.

    reasons: why the status is not "graded". remarks: what the instructor is told beside. unanswered: the answers and
    open questions that were not written. cells: the seconds that each cell took, by name. hashes: of the submission,
    the stage and the engine; none where grading itself failed, so that it is tried again.
    """

    status: Status
    reasons: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    lang: str = "en"
    checks: tuple[CheckResult, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    unanswered: tuple[str, ...] = ()
    cells: Mapping[str, float] = field(default_factory=dict)
    started: str = ""
    seconds: float = 0.0
    sandboxed: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    student: str = ""
    stage: str = ""
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_points(self) -> bool:
        """Whether the submission could be graded, at least in part."""
        return self.status in (Status.GRADED, Status.PARTIAL)

    @property
    def verdicts(self) -> "tuple[CheckResult | OpenQuestion, ...]":
        """The checks and the open questions."""
        return (*self.checks, *self.questions)

    @property
    def points(self) -> float:
        """The points of the checks; open questions are marked by hand."""
        return sum(check.points for check in self.checks)

    @property
    def maximum(self) -> float:
        """The points that the checks can give."""
        return sum(check.maximum for check in self.checks)

    @property
    def is_ours(self) -> bool:
        """Whether grading itself failed, which may go better the next time."""
        return any(reason.code is Reason.FAILED for reason in self.reasons)

    def with_remarks(self, *remarks: Remark) -> "Result":
        """Return the result with further remarks."""
        return replace(self, remarks=(*self.remarks, *remarks))

    def to_json(self) -> bytes:
        """Write it as JSON, with the sums of its points."""
        sums = {"points": self.points, "maximum": self.maximum} if self.has_points else {}
        content = {"version": VERSION} | asdict(self) | sums
        return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")

    @classmethod
    def from_json(cls, content: bytes) -> "Result":
        """Read what `to_json` wrote. Raises ResultError."""
        try:
            fields = json.loads(content)
            if fields.pop("version", None) != VERSION:
                raise ResultError("This result is of another version of Gradus.")
            fields.pop("points", None), fields.pop("maximum", None)
            return cls(
                **fields
                | {
                    "status": Status(fields["status"]),
                    "reasons": _remarks(fields["reasons"]),
                    "remarks": _remarks(fields["remarks"]),
                    "checks": tuple(_check(check) for check in fields["checks"]),
                    "questions": tuple(_question(question) for question in fields["questions"]),
                    "unanswered": tuple(fields["unanswered"]),
                }
            )
        except ResultError:
            raise
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ResultError(f"This is no result ({error}).") from None


MISSING = Result(Status.MISSING)
UNGRADED = Result(Status.UNGRADED)


def ungradable(reason: Reason, **about: Any) -> Result:
    """Return the result of a submission that cannot be graded: no points, not even 0."""
    return Result(Status.UNGRADABLE, reasons=(Remark(reason, about),))


def _remarks(content: list[Mapping[str, Any]]) -> tuple[Remark, ...]:
    return tuple(map(Remark.from_json, content))


def _check(content: Mapping[str, Any]) -> CheckResult:
    failure = content["failure"]
    evidence = from_json(content.get("evidence"))
    return CheckResult(**{**content, "failure": failure and Failure(failure), "evidence": evidence})


def _question(content: Mapping[str, Any]) -> OpenQuestion:
    look = content["look"]
    return OpenQuestion(**{**content, "look": look and Remark.from_json(look)})
