"""How Sphinx builds the site: build.py lays out what it reads and sets the language."""

import re
from pathlib import Path
from typing import Any

import mmdr
from docutils.nodes import SkipNode, document, literal_block, raw
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

from grading.pages.markdown import formula

project = "Gradus"
html_title = "Gradus"
extensions = ["myst_nb"]
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # nothing is loaded from elsewhere
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 6

html_theme = "furo"
html_math_renderer = "mathml"
pygments_style = "xcode"
pygments_dark_style = "github-dark"
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_use_index = False
smartquotes = False
suppress_warnings = ["misc.highlighting_failure"]  # of pseudo-code
PROMPTS = {"en": ("Unfold the code", "Fold the code"), "fr": ("Déplier le code", "Replier le code")}
# What is wider than a phone scrolls by itself, from the keyboard too.
SCROLLED = re.compile(r'<(pre|div class="(?:table-wrapper|math|diagram|output text_html)[^"]*")(?=[ >])')
# How diagrams look: GitHub, which draws them from the same text, chooses for itself.
LOOK = '%%{init: {"theme": "neutral", "look": "classic", "themeVariables": {"fontFamily": "sans-serif"}}}%%\n'
STAGE = re.compile(r"notebooks/\d\d_\w+")
IN_THE_LANGUAGE = ("index", "search", "students", "notebooks/README")


def setup(app: Sphinx) -> None:
    """Draw formulas and diagrams without a script, drop links to what the site lacks, link each page to its twin."""
    app.add_config_value("course", "", "env")
    app.add_config_value("twins", "", "html")
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("config-inited", _speak)
    app.connect("doctree-read", _unlink)
    app.connect("doctree-read", _draw)
    app.connect("html-page-context", _context, priority=900)  # after the theme's own


def _inline(writer: Any, node: Any) -> None:
    writer.body.append(formula(node.astext()))
    raise SkipNode


def _block(writer: Any, node: Any) -> None:
    writer.body.append(f'<div class="math">{formula(node.astext(), {"display_mode": True})}</div>')
    raise SkipNode


def _speak(app: Sphinx, config: Any) -> None:
    config.nb_code_prompt_show, config.nb_code_prompt_hide = PROMPTS[config.language]


def _unlink(app: Sphinx, tree: document) -> None:
    """Leave the words of links to the course's other files: code, folders, what only instructors have."""
    place = Path(app.config.course, app.env.docname).parent
    for link in list(tree.findall(pending_xref)):
        if (place / link["reftarget"].partition("#")[0]).exists() and link["refdomain"] != "doc":
            link.replace_self(link.children)


def _draw(app: Sphinx, tree: document) -> None:
    """Put pictures in the place of the texts of Mermaid's diagrams; `accTitle` in a text is the picture's name."""
    for place, block in enumerate(list(tree.findall(literal_block))):
        if block.get("language") == "mermaid":
            picture = mmdr.render(LOOK + block.astext()).svg().replace("merman", f"diagram-{place}")
            block.replace_self(raw("", f'<div class="diagram">{picture}</div>', format="html"))


def _context(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: document | None) -> None:
    """Tell the template where the page is in other languages, and in which one it is."""
    up = "../" * (page.count("/") + 1)
    twins = (twin.split(":") for twin in app.config.twins.split(",") if twin)
    context["twins"] = [(lang, name, f"{up}{lang}/{page}.html") for lang, name in twins]
    is_own = page in IN_THE_LANGUAGE or STAGE.fullmatch(page)
    context["lang"] = app.config.language if is_own else "en"
    # A heading that does not say of which level is none to a screen reader.
    context["furo_navigation_tree"] = context["furo_navigation_tree"].replace(
        'role="heading"', 'role="heading" aria-level="2"'
    )
    if "body" in context:
        context["body"] = SCROLLED.sub(r'<\1 tabindex="0"', context["body"])
