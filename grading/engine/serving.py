"""What runs in a fork server: the slow imports, once, and for each request a child, whose end it sees to."""

import ctypes
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from grading.engine.imports import preload
from grading.sandbox.libc import collapse_memory
from grading.sandbox.limits import is_over
from grading.sandbox.namespaces import furnish, isolate, shown

Run = Callable[[dict[str, Any]], None]  # what a child does with its request

WATCH_SECONDS, SPARED_SECONDS = 0.2, 0.5
MANY = 8  # forks, from which on it pays that the next ones are cheap
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def serve(image: str, listener: socket.socket, folder: Path, is_sandboxed: bool) -> None:
    """Import `image`, and fork for each connection to `listener` until stdin ends; then remove the folder."""
    gc.disable()  # of what is imported nothing is garbage, but the collector looks again and again
    module = importlib.import_module(image)
    module.prepare()
    if is_sandboxed:
        shown()
    _settle()
    _control(PR_SET_CHILD_SUBREAPER, 1)  # so that the children of children that end are ours, and none escapes
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started us
    try:
        os.write(sys.stdin.fileno(), b".")
        _answer(listener, module.run, is_sandboxed)
    finally:  # whoever started us may have been killed
        _kill_descendants()
        shutil.rmtree(folder, ignore_errors=True)


def _answer(listener: socket.socket, run: Run, is_sandboxed: bool) -> None:
    """Fork a keeper for each connection until stdin ends; what stdin names is imported first."""
    forks = 0
    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            names = os.read(sys.stdin.fileno(), select.PIPE_BUF).decode().split()
            if not names:
                return
            for name in names:
                with suppress(Exception):  # whoever needs it meets the same, and says so
                    preload(name)
            _settle()
            continue
        forks += 1
        if forks == MANY:
            collapse_memory()
        connection, _ = listener.accept()
        with connection:
            try:
                is_keeper = os.fork() == 0
            except OSError:  # too many processes: the client is told by the end of the connection
                continue
            if is_keeper:
                listener.close()
                _keep(connection, run, is_sandboxed)
        while _reaped():
            pass


def _settle() -> None:
    """Keep the collector from touching what this process's forks share with it."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _keep(connection: socket.socket, run: Run, is_sandboxed: bool) -> None:
    """Run one request in a child of its own, pass signals to it, and leave nothing of it behind."""
    try:
        _control(PR_SET_CHILD_SUBREAPER, 1)
        request = json.loads(connection.makefile().readline())
        is_sandboxed = is_sandboxed and "scratch" in request
        wake, alarm = socket.socketpair()
        alarm.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(alarm.fileno(), warn_on_full_buffer=False)
        if "log" in request:
            log = os.open(request["log"], os.O_WRONLY)
            os.dup2(log, 2)
            os.close(log)
        try:
            if is_sandboxed:
                isolate()
            child = os.fork()
        except OSError as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            _tell(connection, pid=os.getpid())
            _tell(connection, exit=1)
            return
        if child == 0:
            signal.set_wakeup_fd(-1)
            for end in (connection, wake, alarm):
                end.close()
            _run(run, request, is_sandboxed)
        _tell(connection, pid=child)
        code = _watch(child, connection, wake, is_sandboxed)
        if code is not None:
            _tell(connection, exit=code)
    except OSError:
        pass  # the client is gone, and with it whoever wanted to know
    finally:
        _kill_descendants()
        os._exit(0)


def _tell(connection: socket.socket, **what: int) -> None:
    connection.sendall(json.dumps(what).encode() + b"\n")


def _run(run: Run, request: dict[str, Any], is_sandboxed: bool) -> None:
    """Run a request in this process, or below it, and end it."""
    code = 1
    try:
        os.setsid()
        _control(PR_SET_PDEATHSIG, signal.SIGKILL)  # without its keeper nobody would end it
        if is_sandboxed:
            furnish(Path(request["scratch"]), Path(request["folder"]))
            _stay_first()
        for number in (signal.SIGCHLD, signal.SIGINT):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        run(request | {"is_sandboxed": is_sandboxed})
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc(file=sys.__stderr__)  # a guest has a stderr of its own
    finally:
        os._exit(code)


def _stay_first() -> None:
    """Fork, and return in the child; the parent, first of its namespace, stays, reaps, and ends as the child ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = os.fork()
    while child:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def _watch(child: int, connection: socket.socket, wake: socket.socket, is_sandboxed: bool) -> int | None:
    """Return the child's exit code, or None where the client hangs up first."""
    while True:
        readable, _, _ = select.select([connection, wake], [], [], WATCH_SECONDS if is_sandboxed else None)
        if not readable and is_over(child):
            _signal_group(child, signal.SIGKILL)
        if wake in readable:
            wake.recv(4096)
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == child:
                    return os.waitstatus_to_exitcode(status)
                if pid == 0:
                    break
        if connection in readable:
            numbers = connection.recv(4096)
            if not numbers:
                return None
            for number in numbers:
                _signal_group(child, number)


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:  # it has not called setsid yet
        os.kill(pid, number)


def _control(option: int, value: int) -> None:
    """Set an attribute of this process that only Linux has."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value)


def _reaped() -> int | None:
    """Reap a child that has ended and return its pid; 0 if all still run, None if there is no child."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0]
    except ChildProcessError:
        return None


def _kill_descendants() -> None:
    """Kill and reap until this process has no child left.

    For a while only what is below its children, which so can reap it: the time it took is then counted as theirs.
    """
    me, deadline = psutil.Process(), time.monotonic() + SPARED_SECONDS
    while (pid := _reaped()) is not None:
        if pid == 0:
            own = me.children()
            below = set(me.children(recursive=True)).difference(own) if time.monotonic() < deadline else ()
            for process in below or own:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            time.sleep(0.002)


if __name__ == "__main__":
    image, number, folder, freedom = sys.argv[1:]
    serve(image, socket.socket(fileno=int(number)), Path(folder), freedom == "sandboxed")
