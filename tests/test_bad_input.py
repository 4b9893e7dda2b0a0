"""Whatever is handed in, whatever it does: the points that it costs, the words that say why, no harm to others."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from conftest import COURSE, STAGES
from grading.engine.outputs import MAX_BYTES, Outputs
from grading.engine.pool import Workers
from grading.engine.task import Graded, Limits, Task
from grading.rehearsal.cohort import checks_of, solution_answers, submission
from grading.results.model import Result
from grading.results.wording import reason_of, remarks_of
from grading.sandbox.bubblewrap import missing
from grading.syntax.names import defined_names

STAGE = STAGES["02_manual"]
CHECKS = checks_of(STAGE)
FILE = "02_manual.ipynb"


def upper_part(path: Path) -> NotebookNode:
    """Read a notebook down to the checks of `sgd`: those below train networks, which takes longer than all others."""
    whole = nbformat.read(path, as_version=4)
    whole.cells = whole.cells[: whole.cells.index(cell_of(whole, CHECKS["sgd"][-1])) + 1]
    return whole


def cell_of(whole: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in whole.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def of_role(notebook: NotebookNode, *roles: str) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.gradus.role in roles]


INSTRUCTOR = upper_part(COURSE / "source/02_manual" / FILE)
INSTRUCTOR_FILE = nbformat.v4.writes(INSTRUCTOR).encode()
RELEASE = upper_part(COURSE / "notebooks/en" / FILE)
SOLVED = submission(RELEASE, tuple(solution_answers(STAGE).values()))
SOLVED_SGD = cell_of(SOLVED, "sgd").source
POINTS = {cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader.points for cell in of_role(INSTRUCTOR, "check")}
# What a demo of the solved notebook assigns, and no other cell defines.
DEMO_NAME = min(
    set().union(*(defined_names(cell.source) for cell in of_role(INSTRUCTOR, "demo")))
    - set().union(*(defined_names(cell.source) for cell in of_role(INSTRUCTOR, "setup", "answer")))
)
# Tells the processes that hazards leave behind from all others.
MARKER = f"gradus-left-behind-{uuid.uuid4().hex}"
QUICK = Limits(dict.fromkeys(("sgd", *CHECKS["sgd"]), 1.0), notebook=60)

Files = dict[str, bytes]


def notebook(answers: dict[str, str] | None = None, top: str = "", below: str = "") -> Files:
    """Return a solved notebook with other answers, and the student's own cells after the setup and below `sgd`."""
    solved = nbformat.from_dict(SOLVED)
    for name, source in (answers or {}).items():
        cell_of(solved, name).source = source
    for source, after in ((below, cell_of(solved, "sgd")), (top, setup_of(solved))):
        if source:
            solved.cells.insert(solved.cells.index(after) + 1, new_code_cell(source, id=f"own-{len(solved.cells)}"))
    return {FILE: nbformat.v4.writes(solved).encode()}


def setup_of(whole: NotebookNode) -> NotebookNode:
    return of_role(whole, "setup")[-1]


def sgd(body: str, before: str = "") -> Files:
    """Return a notebook whose `sgd` first does something else, then what it should."""
    lines = "\n".join(f"    {line}" for line in body.splitlines() or ["pass"])
    answer = f"def sgd(params, grads, eta):\n{lines}\n    return {{n: params[n] - eta * grads[n] for n in params}}"
    return notebook({"sgd": f"{before}\n{answer}"})


def source_of(name: str) -> str:
    return cell_of(SOLVED, name).source


def graded(workers: Workers, files: Files, limits: Limits = QUICK) -> tuple[Result, Graded]:
    gave = workers.grade(Task(files, INSTRUCTOR_FILE, limits, "a secret"))
    return Result.from_json(gave.result), gave


def assert_neighbour_is_whole(workers: Workers) -> None:
    """Assert that a good notebook graded right after still gets every point, and nothing is left running."""
    assert left_behind() == []
    result, _ = graded(workers, notebook())
    assert (result.status, result.points) == ("graded", sum(POINTS.values()))


def left_behind() -> list[str]:
    found = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    return [line for line in found if MARKER in line]


def words_of(result: Result) -> str:
    """Return everything that the result says, to the instructor and to the student."""
    return "\n".join([*remarks_of(result), *(check.message for check in result.checks)])


# What is no notebook, or not one alone


HTML = b"<!DOCTYPE html>\n<html><body>In [1]:</body></html>"
WHOLE = notebook()[FILE]
# Two sides of one file, each with another answer.
CONFLICT = b"<<<<<<< HEAD\n" + WHOLE + b"\n=======\n" + sgd("eta = 2 * eta")[FILE] + b"\n>>>>>>> main\n"
OTHER_COURSE = nbformat.v4.writes(
    nbformat.v4.new_notebook(
        cells=[new_code_cell(f"def {name}(x):\n    return x", id=name) for name in ("sgd", "train")]
    )
).encode()
NOT_A_NOTEBOOK = {
    "empty file": ({FILE: b""}, "The file is empty"),
    "truncated JSON": ({FILE: WHOLE[: len(WHOLE) // 2]}, "damaged or cut off, not valid JSON"),
    "HTML saved as .ipynb": ({FILE: HTML}, "The file is a web page, not a notebook"),
    "not text": ({FILE: bytes(reversed(range(256)))}, "damaged or cut off"),
    "JSON but no notebook": ({FILE: b'{"a": 1}'}, "no notebook, it has no cells"),
    "no notebook": ({}, "The folder holds no notebook"),
    "two empty files": ({FILE: b"", "other.ipynb": b""}, "The file is empty"),
    "zeros": ({FILE: bytes(len(WHOLE))}, "holds nothing but zeros"),
    "a script": ({FILE: b"import torch\n\n\ndef sgd(params, grads, eta):\n    return params\n"}, "a Python script"),
    "an archive": ({FILE: b"PK\x03\x04" + bytes(100)}, "a compressed archive"),
    "a PDF": ({FILE: b"%PDF-1.7\n"}, "The file is a PDF"),
    "a pointer": ({FILE: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"}, "large file storage"),
    "a conflict": ({FILE: CONFLICT}, "it holds git's conflict marks: ask for the merged file"),
    "another course's notebook": ({FILE: OTHER_COURSE}, "it is another course's: ask for the right file"),
}


@pytest.mark.parametrize("name", NOT_A_NOTEBOOK)
def test_what_is_no_notebook_is_ungradable(workers, name):
    files, words = NOT_A_NOTEBOOK[name]
    result, gave = graded(workers, files)
    assert result.status == "ungradable"
    assert not result.has_points
    assert words in reason_of(result)
    assert gave.notebook is None
    assert_neighbour_is_whole(workers)


def test_a_notebook_of_200_megabytes_is_ungradable(workers):
    huge = WHOLE.replace(b'"cells"', b'"padding": "' + bytes(200 * 2**20).replace(b"\0", b"x") + b'", "cells"', 1)
    result, _ = graded(workers, {FILE: huge})
    assert result.status == "ungradable"
    assert "larger than 50 MB" in reason_of(result)
    assert_neighbour_is_whole(workers)


def test_of_two_notebooks_that_with_most_answers_is_graded(workers):
    untouched = nbformat.v4.writes(RELEASE).encode()
    result, _ = graded(workers, {FILE: untouched, "final (2).ipynb": WHOLE, "broken.ipynb": b""})
    assert (result.status, result.points) == ("graded", sum(POINTS.values()))
    assert "final (2).ipynb has the most answers and is graded, not: 02_manual.ipynb, broken.ipynb." in words_of(result)


# Right answers, in files that are not as they should be: each earns every point, and a remark says what was mended.
MENDED = {
    "UTF-16": ({FILE: WHOLE.decode().encode("utf-16")}, "it was read as UTF-16"),
    "garbage at the end": ({FILE: WHOLE + b"}\n lorem"}, "not quite JSON"),
    "the end cut off": ({FILE: WHOLE[:-1500]}, "cut off or damaged"),
    "both sides of a conflict alike": (
        {FILE: b"<<<<<<< HEAD\n" + WHOLE + b"\n=======\n" + WHOLE + b"\n>>>>>>> main\n"},
        "holds git's conflict marks",
    ),
    "a list around it": ({FILE: b"[" + WHOLE + b"]"}, "inside other JSON"),
    "no-break spaces": (notebook({"sgd": SOLVED_SGD.replace("    ", "\u00a0" * 4)}), "and mended: sgd"),
    "prompts": (notebook({"sgd": ">>> " + SOLVED_SGD.replace("\n", "\n... ")}), "and mended: sgd"),
    "in two files": (
        {FILE: notebook({"sgd": ""})[FILE], "sgd.ipynb": notebook({"forward": "", "backward": ""})[FILE]},
        "Taken from another of the notebooks handed in: sgd (sgd.ipynb)",
    ),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_can_be_mended_earns_every_point(workers, name):
    files, words = MENDED[name]
    result, _ = graded(workers, files)
    assert (result.status, result.points) == ("graded", sum(POINTS.values())), words_of(result)
    assert words in words_of(result)


# What a notebook does when it runs


@dataclass(frozen=True)
class Hazard:
    """A notebook that does something odd, and what that should cost.

    loses: the exercises whose checks are lost. status: "partial" where Python was ended or a cell never ended.
    says: what the instructor or the student reads. limits: of the cells.
    """

    files: Files
    status: str = "graded"
    loses: tuple[str, ...] = ()
    says: str = ""
    limits: Limits = QUICK


NEVER_ENDS = {"status": "partial", "loses": ("sgd",), "says": "does a loop never end?"}
ENDS_PYTHON = {"status": "partial", "loses": ("sgd",), "says": "This cell ended Python itself"}
LEAVE = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', '{MARKER}'"
DAEMON = f"""
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(600)', '{MARKER}'])
    os._exit(0)
"""
FORK_LOOP = "import os, time\nif os.fork() == 0:\n    while True:\n        time.sleep(0.1)"
SHADOW = """
import os
os.mkdir('helpers')
for path in ('helpers/__init__.py', 'torch.py', 'random.py', 'json.py', 'helpers/samples.py'):
    open(path, 'w').write("raise RuntimeError('shadowed')")
"""
# Well-formed, and nested deeper than Python's trees, parser or tables of names can hold.
DEEP_CODE = (f"x = {' + '.join(5000 * ['1'])}", f"x = {'-' * 20_000}1", f"x = print{'()' * 3000}")
DEEP = """
import sys
sys.setrecursionlimit(10**9)
class Deep:
    def __repr__(self):
        return repr([self])
"""
LATE_KILL = """
import os, threading, time
def kill():
    time.sleep(0.5)
    os._exit(1)
"""
# Each process may have as much; they hold it until somebody ends them, however long the machine takes to give it.
HOLD = """
import mmap, os, time

def hold():
    for _ in range(6):
        if os.fork() == 0:
            held = mmap.mmap(-1, 700 * 2**20)
            for start in range(0, len(held), 2**20):
                held[start : start + 2**20] = b"x" * 2**20
            time.sleep(600)
    time.sleep(600)
"""
MEMORY_OF_SEVERAL = {}
if missing() is None:  # elsewhere nobody counts
    patient = Limits(cell=300, notebook=900)
    MEMORY_OF_SEVERAL["memory of several processes"] = Hazard(sgd("hold()", HOLD), **ENDS_PYTHON, limits=patient)


HAZARDS = {
    # Nobody can follow it.
    "JSON a thousand levels deep": Hazard(
        notebook(
            top="from IPython.display import JSON, display\nx = {}\nfor _ in range(300): x = [{'a': x}]\n"
            "display(JSON(x)); display({'application/json': x}, raw=True)"
        )
    ),
    # Python itself cannot hold it.
    "code too deep, in cells of one's own": Hazard(notebook(top=DEEP_CODE[0], below=DEEP_CODE[1])),
    "code too deep, in copies of checks": Hazard(
        notebook({name: f"{source_of(name)}\n{code}" for name, code in zip(POINTS, DEEP_CODE, strict=False)})
    ),
    **{f"code too deep, in an answer: {code[:20]}": Hazard(sgd("", code), loses=("sgd",)) for code in DEEP_CODE},
    # It never ends.
    "an infinite loop": Hazard(sgd("while True: pass"), **NEVER_ENDS),
    "an infinite loop at top level": Hazard(notebook({"sgd": "while True: pass"}), status="partial", loses=("sgd",)),
    "a loop that catches KeyboardInterrupt": Hazard(
        sgd("while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass"), **NEVER_ENDS
    ),
    "a loop that catches BaseException": Hazard(
        sgd("while True:\n    try:\n        while True: pass\n    except BaseException: pass"), **NEVER_ENDS
    ),
    "a loop that ignores SIGINT": Hazard(
        sgd("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"), **NEVER_ENDS
    ),
    "a long sleep": Hazard(sgd("import time\ntime.sleep(1000)"), **NEVER_ENDS),
    # It ends Python.
    "os._exit": Hazard(sgd("import os\nos._exit(0)"), **ENDS_PYTHON),
    "os._exit at top level": Hazard(notebook({"sgd": "import os\nos._exit(0)"}), status="partial", loses=("sgd",)),
    "kill -9 of itself": Hazard(sgd("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), **ENDS_PYTHON),
    "kill -9 of its process group": Hazard(sgd("import os, signal\nos.killpg(0, signal.SIGKILL)"), **ENDS_PYTHON),
    "kill -9 of its parent": Hazard(
        sgd("import os, signal, time\nos.kill(os.getppid(), 9)\ntime.sleep(9)"),
        **(ENDS_PYTHON if missing() else NEVER_ENDS),  # in the sandbox it has none that it could reach
    ),
    "deep recursion that overflows": Hazard(
        sgd("repr(Deep())", DEEP),
        **ENDS_PYTHON,
    ),
    **MEMORY_OF_SEVERAL,
    "a segmentation fault": Hazard(sgd("import ctypes\nctypes.string_at(0)"), **ENDS_PYTHON),
    "a thread that kills Python later": Hazard(
        sgd("threading.Thread(target=kill).start()\ntime.sleep(2)", LATE_KILL),
        **ENDS_PYTHON,
        limits=Limits(),
    ),
    # It raises.
    "sys.exit in a function": Hazard(sgd("import sys\nsys.exit()"), loses=("sgd",)),
    "sys.exit at top level": Hazard(notebook(below="import sys\nsys.exit()")),
    "exit() and quit() at top level": Hazard(notebook(top="exit()", below="quit()")),
    "deep recursion": Hazard(
        sgd("return sgd(params, grads, eta)"), loses=("sgd",), says="RecursionError", limits=Limits()
    ),
    "input()": Hazard(sgd("eta = float(input('eta? '))"), loses=("sgd",), says="Nobody is there to answer"),
    "input() at top level": Hazard(notebook(below="name = input('name? ')")),
    "no memory": Hazard(sgd("a = bytearray(2**60)"), loses=("sgd",), says="MemoryError"),
    # It costs nothing.
    "%%bash": Hazard(notebook(below="%%bash\necho done; exit 3")),
    "!pip install": Hazard(notebook(top="!pip install gradus-no-such-package\n%pip install gradus-no-such-package")),
    "a process left running": Hazard(notebook(top=f"{LEAVE})")),
    "a process left running in a session of its own": Hazard(notebook(top=f"{LEAVE}, start_new_session=True)")),
    "a daemon": Hazard(notebook(top=DAEMON)),
    "a process started with !": Hazard(notebook(top=f"import os\nos.system('sleep 600 {MARKER} 2>/dev/null &')")),
    "a fork left running": Hazard(notebook(top=FORK_LOOP)),
    "a plot per iteration": Hazard(
        notebook(top="for i in range(30):\n    plt.figure()\n    plt.plot(range(i))\n    plt.show()")
    ),
    "figures left open": Hazard(notebook(top="for i in range(30):\n    plt.figure()")),
    "another working directory": Hazard(notebook(top="import os\nos.chdir('/')")),
    "deleted scratch files": Hazard(notebook(top="import os, shutil\nshutil.rmtree(os.getcwd())")),
    "deleted working directory and its parent": Hazard(
        notebook(top="import os, shutil\nshutil.rmtree(os.path.dirname(os.getcwd()))")
    ),
    "files that shadow modules": Hazard(notebook(top=SHADOW)),
    "files that shadow modules, then a restart": Hazard(sgd("import os\nos._exit(1)", SHADOW), **ENDS_PYTHON),
    "set seeds": Hazard(
        sgd(
            "torch.manual_seed(0); np.random.seed(0); random.seed(0)",
            "import random\nimport numpy as np\nimport torch\ntorch.manual_seed(0)",
        )
    ),
    "another default dtype": Hazard(notebook(top="torch.set_default_dtype(torch.float64)")),
    "await at top level": Hazard(sgd("", "import asyncio\nawait asyncio.sleep(0.01)")),
    "a name of a demo": Hazard(sgd("", f"print({DEMO_NAME})")),
    "a patched print": Hazard(notebook(top="print = lambda *a: None")),
    "a print that is None": Hazard(notebook(top="import builtins\nbuiltins.print = None")),
    "a closed stdout": Hazard(notebook(top="import sys\nsys.stdout.close()")),
    "no stdout": Hazard(notebook(top="import sys\nsys.stdout = sys.stderr = None")),
    "closed file descriptors 1 and 2": Hazard(notebook(top="import os\nos.close(1); os.close(2)")),
    "warnings and prints to stderr": Hazard(
        sgd(
            "warnings.warn('mind the step')\nlogging.warning('mind the gap')\nprint('x', file=sys.stderr)",
            "import logging, sys, warnings",
        )
    ),
    # It says too much.
    "30 MB on one line": Hazard(notebook(top="print('x' * 30_000_000)")),
    "a million emoji on one line": Hazard(notebook(top="print('😀' * 1_000_000)")),
    "a million lines": Hazard(notebook(top="print('\\n'.join(map(str, range(1_000_000))))")),
    "a hundred thousand prints": Hazard(notebook(top="for i in range(100_000): print(i)")),
    "30 MB inside a check": Hazard(sgd("print('x' * 30_000_000)"), limits=Limits()),
    "20 MB of HTML": Hazard(notebook(top="from IPython.display import HTML\ndisplay(HTML('<b>' * 7_000_000))")),
    "an error of 20 MB": Hazard(sgd("raise ValueError('x' * 20_000_000)"), loses=("sgd",), limits=Limits()),
}


@pytest.mark.parametrize("name", HAZARDS)
def test_a_hazard_costs_what_it_should_and_no_more(workers, name):
    hazard = HAZARDS[name]
    result, gave = graded(workers, hazard.files, hazard.limits)
    lost = sorted(check.name for check in result.checks if check.points != check.maximum)
    assert lost == sorted(check for exercise in hazard.loses for check in CHECKS[exercise]), words_of(result)
    assert result.points == sum(POINTS.values()) - sum(POINTS[name] for name in lost)
    assert result.status == hazard.status, reason_of(result)
    assert hazard.says in words_of(result)
    assert len(gave.notebook) < 5 * 2**20
    assert_neighbour_is_whole(workers)


# What it leaves behind


def outputs_of(gave: Graded, source: str) -> list[NotebookNode]:
    """Return the outputs of the cell that contains this."""
    cells = nbformat.reads(gave.notebook.decode(), as_version=4).cells
    return next(cell.outputs for cell in cells if source in cell.source)


@pytest.mark.parametrize(
    "source",
    [
        "print('x' * 30_000_000)",
        "print('\\n'.join(map(str, range(1_000_000))))",
        "display(HTML('<b>' * 7_000_000))",
        "for i in range(200): print('x' * 100_000); display(i)",
    ],
)
def test_long_output_is_cut_with_a_note(workers, source):
    _, gave = graded(workers, notebook(top=f"from IPython.display import HTML\n{source}"))
    outputs = outputs_of(gave, source)
    assert 0 < len(json.dumps(outputs)) < 1.5 * 2**20
    assert "bytes of output were cut off here: print less.]" in outputs[-1].text


def test_a_dead_guest_leaves_what_was_won_and_what_was_defined(workers):
    """The answer to sgd uses, after the guest died in a check of loss_accuracy, what a cell before it defined."""
    files = notebook(
        {
            "loss_accuracy": "import os\ndef loss_accuracy(Yhat, Y):\n    os._exit(1)",
            "sgd": "def sgd(params, grads, eta):\n    return step(params, grads, eta)",
        },
        top="def step(params, grads, eta):\n    return {n: params[n] - eta * grads[n] for n in params}",
    )
    result, _ = graded(workers, files)
    lost = {check.name for check in result.checks if not check.points}
    assert (result.status, lost) == ("partial", set(CHECKS["loss_accuracy"]))
    assert reason_of(result) == "; ".join(f"{name} ended Python itself" for name in CHECKS["loss_accuracy"])


def test_pip_installs_nothing(workers):
    _, gave = graded(
        workers, notebook(top="!pip install cowsay\nimport importlib.util\nimportlib.util.find_spec('cowsay')")
    )
    assert "No matching distribution" in outputs_of(gave, "!pip")[0].text


def test_the_same_submission_gives_the_same_result(workers):
    """Set seeds, a dead guest and a restart change no input of a check."""
    files = sgd("import os\ntorch.manual_seed(0)\nos._exit(1)", "import torch\ntorch.manual_seed(0)")
    one, two = (graded(workers, files)[0] for _ in range(2))
    assert [(check.name, check.points, check.seed, check.message) for check in one.checks] == [
        (check.name, check.points, check.seed, check.message) for check in two.checks
    ]


def deep(levels: int) -> dict:
    value: dict = {}
    for _ in range(levels):
        value = {"a": [value]}
    return value


# What no guest of ours sends, in any field of a message: a student's process may.
WRONG = (None, True, 3, 10**400, "x", "\ud800", "\0", [], [[3]], ["x", 3], {}, {"text/plain": 3}, deep(450))
MESSAGES = {
    "stream": {"name": "stdout", "text": "x"},
    "display_data": {"data": {"text/plain": "x"}, "metadata": {}, "transient": {"display_id": "1"}},
    "update_display_data": {"data": {"text/plain": "x"}, "metadata": {}, "transient": {"display_id": "1"}},
    "execute_result": {"data": {"text/plain": "x"}, "metadata": {}, "execution_count": 1},
    "error": {"ename": "E", "evalue": "x", "traceback": ["x"]},
    "clear_output": {"wait": True},
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_forged_message_shows_nothing_or_what_a_notebook_can_hold(kind):
    outputs = Outputs()
    for field in MESSAGES[kind]:
        for wrong in WRONG:
            outputs.add("display_data", MESSAGES["display_data"])
            outputs.add(kind, MESSAGES[kind] | {field: wrong})
            outputs.add(kind, {name: value for name, value in MESSAGES[kind].items() if name != field})
            outputs.add(kind, wrong)
            outputs.add(wrong, MESSAGES[kind])
    outputs.add("stream", {"name": "stdout", "text": "the end"})
    cell = new_code_cell("", outputs=outputs.finish())
    assert "the end" in cell.outputs[-1].text
    written = nbformat.writes(new_notebook(cells=[cell])).encode("utf-8", "backslashreplace")
    nbformat.validate(nbformat.reads(written.decode(), as_version=4))


@pytest.mark.parametrize("field", ["ename", "evalue", "traceback"])
def test_a_forged_reply_of_an_error_shows_an_error(field):
    for wrong in WRONG:
        outputs = Outputs()
        outputs.add_error({"ename": "E", "evalue": "x", "traceback": ["x"]} | {field: wrong})
        (node,) = outputs.finish()
        nbformat.validate(node, ref="output", version=4)


def test_the_cap_counts_bytes_and_updates_and_spares_a_value():
    outputs = Outputs()
    outputs.add("stream", {"name": "stdout", "text": "é" * MAX_BYTES})
    outputs.add("execute_result", {"data": {"text/plain": "1.5"}, "metadata": {}, "execution_count": 1})
    text, value, note = outputs.finish()
    assert len(text.text.encode()) <= MAX_BYTES
    assert value.data["text/plain"] == "1.5"
    assert str(MAX_BYTES) in note.text

    outputs = Outputs()
    for i in range(3):
        outputs.add("display_data", {"data": {"text/plain": "x"}, "metadata": {}, "transient": {"display_id": str(i)}})
    for i in range(3):
        big = {"text/plain": "x" * 900_000}
        outputs.add("update_display_data", {"data": big, "metadata": {}, "transient": {"display_id": str(i)}})
    assert 900_000 < sum(len(node.data["text/plain"]) for node in outputs.finish() if "data" in node) <= MAX_BYTES


@pytest.mark.parametrize("kind", ["error", "execute_result"])
def test_of_what_is_shown_without_end_the_first_is_spared(kind):
    outputs = Outputs()
    outputs.add("stream", {"name": "stdout", "text": "x" * MAX_BYTES})
    for _ in range(3):
        outputs.add(kind, MESSAGES[kind])
    assert [node.output_type for node in outputs.finish()] == ["stream", kind, "stream"]


def test_what_a_guest_cannot_have_cut_off_is_not_counted():
    outputs = Outputs()
    for size in (9 * 10**4299, 9 * 10**4299, -1, "x", None):
        outputs.cut(size)
    assert outputs.finish() == []
