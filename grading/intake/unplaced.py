"""Notebooks that nobody's name could be found for: kept in unplaced/, with a list that says what settles each."""

import json
import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath

from grading.course.files import write_atomically
from grading.intake.names import cut, safe
from grading.intake.undo import Journal

FOLDER, LIST = "unplaced", "list.txt"
MAX_NAME = 100  # bytes
HEAD = "Notebooks whose owners are not known, why, and what settles each. Collecting again renews this list.\n\n"


@dataclass(frozen=True)
class Unplaced:
    """A notebook that was not placed.

    label: what its owner is called. why: what is in the way. settle: what settles it. may_be: ids of who may be meant.
    """

    file: str
    label: str
    why: str
    digest: str = ""
    settle: str = ""
    may_be: tuple[str, ...] = ()


def keep(
    course: Path, notebooks: Iterable[tuple[Unplaced, Path]], placed: Collection[tuple[str, str]], journal: Journal
) -> None:
    """Keep copies of notebooks; drop those kept before that are placed now. Raises OSError.

    placed: paths and digests.
    """
    folder = course / FOLDER
    wanted = {_path(folder, one): (one, content) for one, content in notebooks}
    ids = {_id(file, digest) for file, digest in placed}
    settled = {path for path in folder.glob("*/*.ipynb") if path.name.split(" ")[0] in ids} - wanted.keys()
    changed = {path for path, (one, _) in wanted.items() if _told(path) != vars(one) | {"may_be": list(one.may_be)}}
    if not changed and not settled:
        return
    journal.keep(folder)
    for path in changed:
        one, content = wanted[path]
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(content, path)
        write_atomically(path.with_suffix(".json"), json.dumps(vars(one), ensure_ascii=False, indent=1).encode())
    for path in settled:
        path.unlink()
        path.with_suffix(".json").unlink(missing_ok=True)
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    _write_list(folder)


def kept_there(course: Path) -> list[tuple[str, str]]:
    """Return of each notebook that is kept what its owner is called, and why nobody knows who that is."""
    paths = sorted((course / FOLDER).glob("*/*.ipynb"))
    return [(path.parent.name, str(_told(path).get("why", ""))) for path in paths]


def _path(folder: Path, one: Unplaced) -> Path:
    owner = "" if one.label == one.file else cut(safe(one.label), MAX_NAME).strip(". ")
    name = cut(safe(PurePosixPath(one.file).stem), MAX_NAME)
    return folder / (owner or "nameless") / f"{_id(one.file, one.digest)} {name}.ipynb"


def _id(file: str, digest: str) -> str:
    return sha256(f"{file} {digest}".encode("utf-8", "replace")).hexdigest()[:10]


def _write_list(folder: Path) -> None:
    """Write what settles each, or remove the folder if nothing is open."""
    paths = sorted(folder.glob("*/*.ipynb"))
    if not paths:
        shutil.rmtree(folder)
        return
    told = ((path.relative_to(folder), _told(path)) for path in paths)
    lines = (f"{path}\n  {one.get('why', '')}\n  {one.get('settle', '')}\n" for path, one in told)
    write_atomically(folder / LIST, (HEAD + "\n".join(lines)).encode("utf-8", "backslashreplace"))


def _told(path: Path) -> dict[str, object]:
    """Return what is kept beside an unplaced notebook."""
    try:
        told = json.loads(path.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
