"""Marking by hand: notes as boxes, the journal and the gradebook, whose turn it is, marks that travel."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from conftest import STAGES, gradus
from grading.course.schemes import Box, Kind, Scheme, bad_scheme, read_scheme, schemes_of
from grading.marking.answers import Answer
from grading.marking.books import agree
from grading.marking.desk import Desk
from grading.marking.journal import FORMGRADER, Entry, Journal, MarkError, read_line
from grading.marking.likeness import alike, grouped
from grading.marking.travel import export_marks, import_marks
from grading.marking.wordings import changes, remember
from grading.records.marks import read_marks
from grading.records.standing import class_standings
from pretending import OF_OPEN, OPEN, STAGE, course_of, grade, hand_in, mark

NOTE = """- 1 point: the loss, with $x$ used
  **and said**.
- or 0.5: without saying so.
- 2 points: the rest.
- at most 1: no derivation.
- see `plot(`, `rows[0]`
- Nothing for "because".

A word more."""
SCHEME = Scheme(
    (
        Box("the loss, with $x$ used **and said**.", 1.0),
        Box("without saying so.", 0.5, Kind.INSTEAD),
        Box("the rest.", 2.0),
        Box("no derivation.", 1.0, Kind.CAP),
    ),
    '- Nothing for "because".\n\nA word more.',
    ("plot(", "rows[0]"),
)
LONG = "The loss falls, first slowly, then fast, and the accuracy rises with it up to some ninety-five percent. "


@pytest.fixture(scope="module")
def class_of_five(tmp_path_factory) -> Path:
    course = course_of(tmp_path_factory.mktemp("course"))
    for student, text in (
        ("ada", LONG),
        ("bob", LONG),
        ("eve", LONG.replace("ninety-five", "ninety-four")),
        ("kim", "I do not know, but it is something about batches, which are small and therefore noisy."),
        ("zed", ""),
    ):
        hand_in(course, student, text=text)
    grade(course)
    return course


@pytest.fixture
def course(class_of_five, tmp_path) -> Path:
    return Path(shutil.copytree(class_of_five, tmp_path / "course"))


def desk_of(course: Path) -> Desk:
    desk = Desk(course, STAGE)
    desk.open()
    return desk


def shown_of(desk: Desk, session, student: str) -> dict:
    """Return a student's answer as a page shows it that goes through all of them."""
    order = desk.queue.orders[OPEN]
    place = next(i for i, answer in enumerate(order) if answer.student == student)
    return desk.beside(session, order[place].alias, OPEN, 0)


def give(desk: Desk, session, student: str, *boxes: int, comment: str = "", also: bool = False) -> dict:
    answer = shown_of(desk, session, student)
    seen = {one["alias"]: one["seen"] for one in (answer, *(answer["others"] if also else ()))}
    return desk.save(session, answer["alias"], seen, list(boxes), comment)


def in_gradebook(course: Path, student: str) -> tuple[float | None, str]:
    found = read_marks(course, STAGE)[student][OPEN]
    return found.points, found.comment


# --- Notes -----------------------------------------------------------------------------------------------------------


def test_a_note_is_read_into_boxes():
    assert read_scheme(NOTE) == SCHEME
    assert list(bad_scheme(SCHEME, 3)) == []


@pytest.mark.parametrize(
    ("ticked", "points"),
    [((), 0), ((0,), 1), ((1,), 0.5), ((0, 1), 1), ((0, 2), 3), ((1, 2), 2.5), ((0, 2, 3), 1), ((3,), 0)],
)
def test_boxes_add_up_to_points(ticked, points):
    assert SCHEME.points([SCHEME.boxes[index].text for index in ticked]) == points


def test_a_note_with_mistakes_says_each():
    assert [*bad_scheme(read_scheme("Two points."), 2)] == ["has no boxes: give it lines `- 1 point: what earns it`"]
    many = read_scheme("\n".join(f"- 1 point: reason {i}" for i in range(10)))
    assert [*bad_scheme(many, 10)] == ["has 10 boxes, and there are keys for 9: join some"]


def test_every_note_of_the_stages_has_boxes_that_fit():
    for stage in STAGES.values():
        notebook = nbformat.read(stage.path.with_suffix(".ipynb"), as_version=4)
        schemes = schemes_of(notebook)
        assert list(schemes) == [cell.name for cell in stage.of_kind("open")]
        for cell in stage.of_kind("open"):
            assert list(bad_scheme(schemes[cell.name], cell.points)) == []


# --- The journal -----------------------------------------------------------------------------------------------------


def test_a_mark_is_a_line_then_in_the_gradebook(course):
    desk = desk_of(course)
    assert desk.agree().restored == ()
    said = give(desk, desk.come("page", "anna"), "kim", 0, 2, comment="Why *jagged*?")
    assert (said["is"], said["points"], said["count"]) == ("saved", 2.0, 1)
    (line,) = desk.journal.path.read_text("utf-8").splitlines()
    kept = json.loads(line)
    assert (kept["by"], kept["student"], kept["points"], len(kept["boxes"])) == ("anna", "kim", 2.0, 2)
    assert in_gradebook(course, "kim") == (2.0, "Why *jagged*?")
    standing = class_standings(course, STAGE)["kim"]
    assert (standing.by_hand, standing.waits) == (2.0, 0)


def cut_after_two_marks(course: Path, cut: int) -> bytes:
    """Mark kim, then eve, and take so many bytes off the journal's end; return what it held."""
    desk = desk_of(course)
    session = desk.come("page", "anna")
    give(desk, session, "kim", 0)
    give(desk, session, "eve", 1)
    whole = desk.journal.path.read_bytes()
    desk.journal.path.write_bytes(whole[:-cut])
    return whole


def test_a_last_line_that_is_cut_off_costs_that_mark_only(course):
    whole = cut_after_two_marks(course, 20)
    journal = Journal(course, STAGE)
    journal.refresh()
    assert (journal.is_cut, journal.last(("kim", OPEN)).points, journal.last(("eve", OPEN))) == (True, 1.0, None)
    journal.append([read_line(whole.splitlines()[1])])
    assert journal.path.read_bytes().endswith(whole.splitlines()[1] + b"\n")
    again = Journal(course, STAGE)
    again.refresh()
    assert (again.is_cut, again.bad, again.last(("eve", OPEN)).points) == (False, [2], 1.0)


def test_a_last_line_that_lacks_nothing_but_its_end_is_a_mark(course):
    whole = cut_after_two_marks(course, 1)
    desk = desk_of(course)
    assert (desk.journal.is_cut, desk.journal.last(("eve", OPEN)).by) == (False, "anna")
    assert desk.agree().from_formgrader == ()
    desk.journal.refresh()
    give(desk, desk.come("page", "ben"), "ada", 0)
    again = Journal(course, STAGE)
    again.refresh()
    assert (again.is_cut, again.bad, len(again.history)) == (False, [], 3)
    assert again.path.read_bytes().startswith(whole)


@pytest.mark.parametrize("cut", [2, 20, 200])
def test_of_a_mark_that_is_cut_off_the_points_stay_and_the_command_says_so(course, cut, tmp_path):
    desk = desk_of(course)
    give(desk, desk.come("page", "anna"), "kim", 0, 1, comment="A word.")
    export_marks(desk.journal, tmp_path / "marks.jsonl")
    desk.journal.path.write_bytes(desk.journal.path.read_bytes()[:-cut])
    ran = gradus(course, "mark", STAGE, "--import", str(tmp_path / "marks.jsonl"))
    assert f"The last line of marks/{STAGE}.jsonl is cut off: its mark counts as far as the gradebook" in ran.stdout
    assert in_gradebook(course, "kim") == (2.0, "A word.")
    assert desk_of(course).journal.last(("kim", OPEN)).points == 2.0


@pytest.mark.parametrize(
    "line", [b"", b"3", b"[]", b"{}", b'{"note": 3}', b"\xff", b"[" * 99_999, b'{"time": 1, "by": 2}']
)
def test_what_is_no_line_is_passed_over(line):
    assert read_line(line) is None


def test_a_lost_gradebook_costs_no_mark(course):
    desk = desk_of(course)
    give(desk, desk.come("page", "anna"), "kim", 0, 1, comment="Good.")
    (course / "gradebook.db").unlink()
    grade(course)
    assert in_gradebook(course, "kim") == (None, "")
    desk = desk_of(course)
    agreed = desk.agree()
    assert [entry.student for entry in agreed.restored] == ["kim"]
    assert in_gradebook(course, "kim") == (2.0, "Good.")
    assert desk.agree() == type(agreed)()


def test_what_formgrader_gave_is_kept_and_entered(course):
    desk = desk_of(course)
    give(desk, desk.come("page", "anna"), "kim", 0)
    mark(course, "kim", 2.5, extra=0.5)
    mark(course, "ada", 1.0)
    agreed = desk_of(course).agree()
    assert {(one.student, one.points, one.extra, one.by) for one in agreed.from_formgrader} == {
        ("kim", 2.5, 0.5, FORMGRADER),
        ("ada", 1.0, 0.0, FORMGRADER),
    }
    assert in_gradebook(course, "kim")[0] == 2.5
    desk = desk_of(course)
    assert desk.journal.last(("kim", OPEN)).points == 2.5
    assert give(desk, desk.come("page", "anna"), "kim", 0, 1, 2)["is"] == "saved"
    assert read_marks(course, STAGE)["kim"][OPEN].extra == 0.5, "what formgrader gave beside stays"


def test_a_mark_that_did_not_reach_the_gradebook_gets_there(course, monkeypatch):
    desk = desk_of(course)
    session = desk.come("page", "anna")
    give(desk, session, "kim", 0)
    answer = shown_of(desk, session, "kim")
    with monkeypatch.context() as patched:
        patched.setattr("grading.marking.books.write", lambda *rest: (_ for _ in ()).throw(OSError("full")))
        said = desk.save(session, answer["alias"], {answer["alias"]: answer["seen"]}, [0, 1], "")
    assert said["is"] == "saved"
    assert "the gradebook cannot take it now" in said["warning"]
    assert in_gradebook(course, "kim")[0] == 1.0
    other = desk_of(course)  # the machine died: nobody but the files knows
    assert [entry.points for entry in other.agree().restored] == [2.0]
    assert in_gradebook(course, "kim")[0] == 2.0
    assert give(desk, session, "eve", 2)["warning"] == ""


# --- Whose turn it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", ["[]", "{}", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{"metadata": 3}]}', "[" * 100_000]
)
def test_a_damaged_notebook_keeps_nobody_from_marking_the_others(course, content):
    (course / "autograded/kim" / STAGE / f"{STAGE}.ipynb").write_text(content)
    desk = desk_of(course)
    assert {answer.student for answer in desk.answers.answers.values()} == {"ada", "bob", "eve"}


def test_the_order_is_by_chance_and_stays_and_those_alike_come_together(course):
    orders = [[answer.student for answer in desk_of(course).queue.orders[OPEN]] for _ in range(2)]
    assert orders[0] == orders[1]
    assert sorted(orders[0]) == ["ada", "bob", "eve", "kim"], "who left it blank has 0 already"
    assert orders[0].index("kim") in (0, 3)


def test_how_alike_answers_are_is_said():
    def answer(name: str, text: str, lang: str = "en") -> Answer:
        return Answer(name, "q", "hash", text, lang, 3.0)

    ada, bob, eve = answer("ada", LONG), answer("bob", LONG), answer("eve", LONG.replace("some", "about"))
    fra, yes, yet = answer("fra", LONG, "fr"), answer("yes", "yes"), answer("yet", "yet")
    shouted = answer("shouted", LONG.upper())
    assert {one.student: first.student for one, first in grouped([ada, bob, eve, fra, yes, yet, shouted]).items()} == {
        "ada": "ada", "bob": "ada", "eve": "ada", "fra": "fra", "yes": "yes", "yet": "yet", "shouted": "ada"
    }  # fmt: skip
    assert (alike(ada, bob), alike(ada, shouted)) == (100, 99)
    assert 90 <= alike(ada, eve) < 99


def test_answers_that_are_alike_can_be_marked_at_once(course):
    desk = desk_of(course)
    session = desk.come("page", "anna")
    answer = shown_of(desk, session, "ada")
    assert [(one["alike"] == 100, bool(one["text"])) for one in answer["others"]] == [(True, False), (False, True)]
    assert give(desk, session, "ada", 0, 1, also=True)["count"] == 3
    assert {student: in_gradebook(course, student)[0] for student in ("ada", "bob", "eve", "kim")} == {
        "ada": 2.0, "bob": 2.0, "eve": 2.0, "kim": None
    }  # fmt: skip
    assert desk.undo(session)["alias"] == answer["alias"]
    assert {in_gradebook(course, student)[0] for student in ("ada", "bob", "eve")} == {None}
    assert class_standings(course, STAGE)["bob"].waits == 1
    assert desk.undo(session)["is"] == "refused"


def test_an_answer_that_is_open_is_handed_to_nobody_else(course):
    desk = desk_of(course)
    anna, ben = desk.come("a", "anna"), desk.come("b", "ben")
    first = desk.next(anna, OPEN)
    second = desk.next(ben, OPEN)
    assert {first["alias"], *(one["alias"] for one in first["others"])}.isdisjoint(
        {second["alias"], *(one["alias"] for one in second["others"])}
    )
    assert desk.next(desk.come("c", "cleo"), OPEN)["is"] == "none", "two groups, both open"
    desk.leave(ben)
    assert desk.next(desk.come("c", "cleo"), OPEN)["alias"] == second["alias"]


def test_a_save_on_what_was_marked_meanwhile_is_refused_with_what_the_other_gave(course):
    desk = desk_of(course)
    anna, ben = desk.come("a", "anna"), desk.come("b", "ben")
    theirs = shown_of(desk, ben, "kim")
    assert shown_of(desk, anna, "kim")["holder"] == "ben"
    give(desk, anna, "kim", 0, comment="So so.")
    said = desk.save(ben, theirs["alias"], {theirs["alias"]: theirs["seen"]}, [0, 1, 2], "")
    assert (said["is"], said["says"]) == ("refused", "Not saved: anna gave 1 point and wrote “So so.” meanwhile.")
    assert in_gradebook(course, "kim") == (1.0, "So so.")
    assert desk.save(ben, theirs["alias"], {theirs["alias"]: said["seen"]}, [0, 1, 2], "")["is"] == "saved"
    assert desk.undo(anna)["says"] == "Not undone: ben gave 3 points since."


def test_a_mark_given_in_formgrader_meanwhile_refuses_a_save(course):
    desk = desk_of(course)
    session = desk.come("a", "anna")
    answer = shown_of(desk, session, "kim")
    mark(course, "kim", 2.5)
    said = desk.save(session, answer["alias"], {answer["alias"]: answer["seen"]}, [0], "")
    assert said["says"] == "Not saved: formgrader gave 2.5 points meanwhile."
    assert in_gradebook(course, "kim")[0] == 2.5
    assert desk.journal.last(("kim", OPEN)).by == FORMGRADER


def test_an_answer_that_changed_after_it_was_marked_comes_again_with_the_old_mark(course):
    desk = desk_of(course)
    session = desk.come("a", "anna")
    give(desk, session, "kim", 0, 1)
    seen = shown_of(desk, session, "kim")
    hand_in(course, "kim", text="Now I know: the batches are small, and the gradient of ten examples is noisy.")
    grade(course)
    assert desk.save(session, seen["alias"], {seen["alias"]: seen["seen"]}, [0], "")["says"].startswith(
        "Not saved: anna gave"
    )
    answer = shown_of(desk, session, "kim")
    assert (answer["changed"], answer["mark"]["points"], answer["mark"]["boxes"]) == (True, 2.0, [0, 1])
    assert not desk.queue.is_marked(desk.answers.answers["kim", OPEN])
    assert class_standings(course, STAGE)["kim"].has_old_marks
    assert give(desk, session, "kim", 0, 1, 2)["is"] == "saved"
    assert not class_standings(course, STAGE)["kim"].has_old_marks


# --- Notes that change, marks that travel ----------------------------------------------------------------------------


def test_boxes_that_change_change_for_everybody_who_has_them(course):
    desk = desk_of(course)
    remember(desk.journal, desk.schemes)
    session = desk.come("a", "anna")
    give(desk, session, "kim", 0, 1)
    give(desk, session, "ada", 1, 2)
    one, two, three = desk.schemes[OPEN].boxes
    new = {OPEN: Scheme((one, replace(two, points=2.0), Box("something else", 1.0)))}
    (change,) = changes(desk.journal, new, "anna")
    assert {(mark.student, mark.points, len(mark.boxes)) for mark in change.marks} == {("kim", 3.0, 2), ("ada", 2.0, 1)}
    assert change.sentences == (f"{two.text}: now worth 1 → 2", f"the note no longer has: {three.text} (1)")
    reworded = {OPEN: Scheme((one, Box(f"{two.text[:-1]} at all.", 1.0), three))}
    (change,) = changes(desk.journal, reworded, "anna")
    assert {mark.boxes[-2 if mark.student == "ada" else -1] for mark in change.marks} == {f"{two.text[:-1]} at all."}
    desk.books.enter(change.marks)
    remember(desk.journal, reworded)
    assert changes(desk.journal, reworded, "anna") == []
    assert desk.journal.last(("kim", OPEN)).via == "note"


def test_marks_travel_and_conflicts_are_listed(course, tmp_path):
    other = Path(shutil.copytree(course, tmp_path / "other"))
    here, there = desk_of(course), desk_of(other)
    anna, ben = here.come("a", "anna"), there.come("b", "ben")
    give(here, anna, "kim", 0)
    give(here, anna, "ada", 0, 1)
    give(there, ben, "kim", 0, 1, 2)
    give(there, ben, "eve", 2)
    file = tmp_path / "marks.jsonl"
    assert export_marks(there.journal, file) == 2
    found = import_marks(here.journal, file, {OPEN}, here.knows)
    assert [entry.student for entry in found.new] == ["eve"]
    ((ours, theirs),) = found.conflicts
    assert (ours.by, ours.points, theirs.by, theirs.points) == ("anna", 1.0, "ben", 3.0)
    here.agree()
    assert {student: in_gradebook(course, student)[0] for student in ("kim", "ada", "eve")} == {
        "kim": 1.0, "ada": 2.0, "eve": 1.0
    }  # fmt: skip
    again = import_marks(here.journal, file, {OPEN}, here.knows)
    assert (again.new, again.known, len(again.conflicts)) == ((), 1, 1)
    give(there, ben, "eve", 0, 1, 2)  # what goes on from a mark that is here is no conflict
    export_marks(there.journal, file)
    assert [entry.points for entry in import_marks(here.journal, file, {OPEN}, here.knows).new] == [3.0]
    (tmp_path / "no").write_text("no marks\n")
    with pytest.raises(MarkError, match="holds no mark of 02_manual"):
        import_marks(here.journal, tmp_path / "no", {OPEN}, here.knows)


# --- The command -----------------------------------------------------------------------------------------------------


def test_the_command_says_what_is_wrong(tmp_path, course):
    empty = course_of(tmp_path / "empty")
    for where, words, sentence in (
        (empty, (STAGE,), f"Nobody has a result for {STAGE}: run `gradus grade {STAGE}` first."),
        (course, ("02_manul",), "There is no stage '02_manul'."),
        (course, (STAGE, "--import", "nowhere"), "nowhere: No such file or directory."),
    ):
        ran = gradus(where, "mark", *words)
        assert (ran.returncode, sentence in ran.stderr) == (1, True), ran.stderr
    for path in course.glob(f"autograded/*/{STAGE}/result.json"):
        path.write_text(path.read_text("utf-8").replace('"version": 2', '"version": 1'), "utf-8")
    assert f"All results of {STAGE} are of another version" in gradus(course, "mark", STAGE).stderr


def test_the_command_asks_before_a_changed_note_changes_marks(course):
    desk = desk_of(course)
    remember(desk.journal, desk.schemes)
    give(desk, desk.come("a", "anna"), "kim", 0, 1)
    path = course / "source" / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    note = next(cell for cell in notebook.cells if cell.metadata.gradus.role == "marking")
    note.source = note.source.replace("- 1 point: train", "- 2 points: train")
    nbformat.write(notebook, path)
    file = desk.journal.path.with_name("marks.jsonl")
    export_marks(desk.journal, file)
    ran = gradus(course, "mark", STAGE, "--import", str(file))
    assert (ran.returncode, "Change 1 mark so? Add --yes to have that done." in ran.stderr) == (1, True)
    assert in_gradebook(course, "kim")[0] == 2.0
    ran = gradus(course, "mark", STAGE, "--yes", "--import", str(file))
    assert "now worth 1 → 2\n1 mark changed." in ran.stdout
    assert in_gradebook(course, "kim")[0] == 3.0


def test_a_stage_without_open_questions_has_nothing_to_mark(course):
    path = course / "source" / STAGE / f"{STAGE}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.gradus.role != "open"]
    nbformat.write(notebook, path)
    with pytest.raises(MarkError, match="has no open question"):
        desk_of(course)


def test_returning_brings_marks_back_that_the_gradebook_lost(course):
    desk = desk_of(course)
    give(desk, desk.come("a", "anna"), "kim", 0, 1, 2)
    (course / "gradebook.db").unlink()
    grade(course)
    ran = gradus(course, "return", STAGE)
    assert f"1 mark of marks/{STAGE}.jsonl that the gradebook did not have: it has them now: kim {OPEN} 3" in ran.stdout
    assert OF_OPEN == 3
    rows = (course / "returns" / STAGE / "checks.csv").read_text("utf-8").splitlines()
    assert any("kim" in row and row.rstrip().endswith("3") for row in rows), rows[:2]


def test_agreeing_of_who_is_not_in_the_gradebook_says_so(course):
    journal = Journal(course, STAGE)
    journal.append([Entry("2030-01-01", "anna", "ghost", OPEN, "hash", points=1.0)])
    agreed = agree(journal, nbformat.read(course / "source" / STAGE / f"{STAGE}.ipynb", as_version=4), {})
    assert [entry.student for entry in agreed.homeless] == ["ghost"]
