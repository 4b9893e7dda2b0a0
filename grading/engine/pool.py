"""The fork server of one machine, and grading a task in a child of its, so that no submission costs a worker."""

import json
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from grading.engine.forkserver import Child, ForkServer, ForkServerError, scratch
from grading.engine.imports import slow_imports
from grading.engine.task import Graded, Submit, Task
from grading.results.model import Reason, ungradable
from grading.sandbox.bubblewrap import hand_over, missing

# What reading, rebuilding and writing may take beyond the notebook's own limit.
SPARE_SECONDS = 120
ATTEMPTS = 2


class Workers:
    """A fork server, whose children grade submissions or are guests: one process has imported for all.

    It starts at once. To be used as a context, which ends it and all its children.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_closed = False
        self._dead: list[ForkServer] = []
        self._server = _start()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._is_closed = True
            for server in (self._server, *self._dead):
                server.close()

    def grade(self, task: Task) -> Graded:
        """Grade a submission in a child of its own; one that takes its child along twice is ungradable.

        Raises ForkServerError where no fork server starts, or no sandbox and the task needs one.
        """
        if task.needs_sandbox and missing():
            raise ForkServerError(f"There is no sandbox here, and --require-sandbox asks for one. {missing()}")
        for _ in range(ATTEMPTS):
            with scratch(self.address(slow_imports(task.instructor))) as name:
                folder = Path(name)
                _write(task, folder)
                hand_over(folder)
                why = self._run_child(folder, task.limits.notebook + SPARE_SECONDS)
                if why is None:
                    return _read(folder)
        return Graded(ungradable(Reason.FAILED, attempts=ATTEMPTS, why=why).to_json(), None)

    def _run_child(self, folder: Path, seconds: float) -> str | None:
        """Grade the task in a folder; return what went wrong, None if nothing did."""
        address = self.address()
        request = {"folder": str(folder), "guests": address, "guests_are_sandboxed": self._server.is_sandboxed}
        try:
            with closing(Child(address, request)) as child:
                code = child.wait(seconds)
        except OSError as error:  # the server died under us: the next attempt starts another
            return str(error)
        if code == 0:
            return None
        why = folder / "why"
        return why.read_text("utf-8") if why.exists() else "out of time" if code is None else f"exit code {code}"

    def address(self, modules: Iterable[str] = ()) -> str:
        """Return the address of the server, which has imported `modules`; it is started again where it died."""
        with self._lock:
            if self._is_closed:
                raise ForkServerError("These workers have ended.")
            if not self._server.is_running:
                self._dead.append(self._server)  # its folder may hold what is still being graded
                self._server = _start()
            self._server.wait_until_ready()
            self._server.preload(modules)
            return self._server.address


@contextmanager
def local_workers(jobs: int) -> Iterator[Submit]:
    """Give a function that grades tasks on this machine, `jobs` at a time."""
    with ThreadPoolExecutor(jobs) as pool:
        try:
            with Workers() as workers:
                yield lambda task: pool.submit(workers.grade, task)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _start() -> ForkServer:
    """Start a fork server, sandboxed where that can be."""
    return ForkServer("grading.engine.image", is_sandboxed=missing() is None)


def _write(task: Task, folder: Path) -> None:
    for i, content in enumerate(task.files.values()):
        (folder / f"file{i}").write_bytes(content)
    (folder / "instructor").write_bytes(task.instructor)
    details = {"files": list(task.files), "limits": asdict(task.limits), "secret": task.secret}
    (folder / "task.json").write_text(json.dumps(details), "utf-8")


def _read(folder: Path) -> Graded:
    notebook = folder / "notebook"
    return Graded((folder / "result").read_bytes(), notebook.read_bytes() if notebook.exists() else None)
