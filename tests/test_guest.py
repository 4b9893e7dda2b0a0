"""A guest shows what a real kernel shows: one list of cells runs in both."""

import re
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from grading.engine.driver import Execution, Guest

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
CELLS = """
print("a"); print("b", end=""); 1 + 1
###
_ + 1
###
Out[2], In[1][:5]
###
"no value is shown";
###
None
###
import sys; sys.stdout.write("written\\n"); sys.stderr.write("to stderr\\n");
###
print("out"); print("err", file=sys.stderr); print("out again")
###
1 / 0
###
def f(x):
    return g(x)
def g(x):
    raise ValueError(f"no {x}")
###
f("good")
###
try:
    f(1)
except ValueError as error:
    raise RuntimeError("while handling") from error
###
for i in range(3)
###
  x = 1
 y = 2
###
undefined_name
###
raise KeyboardInterrupt
###
import sys; sys.exit(3)
###
class Odd(Exception):
    def _render_traceback_(self):
        return ["what it", "wants"]
raise Odd()
###
raise ExceptionGroup("several", [ValueError("a"), KeyError("b")])
###
from IPython.display import display, HTML, Markdown, Latex, JSON, Javascript, SVG, Image, Pretty, clear_output
display(1, "two", [3.0]); display(HTML("<b>x</b>")); display(Markdown("*m*"), Latex("$x$"))
###
display(JSON({"a": [1, 2]}), Javascript("1"), SVG("<svg xmlns='http://www.w3.org/2000/svg'/>"))
###
HTML("<i>a value</i>")
###
display({"text/plain": "p", "application/x-mine+json": {"deep": [1]}}, raw=True)
###
handle = display("first", display_id="mine"); handle.update("second")
###
for i in range(3):
    clear_output(); print("step", i)
###
for i in range(3):
    clear_output(wait=True); display(i)
###
class Both:
    def _repr_html_(self):
        return "<u>html</u>"
    def __repr__(self):
        return "plain"
Both()
###
class Broken:
    def __repr__(self):
        raise ValueError("no repr")
Broken()
###
class Mime:
    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": "t", "image/png": b"\\x89PNG"}
Mime()
###
found = !echo one; echo two
found
###
import os, subprocess
subprocess.run("echo $PAGER $TERM", shell=True, capture_output=True, text=True).stdout
###
!exit 3
_exit_code
###
%time sum(range(10))
###
%%time
z = 5
print(z)
###
%%capture captured
print("hidden"); display("too")
###
captured.stdout, len(captured.outputs)
###
%no_such_magic
###
%%no_such_cell_magic
###
%cd -q .
%env GRADUS_TEST=1
###
%who_ls int
###
%load_ext autoreload
%autoreload 2
###
%config InlineBackend.figure_format = "png"
###
len?
###
%matplotlib inline
import matplotlib.pyplot as plt
###
plt.plot([1, 2]);
###
fig, ax = plt.subplots(); ax.plot([1]); plt.show(); print("after"); plt.figure(); plt.plot([2]); plt.show()
###
fig
###
plt.get_backend()
###
import asyncio
await asyncio.sleep(0.001)
print("awaited")
###
async def later(x):
    await asyncio.sleep(0)
    return x
await later(5)
###
asyncio.get_running_loop().is_running()
###
task = asyncio.create_task(later("done by itself"))
###
await task
###
coroutine = later(1)
try:
    asyncio.run(coroutine)
finally:
    coroutine.close()
###
async for i in (i async for i in later):
    pass
###
async with asyncio.timeout(5):
    print("in time")
###
raise asyncio.CancelledError("mine")
###
import threading
thread = threading.Thread(target=lambda: print("from a thread")); thread.start(); thread.join()
###
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    print(sorted(pool.map(lambda n: n * n, range(4))))
###
import multiprocessing
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(abs, [-1, -2]))
###
import warnings
with warnings.catch_warnings(action="ignore"):  # since 3.12, of a fork beside threads, which are not the cell's
    if (pid := os.fork()) == 0:
        print("from a fork", flush=True)
        os._exit(0)
os.waitpid(pid, 0)[1]
###
import warnings; warnings.warn("careful")
###
import logging; logging.warning("mind the gap"); logging.info("not shown")
###
from tqdm import tqdm
for i in tqdm(range(3), ncols=40, bar_format="{l_bar}{n_fmt}"):
    pass
###
from tqdm.notebook import tqdm as bar
for i in bar(range(3)):
    pass
###
import ipywidgets; ipywidgets.IntSlider(3)
###
import io, contextlib
with contextlib.redirect_stdout(io.StringIO()) as text:
    print("into a string")
text.getvalue()
###
sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.writable()
###
print("é ∑ 😀"); "é ∑ 😀"
###
from __future__ import annotations
def annotated(x: nowhere): return 1
annotated(1)
###
get_ipython().run_cell("print('inner'); 7").result
###
get_ipython().run_line_magic("time", "1")
###
get_ipython().__class__.__name__, "IPKernelApp" in get_ipython().config, __name__
###
eval("1 +")
###
exec("raise ValueError('in exec')")
###
import torch; torch.tensor([1.0, 2.0]) @ torch.tensor([1.0, 2.0])
###
torch.ones(2) @ torch.ones(3)
###
x = 3; del x; x
###
assert 1 == 2, "not equal"
###
"\\n".join(str(i) for i in range(3))
###
help(len)
###
%pinfo len
###
%pdoc len
###
%history -n 1
###
globals()["new"] = 4; new
###
import getpass; print(getpass.getuser.__name__)
###
display()
###
import time; print("slow"); time.sleep(0.3); print("flush", flush=True); 0
""".strip().split("\n###\n")


def run_in_a_kernel() -> list[list[NotebookNode]]:
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, kernel_name="python3", allow_errors=True, timeout=120).execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.fixture(scope="module")
def shown(workers) -> Iterator[tuple[list, list]]:
    with closing(Guest(workers.address(), 300)) as guest:
        here = [guest.execute(cell, 1, 60).outputs for cell in CELLS]
    return run_in_a_kernel(), here


def plain(outputs: list[NotebookNode]) -> list:
    """Return outputs as what can be compared: without colours, numbers of cells, addresses, times.

    What is written on two streams one after the other comes in any order from a kernel; of a traceback, only its end is
    compared; an error without one, a guest's own, is not.
    """
    found: list = []
    for output in outputs:
        if output.output_type == "stream":
            before = [one for one in found if one[:2] == ["stream", output.name]]
            if before and all(one[0] == "stream" for one in found[found.index(before[-1]) :]):
                before[-1][2] += output.text
            else:
                found.append(["stream", output.name, output.text])
        elif output.output_type == "error":
            if output.traceback:
                found.append(["error", output.ename, output.evalue, output.traceback[-1].strip().splitlines()[-1]])
        else:
            data = {kind: "a picture" if kind.startswith("image/png") else value for kind, value in output.data.items()}
            data.pop("application/vnd.jupyter.widget-view+json", None)  # it names another widget each time
            found.append([output.output_type, data])
    return [[_neutral(part) for part in one] for one in found]


def _neutral(part: object) -> object:
    if isinstance(part, dict):
        return {kind: _neutral(value) for kind, value in part.items()}
    if not isinstance(part, str):
        return part
    part = re.sub(r"\x1b\[[0-9;]*m", "", part)
    part = re.sub(r"0x[0-9a-f]+", "0x", part)
    part = re.sub(r"\b[0-9a-f]{32}\b", "ID", part)
    part = re.sub(r"(/tmp/ipykernel_\d+/|<ipython-input-\d+-)?[0-9a-f]{8,}(\.py|>)", "<cell>", part)
    return re.sub(r"\d[\d.e+-]* ?(ns|[µμ]s|ms|s)\b", "TIME", part)


@pytest.mark.parametrize("number", range(len(CELLS)))
def test_a_cell_shows_what_it_shows_in_a_real_kernel(shown, number):
    theirs, ours = (plain(side[number]) for side in shown)
    assert ours == theirs, CELLS[number]


@pytest.fixture
def guest(workers) -> Iterator[Guest]:
    with closing(Guest(workers.address(), 300)) as running:
        yield running


def text(execution: Execution) -> str:
    return "".join(output.get("text", "") for output in execution.outputs)


def error(execution: Execution) -> str:
    return next(output.evalue for output in execution.outputs if output.output_type == "error")


@pytest.mark.parametrize(
    ("source", "out", "err"),
    [
        ("import os; os.write(1, b'one\\n'); os.write(2, b'two\\n');", "one\n", "two\n"),
        ("import os; os.system('echo from the system');", "from the system\n", ""),
        ("!echo from a shell; echo é >&2", "from a shell\r\né\r\n", ""),
        ("%%bash\necho bash; echo error >&2", "bash\n", "error\n"),
        ("import subprocess; subprocess.run(['echo', 'a program']);", "a program\n", ""),
        ("import ctypes; ctypes.CDLL(None).puts(b'from C'); ctypes.CDLL(None).fflush(None);", "from C\n", ""),
    ],
)
def test_what_programs_and_libraries_write_is_shown(guest, source, out, err):
    """A real kernel shows the same, but when its cell has ended."""
    outputs = guest.execute(source, 1, 20).outputs
    assert "".join(output.text for output in outputs if output.get("name") == "stdout") == out
    assert "".join(output.text for output in outputs if output.get("name") == "stderr") == err


def test_each_guest_has_a_random_state_of_its_own_and_each_cell_its_seed(workers):
    seeded = "import random, numpy, torch; print(random.random(), numpy.random.rand(), float(torch.rand(1)))"
    own = "import uuid; print(uuid.uuid4())"
    drawn = []
    for seed in (1, 1, 2):
        with closing(Guest(workers.address(), 60)) as guest:
            drawn.append([text(guest.execute(source, seed, 20)) for source in (seeded, own)])
    assert drawn[0][0] == drawn[1][0] != drawn[2][0]
    assert len({one for _, one in drawn}) == 3


@pytest.mark.parametrize("source", ["exit()", "quit", "exit", "%autosave 60", "len?", "None", ""])
def test_a_cell_that_shows_nothing_ends_well_and_the_guest_goes_on(guest, source):
    execution = guest.execute(source, 1, 20)
    assert (execution.ended, execution.outputs) == ("ok", [])
    assert text(guest.execute("print(1)", 1, 20)) == "1\n"


@pytest.mark.parametrize("source", ["input('name? ')", "%debug", "breakpoint()", "import pdb; pdb.set_trace()"])
def test_nobody_is_asked(guest, source):
    guest.execute("1 / 0", 1, 20)
    execution = guest.execute(source, 1, 20)
    assert execution.ended == "error"
    assert "Nobody is there to answer" in error(execution)


def test_a_check_that_a_student_copied_shows_its_sentence_alone(guest):
    guest.execute('import torch\nfrom helpers import check, start\nstart("02_manual", lang="en")', 1, 60)
    copied = '@check.graded("02_manual", points=1)\ndef mine():\n    check.close(torch.eye(2), 2 * torch.eye(2), "x")'
    (output,) = guest.execute(copied, 1, 60).outputs
    assert (output.output_type, output.traceback[0]) == ("error", "✗ mine")


def test_what_needs_a_kernel_is_told_that_there_is_none(guest):
    assert "no kernel runs it" in error(guest.execute("get_ipython().kernel.do_shutdown(True)", 1, 20))


def test_who_closes_both_standard_streams_keeps_no_thread_busy(guest):
    watching = "import os, threading\n(pipes,) = [one for one in threading.enumerate() if one.name == 'pipes']"
    guest.execute(f"{watching}\nos.close(1), os.close(2)", 1, 20)
    ran = guest.execute("pipes.join(10); pipes.is_alive()", 1, 20)
    assert ran.outputs[0].data["text/plain"] == "False"


@pytest.mark.parametrize(
    "source",
    [
        "import io, sys; sys.stdout = io.StringIO()",
        "sys.stdout.close()",
        "import os; os.close(1); os.close(2)",
        "del sys.stdout",
        "import asyncio; asyncio.get_running_loop().stop()",
        "asyncio.get_running_loop().call_soon(asyncio.get_running_loop().stop)",
        "import builtins; builtins.print = None",
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
        "asyncio.set_event_loop(None)",
        "raise SystemExit",
        "import threading; t = threading.Thread(target=exec, args=('raise ValueError',)); t.start(); t.join()",
    ],
)
def test_what_a_cell_breaks_costs_the_next_one_nothing(guest, source):
    guest.execute("import sys, asyncio, os", 1, 20)
    guest.execute(source, 1, 20)
    shows = "import sys; sys.stdout.write('here')\nawait __import__('asyncio').sleep(0)"
    assert text(guest.execute(shows, 1, 20)) == "here"
    assert guest.execute("while True: pass", 1, 1).ended == "stopped"
    assert guest.is_running


@pytest.mark.parametrize("waiting", ["while True: pass", "time.sleep(100)", "await asyncio.sleep(100)"])
def test_a_cell_out_of_time_is_interrupted_and_the_guest_goes_on(guest, waiting):
    guest.execute("import time, asyncio; x = 7", 1, 20)
    assert guest.execute(waiting, 1, 1).ended == "stopped"
    assert text(guest.execute("print(x)", 1, 20)) == "7\n"


def test_what_is_deaf_is_killed(guest):
    deaf = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    assert guest.execute(deaf, 1, 1).ended == "stopped"
    assert not guest.is_running


def test_tasks_go_on_between_cells(guest):
    guest.execute(
        "import asyncio\nseen = []\n"
        "async def tick():\n    while True:\n        seen.append(1); await asyncio.sleep(0)\n"
        "task = asyncio.create_task(tick())",
        1,
        20,
    )
    before = int(text(guest.execute("print(len(seen))", 1, 20)))
    after = int(text(guest.execute("await asyncio.sleep(0.01); print(len(seen)); task.cancel();", 1, 20)))
    assert after > before


def test_what_programs_write_without_end_is_cut(guest):
    execution = guest.execute("import subprocess; subprocess.run('yes | head -c 30000000', shell=True); 5", 1, 60)
    assert execution.ended == "ok"
    assert "bytes of output were cut off here" in execution.outputs[-1].text
    assert any(output.get("data", {}).get("text/plain") == "5" for output in execution.outputs)
    execution = guest.execute("writer = subprocess.Popen('yes', shell=True); 6", 1, 60)
    assert execution.ended == "ok", "what writes on and on holds up nobody"


def test_what_is_printed_late_goes_to_the_cell_that_runs(guest):
    late = "import threading\ngo = threading.Event()\nt = threading.Thread(target=lambda: go.wait() and print('late'))"
    guest.execute(f"{late}\nt.start()", 1, 20)
    assert "late" in text(guest.execute("go.set(); t.join()", 1, 20))


LACKING = {
    "a module": (
        "from google.colab import files\nimport math\ndef f(): return math.pi",
        ["1 (graders have no module google"],
    ),
    "what hangs on it": (
        "import google.colab as g\ng.mount(1); x = 2\ny = g\ndef f(): return x + 1.141592653589793",
        ["1 (graders have no module google", "2 (graders have no module google", "3 (graders have no module google"],
    ),
    "a magic": ("%wandb on\ndef f(): return 3.141592653589793", ["1 (graders have no such magic)"]),
    "a magic for the cell": ("%%wandb\ndef f(): return 3.141592653589793", ["1 (graders have no such magic)"]),
    "a device": (
        "import torch\ntorch.set_default_device('cuda')\ndef f(): return float(torch.ones(1)) * 3.141592653589793",
        ["2 (graders have no GPU"],
    ),
    "a device, moved to": (
        "import torch\nt = torch.ones(1).to('cuda')\ndef f(): return 3.141592653589793",
        ["2 (graders have no GPU"],
    ),
    "a network": (
        "import urllib.request\nurllib.request.urlopen('http://example.org')\ndef f(): return 3.141592653589793",
        ["2 (graders have no network)"],
    ),
    "within a block": (
        "if True:\n    import no_such_module\n    a = 1\ndef f():\n    return 3.141592653589793",
        ["2 (graders have no module no_such_module)"],
    ),
    "beside a statement on its line": (
        "import no_such_module; x = 3\ndef f(): return x + 0.141592653589793",
        ["1 (graders"],
    ),
}


@pytest.mark.parametrize("lacking", LACKING)
def test_what_graders_lack_costs_its_statement_only(guest, lacking):
    source, lines = LACKING[lacking]
    execution = guest.execute(source, 1, 20)
    assert execution.ended == "ok"
    assert len(execution.skipped) == len(lines)
    assert all(told.startswith(line) for told, line in zip(execution.skipped, lines, strict=True)), execution.skipped
    assert text(guest.execute("print(f())", 1, 20)) == "3.141592653589793\n"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("x = 1\nraise ValueError('a')", "its cell stopped at line 2: ValueError: a"),
        ("def f(:", f"its cell is no Python {PYTHON}, line 1: invalid syntax"),
        ("x = 1\n  y = 2", f"its cell is no Python {PYTHON}, line 2: unexpected indent"),
        ("def g():\n    1 / 0\n\ng()", "its cell stopped at line 4: ZeroDivisionError: division by zero"),
        ("undefined", "its cell stopped at line 1: NameError: name 'undefined' is not defined"),
        ("import google.colab\n1 / 0", "its cell stopped at line 2: ZeroDivisionError: division by zero"),
    ],
)
def test_what_a_cell_ended_with_is_told(guest, source, why):
    execution = guest.execute(source, 1, 20)
    assert execution.ended == "error"
    assert execution.why == why
