"""The namespaces of each guest: it sees no other one, and its files are in memory and vanish with it."""

import os
import stat
from functools import cache
from pathlib import Path

from grading import PACKAGE
from grading.sandbox.libc import call, libc, mount
from grading.sandbox.limits import FILE_BYTES
from grading.sandbox.view import PRIVATE, View, is_private, view

# <linux/sched.h>, <sys/mount.h>
CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 2**17, 2**27, 2**28, 2**29, 2**30
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 4096, 16384, 2**18


def isolate() -> None:
    """Give the children of this process, which has one thread, namespaces of their own. Raises OSError."""
    uid, gid = os.getuid(), os.getgid()
    call(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


@cache
def shown() -> View:
    """Return what guests see, for which it takes a while to look: a fork server looks once, for all its guests."""
    return view()


def furnish(scratch: Path, work: Path) -> None:
    """Hide from this process, the first of an isolated guest, what is not its own; raises OSError.

    scratch: its folder among those of other guests, where its sockets are. work: in it, where it may write, in memory.
    """
    seen, own = shown(), os.open(scratch, os.O_PATH)
    kept = {place: os.open(place, os.O_PATH) for place in seen.places if is_private(place)}  # Gradus is installed there
    mount(None, "/", None, MS_REC | MS_PRIVATE)
    for place in PRIVATE:
        mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, f"size={FILE_BYTES},nr_inodes=20000")
    for place, opened in kept.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir() if stat.S_ISDIR(os.fstat(opened).st_mode) else place.touch()
        mount(f"/proc/self/fd/{opened}", place, None, MS_BIND | MS_REC)
        os.close(opened)
    for link, target in seen.links.items():
        if is_private(link):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
    mount("tmpfs", PACKAGE, "tmpfs", MS_RDONLY)
    if not is_private(scratch):
        mount("tmpfs", scratch.parent, "tmpfs", MS_NOSUID | MS_NODEV, "size=64k")
    scratch.mkdir(parents=True)
    mount(f"/proc/self/fd/{own}", scratch, None, MS_BIND)
    os.close(own)
    mount("tmpfs", work, "tmpfs", MS_NOSUID | MS_NODEV, f"size={FILE_BYTES},nr_inodes=20000")
