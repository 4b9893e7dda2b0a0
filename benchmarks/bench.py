"""Measure grading: `nbgrader autograde` against `gradus grade` on one class, and `gradus grade` on growing ones.

`make bench` runs it, some 20 minutes on two cores, and writes RESULTS.md beside it.
"""

import io
import multiprocessing
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

os.environ |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}

import nbformat
import psutil
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode

from grading.authoring.source import read_stage
from grading.engine import grader
from grading.engine.imports import slow_imports
from grading.engine.pool import Workers
from grading.engine.runner import Place, place_of
from grading.engine.task import OF_REFERENCE, Task
from grading.guest import image
from grading.recovery.merging import merge
from grading.rehearsal.cohort import make_class, submission, write_submissions

COURSE = Path(__file__).parent.parent
STAGES = ("02_manual", "01_math")
SIZE, SEED = 40, 1
CURVE_STAGE, CURVE = "02_manual", (10, 100, 1000)
SAMPLE_SECONDS = 1.0


@dataclass(frozen=True)
class Run:
    """What a command took: wall-clock and CPU seconds, and the largest memory of all its processes, in MiB."""

    wall: float
    cpu: float
    memory: float | None = None


def new_course(folder: Path, stage: str, size: int) -> None:
    """Make a course with a class of well-formed submissions of one stage."""
    shutil.copytree(COURSE / "source" / stage, folder / "source" / stage)
    shutil.copy(COURSE / "source/syllabus.toml", folder / "source")
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    students = make_class(COURSE, read_stage(COURSE, stage), size, SEED, damaged=False)
    write_submissions(COURSE / "notebooks/en" / f"{stage}.ipynb", students, folder / "submitted")


def measure(folder: Path, *command: str, with_memory: bool = False) -> Run:
    """Run a command of this environment in a folder. The CPU time is that of all processes it has waited for."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=os.environ | {"PATH": path}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    peak = [0.0]
    if with_memory:
        threading.Thread(target=_watch_memory, args=(process.pid, peak), daemon=True).start()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed.")
    return Run(wall, usage.ru_utime + usage.ru_stime, peak[0] if with_memory else None)


def _watch_memory(pid: int, peak: list[float]) -> None:
    """Keep the largest sum of what the processes of a tree hold; what several share counts once (PSS)."""
    while True:
        try:
            root = psutil.Process(pid)
            processes = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        total = 0
        for process in processes:
            try:
                total += process.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied, ProcessLookupError):
                continue
        peak[0] = max(peak[0], total / 2**20)
        time.sleep(SAMPLE_SECONDS)


def handed_in(stage: str, size: int) -> list[NotebookNode]:
    """Return the notebooks of the class."""
    release = nbformat.read(COURSE / "notebooks/en" / f"{stage}.ipynb", as_version=4)
    students = make_class(COURSE, read_stage(COURSE, stage), size, SEED, damaged=False)
    return [submission(release, student.answers) for student in students]


def own_work(stage: str, size: int) -> float:
    """Return the CPU seconds that the cells which graders run take, a submission, each in a fork of this process.

    As many run side by side as there are cores, as when grading: alone, a core is faster.
    """
    instructor = nbformat.read(COURSE / "source" / stage / f"{stage}.ipynb", as_version=4)
    checks = {cell.id: cell.source for cell in instructor.cells if cell.metadata.gradus.role == "check"}
    notebooks = handed_in(stage, size)
    for notebook in notebooks:
        for cell in notebook.cells:
            cell.source = checks.get(cell.id, cell.source)
    image.preload()
    with multiprocessing.get_context("fork").Pool(maxtasksperchild=1) as pool:
        return sum(pool.map(_cpu_of_cells, notebooks, chunksize=1)) / size


def _cpu_of_cells(notebook: NotebookNode) -> float:
    shell = InteractiveShell.instance()
    before = resource.getrusage(resource.RUSAGE_SELF)
    with redirect_stdout(io.StringIO()):
        for cell in notebook.cells:
            if place_of(cell) is not Place.NOWHERE:
                shell.run_cell(cell.source)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def steps(stage: str, size: int) -> tuple[float, float, float]:
    """Return the CPU seconds a submission of rebuilding it, of its guest, and of the judge with all else of grading it.

    It is graded in this process: the guests' time is that of the fork server's children.
    """
    content = (COURSE / "source" / stage / f"{stage}.ipynb").read_bytes()
    instructor = nbformat.v4.reads(content.decode())
    files = [{f"{stage}.ipynb": nbformat.writes(notebook).encode()} for notebook in handed_in(stage, size)]
    grader.prepare()
    InteractiveShell.clear_instance()
    with Workers() as workers:
        address = workers.address(slow_imports(content))
        server = psutil.Process().children(recursive=True)[-1]

        def of_guests() -> float:
            grader.grade(Task({}, content, OF_REFERENCE, "a secret"), address, True)  # the server reaps who has ended
            return server.cpu_times().children_user + server.cpu_times().children_system

        grader.grade(Task(files[0], content, OF_REFERENCE, "a secret"), address, True)
        before, start = of_guests(), time.process_time()
        for one in files:
            grader.grade(Task(one, content, OF_REFERENCE, "a secret"), address, True)
        whole = time.process_time() - start
        guests = of_guests() - before
    start = time.process_time()
    for one in files:
        merge(one, instructor)
    rebuilding = time.process_time() - start
    return rebuilding / size, guests / size, (whole - rebuilding) / size


def compare(stage: str, say: Callable[[str], None]) -> list[str]:
    """Grade one class with nbgrader and with our engine; return a row of the table for each figure."""
    with tempfile.TemporaryDirectory() as name:
        theirs, ours, one = (Path(name) / part for part in ("nbgrader", "gradus", "one"))
        for folder, size in ((theirs, SIZE), (ours, SIZE), (one, 1)):
            new_course(folder, stage, size)
            measure(folder, "nbgrader", "generate_assignment", stage)
        say(f"{stage}: nbgrader autograde")
        plain = measure(theirs, "nbgrader", "autograde", stage)
        say(f"{stage}: gradus grade")
        engine = measure(ours, "gradus", "grade", stage)
        first = measure(one, "gradus", "grade", stage)
    say(f"{stage}: the cells alone")
    work = own_work(stage, SIZE)
    say(f"{stage}: step by step")
    parts = steps(stage, SIZE)
    floor, each = work / (os.cpu_count() or 1), engine.wall / SIZE
    marginal = (engine.cpu - first.cpu) / (SIZE - 1)
    overheads = engine.cpu / SIZE - work, plain.cpu / SIZE - work
    return [
        f"{plain.wall / SIZE:.2f} s",
        f"{each:.2f} s",
        f"**{plain.wall / engine.wall:.1f}**",
        f"{work:.2f} s",
        f"{overheads[1]:.2f} s",
        f"{overheads[0]:.2f} s",
        f"**{100 * overheads[0] / overheads[1]:.1f} %**",
        f"{floor:.2f} s",
        f"**{each / floor:.2f}**",
        f"{first.wall:.1f} s",
        f"{first.cpu - marginal:.1f} s",
        f"{marginal:.2f} s",
        f"**{marginal - work:.2f} s**",
        *(f"{part:.3f} s" for part in (*parts, marginal - sum(parts))),
    ]


FIGURES = (
    "`nbgrader autograde`, a submission",
    "`gradus grade`, a submission",
    "ratio of the two",
    "own work: CPU time of the cells that are graded, in a warm process",
    "overhead of nbgrader: CPU time beyond that",
    "overhead of `gradus grade`: CPU time beyond that, start-up shared out",
    "ratio of the overheads",
    "floor: own work ÷ cores",
    "`gradus grade` ÷ floor",
    "a class of one, to its result",
    "start-up: CPU time of the command, with the reference notebook, without the one submission",
    "marginal: CPU time of one submission more",
    "marginal overhead: beyond own work",
    "— of the marginal: rebuilding the notebook",
    "— its guest: running cells, answering the judge",
    "— the judge: running checks, asking the guest; the result",
    "— the rest: forks, files, the gradebook",
)


def main() -> None:
    """Measure everything and write RESULTS.md."""

    def say(what: str) -> None:
        print(f"{datetime.now():%H:%M:%S} {what}", flush=True)

    columns = [compare(stage, say) for stage in STAGES]
    curve = []
    for size in CURVE:
        say(f"{CURVE_STAGE}: a class of {size}")
        with tempfile.TemporaryDirectory() as name:
            new_course(Path(name) / "course", CURVE_STAGE, size)
            curve.append((size, measure(Path(name) / "course", "gradus", "grade", CURVE_STAGE, with_memory=True)))
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({_processor()}), "
        f"{psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, torch {version('torch')}, nbgrader {version('nbgrader')}.",
        "",
        f"One class of {SIZE} well-formed submissions of each stage, drawn from its answer bank, graded "
        "twice in one run, everything included: start-up, the reference notebook, the gradebook.",
        "",
        f"| | {' | '.join(STAGES)} |",
        f"|---|{'---:|' * len(STAGES)}",
        *(f"| {figure} | {' | '.join(row)} |" for figure, row in zip(FIGURES, zip(*columns, strict=True), strict=True)),
        "",
        f"Growing classes of {CURVE_STAGE}; memory is the largest sum over all processes, shared pages counted once:",
        "",
        "| submissions | wall-clock | a submission | CPU a submission | memory |",
        "|---:|---:|---:|---:|---:|",
        *(
            f"| {size} | {run.wall:.0f} s | {run.wall / size:.2f} s | {run.cpu / size:.2f} s | {run.memory:.0f} MiB |"
            for size, run in curve
        ),
    ]
    (Path(__file__).parent / "RESULTS.md").write_text("\n".join(lines) + "\n", "utf-8")
    say("wrote benchmarks/RESULTS.md")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
