"""What students wrote, as HTML that does no harm: Markdown with formulas, code, outputs. It loads and runs nothing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markupsafe import Markup, escape
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES

from helpers.messages import _

# What is longer is cut: pages stay readable, and quick to make.
MAX_TEXT, MAX_OUTPUT, MAX_FORMULA, MAX_TAGS, MAX_OUTPUTS, MAX_PICTURE = 50_000, 5_000, 5_000, 20_000, 30, 6_000_000
# Of these the parser of Markdown looks at each with all that follows.
MANY = {"[": 5_000, "\\begin{": 300, "$": 5_000}
# What making takes beside copying, for each character, and of an output before it is cut.
WORK_OF_MARKDOWN, WORK_OF_CODE, MAX_RAW = 15, 9, 20 * MAX_OUTPUT
# A word longer than this is cut in two.
MAX_WORD = 200
# The lines of a formula.
MAX_LINES = 200

RASTERS = ("image/png", "image/jpeg", "image/gif", "image/webp")
RASTER = re.compile(rf"data:(?:{'|'.join(RASTERS)});base64,[A-Za-z0-9+/=\s]*")
# One in the middle of a text, of whatever kind; base64 may be broken into lines.
PICTURE = re.compile(
    r"data:(image/[\w.+-]+);base64,([A-Za-z0-9+/=]+(?:\n[A-Za-z0-9+/=]{60,})*(?:\n[A-Za-z0-9+/=]+(?=[\"']))?)",
    re.IGNORECASE,
)
IMG = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
# What CSS could load, or hide from us: an address that is not in the page, an escape.
CSS_LOADS = re.compile(r"url\(\s*[\"']?(?!#)|\\|image-set|@import", re.IGNORECASE)
# The order to empty a line of the terminal, which progress bars give before they write it again.
ERASE = re.compile(r"\x1b\[2?K")
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
Attachments = Mapping[str, Mapping[str, str]]


@dataclass
class Room:
    """What a page has room for, of all that its student made: pieces, work to make them, their tags, their pictures.

    work: in characters that are copied. tags: in their squares, by which the time grows that cleaning them takes.
    pictures: in characters of base64.
    """

    pieces: int = 1_000
    work: int = 3_000_000
    tags: int = MAX_TAGS**2
    pictures: int = 24_000_000

    def take(self, work: int) -> bool:
        """Take the room for one more piece; False if there is not enough."""
        self.pieces -= 1
        if work > self.work or self.is_used_up:
            return False
        self.work -= work
        return True

    @property
    def is_used_up(self) -> bool:
        """Whether nothing more is shown."""
        return self.pieces < 0

    def take_tags(self, html: str) -> bool:
        """Take the room for the tags of some HTML; False if there is not enough."""
        tags = html.count("<")
        if tags > MAX_TAGS or tags**2 > self.tags:
            return False
        self.tags -= tags**2
        return True

    def take_picture(self, data: str) -> bool:
        """Take the room for a picture; False if there is not enough."""
        if len(data) > min(MAX_PICTURE, self.pictures):
            return False
        self.pictures -= len(data)
        return True


def clean(html: str, attachments: Attachments | None = None, room: Room | None = None) -> Markup:
    """Return HTML of a student's without what could run, load or send anything; of a picture not shown, a sentence.

    attachments: the pictures of the cell, by name, then by type, in base64.
    """
    room = room or Room()

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if (tag, attribute) == ("a", "href"):
            return value if LINK.match(value) else None
        if (tag, attribute) == ("use", "href"):
            return value if value.startswith("#") else None
        if attribute in ("src", "href"):
            shown, why = _source(value.strip(), attachments or {}, room)
            return shown or (f"data:,{why}" if tag == "img" else None)
        return None if attribute != "alt" and CSS_LOADS.search(value) else value

    if not room.take_tags(html):
        return _cut_off()
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
    return Markup(IMG.sub(_told, cleaned))


def _source(address: str, attachments: Attachments, room: Room) -> tuple[str, str]:
    """Return the address of a picture that is shown, else "" and why it is not."""
    if re.match(r"(https?:)?//", address, re.IGNORECASE):
        return "", "web"
    if address.startswith("attachment:"):
        address = _picture(attachments.get(unquote(address.removeprefix("attachment:")), {}))
    if not RASTER.fullmatch(address):
        return "", "absent"
    return (address, "") if room.take_picture(address) else ("", "large")


def _told(picture: re.Match) -> str:
    """Return a picture as it is, or a sentence in the place of one that is not shown, with what it was to show."""
    sentences = {
        "web": _("[A picture from the web is not shown here.]"),
        "absent": _("[A picture is not shown here: it is not in the notebook, or of a type that pages do not show.]"),
        "large": _("[A picture is not shown here: too large.]"),
    }
    why = re.search(r' src="data:,(\w+)"', picture[1])
    if why is None:
        return picture[0]
    words = re.search(r' alt="([^"]+)"', picture[1])
    said = escape(sentences[why[1]]) + (Markup(f" {words[1]}") if words else "")
    return f'<span class="absent">{said}</span>'


def markdown(text: str, attachments: Attachments | None = None, room: Room | None = None) -> Markup:
    """Return a student's Markdown, with formulas, as HTML."""
    room = room or Room()
    text, pasted = _without_pictures(text)
    for mark, many in MANY.items():
        places = [found.start() for found in re.finditer(re.escape(mark), text)]
        text = cut(text, places[many]) if len(places) > many else text
    text = cut(text, MAX_TEXT)
    if not room.take(WORK_OF_MARKDOWN * len(text)):
        return _cut_off()
    return clean(_markdown.render(text), {**(attachments or {}), **pasted}, room)


def _without_pictures(text: str) -> tuple[str, dict[str, dict[str, str]]]:
    """Return a text that mentions the pictures pasted into it as attachments, and these: no parser has to read them."""
    pasted: dict[str, dict[str, str]] = {}

    def mention(picture: re.Match) -> str:
        name = f"pasted-{len(pasted)}"
        pasted[name] = {picture[1].lower(): picture[2]}
        return f"attachment:{name}"

    return PICTURE.sub(mention, text), pasted


def inline(text: str) -> Markup:
    """Return one line of Markdown, a heading's, as HTML without a paragraph of its own."""
    return clean(_markdown.renderInline(text))


def code(text: str, room: Room | None = None) -> Markup:
    """Return Python code, highlighted."""
    text = cut(text, MAX_TEXT)
    if room and not room.take(WORK_OF_CODE * len(text)):
        return _cut_off()
    coloured = highlight(text, PythonLexer(stripall=False), HtmlFormatter(nowrap=True))
    return Markup(f'<pre class="code"><code>{coloured}</code></pre>')


def formula(tex: str, options: Mapping[str, bool] | None = None) -> str:
    """Return TeX as MathML, which browsers draw by themselves; where that fails, its source."""
    is_block = options is not None and options["display_mode"]
    known = re.sub(r"\\(begin|end)\{(?:aligned|split)\}", r"\\\1{align*}", tex[:MAX_FORMULA])
    known = re.sub(r"\\arg(max|min)(?![A-Za-z])", r"\\arg\\\1", known)
    known = re.sub(r"\\arg(?![A-Za-z])", r"\\operatorname{arg}", known)
    try:
        drawn = convert(known, display="block" if is_block else "inline")
    except Exception:  # whatever a student takes for TeX: its converter raises anything
        drawn = ""
    for beside in (rf"({NAME})(?=<m(?!o>))", rf"(</m(?:i|n|su[bp]|subsup|frac)>)(?={NAME})"):  # n log 2, not nlog2
        drawn = re.sub(beside, r'\1<mspace width="0.17em"/>', drawn)
    is_whole = drawn and len(tex) <= MAX_FORMULA and "\\" not in drawn and "<mi>&amp;</mi>" not in drawn
    return drawn if is_whole else f'<code class="tex">{escape(tex)}</code>'


def outputs(nodes: list[NotebookNode], tidy: Callable[[str], str], room: Room | None = None) -> list[Markup]:
    """Return the first outputs of a cell: each a picture, else HTML, else text, which goes through `tidy`."""
    room, shown = room or Room(), []
    for node in nodes:
        if room.is_used_up or len(shown) == MAX_OUTPUTS:
            return [*shown, _cut_off()]
        shown.append(_output(node, tidy, room))
    return shown


def _output(node: NotebookNode, tidy: Callable[[str], str], room: Room) -> Markup:
    data = {} if node.output_type in ("stream", "error") else node.data
    if picture := _picture(data):
        return clean(f'<img src="{escape(picture)}" alt="">', room=room) if room.take(0) else _cut_off()
    for kind, render in (("image/svg+xml", clean), ("text/html", clean), ("text/markdown", markdown)):
        if kind in data:
            html, pasted = _without_pictures(str(data[kind]))
            made = render(html, pasted, room) if room.take(len(html)) else _cut_off()
            return Markup('<div class="rich">{}</div>').format(made)
    text = "\n".join(node.traceback) if node.output_type == "error" else node.get("text", data.get("text/plain", ""))
    text = str(text)[:MAX_RAW]
    if not room.take(len(text)):
        return _cut_off()
    return Markup('<pre class="output">{}</pre>').format(cut(tidy(overwritten(text)), MAX_OUTPUT))


def overwritten(text: str) -> str:
    """Return what a terminal shows of a text in the end: a carriage return goes back to the start of the line."""
    return "\n".join(map(_overwritten_line, text.replace("\r\n", "\n").split("\n"))) if "\r" in text else text


def _overwritten_line(line: str) -> str:
    shown: list[str] = []
    for part in line.split("\r"):
        if ERASE.match(part):
            shown, part = [], ERASE.sub("", part)
        shown[: len(part)] = part
    return "".join(shown)


def _cut_off() -> Markup:
    return Markup("<p>{}</p>").format(_("[Cut off here: too long.]"))


def cut(text: str, length: int) -> str:
    """Return a text, or its beginning and a note if it is longer than that, cut between two words."""
    if len(text) <= length:
        return text
    kept = text[:length]
    ends = re.search(rf"\s\S{{0,{MAX_WORD}}}\Z", kept)
    note = _("[Cut off here: too long.]")
    return f"{kept[: ends.start()] if ends else kept}\n\n{note}"


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


def _bracketed(state: StateInline, silent: bool) -> bool:
    """Parse a formula between \\( and \\), or \\[ and \\], in the middle of a text."""
    ends = {r"\(": r"\)", r"\[": r"\]"}
    end = ends.get(state.src[state.pos : state.pos + 2])
    found = state.src.find(end, state.pos + 2, state.pos + 2 + MAX_FORMULA) if end else -1
    if found < 0:
        return False
    if not silent:
        kind, tag = ("math_inline", "span") if end == r"\)" else ("math_inline_double", "div")
        state.push(kind, tag, 0).content = state.src[state.pos + 2 : found].strip()
    state.pos = found + 2
    return True


def _bracketed_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Parse a formula that starts its line with \\[ and ends one with \\], whatever it holds."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not state.src.startswith(r"\[", start):
        return False
    for line in range(first, min(last, first + MAX_LINES)):
        if state.isEmpty(line):
            return False
        if state.src[state.bMarks[line] : state.eMarks[line]].rstrip().endswith(r"\]"):
            break
    else:
        return False
    if not silent:
        state.line = line + 1
        token = state.push("math_block", "div", 0)
        token.content = state.src[start : state.eMarks[line]].strip()[2:-2]
        token.map, token.block = [first, state.line], True
    return True


_markdown = MarkdownIt("commonmark", {"html": True, "highlight": _highlight}).enable(["table", "strikethrough"])
_markdown.use(dollarmath_plugin, allow_labels=False, double_inline=True, renderer=formula)
_markdown.inline.ruler.before("escape", "bracketed", _bracketed)
_markdown.block.ruler.before("fence", "bracketed_block", _bracketed_block, {"alt": ["paragraph", "blockquote", "list"]})
_markdown.use(amsmath_plugin, renderer=lambda tex: formula(tex, {"display_mode": True}))
