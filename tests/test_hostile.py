"""The hostile corpus: no points, nothing read, nothing left behind, and the neighbours graded as if they were alone."""

import json
import os
import shutil
import socket
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat
import psutil
import pytest
from nbgrader.api import Gradebook

from conftest import STAGES
from corpus import COURSE, STAGE, neighbour, plant, read_corpus
from grading.engine.pool import local_workers
from grading.engine.task import Limits
from grading.pages.feedback import feedback
from grading.records.grade import grade
from grading.rehearsal.cohort import make_class, submission
from grading.results.model import Result
from grading.results.wording import reason_of, remarks_of
from grading.sandbox.bubblewrap import missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

CORPUS = {attack.name: attack for attack in read_corpus()}
SECRET, MARKER = f"canary-{uuid.uuid4().hex[:12]}", f"left-{uuid.uuid4().hex[:12]}"
# What stands in the repository itself, and no student may see.
BANK = (COURSE / f"data/answers/{STAGE}.py").read_text("utf-8").splitlines()[1]
EVERY = 10  # hostile submissions for each good one
QUICK = Limits({"extra-1": 10, "count_steps_value": 8, "init_params_shapes": 8}, notebook=40)


@dataclass
class Class:
    """A graded class. alone: what the neighbours earned without the others. heard: what reached our own sockets.

    before: the processes that other tests had started.
    """

    course: Path
    places: dict[str, str]
    tmp: Path
    before: set[psutil.Process]
    alone: dict[str, Result]
    heard: list[str]

    def result(self, student: str) -> Result:
        """Return a student's result."""
        return Result.from_json((self.course / "autograded" / student / STAGE / "result.json").read_bytes())

    def neighbours(self) -> list[str]:
        """Return the good students among the others."""
        return sorted(folder.name for folder in (self.course / "submitted").glob("*-neighbour-*"))

    def shown(self, student: str) -> str:
        """Return all that grading says of a student: the outputs, the result, the page."""
        notebook = self.course / "autograded" / student / STAGE / f"{STAGE}.ipynb"
        cells = nbformat.read(notebook, as_version=4).cells if notebook.exists() else []
        outputs = json.dumps([cell.get("outputs", []) for cell in cells])
        page = (self.course / "feedback" / student / STAGE / f"{STAGE}.html").read_text("utf-8")
        return "\n".join([outputs, self.result(student).to_json().decode(), page])


def children() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def student_of(name: str) -> str:
    return f"{list(CORPUS).index(name):03}-{name}"


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Iterator[Class]:
    """Grade two good submissions alone, then many copies of them among the whole corpus."""
    course, home = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"))
        patch.setattr(Limits, "from_reference", lambda seconds: QUICK)
        tmp, before = Path(tempfile.mkdtemp(prefix="hostile-", dir="/tmp")), children()
        patch.setattr(tempfile, "tempdir", str(tmp))
        environment: dict[str, str] = {}
        for name in ("source/02_manual", "data/answers", "docs/marking"):
            shutil.copytree(COURSE / name, course / name)
        for name in ("nbgrader_config.py", "source/syllabus.toml"):
            shutil.copy(COURSE / name, course / name)
        plant(course, home, environment, SECRET)
        for name, value in environment.items():
            patch.setenv(name, value)
        release = nbformat.read(COURSE / f"notebooks/en/{STAGE}.ipynb", as_version=4)
        students = make_class(COURSE, STAGES[STAGE], 4, 1, damaged=False)[:2]
        good = {student.name: submission(release, student.answers) for student in students}
        for name, notebook in good.items():
            neighbour(course / "submitted" / name / STAGE, notebook, SECRET)
        grade(course, STAGE, local_workers(1), 1)
        with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
            gradebook.update_or_create_student(next(iter(good)), last_name=f"{SECRET}-gradebook")
        with _listening(tmp) as ears:
            places = {"course": course, "repository": COURSE, "home": home, "marker": MARKER, "tmp": tmp}
            places |= {"neighbour": next(iter(good)), "port": ears.port, "free": ears.free, "socket": ears.path}
            whole = Class(course, {word: str(place) for word, place in places.items()}, tmp, before, {}, [])
            whole.alone = {name: whole.result(name) for name in good}
            for i, (name, attack) in enumerate(CORPUS.items()):
                attack.hand_in(course / "submitted" / student_of(name) / STAGE, whole.places)
                if i % EVERY == 0:
                    name, notebook = list(good.items())[i // EVERY % len(good)]
                    neighbour(course / "submitted" / f"{i:03}-neighbour-{name}" / STAGE, notebook, SECRET)
            grade(course, STAGE, local_workers(2), 2)
            whole.heard = ears.heard()
        feedback(course, STAGE, reveal=("points", "messages", "tests", "models"))
        yield whole
    shutil.rmtree(tmp, ignore_errors=True)


class _listening:
    """Sockets of the machine on which a class is graded, and what reached them."""

    def __init__(self, folder: Path):
        self.path = str(folder / "victim")
        unix, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        tcp, udp, free = socket.socket(), socket.socket(type=socket.SOCK_DGRAM), socket.socket()
        unix.bind(self.path)
        abstract.bind(f"\0{MARKER}")
        tcp.bind(("", 0))
        self.port = tcp.getsockname()[1]
        udp.bind(("", self.port))
        free.bind(("", 0))
        self.free = free.getsockname()[1]
        free.close()
        for server in (unix, abstract, tcp):
            server.listen()
        self._sockets = {"unix": unix, "abstract": abstract, "tcp": tcp, "udp": udp}

    def __enter__(self) -> "_listening":
        return self

    def __exit__(self, *exception: object) -> None:
        for server in self._sockets.values():
            server.close()
        os.unlink(self.path)

    def heard(self) -> list[str]:
        heard = []
        for name, server in self._sockets.items():
            server.setblocking(False)
            try:
                heard.append(f"{name}: {server.recv(100) if name == 'udp' else server.accept()}")
            except BlockingIOError:
                continue
        return heard


@pytest.mark.parametrize("name", CORPUS)
def test_an_attack_gains_nothing_and_has_a_result(graded, name):
    attack, result = CORPUS[name], graded.result(student_of(name))
    checks = result.checks
    gained = {check.name: check.points for check in checks if check.points}
    assert set(gained) == set(attack.earns)
    # The shapes are right, or one letter too many of a choice is, as chance has it.
    assert all(name.endswith("_shapes") or gained[name] <= 1 for name in gained)
    assert result.status == attack.status, reason_of(result)
    assert all(check.message for check in checks if not check.points)
    assert len(checks) == (0 if attack.status == "ungradable" else len(STAGES[STAGE].of_kind("check")))
    words = [*remarks_of(result), *(check.message for check in checks)]
    assert attack.says in "\n".join(words)
    if attack.status != "graded":
        assert result.reasons
        assert not result.is_ours


@pytest.mark.parametrize("name", CORPUS)
def test_an_attack_reads_nothing(graded, name):
    shown = graded.shown(student_of(name))
    places = ("seed", "file", "environment", "home", "source", "hidden", "neighbour", "gradebook")
    assert not {place for place in places if f"{SECRET}-{place}" in shown}
    assert SECRET not in shown
    assert BANK not in shown


def test_the_engine_is_out_of_sight(graded):
    assert "engine-file" not in graded.shown(student_of("engine_files"))


def test_neighbours_are_graded_as_if_they_were_alone(graded):
    for student in graded.neighbours():
        assert _told(graded.result(student)) == _told(graded.alone[student.rpartition("-")[2]]), student


def test_the_gradebook_holds_what_was_earned(graded):
    with Gradebook(f"sqlite:///{graded.course}/gradebook.db", "gradus") as gradebook:
        for name, attack in CORPUS.items():
            if attack.status != "ungradable":
                score = gradebook.find_submission(STAGE, student_of(name)).score
                assert score == graded.result(student_of(name)).points, name
        for student in graded.neighbours():
            assert gradebook.find_submission(STAGE, student).score == graded.result(student).points


def test_nothing_is_sent(graded):
    assert graded.heard == []


def test_no_process_is_left_behind(graded):
    assert children() <= graded.before
    lines = {process.pid: " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])}
    assert {pid: line for pid, line in lines.items() if MARKER in line or str(graded.tmp) in line} == {}


def test_no_socket_is_left_behind(graded):
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", int(graded.places["free"]))) != 0
    assert f"{MARKER}-server" not in Path("/proc/net/unix").read_text()


def test_no_file_is_left_behind(graded):
    assert list(graded.tmp.iterdir()) == []
    places = [*map(Path, ("/tmp", "/var/tmp", "/dev/shm", "/", "/usr", "/etc", "/run")), COURSE]
    assert [path for place in places for path in place.glob(f"{MARKER}*")] == []
    for folder in (graded.course / "autograded", graded.course / "source", Path(graded.places["home"])):
        assert [path for path in folder.rglob("*") if MARKER in path.name] == []
        files = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".ipynb", ".json"))
        assert [path for path in files if MARKER.encode() in path.read_bytes()] == []
    assert len(list((graded.course / "submitted").iterdir())) == len(CORPUS) + len(graded.neighbours()) + 2


def test_pages_run_no_script_of_a_student(graded):
    page = (graded.course / "feedback" / student_of("scripts") / STAGE / f"{STAGE}.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert "onerror" not in page.replace("&quot;", '"').split("<pre", 1)[0]


def _told(result: Result) -> tuple:
    """Return what a result says, without what takes time."""
    checks = tuple(replace(check, seconds=0.0) for check in result.checks)
    return result.status, result.reasons, result.remarks, result.unanswered, result.questions, checks
