"""What the hostile corpus earns with plain nbgrader and with Gradus: writes docs/hostile.md.

    python benchmarks/hostile.py            # about ten minutes
    python benchmarks/hostile.py NAME …     # these alone; plain nbgrader's part is kept where it is known

Plain nbgrader runs in a container of bubblewrap, without network, with limits; what might still harm is not run.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

COURSE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(COURSE), str(COURSE / "tests")]

import nbformat

from corpus import STAGE, Attack, neighbour, plant, read_corpus
from grading.authoring.source import read_stages
from grading.engine.pool import Workers
from grading.engine.task import Limits, Task
from grading.rehearsal.cohort import make_class, submission
from grading.results.model import Result
from grading.results.wording import one_line, reason_of

FOUND = COURSE / "benchmarks" / "hostile.json"
PAGE = COURSE / "docs" / "hostile.md"
SECRET, SECONDS, JOBS = "canary-benchmark", 60, 2
# They would take this machine's memory, disk, processes or time, container or not.
NOT_RUN = {
    *("fork_bomb", "sleepers", "shell_bomb", "threads", "memory", "memory_in_processes", "shared_memory"),
    *("shared_memory_alone", "processors", "flood", "fill_the_disk", "fill_the_inodes", "many_laughs", "rings"),
    *("thin_tensors", "many_rows", "huge_output", "deaf_loop", "system_settings", "link_beside"),
}
NOT_YET = {"says": "not measured"}  # the benchmark was interrupted: run it again
QUICK = Limits({"extra-1": 10, "count_steps_value": 6}, notebook=45)


def main(names: list[str]) -> None:
    """Grade the corpus, or these submissions, in both ways, and write the page."""
    found = json.loads(FOUND.read_text()) if FOUND.exists() else {}
    corpus = read_corpus()
    known = {attack.name: attack for attack in corpus}
    todo = [known[name] for name in names or known]
    with tempfile.TemporaryDirectory(prefix="hostile-", dir="/tmp") as name:
        course = _course(Path(name))
        with Workers() as workers, ThreadPoolExecutor(JOBS) as pool:
            rows = pool.map(lambda attack: _both(attack, course, workers, found.get(attack.name, {})), todo)
            for attack, row in zip(todo, rows, strict=True):
                found[attack.name] = row
                FOUND.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
                print(attack.name, row, flush=True)
    PAGE.write_text(_page(corpus, found), "utf-8")


def _course(folder: Path) -> Path:
    """Make a course with secrets, a release in nbgrader's gradebook, and a good student."""
    course = folder / "course"
    for name in ("source/02_manual", "data/answers", "docs/marking"):
        shutil.copytree(COURSE / name, course / name)
    for name in ("nbgrader_config.py", "source/syllabus.toml"):
        shutil.copy(COURSE / name, course / name)
    (course / "home").mkdir()
    plant(course, course / "home", environment := {}, SECRET)
    os.environ.setdefault("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    os.environ.update({name: value for name, value in environment.items() if name != "HOME"})
    release = nbformat.read(COURSE / f"notebooks/en/{STAGE}.ipynb", as_version=4)
    stage = next(stage for stage in read_stages(COURSE) if stage.name == STAGE)
    (good,) = make_class(COURSE, stage, 1, 1, damaged=False)
    neighbour(course / "submitted" / good.name / STAGE, submission(release, good.answers), SECRET)
    code = (
        "from grading.course.plain import generate_assignment; from pathlib import Path; "
        f"generate_assignment(Path({str(COURSE)!r}), Path({str(course)!r}), 'en', {STAGE!r}, database=True)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | {"PYTHONPATH": str(COURSE)})
    return course


def _both(attack: Attack, template: Path, workers: Workers, before: dict[str, Any]) -> dict[str, Any]:
    """Grade one submission with Gradus and, unless that is known from before, with plain nbgrader."""
    course = template.parent / attack.name
    shutil.copytree(template, course)
    places = {"course": course, "repository": COURSE, "home": course / "home", "marker": "left-behind", "port": 9}
    places |= {"tmp": "/tmp", "free": 18765, "socket": "/nowhere", "neighbour": "ada"}
    folder = course / "submitted" / attack.name / STAGE
    attack.hand_in(folder, {word: str(place) for word, place in places.items()})
    files = [path for path in folder.glob("*.ipynb") if path.is_file() and not path.is_symlink()]
    instructor = (course / f"source/{STAGE}/{STAGE}.ipynb").read_bytes()
    graded = workers.grade(Task({path.name: path.read_bytes() for path in files}, instructor, QUICK, f"{SECRET}-seed"))
    result = Result.from_json(graded.result)
    says = reason_of(result) or (one_line(result.checks[0]) if result.checks else "")
    ours = {"points": result.points if result.has_points else None, "status": result.status, "says": " ".join(says.split())[:120]}
    plain = before.get("plain", NOT_YET)
    if attack.name in NOT_RUN:
        plain = {"says": "not run"}
    elif plain == NOT_YET:
        plain = _plain(course, attack.name)
    shutil.rmtree(course, ignore_errors=True)
    return {"plain": plain, "gradus": ours}


def _plain(course: Path, student: str) -> dict[str, Any]:
    """Grade a submission with plain nbgrader in a container of which only the course can be written."""
    words = ["bwrap", "--unshare-all", "--new-session", "--die-with-parent", "--cap-drop", "ALL", "--ro-bind", "/", "/"]
    words += ["--proc", "/proc", "--dev", "/dev", "--size", str(2**28), "--tmpfs", "/tmp", "--tmpfs", "/var/tmp"]
    words += ["--bind", str(course), str(course), "--setenv", "HOME", str(course / "home"), "--chdir", str(course)]
    words += [sys.executable, __file__, "--inside", str(course), student]
    with (course / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=_limit)
        try:
            process.wait(SECONDS)
            ended = ""
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            ended = f"no end after {SECONDS} s"
    verdict, notebook = course / "verdict.json", course / "autograded" / student / STAGE / f"{STAGE}.ipynb"
    says = []
    if verdict.exists():
        points = json.loads(verdict.read_text())
    else:
        points = None
        says.append(ended or "no grade: nbgrader stops")
    if notebook.exists():
        cells = nbformat.read(notebook, as_version=4).cells
        shown = json.dumps([cell.get("outputs", []) for cell in cells])
        kinds = ("seed", "file", "environment", "home", "source", "hidden", "neighbour")
        read = [kind for kind in kinds if f"{SECRET}-{kind}" in shown]
        if read:
            says.append(f"reads: {', '.join(read)}")
    wanted = (course / "submitted", course / "source" / STAGE, course / "home" / ".netrc")
    if not all(place.exists() for place in wanted) or not (course / "submitted/ada").exists():
        says.append("deletes files of others")
    if any("left-behind" in path.name for path in course.rglob("*") if STAGE not in path.parts[-2:-1]):
        says.append("writes outside")
    return {"points": points, "says": "; ".join(says)}


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (4 * 2**30,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**28,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS,) * 2)


def _inside(course: Path, student: str) -> None:
    """Grade in the container, as `nbgrader autograde` does."""
    from grading.course.plain import autograde

    points = sum(check.points for check in autograde(COURSE, course, STAGE, student))
    (course / "verdict.json").write_text(json.dumps(points))


def _page(corpus: list[Attack], found: dict[str, Any]) -> str:
    """Write the table and its sums."""
    rows = [(attack, found[attack.name]) for attack in corpus if attack.name in found]
    checks = [c for s in read_stages(COURSE) if s.name == STAGE for c in s.of_kind("check")]
    maximum = sum(check.points for check in checks)
    ran = [row["plain"] for _, row in rows if row["plain"] not in (NOT_YET, {"says": "not run"})]
    earned = [row["points"] for row in ran if row.get("points")]
    reads = sum("reads" in row["says"] for row in ran)
    lines = [
        "# The hostile corpus",
        "",
        f"{len(rows)} submissions of `tests/hostile/` that answer nothing and want points, secrets or mischief, graded",
        "with plain nbgrader (`nbgrader autograde`, the course's settings) and with Gradus.",
        "`benchmarks/hostile.py` writes this page.",
        "",
        f"- Plain nbgrader: of {len(ran)} that were run, {len(earned)} earn points,"
        f" {earned.count(maximum)} of them all {maximum};",
        f"  {sum(row.get('points') is None for row in ran)} end without any grade; {reads} read something secret.",
        f"- Gradus: {sum(bool(row['gradus']['points']) for _, row in rows)} earn points, those of checks that ask for"
        " the right shapes, which these answers have;",
        f"  {sum(row['gradus']['points'] is None for _, row in rows)} have no points and a reason.",
        "",
        f"| attack | tries to | plain nbgrader, of {maximum} | there | Gradus | what it says |",
        "|---|---|---|---|---|---|",
    ]
    for attack, row in rows:
        plain, ours = row["plain"], row["gradus"]
        cells = [attack.name, attack.tries, _points(plain), plain["says"]]
        cells += [f"{_points(ours)} {ours['status']}", ours["says"]]
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _points(row: dict[str, Any]) -> str:
    return "–" if row.get("points") is None else f"{row['points']:g}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        _inside(Path(sys.argv[2]), sys.argv[3])
    else:
        main(sys.argv[1:])
