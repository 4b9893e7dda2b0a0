"""What this machine offers for grading, and how to get what it lacks."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
from rich.table import Table

from grading import sandbox

GIB = 2**30
NEEDED_ON_PATH = ("nbgrader", "jupyter", "alembic")


@dataclass(frozen=True)
class Finding:
    """One thing that grading uses: whether it is there, and what it is, or how to get it."""

    what: str
    is_there: bool
    says: str


def examine() -> list[Finding]:
    """Look at everything that grading uses."""
    return list(_findings())


def table(findings: list[Finding]) -> Table:
    """Return what to print."""
    shown = Table("", "what", "state", show_header=False)
    for finding in findings:
        shown.add_row("✓" if finding.is_there else "✗", finding.what, finding.says)
    return shown


def _findings() -> Iterator[Finding]:
    can_fork = sys.platform in ("linux", "darwin")
    remedy = "grading needs Linux or macOS; on Windows use its Linux subsystem"
    yield Finding("system", can_fork, f"{platform.system()} {platform.release()}" if can_fork else remedy)
    why = sandbox.missing()
    kept_out = "students' code sees no network, no file of yours, no other student"
    yield Finding("sandbox", why is None, why or kept_out)
    yield from _packages()
    missing = [name for name in NEEDED_ON_PATH if shutil.which(name) is None]
    folder = Path(sys.executable).parent
    says = f"put {folder} on PATH: {', '.join(missing)} not found" if missing else "found"
    yield Finding("commands on PATH", not missing, says)
    cores, memory = os.cpu_count() or 1, psutil.virtual_memory().total
    needed = cores * sandbox.MEMORY_BYTES + GIB
    says = f"{cores} submissions at a time may take {needed / GIB:.0f} GiB, and {memory / GIB:.0f} GiB are there"
    yield Finding("memory", memory >= needed, says if memory >= needed else f"{says}: grade with fewer --jobs")
    free = shutil.disk_usage(tempfile.gettempdir()).free
    says = f"{free / GIB:.0f} GiB free in {tempfile.gettempdir()}"
    yield Finding("temporary folder", free > GIB, says if free > GIB else f"{says}: make room, or set TMPDIR")
    yield from _data()


def _packages() -> Iterator[Finding]:
    for name, extra in (("torch", ""), ("nbgrader", "[grade]"), ("distributed", "[cluster]")):
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, False, f"install it with `pip install 'gradus{extra}'`")


def _data() -> Iterator[Finding]:
    data = Path(__file__).parent.parent / "data"
    for name, remedy in (
        ("mnist", "it is downloaded when first used, which the sandbox does not allow: run MNISTData() once yourself"),
        ("housing", "put boston_housing.csv there"),
        ("usps", "put zip.train.gz and zip.test.gz there; until then MNIST, made smaller, takes its place"),
    ):
        is_there = any((data / name).glob("*.*"))
        yield Finding(f"data/{name}", is_there, "found" if is_there else remedy)
