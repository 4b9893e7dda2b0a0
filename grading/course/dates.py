"""When stages open and are due, who has longer or is excused, and how late a submission is: course.toml, read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from math import ceil

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Lateness:
    """What being late costs: percent of the points earned for each day begun, after a grace, at most so many."""

    percent_a_day: float = 0.0
    grace: timedelta = timedelta()
    most: float = 100.0


class Doubt(StrEnum):
    """Why nobody can tell how late a submission is. Nothing is taken off then."""

    NO_TIME = "no time"
    HOW_LATE = "how late"  # the platform says that it is late, and not when it came


@dataclass(frozen=True)
class Late:
    """How late a submission is: the days begun since it was due, the percent of its points that they cost."""

    days: int = 0
    percent: float = 0.0
    doubt: Doubt | None = None


@dataclass(frozen=True)
class StageDates:
    """What course.toml says of one stage.

    extensions: until when, by student. excused: whose missing work is no mark. out_of: what marks are given out of.
    """

    opens: datetime | None = None
    due: datetime | None = None
    lateness: Lateness = Lateness()
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    excused: frozenset[str] = frozenset()
    out_of: float | None = None

    def due_for(self, student: str) -> datetime | None:
        """Return when the stage is due for one student."""
        return self.extensions.get(student, self.due)

    def late(self, student: str, time: datetime | None, is_late: bool | None) -> Late:
        """Tell how late what a student handed in at this time is.

        time: with its zone, None where nobody says. is_late: what the platform itself says, None where it says nothing.
        """
        due = self.due_for(student)
        if due is None:
            return Late()
        if time is None:
            return Late(doubt={None: Doubt.NO_TIME, True: Doubt.HOW_LATE, False: None}[is_late])
        over = time.astimezone(UTC) - due.astimezone(UTC)  # else days on which clocks change would have 24 hours
        if over <= self.lateness.grace:
            return Late()
        days = ceil(over / DAY)
        return Late(days, min(days * self.lateness.percent_a_day, self.lateness.most))


@dataclass(frozen=True)
class Dates:
    """What course.toml says: of each stage it names, of all others, and the zone of times that name none."""

    stages: Mapping[str, StageDates] = field(default_factory=dict)
    others: StageDates = StageDates()
    zone: tzinfo | None = None  # this machine's

    def of(self, stage: str) -> StageDates:
        """Return what holds for a stage."""
        return self.stages.get(stage, self.others)

    def with_zone(self, time: datetime) -> datetime:
        """Return a time with a zone: its own, else the course's."""
        return with_zone(time, self.zone)


def with_zone(time: datetime, zone: tzinfo | None) -> datetime:
    """Return a time with a zone: its own, else this one, None for this machine's."""
    return time if time.tzinfo else time.replace(tzinfo=zone) if zone else time.astimezone()
