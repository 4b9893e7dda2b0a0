"""The house: how large its modules and folders may grow, which way imports go, and types."""

import re
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from conftest import COURSE

MODULES = [path for name in ("grading", "helpers") for path in sorted((COURSE / name).rglob("*.py"))]
MAX_LINES, MAX_MODULES = 300, 15


def test_modules_and_folders_stay_small(capsys):
    lines = Counter({path.relative_to(COURSE): len(path.read_text("utf-8").splitlines()) for path in MODULES})
    folders = Counter(path.parent for path in lines)
    with capsys.disabled():
        for what, (path, size) in (
            ("longest module", lines.most_common(1)[0]),
            ("fullest folder", folders.most_common(1)[0]),
        ):
            print(f"\n{what}: {path}, {size}", end="")
    assert [path for path, size in lines.items() if size > MAX_LINES] == []
    assert [folder for folder, size in folders.items() if size > MAX_MODULES] == []


TOOLS = {
    "style": ["-m", "ruff", "check", "."],
    "layout": ["-m", "ruff", "format", "--check", "."],
    "imports go one way": ["-c", "from importlinter.cli import lint_imports_command as main; main()"],
    "types hold": ["-m", "mypy"],
}


def test_what_a_class_brings_stays_out_of_the_repository(tmp_path):
    """What docs/instructor.md says that git leaves alone, it does; what belongs into the repository, it takes."""
    said = (COURSE / "docs/instructor.md").read_text("utf-8").partition("git leaves it\nalone: ")[2]
    alone, _, kept = said.partition(".\n")
    shutil.copy(COURSE / ".gitignore", tmp_path)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    for names, is_ignored in ((alone, True), (kept.partition(", with what was")[0], False)):
        paths = [name + "ada" if name.endswith("/") else name for name in re.findall("`(.*?)`", names)]
        assert len(paths) > 1
        found = subprocess.run(["git", "check-ignore", *paths], cwd=tmp_path, capture_output=True, text=True)
        assert found.stdout.split() == (paths if is_ignored else [])


@pytest.mark.parametrize("tool", TOOLS)
def test_what_tools_say_of_the_structure(tool):
    found = subprocess.run([sys.executable, *TOOLS[tool]], cwd=COURSE, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
