"""A real kernel, run as a notebook runs it: cells with ids, again and again, in any order."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

WAIT = 300  # seconds, on the busiest machine


@dataclass(frozen=True)
class Ran:
    """What became of a cell. status: what the front end is told. text: all that is shown."""

    status: str
    text: str
    mimes: tuple[str, ...]
    error: str | None


class Kernel:
    """Runs cells in a kernel."""

    def __init__(self, client: BlockingKernelClient):
        self._client = client

    def run(self, source: str, cell: str | None = None) -> Ran:
        """Run a cell, known by an id as in JupyterLab."""
        content = {"code": source, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        metadata = {"cellId": cell} if cell else {}
        message = self._client.session.msg("execute_request", content | {"stop_on_error": True}, metadata=metadata)
        self._client.shell_channel.send(message)
        number = message["header"]["msg_id"]
        shown, mimes, error = [], [], None
        while True:
            told = self._client.get_iopub_msg(timeout=WAIT)
            kind, content = told["msg_type"], told["content"]
            if told["parent_header"].get("msg_id") != number:
                continue
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "stream":
                shown.append(content["text"])
            elif kind in ("execute_result", "display_data"):
                mimes += content["data"]
                shown.append(content["data"].get("text/plain", ""))
            elif kind == "error":
                error = content["ename"]
                shown.append("\n".join(content["traceback"]) + "\n")
        while (reply := self._client.get_shell_msg(timeout=WAIT))["parent_header"]["msg_id"] != number:
            continue
        text = re.sub(r"\x1b\[[0-9;]*m", "", "".join(shown))
        return Ran(reply["content"]["status"], text, tuple(mimes), error)


@contextmanager
def kernel() -> Iterator[Kernel]:
    """Start a kernel, and end it."""
    manager, client = start_new_kernel(startup_timeout=WAIT)
    try:
        yield Kernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
