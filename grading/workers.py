"""The warm processes of one machine, and grading a task in a child of theirs, so that no submission costs a worker."""

import gc
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grading import task as step
from grading.forkserver import Child, ForkServer, ForkServerError, scratch
from grading.run import Limits
from grading.task import Graded, Submit, Task, ungradable

# What reading, rebuilding and writing may take beyond the notebook's own limit.
SPARE_SECONDS = 120
ATTEMPTS = 2


class Workers:
    """Two fork servers: one whose children grade submissions, one whose children are the students' kernels.

    They start at once and in parallel. To be used as a context, which ends them and all their children.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._is_closed = False
        self._dead: list[ForkServer] = []
        self._servers = {"grading.warm": ForkServer("grading.warm"), "grading.workers": ForkServer("grading.workers")}

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._is_closed = True
            for server in (*self._servers.values(), *self._dead):
                server.close()

    def grade(self, task: Task) -> Graded:
        """Grade a submission in a child of its own; one that takes its child along twice is ungradable."""
        for _ in range(ATTEMPTS):
            with scratch(self._address("grading.workers")) as name:
                folder = Path(name)
                _write(task, folder)
                why = self._run_child(folder, task.limits.notebook + SPARE_SECONDS)
                if why is None:
                    return _read(folder)
        result = ungradable(f"Grading it failed {ATTEMPTS} times ({why}): grade again.") | {"is_ours": True}
        return Graded(json.dumps(result).encode(), None)

    def _run_child(self, folder: Path, seconds: float) -> str | None:
        """Grade the task in a folder; return what went wrong, None if nothing did."""
        request = {"folder": str(folder), "kernels": self._address("grading.warm")}
        try:
            with closing(Child(self._address("grading.workers"), request)) as child:
                code = child.wait(seconds)
        except OSError as error:  # the server died under us: the next attempt starts another
            return str(error)
        if code == 0:
            return None
        why = folder / "why"
        return why.read_text("utf-8") if why.exists() else "out of time" if code is None else f"exit code {code}"

    def _address(self, preload: str) -> str:
        """Return the address of a server that runs, starting it again where it died."""
        with self._lock:
            if self._is_closed:
                raise ForkServerError("These workers have ended.")
            if not self._servers[preload].is_running:
                self._dead.append(self._servers[preload])  # its folder may hold what is still being graded
                self._servers[preload] = ForkServer(preload)
            self._servers[preload].wait_until_ready()
            return self._servers[preload].address


@contextmanager
def local_workers(jobs: int) -> Iterator[Submit]:
    """Give a function that grades tasks on this machine, `jobs` at a time."""
    with ThreadPoolExecutor(jobs) as pool:
        try:
            with Workers() as workers:
                yield lambda task: pool.submit(workers.grade, task)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def prepare() -> None:
    """Keep the collector from touching what the children of this process share."""
    gc.collect()
    gc.freeze()


def run(request: dict[str, Any]) -> None:
    """Grade the task that lies in `folder`, in kernels of the server at `kernels`, and leave there what it gives."""
    folder = Path(request["folder"])
    details = json.loads((folder / "task.json").read_text("utf-8"))
    os.environ["GRADUS_SECRET"] = details["secret"]
    task = Task(
        {name: (folder / f"file{i}").read_bytes() for i, name in enumerate(details["files"])},
        (folder / "instructor").read_bytes(),
        Limits(**details["limits"]),
        details["secret"],
    )
    try:
        graded = step.grade(task, request["kernels"])
    except Exception as error:
        (folder / "why").write_text(f"{type(error).__name__}: {error}", "utf-8", "replace")
        raise
    (folder / "result").write_bytes(graded.result)
    if graded.notebook is not None:
        (folder / "notebook").write_bytes(graded.notebook)


def _write(task: Task, folder: Path) -> None:
    for i, content in enumerate(task.files.values()):
        (folder / f"file{i}").write_bytes(content)
    (folder / "instructor").write_bytes(task.instructor)
    details = {"files": list(task.files), "limits": asdict(task.limits), "secret": task.secret}
    (folder / "task.json").write_text(json.dumps(details), "utf-8")


def _read(folder: Path) -> Graded:
    notebook = folder / "notebook"
    return Graded((folder / "result").read_bytes(), notebook.read_bytes() if notebook.exists() else None)
