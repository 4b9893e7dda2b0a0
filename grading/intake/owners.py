"""Who handed in where there is no roster: each owner has a folder, two never have one, in whatever downloads."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path

from grading.course.origin import ORIGIN, read_origin, read_origin_file
from grading.course.roster import MAX_NAME
from grading.intake.layouts.platforms import Owner
from grading.intake.names import cut, safe

# Keys that tell people apart within a stage only: the next assignment numbers them anew.
OF_A_STAGE = ("moodle", "canvas_anonymous", "brightspace")
# Keys that may be the same for two people of different names.
SHARED = ("folder", "brightspace")
NAME = "name"  # in origin.json, among the keys
MAX_KEY, DIGITS = 60, 6


@dataclass(frozen=True, order=True)
class Trace:
    """What somebody was called when a notebook of a stage came in: a name, and keys by their kind."""

    name: str
    stage: str
    keys: tuple[tuple[str, str], ...] = ()

    def speaks_against(self, other: "Trace") -> bool:
        """Whether the keys say that the other is another person."""
        mine, theirs = dict(self.keys), dict(other.keys)
        return any(
            not _may_be_one(mine[kind], theirs[kind])
            if kind == "folder"
            else mine[kind] != theirs[kind] and (kind not in OF_A_STAGE or self.stage == other.stage)
            for kind in mine.keys() & theirs.keys()
        )

    def shares_a_key(self, other: "Trace") -> bool:
        """Whether a key that is nobody else's, with this name, says that the other is the same person."""
        return any(pair in other.keys and (pair[0] not in SHARED or self.name == other.name) for pair in self.keys)


def trace_of(owner: Owner, stage: str) -> Trace:
    """Return what an owner is called."""
    return Trace(_same(owner.title), stage, tuple(sorted(owner.keys.items())))


def traces_of(course: Path) -> dict[str, list[Trace]]:
    """Return what everybody who has a folder in submitted/ was called, by folder; its name, where no origin tells."""
    found: dict[str, list[Trace]] = defaultdict(list)
    for folder in sorted((course / "submitted").glob("[!.]*/*/")):
        origins = [read_origin(folder)] if (folder / ORIGIN).exists() else []
        for origin in (*origins, *map(read_origin_file, sorted(folder.glob("earlier/*.json")))):
            keys = tuple(sorted((kind, key) for kind, key in origin.keys.items() if kind != NAME))
            found[folder.parent.name].append(Trace(_same(origin.keys.get(NAME, "")), folder.name, keys))
        if not origins:
            found[folder.parent.name].append(Trace(_same(folder.parent.name), folder.name))
    return found


def allot(traces: Iterable[Trace], known: Mapping[str, list[Trace]]) -> dict[Trace, str]:
    """Return the folder of each owner: the one that it has, or a new one, which says a key where names are alike.

    known: what everybody was called who has a folder.
    """
    groups = _groups(set(traces))
    folders: list[str] = [""] * len(groups)
    for number, group in enumerate(groups):
        folders[number] = next((folder for folder in known if _share_a_key(group, known[folder])), "")
    wanted: dict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        namesakes = [folder for folder in known if {one.name for one in known[folder]} & {one.name for one in group}]
        if not folders[number] and len(namesakes) == 1 and not _speak_against(group, known[namesakes[0]]):
            wanted[namesakes[0]].append(number)
    for folder, numbers in wanted.items():
        if len(numbers) == 1 and folder not in folders:
            folders[numbers[0]] = folder
    _name_new(groups, folders, {_place(folder) for folder in known})
    return {trace: folder for group, folder in zip(groups, folders, strict=True) for trace in group}


def _name_new(groups: list[list[Trace]], folders: list[str], taken: set[str]) -> None:
    """Name the folders of owners who have none yet; in place."""
    new = [number for number, folder in enumerate(folders) if not folder]
    names = {number: safe(groups[number][0].name) for number in new}
    places = [_place(name) for name in names.values()]
    for number in new:
        name = names[number]
        if places.count(_place(name)) > 1 or _place(name) in taken:
            key = next((key for _, key in groups[number][0].keys), "")
            name = f"{cut(name, MAX_NAME - MAX_KEY - 1)}-{cut(safe(key), MAX_KEY) or _digest(groups[number])}"
        if _place(name) in taken:
            name = f"{cut(name, MAX_NAME - DIGITS - 1)}-{_digest(groups[number])}"
        folders[number] = name
        taken.add(_place(name))


def _groups(traces: set[Trace]) -> list[list[Trace]]:
    """Part what owners are called by owner: the same keys are one, the same name is where no key speaks against it."""
    by_name: dict[str, list[Trace]] = defaultdict(list)
    for trace in traces:
        by_name[trace.name].append(trace)
    doubtful = {name for name, same in by_name.items() if any(a.speaks_against(b) for a, b in combinations(same, 2))}
    groups: list[list[Trace]] = []
    for trace in sorted(traces):
        joined = [
            group
            for group in groups
            if _share_a_key([trace], group) or (trace.name not in doubtful and any(o.name == trace.name for o in group))
        ]
        groups = [group for group in groups if group not in joined] + [[*(t for group in joined for t in group), trace]]
    return groups


def _share_a_key(some: Iterable[Trace], others: Iterable[Trace]) -> bool:
    others = list(others)
    return any(one.shares_a_key(other) for one in some for other in others)


def _speak_against(some: Iterable[Trace], others: Iterable[Trace]) -> bool:
    others = list(others)
    return any(one.speaks_against(other) for one in some for other in others)


def _may_be_one(mine: str, theirs: str) -> bool:
    """Whether two folders may be the same person's: one may lie in the folder of a week or a class."""
    return f"/{mine}".endswith(f"/{theirs}") or f"/{theirs}".endswith(f"/{mine}")


def _same(name: str) -> str:
    """Return a name with one way to write each letter."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _place(folder: str) -> str:
    """Return what two folders must not have in common, on machines too for which case is nothing."""
    return unicodedata.normalize("NFKC", folder).casefold()


def _digest(group: list[Trace]) -> str:
    return sha256(repr(group).encode("utf-8", "replace")).hexdigest()[:DIGITS]
