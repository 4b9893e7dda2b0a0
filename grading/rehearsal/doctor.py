"""What this machine offers for grading, and how to get what it lacks."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from grading import ROOT
from grading.course.secret import VARIABLE, SecretError, path_of, secret_of
from grading.engine.forkserver import ForkServer, ForkServerError
from grading.engine.task import CELL_SECONDS
from grading.sandbox.bubblewrap import missing
from grading.sandbox.limits import MEMORY_BYTES

GIB = 2**30
# How much memory a container may take, in Linux's two ways of saying so.
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
NEEDED_ON_PATH = ("nbgrader", "jupyter", "alembic")


@dataclass(frozen=True)
class Finding:
    """One thing that grading uses: whether it is there, and what it is, or how to get it."""

    what: str
    is_there: bool
    says: str


def examine(course: Path | None) -> list[Finding]:
    """Look at everything that grading uses, and in a course at its secret."""
    return [*_findings(), *([_secret(course)] if course else [])]


def _findings() -> Iterator[Finding]:
    can_fork = sys.platform in ("linux", "darwin")
    remedy = "grading needs Linux or macOS; on Windows use its Linux subsystem"
    yield Finding("system", can_fork, f"{platform.system()} {platform.release()}" if can_fork else remedy)
    why = missing()
    kept_out = "students' code sees no network, no file of yours, no other student"
    yield Finding("sandbox", why is None, why or kept_out)
    yield _guest(is_sandboxed=why is None)
    yield from _packages()
    lacking = [name for name in NEEDED_ON_PATH if shutil.which(name) is None]
    folder = Path(sys.executable).parent
    says = f"put {folder} on PATH: {', '.join(lacking)} not found" if lacking else "found"
    yield Finding("commands on PATH", not lacking, says)
    cores, memory = os.cpu_count() or 1, _memory()
    needed = cores * MEMORY_BYTES + GIB
    says = f"{cores} submissions at a time may take {needed / GIB:.0f} GiB, and {memory / GIB:.0f} GiB are there"
    yield Finding("memory", memory >= needed, says if memory >= needed else f"{says}: grade with fewer --jobs")
    free = shutil.disk_usage(tempfile.gettempdir()).free
    says = f"{free / GIB:.0f} GiB free in {tempfile.gettempdir()}"
    yield Finding("temporary folder", free > GIB, says if free > GIB else f"{says}: make room, or set TMPDIR")
    yield from _data()


def _memory() -> int:
    """Return the bytes of memory that there are: the machine's, or no more than its container may take."""
    said = [path.read_text().strip() for path in map(Path, LIMITS) if path.exists()]
    total: int = psutil.virtual_memory().total
    return min([total, *(int(text) for text in said if text.isdigit())])


def _guest(is_sandboxed: bool) -> Finding:
    """Start a guest, run a cell and judge it, as grading does."""
    what, doubled = "a student's cell", "def doubled(x):\n    return 2 * x"
    try:
        from grading.engine.driver import Guest, GuestError
        from grading.judging.judge import Judge

        with closing(ForkServer("grading.guest.image", is_sandboxed)) as server:
            server.wait_until_ready()
            try:
                with closing(Guest(server.address, CELL_SECONDS)) as guest:
                    ran = guest.execute(doubled, 0, CELL_SECONDS)
                    check = partial(Judge({"doubled"}).judge, "assert doubled(21) == 42")
                    judged = guest.judge(check, 0, CELL_SECONDS)
            except GuestError as error:
                return Finding(what, False, str(error))
    except (ForkServerError, ImportError, OSError) as error:
        return Finding(what, False, f"{error}")
    ended = {ran.ended, judged.ended} - {"ok"}
    says = f"it {' and '.join(ended)}" if ended else f"ran and was judged{' in the sandbox' if is_sandboxed else ''}"
    return Finding(what, not ended, says)


def _secret(course: Path) -> Finding:
    what = "the course's secret"
    try:
        secret = secret_of(course)
    except SecretError as error:
        return Finding(what, False, str(error))
    path = path_of(course)
    if os.environ.get(VARIABLE):
        return Finding(what, True, f"that of the environment variable {VARIABLE}")
    if secret is None:
        return Finding(what, True, f"none yet: the first grading makes one, {path.relative_to(course)}")
    if path.stat().st_mode & 0o077:
        return Finding(what, False, f"others can read {path.relative_to(course)}: `chmod 600` it")
    return Finding(what, True, f"that of {path.relative_to(course)}: keep a copy, results hold with it only")


def _packages() -> Iterator[Finding]:
    for name, extra in (("torch", ""), ("nbgrader", "[grade]"), ("distributed", "[cluster]")):
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, False, f"install it with `pip install 'gradus{extra}'`")


def _data() -> Iterator[Finding]:
    data = ROOT / "data"
    for name, remedy in (
        ("mnist", "it is downloaded when first used, which the sandbox does not allow: run MNISTData() once yourself"),
        ("housing", "put boston_housing.csv there"),
        ("usps", "put zip.train.gz and zip.test.gz there; until then MNIST, made smaller, takes its place"),
    ):
        is_there = any((data / name).glob("*.*"))
        yield Finding(f"data/{name}", is_there, "found" if is_there else remedy)
