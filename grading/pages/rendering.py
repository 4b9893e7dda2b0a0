"""A page out of a template: everything that is put into it is text, unless it is known to be HTML."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grading.pages.markdown import code_style
from helpers.messages import _


def render(templates: Path, name: str, lang: str, **values: Any) -> bytes:
    """Return the page that a template of this folder makes of the values, in a language that was set."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    page = environment.get_template(name).render(lang=lang, _=_, code_style=Markup(code_style()), **values)
    return page.encode("utf-8", "xmlcharrefreplace")
