"""Grading through a real dask scheduler and two worker processes: as on one machine, whoever dies."""

import itertools
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import pytest
from distributed import Client

from conftest import COURSE, STAGES, gradus, new_course
from grading.authoring.bank import Answer
from grading.engine.cluster import ClusterError, cluster_workers
from grading.records.grade import grade
from grading.rehearsal.cohort import Student, make_class, write_submissions
from grading.results.model import Result
from grading.results.wording import reason_of

STAGE = "02_manual"
CLASS = make_class(COURSE, STAGES[STAGE], 8, 1)
# Ends the dask worker that has it graded: the nearest ancestor that is no fork server.
KILLER = """import psutil

next(parent for parent in psutil.Process().parents() if "grading.engine.forkserver" not in parent.cmdline()).kill()"""

Seen = dict[str, tuple[str, float | None, list[str]]]


@contextmanager
def dask(log: Path, *words: str, **environment: str) -> Iterator[None]:
    """Run a dask command."""
    with log.open("w") as file:
        process = subprocess.Popen(["dask", *words, "--no-dashboard"], stderr=file, env=os.environ | environment)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def scheduler(folder: Path) -> Iterator[Client]:
    """Run a scheduler; give a client of it. Its address is in the file s.json."""
    words = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(folder / "s.json"))
    with (
        dask(folder / "scheduler", "scheduler", *words, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1"),
        Client(scheduler_file=str(folder / "s.json"), timeout=60, set_as_default=False) as client,
    ):
        yield client


def worker(folder: Path, name: str, **environment: str):
    """Run a worker of the scheduler of this folder, in a process of its own under a nanny."""
    words = ("worker", "--scheduler-file", str(folder / "s.json"), "--nthreads", "1", "--local-directory", str(folder))
    return dask(folder / name, *words, **environment)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Client]:
    """Run a scheduler and two workers, without the sandbox, which no submission could leave; give a client of them."""
    folder = tmp_path_factory.mktemp("dask")
    (folder / "tools").mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for tool in Path(place).glob("*"):
            if tool.name != "bwrap" and not (folder / "tools" / tool.name).exists():
                (folder / "tools" / tool.name).symlink_to(tool)
    bare = {"PATH": str(folder / "tools")}
    with scheduler(folder) as client, worker(folder, "1", **bare), worker(folder, "2", **bare):
        client.wait_for_workers(2, timeout=60)
        yield client


def address(client: Client) -> str:
    return client.scheduler.address


def handed_in(folder: Path, students: list[Student]) -> Path:
    """Make a course in which these students handed in one stage."""
    new_course(folder, STAGE)
    write_submissions(COURSE / "notebooks" / "en" / f"{STAGE}.ipynb", students, folder / "submitted")
    return folder


def seen(outcomes) -> Seen:
    """Return everybody's status, points and messages."""
    return {
        outcome.student: (
            outcome.status,
            outcome.result.points if outcome.result.has_points else None,
            [check.message for check in outcome.result.checks],
        )
        for outcome in outcomes
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory, graders) -> Seen:
    """Grade the class on this machine."""
    course = handed_in(tmp_path_factory.mktemp("local") / "course", CLASS)
    return seen(grade(course, STAGE, graders, 2))


def test_a_cluster_grades_as_one_machine_does(cluster, expected, tmp_path):
    course = handed_in(tmp_path / "course", CLASS)
    told = gradus(course, "grade", STAGE, "--scheduler", address(cluster))
    assert told.returncode == 0, told.stderr
    results = {
        student.name: Result.from_json((course / "autograded" / student.name / STAGE / "result.json").read_bytes())
        for student in CLASS
    }
    assert not any(result.sandboxed for result in results.values())  # these workers have none
    assert {
        name: (result.status, result.points, [check.message for check in result.checks])
        for name, result in results.items()
    } == expected


def test_a_worker_killed_midway_costs_nothing(cluster, expected, tmp_path):
    course = handed_in(tmp_path / "course", CLASS)
    cluster.wait_for_workers(2, timeout=60)
    before = cluster.run(os.getpid)
    count = itertools.count(1)
    with cluster_workers(address(cluster)) as submit:

        def submit_and_kill(task):
            if next(count) == 7:  # the reference and five students were handed out, the first has its result
                os.kill(min(before.values()), signal.SIGKILL)
            return submit(task)

        outcomes = grade(course, STAGE, nullcontext(submit_and_kill), submit.threads)
    assert seen(outcomes) == expected
    cluster.wait_for_workers(2, timeout=60)
    assert cluster.run(os.getpid).keys() != before.keys()


def test_a_submission_that_kills_its_workers_costs_only_itself(cluster, expected, tmp_path):
    first = STAGES[STAGE].of_kind("answer")[0].name
    killer = Student("aaron", (Answer(first, KILLER, (), "", 1),))
    course = handed_in(tmp_path / "course", [killer, *CLASS])
    cluster.wait_for_workers(2, timeout=60)
    with cluster_workers(address(cluster)) as submit:
        outcomes = grade(course, STAGE, nullcontext(submit), submit.threads)
    assert outcomes[0].status == "ungradable"
    assert "died again" in reason_of(outcomes[0].result)
    assert seen(outcomes[1:]) == expected


def test_a_worker_with_other_code_is_refused(tmp_path):
    for package in ("grading", "helpers"):
        shutil.copytree(COURSE / package, tmp_path / "code" / package)
    with (tmp_path / "code/grading/engine/task.py").open("a") as file:
        file.write("\n# changed\n")
    with scheduler(tmp_path) as client:
        with (
            pytest.raises(ClusterError, match="no workers: start some"),
            ExitStack() as stack,
        ):
            stack.enter_context(cluster_workers(address(client)))
        with worker(tmp_path, "other", PYTHONPATH=str(tmp_path / "code")):
            client.wait_for_workers(1, timeout=60)
            with pytest.raises(ClusterError, match="runs other code"), ExitStack() as stack:
                stack.enter_context(cluster_workers(address(client)))


@pytest.mark.parametrize("scheme", ["tcp", "nonsense"])
def test_an_address_where_nobody_listens_is_one_sentence(scheme, tmp_path):
    course = handed_in(tmp_path / "course", [])
    with socket.socket() as taken:  # bound, not listening: nobody else gets it
        taken.bind(("127.0.0.1", 0))
        told = gradus(course, "grade", STAGE, "--scheduler", f"{scheme}://127.0.0.1:{taken.getsockname()[1]}")
    assert told.returncode == 1
    assert told.stderr.startswith(f"No scheduler answers at {scheme}://127.0.0.1:")
    assert told.stderr.endswith("start one with `dask scheduler`.\n")
    assert told.stderr.count("\n") == 1


def test_without_dask_the_command_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden/distributed.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'distributed'\", name='distributed')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hidden"))
    told = gradus(handed_in(tmp_path / "course", []), "grade", STAGE, "--scheduler", "tcp://127.0.0.1:8786")
    assert told.returncode == 1
    assert told.stderr == "--scheduler needs distributed: install it with `pip install 'gradus[cluster]'`.\n"
