"""What bubblewrap gives a fork server: a view of the system without network, course or gradebook."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from grading.sandbox.seal import load_seccomp
from grading.sandbox.view import SYSTEM, cache_folder, python_path, view

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
# As the first process of its own the fork server reaps all others, and their CPU time counts as ours.
NAMESPACES = [*(f"--unshare-{name}" for name in ("pid", "ipc", "net", "uts", "cgroup-try")), "--as-pid-1"]
# What Docker and Podman put into each container; what it must be allowed; how Ubuntu says that nobody may.
IN_CONTAINERS = ("/.dockerenv", "/run/.containerenv")
ALLOWED_TO_CONTAINERS = [f"--security-opt {what}=unconfined" for what in ("seccomp", "apparmor", "systempaths")]
ALLOWED_TO_ROOT = ("--cap-add SYS_ADMIN", "--cap-add NET_ADMIN")
APPARMOR = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")


@cache
def missing() -> str | None:
    """Return what keeps this machine from a sandbox, as a sentence, or None if it has one."""
    if sys.platform != "linux":
        return "The sandbox needs Linux; here students' code sees all that you see."
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed: install it with `apt install bubblewrap`, or your system's own command."
    try:
        load_seccomp()
    except OSError:
        return "libseccomp is not installed: install it with `apt install libseccomp2`, or your system's own command."
    nested = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--ipc", "--net", "--fork"]
    with tempfile.TemporaryDirectory() as folder:
        if why := _failure(wrapped([*nested, sys.executable, "-S", "-c", "import os"], Path(folder))):
            if _failure([*_bubblewrap(), *_as_nobody(), *nested, "true"]):
                return f"bubblewrap does not work here ({why}): {_remedy()}."
            return f"The sandbox cannot run Python here ({why}): everybody must be able to read it, and this course."
    return None


def _remedy() -> str:
    """Say what lets bubblewrap make its namespaces: docs/containers.md says why."""
    if any(map(os.path.exists, IN_CONTAINERS)) or "container" in os.environ:
        allowed = [*ALLOWED_TO_CONTAINERS, *(ALLOWED_TO_ROOT if os.getuid() == 0 else ())]
        return f"start this container with {' '.join(allowed)}"
    if APPARMOR.exists() and APPARMOR.read_text().strip() == "1":
        return "let programs make user namespaces, `sysctl -w kernel.apparmor_restrict_unprivileged_userns=0` as root"
    return "allow unprivileged user namespaces"


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
    steps: dict[Path, tuple[str, ...]] = {link: ("--symlink", target, str(link)) for link, target in seen.links.items()}
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
