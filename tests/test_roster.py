"""The roster: as spreadsheets save it, as platforms export it, and nothing lost or merged in silence."""

import shlex
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.dbutil import ALEMBIC_DIR
from typer.testing import CliRunner

from conftest import COURSE
from grading.cli.app import app
from grading.course.roster import Person, RosterError, read_roster, write_roster
from grading.course.tables import TableError, read_table
from grading.intake.classlists import OTHER, read_classlist
from grading.intake.headers import is_known
from grading.intake.merging import merge
from grading.records.marks import read_students
from grading.records.students import write_students
from handed_in import make_course

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


# Lists that platforms export

MOODLE = """\
﻿Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (submission)","Feedback comments"
"Participant 101","Ada Lovelace",ada@uni.org,"Submitted for grading - ",,100.00,"Friday, 15 March 2024, 11:02 AM",
"Participant 102","Zoé Çelik-Ünal",zoe@uni.org,"No submission - ",,100.00,-,
"""
MOODLE_FR = """\
Identifiant;"Nom complet";"Adresse de courriel";Statut;Note;"Dernière modification (travail remis)"
"Participant101";"Ada Lovelace";ada@uni.org;"Remis pour évaluation";;"vendredi 15 mars 2024, 11:02"
"Participant102";"Zoé Çelik-Ünal";zoe@uni.org;"Aucun travail remis";;-
"""
PARTICIPANTS = (
    "Prénom;Nom de famille;Adresse de courriel;Groupes\nAda;Lovelace;ada@uni.org;A\nZoé;Çelik-Ünal;zoe@uni.org;B\n"
)
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,02_manual (77)
,,,,,Manual Posting
    Points Possible,,,,,42.00
"Lovelace, Ada",11,2300130,alovelace,CS 1,
"Çelik-Ünal, Zoé",12,2300131,zoe@uni.org,CS 1,
"Student, Test",13,,4f3e,CS 1,
"""
GITHUB = """\
"identifier","github_username","github_id","name"
"2300130","ada-l","40261856",""
"zoe@uni.org","zoecu","40261857","Zoé Çelik-Ünal"
"Emmy Noether","","",""
"""
NBGRADER = "id,first_name,last_name,email,lms_user_id\np1,Ada,Lovelace,ada@uni.org,\np2,Zoé,Çelik-Ünal,,\n"
BRIGHTSPACE = """\
OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator
#2300130,#alovelace,Lovelace,Ada,ada@uni.org,#
"""
MOODLE_DE = """\
ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden","Zuletzt geändert \
(Abgabe)","Zuletzt geändert (Bewertung)","Feedback als Kommentar"
"Teilnehmer/in101","Ada Lovelace",ada@uni.org,"Zur Bewertung abgegeben",,"42,00",Ja,"Freitag, 15. März 2024, 11:02",-,
"Teilnehmer/in102","Zoé Çelik-Ünal",zoe@uni.org,"Keine Abgabe",,"42,00",Ja,-,-,
"""
PARTICIPANTS_DE = (
    "Vorname;Nachname;ID-Nummer;E-Mail-Adresse;Gruppen\nAda;Lovelace;ada;ada@uni.org;A\n"
    "Zoé;Çelik-Ünal;zoe;zoe@uni.org;B\n"
)
TWO = {"ada": ("Ada", "Lovelace"), "zoe": ("Zoé", "Çelik-Ünal")}
KINDS = {
    "moodle": (MOODLE, "Moodle's grading worksheet", {"ada": ("Ada", "Lovelace"), "zoe": ("Zoé", "Çelik-Ünal")}),
    "moodle, French": (
        MOODLE_FR,
        "Moodle's grading worksheet",
        {"ada": ("Ada", "Lovelace"), "zoe": ("Zoé", "Çelik-Ünal")},
    ),
    "participants": (PARTICIPANTS, "Moodle's participants", {"ada": ("Ada", "Lovelace"), "zoe": ("Zoé", "Çelik-Ünal")}),
    "moodle, German": (MOODLE_DE, "Moodle's grading worksheet", TWO),
    "participants, German": (PARTICIPANTS_DE, "Moodle's participants", TWO),
    "canvas": (CANVAS, "Canvas's gradebook", {"alovelace": ("Ada", "Lovelace"), "zoe": ("Zoé", "Çelik-Ünal")}),
    "github": (
        GITHUB,
        "GitHub Classroom's roster",
        {"2300130": ("", ""), "zoe": ("Zoé", "Çelik-Ünal"), "emmy.noether": ("Emmy", "Noether")},
    ),
    "nbgrader": (NBGRADER, "nbgrader's students", {"p1": ("Ada", "Lovelace"), "p2": ("Zoé", "Çelik-Ünal")}),
    "brightspace": (BRIGHTSPACE, "Brightspace's grades", {"2300130": ("Ada", "Lovelace")}),
}


def read(folder: Path, text: str, encoding: str = "utf-8"):
    (folder / "list.csv").write_bytes(text.encode(encoding))
    return read_classlist(folder / "list.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("kind", KINDS)
def test_lists_of_platforms_are_recognised(tmp_path, kind, encoding):
    text, said, people = KINDS[kind]
    found = read(tmp_path, text if encoding == "utf-8" else text.lstrip("\ufeff"), encoding)
    assert found.kind == said
    assert {one.id: (one.given, one.family) for one in merge({}, found).people.values()} == people


def test_keys_of_platforms_are_kept(tmp_path):
    people = {}
    for text in (NBGRADER, MOODLE, CANVAS, GITHUB):
        people = merge(people, read(tmp_path, text)).people
    assert people["p1"].keys == {"moodle": "101"}
    assert people["alovelace"].keys == {"canvas": "11", "sid": "2300130", "github": "ada-l"}


def test_a_roster_grows_by_id_email_and_key_and_loses_nobody(tmp_path):
    people = merge(
        {}, read(tmp_path, "id,first name,last name,email\np1,Ada,Lovelace,ada@uni.org\np9,Alan,Turing,\n")
    ).people
    merged = merge(people, read(tmp_path, MOODLE))
    assert (merged.new, merged.known, merged.by_name) == (("zoe",), ("p1",), ())
    assert merged.people["p1"] == Person("p1", "Ada", "Lovelace", "ada@uni.org", {"moodle": "101"})
    assert merged.people["p9"] == people["p9"]
    again = merge(merged.people, read(tmp_path, MOODLE.replace("Ada Lovelace,ada@uni.org", "Augusta King,ada@uni.org")))
    assert again.people["p1"].aliases == ()
    again = merge(merged.people, read(tmp_path, MOODLE.replace('"Ada Lovelace"', '"Augusta King"')))
    assert again.people["p1"].aliases == ("Augusta King",)


def test_a_name_alone_is_enough_where_one_person_has_it(tmp_path):
    people = merge({}, read(tmp_path, NBGRADER)).people
    merged = merge(people, read(tmp_path, 'Identifier,"Full name",Grade\n"Participant 7","Lovelace Ada",\n'))
    assert (merged.known, merged.by_name) == (("p1",), ("p1",))
    two = people | {"p3": Person("p3", "Ada", "Lovelace")}
    assert merge(two, read(tmp_path, 'Identifier,"Full name",Grade\n"Participant 7","Ada Lovelace",\n')).by_name == ()


CLASS = [("Ada", "Lovelace"), ("Zoé", "Çelik-Ünal"), ("Emmy", "Noether"), ("Alan", "Turing")]
LISTS = {
    "canvas without SIS": "Student,ID,Section,02_manual (77)\n"
    + "".join(f'"{family}, {given}",{number},L3,\n' for number, (given, family) in enumerate(CLASS, 11)),
    "moodle": "First name,Last name,ID number,Email address\n"
    + "".join(f"{given},{family},p{number},{given.lower()}@uni.org\n" for number, (given, family) in enumerate(CLASS)),
    "other ids and emails": "Name,Student number,Email\n"
    + "".join(f"{family.upper()} {given},{23000 + n},{given}@home.org\n" for n, (given, family) in enumerate(CLASS)),
    "names": "Name\n" + "".join(f"{given} {family}\n" for given, family in CLASS),
}


@pytest.mark.parametrize("first", LISTS)
@pytest.mark.parametrize("second", LISTS)
def test_no_two_lists_of_one_class_double_it(tmp_path, first, second):
    before = merge({}, read(tmp_path, LISTS[first])).people
    merged = merge(before, read(tmp_path, LISTS[second]))
    assert (list(merged.people), merged.new) == (list(before), ())
    for text in LISTS.values():
        again = merge(merged.people, read(tmp_path, text))
        assert list(again.people) == list(before)


def test_a_namesake_among_newcomers_is_no_reason_to_make_two_people_one(tmp_path):
    before = merge({}, read(tmp_path, LISTS["moodle"])).people
    late = "First name,Last name,ID number\nAda,Lovelace,p7\nGrace,Hopper,p8\nKurt,Gödel,p9\n"
    assert merge(before, read(tmp_path, late)).new == ("p7", "p8", "p9")


@pytest.mark.parametrize(("ours", "theirs"), [("0013", "13"), ("13", "0013")])
def test_ids_that_lost_zeros_in_a_spreadsheet_meet(tmp_path, ours, theirs):
    people = merge({}, read(tmp_path, f"id,name\n{ours},Ada Lovelace\n14,Alan Turing\n")).people
    merged = merge(people, read(tmp_path, f"id,name,email\n{theirs},Ada Lovelace,ada@uni.org\n"))
    assert (merged.new, merged.known, merged.zeros) == ((), (ours,), ((theirs, ours),))
    assert merged.people[ours].keys == ({"sid": "0013"} if ours == "13" else {})
    assert merge(people, read(tmp_path, f"id,name\n{theirs},Emmy Noether\n")).new == (theirs,)
    two = f"id,name\n{theirs},Ada Lovelace\n00{theirs},Ada King\n"
    assert merge({"x": Person("x")} | people, read(tmp_path, two)).zeros == ()


def test_a_roster_that_lost_zeros_is_read_as_the_folders_are_called_and_mended(tmp_path, monkeypatch):
    course = make_course(tmp_path / "course")
    shutil.copy(COURSE / "nbgrader_config.py", course)
    monkeypatch.chdir(course)
    (course / "submitted/0013/02_manual").mkdir(parents=True)
    (course / "roster.csv").write_text("id;given;family;email;keys;aliases;group\n13;Ada;Lovelace;;;;B\n14;Al;T;;;;A\n")
    assert list(read_roster(course)) == ["0013", "14"]
    (tmp_path / "a.csv").write_text("id,name\n14,Al T\n")
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "a.csv")])
    assert "roster.csv: 13 as 0013 is read, as the folder in submitted/ is called: a spreadsheet has" in ran.stdout
    rows = {row.cells["id"]: row.cells["group"] for row in read_table(course / "roster.csv").rows}
    assert rows == {"0013": "B", "14": "A"}


def test_the_command_tells_whom_it_took_for_the_same_and_how_to_settle_doubles(tmp_path, monkeypatch):
    course = make_course(tmp_path / "course")
    shutil.copy(COURSE / "nbgrader_config.py", course)
    monkeypatch.chdir(course)
    for name, text in (("a.csv", LISTS["moodle"]), ("b.csv", LISTS["other ids and emails"])):
        (tmp_path / name).write_text(text)
    (tmp_path / "c.csv").write_text("id,name\nx1,Ada Lovelace\n")
    CliRunner().invoke(app, ["roster", str(tmp_path / "a.csv")])
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "b.csv")])
    assert "4 people: 0 new, 4 known, 4 of these by name alone\n" in ran.stdout
    assert (
        "  4 have other ids or emails than in roster.csv, and a name that nobody else has: "
        "taken for the same, under the ids of roster.csv (Ada Lovelace, Zoé Çelik-Ünal, Emmy Noether, Alan Turing)\n"
    ) in ran.stdout
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "c.csv")])
    remedy = (
        "  If these are one person: in roster.csv, write login=x1 into the keys of p0, and delete the line of x1.\n"
    )
    assert remedy in ran.stdout
    lines = [line for line in (course / "roster.csv").read_text("utf-8-sig").splitlines() if not line.startswith("x1")]
    text = "\n".join(lines).replace("sid=23000", "sid=23000; login=x1")
    (course / "roster.csv").write_text(text)
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "c.csv")])
    assert "0 new, 1 known\n" in ran.stdout
    assert "are called" not in ran.stdout


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "title",
    [
        "Introduction to neural networks\n",
        "Liste des étudiants, L3, groupe A, 2030\n\n",
        "Course{0}NN101{0}{0}\nTerm{0}Fall\n",
    ],
)
def test_titles_above_the_header_are_skipped(tmp_path, kind, title):
    text, said, people = KINDS[kind]
    separator = ";" if ";" in text.splitlines()[0] else ","
    found = read(tmp_path, title.format(separator) + text.lstrip("\ufeff"))
    assert found.kind == said
    assert {one.id: (one.given, one.family) for one in merge({}, found).people.values()} == people


def test_a_header_that_nobody_knows_is_the_first_row_all_the_same(tmp_path):
    (tmp_path / "x.csv").write_text("Jméno;Příjmení;Role;id\nAda;Lovelace;Student;1\nEmmy;Noether;Student;2\n")
    assert read_table(tmp_path / "x.csv", is_known).header[2] == "Role"
    (tmp_path / "x.csv").write_text("Jméno;Příjmení;Role\nAda;Lovelace;Student\n")
    assert read_table(tmp_path / "x.csv", is_known).header[2] == "Role"


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Nom Prénom;Courriel", "LOVELACE Ada;ada@uni.org"),
        ("Nom et prénom;Courriel", "Lovelace Ada;ada@uni.org"),
        ("Nom, prénom;Courriel", "Lovelace, Ada;ada@uni.org"),
        ("Prénom Nom;Courriel", "Ada Lovelace;ada@uni.org"),
        ("Prénom et nom;Courriel", "Ada Lovelace;ada@uni.org"),
        ("Surname, First name;Email", "Lovelace, Ada;ada@uni.org"),
        ('"Surname, First name",Email', '"Lovelace, Ada",ada@uni.org'),
        ("First name Last name,Email", "Ada Lovelace,ada@uni.org"),
        ("NOM_USUEL;PRENOM;Courriel", "LOVELACE;Ada;ada@uni.org"),
        ("Nom d'usage;Prénom(s);Courriel", "Lovelace;Ada;ada@uni.org"),
        ("Nom de l’étudiant;Prénom usuel;Courriel", "Lovelace;Ada;ada@uni.org"),
        ("Apellidos y nombre;Email", "Lovelace, Ada;ada@uni.org"),
        ("Apellidos;Nombre;Email", "Lovelace;Ada;ada@uni.org"),
        ("Student last name\tStudent first name\tEmail", "Lovelace\tAda\tada@uni.org"),
        ("Nom;Courriel", "Lovelace, Ada;ada@uni.org"),
        ("Vor- und Nachname;E-Mail", "Ada Lovelace;ada@uni.org"),
        ("Vollständiger Name;E-Mail-Adresse", "Ada Lovelace;ada@uni.org"),
        ("Étudiants;Courriel universitaire", "Ada Lovelace;ada@uni.org"),  # emails are known by what they are
        ("Student Name;Sähköposti", "Ada Lovelace;ada@uni.org"),
    ],
)
def test_columns_of_names_are_recognised(tmp_path, header, cells):
    found = read(tmp_path, f"{header}\n{cells}\n")
    (one,) = merge({}, found).people.values()
    assert (one.id, one.given, one.family.title(), one.email) == ("ada", "Ada", "Lovelace", "ada@uni.org")
    assert found.ignored == ()


@pytest.mark.parametrize(
    "header",
    [
        *("Identifiant", "Identifier", "ID", "Matricule", "uid", "NIP", "SIS Id"),
        *("N° étudiant", "Code étudiant", "Numéro d'inscription", "Student number", "Registration No", "University ID"),
    ],
)
def test_columns_of_ids_are_recognised_and_are_no_numbers_of_moodle_s(tmp_path, header):
    found = read(tmp_path, f"{header};Nom complet;E-mail\np2300101;Ada Lovelace;ada@uni.org\n")
    (one,) = merge({}, found).people.values()
    assert (found.kind, one.id, one.email) == (OTHER, "p2300101", "ada@uni.org")


def test_of_two_columns_of_emails_nobody_can_tell_which_is_theirs(tmp_path):
    found = read(tmp_path, "name;Perso;Parents\nAda Lovelace;ada@uni.org;byron@uni.org\n")
    assert (found.entries[0].email, found.ignored) == ("", ("Perso", "Parents"))


def test_columns_that_say_nothing_and_people_without_a_name_are_told(tmp_path, monkeypatch):
    course = make_course(tmp_path / "course")
    shutil.copy(COURSE / "nbgrader_config.py", course)
    monkeypatch.chdir(course)
    (tmp_path / "a.csv").write_text("Jméno;Email;Group\nAda Lovelace;ada@uni.org;1\nEmmy Noether;emmy@uni.org;2\n")
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "a.csv")])
    assert (
        "  columns used: Email; ignored: Jméno, Group\n"
        "  2 of 2 have no name (ada, emmy), so files that say the name alone stay open: where a column has the names, "
        "call it `name`, and give the list again\n"
    ) in ran.stdout
    (tmp_path / "a.csv").write_text("name;Email;Group\nAda Lovelace;ada@uni.org;1\nEmmy Noether;emmy@uni.org;2\n")
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "a.csv")])
    assert "  columns used: name, Email; ignored: Group\n2 people in roster.csv" in ran.stdout
    assert [one.name for one in read_roster(course).values()] == ["Ada Lovelace", "Emmy Noether"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Group,Mark\nA,1\n", "list.csv has no column that names people (it has Group, Mark): "),
        ('Identifier,Status,Grade\n"Participant 101",x,\n', "list.csv has no column that names people"),
        ("id,name\np1,Ada\nP1,Alan\n", "list.csv, lines 2 and 3: the id P1 is there twice; each person has one."),
        (
            "id,email\np1,a@b.c\np2,A@b.c\n",
            "list.csv, lines 2 and 3: the email A@b.c is there twice; each person has one.",
        ),
        ("id,name,email\n", "list.csv has nobody below its header: export it again."),
        ("Full name\nAda Lovelace\nAda Lovelace\n", "list.csv, line 3: nothing tells Ada Lovelace from others: "),
        ("id,email\np1,zoe@uni.org\n", "list.csv, line 2: it is p1 and p2 at once, by id, email or key: "),
        ("id,email\np1,\np7,ada@uni.org\n", "list.csv, line 3: it is p1, as a line before it is: "),
    ],
)
def test_a_list_that_cannot_be_is_a_sentence(tmp_path, text, sentence):
    people = {"p1": ADA, "p2": ZOE} if "uni.org" in text else {}
    with pytest.raises(RosterError) as error:
        merge(people, read(tmp_path, text))
    assert str(error.value).startswith(sentence)


def test_the_command_says_what_it_took_each_file_for_and_fills_the_gradebook(tmp_path, monkeypatch):
    from nbgrader.api import Gradebook

    course = make_course(tmp_path / "course")
    shutil.copy(COURSE / "nbgrader_config.py", course)
    monkeypatch.chdir(course)
    for name, text in (("a.csv", NBGRADER), ("b.csv", MOODLE), ("c.csv", "id,name\nx1,Ada Lovelace\n")):
        (tmp_path / name).write_text(text)
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "a.csv"), str(tmp_path / "b.csv")])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "a.csv: nbgrader's students (utf-8, commas), 2 people: 2 new, 0 known\n" in ran.stdout
    assert (
        "b.csv: Moodle's grading worksheet (utf-8-sig, commas), 2 people: 0 new, 2 known, 1 of these by name alone"
        in ran.stdout
    )
    assert ran.stdout.endswith("2 people in roster.csv and in the gradebook. Next: gradus collect handed-in.zip\n")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        students = {(one.id, one.first_name, one.last_name, one.email) for one in gradebook.students}
    assert students == {("p1", "Ada", "Lovelace", "ada@uni.org"), ("p2", "Zoé", "Çelik-Ünal", "zoe@uni.org")}
    before = (course / "roster.csv").read_bytes()
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "c.csv"), str(tmp_path / "no.csv")])
    assert (ran.exit_code, ran.stderr) == (1, "no.csv cannot be read: No such file or directory.\n")
    assert (course / "roster.csv").read_bytes() == before
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "c.csv")])
    assert "2 people are called Ada Lovelace (p1, x1): files that say no more" in ran.stdout


def test_a_new_gradebook_is_of_nbgraders_newest_version_and_starts_no_other_program(tmp_path, monkeypatch):
    course = make_course(tmp_path)
    shutil.copy(COURSE / "nbgrader_config.py", course)
    monkeypatch.setenv("PATH", "")
    write_students(course, [Person("p1", "Ada", "Lovelace")])
    with sqlite3.connect(course / "gradebook.db") as database:
        ((version,),) = database.execute("select version_num from alembic_version").fetchall()
    steps = [path.read_text() for path in (Path(ALEMBIC_DIR) / "versions").glob("*.py")]
    assert sum(f"revision = '{version}'" in step for step in steps) == 1
    assert not any(f"down_revision = '{version}'" in step for step in steps)


def test_somebody_who_left_is_taken_out_as_the_command_says(tmp_path, monkeypatch):
    course = make_course(tmp_path / "course")
    shutil.copy(COURSE / "nbgrader_config.py", course)
    monkeypatch.chdir(course)
    (tmp_path / "a.csv").write_text(NBGRADER)
    CliRunner().invoke(app, ["roster", str(tmp_path / "a.csv")])
    lines = (course / "roster.csv").read_text("utf-8-sig").splitlines(keepends=True)
    (course / "roster.csv").write_text("".join(line for line in lines if not line.startswith("p2")), "utf-8")
    ran = CliRunner().invoke(app, ["roster", "roster.csv"])
    assert "In the gradebook, and not in roster.csv, so shown as missing: p2.\n  To take one out" in ran.stdout
    line = next(line for line in ran.stdout.splitlines() if "To take one out" in line)
    command = shlex.split(line.partition("then ")[2])
    assert command[0] == "nbgrader"
    subprocess.run([sys.executable, "-m", *command], cwd=course, check=True, capture_output=True)
    assert read_students(course, "02_manual") == {"p1"}
    assert "In the gradebook, and not" not in CliRunner().invoke(app, ["roster", "roster.csv"]).stdout


def test_a_course_without_settings_is_a_sentence_and_nothing_is_written(tmp_path, monkeypatch):
    course = make_course(tmp_path / "course")
    monkeypatch.chdir(course)
    (tmp_path / "a.csv").write_text(NBGRADER)
    ran = CliRunner().invoke(app, ["roster", str(tmp_path / "a.csv")])
    assert (ran.exit_code, ran.stderr) == (
        1,
        f"{course} has no nbgrader_config.py, so there is no gradebook to write people into: put the course's back.\n",
    )
    assert not (course / "roster.csv").exists()
