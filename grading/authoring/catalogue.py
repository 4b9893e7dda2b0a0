"""The French catalogue: which sentences need an entry, and its compiled form."""

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment

from grading.authoring.source import read_stages
from helpers.messages import LANGUAGES

CATALOGUES = Path("helpers/locale")


def compile_catalogues(course: Path) -> dict[Path, bytes]:
    """Return the content of every .mo file, from the .po file beside it."""
    compiled = {}
    for path in sorted((course / CATALOGUES).glob("*/LC_MESSAGES/*.po")):
        binary = io.BytesIO()
        write_mo(binary, _read(path))
        compiled[path.with_suffix(".mo").relative_to(course)] = binary.getvalue()
    return compiled


def untranslated(course: Path) -> list[str]:
    """Return `language: sentence` for every sentence that a person can read and that a catalogue lacks."""
    sentences = [*code_sentences(course), *notebook_sentences(course)]
    missing = []
    for lang in LANGUAGES[1:]:
        catalogue = _read(course / CATALOGUES / lang / "LC_MESSAGES" / "gradus.po")
        translated = {message.id for message in catalogue if message.string and not message.fuzzy}
        missing += [f"{lang}: {sentence}" for sentence in dict.fromkeys(sentences) if sentence not in translated]
    return missing


def code_sentences(course: Path) -> Iterator[str]:
    """Yield the sentences that helpers/, grading/ and its templates pass to `_`: those that students read."""
    for path in sorted(path for folder in ("helpers", "grading") for path in (course / folder).rglob("*.py")):
        yield from _said(path.read_text("utf-8"), "_")
    templates = Environment(extensions=["jinja2.ext.i18n"])
    for path in sorted((course / "grading/pages/templates").glob("*.html")):
        yield from (sentence for _, _, sentence in templates.extract_translations(path.read_text("utf-8")))


def notebook_sentences(course: Path) -> Iterator[str]:
    """Yield the sentences of notebooks: what demos `say`, and what checks tell.

    Checks tell known mistakes (keys of dicts, those put in later too), the reasons of choices, and what `check.that`
    says.
    """
    for stage in read_stages(course):
        for cell in stage.of_kind("demo"):
            yield from _said(cell.source, "say")
        for cell in stage.of_kind("check"):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Dict):
                    yield from (key for key in map(_text, node.keys) if " " in key)
                elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                    yield from (key for key in _strings(node.slice) if " " in key)
                elif isinstance(node, ast.Call) and ast.unparse(node.func) == "check.that":
                    yield _text(node.args[1])
                elif isinstance(node, ast.keyword) and node.arg == "because":
                    yield from map(_text, node.value.values)


def _said(source: str, function: str) -> Iterator[str]:
    """Yield the first argument of every call of `function` that is a literal string."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == function and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value


def _strings(node: ast.expr) -> list[str]:
    """Return a literal string in a list; an empty one of anything else."""
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _text(node: ast.expr) -> str:
    """Return a literal string; of anything else its code, which no catalogue has."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ast.unparse(node)


def _read(path: Path):
    with path.open("rb") as file:
        return read_po(file)
