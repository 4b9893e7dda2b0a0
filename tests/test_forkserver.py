"""The warm processes: what they need of their place, and that nothing outlives whoever started them."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from conftest import COURSE
from grading.forkserver import ForkServer, ForkServerError

STAGE = "02_manual"


def test_a_fork_server_that_cannot_import_says_why():
    server = ForkServer("grading.no_such_module")
    with pytest.raises(ForkServerError, match="no_such_module"):
        server.wait_until_ready()
    server.close()


def test_children_end_with_the_process_that_started_their_server():
    script = (
        "import os, time\n"
        "from grading.forkserver import ForkServer\n"
        "from grading.kernel import Kernel\n"
        "server = ForkServer('grading.warm'); server.wait_until_ready()\n"
        "guest = Kernel(server.address, 60)\n"
        "print(server.address, guest._child.pid, flush=True)\n"
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


def test_gradus_may_lie_in_tmp(tmp_path):
    """There the sandbox hides everything else."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    try:
        for name in ("grading", "helpers"):
            shutil.copytree(COURSE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        code = (
            "import sys; from grading.task import Limits, Task; from grading.workers import Workers\n"
            "files = {sys.argv[1]: open(sys.argv[1], 'rb').read()}\n"
            "with Workers() as workers:\n"
            "    task = Task(files, open(sys.argv[2], 'rb').read(), Limits(), 'a secret')\n"
            "    print(workers.grade(task).result.decode())"
        )
        paths = [COURSE / f"notebooks/en/{STAGE}.ipynb", COURSE / f"source/{STAGE}/{STAGE}.ipynb"]
        env = os.environ | {"PYTHONPATH": str(folder)}
        command = [sys.executable, "-c", code, *map(str, paths)]
        ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert '"status": "graded"' in ran.stdout, ran.stdout + ran.stderr
    finally:
        shutil.rmtree(folder)
