"""Whose files are that no platform named: the folder that holds a student's work, or what a file's name says."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import PurePosixPath

from grading.intake.layouts.platforms import Claim, Owner
from grading.intake.names import bare, called, stage_in
from helpers.messages import LANGUAGES

Parts = tuple[str, ...]


def claims_of(paths: Iterable[PurePosixPath], stages: list[str]) -> Iterator[Claim]:
    """Yield for each path what it claims; its owner's name is "" where nothing tells.

    A student's folder is the outermost one that holds a notebook itself, apart from one that holds everything. Where
    that holds the notebooks themselves, their names tell; what they leave open, its own name does, if it holds no more
    than one of each stage: several would be several people's.
    """
    paths = list(paths)
    folders = _without_zips([_own_folders(path, stages) for path in paths], stages)
    outer = _common(folders)
    holders = set(folders)
    nameless = Counter(
        _stage_named(path, stages)
        for path, folder in zip(paths, folders, strict=True)
        if folder == outer and not called(path.name, stages)
    )
    for path, folder in zip(paths, folders, strict=True):
        inner = (folder[:size] for size in range(len(outer) + 1, len(folder) + 1))
        owner = next((folder for folder in inner if folder in holders), None)
        named = called(path.name, stages)
        if owner:
            names = [_folder_name(part, stages) for part in owner[len(outer) :]]
            yield _claim(path, names[-1], len(owner) - 1, "/".join(names))
        elif named or not outer:
            yield _claim(path, named, len(path.parts) - 1, "")
        else:
            alike = nameless[_stage_named(path, stages)] if not nameless[""] else nameless.total()
            is_one = alike == 1 or "submitted" in outer[:-1]
            name = _folder_name(outer[-1], stages) if is_one else ""
            yield _claim(path, name, len(outer) - 1 if name else len(path.parts) - 1, "")


def _claim(path: PurePosixPath, name: str, part: int, key: str) -> Claim:
    keys = {"folder": key} if key else {}
    return Claim("", (Owner(name, keys),), part, path.name, has_time=True)


def _own_folders(path: PurePosixPath, stages: list[str]) -> Parts:
    """Return the folders that hold a file, without those at the end that say only which stage it is."""
    folders = path.parts[:-1]
    if folders[-2:-1] == ("notebooks",) and folders[-1] in LANGUAGES:  # of the tree that students get
        folders = folders[:-2]
    while folders and not bare(folders[-1], stages):
        folders = folders[:-1]
    return folders


def _without_zips(folders: list[Parts], stages: list[str]) -> list[Parts]:
    """Return the folders of files, with those of a student's own archive left out.

    An archive is the owner of what is in it, or the folder that holds it, if that holds no other and not everything.
    An archive at the top that has several folders with notebooks is no student's.
    """
    archives = [_archive(folder, stages) for folder in folders]
    above = [archive[:-1] if archive else folder for folder, archive in zip(folders, archives, strict=True)]
    top = _common(above)
    held: dict[Parts, set[Parts]] = defaultdict(set)
    inside: dict[Parts, set[Parts]] = defaultdict(set)
    for folder, archive in zip(folders, archives, strict=True):
        if archive:
            held[archive[:-1]].add(archive)
            inside[archive].add(folder)

    def owner_of(folder: Parts, archive: Parts) -> Parts:
        if not archive:
            return folder
        if len(archive) - 1 > len(top) and len(held[archive[:-1]]) == 1:
            return archive[:-1]
        return archive if len(inside[archive]) == 1 else folder

    return [owner_of(folder, archive) for folder, archive in zip(folders, archives, strict=True)]


def _common(folders: list[Parts]) -> Parts:
    """Return the folder that holds all of them, () for a single one."""
    same = takewhile(lambda parts: len(set(parts)) == 1, zip(*folders, strict=False))
    return tuple(parts[0] for parts in same) if len(folders) > 1 else ()


def _archive(folder: Parts, stages: list[str]) -> Parts:
    """Return the outermost archive that a folder lies in and whose name says more than a stage, () for none."""
    names = (number for number, part in enumerate(folder) if part.lower().endswith(".zip") and bare(part, stages))
    number = next(names, None)
    return () if number is None else folder[: number + 1]


def _folder_name(name: str, stages: list[str]) -> str:
    """Return a folder's name without the stage that it may hold, an archive's without its ending."""
    name = re.sub(r"(?i)\.zip$", "", name)
    return bare(name, stages) if stage_in(name, stages) else name


def _stage_named(path: PurePosixPath, stages: list[str]) -> str:
    found = stage_in(path.name, stages)
    return found["stage"].lower().translate(str.maketrans(" -", "__")) if found else ""
