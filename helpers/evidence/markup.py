"""Evidence as HTML, in the chosen language, for a notebook or a page; as text; and under the failed check itself."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from math import isfinite

from helpers.evidence.images import heat_map
from helpers.evidence.model import Evidence, Maps, Numbers, Row, Sign, Table
from helpers.messages import _, number

# No colour of text or ground: they are those around it, light or dark.
BESIDE = "display: flex; flex-wrap: wrap; gap: 0.6em 1.2em; margin: 0.4em 0"
FIGURE = "margin: 0; width: max({width}px, 11em); max-width: 100%"  # longer words are broken
CELL = "padding: 0.15em 0.7em; white-space: nowrap; border: 1px solid rgba(128, 128, 128, 0.5); text-align: left"


def show(evidence: Evidence) -> None:
    """Show evidence under the running cell of a notebook; what it is made of goes along, unseen."""
    from IPython.display import publish_display_data

    data = {"text/html": to_html(evidence), "text/plain": to_text(evidence)}
    publish_display_data(data, {"gradus": asdict(evidence)})


def to_html(evidence: Evidence) -> str:
    """Return evidence as HTML: three pictures, or a table."""
    return _table(evidence) if isinstance(evidence, Table) else _maps(evidence)


def to_text(evidence: Evidence) -> str:
    """Return evidence as text."""
    if isinstance(evidence, Maps):
        return "\n".join(f"{caption}, {span} ({alt})" for caption, span, alt, *_image in _figures(evidence))
    lines = [_head(evidence), *map(_cells, evidence.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "\n".join([*padded, *_more(evidence)])


def _maps(maps: Maps) -> str:
    figures = [
        f'<figure style="{FIGURE.format(width=width)}"><figcaption>{escape(caption)}</figcaption> '
        f'<img alt="{escape(alt)}" src="data:image/png;base64,{b64encode(png).decode()}" width="{width}"> '
        f"<div>{escape(span)}</div></figure>"
        for caption, span, alt, png, width in _figures(maps)
    ]
    legend = _("Blue, −: negative. Orange, +: positive. Grey: NaN or infinite. Framed: the first wrong entry.")
    return "\n".join([f'<div style="{BESIDE}">', *figures, "</div>", f"<div>{escape(legend)}</div>"])


def _figures(maps: Maps) -> Iterator[tuple[str, str, str, bytes, int]]:
    """Yield what was expected, what came, and the difference: caption, how large, alternative text, image, width."""
    right, own = maps.numbers()
    gaps = [[0.0] * len(row) for row in right]
    wrong = []
    for i, rows in enumerate(zip(maps.expected, maps.got, strict=True)):
        for j, (one, other) in enumerate(zip(*map(str.split, rows), strict=True)):
            if one != other:
                wrong.append((i, j))
                gaps[i][j] = own[i][j] - right[i][j]
    first, scale = wrong[0], _largest(right) or _largest(own)
    alt = _("{rows} × {columns} numbers; framed, at index {place}: {value}")
    for caption, span, numbers, strongest in (
        (_("expected"), _span(right), right, scale),
        (_("yours"), _span(own), own, scale),
        (_("yours − expected"), _gap(gaps, len(wrong)), gaps, _largest(gaps)),
    ):
        value = number(numbers[first[0]][first[1]], ".3g")
        told = alt.format(rows=len(right), columns=len(right[0]), place=list(first), value=value)
        yield caption, span, told, *heat_map(numbers, strongest, first)


def _finite(numbers: Numbers) -> list[float]:
    return [value for row in numbers for value in row if isfinite(value)]


def _largest(numbers: Numbers) -> float:
    return max(map(abs, _finite(numbers)), default=0.0)


def _span(numbers: Numbers) -> str:
    """Say from where to where numbers go."""
    finite, n = _finite(numbers), len(numbers) * len(numbers[0])
    if not finite:
        return _("all NaN or infinite")
    sentence = _("from {least} to {most}") if len(finite) == n else _("from {least} to {most}, {n} NaN or infinite")
    return sentence.format(least=number(min(finite), ".3g"), most=number(max(finite), ".3g"), n=n - len(finite))


def _gap(gaps: Numbers, wrong: int) -> str:
    """Say how many entries are wrong, and by how much, where that is a number."""
    finite, n = _finite(gaps), len(gaps) * len(gaps[0])
    sentence = _("{wrong} of {n} wrong, by {gap} at most") if len(finite) == n else _("{wrong} of {n} wrong")
    return sentence.format(wrong=wrong, n=n, gap=number(_largest(gaps), ".3g"))


def _table(table: Table) -> str:
    head = " ".join(f'<th scope="col" style="{CELL}">{escape(word)}</th>' for word in _head(table))
    lines = ["<table><thead>", f"<tr>{head}</tr>", "</thead><tbody>"]
    for name, *cells in map(_cells, table.rows):
        columns = " ".join(f'<td style="{CELL}">{escape(cell)}</td>' for cell in cells)
        lines.append(f'<tr><th scope="row" style="{CELL}">{escape(name)}</th> {columns}</tr>')
    more = (f"<div>{escape(line)}</div>" for line in _more(table))
    return "\n".join([*lines, "</tbody></table>", *more])


def _head(table: Table) -> list[str]:
    signs = [_("sign of the step"), _("factor of the step")] if table.of_steps else [_("sign"), _("factor")]
    return [_("name"), _("right?"), _("shape"), *signs, _("largest difference")]


def _cells(row: Row) -> list[str]:
    """Return what a table says of one tensor, its name first."""
    holds = "✓ " + _("right") if row.is_right else "✗ " + _("wrong")
    shape = _("{shape}, not {wanted}").format(shape=row.shape, wanted=row.wanted) if row.wanted else row.shape
    signs = {Sign.RIGHT: _("right"), Sign.OPPOSITE: _("opposite"), Sign.MIXED: _("some opposite")}
    gap = number(float(row.gap), ".3g") if row.gap else ""
    return [row.name, holds, *(word or "–" for word in (shape, signs.get(row.sign), _factor(row), gap))]


def _factor(row: Row) -> str:
    """Write the factor, whose sign has a column of its own."""
    if row.factor is None:
        return ""
    size = abs(row.factor)
    text = f"÷ {number(1 / size, '.3g')}" if 0 < size < 1 else f"× {number(size, '.3g')}"
    if not row.is_transposed:
        return text
    return _("transposed") if f"{size:.3g}" == "1" else _("transposed, {factor}").format(factor=text)


def _more(table: Table) -> list[str]:
    return [_("{n} more are not shown.").format(n=table.left_out)] if table.left_out else []
