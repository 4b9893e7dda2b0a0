"""The exercises of a stage, as its instructor notebook has them: headings, answers, and the checks of each."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat

from grading.syntax.names import defined_names, last_used

HEADING = re.compile(r"(?m)^##+ +(.+)$")
LENGTH = re.compile(r" · (?:about|environ) \d+ minutes?\s*$")


class OverviewError(Exception):
    """There is nothing to look at; the sentence says why, and what to do."""


@dataclass
class Exercise:
    """One answer, code or open question.

    headings: what it stands under, by language. checks: those that fail where it is blank.
    """

    name: str
    headings: dict[str, str]
    is_open: bool = False
    checks: list[str] = field(default_factory=list)


@dataclass
class StageCells:
    """What of a stage's notebook an overview needs. code: the sources of all its code cells."""

    exercises: dict[str, Exercise]
    titles: dict[str, str]
    code: list[str]

    @cached_property
    def of_check(self) -> dict[str, str]:
        """The exercise of each check."""
        return {check: one.name for one in self.exercises.values() for check in one.checks}

    @property
    def checks(self) -> list[str]:
        """The names of the checks, in order."""
        return list(self.of_check)


def read_cells(course: Path, stage: str) -> StageCells:
    """Read the instructor's notebook of a stage. Raises OverviewError."""
    path = course / "source" / stage / f"{stage}.ipynb"
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError):
        raise OverviewError(f"There is no {path.relative_to(course)}: run `gradus build` first.") from None
    exercises: dict[str, Exercise] = {}
    defined: dict[str, frozenset[str]] = {}
    titles: dict[str, str] = {}
    headings: dict[str, str] = {}
    for cell in notebook.cells:
        about, name = cell.metadata.get("gradus", {}), cell.metadata.get("nbgrader", {}).get("grade_id", "")
        role, lang = about.get("role"), about.get("lang")
        if role == "prose" and lang:
            titles.setdefault(lang, cell.source.partition("\n")[0].lstrip("# "))
            if found := HEADING.findall(cell.source):
                headings[lang] = LENGTH.sub("", found[-1])
        elif role in ("answer", "open"):
            exercises[name] = Exercise(name, dict(headings), role == "open")
            defined[name] = defined_names(cell.source) if role == "answer" else frozenset()
        elif role == "check":
            owner = last_used(cell.source, defined)
            exercises.setdefault(owner, Exercise(owner, {})).checks.append(name)
    return StageCells(exercises, titles, [cell.source for cell in notebook.cells if cell.cell_type == "code"])
