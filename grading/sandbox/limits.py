"""How much a guest may take: limits of each of its processes, and of all of them together."""

import resource
import sys
from pathlib import Path

import psutil

MEMORY_BYTES = 2 * 2**30  # what a guest may hold of its own, together with all processes that it starts
FILE_BYTES = 256 * 2**20  # the size of a file, and of all files in one of the places where it may write
PROCESSES = 64
THREADS_AND_PROCESSES = 256


def limit(seconds: float) -> None:
    """Limit what this process may use: of memory, files, and seconds of CPU time."""
    if sys.platform != "linux":
        return
    limit_memory()
    for what, most in (
        (resource.RLIMIT_NPROC, THREADS_AND_PROCESSES),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CPU, int(seconds) + 1),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 1024),
    ):
        resource.setrlimit(what, (most, most))


def limit_memory() -> None:
    """Limit the memory that this process may take from now on."""
    if sys.platform != "linux":
        return
    # Not psutil: a sandboxed guest knows itself by another number than the /proc that it sees does.
    pages = Path("/proc/self/statm").read_text().split()
    size, data = (int(pages[column]) * resource.getpagesize() for column in (0, 5))
    for what, most in (
        (resource.RLIMIT_DATA, data + MEMORY_BYTES),
        (resource.RLIMIT_AS, size + 2 * MEMORY_BYTES),  # memory shared with other processes counts here only
    ):
        resource.setrlimit(what, (most, most))


def is_over(pid: int) -> bool:
    """Tell whether a guest, below its first process, is too many processes, or holds too much memory with them."""
    try:
        first = psutil.Process(pid)
        processes = first.children(recursive=True)
    except psutil.Error:  # it has just ended
        return False
    if len(processes) > PROCESSES:
        return True
    inherited = _own_memory(first)
    if sum(max(0, _own_memory(process) - inherited) for process in processes) < MEMORY_BYTES:
        return False
    return sum(map(_share, processes)) > MEMORY_BYTES  # exact, but slow


def _own_memory(process: psutil.Process) -> int:
    """Return the bytes that no file backs, those of mappings shared with other processes included."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:  # it has just ended: the others count all the same
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


def _share(process: psutil.Process) -> int:
    """Return the bytes that it holds, those shared with others in part."""
    try:
        return int(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0
    except psutil.Error:
        return _own_memory(process)
