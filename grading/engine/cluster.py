"""Grade on several machines: a dask scheduler hands the same tasks to its workers, bytes in, bytes out."""

import asyncio
import atexit
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

from distributed import Client, KilledWorker, Security, get_worker
from distributed.comm.core import connect

from grading.engine.digest import engine_digest
from grading.engine.pool import Workers
from grading.engine.task import Graded, Task
from grading.results.model import Reason, ungradable

CONNECT_SECONDS = 5
AGAIN = "What was graded before is kept: mend this and run the same command again."
OTHER_CODE = "The worker {} runs other code than this machine: install the same versions there, then start it again."


class ClusterError(Exception):
    """The machines cannot grade; the sentence says why."""


class Cluster:
    """The workers of a scheduler: called with a task, it has one of them grade it."""

    def __init__(self, client: Client):
        self.threads = sum(client.nthreads().values())
        self._client = client
        self._engine = engine_digest()
        # Each thread waits for one task: one that runs, and one that lies ready, for each thread of the workers.
        self._pool = ThreadPoolExecutor(2 * self.threads or 1)
        self._alone = threading.Lock()

    def __call__(self, task: Task) -> Future[Graded]:
        """Have a task graded. The future raises ClusterError where that is not the submission's fault."""
        return self._pool.submit(self._grade, task)

    def check(self) -> None:
        """Raise ClusterError unless there are workers and all of them run the same code as this machine."""
        answers = self._client.run(_engine, on_error="return")
        if not answers:
            address = self._client.scheduler_info()["address"]
            raise ClusterError(f"The scheduler has no workers: start some with `dask worker {address}`.")
        for address, answer in sorted(answers.items()):
            if isinstance(answer, Exception):
                raise ClusterError(f"The worker {address} cannot grade ({answer}): install gradus[grade] there.")
            if answer != self._engine:
                raise ClusterError(OTHER_CODE.format(address))

    def close(self) -> None:
        """Forget all tasks: what runs comes to its end within its limits, and nobody hears of it."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _grade(self, task: Task) -> Graded:
        """Grade a task; one that was on workers that died is graded once more, no other such task beside it.

        When a worker dies, dask blames all tasks that it held: graded one by one, only the guilty one dies again.
        """
        try:
            return self._result(task)
        except KilledWorker:
            with self._alone:
                try:
                    return self._result(task)
                except KilledWorker:
                    return Graded(ungradable(Reason.KILLED_WORKERS).to_json(), None)

    def _result(self, task: Task) -> Graded:
        try:
            return self._client.submit(_grade, task, self._engine, pure=False).result()
        except (ClusterError, KilledWorker):
            raise
        except CancelledError:
            raise ClusterError(f"The scheduler is gone. {AGAIN}") from None
        except Exception as error:
            raise ClusterError(f"A worker cannot grade ({error}). {AGAIN}") from error


@contextmanager
def cluster_workers(address: str) -> Iterator[Cluster]:
    """Give a function that grades tasks on the workers of the scheduler at `address`. Raises ClusterError."""
    try:
        asyncio.run(_reach(address))
    except (OSError, TypeError, ValueError) as error:
        raise ClusterError(f"No scheduler answers at {address} ({error}): start one with `dask scheduler`.") from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what matters of it comes as an exception
    with Client(address, timeout=CONNECT_SECONDS, set_as_default=False) as client:
        cluster = Cluster(client)
        try:
            cluster.check()
            yield cluster
        finally:
            cluster.close()


async def _reach(address: str) -> None:
    """Connect once. A Client that cannot connect leaves a loop running, and a traceback when the command ends."""
    comm = await connect(address, timeout=CONNECT_SECONDS, **Security().get_connection_args("client"))
    await comm.close()


# The rest runs on the workers. A worker process starts its fork servers once and keeps them until it ends: those end
# with it, however that happens.

_starting = threading.Lock()


@cache
def _start() -> tuple[Workers, str]:
    """Start the fork servers, and hash their code now: what changes on the disk later is not what runs."""
    workers = Workers()
    atexit.register(workers.__exit__)
    return workers, engine_digest()


def _started() -> tuple[Workers, str]:
    with _starting:  # a worker may have several threads
        return _start()


def _engine() -> str:
    return _started()[1]


def _grade(task: Task, engine: str) -> Graded:
    """Grade a task in a child of this worker's. A worker that came after the check is checked here."""
    workers, own = _started()
    if own != engine:
        raise ClusterError(OTHER_CODE.format(get_worker().address))
    return workers.grade(task)
