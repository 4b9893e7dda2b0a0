"""Every sentence that a person can read has its French, with the same placeholders."""

import re
import subprocess
import sys

import matplotlib.pyplot as plt
import pytest
from babel.messages.pofile import read_po

from conftest import COURSE
from grading.authoring.catalogue import untranslated
from helpers import messages, plots

PLACEHOLDER = re.compile(r"\{[^}]*\}")


@pytest.fixture(autouse=True)
def english_again():
    yield
    messages.set_language("en")


def test_no_sentence_lacks_its_french():
    assert untranslated(COURSE) == []


def test_no_sentence_stands_in_an_f_string_where_it_would_not_be_found():
    sources = [path for folder in ("helpers", "grading") for path in (COURSE / folder).rglob("*.py")]
    assert [path for path in sources if "{_(" in path.read_text("utf-8")] == []


def test_translations_keep_the_placeholders():
    with (COURSE / "helpers/locale/fr/LC_MESSAGES/gradus.po").open("rb") as file:
        for message in read_po(file):
            if message.id:
                assert sorted(PLACEHOLDER.findall(message.id)) == sorted(PLACEHOLDER.findall(message.string))


def test_the_learning_rate_has_one_name_in_french():
    texts = [*COURSE.glob("source/*/*.py"), *COURSE.glob("helpers/locale/fr/LC_MESSAGES/*.po")]
    found = [path.name for path in texts for _ in re.findall(r"taux\s+(?:#\s)?d'appr", path.read_text("utf-8"))]
    assert found == ["01_math.py"]  # where it is said that others call it so


def test_the_language_is_chosen_and_changed():
    messages.set_language("fr")
    assert messages._("It is transposed.") == "C'est la transposée."
    messages.set_language("en")
    assert messages._("It is transposed.") == "It is transposed."


def test_an_unknown_language_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match="unknown language 'de': choose one of en, fr"):
        messages.set_language("de")


@pytest.mark.parametrize(
    ("sentence", "values", "english", "french"),
    [
        ("{x}", {"x": 0.5}, "0.5", "0,5"),
        ("{x:.2f}, {n}", {"x": 0.5, "n": 3}, "0.50, 3", "0,50, 3"),
        (
            "{x:.0%} of {n:,}",
            {"x": 0.5, "n": 60000},
            "50% of 60,000",
            "50\N{NO-BREAK SPACE}% of 60\N{NO-BREAK SPACE}000",
        ),
        ("{x} {y} {z}", {"x": [0.5, 1], "y": "0.5", "z": True}, "[0.5, 1] 0.5 True", "[0.5, 1] 0.5 True"),
        ("{0:.1f} {{x}} {x!r}", {"x": "é"}, "0.2 {x} 'é'", "0,2 {x} 'é'"),
    ],
)
def test_numbers_in_sentences_are_written_as_the_language_does(sentence, values, english, french):
    for lang, expected in (("en", english), ("fr", french)):
        messages.set_language(lang)
        assert messages._(sentence).format(0.25, **values) == expected


@pytest.mark.parametrize(("lang", "expected"), [("en", {"0.0", "0.5", "1.0"}), ("fr", {"0,0", "0,5", "1,0"})])
def test_axes_write_numbers_as_the_language_does(lang, expected):
    messages.set_language(lang)
    figure, ax = plots.new_figure()
    ax.plot([0, 1], [0, 1])
    ax.set_xticks([0, 0.5, 1])
    figure.canvas.draw()
    assert {label.get_text() for label in ax.get_xticklabels()} == expected
    plt.close(figure)


def test_importing_helpers_loads_nothing_slow():
    slow = "{'matplotlib', 'sklearn', 'torchvision', 'IPython'}"
    code = f"import sys, helpers; print(sorted({slow} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert ran.stdout.strip() == "[]"
