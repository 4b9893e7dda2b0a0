"""Texts beside the notebooks: their index, and for instructors how open questions are marked."""

from grading.authoring.cells import Stage
from helpers.messages import LANGUAGES


def index(stages: list[Stage], repository: str, version: str) -> str:
    """Return notebooks/README.md: stages by language, with Colab links."""
    owner = repository.removeprefix("https://github.com/")
    colab = f"https://colab.research.google.com/github/{owner}/blob/v{version}/notebooks"
    badge = "![Open in Colab · Ouvrir dans Colab](https://colab.research.google.com/assets/colab-badge.svg)"
    rows = [
        "# The notebooks · Les notebooks",
        "",
        "| | English | | Français | | points | minutes |",
        "|---|---|---|---|---|---|---|",
    ]
    for stage in stages:
        file = f"{stage.name}.ipynb"
        links = [f"[{stage.title[lang]}]({lang}/{file}) | [{badge}]({colab}/{lang}/{file})" for lang in LANGUAGES]
        points = sum(cell.points for cell in stage.cells)
        rows.append(f"| {stage.name[:2]} | {' | '.join(links)} | {points} | {stage.minutes} |")
    return "\n".join(rows) + "\n"


def marking_notes(stage: Stage) -> str:
    """Return docs/marking/<stage>.md: for each open question its points, its notes and a model answer."""
    notes = {cell.name: cell.source for cell in stage.of_kind("marking")}
    parts = [f"# Marking {stage.name}\n"]
    for cell in stage.of_kind("open"):
        parts.append(
            f"## {cell.name} · {cell.points} points · {', '.join(cell.ids)}\n\n{notes[cell.name]}\n\n"
            f"### A model answer\n\n{cell.source}\n"
        )
    return "\n".join(parts)
