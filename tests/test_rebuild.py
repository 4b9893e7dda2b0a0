"""Rebuilding: whatever happened to a notebook on its way, each answer comes back into its cell."""

import builtins
import copy
import json
import random
import textwrap
from functools import cache

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from conftest import COURSE, STAGES
from grading.course.release import TEXT_STUB, WITHHELD
from grading.engine.runner import needed_of_demos
from grading.recovery.merging import merge
from grading.recovery.pieces import stage_of
from grading.recovery.reading import RebuildError, read_submission
from grading.recovery.rebuild import rebuild
from grading.rehearsal.cohort import make_class, submission
from helpers.messages import LANGUAGES
from notebooks import after, cell_of, contents, extras, instructor, pasted, released, said, strip

STAGE = "02_manual"
FORWARD = "def forward(params, X):\n    return X, params\n"
SGD = "def sgd(params, grads, eta):\n    return params\n"
EXTRAS = (
    "def helper(x):\n    return x",
    "import math as m",
    "%matplotlib inline",
    "this does not parse",
    "!ls",
    "x = 1",
)


@cache
def classes(stage: str, seed: int):
    return make_class(COURSE, STAGES[stage], 6, seed)[:-1]


def solved(stage: str, lang: str, seed: int, student: int) -> NotebookNode:
    """Return a release with the answers of a made-up student, open questions answered too."""
    notebook = submission(released(stage, lang), classes(stage, seed)[student].answers)
    for cell in notebook.cells:
        if cell.metadata.gradus.role == "open":
            cell.source = f"**My answer** to {cell.metadata.nbgrader.grade_id}."
    return notebook


def is_text(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown"


def damage_checks(notebook: NotebookNode, draw: random.Random) -> None:
    for cell in [cell for cell in notebook.cells if cell.metadata.gradus.role == "check"]:
        match draw.randrange(5):
            case 0:
                notebook.cells.remove(cell)
            case 1:
                cell.source = "assert True"
            case 2:
                cell.metadata.nbgrader |= {"points": 100, "locked": False}


def strip_code(notebook: NotebookNode, draw: random.Random) -> None:
    """Take the marks off some cells; an open answer without marks is found by its place alone."""
    share = draw.choice((0.2, 0.5, 1))
    for cell in notebook.cells:
        if not (is_text(cell) and "nbgrader" in cell.metadata) and draw.random() < share:
            cell.metadata = NotebookNode()


def reorder(notebook: NotebookNode, draw: random.Random) -> None:
    draw.shuffle(notebook.cells)


def duplicate(notebook: NotebookNode, draw: random.Random) -> None:
    """Paste the skeleton of answers anywhere, and an earlier attempt before them."""
    skeletons = contents(released(notebook.metadata.gradus.stage, draw.choice(LANGUAGES)), "answer")
    for cell in list(notebook.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in skeletons and draw.random() < 0.3:
            notebook.cells.insert(draw.randrange(len(notebook.cells)), pasted(cell, skeletons[name]))
            attempt = f"def {name}(*args):\n    return 'a first attempt'"
            notebook.cells.insert(notebook.cells.index(cell), pasted(cell, attempt))


def insert_extras(notebook: NotebookNode, draw: random.Random) -> None:
    for source in EXTRAS:
        notebook.cells.insert(draw.randrange(len(notebook.cells) + 1), new_code_cell(source))


def break_ids(notebook: NotebookNode, draw: random.Random) -> None:
    for cell in notebook.cells:
        cell.id = draw.choice(("same", "", None, "forward"))
        if draw.random() < 0.5:
            del cell["id"]


def break_metadata(notebook: NotebookNode, draw: random.Random) -> None:
    gradus = notebook.metadata.get("gradus", {})
    notebook.metadata = draw.choice(
        (
            NotebookNode(),
            NotebookNode(gradus=gradus, kernelspec={"name": "ir", "display_name": "R"}, language_info={"name": "R"}),
            NotebookNode(gradus={"stage": gradus.get("stage"), "lang": "de"}, colab={"provenance": []}),
        )
    )


def break_lines(notebook: NotebookNode, draw: random.Random) -> None:
    for cell in notebook.cells:
        cell.source = cell.source.replace("\n", "\r\n").splitlines(keepends=True)


def retype(notebook: NotebookNode, draw: random.Random) -> None:
    """Paste answers with prompts, indented, or with odd spaces."""
    for cell in of_role(notebook, "answer"):
        match draw.randrange(5):
            case 0:
                cell.source = ">>> " + cell.source.replace("\n", "\n... ")
            case 1:
                cell.source = textwrap.indent(cell.source, "    ")
            case 2:
                cell.source = cell.source.replace("    ", "\u00a0   ").replace("(", "\u200b(", 1)


def turn(notebook: NotebookNode, draw: random.Random) -> None:
    """Give answers another type."""
    for cell in of_role(notebook, "answer"):
        if draw.random() < 0.3:
            cell.cell_type = draw.choice(("markdown", "raw", "python", None))


def lose_line_ends(notebook: NotebookNode, draw: random.Random) -> None:
    for cell in notebook.cells:
        cell.source = cell.source.split("\n")


CODE = (retype, turn, damage_checks, strip_code, reorder, duplicate, insert_extras)
DAMAGES = (*CODE, break_ids, break_metadata, break_lines)
UNSEEN = str.maketrans("", "", "\u200b\u00a0 \n")


def of_role(notebook: NotebookNode, role: str) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.metadata.get("gradus", {}).get("role") == role]


def compact(sources: dict[str, str]) -> dict[str, str]:
    """Return sources without white space."""
    return {name: source.translate(UNSEEN) for name, source in sources.items()}


@pytest.mark.filterwarnings("ignore:Non-unique cell id")  # from the conversion to nbformat 3
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stage=st.sampled_from(sorted(STAGES)),
    lang=st.sampled_from(LANGUAGES),
    student=st.integers(0, 4),
    seed=st.integers(0, 2),
    damages=st.sets(st.sampled_from(DAMAGES)),
    version=st.sampled_from(("as it is", "4.0", "3", "worksheets", "lines")),
    draw=st.randoms(use_true_random=False),
)
def test_every_answer_comes_back(stage, lang, student, seed, damages, version, draw):
    notebook = solved(stage, lang, seed, student)
    expected = contents(notebook, "answer", "open")
    for damage in DAMAGES:
        if damage in damages:
            damage(notebook, draw)
    if version == "4.0":
        notebook.nbformat_minor = 0
    elif version == "3" and not damages & {turn, break_ids, break_lines}:
        notebook = nbformat.convert(notebook, 3)
    elif version == "worksheets":
        notebook.worksheets = [{"cells": notebook.pop("cells")}]
    elif version == "lines" and break_lines not in damages:
        lose_line_ends(notebook, draw)
    before = copy.deepcopy((notebook, instructor(stage)))

    rebuilt = rebuild(notebook, instructor(stage))

    assert (notebook, instructor(stage)) == before
    nbformat.validate(rebuilt.notebook)
    assert compact(contents(rebuilt.notebook, "answer", "open")) == compact(expected)
    assert_is_the_instructor_s(rebuilt.notebook, stage, lang)
    if insert_extras in damages:
        assert set(EXTRAS) <= set(extras(rebuilt.notebook))
    elif not damages & {damage_checks, duplicate}:
        assert extras(rebuilt.notebook) == []
    assert all(warning.endswith(".") for warning in said(rebuilt))


def assert_is_the_instructor_s(notebook: NotebookNode, stage: str, lang: str) -> None:
    """Assert that all but answers and extra cells are the instructor's, in this language."""
    setups = [cell.source for cell in notebook.cells if cell.metadata.gradus.role == "setup"]
    assert [f'lang="{lang}"' in source for source in setups[:2]] == [False, True]
    ours = [cell for cell in instructor(stage).cells if cell.metadata.gradus.get("lang", lang) == lang]
    ours = [cell for cell in ours if cell.metadata.gradus.role not in WITHHELD]
    kept = [cell for cell in notebook.cells if cell.metadata.gradus.role != "extra"]
    marks = copy.deepcopy([(cell.id, cell.metadata) for cell in ours])
    for _cell_id, mark in marks:
        mark.gradus.pop("starts", None)
    assert [(cell.id, cell.metadata) for cell in kept] == marks
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert notebook.metadata.kernelspec == instructor(stage).metadata.kernelspec
    for cell, our in zip(kept, ours, strict=True):
        if cell.metadata.gradus.role in ("check", "demo", "prose"):
            assert cell.source == our.source


def values_of(inner):
    return st.lists(inner) | st.dictionaries(st.text(), inner)


json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), values_of, max_leaves=5)
keys = st.sampled_from(("cell_type", "source", "metadata", "outputs", "attachments", "id"))
odd_cells = st.lists(st.dictionaries(keys, json_values) | json_values, max_size=5)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(odd_cells, json_values)
def test_odd_cells_never_stop_it(odd, metadata):
    cells = [*odd, *released(STAGE, "en").cells[:30]]
    content = json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    rebuilt = rebuild(read_submission(content.encode()).notebook, instructor(STAGE))
    nbformat.validate(rebuilt.notebook)


@pytest.fixture
def notebook() -> NotebookNode:
    """Return an English 02_manual in which forward and sgd were written, and the open question answered."""
    notebook = copy.deepcopy(released(STAGE, "en"))
    cell_of(notebook, "forward").source = FORWARD
    cell_of(notebook, "sgd").source = SGD
    cell_of(notebook, "comment_curves").source = "They fall."
    return notebook


def warnings_of(notebook: NotebookNode) -> list[str]:
    """Rebuild and assert that the three answers are there; return the warnings."""
    rebuilt = rebuild(notebook, instructor(STAGE))
    found = contents(rebuilt.notebook, "answer", "open")
    assert (found["forward"].strip(), found["sgd"].strip()) == (FORWARD.strip(), SGD.strip())
    assert found["comment_curves"] == "They fall."
    skeletons = contents(released(STAGE, "en"), "answer")
    assert {name: found[name] for name in skeletons if name not in ("forward", "sgd")} == {
        name: source for name, source in skeletons.items() if name not in ("forward", "sgd")
    }
    return said(rebuilt)


def test_a_whole_notebook_has_no_warning(notebook):
    assert warnings_of(notebook) == []


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_untouched_release_stays_as_it_is(stage, lang):
    rebuilt = rebuild(released(stage, lang), instructor(stage))
    assert said(rebuilt) == []
    for mine, theirs in zip(rebuilt.notebook.cells, released(stage, lang).cells, strict=True):
        assert mine.source == theirs.source or mine.metadata.gradus.role == "check"


@pytest.mark.parametrize("stage", STAGES)
def test_what_only_instructors_have_is_not_their_students(stage):
    """Else the reference would run every demo that a claim is about."""
    rebuilt, _ = merge({"own.ipynb": nbformat.writes(instructor(stage)).encode()}, instructor(stage))
    own = [cell for cell in rebuilt.notebook.cells if cell.metadata.gradus.role == "extra"]
    assert [cell for cell in own if not is_text(cell)] == []
    assert needed_of_demos(rebuilt.notebook) <= set(dir(builtins))


def test_of_copies_the_last_that_was_changed_is_used(notebook):
    skeleton = cell_of(released(STAGE, "en"), "forward")
    first = pasted(skeleton, "def forward(params, X):\n    return 'first'")
    notebook.cells.insert(3, first)
    notebook.cells.append(copy.deepcopy(skeleton))
    scratch = pasted(skeleton, "print(forward(1, 2))")
    notebook.cells.append(scratch)
    assert warnings_of(notebook) == ["Handed in more than once, the last copy that was changed is used: forward."]
    assert extras(rebuild(notebook, instructor(STAGE)).notebook) == [first.source, scratch.source]


@pytest.mark.parametrize("keeps_marks", [True, False])
def test_a_function_that_was_split_is_joined(notebook, keeps_marks):
    whole = cell_of(notebook, "forward")
    rest = copy.deepcopy(whole) if keeps_marks else new_code_cell()
    head, tail = FORWARD.strip().split("\n")
    cell_of(notebook, "forward").source = f'{head}\n    """Two parts."""\n    n = (1,'
    middle = pasted(rest, "         2)")
    after(notebook, "forward", middle, pasted(rest, tail))
    rebuilt = rebuild(notebook, instructor(STAGE))
    joined = contents(rebuilt.notebook, "answer")["forward"]
    assert joined == f'{head}\n    """Two parts."""\n    n = (1,\n         2)\n{tail}'
    assert said(rebuilt) == ["Split over several cells, which were joined: forward."]


def test_helpers_stay_beside_their_answer(notebook):
    after(notebook, "forward", new_code_cell("def below(): ..."))
    notebook.cells.insert(notebook.cells.index(cell_of(notebook, "forward")), new_code_cell("def above(): ..."))
    notebook.cells.insert(0, new_code_cell("import math"))
    place = notebook.cells.index(cell_of(notebook, "forward"))
    moved = notebook.cells[place - 1 : place + 2]
    del notebook.cells[place - 1 : place + 2]
    notebook.cells += moved
    assert warnings_of(notebook) == []
    rebuilt = rebuild(notebook, instructor(STAGE)).notebook
    place = [cell.id for cell in rebuilt.cells].index("forward")
    assert [cell.source for cell in rebuilt.cells[place - 1 : place + 2 : 2]] == [
        "def above(): ...",
        "def below(): ...",
    ]
    assert rebuilt.cells[0].source == "import math"


def test_a_deleted_answer_is_its_skeleton(notebook):
    notebook.cells.remove(cell_of(notebook, "train"))
    assert warnings_of(notebook) == ["Not found, so taken as not written: train."]


def test_checks_and_setup_cells_are_the_instructor_s(notebook):
    cell_of(notebook, "forward_shapes").source = "def forward_shapes():\n    pass\n\ndef mine(): ..."
    cell_of(notebook, "sgd_step").metadata.nbgrader |= {"points": 50, "locked": False}
    notebook.cells.remove(cell_of(notebook, "loss_value"))
    setup = next(cell for cell in notebook.cells if "start(" in cell.source)
    setup.source = f"import math\n%matplotlib inline\n{setup.source}\nSEED = 3\ndata = None"
    assert warnings_of(notebook) == [
        "The settings of cells were changed since the release, the instructor's are used: "
        "sgd_step (points 50 instead of 2), sgd_step (locked False instead of True).",
        f"Cells differ from the instructor's, which are used: {setup.id}, forward_shapes.",
        "Cells were missing, the instructor's are put back: loss_value.",
    ]
    rebuilt = rebuild(notebook, instructor(STAGE)).notebook
    assert_is_the_instructor_s(rebuilt, STAGE, "en")
    assert extras(rebuilt) == ["import math", "SEED = 3", "def mine(): ..."]


def test_without_any_marks_answers_are_found(notebook):
    cell_of(notebook, "forward_shapes").source += "\n    print('seen')"
    strip(notebook)
    assert warnings_of(notebook) == [
        "Cells differ from the instructor's, which are used: forward_shapes.",
        "Without their marks, found by the names they define: forward, sgd.",
        "Without their marks, found by their place: comment_curves.",
    ]


def test_a_renamed_answer_without_marks_is_found_by_its_likeness(notebook):
    train = cell_of(notebook, "train")
    train.source = renamed = train.source.replace("def train", "def my_training").replace("raise", "return 1  #")
    strip(notebook)
    rebuilt = rebuild(notebook, instructor(STAGE))
    assert contents(rebuilt.notebook, "answer")["train"] == renamed
    assert "Without their marks, found by their likeness to the skeleton: train." in said(rebuilt)


def test_answers_typed_into_other_cells_are_found(notebook):
    for name in ("forward", "sgd"):
        cell_of(notebook, name).source = cell_of(released(STAGE, "en"), name).source
    cell_of(notebook, "comment_curves").source = TEXT_STUB
    after(notebook, "comment_curves", new_markdown_cell("They fall."))
    after(notebook, "forward", new_code_cell(FORWARD))
    after(notebook, "train", new_code_cell(SGD))
    assert warnings_of(notebook) == ["Typed into another cell: forward, sgd, comment_curves."]
    assert extras(rebuild(notebook, instructor(STAGE)).notebook) == []


def test_answers_typed_into_one_cell_are_taken_apart(notebook):
    notebook.cells.remove(cell_of(notebook, "sgd"))
    both = cell_of(notebook, "forward")
    both.source = f"{FORWARD}\n\n{SGD}"
    rebuilt = rebuild(notebook, instructor(STAGE))
    found = contents(rebuilt.notebook, "answer")
    assert (found["forward"], found["sgd"]) == (both.source, SGD.strip())
    assert said(rebuilt) == ["Without their marks, found by the names they define: sgd."]


def test_an_open_answer_typed_into_the_question_is_found(notebook):
    answer = cell_of(notebook, "comment_curves")
    answer.source = TEXT_STUB
    question = notebook.cells[notebook.cells.index(answer) - 1]
    question.source += "\n\nThey fall."
    question.attachments = {"curve.png": {"image/png": "AAAA"}}
    assert warnings_of(notebook) == ["Typed into another cell: comment_curves."]
    assert cell_of(rebuild(notebook, instructor(STAGE)).notebook, "comment_curves").attachments == question.attachments


def test_an_answer_that_does_not_parse_is_kept(notebook):
    cell_of(notebook, "train").source = "def train(data, nh:\n    oops"
    cell_of(notebook, "backward").source = "%%time\nbackward = 1 +"
    rebuilt = rebuild(notebook, instructor(STAGE))
    found = contents(rebuilt.notebook, "answer")
    assert (found["train"], found["backward"]) == ("def train(data, nh:\n    oops", "%%time\nbackward = 1 +")
    assert said(rebuilt) == []


def test_outputs_stay_on_demo_cells_only(notebook):
    output = new_output("stream", text="mine\n")
    for mine in notebook.cells:
        if mine.cell_type == "code":
            mine.outputs, mine.execution_count = [output, {"output_type": "evil"}], 7
    for mine in rebuild(notebook, instructor(STAGE)).notebook.cells:
        if mine.cell_type == "code":
            assert mine.outputs == ([output] if mine.metadata.gradus.role == "demo" else [])
            assert mine.execution_count is None


@pytest.mark.parametrize("without", ["metadata", "setup"])
def test_the_language_is_found(without):
    notebook = copy.deepcopy(released(STAGE, "fr"))
    strip(notebook)
    if without == "setup":
        notebook.cells = [cell for cell in notebook.cells if "start(" not in cell.source]
    assert rebuild(notebook, instructor(STAGE)).notebook.metadata.gradus.lang == "fr"


def test_another_stage_is_refused():
    other = copy.deepcopy(released("01_math", "en"))
    sentence = "This is a notebook of 01_math, not of 02_manual: ask for the right file."
    for _ in range(2):
        assert stage_of(other) == "01_math"
        with pytest.raises(RebuildError) as error:
            rebuild(other, instructor(STAGE))
        assert str(error.value) == sentence
        strip(other)


@pytest.mark.parametrize("cells", [[], [new_code_cell("print(1)"), new_markdown_cell("# My homework")]])
def test_a_notebook_that_has_nothing_of_the_stage_is_refused(cells):
    with pytest.raises(
        RebuildError, match=r"^Nothing in this notebook comes from 02_manual: ask for the right file\.$"
    ):
        rebuild(NotebookNode(cells=cells, metadata={}, nbformat=4, nbformat_minor=5), instructor(STAGE))


def test_an_old_notebook_without_cells_is_told():
    with pytest.raises(
        RebuildError, match=r"^Nothing in this notebook comes from 02_manual: ask for the right file\.$"
    ):
        rebuild(read_submission(b'{"worksheets": [3], "nbformat": 3}').notebook, instructor(STAGE))


WHOLE = (COURSE / "notebooks/en/02_manual.ipynb").read_bytes()


def test_a_file_is_read_whatever_its_byte_order_mark():
    assert read_submission(b"\xef\xbb\xbf" + WHOLE).notebook == json.loads(WHOLE)


def nested(levels: int) -> list:
    value: list = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("levels", [100, 400, 1000, 5000])
def test_outputs_nested_however_deep_cost_no_answer(levels):
    notebook = solved(STAGE, "en", 1, 0)
    wanted = contents(rebuild(notebook, instructor(STAGE)).notebook, "answer", "open")
    data = {"application/json": "HERE", "text/plain": "<IPython.core.display.JSON object>"}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("display_data", data)]
    deep = f"{'[' * levels}{']' * levels}"
    made = rebuild(
        read_submission(json.dumps(notebook).replace('"HERE"', deep).encode()).notebook, instructor(STAGE)
    ).notebook
    assert contents(made, "answer", "open") == wanted
    nbformat.validate(nbformat.reads(nbformat.writes(made), as_version=4))


WRONG = (None, True, 3, -1.5, 10**30, "x", "", [], [[3]], ["x", 3, None], {}, {"a": {"b": 3}}, nested(200))
FIELDS = ("cell_type", "source", "metadata", "outputs", "attachments", "id", "execution_count")


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_the_wrong_type_costs_no_answer_of_another_cell(field):
    notebook = solved(STAGE, "en", 1, 0)
    wanted = contents(rebuild(notebook, instructor(STAGE)).notebook, "answer", "open")
    text = json.dumps(notebook)
    for wrong in (*WRONG, "absent"):
        damaged = json.loads(text)
        for cell in damaged["cells"]:
            if cell["metadata"]["gradus"]["role"] not in ("answer", "open", "setup") or field in ("id", "outputs"):
                cell.pop(field, None) if wrong == "absent" else cell.update({field: wrong})
        damaged["cells"] += [{field: wrong}, wrong, {"cell_type": "code", "source": "x = 1", field: wrong}]
        made = rebuild(read_submission(json.dumps(damaged).encode()).notebook, instructor(STAGE)).notebook
        assert contents(made, "answer", "open") == wanted, wrong
        nbformat.validate(nbformat.reads(nbformat.writes(made), as_version=4))


@pytest.mark.parametrize("field", ["cells", "worksheets", "metadata", "nbformat", "nbformat_minor"])
def test_a_notebook_of_the_wrong_types_is_read_or_told(field):
    whole, said = json.loads(WHOLE), set()
    for wrong in (*WRONG, [{"cells": []}], [{"cells": 3}], {"gradus": 3}, {"gradus": {"stage": [], "lang": {}}}):
        for others in (whole, {name: whole[name] for name in whole if name != "cells"}):
            try:
                rebuild(read_submission(json.dumps(others | {field: wrong}).encode()).notebook, instructor(STAGE))
            except RebuildError as error:
                said.add(str(error))
    assert all(len(sentence) < 500 for sentence in said)


@pytest.mark.parametrize(
    "sources", [[f"x{n} = 1" for n in range(300_000)], [f"x{n} = 1\n{'y = 2; ' * 10_000}" for n in range(80)]]
)
def test_a_notebook_that_nobody_wrote_is_told(sources):
    notebook = json.loads(WHOLE)
    notebook["cells"] += [{"cell_type": "code", "source": source} for source in sources]
    with pytest.raises(RebuildError, match=r"^The notebook holds more than 2000 cells or 5 MB of text: ask for its"):
        rebuild(read_submission(json.dumps(notebook).encode()).notebook, instructor(STAGE))


def test_empty_cells_and_one_of_any_length_cost_nothing():
    notebook = solved(STAGE, "en", 1, 0)
    wanted = contents(rebuild(notebook, instructor(STAGE)).notebook, "answer", "open")
    notebook.cells += [new_code_cell("") for _ in range(3000)]
    notebook.cells.append(new_markdown_cell("x" * 10_000_000))
    assert contents(rebuild(notebook, instructor(STAGE)).notebook, "answer", "open") == wanted


def test_a_stage_that_is_no_name_is_none():
    notebook = json.loads(WHOLE)
    for odd in ("\ud800", "\x1b[2J", "", "a b", 3, []):
        notebook["metadata"]["gradus"]["stage"] = odd
        assert stage_of(nbformat.from_dict(notebook)) == "02_manual"
