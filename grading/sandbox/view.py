"""What students' code sees of this machine beside the system: Python, our helpers, the data sets, wherever they lie."""

import os
import site
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grading import PACKAGE, ROOT

# What of the system every Python needs, beside its own folders.
SYSTEM = tuple(map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")))
# Where programs write: each guest has such folders of its own, in memory, and what is shown lies in them again.
PRIVATE = (Path("/tmp"), Path("/dev/shm"))
DATA = ("housing", "mnist", "usps")
OF_PYTHON = ("bin", "lib", "lib64", "include", "share", "pyvenv.cfg")
LIBRARIES = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class View:
    """Places that are shown, none within another, and the symbolic links that lead there, each with its target.

    hidden: courses within a place or within the system, where nothing is shown but those of the places that lie there.
    """

    places: list[Path]
    links: dict[Path, str]
    hidden: list[Path]


def view() -> View:
    """Return what is shown. In the sandbox it is the same, save that no course is there to be hidden."""
    links: dict[Path, str] = {}
    places = {_follow(place, links) for place in _needed() if os.path.exists(place)}
    shown = {*places, *SYSTEM}
    courses = {_follow(course, {}) for course in (ROOT, Path.cwd()) if os.path.exists(course / "source/syllabus.toml")}
    hidden = [course for course in courses if _holders(course, shown)]

    def is_there(path: Path) -> bool:
        """Whether some place holds the path, and no hidden course lies between them."""
        courses = _holders(path, hidden)
        return any(not any(holder in course.parents for course in courses) for holder in _holders(path, shown))

    return View(
        [place for place in places if not is_there(place)],
        {link: target for link, target in links.items() if not is_there(link) and link not in (*SYSTEM, *PRIVATE)},
        hidden,
    )


def cache_folder() -> Path:
    """Return where programs keep what they may lose."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    return Path(given) if os.path.isabs(given) else Path(os.path.expanduser("~")) / ".cache"


def python_path() -> dict[str, str]:
    """Return what environment has Python find our code, and the libraries that it finds here."""
    own = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place.endswith(LIBRARIES)]
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT), *own])}
    return path | ({"PYTHONUSERBASE": site.getuserbase()} if site.getusersitepackages() in sys.path else {})


def is_private(path: Path) -> bool:
    """Tell whether a path lies where each guest has a folder of its own."""
    return bool(_holders(path, PRIVATE))


def _needed() -> Iterator[Path]:
    """Yield what a guest needs, by the names by which Python knows it."""
    yield from (PACKAGE, ROOT / "helpers", *(ROOT / "data" / name for name in DATA), cache_folder() / "gradus")
    program = Path(sys.executable)
    for prefix in (Path(sys.prefix), Path(sys.base_prefix), program.resolve().parent.parent):
        yield from (prefix / name for name in OF_PYTHON)
    yield program
    yield from (Path(entry).absolute() for entry in sys.path if entry.endswith(LIBRARIES))


def _follow(path: Path, links: dict[Path, str]) -> Path:
    """Return what a path that exists leads to, and note the symbolic links on the way."""
    reached, parts = Path("/"), list(path.parts[1:])
    while parts:
        part = parts.pop(0)
        reached = reached.parent if part == ".." else reached / part
        if reached.is_symlink():
            links[reached] = os.readlink(reached)
            target = reached.parent / links[reached]
            reached, parts = Path("/"), [*target.parts[1:], *parts]
    return reached


def _holders(path: Path, folders: Iterable[Path]) -> list[Path]:
    """Return those of some folders that the path lies in."""
    return [folder for folder in folders if folder in path.parents]
