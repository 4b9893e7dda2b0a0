"""What goes back: Moodle's worksheet and feedback, Canvas's export, plain tables; and what is refused."""

import csv
import io
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from conftest import gradus
from grading.course.origin import Origin, write_origin
from grading.course.roster import Person, write_roster
from grading.pages.feedback import FeedbackError
from grading.returns.returning import Returned, give_back
from grading.returns.sheet import ReturnError, Sheet
from pretending import ALL, CELLS, CHECKS, OF_OPEN, OPEN, STAGE, course_of, grade, hand_in, lenient, mark, worth

FIRST = CHECKS[0]
LOST = CELLS[FIRST].metadata.nbgrader.points
TOTAL = ALL + OF_OPEN
PEOPLE = [
    Person("p1", "Ada", "Lovelace", "ada@example.org"),
    Person("p2", "Émilie", "du Châtelet", "emilie@example.org"),
    Person("p3", "Alan", "Turing", "alan@example.org"),
    Person("p4", "Grace", "Hopper", "grace@example.org"),
    Person("p5", "Kurt", "Gödel", "kurt@example.org"),
    Person("p6", "Emmy", "Noether", "emmy@example.org"),
]
DUE = datetime(2030, 10, 8, 18, tzinfo=ZoneInfo("Europe/Paris"))
DATES = f"""
timezone = "Europe/Paris"
[lateness]
percent_a_day = 10
[stages.{STAGE}]
due = 2030-10-08 18:00:00
excused = ["p5"]
"""

ENGLISH = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),"
    "Last modified (grade),Feedback comments\r\n"
    + "".join(
        f'Participant 10{i},{one.name},{one.email},"Submitted for grading, late",,{TOTAL:.2f},Yes,'
        f'"Tuesday, 8 October 2030, 6:0{i} PM",-,\r\n'
        for i, one in enumerate(PEOPLE, 1)
    )
)
FRENCH = (
    "\ufeffIdentifiant;Nom complet;Adresse de courriel;Statut;Note;Note maximale;La note peut être modifiée;"
    "Dernière modification (travail remis);Dernière modification (note);Feedback par commentaires\n"
    + "".join(
        f'Participant10{i};{one.family} {one.given};{one.email};Remis pour évaluation;"";20,00;Oui;'
        f"mardi 8 octobre 2030, 18:0{i};-;\n"
        for i, one in enumerate(PEOPLE, 1)
    )
)
GERMAN = (
    "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
    "Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
    + "".join(
        f'Teilnehmer/in10{i},{one.name},{one.email},Zur Bewertung abgegeben,,"20,00",{"Nein" if i == 1 else "Ja"},'
        f'"Dienstag, 8. Oktober 2030, 18:0{i}",-,\n'
        for i, one in enumerate(PEOPLE, 1)
    )
)
CANVAS = (
    "Student,ID,SIS Login ID,Section,01_math (11),02_manual (22),Assignments Current Score\n"
    ",,,,,Manual Posting,\n"
    f'"    Points Possible",,,,79.00,{2 * TOTAL:.2f},(read only)\n'
    + "".join(
        f'"{one.family}, {one.given}",90{i},{one.email.partition("@")[0]},L3,50.00,{held},71.5\n'
        for i, (one, held) in enumerate(zip(PEOPLE, ("", "", "", "", "EX", "N/A"), strict=True), 1)
    )
    + '"Student, Test",999,abc,L3,,,\n'
)


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Path:
    """A graded class: p1 right, p2 lost a check and waits, p3 two days late, p4 missing, p5 excused, p6 ungradable."""
    course = course_of(tmp_path_factory.mktemp("course"))
    write_roster(course, PEOPLE)
    (course / "source/01_math").mkdir()
    (course / "source/01_math/01_math.py").touch()
    (course / "course.toml").write_text(DATES, "utf-8")
    times = {"p1": -1, "p2": -2, "p3": 1.5, "p6": -1}
    texts = {"p1": "", "p2": "A text."}
    for student, days in times.items():
        status = "ungradable" if student == "p6" else "graded"
        lost = [FIRST] if student == "p2" else []
        folder = hand_in(course, student, *lost, text=texts.get(student, ""), status=status)
        write_origin(folder, Origin(time=DUE + timedelta(days=days)))
    grade(course)
    return course


@pytest.fixture
def course(graded, tmp_path) -> Path:
    """A copy of the graded course, to change."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def returned(course: Path, content: str | bytes, kind: str = "moodle", name: str = "Grades.csv", **others) -> Returned:
    path = course / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return give_back(course, STAGE, **{kind: path}, **others)


def filled(course: Path, name: str = "Grades.csv") -> bytes:
    return (course / "returns" / STAGE / name).read_bytes()


def table(course: Path, name: str) -> dict[str, dict[str, str]]:
    """Return the rows of a plain table by id."""
    text = (course / "returns" / STAGE / name).read_text("utf-8-sig")
    return {row["id"]: row for row in csv.DictReader(io.StringIO(text))}


def test_moodles_worksheet_differs_in_the_grade_column_only(course):
    returned(course, ENGLISH)
    marks = {1: f"{ALL:.2f}", 2: f"{ALL - LOST:.2f}", 3: f"{ALL * 0.8:.2f}"}
    expected = ENGLISH
    for number, points in marks.items():
        line = next(line for line in ENGLISH.splitlines() if line.startswith(f"Participant 10{number},"))
        expected = expected.replace(line, line.replace(f'late",,{TOTAL:.2f}', f'late",{points},{TOTAL:.2f}'))
    assert filled(course).decode() == expected


def test_a_french_worksheet_has_a_comma_in_its_marks_and_marks_out_of_its_own_maximum(course):
    found = returned(course, FRENCH, name="Notes.csv")
    assert found.moodle.out_of == 20
    rows = {line.split(";")[0]: line.split(";") for line in FRENCH.splitlines()}
    written = {line.split(";")[0]: line.split(";") for line in filled(course, "Notes.csv").decode().splitlines()}
    assert {name: row[:4] + row[5:] for name, row in written.items()} == {
        name: row[:4] + row[5:] for name, row in rows.items()
    }
    scaled = f"{20 * ALL / TOTAL:.2f}".replace(".", ",")
    assert [written[f"Participant10{number}"][4] for number in (1, 4, 5, 6)] == [f'"{scaled}"', '""', '""', '""']


def test_a_german_worksheet_with_a_title_above_it_is_filled_in(course):
    title = "Neuronale Netze, 02_manual\n\n"
    found = returned(course, title + GERMAN).moodle
    assert (found.out_of, found.marks, found.closed) == (20, 2, ("p1",))
    lines = (title + GERMAN).splitlines()
    written = filled(course).decode().splitlines()
    scaled = f"{20 * (ALL - LOST) / TOTAL:.2f}".replace(".", ",")
    assert written[:4] == lines[:4]
    assert written[4] == lines[4].replace("abgegeben,,", f'abgegeben,"{scaled}",')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encoding_marks_and_line_ends_stay(course, encoding, end):
    text = FRENCH.removeprefix("\ufeff").replace("\n", end)
    content = text.encode(encoding)
    returned(course, content)
    out = filled(course)
    assert out.decode(encoding).count(end) == text.count(end)
    sheet = Sheet(course / "returns" / STAGE / "Grades.csv")
    for row in range(len(PEOPLE)):
        sheet.write(row, "Note", "")
    assert sheet.content() == content


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
STYLE = st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])


@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=5), style=STYLE, separator=st.sampled_from(",;\t"))
def test_a_table_that_nobody_writes_in_stays_and_one_cell_changes_alone(tmp_path_factory, rows, style, separator):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, quoting=style, lineterminator="\r\n").writerows(
        [("name", "grade", "note"), *rows]
    )
    path = tmp_path_factory.mktemp("sheet") / "sheet.csv"
    path.write_bytes(text.getvalue().encode())
    sheet = Sheet(path)
    assert sheet.content() == path.read_bytes()
    for position, row in enumerate(sheet.table.rows):
        before = list(csv.reader(io.StringIO(sheet.content().decode(), newline=""), delimiter=separator))
        sheet.write(position, "grade", "12,5")
        after = list(csv.reader(io.StringIO(sheet.content().decode(), newline=""), delimiter=separator))
        different = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        assert all(new == [old[0], "12,5", old[2]] for old, new in different)
        assert len(different) == (row.cells["grade"] != "12,5")


def test_what_ends_early_or_has_a_line_above_the_header_is_filled_in(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"sep=;\r\nname;grade;note\r\n\r\nada\r\nalan;3;x")
    sheet = Sheet(path)
    sheet.write(0, "grade", "1")
    sheet.write(1, "grade", "2")
    assert sheet.content() == b"sep=;\r\nname;grade;note\r\n\r\nada;1\r\nalan;2;x"


def test_every_path_of_the_zip_is_one_that_moodle_imports(course):
    """Moodle parts a folder's name at underscores: the second part is the number, then come two words of a plugin."""
    text = ENGLISH.replace("Alan Turing", "Alan_M/Turing")
    returned(course, text)
    found = {}
    with zipfile.ZipFile(course / "returns" / STAGE / "moodle-feedback.zip") as archive:
        for path in archive.namelist():
            folder, file = path.split("/")
            name, number, subtype, plugin, rest = folder.split("_", 4)
            assert (number.isdecimal(), subtype, plugin, rest) == (True, "assignsubmission", "file", "")
            assert file == f"{STAGE}.html"
            found[number] = name, archive.read(path)
    pages = {f"10{n}": (course / "feedback" / f"p{n}" / STAGE / f"{STAGE}.html").read_bytes() for n in (1, 2, 3, 6)}
    assert {number: page for number, (_, page) in found.items()} == pages
    assert (found["102"][0], found["103"][0]) == ("Émilie du Châtelet", "Alan M Turing")


def test_the_same_marks_make_the_same_files(course):
    returned(course, ENGLISH)
    folder = course / "returns" / STAGE
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"Grades.csv", "moodle-feedback.zip", "grades.csv", "checks.csv"}
    returned(course, ENGLISH)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_names_that_moodle_hides_are_known_by_the_numbers_under_which_they_were_collected(course):
    for number, student in enumerate(("p1", "p2", "p3"), 201):
        write_origin(course / "submitted" / student / STAGE, Origin(keys={"moodle": str(number)}, time=DUE))
    lines = [f"Participant {number},,{TOTAL:.2f},-" for number in (203, 201, 202)]
    text = "\n".join(["Identifier,Grade,Maximum Grade,Last modified (grade)", *lines])
    returned(course, text)
    rows = filled(course).decode().splitlines()
    assert rows[1:] == [
        lines[0].replace(",,", f",{ALL:.2f},"),
        lines[1].replace(",,", f",{ALL:.2f},"),
        lines[2].replace(",,", f",{ALL - LOST:.2f},"),
    ]


def test_canvas_export_is_filled_in_out_of_its_own_points(course):
    returned(course, CANVAS, "canvas", "2030-10-09_Grades.csv")
    marks = {"901": 2 * ALL, "902": 2 * (ALL - LOST), "903": 1.6 * ALL}
    expected = CANVAS
    for number, points in marks.items():
        line = next(line for line in CANVAS.splitlines() if f",{number}," in line)
        expected = expected.replace(line, line.replace("50.00,,", f"50.00,{points:.2f},"))
    assert filled(course, "2030-10-09_Grades.csv").decode() == expected


@pytest.mark.parametrize("title", ["Homework: 02 Manual", "02-manual", "Week 2 - 02_MANUAL (graded)"])
def test_the_column_of_an_assignment_is_found_by_the_stage_in_its_title(course, title):
    text = CANVAS.replace("02_manual (22)", f"{title} (22)")
    assert returned(course, text, "canvas").canvas.marks == 3


def test_plain_tables_keep_raw_points_beside_what_counts(course):
    mark(course, "p2", 2.0, extra=0.5)
    give_back(course, STAGE)
    grades, checks = table(course, "grades.csv"), table(course, "checks.csv")
    assert list(grades) == list(checks) == [one.id for one in PEOPLE]
    shown = ("given", "raw", "late", "final", "by_hand", "status", "to_mark", "total", "out_of")
    number = f"{TOTAL:g}"
    assert [grades["p1"][column] for column in shown] == [
        *("Ada", f"{ALL:g}", "0", f"{ALL:g}", "0", "graded", "0", number, number)
    ]
    assert [grades["p2"][column] for column in shown[1:5]] == [
        *(f"{ALL - LOST + 2.5:g}", "0", f"{ALL - LOST + 2.5:g}", "2.5")
    ]
    assert [grades["p3"][column] for column in shown[1:4]] == [f"{ALL:g}", f"{-0.2 * ALL:g}", f"{0.8 * ALL:g}"]
    assert {one: grades[one]["status"] for one in ("p4", "p5", "p6")} == {
        "p4": "missing",
        "p5": "excused",
        "p6": "ungradable",
    }
    assert not any(grades[one][column] for one in ("p4", "p5", "p6") for column in ("raw", "final"))
    assert set(checks["p1"]) == {"id", "given", "family", *CELLS}
    assert (checks["p2"][FIRST], checks["p2"][OPEN], checks["p6"][FIRST]) == ("0", "2.5", "")


def test_missing_is_0_only_where_that_is_asked_for(course):
    found = returned(course, ENGLISH, missing=0.0)
    lines = filled(course).decode().splitlines()
    assert [f'late",{mark},{TOTAL:.2f}' in lines[row] for row, mark in ((4, "0.00"), (5, ""), (6, ""))] == [True] * 3
    assert table(course, "grades.csv")["p4"]["final"] == "0"
    assert found.moodle.marks == 4


def test_marks_are_out_of_what_course_toml_says(course):
    (course / "course.toml").write_text(f"out_of = 20\n{DATES}", "utf-8")
    returned(course, FRENCH)
    assert table(course, "grades.csv")["p1"]["final"] == f"{20 * ALL / TOTAL:.2f}".rstrip("0").rstrip(".")
    shutil.rmtree(course / "returns")
    with pytest.raises(ReturnError, match=rf"out of {TOTAL:g}, course\.toml says 20: make them the same"):
        returned(course, ENGLISH)
    assert not (course / "returns").exists()


def test_what_a_cell_held_stays_where_there_is_no_mark_and_more_than_all_is_cut(course):
    mark(course, "p1", OF_OPEN, extra=5.0)
    text = ENGLISH.replace(
        'Participant 104,Grace Hopper,grace@example.org,"Submitted for grading, late",,',
        'Participant 104,Grace Hopper,grace@example.org,"Submitted for grading, late",12.00,',
    )
    found = returned(course, text).moodle
    assert (found.kept, found.capped) == (("p4",), ("p1",))
    assert '",12.00,' in filled(course).decode()
    assert (
        f'Participant 101,Ada Lovelace,ada@example.org,"Submitted for grading, late",{TOTAL:.2f},'
        in filled(course).decode()
    )


@pytest.mark.parametrize(("text", "no"), [(ENGLISH, "No"), (FRENCH, "Non")])
def test_a_row_that_moodle_has_locked_stays_as_it_is_and_is_named(course, text, no):
    yes = {"No": "Yes", "Non": "Oui"}[no]
    lines = text.splitlines(keepends=True)
    closed = [lines[1].replace(yes, no), lines[4].replace(yes, no)]  # p4 has no mark to lose
    found = returned(course, "".join([lines[0], closed[0], *lines[2:4], closed[1], *lines[5:]])).moodle
    assert (found.closed, found.marks) == (("p1",), 2)
    assert filled(course).decode().splitlines(keepends=True)[1] == closed[0]


def test_who_is_excused_in_canvas_gets_no_mark_there_and_is_named(course):
    line = next(line for line in CANVAS.splitlines() if ",901," in line)
    found = returned(course, CANVAS.replace(line, line.replace("50.00,,", "50.00,EX,")), "canvas").canvas
    assert found.closed == ("p1",)
    assert "50.00,EX,71.5" in filled(course).decode().splitlines()[3]


def test_marks_that_are_written_over_are_shown_and_the_same_ones_are_not(course):
    text = ENGLISH.replace('late",,', 'late",-,')
    for number, held in ((101, f"{ALL + 1:.5f}"), (102, f"{ALL - LOST:g}")):
        line = next(line for line in text.splitlines() if line.startswith(f"Participant {number},"))
        text = text.replace(line, line.replace('late",-,', f'late",{held},'))
    (course / "Grades.csv").write_text(text, "utf-8", newline="")
    ran = gradus(course, "return", STAGE, "--moodle", "Grades.csv")
    assert f"  Other marks than it held, 1: p1 (Ada Lovelace) {ALL + 1:.5f} → {ALL:.2f}.\n" in ran.stdout, ran.stdout
    assert "what it held stays" not in ran.stdout


def test_what_being_late_costs_stands_in_the_gradebook_beside_the_raw_points(course):
    def kept(student: str) -> tuple[float, float]:
        with Gradebook(f"sqlite:///{course}/gradebook.db", "gradus") as gradebook:
            submission = gradebook.find_submission(STAGE, student)
            return submission.score, submission.late_submission_penalty

    assert kept("p3") == (ALL, pytest.approx(0.2 * ALL))
    assert kept("p1") == (ALL, 0)
    mark(course, "p3", 1.0)
    give_back(course, STAGE)
    assert kept("p3") == (ALL + 1, pytest.approx(0.2 * (ALL + 1)))


@pytest.mark.parametrize(
    ("kind", "name", "content", "sentence"),
    [
        ("moodle", "list.csv", "Name,Email\nAda,ada@example.org\n", "is no grading worksheet of Moodle"),
        ("moodle", "x.csv", "Identifier,Full name\nParticipant 1,Ada Lovelace\n", "is no grading worksheet of Moodle"),
        ("moodle", "x.csv", "", "is empty: export it again"),
        ("moodle", "x.csv", "PK\x03\x04", "is a spreadsheet"),
        ("moodle", "Grades-L3-01_math-7.csv", ENGLISH, "is of 01_math, not of 02_manual"),
        (
            "moodle",
            "x.csv",
            "Identifier,Full name,Grade\nParticipant 1,Valjean\nParticipant 2,Ada Lovelace\nParticipant 3,Cosette\n",
            "has 3 students, and 1 of them are known here",
        ),
        (
            "moodle",
            "x.csv",
            ENGLISH.replace("Maximum Grade", "Scale").replace(f"{TOTAL:.2f}", "Not yet, Nearly, Reached"),
            "is of an assignment that is marked on a scale (Scale), not in points: set it to points there and",
        ),
        ("moodle", "x.csv", FRENCH.replace(";20,00;", ";Acquis;"), "on a scale (Acquis), not in points"),
        ("moodle", "x.csv", FRENCH.replace('"";20,00;', "Acquis;;"), "on a scale (Acquis), not in points"),
        ("canvas", "x.csv", CANVAS.replace(f"{2 * TOTAL:.2f}", "complete"), "on a scale (complete), not in points"),
        ("canvas", "x.csv", ENGLISH, "is no gradebook export of Canvas"),
        (
            "canvas",
            "x.csv",
            CANVAS.replace("02_manual", "Homework"),
            "has no column of 02_manual, but these: 01_math (11), H",
        ),
        ("canvas", "x.csv", CANVAS.replace("01_math", "02_manual"), "has several columns of 02_manual"),
        ("canvas", "x.csv", CANVAS.replace("Lovelace", "x").replace("ada", "x"), ""),
    ],
)
def test_a_table_that_does_not_fit_is_refused_and_nothing_is_written(course, kind, name, content, sentence):
    if not sentence:  # one row of six is nobody's: the others are filled in
        assert returned(course, content, kind, name).canvas.strangers == ("line 4: x, Ada_901",)
        return
    with pytest.raises(ReturnError, match=re.escape(sentence)):
        returned(course, content, kind, name)
    assert not (course / "returns").exists()
    assert not (course / "feedback").exists()


def test_a_worksheet_of_another_assignment_is_known_by_its_numbers(course):
    write_origin(course / "submitted/p1" / STAGE, Origin(keys={"moodle": "77"}, time=DUE))
    with pytest.raises(ReturnError, match="is of another assignment"):
        returned(course, ENGLISH)


def test_returning_before_grading_says_what_to_do(tmp_path):
    course = course_of(tmp_path)
    write_roster(course, PEOPLE)
    hand_in(course, "p1")
    with pytest.raises(ReturnError, match=f"Nobody has a result for {STAGE}: run `gradus grade {STAGE}` first"):
        give_back(course, STAGE)
    assert not (course / "returns").exists()
    assert not (course / "gradebook.db").exists()


def test_two_rows_of_one_person_are_left(course):
    double = ENGLISH + ENGLISH.splitlines(keepends=True)[1].replace("Participant 101", "Participant 109")
    found = returned(course, double).moodle
    assert [stranger.split(":")[0] for stranger in found.strangers] == ["line 2", "line 8"]
    assert found.absent == ("p1",)


def test_without_a_roster_rows_are_found_by_the_names_of_folders(tmp_path):
    course = course_of(tmp_path)
    for name in ("Ada Lovelace", "Émilie du Châtelet", "Alan Turing"):
        hand_in(course, name)
    grade(course)
    assert returned(course, ENGLISH).moodle.marks == 3


def test_the_command_says_what_was_written_what_waits_and_what_comes_next(course):
    hand_in(course, "p1", FIRST)
    hand_in(course, "p4")
    (course / "Grades.csv").write_text(ENGLISH.replace("Alan Turing,alan@", "Jean Valjean,jean@"), "utf-8")
    ran = gradus(course, "return", STAGE, "--moodle", "Grades.csv")
    assert ran.returncode == 0, ran.stderr
    for sentence in (
        f"wrote returns/{STAGE}/Grades.csv",
        f"Grades.csv: 2 marks, out of {TOTAL:g}.",
        "  Rows of nobody, or of two, stay as they are, 1: line 4: Jean Valjean_103.",
        "  Who is known here by another name: write this one into the aliases of the line in roster.csv. Who is new: ",
        "  It has no row of: p3 (Alan Turing).",
        "Warning: still to be marked, and 0 until then: 1 answer of 1 student.",
        f"Warning: not graded yet, run `gradus grade {STAGE}`: p4 (Grace Hopper).",
        f"Warning: handed in something else since, run `gradus grade {STAGE}`: p1 (Ada Lovelace).",
        "Next: in Moodle's assignment, Upload grading worksheet and Upload multiple feedback files in a zip",
    ):
        assert sentence in ran.stdout, ran.stdout
    refused = gradus(course, "return", STAGE, "--canvas", "Grades.csv")
    assert (refused.returncode, refused.stderr) == (
        1,
        "Grades.csv is no gradebook export of Canvas, which has the columns Student and ID: "
        "in the gradebook, choose Export Entire Gradebook.\n",
    )


def test_results_of_another_build_are_told_before_they_are_uploaded(course):
    assert give_back(course, STAGE).outdated == ()
    lenient(course, FIRST)
    ran = gradus(course, "return", STAGE)
    said = f"Warning: graded with another build of {STAGE}, run `gradus grade {STAGE}`: p1 (Ada Lovelace), p2 ("
    assert said in ran.stdout, ran.stdout
    grade(course)
    assert give_back(course, STAGE).outdated == ()
    worth(course, FIRST, LOST - 1)
    grade(course, keep_better=True)
    assert give_back(course, STAGE).outdated == (), "kept on purpose"


def test_an_alias_settles_whose_a_row_is(course):
    text = ENGLISH.replace("Alan Turing,alan@", "Al T.,al@")
    assert returned(course, text).moodle.absent == ("p3",)
    write_roster(course, [replace(one, aliases=("Al T.",)) if one.id == "p3" else one for one in PEOPLE])
    assert returned(course, text).moodle.absent == ()


def test_a_stage_without_notebook_is_told(course):
    (course / "source" / STAGE / f"{STAGE}.ipynb").unlink()
    with pytest.raises(FeedbackError, match="run `gradus build` first"):
        give_back(course, STAGE)
    assert not (course / "returns").exists()
