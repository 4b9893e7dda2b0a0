"""What the build refuses in an author's text, with file and line."""

import re
from pathlib import Path

import pytest

from grading.authoring.cells import skeleton
from grading.authoring.problems import SourceError
from grading.authoring.source import read_stage

SYLLABUS = """\
["00_toy"]
title = "A toy"
[["00_toy".rows]]
ids = ["X-1"]
what = "adding"
graded = "check"
"""

TEXT = '''\
# %% [markdown] lang="en"
# # Adding
# [A link](https://example.org) and $a + 0.5$. · about 10 minutes

# %% [markdown] lang="fr"
# # Additionner
# [Un lien](https://example.org) et $a + 0{,}5$. · environ 10 minutes

# %% setup
from helpers import check, reveal, start
start("00_toy", lang="en")

# %% answer="add"
def add(a, b):
    """Add."""
    # total = ...
    ### BEGIN SOLUTION
    total = a + b
    return total
    ### END SOLUTION

# %% [markdown] hint="add" lang="en"
# Which sign stands between two numbers to add them?

# %% [markdown] hint="add" lang="fr"
# Quel signe met-on entre deux nombres pour les additionner ?

# %% check="add_small" points=1 ids=["X-1"]
check.same(add(1, 2), 3, "add(1, 2)")
### BEGIN HIDDEN TESTS
got = add(5, 7)
check.same(got, 12, "add(5, 7)")
### END HIDDEN TESTS

# %% predict="guess"
guess = None

# %% demo
twice = [add(n, n) for n in range(3)]
reveal(guess, twice[-1])

# %% claim="what is added to itself doubles"
assert twice == [0, 2, 4]

# %% demo unclaimed="the same numbers, in words"
print("nought, two, four")

# %% [markdown] open="why" points=2 ids=["X-1"]
# Because. · Parce que.

# %% [markdown] marking="why"
# - 1 point: any reason,
#   whatever it is.
# - or 0.5: half a reason.
# - 1 point: another.
# - at most 1.5: the reasons fight each other.
# - see `twice = [`
# - Nothing for "because".
'''


def read(course: Path, text: str):
    folder = course / "source" / "00_toy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "syllabus.toml").write_text(SYLLABUS, "utf-8")
    (folder / "00_toy.py").write_text(text, "utf-8")
    return read_stage(course, "00_toy")


def line_of(text: str, start: str) -> int:
    return text.splitlines().index(next(line for line in text.splitlines() if line.startswith(start))) + 1


def test_a_good_text_is_read_into_its_cells(tmp_path):
    stage = read(tmp_path, TEXT)
    kinds = "prose prose setup answer hint hint check predict demo claim demo open marking"
    assert [cell.kind for cell in stage.cells] == kinds.split()
    assert stage.title == {"en": "Adding", "fr": "Additionner"}
    assert [cell.line for cell in stage.of_kind("check")] == [line_of(TEXT, '# %% check="add_small"')]


def test_a_skeleton_keeps_the_signature_and_names_what_is_missing(tmp_path):
    (answer,) = read(tmp_path, TEXT).of_kind("answer")
    scope = {}
    exec(skeleton(answer), scope)
    with pytest.raises(NotImplementedError, match="add"):
        scope["add"](1, 2)
    assert scope["add"].__doc__ == "Add."


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ('lang="fr"\n# # A', 'lang="fr" \n# # A\n# more\n\n# %% setup\n\n# %% [markdown] lang="fr"\n', None, None),
        ("# # Additionner", "# ## Additionner", '# %% [markdown] lang="fr"', "heading levels differ"),
        ("0{,}5", "0{,}6", '# %% [markdown] lang="fr"', "formulas differ"),
        ("(https://example.org) et", "(https://example.com) et", '# %% [markdown] lang="fr"', "links differ"),
        ("    ### BEGIN SOLUTION\n", "", '# %% answer="add"', "answer add has no ### BEGIN SOLUTION"),
        ("    ### END SOLUTION\n", "", '# %% answer="add"', "do not come in pairs"),
        ("# total = ...", "# tally = ...", '# %% answer="add"', "no line like its skeleton's `tally = ...`"),
        ("# total = ...", "if a:", '# %% answer="add"', "the skeleton of add does not parse"),
        ("    total = a + b", "    total = a +", '# %% answer="add"', "answer add does not parse"),
        (" points=1", "", '# %% check="add_small"', "check add_small has no points"),
        (" points=1", " points=0", '# %% check="add_small"', "check add_small has no points"),
        (' points=1 ids=["X-1"]', " points=1", '# %% check="add_small"', "check add_small teaches nothing"),
        ('points=1 ids=["X-1"]', 'points=1 ids=["X-2"]', '# %% check="add_small"', "has no id X-2"),
        ('check="add_small"', 'check="add"', '# %% check="add"', "the grade_id add is used twice"),
        ('marking="why"', 'marking="what"', '# %% [markdown] marking="what"', "no open question what"),
        ("got = add(5, 7)", "got = sub(5, 7)", '# %% check="add_small"', "check add_small uses sub"),
        ('check.same(add(1, 2), 3, "add(1, 2)")', "pass", '# %% check="add_small"', "has no visible test of an answer"),
        (
            "# - 1 point: another.\n",
            "",
            '# %% [markdown] marking="why"',
            "boxes worth 1 together, and the question has 2",
        ),
        ("at most 1.5", "at most 2", '# %% [markdown] marking="why"', "takes nothing off 2 points"),
        ("or 0.5", "or 1", '# %% [markdown] marking="why"', "does not stand below a box of more points"),
        ("another.", "half a reason.", '# %% [markdown] marking="why"', "two boxes 'half a reason.'"),
        ("see `twice = [`", "see `thrice`", '# %% [markdown] marking="why"', "see `thrice`, which no demo holds"),
        ("# %% setup", "# %% stup", "# %% stup", "say what this cell is"),
        ("# %% setup", '# %% answer="a" check="b"', '# %% answer="a"', "say what this cell is, once"),
    ],
)
def test_a_mistake_is_refused_with_its_line(tmp_path, old, new, at, sentence):
    assert TEXT.count(old) == 1
    text = TEXT.replace(old, new)
    with pytest.raises(SourceError) as refused:
        read(tmp_path, text)
    if at is not None:
        line = rf"source/00_toy/00_toy\.py:{line_of(text, at)}: .*{re.escape(sentence)}"
        assert any(re.fullmatch(line + ".*", str(problem)) for problem in refused.value.problems), refused.value


def test_a_missing_french_cell_is_named(tmp_path):
    text = TEXT.replace(TEXT[TEXT.index('# %% [markdown] lang="fr"') : TEXT.index("# %% setup")], "")
    with pytest.raises(SourceError, match=r"00_toy\.py:1: this lang=\"en\" cell is not followed by its lang=\"fr\""):
        read(tmp_path, text)


def test_words_inside_formulas_may_differ(tmp_path):
    text = TEXT.replace("$a + 0.5$", r"$a_\text{old} + 0.5$").replace("$a + 0{,}5$", r"$a_\text{avant} + 0{,}5$")
    assert read(tmp_path, text)


def test_all_mistakes_are_told_at_once(tmp_path):
    text = TEXT.replace("points=1 ", "").replace("0{,}5", "1").replace('marking="why"', 'marking="other"')
    with pytest.raises(SourceError) as refused:
        read(tmp_path, text)
    assert len(refused.value.problems) == 4
