"""Claims, hints and predictions in the authors' texts: what is wrong with them, and hints as students unfold them."""

import ast
import builtins
import re
from collections.abc import Iterator

from grading.authoring.cells import Cell, Stage
from grading.course.release import BEGIN, END
from grading.syntax.names import defined_names, used_names

Found = Iterator[tuple[Cell, str]]

# A heading in a hint begins a step, which is unfolded by itself.
STEP = re.compile(r"(?m)^### (.+)$")
FENCED = re.compile(r"(?sm)^```.*?^```")
FOLD = re.compile(r"(?ms)^<details>\n<summary>[^\n]+</summary>\n\n(?:(?!<details>).)+?\n\n</details>$")
SUMMARY = {"en": "Hint", "fr": "Indice"}
# Lines that only frame a solution: a hint may show them.
FRAME = re.compile(r"(?:for|while|with|else|try|finally|def|class|import|from)\b.*|return [\w, ]+|\W*")
# Shorter pieces of a solution stand in a text by chance.
TELLING = 12
# A solution of so few lines gets a hint in words alone.
SHORT = 2


def folded(source: str, lang: str) -> str:
    """Return a hint as one cell in which each step is folded. GitHub, JupyterLab and Colab want the blank lines."""
    steps, parts = hint_steps(source), []
    for number, (title, text) in enumerate(steps, start=1):
        count = f" {number}/{len(steps)}" if len(steps) > 1 else ""
        summary = f"{SUMMARY[lang]}{count}{title and f' · {title.strip()}'}"
        parts.append(f"<details>\n<summary>{summary}</summary>\n\n{text.strip()}\n\n</details>")
    return "\n\n".join(parts)


def hint_steps(source: str) -> list[tuple[str, str]]:
    """Return the steps of a hint: the title and the text of each."""
    first, *others = STEP.split(source)
    return [*([("", first)] if first.strip() else []), *zip(others[::2], others[1::2], strict=True)]


def bad_claims(stage: Stage) -> Found:
    """Find claims that do not assert what a demo computed, and demos without a claim."""
    known = set(dir(builtins)).union(*(defined_names(c.source) for c in stage.of_kind("setup", "answer", "predict")))
    shown: set[str] = set()
    demo, claimed = None, False
    for cell in stage.of_kind("demo", "claim"):
        if cell.kind == "demo":
            if demo is not None:
                yield from _unclaimed(demo, claimed)
            demo, claimed = cell, False
            shown |= defined_names(cell.source)
            continue
        claimed = True
        used = used_names(cell.source)
        if not used & shown:
            yield cell, f"the claim {cell.name!r} looks at nothing that a demo above it computed"
        for name in sorted(used - defined_names(cell.source) - known - shown):
            yield cell, f"the claim {cell.name!r} uses {name}, which no setup, answer or demo cell above it defines"
        for name in sorted(defined_names(cell.source) & (known | shown)):
            yield cell, f"the claim {cell.name!r} gives {name} another value: call its own names otherwise"
        if not any(isinstance(node, ast.Assert) for node in ast.walk(_parsed(cell.source))):
            yield cell, f"the claim {cell.name!r} asserts nothing"
    if demo is not None:
        yield from _unclaimed(demo, claimed)


def _unclaimed(demo: Cell, claimed: bool) -> Found:
    if not claimed and not demo.unclaimed:
        yield demo, 'no claim follows this demo: add one, or say why not, `# %% demo unclaimed="…"`'
    if claimed and demo.unclaimed:
        yield demo, "a claim follows this demo, which says that it needs none: take `unclaimed` away"


def bad_hints(stage: Stage) -> Found:
    """Find hints in the wrong place, hints that tell the solution, and answers of code that have none."""
    answers = {cell.name: cell for cell in stage.of_kind("answer")}
    before = dict(zip(stage.cells[1:], stage.cells, strict=False))
    hinted = set()
    for hint in stage.of_kind("hint"):
        answer = answers.get(hint.name)
        if answer is None:
            yield hint, f"there is no answer {hint.name} to give a hint for"
            continue
        if hint.lang == "en" and before.get(hint) is not answer:
            yield hint, f"the hint for {hint.name} does not stand right below the answer {hint.name}"
        hinted.add(hint.name)
        yield from _telling(hint, _solution(answer))
    for answer in answers.values():
        if answer.name not in hinted and not is_choice(answer):
            yield answer, f'the answer {answer.name} has no hint: add a cell `[markdown] hint="{answer.name}"` below it'


def is_choice(answer: Cell) -> bool:
    """Whether an answer is a choice: its solution returns a dict written down, there is nothing to compute."""
    body = _parsed("def f():\n" + "\n".join(f"    {line}" for line in _solution(answer))).body
    match body:
        case [ast.FunctionDef(body=[ast.Return(value=ast.Dict(values=values))])]:
            return all(isinstance(value, ast.Constant) for value in values)
    return False


def _telling(hint: Cell, solution: list[str]) -> Found:
    """Find what a hint gives away, and blanks that the solution does not fill."""
    blocks = FENCED.findall(hint.source)
    if blocks and len(solution) <= SHORT:
        yield hint, f"the solution of {hint.name} has {len(solution)} lines: give a hint in words, without code"
    given = (piece for line in solution for piece in _pieces(line) if piece in hint.source)
    for piece in dict.fromkeys(given):
        yield hint, f"the hint for {hint.name} tells a line of the solution: `{piece}`"
    for line in (line for block in blocks for line in block.splitlines()[1:-1] if "..." in line):
        pattern = ".+".join(map(re.escape, line.strip().removeprefix("#").strip().split("...")))
        if not any(re.fullmatch(pattern, one) for one in solution):
            yield hint, f"the solution of {hint.name} has no line like the `{line.strip()}` of its hint"


def _pieces(line: str) -> list[str]:
    """Return a line of a solution and what it computes, unless it only frames the others."""
    if FRAME.fullmatch(line):
        return []
    computed = re.sub(r"^(?:return |[\w, \[\]\"'.]+ [-+*/@|&]?= )", "", line)
    return [piece for piece in dict.fromkeys((line, computed)) if len(piece) >= TELLING]


def _solution(answer: Cell) -> list[str]:
    """Return the lines of code of an answer's solution, without their indentation."""
    found = "\n".join(re.findall(rf"(?s){BEGIN}\n(.*?){END}", answer.source))
    lines = (line.strip() for line in found.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def bad_folds(stage: Stage) -> Found:
    """Find folded texts that Markdown would show as they are typed, or never end."""
    for cell in stage.of_kind("prose"):
        if cell.source.count("<details>") != len(FOLD.findall(cell.source)):
            lines = "`<details>`, `<summary>…</summary>`, nothing, the text, nothing, `</details>`"
            yield cell, f"a folded text has these lines, or it shows as it is typed: {lines}"


def bad_predictions(stage: Stage) -> Found:
    """Find predictions that are no blank to fill in, or that no demo below them reads."""
    defined = {cell: defined_names(cell.source) for cell in stage.of_kind("setup", "answer", "demo", "predict")}
    for cell in stage.of_kind("predict"):
        if not all(_is_blank(node) for node in _parsed(cell.source).body) or cell.name not in defined[cell]:
            yield cell, f"the cell of a prediction is `{cell.name} = None`: students put their guess there"
        for name in sorted(defined[cell]):
            if not any(name in used_names(demo.source) for demo in stage.of_kind("demo") if demo.line > cell.line):
                yield cell, f"no demo below shows the prediction {name} beside the truth"
            for other in (other for other, names in defined.items() if other is not cell and name in names):
                yield cell, f"the cell on line {other.line} defines the prediction {name} too"


def _is_blank(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and node.value.value is None


def _parsed(source: str) -> ast.Module:
    """Return the tree of some code; an empty one where it does not parse, which is told elsewhere."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module([], [])
