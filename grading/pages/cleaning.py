"""HTML of students' making without harm: nothing in it runs, and it loads nothing."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

import nh3
from markupsafe import Markup, escape
from pygments.token import STANDARD_TYPES

from grading.pages.room import Room, cut_off
from helpers.messages import _

RASTERS = ("image/png", "image/jpeg", "image/gif", "image/webp")
RASTER = re.compile(rf"data:(?:{'|'.join(RASTERS)});base64,[A-Za-z0-9+/=\s]*")
# One in the middle of a text, of whatever kind; base64 may be broken into lines.
PICTURE = re.compile(
    r"data:(image/[\w.+-]+);base64,([A-Za-z0-9+/=]+(?:\n[A-Za-z0-9+/=]{60,})*(?:\n[A-Za-z0-9+/=]+(?=[\"']))?)",
    re.IGNORECASE,
)
IMG = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
SVG_TAG = re.compile(r'<svg((?: [\w:-]+="[^"]*")*)>')
WORDS = re.compile(r' (?:alt|aria-label)="\s*([^"\s][^"]*)"')
NO_WORDS = re.compile(r' (?:alt|aria-label)="\s*"')
LINK = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
# What CSS could load, or hide from us: an address that is not in the page, an escape.
CSS_LOADS = re.compile(r"url\(\s*[\"']?(?!#)|\\|image-set|@import", re.IGNORECASE)


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
    offset gradientUnits gradientTransform patternUnits patternTransform dominant-baseline version aria-label
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


def clean(html: str, attachments: Attachments | None = None, room: Room | None = None) -> Markup:
    """Return HTML of a student's without what could run, load or send anything; of a picture not shown, a sentence.

    A picture without words gets some, so that a screen reader says that there is one.

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
        return None if attribute not in ("alt", "aria-label") and CSS_LOADS.search(value) else value

    if not room.take_tags(html):
        return cut_off()
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
    return Markup(SVG_TAG.sub(_named, IMG.sub(_told, cleaned)))


def without_pictures(text: str) -> tuple[str, dict[str, dict[str, str]]]:
    """Return a text that mentions the pictures pasted into it as attachments, and these: no parser has to read them."""
    pasted: dict[str, dict[str, str]] = {}

    def mention(picture: re.Match[str]) -> str:
        name = f"pasted-{len(pasted)}"
        pasted[name] = {picture[1].lower(): picture[2]}
        return f"attachment:{name}"

    return PICTURE.sub(mention, text), pasted


def picture_of(data: Mapping[str, object]) -> str:
    """Return the address that holds the first raster picture among these types of data, "" if there is none."""
    return next((f"data:{kind};base64,{str(data[kind]).strip()}" for kind in RASTERS if kind in data), "")


def _source(address: str, attachments: Attachments, room: Room) -> tuple[str, str]:
    """Return the address of a picture that is shown, else "" and why it is not."""
    if re.match(r"(https?:)?//", address, re.IGNORECASE):
        return "", "web"
    if address.startswith("attachment:"):
        address = picture_of(attachments.get(unquote(address.removeprefix("attachment:")), {}))
    if not RASTER.fullmatch(address):
        return "", "absent"
    return (address, "") if room.take_picture(address) else ("", "large")


def _told(picture: re.Match[str]) -> str:
    """Return a picture as it is, or a sentence in the place of one that is not shown, with what it was to show."""
    sentences = {
        "web": _("[A picture from the web is not shown here.]"),
        "absent": _("[A picture is not shown here: it is not in the notebook, or of a type that pages do not show.]"),
        "large": _("[A picture is not shown here: too large.]"),
    }
    why = re.search(r' src="data:,(\w+)"', picture[1])
    words = WORDS.search(picture[1])
    if why is None:
        return f"<img{_described('alt', picture[1])}>"
    said = escape(sentences[why[1]]) + (Markup(f" {words[1]}") if words else "")
    return f'<span class="absent">{said}</span>'


def _named(drawing: re.Match[str]) -> str:
    """Return the tag of a drawing with words for it."""
    return f'<svg{_described("aria-label", drawing[1])} role="img">'


def _described(name: str, attributes: str) -> str:
    """Return attributes of a picture among which one, of this name, says something."""
    if WORDS.search(attributes):
        return attributes
    said = escape(_("A picture without a description."))
    return f'{NO_WORDS.sub("", attributes)} {name}="{said}"'
