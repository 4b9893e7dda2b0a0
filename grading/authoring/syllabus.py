"""The syllabus: what each stage teaches, and the page that says which cells teach it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from grading.authoring.cells import Stage


@dataclass(frozen=True)
class Row:
    """One row of the syllabus: ids taught together, what they are, how they are graded."""

    ids: tuple[str, ...]
    what: str
    graded: str


# By stage its title, and what it teaches.
Syllabus = dict[str, tuple[str, list[Row]]]


def read_syllabus(course: Path) -> Syllabus:
    """Read source/syllabus.toml: for each stage its title and its rows."""
    table = tomllib.loads((course / "source" / "syllabus.toml").read_text("utf-8"))
    return {
        name: (stage["title"], [Row(tuple(row["ids"]), row["what"], row["graded"]) for row in stage["rows"]])
        for name, stage in table.items()
    }


def syllabus_page(stages: list[Stage], syllabus: Syllabus) -> str:
    """Return docs/syllabus.md: the stages in one table, then for each row of the syllabus the cells that teach it."""
    by_name = {stage.name: stage for stage in stages}
    lines = ["# What the series teaches, and where", ""]
    columns = ("stage", "what", "exercises", "checks", "open questions", "points", "minutes")
    lines += [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for stage in stages:
        counts = [len(stage.of_kind(kind)) for kind in ("answer", "check", "open")]
        numbers = [*counts, sum(cell.points for cell in stage.cells), stage.minutes]
        lines.append(f"| {stage.name} | {stage.title['en']} | {' | '.join(map(str, numbers))} |")
    lines.append("")
    for name, (title, rows) in syllabus.items():
        lines += [f"## {name} · {title}", "", "| ids | what | graded | cells |", "|---|---|---|---|"]
        for row in rows:
            cells = [c for c in by_name[name].cells if set(c.ids) & set(row.ids)] if name in by_name else []
            where = ", ".join(f"`{cell.name}` ({cell.points})" for cell in cells) or "to come"
            lines.append(f"| {', '.join(row.ids)} | {row.what} | {row.graded} | {where} |")
        lines.append("")
    return "\n".join(lines)
