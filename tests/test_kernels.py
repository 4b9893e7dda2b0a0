"""Warm kernels as others use them: through nbclient and through plain nbgrader, by configuration."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from conftest import COURSE, STAGES
from grading import kernel
from grading.cohort import Student, make_class, write_submissions
from grading.forkserver import ForkServer, ForkServerError
from grading.kernel import Kernel, KernelError
from grading.plain import read_verdicts
from grading.sandbox import missing

STAGE = "02_manual"
WARM = "gradus-warm"


def execute(*sources: str) -> nbformat.NotebookNode:
    """Run cells with nbclient in a fresh process, with warm kernels; return the executed notebook."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    script = (
        "import sys, nbformat; from nbclient import NotebookClient\n"
        "notebook = nbformat.reads(sys.stdin.read(), 4)\n"
        "NotebookClient(notebook, kernel_name='python3', allow_errors=True).execute()\n"
        "print(nbformat.writes(notebook))"
    )
    env = os.environ | {"JUPYTER_DEFAULT_PROVISIONER_NAME": WARM}
    env.pop("MPLBACKEND", None)
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, input=nbformat.writes(notebook), env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return nbformat.reads(ran.stdout, 4)


def text(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def test_nbclient_runs_notebooks_in_warm_kernels_and_leaves_nothing_behind():
    marker = "gradus-test-3141592"
    notebook = execute(
        "import sys; print('torch' in sys.modules, __name__)",
        "import matplotlib.pyplot as plt; plt.plot([1, 2]);",
        f"import subprocess; subprocess.Popen(['sh', '-c', 'sleep 1000; : {marker}'], start_new_session=True);",
        "1 / 0",
        "import os; print(os.getcwd())",
    )
    assert text(notebook.cells[0]) == "True __main__\n"
    assert "image/png" in notebook.cells[1].outputs[0].data
    assert notebook.cells[3].outputs[0].ename == "ZeroDivisionError"
    assert text(notebook.cells[4]).strip() == os.getcwd()
    assert not [p for p in psutil.process_iter(["cmdline"]) if marker in " ".join(p.info["cmdline"] or ())]


def test_each_kernel_has_a_random_state_of_its_own():
    source = "import random, numpy; print(random.random(), numpy.random.rand())"
    first, second = execute(source), execute(source)
    assert text(first.cells[0]) != text(second.cells[0])


def test_plain_nbgrader_gives_the_same_points_with_warm_kernels(tmp_path):
    shutil.copy(COURSE / "nbgrader_config.py", tmp_path)
    (tmp_path / "source" / STAGE).mkdir(parents=True)
    shutil.copy(COURSE / "source" / STAGE / f"{STAGE}.ipynb", tmp_path / "source" / STAGE)
    students = make_class(COURSE, STAGES[STAGE], 3, 7, damaged=False)[1:2]
    env = os.environ | {"JUPYTER_DEFAULT_PROVISIONER_NAME": WARM}

    def nbgrader(*words: str) -> None:
        ran = subprocess.run(["nbgrader", *words], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr

    nbgrader("generate_assignment", STAGE)
    write_submissions(tmp_path / "release/en" / STAGE / f"{STAGE}.ipynb", students, tmp_path / "submitted")
    # What lies beside the notebook is not what it imports.
    folder = tmp_path / "submitted" / students[0].name / STAGE
    (folder / "torch.py").write_text("raise RuntimeError('not this torch')")
    (folder / "helpers").mkdir()
    (folder / "helpers/__init__.py").write_text("raise RuntimeError('not these helpers')")
    nbgrader("autograde", STAGE)
    path = tmp_path / "autograded" / students[0].name / STAGE / f"{STAGE}.ipynb"
    verdicts = read_verdicts(nbformat.read(path, as_version=4))
    assert {verdict.name for verdict in verdicts if not verdict.points} == students[0].fails


def test_a_fork_server_that_cannot_import_says_why():
    server = ForkServer("grading.no_such_module")
    with pytest.raises(ForkServerError, match="no_such_module"):
        server.wait_until_ready()
    server.close()


def test_children_end_with_the_process_that_started_their_server():
    script = (
        "import os, time\n"
        "from grading.forkserver import Child, ForkServer\n"
        "server = ForkServer('grading.warm'); server.wait_until_ready()\n"
        "request = {'arguments': [], 'folder': '/', 'environment': dict(os.environ), 'seconds': 60}\n"
        "child = Child(server.address, request)\n"
        "print(server.address, child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    address, pid = process.stdout.readline().split()
    child = psutil.Process(int(pid))
    process.kill()
    process.wait()
    process.stdout.close()
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running()
    folder = Path(address).parent
    servers = [p for p in psutil.process_iter(["cmdline"]) if str(folder) in (p.info["cmdline"] or ())]
    psutil.wait_procs(servers, timeout=60)
    assert not folder.exists()


def test_a_temporary_folder_with_a_long_name_stops_no_kernel(tmp_path):
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    script = (
        "from contextlib import closing\n"
        "from grading.forkserver import ForkServer\n"
        "from grading.kernel import Kernel\n"
        "with closing(ForkServer('grading.warm')) as server:\n"
        "    server.wait_until_ready()\n"
        "    with closing(Kernel(server.address, 30)) as kernel:\n"
        "        print(kernel.execute('1 + 1', 1, 30).ended)\n"
    )
    env = os.environ | {"TMPDIR": str(folder)}
    ran = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("ok\n", "")


@pytest.mark.parametrize("is_sandboxed", [False, missing() is None])
def test_a_kernel_that_does_not_start_says_why(monkeypatch, is_sandboxed):
    monkeypatch.setattr(kernel, "environment", lambda home: {"HOME": 1})
    with closing(ForkServer("grading.warm", is_sandboxed)) as server:
        server.wait_until_ready()
        with pytest.raises(KernelError, match="A kernel did not start: TypeError: str expected, not int"):
            Kernel(server.address, 30)


def test_commands_say_in_a_sentence_that_no_kernel_starts(copy, tmp_path):
    engine = tmp_path / "engine"
    shutil.copytree(COURSE / "grading", engine / "grading", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("data", "helpers"):
        (engine / name).symlink_to(COURSE / name)
    warm = engine / "grading/warm.py"
    warm.write_text(
        warm.read_text("utf-8").replace("os.environ.clear()", "raise OSError(28, 'No room', 'here')"), "utf-8"
    )
    write_submissions(copy / f"notebooks/en/{STAGE}.ipynb", [Student("ada", ())], copy / "submitted")
    why = "A kernel did not start: OSError: [Errno 28] No room: 'here'"

    def told(*words: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "grading.cli", *words]
        env = os.environ | {"PYTHONPATH": str(engine), "COLUMNS": "200"}
        return subprocess.run(command, cwd=copy, env=env, capture_output=True, text=True)

    doctor = told("doctor")
    assert doctor.returncode == 0, doctor.stderr
    assert re.search(rf"✗ │ a student's cell +│ {re.escape(why)} ", doctor.stdout)
    for words in (("grade", STAGE), ("demo",)):
        ran = told(*words)
        assert ran.returncode == 1
        assert why in ran.stderr
        assert ran.stderr.count("\n") == 1, ran.stderr
