"""The parts of a stage, as its notebooks know them: under each heading its minutes, its answers and its checks."""

import json
from dataclasses import dataclass, field

from grading.authoring.cells import HEADING, Stage
from grading.authoring.lessons import hint_steps


@dataclass
class Part:
    """One part: its answers with the steps of their hints, its checks with their points."""

    title: str
    minutes: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    checks: dict[str, int] = field(default_factory=dict)


def parts_code(stage: Stage, lang: str) -> str:
    """Return the parts as a dict in Python, a line each, for the `start` of a student's notebook in this language.

    What stands above the first heading is under the title of the stage.
    """
    steps = {hint.name: len(hint_steps(hint.source)) for hint in stage.of_kind("hint") if hint.lang == lang}
    parts = [Part(stage.title[lang])]
    for cell in stage.cells:
        if cell.kind == "prose" and cell.lang == lang:
            for level, title, minutes in HEADING.findall(cell.source):
                if level == "##":
                    parts.append(Part(title))
                parts[-1].minutes += int(minutes or 0)
        elif cell.kind == "answer":
            parts[-1].answers[cell.name] = steps.get(cell.name, 0)
        elif cell.kind == "check":
            parts[-1].checks[cell.name] = cell.points
    lines = [
        f"    {_text(part.title)}: ({part.minutes}, {_text(part.answers)}, {_text(part.checks)}),"
        for part in parts
        if part.minutes or part.answers or part.checks
    ]
    return "\n".join(["{", *lines, "}"])


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
