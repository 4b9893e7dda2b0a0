"""Where a notebook that was handed in came from, and when: origin.json, beside it."""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from grading.course.dates import with_zone
from grading.course.files import read, write_atomically

ORIGIN = "origin.json"
MAX_BYTES = 2**20


@dataclass(frozen=True)
class Origin:
    """The download, the path in it, what the platform calls the owner, and when it was handed in, if anybody says so.

    is_late: what the platform itself says, None where it says nothing. number: grows with each upload to the platform.
    beside: the paths of what was handed in together with it. settled: those paths here of which the instructor said
    whose they are. is_wall: whether what told the time named no zone, so that clocks of the course showed it.
    """

    source: str = ""
    path: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    time: datetime | None = None
    is_late: bool | None = None
    number: int = 0
    beside: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    is_wall: bool = False

    def in_zone(self, zone: tzinfo | None) -> "Origin":
        """Return it with what clocks showed taken for a time in this zone, None for this machine's."""
        if not (self.time and self.is_wall):
            return self
        return replace(self, time=with_zone(self.time.replace(tzinfo=None), zone))


def read_origin(folder: Path) -> Origin:
    """Read the origin of what lies in submitted/<student>/<stage>/; an empty one where none is written."""
    return read_origin_file(folder / ORIGIN)


def read_origin_file(path: Path) -> Origin:
    """Read an origin; an empty one where none is written."""
    try:
        told = json.loads(read(path, MAX_BYTES))
        time, beside, settled = told.pop("time"), tuple(told.pop("beside", ())), tuple(told.pop("settled", ()))
        time = None if time is None else datetime.fromisoformat(time)
        return Origin(**told, time=time, beside=beside, settled=settled)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Origin()


def write_origin(folder: Path, origin: Origin) -> None:
    """Write origin.json."""
    write_origin_file(folder / ORIGIN, origin)


def write_origin_file(path: Path, origin: Origin) -> None:
    """Write an origin to a file."""
    told = asdict(origin) | {"time": origin.time.isoformat() if origin.time else None}
    for name in ("settled", "is_wall"):
        if not told[name]:
            del told[name]
    write_atomically(path, json.dumps(told, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace"))
