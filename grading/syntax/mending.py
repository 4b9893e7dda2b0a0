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
_PRE = re.compile(r"(?s)<(?:pre|code)[^>]*>(?:\s*<code[^>]*>)?\n?(.*?)</(?:code|pre)>")
_KINDS = ("", "code", "ipython", "ipython3", "py", "python", "python3", "pycon")


def versions(source: str, is_text: bool) -> Iterator[str]:
    """Yield a source with more and more of what Python cannot read taken out; of a text the code that it quotes."""
    plain = source.translate(_PLAIN)
    typed = plain.translate(_TYPED)
    texts = [
        plain,
        typed,
        html.unescape(typed),
        "\n\n".join(quoted(plain) if is_text else _fenced(plain)),
        _after_prompts(plain),
    ]
    for text in filter(None, dict.fromkeys(texts)):
        text = _without_prompts(text).strip("\n")
        first, _, rest = text.partition("\n")
        for whole in dict.fromkeys((text, textwrap.dedent(text), f"{first.strip()}\n{textwrap.dedent(rest)}")):
            yield whole
            if "\t" in whole:
                yield from (textwrap.dedent(whole.expandtabs(size)) for size in (4, 8))


def quoted(source: str) -> list[str]:
    """Return the code that a Markdown text quotes: in fences, in HTML, or indented."""
    source = _not_cited(source)
    return _fenced(source) or [html.unescape(code) for code in _PRE.findall(source)] or _indented(source)


def without_quoted(source: str) -> str:
    """Return a Markdown text without the code that it quotes."""
    found, source = quoted(source), html.unescape(_not_cited(source))
    for line in "\n".join(found).split("\n"):
        source = source.replace(line.strip(), "", 1) if line.strip() else source
    return re.sub(r"</?(?:pre|code)\b[^>]*>", "", source)


def _not_cited(source: str) -> str:
    """Return a Markdown text without the marks of citations."""
    return re.sub(r"(?m)^[ \t]*>(?!>>) ?", "", source)


def _indented(source: str) -> list[str]:
    """Return the code that is indented below other text."""
    lines = source.split("\n")
    code = [line for line in lines if not line.strip() or line.startswith(("    ", "\t"))]
    is_below = any(line.strip() for line in code) and not lines[0].startswith(("    ", "\t"))
    return [textwrap.dedent("\n".join(code)).strip("\n")] if is_below else []


def _fenced(source: str) -> list[str]:
    """Return the code that stands in fences, the last of which may be left open."""
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


def _after_prompts(source: str) -> str:
    """Return the lines that have prompts, if any has: the others are what Python answered."""
    lines = source.split("\n") if ">>>" in source else []
    return "\n".join(line for line in lines if line.lstrip().startswith((">>>", "...")))


def _without_prompts(source: str) -> str:
    """Take away the prompts of Python and IPython, where there are any, and the lines of output marked as such."""
    return _PROMPT.sub("", _OUTPUT.sub("", source)) if _FIRST.search(source) else source
