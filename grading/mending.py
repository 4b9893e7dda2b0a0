"""Code as it was typed or pasted, without what Python cannot read: odd characters, prompts, indentation; and fences."""

import html
import re
import textwrap
from collections.abc import Iterator

# White space that Python does not know, and characters that nobody sees.
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_UNSEEN = "\0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_PLAIN = str.maketrans(
    dict.fromkeys(_SPACES, " ") | dict.fromkeys(_UNSEEN, "") | dict.fromkeys("\x85\u2028\u2029", "\n")
)
# What text processors and mail make of quotes and minus signs.
_TYPED = str.maketrans(dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‘’‚‛′", "'") | dict.fromkeys("−–‐‑", "-"))
_FIRST = re.compile(r"(?m)^[ \t]*(?:>>>|In ?\[[\d ]*\] ?:)")
_PROMPT = re.compile(r"(?m)^[ \t]*(?:(?:>>>|In ?\[[\d ]*\] ?:|\.{3,} ?:)(?: |(?=\S)|$)|\.\.\.(?: |$))")
_OUTPUT = re.compile(r"(?m)^[ \t]*Out ?\[[\d ]*\] ?:.*\n?")
_FENCE = re.compile(r"[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*\{?\.?(?P<kind>[\w+-]*)[^`]*$")
_KINDS = ("", "code", "ipython", "ipython3", "py", "python", "python3", "pycon")


def versions(source: str) -> Iterator[str]:
    """Yield a source with more and more of what Python cannot read taken out."""
    plain = source.translate(_PLAIN)
    typed = plain.translate(_TYPED)
    for text in dict.fromkeys((plain, typed, html.unescape(typed))):
        text = _without_prompts(text).strip("\n")
        first, _, rest = text.partition("\n")
        for whole in dict.fromkeys((text, textwrap.dedent(text), f"{first.strip()}\n{textwrap.dedent(rest)}")):
            yield whole
            if "\t" in whole:
                yield from (textwrap.dedent(whole.expandtabs(size)) for size in (4, 8))


def fenced(source: str) -> list[str]:
    """Return the code that stands in the fences of a Markdown text, the last of which may be left open."""
    blocks: list[list[str]] = []
    fence, is_code = "", False
    for line in source.split("\n"):
        match = _FENCE.match(line)
        if fence and match and match["fence"].startswith(fence) and not match["kind"]:
            fence = ""
        elif not fence and match:
            fence, is_code = match["fence"], match["kind"].lower() in _KINDS
            blocks += [[]] * is_code
        elif fence and is_code:
            blocks[-1].append(line)
    return ["\n".join(block) for block in blocks]


def _without_prompts(source: str) -> str:
    """Take away the prompts of Python and IPython, where there are any, and the lines of output marked as such."""
    return _PROMPT.sub("", _OUTPUT.sub("", source)) if _FIRST.search(source) else source
