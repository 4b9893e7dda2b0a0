"""What students wrote as HTML that does no harm: Markdown with formulas and code."""

import re
from collections.abc import Mapping

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markupsafe import Markup, escape
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from grading.pages.cleaning import Attachments, clean, without_pictures
from grading.pages.room import Room, cut, cut_off

# In characters; what is longer is cut, or a formula not drawn.
MAX_TEXT, MAX_FORMULA = 50_000, 5_000
# Of these the parser of Markdown looks at each with all that follows.
MANY = {"[": 5_000, "\\begin{": 300, "$": 5_000}
# What making takes beside copying, for each character.
WORK_OF_MARKDOWN, WORK_OF_CODE = 15, 9
# The lines of a formula.
MAX_LINES = 200
NAME = "<mi>[a-z]{2,}</mi>"
# The colours of code, by where it is read.
COLOURS = {
    "print, (prefers-color-scheme: light)": "xcode",
    "screen and (prefers-color-scheme: dark)": "github-dark",
}


def markdown(text: str, attachments: Attachments | None = None, room: Room | None = None) -> Markup:
    """Return a student's Markdown, with formulas, as HTML."""
    room = room or Room()
    text, pasted = without_pictures(text)
    for mark, many in MANY.items():
        places = [found.start() for found in re.finditer(re.escape(mark), text)]
        text = cut(text, places[many]) if len(places) > many else text
    text = cut(text, MAX_TEXT)
    if not room.take(WORK_OF_MARKDOWN * len(text)):
        return cut_off()
    return clean(_markdown.render(text), {**(attachments or {}), **pasted}, room)


def inline(text: str) -> Markup:
    """Return one line of Markdown, a heading's, as HTML without a paragraph of its own."""
    return clean(_markdown.renderInline(text))


def code(text: str, room: Room | None = None) -> Markup:
    """Return Python code, highlighted."""
    text = cut(text, MAX_TEXT)
    if room and not room.take(WORK_OF_CODE * len(text)):
        return cut_off()
    coloured = highlight(text, PythonLexer(stripall=False), HtmlFormatter(nowrap=True))
    return Markup(f'<pre class="code"><code>{coloured}</code></pre>')


def code_style() -> str:
    """Return the style sheet of highlighted code, light and dark, with colours that can be told from the ground."""
    rules = {
        media: HtmlFormatter(style=name, cssclass="code").get_style_defs("pre.code") for media, name in COLOURS.items()
    }
    return "\n".join(f"@media {media} {{\n{rule}\n}}" for media, rule in rules.items())


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
    drawn = re.sub("<mo>(?=&#x0(?:2016|007C);)", '<mo stretchy="false">', drawn)  # no taller than what is in between
    is_whole = drawn and len(tex) <= MAX_FORMULA and "\\" not in drawn and "<mi>&amp;</mi>" not in drawn
    return drawn if is_whole else f'<code class="tex">{escape(tex)}</code>'


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
