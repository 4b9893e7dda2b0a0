"""What students wrote, as HTML that does no harm: Markdown with formulas, code, outputs. It loads and runs nothing."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES

from helpers.messages import _

# What is longer is cut: pages stay readable, and quick to make (what cleaning takes grows with the square of the tags).
MAX_TEXT, MAX_OUTPUT, MAX_FORMULA, MAX_TAGS, MAX_OUTPUTS = 50_000, 5_000, 5_000, 20_000, 30

RASTERS = ("image/png", "image/jpeg", "image/gif", "image/webp")
RASTER = re.compile(rf"data:(?:{'|'.join(RASTERS)});base64,[A-Za-z0-9+/=\s]*")
LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
# What CSS could load, or hide from us: an address that is not in the page, an escape.
CSS_LOADS = re.compile(r"url\(\s*[\"']?(?!#)|\\|image-set|@import", re.IGNORECASE)
NAME = "<mi>[a-z]{2,}</mi>"
PATH = re.compile(r"(?<![\w:/.<])(?:~|file://)?/(?:[^\s/'\"<>:]+/)+")


def _words(text: str) -> set[str]:
    return set(text.split())


HTML = _words("""
    a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr
    i img ins kbd li mark ol p pre q s samp small span strike strong sub summary sup table tbody td tfoot th thead tr tt
    u ul var
""")
SVG = _words("""
    svg g defs symbol use path line polyline polygon rect circle ellipse text tspan clipPath mask pattern marker
    linearGradient radialGradient stop image
""")
MATH = _words("""
    math mrow mi mn mo mtext mspace ms msup msub msubsup munder mover munderover mmultiscripts mprescripts mfrac msqrt
    mroot mtable mtr mtd mstyle menclose mpadded mphantom merror
""")
PAINT = _words("""
    fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-dasharray
    stroke-dashoffset stroke-miterlimit opacity stop-color stop-opacity text-anchor font-family font-size font-weight
    font-style
""")
STYLES = PAINT | _words("font text-align text-decoration color background-color")
SVG_ATTRIBUTES = PAINT | _words("""
    id style href x y x1 y1 x2 y2 dx dy cx cy r rx ry d points width height viewBox preserveAspectRatio transform rotate
    clip-path clip-rule clipPathUnits mask marker-start marker-mid marker-end markerWidth markerHeight refX refY orient
    offset gradientUnits gradientTransform patternUnits patternTransform dominant-baseline version
""")
MATH_ATTRIBUTES = _words("""
    display displaystyle scriptlevel mathvariant mathsize mathcolor stretchy fence separator form lspace rspace width
    height depth voffset linethickness columnalign columnspacing columnlines rowspacing rowlines rowspan columnspan
    accent accentunder movablelimits largeop symmetric minsize maxsize notation
""")
ATTRIBUTES = (
    {tag: {"style"} for tag in HTML}
    | dict.fromkeys(SVG, SVG_ATTRIBUTES)
    | dict.fromkeys(MATH, MATH_ATTRIBUTES)
    | {"a": {"href"}, "img": {"src", "alt", "width", "height"}, "ol": {"start"}, "details": {"open"}}
    | {tag: {"style", "colspan", "rowspan", "align"} for tag in ("td", "th")}
)
CLASSES = {"pre": {"code"}, "span": {*STANDARD_TYPES.values(), "math"}, "div": {"math"}, "code": {"tex"}}
SILENT = _words("script style title textarea noscript iframe object template")


def clean(html: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> Markup:
    """Return HTML of a student's without what could run, load or send anything.

    attachments: the pictures of the cell, by name, then by type, in base64.
    """

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) == ("a", "href"):
            return value if LINK.match(value) else None
        if (tag, attribute) == ("use", "href"):
            return value if value.startswith("#") else None
        if attribute in ("src", "href"):
            if value.startswith("attachment:"):
                value = _picture((attachments or {}).get(unquote(value.removeprefix("attachment:")), {}))
            return value if RASTER.fullmatch(value) else None
        return None if attribute != "alt" and CSS_LOADS.search(value) else value

    if html.count("<") > MAX_TAGS:
        return Markup("<p>{}</p>").format(_("[Cut off here: too long.]"))
    cleaned = nh3.clean(
        html,
        tags=HTML | SVG | MATH,
        attributes=ATTRIBUTES,
        attribute_filter=keep,
        allowed_classes=CLASSES,
        clean_content_tags=SILENT,
        filter_style_properties=STYLES,
        url_schemes={"http", "https", "mailto", "data", "attachment"},
    )
    return Markup(cleaned)


def markdown(text: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> Markup:
    """Return a student's Markdown, with formulas between dollars, as HTML."""
    return clean(_markdown.render(cut(text, MAX_TEXT)), attachments)


def inline(text: str) -> Markup:
    """Return one line of Markdown, a heading's, as HTML without a paragraph of its own."""
    return clean(_markdown.renderInline(text))


def code(text: str) -> Markup:
    """Return Python code, highlighted."""
    coloured = highlight(cut(text, MAX_TEXT), PythonLexer(stripall=False), HtmlFormatter(nowrap=True))
    return Markup(f'<pre class="code"><code>{coloured}</code></pre>')


def formula(tex: str, options: Mapping[str, bool] | None = None) -> str:
    """Return TeX as MathML, which browsers draw by themselves; where that fails, its source."""
    is_block = options is not None and options["display_mode"]
    known = re.sub(r"\\(begin|end)\{(?:aligned|split)\}", r"\\\1{align*}", tex[:MAX_FORMULA])
    try:
        drawn = convert(known, display="block" if is_block else "inline")
    except Exception:  # whatever a student takes for TeX: its converter raises anything
        drawn = ""
    for beside in (rf"({NAME})(?=<m(?!o>))", rf"(</m(?:i|n|su[bp]|subsup|frac)>)(?={NAME})"):  # n log 2, not nlog2
        drawn = re.sub(beside, r'\1<mspace width="0.17em"/>', drawn)
    is_whole = drawn and len(tex) <= MAX_FORMULA and "\\" not in drawn and "<mi>&amp;</mi>" not in drawn
    return drawn if is_whole else f'<code class="tex">{escape(tex)}</code>'


def outputs(nodes: list[NotebookNode], tidy: Callable[[str], str]) -> list[Markup]:
    """Return the first outputs of a cell: each a picture, else HTML, else text, which goes through `tidy`."""
    shown = [_output(node, tidy) for node in nodes[:MAX_OUTPUTS]]
    return shown if len(nodes) <= MAX_OUTPUTS else [*shown, Markup("<p>{}</p>").format(_("[Cut off here: too long.]"))]


def _output(node: NotebookNode, tidy: Callable[[str], str]) -> Markup:
    if node.output_type in ("stream", "error"):
        text = "\n".join(node.traceback) if node.output_type == "error" else node.text
        return Markup('<pre class="output">{}</pre>').format(cut(tidy(text), MAX_OUTPUT))
    if picture := _picture(node.data):
        return clean(f'<img src="{escape(picture)}" alt="">')
    for kind, render in (("image/svg+xml", clean), ("text/html", clean), ("text/markdown", markdown)):
        if kind in node.data:
            return Markup('<div class="rich">{}</div>').format(render(str(node.data[kind])))
    return Markup('<pre class="output">{}</pre>').format(cut(tidy(str(node.data.get("text/plain", ""))), MAX_OUTPUT))


def cut(text: str, length: int) -> str:
    """Return a text, or its beginning and a note if it is longer than that."""
    return text if len(text) <= length else f"{text[:length]}\n{_('[Cut off here: too long.]')}"


def without_paths(text: str) -> str:
    """Return a text in which files have lost the folders that they lie in on the machine."""
    return PATH.sub("…/", text)


def style(name: str) -> str:
    """Return the style sheet of highlighted code, in the colours of this name."""
    return HtmlFormatter(style=name, cssclass="code").get_style_defs("pre.code")


def _picture(data: Mapping[str, object]) -> str:
    """Return the address that holds the first raster picture among these types of data, "" if there is none."""
    return next((f"data:{kind};base64,{str(data[kind]).strip()}" for kind in RASTERS if kind in data), "")


def _highlight(text: str, language: str, attributes: str) -> str:
    return code(text) if language in ("py", "python", "python3") else f"<pre><code>{escape(text)}</code></pre>"


_markdown = MarkdownIt("commonmark", {"html": True, "highlight": _highlight}).enable(["table", "strikethrough"])
_markdown.use(dollarmath_plugin, allow_labels=False, double_inline=True, renderer=formula)
_markdown.use(amsmath_plugin, renderer=lambda tex: formula(tex, {"display_mode": True}))
