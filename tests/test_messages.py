"""Every sentence that a person can read has its French, with the same placeholders."""

import re
import subprocess
import sys

import pytest
from babel.messages.pofile import read_po

from conftest import COURSE
from grading.authoring.catalogue import untranslated
from helpers import messages

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


def test_the_language_is_chosen_and_changed():
    messages.set_language("fr")
    assert messages._("It is transposed.") == "C'est la transposée."
    messages.set_language("en")
    assert messages._("It is transposed.") == "It is transposed."


def test_an_unknown_language_is_refused_with_those_that_exist():
    with pytest.raises(ValueError, match="unknown language 'de': choose one of en, fr"):
        messages.set_language("de")


def test_importing_helpers_loads_nothing_slow():
    slow = "{'matplotlib', 'sklearn', 'torchvision', 'IPython'}"
    code = f"import sys, helpers; print(sorted({slow} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert ran.stdout.strip() == "[]"
