"""The sandbox: what students' kernels see of this machine, and how much of it they may take.

bubblewrap gives the warm process a view of the system without network, course or gradebook. Each kernel forked from it
goes on into namespaces of its own: it sees no other kernel, and its files are in memory and vanish with it.
"""

import ctypes
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

from grading import PACKAGE
from grading.sandbox.view import PRIVATE, SYSTEM, cache_folder, is_private, python_path, view

MEMORY_BYTES = 2 * 2**30  # what a kernel may hold of its own, together with all processes that it starts
FILE_BYTES = 256 * 2**20  # the size of a file, and of all files in one of the places where it may write
PROCESSES = 64
THREADS_AND_PROCESSES = 256
NOBODY = 65534
_AS_NOBODY = [
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=-all",
    "--no-new-privs",
]
# Grading uses the cores for several students at a time, not several cores for one.
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SETTINGS = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types")
# As the first process of its own the warm process reaps all others, and their CPU time counts as ours.
NAMESPACES = [*(f"--unshare-{name}" for name in ("pid", "ipc", "net", "uts", "cgroup-try")), "--as-pid-1"]
# Calls that no notebook needs: memory that no limit counts, other processes, new namespaces, the kernel's rarer doors.
FORBIDDEN = (
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget", "add_key", "keyctl", "request_key"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"),
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsmount"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "open_by_handle_at", "syslog"),
)
# <linux/sched.h>, <sys/mount.h>, <sys/statvfs.h> (nosuid, nodev, noexec, noatime, nodiratime), <linux/prctl.h>,
# <linux/capability.h>, <seccomp.h>
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 2**17, 2**27, 2**28, 2**29, 2**30
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 2**18
ST_KEPT, ST_RELATIME, MS_RELATIME = 2 + 4 + 8 + 1024 + 2048, 4096, 2**21
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, CAPABILITY_VERSION_3 = 24, 38, 0x20080522
SCMP_ACT_ALLOW, SCMP_ACT_EPERM, SCMP_ACT_ENOSYS, SCMP_CMP_MASKED_EQ = 0x7FFF0000, 0x00050001, 0x00050026, 7

_libc = ctypes.CDLL(None, use_errno=True)


@cache
def missing() -> str | None:
    """Return what keeps this machine from a sandbox, as a sentence, or None if it has one."""
    if sys.platform != "linux":
        return "The sandbox needs Linux; here students' code sees all that you see."
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: install it with `apt install bubblewrap`, or your system's own command."
    if _seccomp() is None:
        return "libseccomp is not installed: install it with `apt install libseccomp2`, or your system's own command."
    nested = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--ipc", "--net", "--fork"]
    with tempfile.TemporaryDirectory() as folder:
        if why := _failure(wrapped([*nested, sys.executable, "-S", "-c", "import os"], Path(folder))):
            if _failure([*_bubblewrap(), *_as_nobody(), *nested, "true"]):
                return f"bubblewrap does not work here ({why}): allow unprivileged user namespaces."
            return f"The sandbox cannot run Python here ({why}): everybody must be able to read it, and this course."
    return None


def environment(home: Path) -> dict[str, str]:
    """Return the environment of students' code: nothing of ours but the language, the time zone and the caches."""
    paths = {"PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin", "XDG_CACHE_HOME": str(cache_folder())}
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "LC_CTYPE", "TZ") if name in os.environ}
    return paths | {"HOME": str(home), "USER": "student"} | THREADS | kept


def wrapped(command: list[str], folder: Path) -> list[str]:
    """Return the command that runs `command` in the sandbox, with nothing to write in but /tmp and `folder`.

    In there only `environment` is known, and where matplotlib keeps what it has found out about fonts.
    """
    folder = folder.resolve()
    known = environment(Path("/tmp")) | python_path() | {"MPLCONFIGDIR": str(folder / "matplotlib")}
    (folder / "matplotlib").mkdir()
    for fonts in cache_folder().glob("matplotlib/fontlist-*.json"):
        with suppress(OSError):  # they are found again
            shutil.copy(fonts, folder / "matplotlib")
    seen = view()
    steps = {link: ("--symlink", target, str(link)) for link, target in seen.links.items()}
    steps |= {course: ("--tmpfs", str(course)) for course in seen.hidden}
    steps |= {place: ("--ro-bind", str(place), str(place)) for place in seen.places}
    steps |= {folder: ("--bind", str(folder), str(folder))}
    parents = {parent for step in steps for parent in step.parents} - {Path("/"), *steps}
    steps |= {parent: ("--perms", "755", "--dir", str(parent)) for parent in parents}
    shown = [word for step in sorted(steps) for word in steps[step]]  # folders come before what lies in them
    shown += [word for place in (*seen.hidden, "/") for word in ("--remount-ro", str(place))]
    kept = [word for pair in known.items() for word in ("--setenv", *pair)]
    hand_over(folder)
    return [*_bubblewrap(), *shown, *kept, *_as_nobody(), *command]


def _failure(command: list[str]) -> str | None:
    """Return the last line that a command says where it fails."""
    tried = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return (tried.stderr.strip().splitlines() or ["it says nothing"])[-1] if tried.returncode else None


def _bubblewrap() -> list[str]:
    """Return the start of a bubblewrap command: the system's programs and libraries, and little else."""
    words = ["bwrap", *NAMESPACES, "--new-session", "--clearenv", "--hostname", "gradus", "--cap-drop", "ALL"]
    if os.getuid() == 0:  # whose processes nothing counts: root becomes nobody
        words += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        words += ["--unshare-user"]
    for place in SYSTEM:
        if place.is_symlink():
            words += ["--symlink", str(place.readlink()), str(place)]
        else:
            words += ["--ro-bind-try", str(place), str(place)]
    words += ["--perms", "755", "--dir", "/etc"]
    for name in SETTINGS:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    return [*words, "--perms", "1777", "--tmpfs", "/tmp"]


def _as_nobody() -> list[str]:
    """Return what is put before a command so that root does not run it."""
    return _AS_NOBODY if os.getuid() == 0 else []


def hand_over(folder: Path) -> None:
    """Let what runs in the sandbox write in a folder, and in what is there already."""
    if os.getuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY)


def isolate() -> None:
    """Give the children of this process, which has one thread, namespaces of their own. Raises OSError."""
    uid, gid = os.getuid(), os.getgid()
    _call(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def furnish(scratch: Path, work: Path) -> None:
    """Hide from this process, the first of an isolated kernel, what is not its own; raises OSError.

    scratch: its folder among those of other kernels, where its sockets are. work: in it, where it may write, in memory.
    """
    seen, own = view(), os.open(scratch, os.O_PATH)
    kept = {place: os.open(place, os.O_PATH) for place in seen.places if is_private(place)}  # Gradus is installed there
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    for place in PRIVATE:
        _mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, f"size={FILE_BYTES},nr_inodes=20000")
    for place, shown in kept.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if stat.S_ISDIR(os.fstat(shown).st_mode) else place.touch()
        _mount(f"/proc/self/fd/{shown}", place, None, MS_BIND | MS_REC)
        os.close(shown)
    for link, target in seen.links.items():
        if is_private(link):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
    _mount("tmpfs", PACKAGE, "tmpfs", MS_RDONLY)
    if not is_private(scratch):
        _mount("tmpfs", scratch.parent, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k")
    scratch.mkdir(parents=True)
    _mount(f"/proc/self/fd/{own}", scratch, None, MS_BIND)
    os.close(own)
    _mount("tmpfs", work, "tmpfs", MS_NOSUID | MS_NODEV, f"size={FILE_BYTES},nr_inodes=20000")


def seal(scratch: Path, seconds: float) -> None:
    """Take from this process what is left of its rights, and limit what it may use; raises OSError.

    seconds: of CPU time, for each of its processes.
    """
    flags = os.statvfs(scratch).f_flag
    kept = flags & ST_KEPT | (MS_RELATIME if flags & ST_RELATIME else 0)  # what is allowed there may not grow
    _mount(None, scratch, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)
    limit(seconds)
    _call(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    capability = 0
    while _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    _call(_libc.capset(header, none))
    seccomp = _seccomp()
    rules = ctypes.c_void_p(seccomp.seccomp_init(SCMP_ACT_ALLOW))
    for name in FORBIDDEN:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            seccomp.seccomp_rule_add(rules, SCMP_ACT_EPERM, number, 0)
    # Processes may start others, but in no new namespace: clone says so in its flags, clone3 where nobody can look.
    new_user = _Comparison(0, SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER)
    clone, clone3 = (seccomp.seccomp_syscall_resolve_name(name) for name in (b"clone", b"clone3"))
    seccomp.seccomp_rule_add_array(rules, SCMP_ACT_EPERM, clone, 1, ctypes.byref(new_user))
    seccomp.seccomp_rule_add(rules, SCMP_ACT_ENOSYS, clone3, 0)
    _call(seccomp.seccomp_load(rules))


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
    # Not psutil: a sandboxed kernel knows itself by another number than the /proc that it sees does.
    pages = Path("/proc/self/statm").read_text().split()
    size, data = (int(pages[column]) * resource.getpagesize() for column in (0, 5))
    for what, most in (
        (resource.RLIMIT_DATA, data + MEMORY_BYTES),
        (resource.RLIMIT_AS, size + 2 * MEMORY_BYTES),  # memory shared with other processes counts here only
    ):
        resource.setrlimit(what, (most, most))


def is_over(pid: int) -> bool:
    """Tell whether a kernel, below its first process, is too many processes, or holds too much memory with them."""
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
        return process.memory_full_info().pss
    except psutil.NoSuchProcess:
        return 0
    except psutil.Error:
        return _own_memory(process)


class _Comparison(ctypes.Structure):
    """What an argument of a system call is compared with: struct scmp_arg_cmp."""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("mask", ctypes.c_uint64), ("value", ctypes.c_uint64))


@cache
def _seccomp() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError:
        return None
    library.seccomp_init.restype = ctypes.c_void_p
    return library


def _mount(source: str | None, target: Path | str, kind: str | None, flags: int, options: str | None = None) -> None:
    source, place, kind, options = (word and os.fsencode(word) for word in (source, target, kind, options))
    _call(_libc.mount(source, place, kind, ctypes.c_ulong(flags), options), str(target))


def _call(result: int, what: str | None = None) -> None:
    if result:
        number = ctypes.get_errno() or -result
        raise OSError(number, os.strerror(number), what)
