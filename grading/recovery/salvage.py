"""Read JSON that is not quite JSON: what surrounds it, its commas, and, where that is not enough, whole cells of it."""

import json
import re
import sys
from typing import Any

# Unlike Python's own, it lets control characters stand in strings.
_DECODER = json.JSONDecoder(strict=False)
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?(?:"|\Z)'
# What a comma should follow, other strings, and commas, which may be too many or before an end.
_LACKS = rf'(?P<lacks>(?:{_STRING}|[}}\]])(?=\s*+["{{\[]))'
_COMMAS = r"(?P<commas>,(?:\s*+,)*+)(?P<ends>(?=\s*+[\]}]))?"
_TOKEN = re.compile(rf"(?s){_LACKS}|(?P<string>{_STRING})|{_COMMAS}")
_ESCAPED = re.compile(r'(?:[^\\]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+')
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|(?P<bad>))')
_CELLS = re.compile(r'"cells"\s*+:\s*+\[')
_BETWEEN = re.compile(r"[\s,]*+")
_CELL = re.compile(r'\{\s*+"(?:attachments|cell_type|execution_count|id|input|metadata|outputs|source)"\s*+:')
# Salvaging reads no more than this many times the text, and gives up after so many failures.
_TIMES, _FAILURES = 10, 1000
# Levels of JSON that are read.
MAX_LEVELS = 10_000


def parse(text: str) -> Any:
    """Read JSON, deep as it may be. Raises ValueError."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, MAX_LEVELS))  # outputs that nest so are charts of a student, not a damage
    try:
        return json.loads(text)
    except (MemoryError, RecursionError) as error:
        raise ValueError(f"nested too deep or too large: {type(error).__name__}") from None
    finally:
        sys.setrecursionlimit(limit)


def parse_leniently(text: str) -> Any:
    """Read the first JSON object or list in a text, whatever follows it, its commas mended. Raises ValueError."""
    start = re.search(r"[{\[]", text)
    if start is None:
        raise ValueError("there is no JSON in it")
    for mend in (str, _with_commas):
        try:
            return _DECODER.raw_decode(mend(text[start.start() :]))[0]
        except (MemoryError, RecursionError, ValueError) as error:
            reason = error
    raise ValueError(str(reason))


def cells_in(text: str) -> tuple[list[dict[str, Any]], bool]:
    """Return the cells that can be read of a damaged notebook, and whether its list of cells was read to its end."""
    text = _with_commas(text)
    begin = _CELLS.search(text)
    position = begin.end() if begin else 0
    cells: list[dict[str, Any]] = []
    left, failures, is_whole = _TIMES * len(text), 0, begin is not None
    while left > 0 and failures < _FAILURES:
        between = _BETWEEN.match(text, position)
        position = between.end() if between else position
        if begin and text.startswith("]", position):
            return cells, is_whole
        try:
            cell, position = _DECODER.raw_decode(text, position)
        except (MemoryError, RecursionError, ValueError) as error:
            is_whole, failures = False, failures + 1
            left -= max(1, getattr(error, "pos", len(text)) - position)
            following = _CELL.search(text, position + 1)
            if following is None:
                break
            left -= following.start() - position
            position = following.start()
        else:
            if isinstance(cell, dict) and cell.keys() & {"source", "input"}:  # marks have a cell_type, too
                cells.append(cell)
    return cells, False


def _with_commas(text: str) -> str:
    """Take away commas that are too many, put in those that lack, double the backslashes of what is no escape."""

    def mended(match: re.Match[str]) -> str:
        if match["commas"]:
            return "," if match["ends"] is None else ""
        token = match["lacks"] or match["string"]
        if _ESCAPED.fullmatch(token) is None:
            token = _ESCAPE.sub(lambda escape: "\\\\" if escape["bad"] is not None else escape[0], token)
        return f"{token}," if match["lacks"] else token

    return _TOKEN.sub(mended, text)
