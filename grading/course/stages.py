"""The stages of a course, by what lies in its source/."""

from pathlib import Path


def stage_names(course: Path) -> list[str]:
    """Return the names of the stages that have a text, in order."""
    return sorted(path.stem for path in (course / "source").glob("*/*.py") if path.stem == path.parent.name)


def may_be_outdated(course: Path, name: str) -> bool:
    """Whether a stage has no instructor notebook, or its text was touched later, where notebooks can be built."""
    text = course / "source" / name / f"{name}.py"
    notebook = text.with_suffix(".ipynb")
    if not notebook.exists():
        return True
    return notebook.stat().st_mtime < text.stat().st_mtime and (course / "pyproject.toml").exists()
