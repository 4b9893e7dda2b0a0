"""What nbgrader does to our notebooks beyond its own steps: keep one language, name what an answer still lacks."""

import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from traitlets import Enum

from grading.course.release import keep_language, stub
from grading.course.secret import in_environment, make_secret
from helpers.messages import LANGUAGES

Resources = dict[str, Any]


class KeepLanguage(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Keep the prose of one language, drop what no student gets, and have the setup cell start in that language."""

    lang = Enum(LANGUAGES, "en", help="The language of the release: en or fr").tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Drop and rewrite cells in place."""
        keep_language(notebook, self.lang)
        return notebook, resources


class ExecuteWithSecret(Execute):  # type: ignore[misc]  # nbgrader has no types
    """Execute a submission with the course's secret in the environment, so that the inputs are those of `gradus`."""

    def preprocess(self, notebook: NotebookNode, resources: Resources, *args: Any) -> tuple[NotebookNode, Resources]:
        """Execute the cells in place. Raises SecretError."""
        with in_environment(make_secret(Path(CourseDirectory(config=self.config).root))):
            executed: tuple[NotebookNode, Resources] = super().preprocess(notebook, resources, *args)
        return executed


class NameStub(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Write into each stub which answer it stands for: nbgrader's own stub is the same everywhere."""

    def preprocess_cell(self, cell: NotebookNode, resources: Resources, index: int) -> tuple[NotebookNode, Resources]:
        """Replace nbgrader's stub, with its indentation, in an answer cell."""
        if cell.metadata.gradus.role == "answer":
            name, lang = cell.metadata.nbgrader.grade_id, resources["gradus_lang"]
            cell.source = re.sub(
                r"(?m)^([ \t]*)# YOUR CODE HERE\n[ \t]*raise NotImplementedError\(\)$",
                lambda found: stub(name, lang, found[1]),
                cell.source,
            )
        return cell, resources

    def preprocess(self, notebook: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Note the notebook's language, then treat each cell."""
        resources["gradus_lang"] = notebook.metadata.gradus.lang
        treated: tuple[NotebookNode, Resources] = super().preprocess(notebook, resources)
        return treated
