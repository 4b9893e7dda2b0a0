"""The seal of a guest: it loses its rights, and the calls of Linux that no notebook needs."""

import ctypes
import os
from functools import cache
from pathlib import Path

from grading.sandbox.libc import call, libc, mount
from grading.sandbox.limits import limit
from grading.sandbox.namespaces import CLONE_NEWUSER, MS_BIND, MS_RDONLY

# Calls that no notebook needs: memory that no limit counts, other processes, new namespaces, the kernel's rarer doors.
FORBIDDEN = (
    *("memfd_create", "memfd_secret", "shmget", "msgget", "semget", "add_key", "keyctl", "request_key"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp"),
    *("unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsmount"),
    *("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "open_by_handle_at", "syslog"),
)
# <sys/mount.h>, <sys/statvfs.h> (nosuid, nodev, noexec, noatime, nodiratime), <linux/prctl.h>, <linux/capability.h>,
# <seccomp.h>
MS_REMOUNT = 32
ST_KEPT, ST_RELATIME, MS_RELATIME = 2 + 4 + 8 + 1024 + 2048, 4096, 2**21
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, CAPABILITY_VERSION_3 = 24, 38, 0x20080522
SCMP_ACT_ALLOW, SCMP_ACT_EPERM, SCMP_ACT_ENOSYS, SCMP_CMP_MASKED_EQ = 0x7FFF0000, 0x00050001, 0x00050026, 7


def seal(scratch: Path, seconds: float) -> None:
    """Take from this process what is left of its rights, and limit what it may use; raises OSError.

    seconds: of CPU time, for each of its processes.
    """
    flags = os.statvfs(scratch).f_flag
    kept = flags & ST_KEPT | (MS_RELATIME if flags & ST_RELATIME else 0)  # what is allowed there may not grow
    mount(None, scratch, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)
    limit(seconds)
    call(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    capability = 0
    while libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
        capability += 1
    header, none = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0), (ctypes.c_uint32 * 6)()
    call(libc.capset(header, none))
    seccomp = load_seccomp()
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
    call(seccomp.seccomp_load(rules))


class _Comparison(ctypes.Structure):
    """What an argument of a system call is compared with: struct scmp_arg_cmp."""

    _fields_ = (("arg", ctypes.c_uint), ("op", ctypes.c_int), ("mask", ctypes.c_uint64), ("value", ctypes.c_uint64))


@cache
def load_seccomp() -> ctypes.CDLL:
    """Return the library that writes filters of system calls. Raises OSError where there is none."""
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    return library
