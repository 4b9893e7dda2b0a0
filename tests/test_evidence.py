"""What is shown beside the sentence of a failed check: the numbers that were wrong, and none of hidden tests."""

import io
import json
import re
from base64 import b64decode
from dataclasses import asdict
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade
from PIL import Image

from grading.course.plain import read_verdicts
from helpers import check
from helpers.checks import CheckFailed
from helpers.evidence.images import INK, heat_map
from helpers.evidence.markup import to_html, to_text
from helpers.evidence.model import MAX_WORD, MOST, MOST_ROWS, Evidence, Maps, Row, Sign, Table, from_json
from helpers.messages import LANGUAGES, set_language

NAN, INF = float("nan"), float("inf")
W = torch.tensor([[1.0, -2.0], [0.5, 4.0], [-3.0, 0.25]])
SQUARE = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
HOSTILE = '<img src=x onerror="alert(1)">&' * 9


@pytest.fixture(autouse=True)
def _english():
    yield
    set_language("en")


def failed(function, *args, **kwargs) -> CheckFailed:
    with pytest.raises(CheckFailed) as found:
        function(*args, **kwargs)
    return found.value


def row(got, expected) -> Row:
    """Compare one tensor, in a table with another that is wrong."""
    table = check.table({"it": got}, {"it": expected, "other": 1.0})

    def fail() -> None:
        with table:
            check.that(False, "some sentence")

    return failed(fail).evidence.rows[0]


class Reader(HTMLParser):
    """Reads HTML: its tags with their attributes, and its text."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Take note of a text."""
        self.texts.append(data)

    def pictures(self) -> list[dict[str, str | None]]:
        """Return the attributes of its pictures."""
        return [attributes for tag, attributes in self.tags if tag == "img"]


# What is kept of numbers


def test_of_numbers_in_two_dimensions_the_wrong_ones_differ_and_the_first_is_that_of_the_sentence():
    got = W.clone()
    got[1, 1], got[2, 0] = 3.0, NAN
    got[0, 0] += 1e-6  # rounding
    error = failed(check.close, got.nan_to_num(7.0), W, "f(x)")
    assert str(error) == "f(x): expected 4 at index [1, 1], got 3 (wrong values: 2 of 6)."
    assert error.evidence == Maps(("1 -2", "0.5 4", "-3 0.25"), ("1 -2", "0.5 3", "7 0.25"))
    for attempt in (got, got.numpy()):
        expected = W.numpy() if isinstance(attempt, np.ndarray) else W
        assert failed(check.close, attempt, expected, "f(x)").evidence.got == ("1 -2", "0.5 3", "nan 0.25")


def test_a_mistake_that_has_a_name_is_shown_too():
    error = failed(check.close, -W, W, "f(x)", unless={"the sign is wrong": -W})
    assert (str(error), error.evidence.got[0]) == ("f(x): the sign is wrong", "-1 2")


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (W.T, W),
        (W.flatten() + 1, W.flatten()),
        (torch.ones(1, 1), torch.zeros(1, 1)),
        (torch.ones(MOST + 1, 2), torch.zeros(MOST + 1, 2)),
        (torch.ones(2, 2, 2), torch.zeros(2, 2, 2)),
        (W.to(torch.int64), W.to(torch.int64).float()),
        (None, W),
        ([[1.0]], W),
        (2.0, 1.0),
    ],
    ids=lambda value: str(getattr(value, "shape", value)),
)
def test_what_is_no_table_of_numbers_of_the_expected_shape_and_size_is_not_drawn(got, expected):
    assert failed(check.close, got, expected, "f(x)").evidence is None


@pytest.mark.parametrize(
    ("got", "expected", "right"),
    [
        (W, W, Row("it", True, "(3, 2)", sign=Sign.RIGHT, factor=1.0, gap="0")),
        (3 * W, W, Row("it", False, "(3, 2)", sign=Sign.RIGHT, factor=3.0, gap="8")),
        (-W / 4, W, Row("it", False, "(3, 2)", sign=Sign.OPPOSITE, factor=-0.25, gap="5")),
        (W.T, W, Row("it", False, "(2, 3)", "(3, 2)", Sign.RIGHT, 1.0, True)),
        (-2 * W.T, W, Row("it", False, "(2, 3)", "(3, 2)", Sign.OPPOSITE, -2.0, True)),
        (SQUARE.T, SQUARE, Row("it", False, "(2, 2)", sign=Sign.RIGHT, factor=1.0, is_transposed=True, gap="1")),
        (W.abs(), W, Row("it", False, "(3, 2)", sign=Sign.MIXED, gap="6")),
        (0 * W, W, Row("it", False, "(3, 2)", factor=0.0, gap="4")),
        (W, 0 * W, Row("it", False, "(3, 2)", gap="4")),
        (W * NAN, W, Row("it", False, "(3, 2)", gap="nan")),
        (W / 0, W, Row("it", False, "(3, 2)", sign=Sign.RIGHT, gap="inf")),
        (1e-300 * W.double(), 1e300 * W.double(), Row("it", False, "(3, 2)", factor=0.0, gap="4e+300")),
        (torch.ones(5), W, Row("it", False, "(5,)", "(3, 2)")),
        (torch.tensor([[1.0, 2.0]]), [1.0, 2.0], Row("it", True, "(1, 2)", sign=Sign.RIGHT, factor=1.0, gap="0")),
        (2.0, 8.0, Row("it", False, "()", sign=Sign.RIGHT, factor=0.25, gap="6")),
        pytest.param(10**5000, 8.0, Row("it", False, "()", sign=Sign.RIGHT, gap="inf"), id="huge"),
        (2 * W.numpy(), W.numpy(), Row("it", False, "(3, 2)", sign=Sign.RIGHT, factor=2.0, gap="4")),
        (W.requires_grad_(False).to_sparse(), W, Row("it", True, "(3, 2)", sign=Sign.RIGHT, factor=1.0, gap="0")),
        (torch.ones(0, 3), torch.ones(0, 3), Row("it", True, "(0, 3)")),
        (None, W, Row("it", False)),
        ("3", W, Row("it", False)),
        (W.numpy(), W, Row("it", False)),
        (W.to(torch.int32), W, Row("it", False)),
        (torch.zeros(3, 2, device="meta"), W, Row("it", False)),
        (W * 1j, W, Row("it", False)),
    ],
)
def test_a_table_tells_how_each_tensor_is_to_the_expected_one(got, expected, right):
    found = row(got, expected)
    assert found.factor == (None if right.factor is None else pytest.approx(right.factor, abs=1e-9))
    assert asdict(found) | {"factor": 0} == asdict(right) | {"factor": 0}


def test_a_table_stands_beside_any_sentence_and_in_the_place_of_pictures():
    def fail() -> None:
        with check.table({"Wh": W, "Wy": 2 * W}, {"Wh": W, "bh": torch.ones(3), "Wy": W}):
            check.close(2 * W, W, 'f(x)["Wy"]')

    table = failed(fail).evidence
    assert [(row.name, row.is_right, row.shape) for row in table.rows] == [
        ("Wh", True, "(3, 2)"),
        ("bh", False, ""),
        ("Wy", False, "(3, 2)"),
    ]


STEP = torch.tensor([[0.5, -1.0], [2.0, 0.25], [-0.125, 4.0]])


@pytest.mark.parametrize(
    ("got", "sign", "factor", "is_transposed"),
    [
        (W - STEP, Sign.RIGHT, 1.0, False),
        (W + STEP, Sign.OPPOSITE, -1.0, False),
        (W - 10 * STEP, Sign.RIGHT, 10.0, False),
        (W, Sign.NONE, 0.0, False),
        ((W - STEP).T, Sign.RIGHT, 1.0, True),
        (torch.ones(5), Sign.NONE, None, False),
        (None, Sign.NONE, None, False),
    ],
    ids=["right", "uphill", "no rate", "not moved", "transposed", "shape", "nothing"],
)
def test_of_parameters_a_table_tells_sign_and_factor_of_the_step(got, sign, factor, is_transposed):
    def fail() -> None:
        with check.table({"W": got, "b": [9.0]}, {"W": W - STEP, "b": [1.0]}, {"W": W, "b": [1.5]}):
            check.that(False, "some sentence")

    table = failed(fail).evidence
    told = table.rows[0]
    assert (told.sign, told.is_transposed) == (sign, is_transposed)
    assert told.factor == (None if factor is None else pytest.approx(factor, abs=1e-5))
    assert "sign of the step" in to_text(table)
    assert "factor of the step" in to_html(table)
    assert from_json(json.loads(json.dumps(asdict(table)))) == table


def test_where_nothing_is_wrong_with_them_there_is_no_table_but_what_there_was():
    def fail(got: torch.Tensor) -> None:
        with check.table({"W": W}, {"W": W}):
            check.close(got, W, "f(x)")
            check.that(False, "the leaf was replaced")

    assert failed(fail, W).evidence is None
    assert isinstance(failed(fail, 2 * W).evidence, Maps)


class Odd(dict):
    """A dict that cannot be read."""

    def get(self, *_: object) -> None:
        """Refuse."""
        raise RuntimeError


@pytest.mark.parametrize("got", [None, 3, Odd()], ids=["None", "number", "odd"])
def test_whatever_a_table_is_given_the_sentence_is_said(got):
    def fail() -> None:
        with check.table(got, {"W": W}):
            check.that(False, "some sentence")

    error = failed(fail)
    assert (str(error), error.evidence) == ("some sentence", None)


def test_tables_are_bounded():
    many = {f"{HOSTILE}{n}": torch.ones(2) for n in range(1000)}

    def fail() -> None:
        with check.table({}, many):
            check.that(False, "some sentence")

    table = failed(fail).evidence
    assert (len(table.rows), table.left_out) == (MOST_ROWS, 1000 - MOST_ROWS)
    assert {len(row.name) for row in table.rows} == {MAX_WORD}


# How it is shown

BIG = Maps(tuple(" ".join(["0.5"] * MOST) for _ in range(MOST)), tuple(" ".join(["-1e30"] * MOST) for _ in range(MOST)))
SHOWN: dict[str, Evidence] = {
    "small": Maps(("1 -2", "0.5 4"), ("1 -2", "0.5 3.25")),
    "large": BIG,
    "broken": Maps(("0 0", "0 0"), ("nan inf", "-inf 0")),
    "nothing": Maps(("0 0",), ("nan nan",)),
    "huge": Maps(("1e308 -1e308",), ("-1e308 -1e308",)),
    "table": Table((Row("Wh", True, "(3, 2)", "", Sign.RIGHT, 1.0, False, "0"), Row(HOSTILE[:40], False)), 3),
}
SAID = {
    "small": {
        "en": (
            "expected",
            "from -2 to 4",
            "yours",
            "from -2 to 3.25",
            "yours − expected",
            "1 of 4 wrong, by 0.75 at most",
            "index [1, 1]: 3.25",
        ),
        "fr": ("obtenu − attendu", "de -2 à 3,25", "fausses : 1 sur 4, de 0,75 au plus", "[1, 1] : 3,25"),
    },
    "large": {
        "en": ("from -1e+30 to -1e+30", "900 of 900 wrong", "30 × 30 numbers"),
        "fr": ("900 sur 900", "30 × 30 nombres"),
    },
    "broken": {
        "en": ("from 0 to 0, 3 NaN or infinite", "3 of 4 wrong (", "[0, 0]: nan"),
        "fr": ("NaN ou infinis : 3",),
    },
    "nothing": {"en": ("all NaN or infinite",), "fr": ("que des NaN ou des infinis",)},
    "huge": {"en": ("from -1e+308 to 1e+308", "[0, 0]: -inf"), "fr": ("de -1e+308 à 1e+308",)},
    "table": {
        "en": ("✓ right", "✗ wrong", "(3, 2)", "× 1", "largest difference", "3 more are not shown."),
        "fr": ("✓ juste", "✗ faux", "(3, 2)", "× 1", "plus grand écart", "3 de plus ne sont pas montrés."),
    },
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", SHOWN)
def test_evidence_has_words_in_both_languages_as_html_and_as_text(kind, lang):
    set_language(lang)
    read, text = Reader(to_html(SHOWN[kind])), to_text(SHOWN[kind])
    words = " ".join([*read.texts, *(str(one["alt"]) for one in read.pictures())])
    for said in SAID[kind][lang]:
        assert said in text
        assert said.removesuffix(" (") in words
    assert HOSTILE[:40] not in to_html(SHOWN[kind])
    assert {tag for tag, _ in read.tags} <= {"div", "figure", "figcaption", "img"} or kind == "table"


@pytest.mark.parametrize("kind", [kind for kind in SHOWN if kind != "table"])
def test_three_pictures_each_with_its_words_are_small(kind):
    html = to_html(SHOWN[kind])
    pictures = Reader(html).pictures()
    assert len([one["alt"] for one in pictures if one["alt"]]) == len(pictures) == 3
    assert len(html) < 40_000
    for one in pictures:
        image = Image.open(io.BytesIO(b64decode(str(one["src"]).removeprefix("data:image/png;base64,"))))
        assert image.width == 2 * int(str(one["width"])) <= 2 * 320


def test_a_table_has_headings_for_its_columns_and_rows():
    tags = Reader(to_html(SHOWN["table"])).tags
    scopes = [attributes["scope"] for tag, attributes in tags if tag == "th"]
    assert scopes == ["col"] * 6 + ["row"] * 2
    assert not [tag for tag, _ in tags if tag in ("img", "script")]


def test_factors_and_shapes_are_put_in_words():
    def said(**fields) -> str:
        return to_text(Table((Row("W", False, **fields),))).splitlines()[1]

    assert "× 4" in said(factor=-4.0, sign=Sign.OPPOSITE)
    assert "opposite" in said(factor=-4.0, sign=Sign.OPPOSITE)
    assert "÷ 4" in said(factor=0.25)
    assert "× 0" in said(factor=0.0)
    assert "some opposite" in said(sign=Sign.MIXED)
    assert said(factor=1.0, is_transposed=True).split()[3:] == ["–", "–", "transposed", "–"]
    assert "transposed, ÷ 3" in said(factor=1 / 3, is_transposed=True)
    assert "(2, 3), not (3, 2)" in said(shape="(2, 3)", wanted="(3, 2)")


@pytest.mark.parametrize(("rows", "columns", "place"), [(2, 3, (1, 2)), (30, 30, (29, 0)), (1, 30, (0, 7))])
def test_one_entry_is_framed_and_signs_are_seen_without_colours(rows, columns, place):
    numbers = [[-1.0] * columns for _ in range(rows)]
    png, width = heat_map(numbers, 1.0, place)
    image = Image.open(io.BytesIO(png))
    pixels = np.array(image)
    assert image.width == 2 * width
    high, wide = pixels.shape[0] / rows, pixels.shape[1] / columns
    ink = {}
    for i in range(rows):
        for j in range(columns):
            cell = pixels[int(i * high) + 1 : int((i + 1) * high), int(j * wide) + 1 : int((j + 1) * wide)]
            ink[i, j] = int((cell == INK).sum())
    assert max(ink, key=ink.get) == place
    assert min(ink.values()) > 0, "a sign in each"
    positive, _ = heat_map([[1.0] * columns for _ in range(rows)], 1.0, place)
    assert (np.array(Image.open(io.BytesIO(positive))) == INK).sum() != (pixels == INK).sum()


@pytest.mark.parametrize("kind", SHOWN)
def test_evidence_is_json_that_anybody_reads_and_comes_back(kind):
    text = json.dumps(asdict(SHOWN[kind]), allow_nan=False)
    again = from_json(json.loads(text))
    assert again == (SHOWN[kind])
    assert to_html(again)


@pytest.mark.parametrize(
    "content",
    [
        [],
        3,
        {},
        {"expected": ["1 2"]},
        {"expected": ["1 2"], "got": ["1"]},
        {"expected": ["1 <b>"], "got": ["1 2"]},
        {"expected": [], "got": []},
        {"expected": ["1 2"], "got": ["1  2"]},
        {"expected": [""], "got": [""]},
        {"expected": ["1 " * 31], "got": ["1 " * 31]},
        {"expected": ["1"] * 31, "got": ["1"] * 31},
        {"rows": [{}], "left_out": 0},
        {"rows": [asdict(Row("W", False)) | {"gap": "<b>"}], "left_out": 0},
        {"rows": [asdict(Row("W", False)) | {"factor": INF}], "left_out": 0},
        {"rows": [asdict(Row("W", False)) | {"factor": "<b>"}], "left_out": 0},
        {"rows": [asdict(Row("W", False)) | {"sign": "splendid"}], "left_out": 0},
        {"rows": [asdict(Row("W", False))] * 13, "left_out": 0},
    ],
)
def test_what_is_no_evidence_is_refused(content):
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_json(content)


# In a notebook

SETUP = 'import torch\nfrom helpers import check, start\nstart("00_toy", lang="{lang}")'
ANSWER = "def f(x):\n    return 2 * x"
CHECKS = {
    "seen": """
        check.close(f(torch.eye(2)), torch.eye(2), "f(x)")
        ### BEGIN HIDDEN TESTS
        check.close(f(torch.ones(2, 2)), torch.ones(2, 2), "f(x)")
        ### END HIDDEN TESTS""",
    "hidden": """
        check.close(f(torch.zeros(2, 2)), torch.zeros(2, 2), "f(x)")
        ### BEGIN HIDDEN TESTS
        check.close(f(torch.eye(2)), torch.eye(2), "f(x)")
        ### END HIDDEN TESTS""",
    "verified_in_hidden": """
        def verify(x):
            with check.table({"f": f(x)}, {"f": x}):
                check.close(f(x), x, "f(x)")
        verify(torch.zeros(2, 2))
        ### BEGIN HIDDEN TESTS
        verify(torch.eye(2))
        ### END HIDDEN TESTS""",
    "verified": """
        ### BEGIN HIDDEN TESTS
        STAND_IN = torch.eye(2)
        ### END HIDDEN TESTS
        def verify(x):
            with check.table({"f": f(x)}, {"f": x}):
                check.close(f(x), x, "f(x)")
        verify(torch.eye(2))""",
    "holds": """
        check.close(f(torch.eye(2)), 2 * torch.eye(2), "f(x)")""",
}
WITH_EVIDENCE = {"seen": Maps, "verified": Table}


def cell(name: str) -> str:
    """Return the cell of a check."""
    body = "\n".join(line.removeprefix("    ") for line in CHECKS[name].strip("\n").splitlines())
    return f'@check.graded("00_toy", points=1)\ndef {name}():\n{body}'


@pytest.fixture(scope="module", params=LANGUAGES)
def notebook(request) -> NotebookNode:
    """A notebook with all these checks, executed in a kernel as nbgrader does."""
    sources = (SETUP.format(lang=request.param), ANSWER, *map(cell, CHECKS))
    made = new_notebook(cells=[new_code_cell(source) for source in sources], metadata={"lang": request.param})
    for one, name in zip(made.cells[2:], CHECKS, strict=True):
        one.metadata.nbgrader = {"grade": True, "solution": False, "points": 1, "grade_id": name, "cell_type": "code"}
    NotebookClient(made, allow_errors=True).execute()
    nbformat.validate(made)
    return made


def test_in_a_kernel_a_visible_failure_is_shown_below_its_sentence_and_a_hidden_one_is_not(notebook):
    for one, name in zip(notebook.cells[2:], CHECKS, strict=True):
        kinds = [output.output_type for output in one.outputs]
        if name == "holds":
            assert kinds == ["stream"]
            continue
        assert kinds == ["error", *["display_data"] * (name in WITH_EVIDENCE)]
        assert one.outputs[0].traceback[0] == f"✗ {name}"
        assert len(one.outputs[0].traceback) == 2
        for output in one.outputs[1:]:
            assert set(output.data) == {"text/html", "text/plain"}
            read = Reader(output.data["text/html"])
            assert all(picture["alt"] for picture in read.pictures())
            word = {"en": "expected|wrong", "fr": "attendu|faux"}[notebook.metadata.lang]
            assert re.search(word, output.data["text/plain"])


def test_plain_nbgrader_counts_the_same_points_and_reads_the_evidence(notebook):
    for one in notebook.cells[2:]:
        bare = NotebookNode(one, outputs=[output for output in one.outputs if output.output_type != "display_data"])
        assert determine_grade(one) == determine_grade(bare)
    found = {verdict.name: type(verdict.evidence) for verdict in read_verdicts(notebook)}
    assert found == {name: WITH_EVIDENCE.get(name, type(None)) for name in CHECKS}
    shown = notebook.cells[2].outputs[1]
    shown.metadata.gradus = {"rows": "<script>"}  # as a student's code may show it
    assert read_verdicts(notebook)[0].evidence is None
    shown.metadata.gradus = asdict(SHOWN["small"])


def test_where_there_is_no_notebook_nothing_is_displayed():
    shell = InteractiveShell.instance()
    published: list[object] = []
    publish, shell.display_pub.publish = shell.display_pub.publish, lambda *args, **kwargs: published.append(args)
    try:
        for source in (SETUP.format(lang="en"), ANSWER, cell("seen")):
            result = shell.run_cell(source)
    finally:
        shell.display_pub.publish = publish
        shell.set_custom_exc((), None)
        InteractiveShell.clear_instance()
    assert isinstance(result.error_in_exec.evidence, Maps)
    assert published == []
