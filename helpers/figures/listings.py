"""Code of the notebook in two columns: before and now."""

import ast
import html
import inspect
import textwrap
from collections.abc import Callable, Sequence

from helpers.messages import _
from helpers.plots import BLUE, ORANGE
from helpers.setup import running_shell


def side_by_side(*pairs: tuple[Sequence[Callable], Sequence[Callable]]) -> None:
    """Show code in two columns: what disappears (− and orange), what is new (+ and blue), and how many lines it took.

    pairs: for each row of the table the functions or classes before and those that take their place.
    Docstrings, comments and empty lines are left out and not counted.
    """
    rows, totals = [], [0, 0]
    wrapped = "white-space: pre-wrap; overflow-wrap: break-word; padding-left: 6em; text-indent: -6em"
    for pair in pairs:
        codes = [_code_lines(functions) for functions in pair]
        known = [{line.strip() for line in code} for code in codes]
        cells = []
        for side, (sign, colour) in enumerate((("−", ORANGE), ("+", BLUE))):
            totals[side] += len(codes[side])
            lines = []
            for line in codes[side]:
                new = line.strip() not in known[1 - side]
                mark, background = (sign, f"; background: {colour}33") if new else (" ", "")
                code = line.lstrip()
                indent = f"{mark} {' ' * (len(line) - len(code))}".replace(" ", "\N{NO-BREAK SPACE}")
                lines.append(f'<div style="{wrapped}{background}">{indent}{html.escape(code)}</div>')
            cells.append(_cell("".join(lines), "font-family: monospace; font-size: 85%; line-height: 1.35"))
        rows.append(cells)
    counted = _("{title}: {n} lines")
    titles = zip((_("before"), _("now")), totals, strict=True)
    rows.insert(0, [_cell(f"<b>{counted.format(title=title, n=n)}</b>", "") for title, n in titles])
    if running_shell():
        from IPython.display import HTML, display

        table = "".join(f'<tr style="background: none">{"".join(cells)}</tr>' for cells in rows)
        display(HTML(f'<table style="margin-left: 0">{table}</table>'))


def _cell(content: str, style: str) -> str:
    style = f"text-align: left; vertical-align: top; padding: 0.4em 1.5em 0.4em 0; {style}"
    return f'<td style="{style}">{content}</td>'


def _code_lines(functions: Sequence[Callable]) -> list[str]:
    """Return the lines of code of functions, without docstrings, comments and empty lines."""
    kept = []
    for function in functions:
        try:
            source = textwrap.dedent(inspect.getsource(function))
            tree = ast.parse(source)
        except (OSError, SyntaxError, TypeError):  # written where Python does not find it again
            kept.append(f"{function.__name__}: …")
            continue
        dropped = {
            line
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
            for line in range(node.lineno, node.end_lineno + 1)
        }
        for number, line in enumerate(source.splitlines(), start=1):
            if number not in dropped and line.strip() and not line.strip().startswith("#"):
                kept.append(line)
    return kept
