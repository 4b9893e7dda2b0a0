"""The language of what people read: English sentences in the code, French ones in a gettext catalogue."""

import gettext
from pathlib import Path

LANGUAGES = ("en", "fr")
LOCALE = Path(__file__).with_name("locale")

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def set_language(lang: str) -> None:
    """Choose the language of every later message; `lang` is one of LANGUAGES.

    Raises ValueError with the languages that exist if `lang` is not one of them.
    """
    global _catalogue
    if lang not in LANGUAGES:
        raise ValueError(f"unknown language {lang!r}: choose one of {', '.join(LANGUAGES)}")
    _catalogue = gettext.translation("gradus", LOCALE, [lang], fallback=lang == "en")


def _(sentence: str) -> str:
    """Return `sentence` in the chosen language (itself where the catalogue has no entry).

    A sentence with `{placeholders}` is looked up whole and filled in afterwards: `_("{n} points").format(n=3)`.
    """
    return _catalogue.gettext(sentence)
