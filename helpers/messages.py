"""The language of what people read: English sentences in the code, French ones in a gettext catalogue; numbers."""

import gettext
import string
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "fr")
LOCALE = Path(__file__).with_name("locale")

_catalogue: gettext.NullTranslations = gettext.NullTranslations()
_lang = LANGUAGES[0]


def set_language(lang: str) -> None:
    """Choose the language of every later message; `lang` is one of LANGUAGES.

    Raises ValueError with the languages that exist if `lang` is not one of them.
    """
    global _catalogue, _lang
    if lang not in LANGUAGES:
        raise ValueError(f"unknown language {lang!r}: choose one of {', '.join(LANGUAGES)}")
    _catalogue, _lang = gettext.translation("gradus", LOCALE, [lang], fallback=lang == "en"), lang


def language() -> str:
    """Return the language of messages, one of LANGUAGES."""
    return _lang


class Sentence(str):
    """A sentence; `format` puts numbers in it as the language writes them."""

    def format(self, *args: Any, **values: Any) -> str:
        """Fill in the placeholders."""
        return _FORMATTER.vformat(self, args, values)


class _Formatter(string.Formatter):
    def format_field(self, value: Any, spec: str) -> str:
        """Format one value; what is no number (a list, a string, True) as Python does."""
        is_number = isinstance(value, float) or (bool(spec) and not isinstance(value, str | bool))
        return number(value, spec) if is_number else format(value, spec)


_FORMATTER = _Formatter()


def number(value: Any, spec: str = "") -> str:
    """Write a number as Python's format `spec` says and as the language does: French has 0,5, 60 000 and 96 %.

    For sentences, axes and tables; what students may type or compare with Python's own output keeps its point.
    """
    text = format(value, spec)
    return text if _lang == "en" else text.translate(_FRENCH)


_FRENCH = str.maketrans({".": ",", ",": "\N{NO-BREAK SPACE}", "%": "\N{NO-BREAK SPACE}%"})


def _(sentence: str) -> str:
    """Return `sentence` in the chosen language (itself where the catalogue has no entry).

    A sentence with `{placeholders}` is looked up whole and filled in afterwards: `_("{n} points").format(n=3)`.
    """
    return Sentence(_catalogue.gettext(sentence))
