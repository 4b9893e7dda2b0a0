"""The fork servers: what they need of their place, and that nothing outlives whoever started them."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from conftest import COURSE
from grading.engine import driver
from grading.engine.driver import Guest, GuestError
from grading.engine.forkserver import ForkServer, ForkServerError
from grading.rehearsal.cohort import Student, write_submissions
from grading.sandbox.bubblewrap import missing

STAGE = "02_manual"


def test_a_fork_server_that_cannot_import_says_why():
    server = ForkServer("grading.no_such_module")
    with pytest.raises(ForkServerError, match="no_such_module"):
        server.wait_until_ready()
    server.close()


def test_children_end_with_the_process_that_started_their_server():
    script = (
        "import os, time\n"
        "from grading.engine.forkserver import ForkServer\n"
        "from grading.engine.driver import Guest\n"
        "server = ForkServer('grading.guest.image'); server.wait_until_ready()\n"
        "guest = Guest(server.address, 60)\n"
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


def test_a_temporary_folder_with_a_long_name_stops_no_guest(tmp_path):
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    script = (
        "from contextlib import closing\n"
        "from grading.engine.forkserver import ForkServer\n"
        "from grading.engine.driver import Guest\n"
        "with closing(ForkServer('grading.guest.image')) as server:\n"
        "    server.wait_until_ready()\n"
        "    with closing(Guest(server.address, 30)) as guest:\n"
        "        print(guest.execute('1 + 1', 1, 30).ended)\n"
    )
    env = os.environ | {"TMPDIR": str(folder)}
    ran = subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, text=True)
    assert (ran.stdout, ran.stderr) == ("ok\n", "")


@pytest.mark.parametrize("is_sandboxed", [False, missing() is None])
def test_a_guest_that_does_not_start_says_why(monkeypatch, is_sandboxed):
    monkeypatch.setattr(driver, "environment", lambda home: {"HOME": 1})
    with closing(ForkServer("grading.guest.image", is_sandboxed)) as server:
        server.wait_until_ready()
        with pytest.raises(GuestError, match="A guest did not start: TypeError: str expected, not int"):
            Guest(server.address, 30)


def test_commands_say_in_a_sentence_that_no_guest_starts(copy, tmp_path):
    engine = tmp_path / "engine"
    shutil.copytree(COURSE / "grading", engine / "grading", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("data", "helpers"):
        (engine / name).symlink_to(COURSE / name)
    image = engine / "grading/guest/image.py"
    image.write_text(
        image.read_text("utf-8").replace("os.environ.clear()", "raise OSError(28, 'No room', 'here')"), "utf-8"
    )
    write_submissions(copy / f"notebooks/en/{STAGE}.ipynb", [Student("ada", ())], copy / "submitted")
    why = "A guest did not start: OSError: [Errno 28] No room: 'here'"

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
