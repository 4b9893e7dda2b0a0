"""Mistakes that no sentence names: the same check fails in the same way for several students, and says only that."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grading.overview.bare import bare
from grading.overview.exercises import StageCells
from grading.overview.gathering import Class, failed, gather
from grading.overview.mistakes import answers_of, said_by
from grading.overview.sentences import ADDRESS, Said, translated
from grading.results.model import CheckResult, Failure

FEWEST = 2  # students, of whom one alone may have mistyped something
# What checks say where they know no more than that something else was expected.
GENERIC = (
    "expected {expected}, got {got}.",
    "expected {expected} at index {place}, got {got} (wrong values: {wrong} of {n}).",
    "has the expected shape, but other values.",
)
KIND = re.compile(r"an? |whole |floating ")  # of a value that was expected: that says something
DECIMAL, GROUP = re.compile(r"(?<=\d),(?=\d)"), re.compile("(?<=\\d)[\u00a0\u202f](?=\\d)")


@dataclass(frozen=True)
class Unnamed:
    """How one check fails without naming the mistake.

    what: the code that gave the value. got and expected: numbers as Python writes them; place: in a tensor. raised: the
    exception, where the answer's code raised one.
    """

    check: str
    what: str = ""
    got: str = ""
    expected: str = ""
    place: str = ""
    raised: str = ""

    def __str__(self) -> str:
        """Say it in a line."""
        if self.raised:
            return f"{self.check}: {self.raised}"
        at = f" at {self.place}" if self.place else ""
        values = f"expected {self.expected}{at}, got {self.got}" if self.got else "the expected shape, but other values"
        return f"{self.check}: {self.what}: {values}"


@dataclass
class Finding:
    """A mistake that lacks a name: how checks of an exercise fail, and who made it. source: of a student who did.

    fails: all checks that this answer fails.
    """

    exercise: str
    failures: list[Unnamed]
    students: list[str]
    fails: list[str] = field(default_factory=list)
    source: str = ""


def mine(
    course: Path, stage: str, report: Callable[[int, int], None] = lambda done, total: None
) -> tuple[Class, list[Finding]]:
    """Read a class's results of a stage, and return it with what to name in it; each with an answer that shows it.

    Raises OverviewError where there is nothing to read, CourseFileError, RosterError and MarksError.
    """
    group = gather(course, stage, report)
    findings = find(group)
    for finding in findings:
        answers = (answers_of(course, one, stage, (finding.exercise,)) for one in finding.students)
        sources = (found[finding.exercise] for found in answers if finding.exercise in found)
        finding.source = next((source for source in sources if bare(source, ()) is not None), "")
    return group, findings


def find(group: Class) -> list[Finding]:
    """Return what several students did wrong that no sentence names, the commonest first.

    An answer of which one check names the mistake is none of these. What only fails along with something that more
    students did wrong is part of that.
    """
    unnamed: dict[str, dict[Unnamed, set[str]]] = {}
    for student, standing in group.graded.items():
        for exercise, checks in _by_exercise(group.cells, failed(standing)).items():
            told = [failure_of(check, standing.result.lang) for check in checks]
            if None not in told:
                for one in told:
                    assert one is not None
                    unnamed.setdefault(exercise, {}).setdefault(one, set()).add(student)
    findings: list[Finding] = []
    order = {name: place for place, name in enumerate(group.cells.checks)}
    for exercise, by_failure in unnamed.items():
        found: list[Finding] = []
        shared = [(one, who) for one, who in by_failure.items() if len(who) >= FEWEST]
        for one, who in sorted(shared, key=lambda item: (-len(item[1]), order[item[0].check], str(item[0]))):
            along = next((other for other in found if who <= set(other.students)), None)
            if along:
                along.failures.append(one)
            else:
                found.append(Finding(exercise, [one], sorted(who)))
        findings += found
    for finding in findings:
        finding.students.sort(key=lambda student: _shows(group, finding, student))
        of_first = failed(group.standings[finding.students[0]])
        finding.fails = [check.name for check in _by_exercise(group.cells, of_first)[finding.exercise]]
    places = list(group.cells.exercises)
    return sorted(findings, key=lambda one: (-len(one.students), places.index(one.exercise), str(one.failures[0])))


def failure_of(check: CheckResult, lang: str) -> Unnamed | None:
    """Return how a check failed, None where a sentence names the mistake, or where there is nothing to name."""
    if check.failure not in (Failure.MISTAKE, Failure.RAISED):
        return None
    said = said_by(check)
    if check.failure is Failure.RAISED and not any(one.is_known for one in said):
        return Unnamed(check.name, raised=ADDRESS.sub("0x…", said[0].sentence))
    if len(said) != 1 or said[0].sentence not in GENERIC or said[0].after:
        return None
    one = said[0]
    if KIND.match(translated(one.value("expected"))):
        return None
    values = (_as_python(one, name, lang) for name in ("got", "expected", "place"))
    return Unnamed(check.name, one.what, *values)


def missing_line(one: Unnamed, sentence: str = "…") -> str:
    """Return the line of `unless` that a check lacks, as far as it can be told."""
    if one.raised:
        return f"an exception has no value: have the check call with check.fits, or say {sentence!r} with check.that"
    if one.place:
        return f'unless={{"{sentence}": …}}: the tensor that has {one.got} at {one.place}'
    return f'unless={{"{sentence}": {one.got or "…"}}}'


def place_of(course: Path, stage: str, check: str) -> str:
    """Return file and line of a check in the stage's text, the file alone where it is not found."""
    path = Path("source") / stage / f"{stage}.py"
    try:
        lines = (course / path).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return str(path)
    mark = f'check="{check}"'
    found = [number for number, line in enumerate(lines, start=1) if line.startswith("# %%") and mark in line]
    return f"{path}:{found[0]}" if found else str(path)


def _by_exercise(cells: StageCells, checks: Iterable[CheckResult]) -> dict[str, list[CheckResult]]:
    found: dict[str, list[CheckResult]] = {}
    for check in checks:
        if cells.of_check.get(check.name):
            found.setdefault(cells.of_check[check.name], []).append(check)
    return found


def _shows(group: Class, finding: Finding, student: str) -> tuple[int, float, str]:
    """Return how well a student's answer shows a mistake: one that fails little else, of who does well, comes first."""
    standing = group.standings[student]
    also = len(_by_exercise(group.cells, failed(standing))[finding.exercise])
    return also, -standing.result.points, student


def _as_python(said: Said, name: str, lang: str) -> str:
    """Return a value that a sentence was filled in with, its numbers as Python writes them."""
    value = translated(said.value(name))
    return GROUP.sub("", DECIMAL.sub(".", value)) if lang == "fr" else value
