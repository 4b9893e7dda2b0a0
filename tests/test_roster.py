"""The roster: as spreadsheets save it, as platforms export it, and nothing lost or merged in silence."""

from pathlib import Path

import pytest

from grading.course.roster import Person, RosterError, read_roster, write_roster
from grading.course.tables import TableError, read_table

ADA = Person(
    "p1", "Ada", "Lovelace", "ada@uni.org", {"moodle": "101", "login": "alovelace"}, ("A. Lovelace", "Countess")
)
ZOE = Person("p2", "Zoé", "Çelik-Ünal", "zoe@uni.org")


def test_a_roster_is_read_as_it_was_written(tmp_path):
    assert read_roster(tmp_path) == {}
    write_roster(tmp_path, [ADA, ZOE])
    assert read_roster(tmp_path) == {"p1": ADA, "p2": ZOE}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_spreadsheets_save_it_in_their_own_ways(tmp_path, encoding, separator):
    rows = [["id", "given", "family", "email", "keys", "aliases"], ["p2", "Zoé", "Çelik-Ünal", "zoe@uni.org", "", ""]]
    text = "\r\n".join(separator.join(row) for row in rows) + "\r\n\r\n"
    (tmp_path / "roster.csv").write_bytes(text.encode(encoding))
    assert read_roster(tmp_path) == {"p2": ZOE}
    write_roster(tmp_path, read_roster(tmp_path).values())
    assert read_roster(tmp_path) == {"p2": ZOE}
    assert read_table(tmp_path / "roster.csv").separator == separator


def test_columns_that_somebody_added_stay(tmp_path):
    text = "id;given;family;email;keys;aliases;group\np1;Ada;Lovelace;;;;A\np2;Alan;Turing;;;;B\n"
    (tmp_path / "roster.csv").write_text(text)
    people = read_roster(tmp_path)
    write_roster(tmp_path, [*people.values(), Person("p3", "Emmy", "Noether")])
    table = read_table(tmp_path / "roster.csv")
    assert {row.cells["id"]: row.cells["group"] for row in table.rows} == {"p1": "A", "p2": "B", "p3": ""}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id,given\np1,Ada\np1,Alan\n", "line 3: the id p1 is there twice; each person has one of their own."),
        ("id,given\n,Ada\n", "line 2: there is no id; give this person one, or delete the line."),
        ("id,given\n../x,Ada\n", "line 2: the id '../x' cannot name a folder; use letters, digits, - . _ @ only."),
        ("name,given\np1,Ada\n", "roster.csv has no column id: give it back the header "),
        ("PK\x03\x04", "roster.csv is a spreadsheet: open it, save it as CSV (UTF-8), and give that file."),
    ],
)
def test_a_roster_that_cannot_be_is_a_sentence(tmp_path, text, sentence):
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(RosterError) as error:
        read_roster(tmp_path)
    assert sentence in str(error.value)


def test_lines_are_those_of_the_file(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('sep=;\n\nname;note\n"Ada";"two\nlines"\nAlan;x\n')
    table = read_table(path)
    assert (table.header, [(row.line, row.cells["name"]) for row in table.rows]) == (
        ("name", "note"),
        [(4, "Ada"), (6, "Alan")],
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "x.csv is empty: export it again."),
        (b"PK\x03\x04..", "x.csv is a spreadsheet: open it, save it as CSV (UTF-8), and give that file."),
        (b"a,b\n\x81\x8d,\xff", "x.csv is in an encoding that nobody can tell: save it as CSV (UTF-8)."),
        (None, "x.csv cannot be read: No such file or directory."),
    ],
)
def test_a_table_that_is_none_is_a_sentence(tmp_path, content, sentence):
    path = Path(tmp_path / "x.csv")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TableError) as error:
        read_table(path)
    assert str(error.value) == sentence
