"""Feedback pages: what they show in each language, what they never show, and that nothing in them runs or loads."""

import base64
import html
import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import nh3
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook
from playwright.sync_api import sync_playwright
from unsaid import unsaid_in

from browsing import CHROMIUM, faults, views
from conftest import COURSE, STAGES, gradus, new_course
from grading.authoring.bank import Answer
from grading.course.origin import Origin, write_origin
from grading.course.roster import Person, write_roster
from grading.pages.advice import MAX_STEPS
from grading.pages.cleaning import clean
from grading.pages.feedback import REVEALS, feedback
from grading.pages.markdown import MAX_TEXT, highlight, markdown
from grading.pages.outputs import outputs, overwritten, without_paths
from grading.pages.room import MAX_PICTURE, MAX_TAGS
from grading.records import grade as engine
from grading.records.history import HISTORY, Change, State, Why, remember
from grading.records.marks import read_marks
from grading.records.standing import Standing
from grading.rehearsal.cohort import Student, checks_of, solution_answers, write_submissions
from grading.results.model import CheckResult, Failure, Note, OpenQuestion, Remark, Result, Status
from helpers import messages
from helpers.evidence.model import Maps, Row, Sign, Table

STAGE = "02_manual"
OPEN = next(cell.name for cell in STAGES[STAGE].of_kind("open"))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

COMMENT = r"""**Both** losses start at $\log 2 \approx 0.69$, then fall:

$$L = -\frac{1}{n} \sum_{i=1}^{n} y_i \log \hat{y}_i$$

| epoch | loss |
|---|---|
| 1 | 0.69 |

![the curve](attachment:curve.png)"""
HOSTILE = """Hello <script>document.title = "owned"</script>
<img src=x onerror="document.title='owned'"> <img src="http://example.org/pixel.png" alt="a pixel">
<svg onload="document.title='owned'"><style>@import url(http://example.org/a.css)</style>
<image href="http://example.org/b.png"/></svg>
<iframe src="http://example.org"></iframe><form action="http://example.org"><input autofocus onfocus=alert(1)></form>
[a link](javascript:alert(1)) $\\href{javascript:alert(2)}{x}$ $\\text{<img src=y onerror=alert(3)>}$
</div></section></main><h1>You have 100 %</h1>"""
FIGURE = """import matplotlib.pyplot as plt
from IPython.display import HTML, SVG, display
plt.figure(figsize=(3, 2)); plt.plot([1, 2, 3]); plt.show()
display(HTML("<b>bold</b><script>document.title = 'owned'</script><img src='http://example.org/c.png'>"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40' onload='alert(4)'>"
            "<circle r='20' cx='20' cy='20' fill='teal'/><script>document.title = 'owned'</script></svg>"))
figures.neuron()
figures.moving_images({"first": [[[0.0]]], "last": [[[1.0]]]}, 1, "A square.", ("It is blue.", "It is orange."))
open("/nowhere/at/all/data.csv")"""
# It has IPython show whole tracebacks, and tells what stands in the check that calls it.
SPY = """import inspect, linecache

get_ipython().set_custom_exc((), None)

def sgd(params, grads, eta):
    caller = inspect.currentframe().f_back
    while caller is not None:
        source = "".join(linecache.getlines(caller.f_code.co_filename))
        if source.startswith("@check.graded"):
            raise ValueError(source)
        caller = caller.f_back

def minibatches(n, batch):
    return 3"""


def answers(**others: str) -> tuple[Answer, ...]:
    """Return the solution of every exercise, others in the place of some; an exercise whose answer is "" is left."""
    sources = {name: answer.source for name, answer in solution_answers(STAGES[STAGE]).items()} | others
    return tuple(Answer(name, source, (), "", 1) for name, source in sources.items() if source)


def change(course: Path, student: str, extra: str = "", attachment: str = "") -> None:
    """Add a cell, or a picture of the open question, to what a student handed in."""
    path = course / "submitted" / student / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    if attachment:
        notebook.cells[names.index(OPEN)].attachments = {attachment: {"image/png": PIXEL}}
    if extra:
        notebook.cells.insert(names.index("forward") + 1, new_code_cell(extra))
    nbformat.write(notebook, path)


@pytest.fixture(scope="module")
def graded(tmp_path_factory, graders) -> Path:
    """A course with a graded class, of which ada's work is marked by hand. Tests must not write in it."""
    course = new_course(tmp_path_factory.mktemp("course"), STAGE)
    transposed = "def sgd(params, grads, eta):\n    return {k: params[k] + eta * grads[k] for k in params}"
    broken = "def minibatches(n, batch):\n    # an index too many\n    return [torch.arange(n)[0, 1]]"
    classes = {
        "en": [
            Student("ada", answers(**{OPEN: COMMENT})),
            Student("mallory", answers(**{OPEN: HOSTILE, "forward": "", "backward": "import os; os._exit(1)"})),
            Student("mata", answers(sgd=SPY, minibatches="")),
            Student("carl", ()),
        ],
        "fr": [Student("zoé", answers(**{OPEN: COMMENT, "sgd": transposed, "minibatches": broken, "two_spaces": ""}))],
    }
    for lang, students in classes.items():
        write_submissions(COURSE / "notebooks" / lang / f"{STAGE}.ipynb", students, course / "submitted")
    change(course, "ada", attachment="curve.png")
    change(course, "mallory", extra=FIGURE)
    (course / "submitted/carl" / STAGE / f"{STAGE}.ipynb").write_bytes(b'{"cells": [')
    engine.grade(course, STAGE, graders, 2)
    with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
        mark = gradebook.find_grade(OPEN, STAGE, STAGE, "ada")
        mark.manual_score, mark.extra_credit, mark.needs_manual_grade = 2.0, 0.5, False
        gradebook.find_comment(OPEN, STAGE, STAGE, "ada").manual_comment = "Say *why* it is jagged: $B = 10$."
        gradebook.find_comment("forward", STAGE, STAGE, "ada").manual_comment = "Well named."
        gradebook.db.commit()
    ran = gradus(course, "feedback", STAGE, "--reveal", ",".join(REVEALS))
    assert ran.returncode == 0, ran.stderr
    assert f"5 pages in feedback/<student>/{STAGE}/, 5 of them changed." in ran.stdout
    return course


@pytest.fixture
def course(graded, tmp_path) -> Path:
    """A copy of the graded course, to change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def page_of(course: Path, student: str) -> str:
    return (course / "feedback" / student / STAGE / f"{STAGE}.html").read_text("utf-8")


def text_of(page: str) -> str:
    """Return what a person reads of a page."""
    body = re.sub(r"(?s)<head>.*?</head>", "", page)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", body)))


def test_a_page_shows_answers_checks_marks_and_comments(graded):
    page = page_of(graded, "ada")
    text = text_of(page)
    assert '<html lang="en">' in page
    assert "Forward and backward by hand" in text
    assert "ada" in text
    assert "41.5 points out of 42" in text, "39 for the checks, 2 by hand and half a point of extra credit"
    assert "2.5 / 3" in text
    assert "to be marked" not in text
    assert "Say why it is jagged" in text
    assert "Well named." in text
    assert "2 · The forward pass</h2>" in page, "the heading, without its minutes"
    assert "htilde = X @ params[" in text
    for check in STAGES[STAGE].of_kind("check"):
        assert f"<code>{check.name}</code>" in page
    assert 'class="check right"' in page
    assert 'class="check wrong"' not in page


def test_an_open_answer_keeps_its_formulas_tables_and_pictures(graded):
    page = page_of(graded, "ada")
    assert "<mfrac>" in page
    assert "<td>0.69</td>" in page
    assert f'src="data:image/png;base64,{PIXEL}" alt="the curve"' in page


def test_a_french_notebook_has_a_french_page(graded):
    page = page_of(graded, "zoé")
    text = text_of(page)
    assert '<html lang="fr">' in page
    for sentence in (
        "Propagation avant et arrière, à la main",
        "Votre notebook corrigé",
        "2 · La passe avant",
        "vous avez remonté la pente : le gradient se retranche",
        "pas encore corrigée",
        "Il reste des questions ouvertes à corriger. Barème de ces questions : 3.",
        "Vous n'avez pas répondu.",
        "Une réponse type",
        "Dans les premières époques",
    ):
        assert sentence in text
    assert "In the first epochs" not in text, "the model answer in the other language"
    assert "environ 10 minutes" not in text


def test_a_graded_page_has_the_table_of_what_was_wrong_in_visible_tests(graded):
    text = text_of(page_of(graded, "zoé"))
    table = (
        "nom juste ? taille signe du pas facteur du pas plus grand écart "
        "Wh ✗ faux (1, 1) opposé × 1 2 bh ✗ faux (1,) opposé × 1 0,6"
    )
    assert re.search(rf"vous avez remonté la pente.*? {re.escape(table)}", text)


def test_a_traceback_shows_the_students_own_lines_only(graded):
    text = text_of(page_of(graded, "zoé"))
    assert "# an index too many" in text
    assert "IndexError: too many indices" in text
    assert "Traceback" not in text


def test_a_file_that_could_not_be_graded_gets_a_page_in_both_languages(graded):
    text = text_of(page_of(graded, "carl"))
    assert "Your file could not be graded: it is damaged or was cut off. No points were given." in text
    assert "Votre copie n'a pas pu être notée : le fichier est endommagé ou tronqué." in text
    assert "Expecting" not in text


def test_what_happened_to_a_notebook_is_told(graded):
    text = text_of(page_of(graded, "mallory"))
    assert "Your notebook did not run to its end." in text
    assert "Python itself ended here: backward. Look for exit" in text


def test_pages_show_nothing_of_others_or_of_the_machine(graded):
    names = {folder.name for folder in (graded / "submitted").iterdir()}
    for student in names:
        page = page_of(graded, student)
        for other in names - {student}:
            assert not re.search(rf"\b{other}\b", page)
        for folder in (str(COURSE), str(graded), "site-packages", "ipykernel"):
            assert folder not in page
    assert "'…/data.csv'" in text_of(page_of(graded, "mallory")), "of a path only the file's name is left"


def test_pages_show_no_hidden_test(graded):
    instructor = nbformat.read(graded / "source" / STAGE / f"{STAGE}.ipynb", as_version=4)
    hidden, visible = set(), set()
    for cell in instructor.cells:
        is_hidden = False
        for line in cell.source.splitlines():
            is_hidden = (is_hidden or "BEGIN HIDDEN TESTS" in line) and "END HIDDEN TESTS" not in line
            (hidden if is_hidden else visible).add(line.strip())
    assert len(hidden - visible) > 100
    for path in graded.glob(f"feedback/*/{STAGE}/{STAGE}.html"):
        text = html.unescape(re.sub(r"<[^>]+>", "", path.read_text("utf-8")))
        shown = {line.strip() for line in text.splitlines()}
        assert not shown & (hidden - visible), path
        assert "HIDDEN TESTS" not in text
    assert "sgd_step" in text_of(page_of(graded, "mata")), "the one who tried to get at them"


def test_marking_notes_are_the_instructors(graded):
    notes = [cell.source.splitlines()[0].lstrip("- ") for cell in STAGES[STAGE].of_kind("marking")]
    for path in graded.glob(f"feedback/*/{STAGE}/{STAGE}.html"):
        assert not any(note in text_of(path.read_text("utf-8")) for note in notes)


@pytest.mark.parametrize("part", REVEALS)
def test_what_is_not_revealed_is_not_there(course, part):
    def shown(student: str, reveal: list[str]) -> str:
        feedback(course, STAGE, [student], reveal)
        return text_of(page_of(course, student))

    signs = {
        "points": "points sur 39",
        "messages": "vous avez remonté la pente",
        "tests": "check.keys(",
        "models": "Dans les premières époques, les deux coûts",
    }
    assert signs[part] in shown("zoé", [part])
    others = shown("zoé", [other for other in REVEALS if other != part])
    assert signs[part] not in others
    assert "✗ sgd_step" in others
    if part == "points":
        assert 'class="points"' not in page_of(course, "zoé")


def test_by_default_pages_show_points_and_messages(course):
    ran = gradus(course, "feedback", STAGE, "--students", "ada,zoé")
    assert f"2 pages in feedback/<student>/{STAGE}/, 2 of them changed." in ran.stdout
    text = text_of(page_of(course, "zoé"))
    assert "points sur 39" in text
    assert "vous avez remonté la pente" in text
    assert "check.keys(" not in text
    assert "réponse type" not in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no_stage"], "There is no stage 'no_stage'."),
        (
            [STAGE, "--reveal", "points,solutions"],
            "There is no part of a page 'solutions'. Choose one of: points, mess",
        ),
        ([STAGE, "--students", "nobody"], f"'nobody' has no result for {STAGE}: run `gradus grade {STAGE}` first."),
    ],
)
def test_what_is_not_there_is_answered_in_a_sentence(graded, words, sentence):
    ran = gradus(graded, "feedback", *words)
    assert ran.returncode == 1
    assert ran.stderr.startswith(sentence)


def test_a_class_without_results_is_told_to_grade_first(course):
    shutil.rmtree(course / "autograded")
    assert "Nobody has a result for 02_manual: run `gradus grade" in gradus(course, "feedback", STAGE).stderr


def test_pages_are_written_only_where_they_change(course):
    feedback(course, STAGE)
    before = {path: path.stat().st_mtime_ns for path in course.glob("feedback/*/*/*")}
    written = feedback(course, STAGE)
    assert (len(written.pages), written.changed) == (5, [])
    assert {path: path.stat().st_mtime_ns for path in course.glob("feedback/*/*/*")} == before
    with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
        gradebook.find_comment(OPEN, STAGE, STAGE, "ada").manual_comment = "Better."
        gradebook.db.commit()
    assert [path.parts[-3] for path in feedback(course, STAGE).changed] == ["ada"]


def test_a_mark_given_for_an_earlier_answer_says_so(course):
    with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
        gradebook.find_grade(OPEN, STAGE, STAGE, "ada").needs_manual_grade = True
        gradebook.db.commit()
    feedback(course, STAGE, ["ada"])
    assert "given for an earlier answer 2.5 / 3" in text_of(page_of(course, "ada"))


def test_the_gradebook_is_only_read(course):
    before = (course / "gradebook.db").read_bytes()
    assert read_marks(course, STAGE)["ada"][OPEN].points == 2.0
    assert (course / "gradebook.db").read_bytes() == before
    (course / "gradebook.db").unlink()
    assert read_marks(course, STAGE) == {}
    assert not (course / "gradebook.db").exists()


def test_one_damaged_result_keeps_nobody_else_from_a_page(course):
    (course / "autograded/ada" / STAGE / f"{STAGE}.ipynb").write_text("{")
    (course / "autograded/mata" / STAGE / "result.json").write_text("{")
    ran = gradus(course, "feedback", STAGE)
    assert ran.returncode == 1
    assert f"3 pages in feedback/<student>/{STAGE}/" in ran.stdout
    for student in ("ada", "mata"):
        assert (
            f"{student} has no page: The files that grading wrote are damaged: grade again with --force." in ran.stderr
        )


@pytest.mark.parametrize("name", ["Zoë d'Arc", 'Ann "Bob" O.', "<b>x<b>", "名前", "-rf", "[bold]x[b]"])
def test_a_student_may_have_any_name(graded, tmp_path, name):
    course = tmp_path / "course"
    shutil.copytree(graded / "source", course / "source")
    shutil.copy(graded / "nbgrader_config.py", course)
    shutil.copytree(graded / "autograded/ada" / STAGE, course / "autograded" / name / STAGE)
    assert not feedback(course, STAGE).failed
    shown = html.escape(name).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    assert f'<p class="student">{shown}</p>' in page_of(course, name)


TAGS = set(
    """script style link meta base iframe frame object embed form input button textarea video audio source template
    noscript foreignobject animate set maction mglyph""".split()  # noqa: SIM905
)
URLS = {"href": r"(https?://|mailto:|#).*", "xlink:href": "#.*", "src": "data:image/(png|jpeg|gif|webp);base64,.*"}
LOADING = ("srcset", "action", "formaction", "background", "poster", "data")


class Harm(HTMLParser):
    """Finds what in a piece of HTML runs or loads something."""

    def __init__(self, text: str):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Judge one tag and its attributes."""
        if tag in TAGS:
            self.found.append(tag)
        for name, value in attributes:
            if (
                name.startswith("on")
                or name in LOADING
                or (name in URLS and not re.fullmatch(URLS[name], value or ""))
                or re.search(r"url\((?!#)|\\|fixed|<", value or "")
            ):
                self.found.append(f"{tag} {name}={value}")


@pytest.mark.parametrize(
    "payload",
    [
        "<script>alert(1)</script>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<img/src='x'/onerror=alert(1)>",
        '<img src="http://example.org/a.png">',
        '<img src="//example.org/a.png" srcset="http://example.org/b.png 2x">',
        '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
        '<img src="data:text/html,<script>alert(1)</script>">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" jav&#x09;ascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        "[x](javascript:alert(1)) [y](data:text/html;base64,PHNjcmlwdD4=) ![z](http://example.org/z.png)",
        "<iframe src='http://example.org'></iframe><iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<object data='a.swf'></object><embed src='a.swf'>",
        "<form action='http://example.org'><input autofocus onfocus=alert(1)><button formaction=x>go</button></form>",
        "<style>body { display: none }</style><link rel=stylesheet href='http://example.org/a.css'>",
        "<base href='http://example.org/'><meta http-equiv=refresh content='0;url=http://example.org'>",
        "<div style='background: url(http://example.org/a.png); position: fixed'>x</div>",
        "<div style='background-color: u\\72l(http://example.org)'>x</div>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<svg><style>@import url(http://example.org/a.css)</style><rect fill='url(http://example.org#a)'/></svg>",
        "<svg><image href='http://example.org/a.png'/><use href='http://example.org/a.svg#b'/></svg>",
        "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
        "<svg><animate attributeName='href' to='javascript:alert(1)'/><set attributeName='onload' to='x'/></svg>",
        "<svg><foreignObject><iframe src='javascript:alert(1)'></iframe></foreignObject></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<math><maction actiontype='statusline' xlink:href='javascript:alert(1)'>x</maction></math>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<!--><img src=x onerror=alert(1)>-->",
        "<video src='http://example.org/a.mp4' onloadstart=alert(1)></video><audio src='http://example.org/a.ogg'>",
        '<img src="data:,web"><img src="data:,owned" alt="<script>alert(1)</script>">',
        '![<img src=x onerror=alert(1)>](http://example.org/z.png "x")',
        "![x](data:image/png;base64,AAAA onerror=alert(1))",
        '![x][r]\n\n[r]: <data:image/png;base64,AAAA"onerror=alert(1)>',
        "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
        "<img src='data:image/png;base64,AAAA&#x22; onerror=a'>",
        "\\(\\text{<img src=x onerror=alert(1)>}\\) \\[<script>alert(1)</script>\\]",
        "<img src='attachment:pasted-0'> <img src='attachment:pasted-9'> ![x](data:text/html;base64,PHNjcmlwdD4=)",
        "$\\href{javascript:alert(1)}{x}$ $\\text{<img src=x onerror=alert(1)>}$",
        "$$\\style{background:url(http://example.org)}{x}$$",
        "```html\n<script>alert(1)</script>\n```",
    ],
)
def test_nothing_that_runs_or_loads_is_left_of_a_students_html(payload):
    for made in (clean(payload), markdown(payload)):
        assert Harm(made).found == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("**bold** and `code`", "<strong>bold</strong> and <code>code</code>"),
        ("[a link](https://example.org/a)", '<a href="https://example.org/a" rel="noopener noreferrer">a link</a>'),
        (f"![dot](data:image/png;base64,{PIXEL})", f'<img src="data:image/png;base64,{PIXEL}" alt="dot">'),
        ('<b style="color: red; position: fixed">x</b>', '<b style="color:red">x</b>'),
        ('<svg viewBox="0 0 9 9"><path d="M0 0" fill="url(#a)"></path></svg>', 'role="img"><path d="M0 0" fill'),
        ('<svg viewBox="0 0 9 9" aria-label="a disc"></svg>', '<svg viewBox="0 0 9 9" aria-label="a disc" role="img">'),
        ("$\\log 2$", '<mi>log</mi><mspace width="0.17em"></mspace><mn>2</mn>'),
        ("$x_1 < 2$", "<msub><mi>x</mi><mn>1</mn></msub><mo>&lt;</mo><mn>2</mn>"),
        ("$$\\begin{aligned} a &= 1 \\\\ b &= 2 \\end{aligned}$$", "<mtable"),
        ("\\begin{align} a &= 1 \\end{align}", "<mtable"),
        ("$\\nonsense{x}$", '<code class="tex">\\nonsense{x}</code>'),
        ("```python\ndef f(): ...\n```", '<span class="k">def</span>'),
        ("a < b and b > c", "a &lt; b and b &gt; c"),
    ],
)
def test_what_does_no_harm_is_kept(text, kept):
    assert kept in markdown(text)


BIG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 800).decode()
FOLDED = "\n".join(re.findall(".{1,76}", BIG))


@pytest.mark.parametrize("picture", [PIXEL, BIG, FOLDED], ids=["small", "big", "in lines"])
@pytest.mark.parametrize(
    "shape",
    [
        "![the curve](data:image/png;base64,{})",
        '<img src="data:image/png;base64,{}" alt="the curve">',
        "<img alt='the curve' width=300 src='data:image/png;base64,{}'/>",
        "![the curve][image1]\n\n[image1]: <data:image/png;base64,{}>\n",
        "![the curve][]\n\n[the curve]: data:image/png;base64,{}\n",
        '<p><img src="DATA:image/PNG;base64,{}" alt="the curve"></p>',
        "| a |\n|---|\n| ![the curve](data:image/png;base64,{}) |",
    ],
)
def test_pictures_pasted_in_any_shape_and_of_any_size_are_shown_and_the_text_after_them(shape, picture):
    if picture == FOLDED and "<img" not in shape:
        return  # Markdown has no addresses in lines
    made = markdown(f"The text before.\n\n{shape.format(picture)}\n\nThe text after **it**.")
    (address,) = re.findall(r'<img [^>]*src="data:image/png;base64,([^"]*)"', made)
    assert "".join(address.split()) == "".join(picture.split())
    assert 'alt="the curve"' in made
    assert "The text before." in made
    assert "The text after <strong>it</strong>." in made
    assert len(text_of(made)) < 100


def test_what_is_too_long_is_cut_outside_of_pictures_and_words():
    picture = f"![it](data:image/png;base64,{BIG})"
    made = markdown(f"{picture}\n\n{'lengthy ' * MAX_TEXT}")
    assert BIG in made
    assert set(text_of(made).split()) == {"lengthy", *["[Cut", "off", "here:", "too", "long.]"]}
    made = markdown(f"{'lengthy ' * (MAX_TEXT // 8 - 3)}{picture}")
    assert BIG not in made
    assert set(text_of(made).split()) == {"lengthy", *["[Cut", "off", "here:", "too", "long.]"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("![my curve](https://example.org/a.png)", "[A picture from the web is not shown here.] my curve"),
        ('<img src="//example.org/a.png" alt="a &quot;>b">', '[A picture from the web is not shown here.] a ">b'),
        ("![x](figures/a.png)", "[A picture is not shown here: it is not in the notebook, or"),
        ("![x](attachment:lost.png)", "[A picture is not shown here: it is not in the notebook, or"),
        ("![x](data:image/svg+xml;base64,PHN2Zy8+)", "[A picture is not shown here: it is not in the notebook, or"),
        (f"![x](data:image/png;base64,{'A' * (MAX_PICTURE + 4)}) after", "not shown here: too large.] x after"),
    ],
)
def test_a_picture_that_is_not_shown_is_told(text, said):
    made = markdown(text)
    assert "<img" not in made
    assert said in text_of(made)
    messages.set_language("fr")
    assert re.search(r"\[Une image (du Web )?n'est pas affichée ici", text_of(markdown(text)))


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        (r"so \(x_1 < 2\) holds", "<msub><mi>x</mi><mn>1</mn></msub><mo>&lt;</mo>"),
        (r"so \[x^2\] holds", 'display="block"><mrow><msup>'),
        ("so\n\n\\[\nx^2\n\\]\n\nholds", 'display="block"><mrow><msup>'),
        ("\\[\n\\begin{aligned} a &= 1 \\\\\n b &= 2 \\end{aligned}\n\\]", "<mtable"),
        ("\\[\n\\begin{pmatrix} 1 & 2 \\end{pmatrix}\n\\]", "<mtable"),
        ("- \\[ a = b \\]", 'display="block"'),
        (r"$\arg\max_i x_i$", "<mo>arg</mo><msub><mo>max</mo><mi>i</mi></msub>"),
        (r"$\argmin_w L$", "<mo>arg</mo><msub><mo>min</mo><mi>w</mi></msub>"),
        (r"$\arg\max$", "<mo>arg</mo><mo>max</mo>"),
    ],
)
def test_formulas_are_drawn_however_they_are_written(text, drawn):
    made = markdown(text)
    assert drawn in made
    assert 'class="tex"' not in made
    assert "\\" not in made


@pytest.mark.parametrize("text", [r"`\(x\)`", "```\n\\[\nx\n\\]\n```", r"\[not closed", r"\(nor this", "    \\[ x \\]"])
def test_brackets_that_are_no_formula_are_none(text):
    assert "<math" not in markdown(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\r  0%|   | 0/2\r 50%|█  | 1/2\r100%|██ | 2/2\ndone\n", "100%|██ | 2/2\ndone\n"),
        ("epoch 1: 0.9\repoch 2: 0.4", "epoch 2: 0.4"),
        ("a long line\rshort", "shortg line"),
        ("a long line\r\x1b[Kshort", "short"),
        ("one\r\ntwo\r\n", "one\ntwo\n"),
        ("as it was\r", "as it was"),
    ],
)
def test_of_what_was_written_over_the_last_state_is_shown(text, shown):
    assert overwritten(text) == shown
    (made,) = outputs([new_output("stream", text=text)], str)
    assert html.unescape(made) == f'<pre class="output">{shown}</pre>'


# What a page has room for


def extra(source: str = "x = 1", outputs: list | None = None, text: bool = False) -> NotebookNode:
    cell = new_markdown_cell(source) if text else new_code_cell(source, outputs=outputs or [])
    cell.metadata.gradus = NotebookNode(role="extra")
    return cell


def rich(content: str) -> NotebookNode:
    return new_output("display_data", {"text/html": content})


GREEDY = {  # made when they are asked for
    "outputs of many tags": lambda: [extra(outputs=[rich("<div>" * 19_000)] * 30)],
    "cells of many tags": lambda: [extra("<div>" * 9_000, text=True) for _ in range(100)],
    "cells": lambda: [extra() for _ in range(5_000)],
    "long cells": lambda: [extra("x = [1, (2)]\n" * 3000) for _ in range(200)],
    "long texts": lambda: [extra("a *b* _c " * 5000, text=True) for _ in range(200)],
    "outputs": lambda: [extra(outputs=[new_output("stream", text="x\n" * 2000)] * 30) for _ in range(100)],
    "pictures": lambda: [extra(f"![it](data:image/png;base64,{BIG})", text=True) for _ in range(300)],
}


@pytest.mark.parametrize("what", GREEDY)
def test_no_student_makes_a_page_that_takes_minutes_or_megabytes(course, monkeypatch, what):
    """What there is no room for is told; of what was asked for, all is shown."""
    folder = course / "autograded/ada" / STAGE
    notebook = nbformat.read(folder / f"{STAGE}.ipynb", as_version=4)
    cells = GREEDY[what]()
    for number, cell in enumerate(cells):
        cell.id = f"extra-{number}"
    notebook.cells[3:3] = cells
    nbformat.write(notebook, folder / f"{STAGE}.ipynb")
    tags, work, cleaner, lexer = [], [], nh3.clean, highlight

    def counted(html: str, **options: object) -> str:
        tags.append(html.count("<"))
        return cleaner(html, **options)

    monkeypatch.setattr(nh3, "clean", counted)
    monkeypatch.setattr(
        "grading.pages.markdown.highlight", lambda text, *rest: work.append(len(text)) or lexer(text, *rest)
    )
    assert feedback(course, STAGE, ["ada"]).failed == {}
    page = page_of(course, "ada")
    assert sum(n**2 for n in tags) <= 3 * MAX_TAGS**2, "of answers, of extra cells, and a little of our own"
    assert sum(work) < 500_000
    assert len(tags) + len(work) < 2500
    assert len(page) < 40_000_000
    text = text_of(page)
    assert "too l" in text
    for wanted in ("start at", "Say why it is jagged", "htilde = X @ params[", "41.5 points out of 42"):
        assert wanted in text


@pytest.mark.parametrize("mark", ["![", "[", "\\begin{align}\n", "$x$ ", "`", "<a ", "*a_", "&", "\\(", "\\["])
def test_what_parsers_look_for_many_times_is_cut(mark):
    made = markdown(mark * (60_000 // len(mark)))
    assert "too long" in made
    assert len(made) < 2_000_000


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("No such file: '/home/ada/course/data.csv'", "No such file: '…/data.csv'"),
        ("file:///tmp/x.py and ~/course/y.py", "…/x.py and …/y.py"),
        ("https://example.org/a/b, 3 / 4 / 5, a/b/c, <b>x</b>", "https://example.org/a/b, 3 / 4 / 5, a/b/c, <b>x</b>"),
    ],
)
def test_of_a_path_only_the_name_is_left(text, kept):
    assert without_paths(text) == kept


def test_every_formula_of_the_texts_is_drawn():
    for stage in STAGES.values():
        for cell in stage.of_kind("prose", "open", "marking"):
            made = markdown(cell.source)
            assert 'class="tex"' not in made, cell.line
            assert made.count("<math") >= cell.source.count("$$") // 2


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
@pytest.mark.parametrize("student", ["ada", "mallory", "carl"])
def test_a_page_makes_no_request_and_runs_no_script(graded, student):
    url = (graded / "feedback" / student / STAGE / f"{STAGE}.html").as_uri()
    asked, complaints = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        page.goto(url, wait_until="networkidle")
        title, width = page.title(), page.evaluate("document.documentElement.scrollWidth - innerWidth")
        browser.close()
    assert [address for address in asked if not address.startswith("data:image/png")] == [url]
    assert complaints == [], "the content security policy had nothing to stop"
    assert title.endswith(student) if student != "carl" else title == f"{STAGE} · carl"
    assert width <= 0


def test_pictures_that_a_student_made_are_in_the_page(graded):
    page = page_of(graded, "mallory")
    figures = re.findall(r'<img src="data:image/png;base64,([^"]+)"', page)
    assert any(base64.b64decode(figure).startswith(b"\x89PNG") for figure in figures)
    assert "<b>bold</b>" in page
    assert '<circle r="20" cx="20" cy="20" fill="teal"></circle>' in page


def test_every_picture_of_a_page_has_words_its_own_where_it_has_some(graded):
    pages = {path.parts[-3]: path.read_text("utf-8") for path in graded.glob(f"feedback/*/{STAGE}/*.html")}
    assert {student: found for student, page in pages.items() if (found := unsaid_in(page))} == {}
    assert len(pages) == 5
    words = re.findall(r'<img [^>]*alt="([^"]+)"', pages["mallory"])
    assert [said.split(":")[0] for said in words[-4:]] == [
        "A picture without a description.", "A perceptron", "It is blue.", "It is orange."
    ]  # fmt: skip


# What a page says first, of results made by hand


OWN = {check: exercise for exercise, checks in checks_of(STAGES[STAGE]).items() for check in checks}
POINTS = {cell.name: cell.points for cell in STAGES[STAGE].of_kind("check", "open")}
TEXT = "| a | b |\n|---|---|\n| " + "wide" * 60 + " | 2 |\n\n$$" + "x + " * 80 + "y$$"


def by_hand(course: Path, lang: str = "en", wrong: dict[str, tuple] | None = None, **others) -> Path:
    """Write a result, and a notebook in which all is answered but what the result says; return their folder.

    wrong: how checks failed, what they said, and what else there is of them. others: fields of the result.
    """
    unanswered = others.get("unanswered", ())
    lost = {check: (Failure.UNWRITTEN, f"{OWN[check]} is not written yet") for check in OWN if OWN[check] in unanswered}
    lost |= wrong or {}
    checks = tuple(
        CheckResult(name, 0.0 if name in lost else POINTS[name], POINTS[name], *lost.get(name, (None, "")))
        for name in OWN
    )
    question = OpenQuestion(OPEN, 0.0 if OPEN in unanswered else None, POINTS[OPEN], "hash")
    result = Result(Status.GRADED, checks=checks, questions=(question,), lang=lang, student="p23", stage=STAGE)
    notebook = nbformat.read(COURSE / "notebooks" / lang / f"{STAGE}.ipynb", as_version=4)
    sources = {one.exercise: one.source for one in answers()} | {OPEN: TEXT}
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = cell.source if name in unanswered else sources.get(name, cell.source)
    folder = course / "autograded/p23" / STAGE
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / f"{STAGE}.ipynb")
    (folder / "result.json").write_bytes(replace(result, **others).to_json())
    return folder


@pytest.fixture
def bare(tmp_path) -> Path:
    """A course in which nobody has handed in anything."""
    return new_course(tmp_path / "bare", STAGE)


def shown(course: Path, reveal: tuple[str, ...] = ("points", "messages")) -> str:
    """Return what a person reads on the page of p23."""
    assert feedback(course, STAGE, ["p23"], reveal).failed == {}
    return text_of(page_of(course, "p23"))


MISTAKES = {
    "init_params_random": (Failure.MISTAKE, "the same numbers each time"),
    "forward_shapes": (Failure.RAISED, "----> 1 X @ W\nRuntimeError: shapes (6, 2) and (10, 2)"),
    "forward_hidden": (Failure.MISTAKE, "W is transposed,\nsee /home/ada/course/x.py"),
    "loss_value": (Failure.MISTAKE, "there is no mean"),
    "sgd_step": (Failure.MISTAKE, "<b>uphill</b>"),
    "train_loop": (Failure.UNWRITTEN, "minibatches is not written yet"),
}


def test_what_to_look_at_first_is_what_lost_most_of_what_was_answered(bare):
    by_hand(bare, wrong=MISTAKES, unanswered=("minibatches", "two_spaces"))
    text = shown(bare)
    first = re.search("What to look at first (.*?) 1 · The parameters", text)[1]
    assert first == (
        "forward points to gain: 3 Begin with the check forward_hidden W is transposed, see …/x.py "
        "loss_accuracy points to gain: 2 Begin with the check loss_value there is no mean "
        "sgd points to gain: 2 Begin with the check sgd_step <b>uphill</b> "
        "Not answered: minibatches, two_spaces. "
        "To ask about a check, quote the code beside it, for example 02-forward_hidden-p23"
    )
    assert MAX_STEPS == 3, "and init_params waits"
    page = page_of(bare, "p23")
    for target in re.findall('href="#([^"]+)"', page):
        assert page.count(f'id="{target}"') == 1
    assert page.count("02-sgd_step-p23") == 1, "beside the check"
    assert "02-sgd_any_network-p23" not in page, "it holds"


MAPS = Maps(("1 2", "0.5 4"), ("1 2", "nan 1e30"))
TABLE = Table((Row("Wh", True, "(10, 2)", "", Sign.RIGHT, 1.0, False, "0"), Row("<b>by</b>", False, "(2,)")))
WRONG = {
    "forward_hidden": (Failure.MISTAKE, "h is wrong", 0.0, 0, MAPS),
    "sgd_step": (Failure.MISTAKE, "uphill", 0.0, 0, TABLE),
}


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("expected from 0.5 to 4", "yours from 1 to 1e+30, 1 NaN", "name right? shape", "Wh ✓ right (10, 2)")),
        ("fr", ("attendu de 0,5 à 4", "obtenu de 1 à 1e+30, NaN", "nom juste ? taille", "Wh ✓ juste (10, 2)")),
    ],
)
def test_the_numbers_that_were_wrong_stand_under_the_message(bare, lang, words):
    by_hand(bare, lang, wrong=WRONG)
    text, page = shown(bare), page_of(bare, "p23")
    for said in words:
        assert said in text
    assert re.search("h is wrong (expected|attendu)", text)
    assert re.search(r"uphill (name|nom) .*<b>by</b> ✗", text)
    pictures = re.findall(r'<img alt="([^"]+)" src="data:image/png;base64,[^"]+" width="\d+">', page)
    assert len(pictures) == page.count("<img") == 3
    assert ("[1, 0]: nan" if lang == "en" else "[1, 0] : nan") in pictures[1]
    shown(bare, ("points",))
    assert not re.search('<img|evidence"|&lt;b&gt;by', page_of(bare, "p23")), "numbers belong to messages"


def test_what_is_not_revealed_is_not_said_first_either(bare):
    by_hand(bare, "fr", wrong=MISTAKES)
    first = re.search("À revoir en premier (.*?) Pour poser une question", shown(bare, ("points",)))[1]
    assert first.startswith("forward points à gagner : 3 Commencez par la vérification forward_hidden loss_accuracy")
    assert "no mean" in shown(bare, ("messages",))
    assert "gagner" not in shown(bare, ("messages",))


def test_who_has_all_points_or_was_given_them_has_nothing_to_look_at(bare):
    by_hand(bare)
    assert "look at first" not in shown(bare)


@pytest.mark.parametrize("stage", STAGES)
def test_checks_follow_the_exercise_that_they_are_of(stage):
    """Pages and their advice name the exercise that stands before a check."""
    own = {check: exercise for exercise, checks in checks_of(STAGES[stage]).items() for check in checks}
    last = ""
    for cell in STAGES[stage].of_kind("answer", "open", "check"):
        assert cell.kind != "check" or own[cell.name] == last
        last = last if cell.kind == "check" else cell.name


def test_a_page_says_who_handed_in_when_and_what_it_was_graded_with(bare):
    versions = {"gradus": "0.3.1", "python": "3.11.7", "torch": "2.13.0+cpu"}
    by_hand(bare, "fr", sandboxed=True, versions=versions, started="2030-10-09T10:00:00+00:00")
    write_roster(bare, [Person("p23", "Émilie", "du Châtelet")])
    text = 'timezone = "Europe/Paris"\n[lateness]\npercent_a_day = 10\n[stages.02_manual]\ndue = 2030-10-08 18:00:00\n'
    (bare / "course.toml").write_text(text, "utf-8")
    (bare / "releases.json").write_text(json.dumps({STAGE: {"0.1.0": ["x"], "0.2.0": ["y"]}, "x": {"0.9": ["z"]}}))
    (bare / "submitted/p23" / STAGE).mkdir(parents=True)
    write_origin(bare / "submitted/p23" / STAGE, Origin(time=datetime(2030, 10, 9, 17, tzinfo=UTC)))
    text = shown(bare)
    all_points = sum(POINTS.values()) - POINTS[OPEN]
    for said in (
        "Émilie du Châtelet · p23",
        "Rendu 9 octobre 2030, 19:00 CEST Date limite 8 octobre 2030, 18:00 CEST",
        "Corrigé 9 octobre 2030, 12:00 CEST · notebook publié en version 0.2.0 · Gradus 0.3.1",
        "Environnement ni GPU, ni réseau ; Python 3.11, torch 2.13.0",
        "Rendu avec 2 jours de retard : 7,8 points sont retirés.",
        f"Points : {all_points:g} − 7,8 = 31,2. Note retenue : 31,2 sur 42.",
    ):
        assert said in text
    by_hand(bare, versions=versions)
    assert "Environment Python 3.11, torch 2.13.0 " in shown(bare), "without a sandbox there may be a network"
    by_hand(bare, started="long ago")
    assert "Environment" not in shown(bare)


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            [
                "9 October 2030, 12:00 UTC · you handed in another version (all together – → 3)",
                "the check was changed (loss_value 0 → 2)",
                "the notebook of the stage was changed, the grader was changed (5 checks and questions, 5 → 0.5)",
                "your teacher gave other points (comment_curves 2 → 2.5)",
                "it was graded again; the earlier result is better, and counts",
            ],
        ),
        (
            "fr",
            [
                "9 octobre 2030, 12:00 UTC · vous avez rendu une autre version (au total – → 3)",
                "la vérification a été modifiée (loss_value 0 → 2)",
                "a été modifié, le correcteur automatique a été modifié (5 vérifications et questions, 5 → 0,5)",
                "votre enseignant a donné d'autres points (comment_curves 2 → 2,5)",
                "nouvelle correction ; le résultat précédent, meilleur, est conservé",
            ],
        ),
    ],
)
def test_what_was_graded_again_is_told_with_its_reasons(bare, lang, sentences):
    folder, state, time = by_hand(bare, lang), State("graded", {}), datetime(2030, 10, 9, 12, tzinfo=UTC)
    (bare / "course.toml").write_text('timezone = "UTC"\n', "utf-8")
    remember(folder, state, (), time, None)
    heading = {"en": "What was graded again", "fr": "Ce qui a été corrigé de nouveau"}[lang]
    remember(folder, state, (Change(OPEN, None, 2.0, (Why.HAND,)),), time, None)
    assert heading not in shown(bare), "marks that were given once are no change"
    many = (Change(name, 1.0, 0.1, (Why.STAGE, Why.ENGINE)) for name in list(OWN)[:5])
    for changed in (
        (Change("", None, 3.0, (Why.WORK,)),),
        (Change("loss_value", 0.0, 2.0, (Why.CHECK,)),),
        tuple(many),
        (Change(OPEN, 2.0, 2.5, (Why.HAND,)),),
    ):
        remember(folder, state, changed, time, None)
    remember(folder, state, (), time, Result(Status.GRADED))
    with (folder / HISTORY).open("a") as file:
        file.write('{"time": "x", "changes": 3}\n[]\n{"time"')
    text = shown(bare)
    assert heading in text
    for sentence in sentences:
        assert sentence in text
    assert "→" not in shown(bare, ("messages",))


def test_each_reason_of_a_change_has_its_words(bare):
    folder = by_hand(bare)
    for number, why in enumerate(Why):
        remember(folder, State("graded", {}), (Change(f"x{number}", 0.0, 1.0, (why,)),), datetime.now(UTC), None)
    text = shown(bare)
    assert all(f"(x{number} 0 → 1)" in text for number in range(len(Why)))


ALL_BLANK = (*checks_of(STAGES[STAGE]), OPEN)


@pytest.mark.parametrize(
    ("lang", "sentences"),
    [
        (
            "en",
            ("You handed in the notebook as it was given out", "start with init_params, in the part “1 · The parame"),
        ),
        (
            "fr",
            (
                "Vous avez rendu le notebook tel qu'il a été distribué :",
                "débutez par init_params, dans la partie «\xa01 ·",
            ),
        ),
    ],
)
def test_blank_work_gets_a_calm_page(bare, lang, sentences):
    folder = by_hand(bare, lang, unanswered=ALL_BLANK)
    text, page = shown(bare), page_of(bare, "p23")
    for sentence in (*sentences, "02-init_params-p23", "0 points"):
        assert re.sub(r"\s+", " ", sentence) in text
    assert {"en": "Below it stands a hint", "fr": "Un indice replié l'accompagne"}[lang] in text
    assert not set("✗✓…") & set(text)
    assert "<nav" not in page
    assert "is not written yet" not in text
    notebook = nbformat.read(folder / f"{STAGE}.ipynb", as_version=4)
    notebook.cells.insert(9, extra("my_own = 1"))
    notebook.cells[9].id = "extra-1"
    nbformat.write(notebook, folder / f"{STAGE}.ipynb")
    assert "my_own = 1" in shown(bare)


def test_who_wrote_something_else_is_told_so_and_who_has_points_by_hand_sees_them(bare, monkeypatch):
    by_hand(bare, unanswered=ALL_BLANK, remarks=(Remark(Note.NO_ANSWER, {"cells": ["x"], "answers": ["y"]}),))
    text = shown(bare)
    assert "You wrote something, but no answer was found in your file" in text
    assert "No answer was found in the file that you handed in." in text
    assert "as it was given out" not in text
    monkeypatch.setattr(Standing, "points", 1.0)
    assert "Where to start" not in shown(bare)


def test_a_result_of_an_older_format_still_makes_a_page(bare):
    folder = by_hand(bare, "fr", wrong=MISTAKES)
    result = json.loads((folder / "result.json").read_text("utf-8"))
    old = {"status": "graded", "reason": "", "lang": "fr", "open": result["questions"], "warnings": ["x"]}
    old["checks"] = [
        {key: check[key] for key in ("name", "points", "maximum", "message")} for check in result["checks"]
    ]
    (folder / "result.json").write_text(json.dumps(old), "utf-8")
    text = shown(bare)
    assert "À revoir en premier forward points à gagner : 3" in text
    assert "there is no mean" in text
    (folder / "result.json").write_text(json.dumps({"status": "ungradable", "reason": "The file is empty."}), "utf-8")
    assert "Your file could not be graded. No points were given." in shown(bare)
    for junk in (
        '{"status": "graded", "checks": 3}',
        '{"status": "unheard of"}',
        "[]",
        "7",
        '{"status": [], "checks": []}',
    ):
        (folder / "result.json").write_text(junk, "utf-8")
        assert "grade again" in feedback(bare, STAGE, ["p23"]).failed["p23"]


def test_the_pictures_of_the_docs_are_those_that_the_script_takes():
    script = (COURSE / "docs/pictures.py").read_text("utf-8")
    names = re.findall(r'\bPicture\("(\w+)"', script)
    shown = re.findall(r"!\[[^]]+\]\((\w+)\.png\)", (COURSE / "docs/instructor.md").read_text("utf-8"))
    shown += re.findall(r"!\[[^]]+\]\(docs/(\w+)\.png\)", (COURSE / "README.md").read_text("utf-8"))
    assert set(shown) == set(names)
    assert all((COURSE / f"docs/{name}.png").read_bytes().startswith(b"\x89PNG") for name in names)


# Whether pages can be read


def luminance(colour: str) -> float:
    digits = colour.lstrip("#") if len(colour) > 4 else "".join(2 * digit for digit in colour.lstrip("#"))
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_the_contrast_that_wcag_asks_for(bare, scheme):
    """Each colour of code and of the page's own texts, on each background that it stands on: 4.5, which is AA."""
    by_hand(bare)
    shown(bare)
    style = re.search("(?s)<style>(.*?)</style>", page_of(bare, "p23"))[1]
    blocks = re.findall(r"(?ms)^@media ([^{]+?) \{\n(.*?)^\}", style)
    of_scheme = [content for condition, content in blocks if f"scheme: {scheme})" in condition]
    root = {"light": style[style.index(":root") :].partition("}")[0], "dark": of_scheme[-1]}[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#\w+)", root))
    assert len(colours) == 13
    rules = re.findall(r"pre\.code( \.\w+)? \{ (.*?) \}", of_scheme[0])
    code = {name: dict(re.findall(r"([\w-]+): (#\w+)", rule)) for name, rule in rules}
    assert len(code) > 30
    for name, rule in code.items():
        if "color" in rule and name not in (" .w", " .hll"):  # white space has no ink; no line is marked
            for paper in ("panel", "paper"):
                ground = rule.get("background-color", colours[paper]) if name else colours[paper]
                assert contrast(rule["color"], ground) >= 4.5, f"{name} on {paper}"
    panels = ("paper", "panel", "right-panel", "partly-panel", "wrong-panel", "accent-panel")
    for text in ("ink", "soft"):
        for paper in panels:
            assert contrast(colours[text], colours[paper]) >= 4.5, f"{text} on {paper}"
    for text in ("right", "partly", "wrong", "accent"):
        for paper in ("paper", "panel", f"{text}-panel"):
            assert contrast(colours[text], colours[paper]) >= 4.5, f"{text} on {paper}"


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
@pytest.mark.parametrize("kind", ["mistakes", "blank", "ungradable"])
def test_pages_have_no_fault_that_axe_finds_and_fit_a_phone_and_paper(bare, kind):
    folder = by_hand(bare, wrong=MISTAKES | WRONG, unanswered=ALL_BLANK if kind == "blank" else ("two_spaces",))
    remember(folder, State("graded", {}), (Change("loss_value", 0.0, 2.0, (Why.CHECK,)),), datetime.now(UTC), None)
    if kind == "ungradable":
        (folder / "result.json").write_text('{"status": "ungradable"}')
    shown(bare)
    for page in views((bare / "feedback/p23" / STAGE / f"{STAGE}.html").as_uri()):
        assert faults(page) == []
        page.emulate_media(media="print")
        if kind == "mistakes":
            assert page.locator("nav").is_visible()
