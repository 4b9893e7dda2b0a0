"""The house: how large its modules and folders may grow, which way imports go, and types."""

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


@pytest.mark.parametrize("tool", TOOLS)
def test_what_tools_say_of_the_structure(tool):
    found = subprocess.run([sys.executable, *TOOLS[tool]], cwd=COURSE, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
