"""The members of a zip: their names in the encoding they are in, their times, and what none of them may be."""

import re
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grading.intake.archives.encodings import Knows, decode
from grading.intake.archives.files import LINK, File, Left

PACKING = 30 * 60  # seconds that it takes to pack a download, at most
WORK = re.compile(rb"(?i)\.(ipynb|zip|json|txt)$")
PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}


def members_of(
    archive: zipfile.ZipFile, zone: tzinfo | None, knows: Knows, outer: File | None = None
) -> Iterator[File | Left]:
    """Yield the members of a zip; outer: the file that it is.

    Their times say when each was handed in, unless all are about the same: then the zip was packed at that time, as
    Moodle does it for each download.
    """
    members = [member for member in archive.infolist() if not member.is_dir()]
    extras = [_extras(member) for member in members]
    raw = [_raw_name(member, extra) for member, extra in zip(members, extras, strict=True)]
    times = [_modified(member, extra, zone) for member, extra in zip(members, extras, strict=True)]
    known = [time for time, name in zip(times, raw, strict=True) if time is not None and WORK.search(name)]
    is_telling = bool(known) and max(known) - min(known) > PACKING
    for member, extra, time, decoded in zip(members, extras, times, decode(raw, knows), strict=True):
        name = decoded.replace("\\", "/")
        path = outer.path / name if outer else PurePosixPath(name)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if name.startswith("/") or ".." in PurePosixPath(name).parts or re.match("[A-Za-z]:/", name):
            yield Left(name, "it would lie outside the folder that it is unpacked to")
        elif kind not in (0, stat.S_IFREG):
            yield Left(str(path), LINK)
        elif member.flag_bits & 1:
            yield Left(str(path), "it needs a password: ask for it without")
        elif member.compress_type not in PACKED:
            yield Left(str(path), "packed in a way that Windows alone unpacks: ask for the notebook itself")
        else:
            is_stated = is_telling and time is not None
            is_wall = _stamp(extra) is None
            yield File(path, time or 0.0, is_stated, member.file_size, _member(archive, member), outer, is_wall)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        return archive.open(member)  # type: ignore[return-value]

    return opened


def _extras(member: zipfile.ZipInfo) -> dict[int, bytes]:
    """Return the additional fields of a member, by their number."""
    fields, rest = {}, member.extra
    while len(rest) >= 4:
        number, size = struct.unpack("<HH", rest[:4])
        fields[number], rest = rest[4 : 4 + size], rest[4 + size :]
    return fields


def _raw_name(member: zipfile.ZipInfo, extras: dict[int, bytes]) -> bytes:
    """Return a member's name as it is written: in UTF-8 where anything says so."""
    unicode_path = extras.get(0x7075, b"")
    if len(unicode_path) > 5:
        return unicode_path[5:]
    return member.orig_filename.encode("utf-8" if member.flag_bits & 0x800 else "cp437", "replace")


def _modified(member: zipfile.ZipInfo, extras: dict[int, bytes], zone: tzinfo | None) -> float | None:
    """Return when a member was changed, None where nothing says so."""
    if (stamp := _stamp(extras)) is not None:
        return stamp
    try:
        time = datetime(*member.date_time, tzinfo=zone)
    except ValueError:  # some programs write month 0
        return None
    return None if time.year == 1980 else time.timestamp()  # where zips begin: no program knew


def _stamp(extras: dict[int, bytes]) -> float | None:
    """Return when a member was changed as seconds since 1970, which need no zone; None where there are none."""
    stamps = extras.get(0x5455, b"")
    return float(struct.unpack("<i", stamps[1:5])[0]) if len(stamps) >= 5 and stamps[0] & 1 else None


def directory_size(path: Path) -> int:
    """Return how many bytes list the members of a zip: Python reads all of them at once."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2**16 - 22))
        end = file.read()
    place = end.rfind(b"PK\x05\x06")
    return int(struct.unpack("<I", end[place + 12 : place + 16])[0]) if 0 <= place <= len(end) - 22 else 0
