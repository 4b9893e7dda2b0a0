"""The lists that platforms put beside what was handed in: Gradescope's, Blackboard's, nbgrader's."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

import yaml

from grading.intake.archives.files import File, UnreadableError
from grading.intake.layouts.times import read_time
from grading.intake.names import stage_in

ATTEMPT = re.compile(r"(?P<head>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)?")
OWNER = re.compile(r"Name:\s*(?P<name>.*?)\s*\((?P<login>[^()]+)\)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Submitters:
    """Who handed in one folder of Gradescope's export, several if they worked together, and when."""

    people: tuple[dict[str, str], ...]
    time: datetime | None


@dataclass
class Companions:
    """What the lists of one source say, by the folder that they lie in.

    attempts: of Blackboard, name and login by the file's name without its end.
    """

    submitters: dict[PurePosixPath, Submitters] = field(default_factory=dict)
    attempts: dict[PurePosixPath, tuple[str, str]] = field(default_factory=dict)
    times: dict[PurePosixPath, datetime] = field(default_factory=dict)

    def owner(self, path: PurePosixPath, stages: list[str]) -> tuple[str, str, str]:
        """Return name and login of the owner of a file of Blackboard's, between them what kind of a key this is.

        Where no list tells, the file's name does: the name of the assignment stands before the login in it, and both
        may hold the character between them.
        """
        found = ATTEMPT.fullmatch(path.name)
        head = found["head"] if found else path.stem
        if found and (told := self.attempts.get(path.with_name(f"{head}_attempt_{found['time']}"))):
            return told[0], "login", told[1]
        stage = stage_in(head, stages)
        if stage and stage.start() == 0:
            return "", "login", head[len(stage["stage"]) :].lstrip("_")
        return "", "ends_in_login", head


def read_companions(files: Iterable[File]) -> Companions:
    """Read the lists of a source; one that cannot be read says nothing."""
    companions = Companions()
    for file in files:
        try:
            text = file.read().decode("utf-8", "replace")
        except UnreadableError:
            continue
        if file.path.name == "submission_metadata.yml":
            companions.submitters |= {file.path.parent / name: told for name, told in _submitters(text)}
        elif file.path.name == "timestamp.txt":
            if not file.outer and (time := read_time(text)):
                companions.times[file.path.parent] = time
        elif owner := OWNER.search(text):
            companions.attempts[file.path.with_suffix("")] = owner["name"], owner["login"].strip()
    return companions


def _submitters(text: str) -> Iterator[tuple[str, Submitters]]:
    """Yield the folders that Gradescope's list names, and who handed in what is in them."""
    try:
        told = yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return
    for name, submission in told.items() if isinstance(told, dict) else ():
        people = submission.get(":submitters") if isinstance(submission, dict) else None
        if isinstance(name, str) and "/" not in name and isinstance(people, list):
            owners = tuple(_person(person) for person in people if isinstance(person, dict))
            time = submission.get(":created_at")
            yield name, Submitters(owners, time if isinstance(time, datetime) else read_time(str(time)))


def _person(told: dict[Any, Any]) -> dict[str, str]:
    return {key: str(told.get(f":{key}") or "").strip() for key in ("name", "email", "sid")}


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads what Ruby writes, its own kinds of values as nothing."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: None)
