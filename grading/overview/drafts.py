"""Drafts of bank entries: code that shows a mistake without what may name people, and what an author is to add."""

import builtins
import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from grading.course.files import write_atomically
from grading.overview.bare import bare
from grading.overview.exercises import OverviewError
from grading.overview.mining import Finding, Unnamed, missing_line, place_of

BANK = Path("data/answers")
HEAD = """# %% [markdown]
# Drafts for the bank beside this file: mistakes that several students made, and that no sentence names. For each: put a
# sentence into the check, under `unless`, its French into the catalogue, and a phrase of it into `says`; then move the
# cell into the bank, and delete it here.
"""
CELL = re.compile(r"(?m)^# %%.*$")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def write_drafts(course: Path, stage: str, findings: Iterable[Finding], known: Collection[str]) -> tuple[Path, int]:
    """Append what is neither in the bank nor among the drafts; return the drafts' path, and how many are new.

    Raises OSError and OverviewError.
    """
    path = course / BANK / f"{stage}.draft.py"
    text = _read(path)
    there = {_same(cell) for one in (text, _read(course / BANK / f"{stage}.py")) for cell in _cells(one)}
    new = []
    for finding in findings:
        code = bare(finding.source, known)
        if code is None or _same(code) in there:
            continue
        there.add(_same(code))
        new.append(_draft(course, stage, finding, code, known))
    if new:
        write_atomically(path, "\n".join([text.rstrip("\n") + "\n" if text else HEAD, *new]).encode())
    return path, len(new)


def _draft(course: Path, stage: str, finding: Finding, code: str, known: Collection[str]) -> str:
    """Return the cells of one draft: what is known of the mistake, and the answer, which has no phrase yet."""
    lines = [f"{len(finding.students)} students, {finding.exercise}:"]
    for one in finding.failures:
        lines += [f"- {_told(one, known)}", f"  {place_of(course, stage, one.check)}: {_line(one, known)}"]
    note = "\n".join(f"# {line}" for line in lines)
    marks = f'wrong="{finding.exercise}" fails={json.dumps(finding.fails)} says=""'
    return f"# %% [markdown]\n{note}\n\n# %% {marks}\n{code}\n"


def _told(one: Unnamed, known: Collection[str]) -> str:
    """Say how a check failed, without texts of the student's."""
    if one.raised:
        kind = one.raised.partition(":")[0]
        return f"{one.check}: {kind if hasattr(builtins, kind) else 'an exception'}"
    return _without_texts(str(one), known)


def _line(one: Unnamed, known: Collection[str]) -> str:
    return missing_line(one) if one.raised else _without_texts(missing_line(one), {"…", *known})


def _without_texts(line: str, known: Collection[str]) -> str:
    line = " ".join(line.split())
    return QUOTED.sub(lambda text: text[0] if text[0][1:-1] in known else text[0][0] * 2, line)


def _cells(text: str) -> Iterator[str]:
    """Yield the cells of a bank, without their first lines."""
    return (cell for cell in CELL.split(text)[1:])


def _same(source: str) -> str:
    """Return what is the same for code that differs in layout, comments and texts."""
    return bare(source, ()) or ""


def _read(path: Path) -> str:
    """Return a text, "" where there is none. Raises OSError and OverviewError."""
    try:
        return path.read_text("utf-8") if path.exists() else ""
    except UnicodeDecodeError:
        raise OverviewError(f"{BANK / path.name} is not UTF-8: save it as that, or move it away.") from None
