"""Texts beside the notebooks: their index, and for instructors how open questions are marked."""

from collections.abc import Sequence

from grading.authoring.cells import Stage

NAMES = {"en": "English", "fr": "Français"}
TITLES = {"en": "The notebooks", "fr": "Les notebooks"}
OPEN = {"en": "Open in Colab", "fr": "Ouvrir dans Colab"}


def colab_link(repository: str, version: str, lang: str, stage: str) -> str:
    """Return the address at which Google Colab opens a stage's published notebook, "" if it cannot: it knows GitHub."""
    owner = repository.removeprefix("https://github.com/")
    if owner == repository:
        return ""
    return f"https://colab.research.google.com/github/{owner}/blob/v{version}/notebooks/{lang}/{stage}.ipynb"


def index(stages: list[Stage], repository: str, version: str, languages: Sequence[str]) -> str:
    """Return notebooks/README.md: stages by language, with Colab links."""
    opened = " · ".join(OPEN[lang] for lang in languages)
    badge = f"![{opened}](https://colab.research.google.com/assets/colab-badge.svg)"
    rows = [
        f"# {' · '.join(TITLES[lang] for lang in languages)}",
        "",
        f"| | {' | | '.join(NAMES[lang] for lang in languages)} | | points | minutes |",
        "|---" * (2 * len(languages) + 3) + "|",
    ]
    for stage in stages:
        colab = {lang: colab_link(repository, version, lang, stage.name) for lang in languages}
        links = [
            f"[{stage.title[lang]}]({lang}/{stage.name}.ipynb) | {f'[{badge}]({link})' if link else ''}"
            for lang, link in colab.items()
        ]
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
