"""Reasons and remarks in words: for the instructor, and, in the language of the notebook, for the student."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from grading.results.model import CheckResult, Failure, Note, Reason, Remark, Result, Status
from helpers.messages import _

# What the instructor reads. The names in braces are what the remark is about; a list is written with commas.
INSTRUCTORS: Mapping[Reason | Note, str] = {
    Reason.ARCHIVE: "The file is a compressed archive, not a notebook: ask for the .ipynb file itself.",
    Reason.BAD_NAME: "The name of the student's folder is not valid UTF-8: rename it.",
    Reason.BOTH_SIDES: "The file is no notebook yet, it holds git's conflict marks: ask for the merged file.",
    Reason.DAMAGED: "The file is damaged or cut off, not valid JSON: ask for it again ({error}).",
    Reason.EMPTY: "The file is empty: ask for it again.",
    Reason.FAILED: "Grading it failed {attempts} times ({why}): grade again.",
    Reason.LFS_POINTER: "The file only points to a notebook in git's large file storage: ask for the .ipynb file.",
    Reason.KILLED_WORKERS: "The workers that graded it died, and died again when it was graded once more.",
    Reason.NO_CELLS: "The file is JSON but no notebook, it has no cells: ask for the .ipynb file itself.",
    Reason.NO_NOTEBOOK: "The folder holds no notebook: ask for the .ipynb file.",
    Reason.NO_FOLDER: "{place} is a link or a file, not a folder: move it away, and collect again.",
    Reason.NOT_KEPT: "The result cannot be kept: {place}: {error}. Mend this and grade again.",
    Reason.NOTHING_FOUND: "Nothing in this notebook comes from {stage}: ask for the right file.",
    Reason.OTHER_COURSE: (
        "This notebook defines {names} but has no text, check or docstring of {stage}, it is another course's: "
        "ask for the right file."
    ),
    Reason.OTHER_STAGE: "This is a notebook of {found}, not of {stage}: ask for the right file.",
    Reason.PDF: "The file is a PDF, not a notebook: ask for the .ipynb file itself.",
    Reason.PICTURE: "The file is a picture, not a notebook: ask for the .ipynb file itself.",
    Reason.PLAIN_TEXT: "The file is plain text, not a notebook: ask for the .ipynb file itself.",
    Reason.SCRIPT: "The file is a Python script, not a notebook: ask for the .ipynb file itself.",
    Reason.TOO_LARGE: "The file is larger than {limit} MB: ask for it again, its outputs cleared.",
    Reason.TOO_MUCH: "The notebook holds more than {cells} cells or {limit} MB of text: ask for its own alone.",
    Reason.UNREAD: "The file is damaged, reading it fails ({error}): ask for it again.",
    Reason.UNREADABLE: "The notebook cannot be read ({error}): see to its permissions.",
    Reason.WEB_PAGE: "The file is a web page, not a notebook: ask for the .ipynb file itself.",
    Reason.ZEROS: "The file holds nothing but zeros, its content was lost: ask for it again.",
    Reason.DIED: "{cell} ended Python itself",
    Reason.STOPPED: "{cell} did not end in time",
    Reason.UNRUN: "{cell} was not run, no time was left",
    Reason.LOOK: "its place is empty; what may be the answer stands in {cells}",
    Reason.LOOK_BESIDE: "it was not in its place, and was taken from beside it",
    Reason.LOOK_LOST: "its cell is lost, the file is cut off or damaged",
    Note.CELLS_CHANGED: "Cells differ from the instructor's, which are used: {cells}.",
    Note.CELLS_MISSING: "Cells were missing, the instructor's are put back: {cells}.",
    Note.CODE_MENDED: "Not as Python can read it (prompts, indentation, odd characters), and mended: {cells}.",
    Note.CONFLICT: "The file holds git's conflict marks; its two sides do not contradict each other and were merged.",
    Note.CUT_OFF: "The file is cut off or damaged; only {cells} cells of it can be read ({error}).",
    Note.ENCODING: "The file is not UTF-8 as notebooks are; it was read as {encoding}.",
    Note.FOUND_BY_LIKENESS: "Without their marks, found by their likeness to the skeleton: {cells}.",
    Note.FOUND_BY_NAMES: "Without their marks, found by the names they define: {cells}.",
    Note.FOUND_BY_PLACE: "Without their marks, found by their place: {cells}.",
    Note.FOUND_ELSEWHERE: "Typed into another cell: {cells}.",
    Note.JOINED: "Split over several cells, which were joined: {cells}.",
    Note.JSON_MENDED: "The file was not quite JSON, and was mended ({error}).",
    Note.MERGED: "Taken from another of the notebooks handed in: {cells}.",
    Note.NO_ANSWER: "No answer was found, though the student wrote {cells}; not found: {answers}.",
    Note.NOT_CODE: "Not in a code cell, and taken as code: {cells}.",
    Note.NOT_FOUND: "Not found, so taken as not written: {cells}.",
    Note.NOT_READ: "Older, and not read, as there are more than {notebooks} notebooks or {limit} MB: {files}.",
    Note.NOT_USED: "Handed in beside the notebook, and not used: {files}.",
    Note.OTHER_CELLS: "Cells of another stage were left out: {cells}.",
    Note.SETTINGS_CHANGED: "The settings of cells were changed since the release, the instructor's are used: {cells}.",
    Note.SEVERAL_COPIES: "Handed in more than once, the last copy that was changed is used: {cells}.",
    Note.SEVERAL_NOTEBOOKS: (
        "Several notebooks were handed in; {chosen} has the most answers and is graded, not: {others}."
    ),
    Note.SKIPPED: "Skipped, since graders lack what these lines need: {lines}.",
    Note.SUSPICIOUS: "To be looked at, since the code names more than an exercise needs: {cells}.",
    Note.UNFINISHED: "Code elsewhere defines it but leaves blanks, so it is taken as not written: {cells}.",
    Note.WRAPPED: "The notebook stood inside other JSON, and was taken out.",
}
NEEDS_LOOK = "{name} needs a look: {why}."
# Why a result is not counted.
STRANGER = "in autograded/ only, neither in the roster nor in submitted/"
OUTDATED = "the result is of another version of Gradus, run `gradus grade {stage}`"
DAMAGED = "the result is damaged, run `gradus grade {stage}`"
SENTENCES = (*INSTRUCTORS.values(), NEEDS_LOOK, STRANGER, OUTDATED, DAMAGED)  # those of which pages have the French
# Remarks that students need not hear of: nothing of theirs was mended.
SILENT = (Note.NOT_READ, Note.NOT_USED, Note.SUSPICIOUS, Note.ENCODING, Note.JSON_MENDED, Note.WRAPPED, Note.CONFLICT)


def for_instructor(remark: Remark, say: Callable[[str], str] = str) -> str:
    """Say a reason or a remark; one about one file of several begins with its name. say: translates, `str` does not."""
    sentence = say(INSTRUCTORS[remark.code]).format_map({key: _listed(value) for key, value in remark.about.items()})
    file = remark.about.get("file")
    return say("{what}: {sentence}").format(what=file, sentence=sentence) if "file" in remark.about else sentence


def reason_of(result: Result, say: Callable[[str], str] = str) -> str:
    """Say for the instructor why a result's status is what it is, "" where there is nothing to say."""
    return "; ".join(for_instructor(one, say) for one in result.reasons)


def remarks_of(result: Result, say: Callable[[str], str] = str) -> list[str]:
    """Say all that an instructor is told of a result, a line each."""
    told = [for_instructor(one, say) for one in result.remarks]
    looks = [
        say(NEEDS_LOOK).format(name=one.name, why=for_instructor(one.look, say)) for one in result.questions if one.look
    ]
    return [*filter(None, [reason_of(result, say)]), *told, *looks]


def one_line(check: CheckResult) -> str:
    """Return what a check said in one line; of a traceback the last line, which says what was raised."""
    lines = check.message.splitlines()
    return " ".join(" ".join(lines[-1:] if check.failure is Failure.RAISED else lines).split())


def for_student(result: Result) -> list[str]:
    """Say what happened to the file of a graded submission, in sentences for the student."""
    sentences = []
    codes = {remark.code for remark in result.remarks}
    if Note.SEVERAL_NOTEBOOKS in codes:
        sentences.append(_("You handed in several notebooks: the one with the most answers was graded."))
    if skipped := [line for remark in result.remarks if remark.code is Note.SKIPPED for line in remark.about["lines"]]:
        sentence = _("These lines were skipped, since graders lack what they need: {lines}.")
        sentences.append(sentence.format(lines=", ".join(skipped)))
    if Note.MERGED in codes:
        sentences.append(_("Answers that it does not have were taken from the others."))
    if Note.CUT_OFF in codes:
        sentences.append(_("Your file was cut off or damaged: what could be read of it was graded. Hand it in again."))
    if Note.NO_ANSWER in codes:
        sentences.append(_("You wrote something, but no answer was found in your file: write each in its own cell."))
    told = {Note.SEVERAL_NOTEBOOKS, Note.MERGED, Note.CUT_OFF, Note.NO_ANSWER, Note.SKIPPED, *SILENT}
    if codes - told:
        sentences.append(
            _(
                "Cells of your file were missing, moved or changed, and were put in order before grading. "
                "If an answer below is not the one you meant, tell your teacher."
            )
        )
    if result.status is Status.PARTIAL:
        sentence = _("Your notebook did not run to its end. The points earned elsewhere count.")
        sentences.append(" ".join([sentence, *_ended(result.reasons)]))
    return sentences


def why_ungradable(reason: Remark) -> str:
    """Say in a sentence for the student why the file could not be graded."""
    sentences: dict[Reason | Note, str] = {
        Reason.TOO_LARGE: _("Your file is too large to be graded: clear its outputs, then hand it in again."),
        Reason.TOO_MUCH: _("Your file could not be graded: it holds far more cells or text than the notebook."),
        Reason.EMPTY: _("Your file could not be graded: it is empty."),
        Reason.WEB_PAGE: _("Your file could not be graded: it is a web page, not the notebook (.ipynb) itself."),
        Reason.DAMAGED: _("Your file could not be graded: it is damaged or was cut off."),
        Reason.UNREAD: _("Your file could not be graded: it is damaged or was cut off."),
        Reason.NO_CELLS: _("Your file could not be graded: it is not a notebook (.ipynb)."),
        Reason.NO_NOTEBOOK: _("Your file could not be graded: it is not a notebook (.ipynb)."),
        Reason.OTHER_STAGE: _("Your file could not be graded: it is the notebook of another stage."),
        Reason.NOTHING_FOUND: _("Your file could not be graded: nothing in it comes from this stage."),
        Reason.OTHER_COURSE: _("Your file could not be graded: nothing in it comes from this stage."),
        Reason.ARCHIVE: _(
            "Your file could not be graded: it is a compressed archive, not the notebook (.ipynb) itself."
        ),
        Reason.PDF: _("Your file could not be graded: it is a PDF, not the notebook (.ipynb) itself."),
        Reason.PICTURE: _("Your file could not be graded: it is a picture, not the notebook (.ipynb) itself."),
        Reason.PLAIN_TEXT: _("Your file could not be graded: it is plain text, not the notebook (.ipynb) itself."),
        Reason.SCRIPT: _("Your file could not be graded: it is a Python script, not the notebook (.ipynb) itself."),
        Reason.ZEROS: _("Your file could not be graded: its content was lost, it holds nothing but zeros."),
        Reason.LFS_POINTER: _(
            "Your file could not be graded: it only points to a notebook in git's large file storage."
        ),
        Reason.BOTH_SIDES: _(
            "Your file could not be graded: it holds git's conflict marks. Merge it, then hand it in again."
        ),
    }
    return sentences.get(reason.code, _("Your file could not be graded: running it failed."))


def _listed(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def _ended(reasons: Iterable[Remark]) -> Iterator[str]:
    """Yield a sentence for each kind of end that cells came to."""
    said = {
        Reason.DIED: _("Python itself ended here: {cells}. Look for exit, a crash or too much memory."),
        Reason.STOPPED: _("Stopped, as it took too long: {cells}. Does a loop never end?"),
        Reason.UNRUN: _("Not run, as the notebook had used up its time: {cells}."),
    }
    for code, sentence in said.items():
        names = [reason.about["cell"] for reason in reasons if reason.code is code]
        names = [_("a cell that you added") if name.startswith("extra-") else name for name in names]
        if names:
            yield sentence.format(cells=", ".join(dict.fromkeys(names)))
