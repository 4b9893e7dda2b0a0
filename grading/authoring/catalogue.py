"""The French catalogue: which sentences need an entry, and its compiled form."""

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from grading.authoring.source import read_stages
from grading.results.wording import SENTENCES
from helpers.messages import LANGUAGES

CATALOGUES = Path("helpers/locale")
METHODS = [("**.py", "python"), ("**.html", "jinja2")]  # by which Babel finds sentences


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
    sentences = [*code_sentences(course), *notebook_sentences(course), *SENTENCES]
    missing = []
    for lang in LANGUAGES[1:]:
        catalogue = _read(course / CATALOGUES / lang / "LC_MESSAGES" / "gradus.po")
        translated = {message.id for message in catalogue if message.string and not message.fuzzy}
        missing += [f"{lang}: {sentence}" for sentence in dict.fromkeys(sentences) if sentence not in translated]
    return missing


def code_sentences(course: Path) -> Iterator[str]:
    """Yield the sentences that helpers/, grading/ and its templates pass to `_`: those that students read.

    Before Python 3.12 Babel does not look into f-strings.
    """
    for folder in ("helpers", "grading"):
        for _file, _line, sentence, *_rest in extract_from_dir(course / folder, METHODS, keywords={"_": None}):
            yield from (sentence,) if isinstance(sentence, str) else sentence


def notebook_sentences(course: Path) -> Iterator[str]:
    """Yield the sentences of notebooks: what cells `say`, and what checks tell, and functions of setup cells for them.

    Checks tell known mistakes (keys of dicts, those put in later too), the reasons of choices, and what `check.that`
    says.
    """
    for stage in read_stages(course):
        for cell in stage.of_kind("setup", "demo", "check"):
            for node in ast.walk(ast.parse(cell.source)):
                match node:
                    case ast.Call(func=ast.Name("say"), args=[ast.Constant(str(sentence))]):
                        yield sentence
                    case ast.Call(func=ast.Attribute(ast.Name("check"), "that"), args=[_condition, told]):
                        yield _text(told)
                    case ast.keyword("because", reasons):
                        yield from map(_text, reasons.values if isinstance(reasons, ast.Dict) else [reasons])
                    case _ if cell.kind != "demo":
                        yield from filter(_is_sentence, _keys(node))


def _keys(node: ast.AST) -> Iterator[str]:
    """Yield the literal keys that a dict is made of or given."""
    match node:
        case ast.Dict(keys):
            yield from (_text(key) for key in keys if key is not None and not isinstance(key, ast.Call))
        case ast.DictComp(key):
            yield from _strings(key)
        case ast.Subscript(slice=key, ctx=ast.Store()):
            yield from _strings(key)
        case ast.Call(func=ast.Attribute(attr="setdefault"), args=[key, *_]):
            yield from _strings(key)


def _strings(node: ast.AST) -> Iterator[str]:
    """Yield the literal strings that an expression may be."""
    return (one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str))


def _is_sentence(key: str) -> bool:
    return " " in key


def _text(node: ast.expr) -> str:
    """Return a literal string; of anything else its code, which no catalogue has."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ast.unparse(node)


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)
