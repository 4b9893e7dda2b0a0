"""What a fair marker would find is found, wherever and however it was written; what is none of the student's is not."""

import copy
import textwrap
from collections.abc import Callable

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from grading.course.release import TEXT_STUB
from grading.recovery.reading import RebuildError
from grading.recovery.rebuild import Rebuilt, rebuild
from grading.results.model import Note, Reason
from notebooks import after, cell_of, contents, extras, instructor, pasted, released, strip

STAGE = "02_manual"
FORWARD = "def forward(params, X):\n    h = torch.tanh(X @ params['Wh'].T)\n    return h, {'h': h}"
SGD = "def sgd(params, grads, eta):\n    for n in params:\n        params[n] -= eta * grads[n]\n    return params"
TEXT = "The loss of batch 1 falls fastest, per epoch."


@pytest.fixture
def notebook() -> NotebookNode:
    """Return an English 02_manual in which forward and sgd were written."""
    notebook = copy.deepcopy(released(STAGE, "en"))
    cell_of(notebook, "forward").source = FORWARD
    cell_of(notebook, "sgd").source = SGD
    return notebook


def built(notebook: NotebookNode) -> Rebuilt:
    return rebuild(notebook, instructor(STAGE))


def codes(rebuilt: Rebuilt) -> dict[str, list[str]]:
    return {remark.code: remark.about["cells"] for remark in rebuilt.remarks}


def answer(rebuilt: Rebuilt, name: str) -> str:
    return contents(rebuilt.notebook, "answer", "open")[name]


def skeleton(name: str) -> str:
    return cell_of(released(STAGE, "en"), name).source


def assert_found(notebook: NotebookNode, note: Note | None, name: str = "forward", code: str = FORWARD) -> Rebuilt:
    """Assert that an answer is found as it was meant, the other one stays, and a remark says what was mended."""
    rebuilt = built(notebook)
    assert answer(rebuilt, name).strip() == code
    assert answer(rebuilt, "sgd").strip() == SGD
    assert name in rebuilt.finished
    assert name not in rebuilt.unanswered
    assert note is None or name in codes(rebuilt)[note]
    return rebuilt


# Code that is not where or how it should be


def fenced(fence: str) -> Callable[[NotebookNode], None]:
    def write(notebook: NotebookNode) -> None:
        cell_of(notebook, "forward").source = skeleton("forward")
        close = fence[:3]
        after(notebook, "forward", new_markdown_cell(f"My answer:\n\n{fence}\n{FORWARD}\n{close}\n\nThat is all."))

    return write


@pytest.mark.parametrize("fence", ["```python", "```", "~~~ py", "``` {.python}", "````ipython3"])
@pytest.mark.parametrize("has_marks", [True, False])
def test_code_in_fences_below_an_untouched_cell(notebook, fence, has_marks):
    fence = fence.replace("````", "```")
    fenced(fence)(notebook)
    if not has_marks:
        strip(notebook)
    assert_found(notebook, Note.NOT_CODE)


QUOTED = {
    "quoted fences": "> ```python\n> " + FORWARD.replace("\n", "\n> ") + "\n> ```",
    "indented": "My answer is below:\n\n" + textwrap.indent(FORWARD, "    ") + "\n\nThat is all.",
    "HTML": f"<pre><code>\n{FORWARD}\n</code></pre>",
    "HTML, escaped": "<pre>" + FORWARD.replace("'", "&#x27;") + "</pre>",
    "a fence left open": f"```python\n{FORWARD}",
    "nothing": FORWARD,
    "prompts": ">>> " + FORWARD.replace("\n", "\n... "),
}


@pytest.mark.parametrize("kind", QUOTED)
def test_code_in_a_text_however_it_is_quoted(notebook, kind):
    cell_of(notebook, "forward").source = skeleton("forward")
    after(notebook, "forward", new_markdown_cell(QUOTED[kind]))
    rebuilt = assert_found(notebook, Note.NOT_CODE)
    assert rebuilt.looks == {} or "That is all" in rebuilt.looks["comment_curves"].about["cells"][0]


def test_code_in_a_text_that_answers_several_exercises(notebook):
    for name in ("forward", "sgd"):
        cell_of(notebook, name).source = skeleton(name)
    fences = f"```python\n{FORWARD}\n```\nand\n```python\n{SGD}\n```"
    notebook.cells.append(new_markdown_cell(fences))
    rebuilt = built(notebook)
    assert {"forward", "sgd"} <= rebuilt.finished
    assert (answer(rebuilt, "sgd"), rebuilt.looks) == (SGD, {})


def test_code_in_fences_does_not_replace_what_was_written(notebook):
    after(notebook, "forward", new_markdown_cell("```python\ndef forward(params, X):\n    return 0, {}\n```"))
    rebuilt = assert_found(notebook, None)
    assert codes(rebuilt) == {}


@pytest.mark.parametrize("kind", ["markdown", "raw", "heading", "unknown", None])
@pytest.mark.parametrize("has_marks", [True, False])
def test_an_answer_in_a_cell_that_is_not_code(notebook, kind, has_marks):
    turned = cell_of(notebook, "forward")
    turned.cell_type = kind
    del turned["outputs"], turned["execution_count"]
    if not has_marks:
        strip(notebook)
    rebuilt = assert_found(notebook, None)
    assert extras(rebuilt.notebook) == []


def test_an_untouched_cell_that_was_turned_into_text_is_not_written(notebook):
    cell_of(notebook, "train").cell_type = "markdown"
    assert "train" in built(notebook).unanswered
    strip(notebook)
    assert "train" in built(notebook).unanswered


TYPED = {
    "Python's prompts": ">>> " + FORWARD.replace("\n", "\n... "),
    "IPython's prompts": "In [3]: " + FORWARD.replace("\n", "\n   ...: "),
    "IPython's prompts, wide": "In [12]: " + FORWARD.replace("\n", "\n    ...: "),
    "indented": textwrap.indent(FORWARD, "    "),
    "indented by a tab": textwrap.indent(FORWARD, "\t"),
    "a zero byte in a comment": FORWARD.replace("\n    return", "  # so\0so\n    return"),
    "no-break spaces": FORWARD.replace("    ", "\u00a0\u00a0\u00a0\u00a0"),
    "narrow no-break spaces": FORWARD.replace("X @", "X\u202f@"),
    "zero-width spaces": FORWARD.replace("h = ", "\u200bh = "),
    "a byte order mark": f"\ufeff{FORWARD}",
    "line separators": FORWARD.replace("\n", "\u2028"),
    "Python's prompts and answers": ">>> " + FORWARD.replace("\n", "\n... ") + "\n<function: forward>\n3 items",
    "fences": f"```python\n{FORWARD}\n```",
    "curly quotes": FORWARD.replace("'Wh'", "‘Wh’"),
    "escaped for HTML": FORWARD.replace("'", "&#39;"),
}


@pytest.mark.parametrize("kind", TYPED)
@pytest.mark.parametrize("has_marks", [True, False])
def test_code_as_it_was_pasted(notebook, kind, has_marks):
    cell_of(notebook, "forward").source = TYPED[kind]
    if not has_marks:
        strip(notebook)
    rebuilt = built(notebook)
    assert answer(rebuilt, "forward").replace("  # soso", "").replace("\t", "    ") == FORWARD
    assert codes(rebuilt)[Note.CODE_MENDED] == ["forward"]


def test_tabs_among_spaces(notebook):
    cell_of(notebook, "forward").source = "def forward(params, X):\n    h = X\n\treturn h, {}"
    assert answer(built(notebook), "forward") == "def forward(params, X):\n    h = X\n    return h, {}"


def test_odd_characters_in_the_strings_of_code_that_python_reads_stay(notebook):
    cell_of(notebook, "forward").source = code = FORWARD.replace("'h':", "'\u00a0“h”':")
    assert_found(notebook, None, code=code)


@pytest.mark.parametrize("above", ["if True:", "try:", "with torch.no_grad():", "if __name__ == '__main__':"])
@pytest.mark.parametrize("has_marks", [True, False])
def test_an_answer_in_a_block(notebook, above, has_marks):
    below = "\nfinally:\n    pass" if above == "try:" else ""
    code = f"{above}\n{textwrap.indent(FORWARD, '    ')}{below}"
    cell_of(notebook, "forward").source = code
    if not has_marks:
        strip(notebook)
    assert_found(notebook, None, code=code)


# Cells as other programs write them


def without_ends(lines: list[str]) -> list[str]:
    return [line.removesuffix("\n") for line in lines]


def test_lines_without_their_ends(notebook):
    for cell in notebook.cells:
        cell.source = without_ends(cell.source.splitlines(keepends=True))
    rebuilt = assert_found(notebook, None)
    assert rebuilt.remarks == ()


def test_some_lines_without_their_ends(notebook):
    lines = FORWARD.splitlines(keepends=True)
    cell_of(notebook, "forward").source = [lines[0], *without_ends(lines[1:])]
    assert_found(notebook, None)


def test_pieces_of_lines_are_not_taken_apart(notebook):
    cell_of(notebook, "forward").source = [FORWARD[:7], FORWARD[7:40], FORWARD[40:]]
    assert_found(notebook, None)


@pytest.mark.parametrize("key", ["input", "code"])
def test_another_key_for_the_source(notebook, key):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell[key] = cell.pop("source")
    assert_found(notebook, None)


def with_sheets(notebook: NotebookNode, version: int) -> NotebookNode:
    half = len(notebook.cells) // 2
    sheets = [{"cells": notebook.cells[:half]}, {"cells": notebook.cells[half:], "metadata": {}}]
    return NotebookNode(worksheets=sheets, metadata=notebook.metadata, nbformat=version, nbformat_minor=0)


@pytest.mark.parametrize("version", [2, 3, 4])
def test_worksheets_of_any_version(notebook, version):
    assert_found(with_sheets(notebook, version), None)


def test_headings_of_nbformat_3(notebook):
    notebook.cells = [heading for cell in notebook.cells for heading in headed(cell)]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.input = cell.pop("source")
    assert_found(with_sheets(notebook, 3), None)


def headed(cell: NotebookNode) -> list[NotebookNode]:
    """Return a text as nbformat 3 had it: its heading in a cell of its own."""
    first, _, rest = cell.source.partition("\n")
    if cell.cell_type != "markdown" or not first.startswith("#"):
        return [cell]
    heading = NotebookNode(cell_type="heading", level=1, source=first.lstrip("# "), metadata={})
    return [heading, NotebookNode(cell, source=rest)]


# Functions in several cells


def split(notebook: NotebookNode, *between: NotebookNode, has_marks: bool = True) -> None:
    """Cut forward into three cells, with others between them."""
    first, second, third = FORWARD.split("\n")
    cell = cell_of(notebook, "forward")
    cell.source = first + '\n    """Compute."""'
    parts = [pasted(cell, part) if has_marks else new_code_cell(part) for part in (second, third)]
    after(notebook, "forward", *between[:1], parts[0], *between[1:], parts[1])


BETWEEN = {
    "nothing": [],
    "a text": [new_markdown_cell("Now the hidden layer.")],
    "two texts": [new_markdown_cell("Now the hidden layer."), new_markdown_cell("And the end.")],
    "a helper": [new_code_cell("def helper(x):\n    return x")],
    "a helper and a text": [new_code_cell("def helper(x):\n    return x"), new_markdown_cell("And the end.")],
    "a scratch cell": [new_code_cell("print(3)")],
}


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("has_marks", [True, False])
def test_a_function_over_three_cells(notebook, between, has_marks):
    split(notebook, *copy.deepcopy(BETWEEN[between]), has_marks=has_marks)
    first, rest = FORWARD.split("\n", 1)
    rebuilt = assert_found(notebook, Note.JOINED, code=f'{first}\n    """Compute."""\n{rest}')
    assert extras(rebuilt.notebook) == [cell.source for cell in BETWEEN[between]]


def test_what_follows_a_function_within_an_answer_is_part_of_the_answer(notebook):
    head = "def count_steps(n, batch, epochs):\n    def rounded(number):\n        return -(-number // batch)"
    tail = "    return rounded(n) * epochs"
    answer = cell_of(notebook, "count_steps")
    answer.source = head
    notebook.cells.insert(notebook.cells.index(answer) + 1, new_code_cell(tail, id="tail"))
    assert "".join(cell_of(built(notebook).notebook, "count_steps").source.split()) == "".join((head + tail).split())


def test_an_indented_answer_below_another_one_is_no_part_of_it(notebook):
    """Nor below a class, a function without return, the cells of the release."""
    above = ("class Mine:\n    one = 1", "def mine():\n    print(1)", "if True:\n    two = 2")
    for source in above:
        place = notebook.cells.index(cell_of(notebook, "forward"))
        notebook.cells.insert(place, new_code_cell(source))
    for _ in above:
        cell_of(notebook, "forward").source = textwrap.indent(FORWARD, "    ")
        stripped = copy.deepcopy(notebook)
        strip(stripped)
        assert_found(stripped, Note.CODE_MENDED)
        notebook.cells.pop(notebook.cells.index(cell_of(notebook, "forward")) - 1)


def test_methods_in_cells_of_their_own_are_joined(notebook):
    cell_of(notebook, "forward").source = "class Forward:\n    def one(self):\n        return 1"
    method = "    def __call__(self, params, X):\n        return self.one(), {}\n\nforward = Forward()"
    after(notebook, "forward", new_code_cell(method))
    assert answer(built(notebook), "forward").endswith(method)


@pytest.mark.parametrize(
    "scratch",
    [
        "    print(h.shape)",
        "    h = torch.zeros(3)\n    h",
        "    h",
        "  params",
        "    return h, {'h': h}",
        "    x = (1,",
    ],
)
def test_an_indented_scratch_cell_is_no_part_of_a_function(notebook, scratch):
    after(notebook, "forward", new_code_cell(scratch))
    rebuilt = assert_found(notebook, None)
    assert codes(rebuilt) == {}
    assert len(extras(rebuilt.notebook)) == 1


def test_a_scratch_cell_below_a_function_without_return_is_no_part_of_it(notebook):
    code = "def forward(params, X):\n    params['h'] = X"
    cell_of(notebook, "forward").source = code
    after(notebook, "forward", new_code_cell("    print(params)"))
    assert_found(notebook, None, code=code)


def test_a_helper_below_an_answer_that_is_all_indented_is_no_part_of_it(notebook):
    cell_of(notebook, "forward").source = "def forward(params, X):\n    params['h'] = X"
    after(notebook, "forward", new_code_cell(textwrap.indent("def mine(x):\n    return x", "    ")))
    assert extras(built(notebook).notebook) == ["def mine(x):\n    return x"]


# Copies


UNFINISHED = {
    "the skeleton": skeleton("forward"),
    "the skeleton in French": cell_of(released(STAGE, "fr"), "forward").source,
    "an earlier skeleton": 'def forward(params, X):\n    """Another text."""\n    # YOUR CODE HERE\n'
    '    raise NotImplementedError("forward is not written yet")',
    "begun": "def forward(params, X):\n    h = X\n    # YOUR CODE HERE\n    raise NotImplementedError('later')",
    "with blanks": "def forward(params, X):\n    h = torch.tanh(...)\n    return h, {}",
    "empty": "def forward(params, X):\n    pass",
}


@pytest.mark.parametrize("kind", UNFINISHED)
@pytest.mark.parametrize("has_marks", [True, False])
def test_an_unfinished_copy_below_does_not_count(notebook, kind, has_marks):
    cell = cell_of(notebook, "forward")
    copied = pasted(cell, UNFINISHED[kind]) if has_marks else new_code_cell(UNFINISHED[kind])
    after(notebook, "forward", copied)
    rebuilt = assert_found(notebook, None)
    code = [cell.source for cell in rebuilt.notebook.cells if cell.cell_type == "code"]
    assert UNFINISHED[kind] not in code[code.index(FORWARD) :]  # run later, it would take the place of the answer


@pytest.mark.parametrize("kind", [kind for kind in UNFINISHED if "skeleton" in kind])
def test_a_finished_answer_elsewhere_counts_where_the_own_cell_is_unfinished(notebook, kind):
    cell_of(notebook, "forward").source = UNFINISHED[kind]
    notebook.cells.append(new_code_cell(FORWARD))
    assert_found(notebook, Note.FOUND_ELSEWHERE)


@pytest.mark.parametrize("below", ["03_autograd", "04_nn"])
@pytest.mark.parametrize("is_solved", [False, True])
@pytest.mark.parametrize("has_marks", [True, False])
def test_another_stage_appended_below_changes_nothing(notebook, below, is_solved, has_marks):
    other = copy.deepcopy(released(below, "en"))
    if is_solved:
        cell_of(other, "sgd").source = "def sgd(params, eta):\n    return 'of another stage'"
    notebook.cells += other.cells
    if not has_marks:
        strip(notebook)
    rebuilt = assert_found(notebook, None)
    assert codes(rebuilt)[Note.OTHER_CELLS] == [below]
    assert extras(rebuilt.notebook) == []
    assert rebuilt.looks == {}


def test_a_stage_below_another_is_found(notebook):
    other = copy.deepcopy(released("01_math", "en"))
    other.cells += notebook.cells
    assert_found(other, None)


# Cells that are not answers


def setup_of(notebook: NotebookNode) -> NotebookNode:
    return next(cell for cell in notebook.cells if "\nstart(" in cell.source)


def test_each_statement_added_to_a_setup_cell_stands_alone(notebook):
    setup = setup_of(notebook)
    setup.source = setup.source.replace(
        "import torch\n", "import torch\nimport pandas as pd, numpy as np\nfrom math import pi; SEED = 3\n"
    )
    setup.source += "\nnp.random.seed(SEED)\ntorch.set_default_dtype(torch.float64)"
    assert extras(built(notebook).notebook) == [
        "import pandas as pd",
        "import numpy as np",
        "from math import pi",
        "SEED = 3",
        "np.random.seed(SEED)",
    ]


@pytest.mark.parametrize(
    "block",
    [
        "try:\n    import pandas as pd\nexcept ImportError:\n    pd = None",
        "if torch.cuda.is_available():\n    device = 'cuda'\nelse:\n    device = 'cpu'",
        "with torch.no_grad():\n    ones = torch.ones(3)",
    ],
)
def test_names_made_in_a_block_of_the_setup_are_kept(notebook, block):
    setup_of(notebook).source += f"\n{block}"
    assert extras(built(notebook).notebook) == [block]


def test_nothing_in_a_setup_cell_becomes_the_setup(notebook):
    setup_of(notebook).source += "\ncheck = None\ndata = None\nif True:\n    mine = check = None"
    rebuilt = built(notebook)
    setups = [cell.source for cell in rebuilt.notebook.cells if cell.metadata.gradus.role == "setup"]
    assert setups == [cell.source for cell in released(STAGE, "en").cells if cell.metadata.gradus.role == "setup"]
    assert extras(rebuilt.notebook) == ["if True:\n    mine = check = None"]


def demo_of(notebook: NotebookNode) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.metadata.gradus.role == "demo")


@pytest.mark.parametrize("place", ["demo", "init_params_shapes", "forward_shapes"])
@pytest.mark.parametrize("typed", ["SCALE = 3", "SCALE: float = 3", "HALF = 1.5\nSCALE = 2 * HALF"])
def test_a_constant_typed_into_a_cell_that_is_not_run(notebook, place, typed):
    cell = demo_of(notebook) if place == "demo" else cell_of(notebook, place)
    cell.source += f"\n{typed}\nlong = [n for n in range(10**9)]"
    answer_cell = cell_of(notebook, "forward")
    answer_cell.source = code = FORWARD.replace("X @", "SCALE * X @")
    rebuilt = assert_found(notebook, None, code=code)
    assert extras(rebuilt.notebook) == typed.split("\n")


@pytest.mark.parametrize("place", ["demo", "init_params_shapes", "forward_shapes"])
@pytest.mark.parametrize("code", [FORWARD, "forward = lambda params, X: (X, {'h': X})"])
def test_an_answer_typed_into_a_cell_that_is_not_run(notebook, place, code):
    cell_of(notebook, "forward").source = skeleton("forward")
    (demo_of(notebook) if place == "demo" else cell_of(notebook, place)).source += f"\n{code}"
    assert_found(notebook, Note.FOUND_ELSEWHERE, code=code)


# Open questions


def assert_look(notebook: NotebookNode) -> Rebuilt:
    rebuilt = built(notebook)
    assert rebuilt.looks.keys() == {"comment_curves"}
    assert rebuilt.looks["comment_curves"].code in (Reason.LOOK, Reason.LOOK_BESIDE)
    shown = [cell.source for cell in rebuilt.notebook.cells if cell.metadata.gradus.role in ("open", "extra")]
    assert any("batch 1 falls fastest" in source for source in shown)
    return rebuilt


SAID = {
    "a comment": f"# {TEXT}",
    "two comments": "# The loss of batch 1 falls fastest,\n# per epoch.",
    "words": TEXT,
    "a string": f'"""{TEXT}"""',
    "print": f'print("{TEXT}")',
    "print of an f-string": f'print(f"{TEXT} {{3}}")',
}


@pytest.mark.parametrize("kind", SAID)
@pytest.mark.parametrize("place", ["comment_curves", "sgd_step", "end"])
@pytest.mark.parametrize("has_marks", [True, False])
def test_an_open_answer_in_a_code_cell_needs_a_look(notebook, kind, place, has_marks):
    if place == "end":
        notebook.cells.append(new_code_cell(SAID[kind]))
    else:
        after(notebook, place, new_code_cell(SAID[kind]))
    if not has_marks:
        strip(notebook)
    assert_look(notebook)


@pytest.mark.parametrize("kind", [kind for kind in SAID if kind != "words"])
def test_an_open_answer_in_a_check_needs_a_look(notebook, kind):
    place = notebook.cells.index(cell_of(notebook, "comment_curves"))
    above = next(cell for cell in notebook.cells[place::-1] if cell.metadata.gradus.role == "check")
    above.source += f"\n{SAID[kind]}"
    assert_look(notebook)


@pytest.mark.parametrize("cell", [new_markdown_cell(TEXT), new_raw_cell(TEXT)])
@pytest.mark.parametrize("has_marks", [True, False])
def test_an_open_answer_at_the_end_needs_a_look(notebook, cell, has_marks):
    notebook.cells.append(copy.deepcopy(cell))
    if not has_marks:
        strip(notebook)
    assert_look(notebook)


def test_an_open_answer_in_its_cell_turned_into_code_is_an_answer(notebook):
    cell = cell_of(notebook, "comment_curves")
    cell.cell_type, cell.source = "code", f"# {TEXT}"
    rebuilt = built(notebook)
    assert answer(rebuilt, "comment_curves") == f"# {TEXT}"
    assert rebuilt.looks == {}


def test_code_and_what_was_released_need_no_look(notebook):
    """Neither comments in code, nor the course's own texts in either language, nor its stubs are an answer."""
    after(notebook, "sgd_step", new_code_cell("# plt.show()\nx = 1  # one"), new_code_cell("%matplotlib inline"))
    for cell in released(STAGE, "fr").cells[:20]:
        notebook.cells.append(copy.deepcopy(cell))
    for stub in TEXT_STUB.strip("*").split(" · "):
        notebook.cells.append(new_markdown_cell(stub))
    assert built(notebook).looks == {}


# The limits of generosity


def test_code_with_blanks_is_no_answer_and_is_told(notebook):
    for name in ("backward", "train"):
        source = f"def {name}(params, outputs, Y):\n    d = torch.tanh(...)\n    return d"
        after(notebook, name, new_markdown_cell(f"```python\n{source}\n```"))
    rebuilt = built(notebook)
    assert {"backward", "train"} <= set(rebuilt.unanswered)
    assert codes(rebuilt)[Note.UNFINISHED] == ["backward", "train"]


def test_an_index_of_dots_is_no_blank(notebook):
    code = "def backward(params, outputs, Y):\n    return {'Wh': Y[..., 0]}"
    after(notebook, "backward", new_code_cell(code))
    assert answer(built(notebook), "backward") == code


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_what_was_released_is_no_answer(notebook, lang):
    """Every cell of the release, in a text and in code, without marks: nothing more is answered than before."""
    before = built(notebook)
    for cell in released(STAGE, lang).cells:
        fence = f"```python\n{cell.source}\n```" if cell.cell_type == "code" else cell.source
        notebook.cells += [new_markdown_cell(cell.source), new_markdown_cell(fence)]
        if 'start("' not in cell.source:
            notebook.cells.append(new_code_cell(cell.source))
    after_all = built(notebook)
    assert after_all.unanswered == before.unanswered
    assert (after_all.looks, after_all.finished) == (before.looks, before.finished)


def test_a_line_of_an_earlier_release_is_no_answer(notebook):
    question = notebook.cells[notebook.cells.index(cell_of(notebook, "comment_curves")) - 1]
    lines = question.source.split("\n")
    lines[-1] = lines[-1].replace("e", "ee", 2)
    question.source = "\n".join(lines)
    rebuilt = built(notebook)
    assert "comment_curves" in rebuilt.unanswered
    assert rebuilt.looks == {}


@pytest.mark.parametrize("texts", [[], ["# Neural networks\n\nHomework of another course."]])
def test_a_notebook_of_another_course_that_has_some_of_our_names_is_refused(texts):
    other = NotebookNode(cells=[new_code_cell(FORWARD), new_code_cell(SGD)], metadata={}, nbformat=4, nbformat_minor=5)
    other.cells += map(new_markdown_cell, texts)
    other.cells[0].metadata = NotebookNode(nbgrader={"grade_id": "sgd", "solution": True})
    with pytest.raises(RebuildError, match=r"it is another course's: ask for the right file\.$"):
        built(other)


@pytest.mark.parametrize("kind", ["text", "check", "docstring", "setup", "metadata"])
def test_one_thing_of_ours_makes_it_a_notebook_of_ours(kind):
    cells = {
        "text": [cell for cell in released(STAGE, "en").cells if cell.cell_type == "markdown"][3:4],
        "check": [cell_of(released(STAGE, "en"), "sgd_step")],
        "docstring": [new_code_cell(skeleton("backward").split("    # YOUR")[0] + "    return 1")],
        "setup": [new_code_cell('start("02_manual", lang="en")')],
        "metadata": [],
    }[kind]
    metadata = {"gradus": {"stage": STAGE}} if kind == "metadata" else {}
    cells = [new_code_cell(FORWARD), new_code_cell(SGD), *copy.deepcopy(cells)]
    notebook = NotebookNode(cells=cells, metadata=metadata, nbformat=4, nbformat_minor=5)
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
    assert_found(notebook, Note.FOUND_BY_NAMES)


def test_a_notebook_in_which_nothing_was_found_says_so(notebook):
    notebook = copy.deepcopy(released(STAGE, "en"))
    after(notebook, "forward", new_code_cell("def my_forward(X):\n    return X"))
    (remark,) = (remark for remark in built(notebook).remarks if remark.code is Note.NO_ANSWER)
    assert remark.about["cells"] == ["extra-1"]
    assert {"forward", "sgd", "comment_curves"} <= set(remark.about["answers"])
    assert [remark.code for remark in built(released(STAGE, "en")).remarks] == []
