"""Students' code runs, and sees nothing of the course, wherever course and libraries lie and whoever grades."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from conftest import COURSE
from grading.sandbox.bubblewrap import missing

pytestmark = [
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
    pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="it is a virtual environment that lies elsewhere"),
]
PARTS = ("data", "grading", "helpers", "source", "tests")
USER = 12345  # whom the machine does not know
LONG = "a-name-that-is-longer-than-a-socket-may-have" * 2


@dataclass
class Place:
    """Where the folders of a course and of its libraries are mounted, by what names they are called, and who calls.

    mounts: made before, for bubblewrap. within: of the libraries, what is a mount of its own in them.
    """

    course: Path
    libraries: Path
    course_name: Path | None = None
    libraries_name: Path | None = None
    mounts: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    user: int | None = None

    def run(self) -> subprocess.CompletedProcess:
        """Have a student's cell run there, in mounts that nobody else sees: nothing is copied."""
        words = ["bwrap", "--dev-bind", "/", "/", *self.mounts]
        if os.getuid() == 0:
            words += ["--cap-add", "ALL"]
        mounted = {self.course / name: COURSE / name for name in PARTS} | {self.libraries: Path(sys.prefix)}
        mounted |= {self.libraries / path: Path(sys.prefix, path) for path in self.within}
        for place, source in mounted.items():
            if not self.mounts and place not in (self.libraries / path for path in self.within):
                place.mkdir(parents=True)
            words += ["--ro-bind", str(source), str(place)]
        if self.user and os.getuid() == 0:
            words += [*_opened(Path(sys.base_prefix)), "setpriv", f"--reuid={self.user}", f"--regid={self.user}"]
            words += ["--clear-groups"]
        course, libraries = self.course_name or self.course, self.libraries_name or self.libraries
        words += [str(libraries / "bin/python"), str(course / "tests/guest.py")]
        environment = os.environ | {"PYTHONPATH": str(course)} | self.environment
        return subprocess.run(words, env=environment, cwd="/", capture_output=True, text=True)


def _opened(folder: Path) -> list[str]:
    """Return what mounts let everybody reach a folder, which may lie in root's home."""
    closed = [parent for parent in folder.parents if not parent.stat().st_mode & 0o001]
    if not closed:
        return []
    between = [parent for parent in reversed(folder.parents) if closed[-1] in parent.parents]
    return ["--tmpfs", str(closed[-1]), *_folders(*between), "--ro-bind", str(folder), str(folder)]


def _folders(*folders: Path | str) -> list[str]:
    """Return what makes folders that everybody may enter."""
    return [word for folder in folders for word in ("--perms", "755", "--dir", str(folder))]


def below(base: Path, **more) -> Place:
    """A course with its libraries inside, as `make` puts them."""
    return Place(base / "course", base / "course/.venv", **more)


def named_by_links(base: Path) -> Place:
    """Each name leads over two links, one of them relative."""
    for name, target in {"a": "b", "b": base / "course", "v": base / "w", "w": "libraries"}.items():
        (base / name).symlink_to(target)
    return Place(base / "course", base / "libraries", base / "a", base / "v")


def libraries_linked_into_the_course(base: Path) -> Place:
    (base / "course").mkdir()
    (base / "course/.venv").symlink_to("../libraries")
    return Place(base / "course", base / "libraries", libraries_name=base / "course/.venv")


def home_on_another_mount(base: Path) -> Place:
    home = base / "home"
    home.mkdir()
    caches = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "caches")}
    return Place(
        home / "course",
        home / "libraries",
        mounts=("--tmpfs", str(home), *_folders(home / "caches", home / "caches/gradus", home / "course")),
        environment=caches,
    )


def libraries_on_another_mount(base: Path) -> Place:
    site = next(Path(sys.prefix, "lib").glob("python*/site-packages")).relative_to(sys.prefix)
    return below(base, within=("bin", str(site), str(site / "torch")))


def strange_home(base: Path) -> Place:
    return below(base, environment={"HOME": "/nowhere", "XDG_CACHE_HOME": "not/absolute"})


def in_the_system(base: Path) -> Place:
    """Where everything else is shown."""
    return below(Path("/usr/src/app"), mounts=("--tmpfs", "/usr/src", *_folders("/usr/src/app", "/usr/src/app/course")))


def ordinary_user(base: Path) -> Place:
    home = base / "home"
    home.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(home, USER, USER)
    return below(base, user=USER, environment={"HOME": str(home)})


def temporary_folder(name: str, parent: str | None = None) -> Callable[[Path], Place]:
    """The course is below the temporary folder, or beside it where `parent` is given."""

    def make(base: Path) -> Place:
        folder = (Path(tempfile.mkdtemp(prefix="places-", dir=parent)) if parent else base) / name
        folder.mkdir(exist_ok=True)
        (base / "link").symlink_to(folder)
        return below(base, environment={"TMPDIR": str(base / "link")})

    return make


@pytest.fixture
def base(request) -> Iterator[Path]:
    """A new folder in the one that a test names."""
    parent, name = request.param
    folder = Path(tempfile.mkdtemp(prefix="places-", dir=parent))
    folder.chmod(0o755)
    (folder / name).mkdir(parents=True, exist_ok=True)
    yield folder / name
    shutil.rmtree(folder)


WHERE = (
    (("/tmp", "Été à l'école, “réseaux” 50 % $HOME"), below),
    (("/tmp", "gradus-1/gradus-2"), ordinary_user),
    (("/tmp", ""), home_on_another_mount),
    (("/dev/shm", ""), libraries_linked_into_the_course),
    (("/var/tmp", ""), temporary_folder("élève")),
    (("/var/tmp", ""), in_the_system),
    (("/tmp", ""), below),
    (("/tmp", ""), named_by_links),
    (("/tmp", ""), libraries_on_another_mount),
    (("/tmp", ""), temporary_folder("")),
    (("/dev/shm", ""), temporary_folder("short")),
    (("/var/tmp", ""), named_by_links),
    (("/var/tmp", "Été à l'école"), ordinary_user),
    (("/var/tmp", ""), strange_home),
    (("/var/tmp", ""), temporary_folder(LONG)),
    (("/var/tmp", ""), temporary_folder("", parent="/dev/shm")),
)
FIRST = 6  # the places of every day; --whole-banks: all


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the places."""
    if "place" in metafunc.fixturenames:
        where = WHERE if metafunc.config.getoption("whole_banks") else WHERE[:FIRST]
        names = [f"{'/'.join(base)}-{place.__name__}" for base, place in where]
        metafunc.parametrize(("base", "place"), where, indirect=["base"], ids=names)


def test_students_code_runs_wherever_it_lies(base, place):
    ran = place(base).run()
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("{"), ran.stdout
    seen = json.loads(ran.stdout)
    assert set(seen["course"]) <= {"data", "grading", "helpers", ".venv"}
    assert (seen["package"], seen["modules"], seen["others"]) == ([], [], [])
    assert (seen["examples"], seen["subprocess"]) == (60_000, "ok")


@pytest.mark.skipif(os.getuid() != 0, reason="others grade as themselves")
def test_libraries_that_root_alone_can_read_are_named(tmp_path):
    for name in ("grading", "helpers"):
        shutil.copytree(COURSE / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "helpers").chmod(0o700)
    command, env = [sys.executable, str(COURSE / "tests/guest.py")], os.environ | {"PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(command, env=env, capture_output=True, text=True)
    assert "The warm process did not start: ModuleNotFoundError: No module named 'helpers" in ran.stderr
    assert ran.stderr.endswith("can everybody read Python's libraries, grading/ and helpers/?)\n")
