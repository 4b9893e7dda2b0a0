"""When a submission was handed in: as timestamp.txt beside it says, which people may edit, else as origin.json does."""

import re
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import dateutil.parser
from nbgrader.utils import parse_utc

from grading.course.files import read
from grading.course.origin import read_origin

# Of what nbgrader would take for the name of a zone, a file, or a number of seconds: only names of zones.
ENDS_WITH_ZONE = re.compile(r" [A-Za-z_]+(/[A-Za-z_]+)*$")
MAX_TIME = 100  # bytes


def handed_in_at(folder: Path, zone: tzinfo | None) -> datetime | None:
    """Return when what lies in submitted/<student>/<stage>/ was handed in, with a zone; None where nobody says.

    zone: the course's now, None for this machine's: it may be another than when the time was read.
    """
    origin, written = read_origin(folder), _time_in(folder / "timestamp.txt")
    try:
        collected = origin.time.astimezone(UTC).replace(microsecond=0) if origin.time else None
        if written and written != collected:  # by somebody, or by nbgrader
            return written
        stated = origin.in_zone(zone).time
        return stated.astimezone(UTC) if stated else None
    except (ValueError, OverflowError):  # a year that no zone has
        return written


def _time_in(path: Path) -> datetime | None:
    """Read the time that nbgrader's collect wrote; None where there is none, or something else."""
    try:
        text = read(path, MAX_TIME).decode().strip()
        time: datetime = parse_utc(text if ENDS_WITH_ZONE.search(text) else dateutil.parser.parse(text))
        return time.replace(tzinfo=UTC)
    except Exception:  # no file, no time, a zone that no clock has: dateutil raises anything
        return None
