"""What nbgrader does to our notebooks beyond its own steps: keep one language, name what an answer still lacks."""

import re

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Enum

from helpers.messages import LANGUAGES

STUB = {
    "en": '# YOUR CODE HERE\nraise NotImplementedError("{name} is not written yet")',
    "fr": '# VOTRE CODE ICI\nraise NotImplementedError("{name} reste à écrire")',
}


class KeepLanguage(NbGraderPreprocessor):
    """Keep the prose of one language, drop the notes for markers, and have the setup cell start in that language."""

    lang = Enum(LANGUAGES, "en", help="The language of the release: en or fr").tag(config=True)

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Drop and rewrite cells in place."""
        notebook.cells = [
            cell
            for cell in notebook.cells
            if cell.metadata.gradus.role != "marking" and cell.metadata.gradus.get("lang", self.lang) == self.lang
        ]
        for cell in notebook.cells:
            if cell.metadata.gradus.role == "setup":
                cell.source = cell.source.replace('lang="en"', f'lang="{self.lang}"')
        notebook.metadata.gradus.lang = self.lang
        return notebook, resources


class NameStub(NbGraderPreprocessor):
    """Write into each stub which answer it stands for: nbgrader's own stub is the same everywhere."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple[NotebookNode, dict]:
        """Replace nbgrader's stub, with its indentation, in an answer cell."""
        if cell.metadata.gradus.role == "answer":
            stub = STUB[resources["gradus_lang"]].format(name=cell.metadata.nbgrader.grade_id)
            cell.source = re.sub(
                r"(?m)^([ \t]*)# YOUR CODE HERE\n[ \t]*raise NotImplementedError\(\)$",
                lambda found: "\n".join(found[1] + line for line in stub.splitlines()),
                cell.source,
            )
        return cell, resources

    def preprocess(self, notebook: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Note the notebook's language, then treat each cell."""
        resources["gradus_lang"] = notebook.metadata.gradus.lang
        return super().preprocess(notebook, resources)
