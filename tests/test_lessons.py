"""Claims, hints and predictions: what the build refuses in them, with file and line, and what students get of them."""

import nbformat
import pytest
from test_source import TEXT, read

from conftest import STAGES
from grading.authoring.lessons import folded, is_choice
from grading.authoring.notebooks import instructor_notebook
from grading.authoring.problems import SourceError
from grading.course.release import keep_language
from helpers.messages import LANGUAGES

HINT, FRENCH = '# %% [markdown] hint="add" lang="en"', '# %% [markdown] hint="add" lang="fr"'
CLAIM, DEMO, PREDICT = '# %% claim="what', "# %% demo", '# %% predict="guess"'
LONG = TEXT.replace("    return total\n", "    for _ in range(0):\n        total += max(a, b, 0)\n    return total\n")
CODE = "# ```python\n# total = ...\n# for _ in range(0):\n# return total\n# ```\n"


def problems(course, text: str, at: str) -> str:
    """Return what is refused at the cell that begins with `at`."""
    with pytest.raises(SourceError) as error:
        read(course, text)
    line = text[: text.index(at)].count("\n") + 1
    return "\n".join(one.sentence for one in error.value.problems if one.line == line)


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        (f'{CLAIM} is added to itself doubles"', "# %% setup", "# %% demo\ntwice", "no claim follows this demo"),
        (' unclaimed="the same numbers, in words"', "", "# %% demo\nprint", "no claim follows this demo"),
        ("# %% demo\n", '# %% demo unclaimed="it is long"\n', "# %% demo un", "a claim follows this demo"),
        ("assert twice == [0, 2, 4]", "assert twice == got", CLAIM, "uses got, which no setup, answer or demo cell"),
        ("assert twice == [0, 2, 4]", "assert add(1, 1) == 2", CLAIM, "looks at nothing that a demo"),
        ("assert twice == [0, 2, 4]", "print(twice)", CLAIM, "asserts nothing"),
        ("assert twice == [0, 2, 4]", "add = twice\nassert add", CLAIM, "gives add another value"),
        ('# %% claim="what is added to itself doubles"', "# %% claim", "# %% claim", "say what this cell is, once"),
        ("reveal(guess, twice[-1])", "", PREDICT, "no demo below shows the prediction guess"),
        ("guess = None", "guess = 3", PREDICT, "the cell of a prediction is `guess = None`"),
        ("guess = None", "other = None", PREDICT, "the cell of a prediction is `guess = None`"),
        ("twice = [add(", "guess = twice = [add(", PREDICT, "defines the prediction guess too"),
        ("got = add(5, 7)", "got = add(5, guess)", '# %% check="add_small"', "check add_small uses guess"),
    ],
)
def test_a_wrong_claim_or_prediction_is_refused_with_its_line(tmp_path, old, new, at, sentence):
    assert TEXT.count(old) == 1
    assert sentence in problems(tmp_path, TEXT.replace(old, new), at)


@pytest.mark.parametrize(
    ("text", "old", "new", "at", "sentence"),
    [
        (TEXT, TEXT[TEXT.index(HINT) : TEXT.index("# %% check")], "", '# %% answer="add"', "add has no hint"),
        (TEXT, TEXT[TEXT.index(FRENCH) : TEXT.index("# %% check")], "", HINT, 'not followed by its lang="fr" twin'),
        (TEXT, FRENCH, FRENCH.replace("add", "sub"), HINT, 'not followed by its lang="fr" twin'),
        (TEXT, 'hint="add"', 'hint="sub"', HINT.replace("add", "sub"), "no answer sub to give a hint for"),
        (TEXT, ' lang="fr"\n# Quel', "\n# Quel", FRENCH.replace(' lang="fr"', "\n"), "hint needs a language"),
        (TEXT, "# Which", f"{CODE}# Which", HINT, "has 2 lines: give a hint in words, without code"),
        (TEXT, "# Which", "# `total = a + b` Which", HINT, "tells a line of the solution: `total = a + b`"),
        (LONG, "# Which", "# `max(a, b, 0)` Which", HINT, "tells a line of the solution: `max(a, b, 0)`"),
        (LONG, "# Which", CODE.replace("total = ", "tally = ") + "# Which", HINT, "no line like the `tally = ...`"),
    ],
)
def test_a_wrong_hint_is_refused_with_its_line(tmp_path, text, old, new, at, sentence):
    assert sentence in problems(tmp_path, text.replace(old, new), at)


def test_a_hint_stands_below_its_answer(tmp_path):
    hints = TEXT[TEXT.index(HINT) : TEXT.index("# %% check")]
    text = TEXT.replace(hints, "").replace('# %% predict="guess"', f'{hints}# %% predict="guess"')
    assert "does not stand right below the answer add" in problems(tmp_path, text, HINT)


def test_a_hint_may_show_blanks_and_what_frames_them(tmp_path):
    assert read(tmp_path, LONG.replace("# Which", f"{CODE}# Which").replace("# Quel", f"{CODE}# Quel"))


FOLDED = "# <details>\n# <summary>What is a leaf?</summary>\n#\n# A tensor that nothing made.\n#\n# </details>\n"


def test_a_question_to_recall_is_folded_in_prose(tmp_path):
    text = TEXT.replace("# # Adding\n", f"# # Adding\n#\n{FOLDED * 2}")
    assert read(tmp_path, text)
    for typed in ("#\n# A tensor", "\n# </details>", "<details>\n# "):
        wrong = text.replace(typed, typed.strip("#\n "), 1)
        assert wrong != text
        assert "a folded text has these lines" in problems(tmp_path, wrong, '# %% [markdown] lang="en"')


def test_each_step_of_a_hint_is_folded_by_itself():
    hint = "### The idea\n\nTurn $W$ over.\n\n### The code\n\n```python\n# h = ...\n```"
    assert folded(hint, "en") == (
        "<details>\n<summary>Hint 1/2 · The idea</summary>\n\nTurn $W$ over.\n\n</details>\n\n"
        "<details>\n<summary>Hint 2/2 · The code</summary>\n\n```python\n# h = ...\n```\n\n</details>"
    )
    assert folded("Mélangez.", "fr") == "<details>\n<summary>Indice</summary>\n\nMélangez.\n\n</details>"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_students_get_hints_in_their_language_and_no_claim(tmp_path, lang):
    notebook = instructor_notebook(read(tmp_path, TEXT), "https://example.org", "1")
    nbformat.validate(notebook)
    assert "claim" in {cell.metadata.gradus.role for cell in notebook.cells}
    keep_language(notebook, lang)
    roles = [cell.metadata.gradus.role for cell in notebook.cells]
    assert (roles.count("hint"), roles.count("predict"), roles.count("claim")) == (1, 1, 0)
    (hint,) = [cell for cell in notebook.cells if cell.metadata.gradus.role == "hint"]
    assert ("Which sign" if lang == "en" else "Quel signe") in hint.source
    assert "[0, 2, 4]" not in "\n".join(cell.source for cell in notebook.cells)


def test_choices_are_told_from_code():
    answers = {cell.name: cell for stage in STAGES.values() for cell in stage.of_kind("answer")}
    assert is_choice(answers["two_spaces"])
    assert is_choice(answers["registered"])
    assert not is_choice(answers["init_params"])
    assert not is_choice(answers["count_steps"])


PROMISES = {
    "en": (
        "each right letter more than guessing would give earns its share",
        "`◦` promises only that the form is right",
    ),
    "fr": ("chaque lettre juste de plus que ce qu'on obtiendrait en répondant au hasard", "`◦` ne promet que la forme"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_says_what_its_marks_promise(stage, lang):
    """At its start how choices are marked, at its end what ◦ and ✓ have told."""
    texts = [" ".join(cell.source.split()) for cell in STAGES[stage].of_kind("prose") if cell.lang == lang]
    marked, promised = PROMISES[lang]
    assert marked in texts[0]
    assert promised in texts[-1]
