"""Which of the files are notebooks, what their paths claim, and of which stage each is."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grading.intake.archives.files import NO_NOTEBOOK, CollectError, File, Left, UnreadableError
from grading.intake.layouts.companions import read_companions
from grading.intake.layouts.folders import claims_of
from grading.intake.layouts.platforms import Claim, claim_of
from grading.intake.layouts.worksheet import Worksheet
from grading.intake.names import stage_in
from grading.intake.versions import EARLIER
from grading.intake.whose import Found
from grading.recovery.pieces import stage_of
from grading.recovery.reading import RebuildError, read_submission

HAS_CELLS = re.compile(rb'"\0?(c\0?e\0?l\0?l\0?s|w\0?o\0?r\0?k\0?s\0?h\0?e\0?e\0?t\0?s)\0?"')  # UTF-16 too
# Where a notebook says of which stage it is, in its metadata and in its setup cell.
SAYS_STAGE = re.compile(rb'"stage"\s*:\s*"(\w+)"|\bstart\(\s*\\?["\'](\w+)')
ONLINE_TEXT = "_assignsubmission_onlinetext"  # of Moodle, beside the files of everybody
# Where clones of the tree that students get have their notebooks.
IN_CLONES = re.compile(r"(?:.*/)?(notebooks/[a-z]{2}/[^/]+\.ipynb)")


@dataclass(frozen=True)
class Findings:
    """The notebooks in a source, why other files are none, and who handed in nothing else: their files, by owner."""

    found: list[Found]
    left: list[Left]
    without: dict[str, list[str]]


def find(
    course: Path,
    files: Iterable[File],
    companions: Iterable[File],
    left: Iterable[Left],
    stages: list[str],
    worksheet: Worksheet | None,
) -> Findings:
    """Find the notebooks among files. Raises CollectError.

    companions: the lists that platforms put beside them. left: what may be no notebook.
    """
    notebooks: list[File] = []
    others = list(left)
    for file in files:
        if reason := _why_none(course, file, stages):
            others.append(Left(str(file.path), reason))
        else:
            notebooks.append(file)
    told = read_companions(companions)
    claims = {file.path: claim for file in notebooks if (claim := claim_of(file.path, told, stages))}
    plain = [file.path for file in notebooks if file.path not in claims]
    claims |= dict(zip(plain, claims_of(plain, stages), strict=True))
    owners = {owner.label for claim in claims.values() for owner in claim.owners}
    without: dict[str, list[str]] = defaultdict(list)
    for one in others:
        claim = claim_of(PurePosixPath(one.file), told, stages) if ONLINE_TEXT not in one.file else None
        for owner in claim.owners if claim and claim.platform != "github" else ():  # which has files of ours
            if owner.label not in owners:
                without[owner.label].append(PurePosixPath(one.file).name)
    if worksheet:
        claims = _with_worksheet(claims, worksheet)
    return Findings([_found(file, claims[file.path], stages) for file in notebooks], others, dict(without))


def _why_none(course: Path, file: File, stages: list[str]) -> str:
    """Say why a file is nobody's notebook, "" if it may be somebody's."""
    path = file.path
    pairs = zip(path.parts, path.parts[1:], strict=False)
    if any(folder in stages and inner == EARLIER for folder, inner in pairs):
        return "set aside when a newer one was collected"
    in_clone = IN_CLONES.fullmatch(str(path))
    published = course / in_clone[1] if in_clone else None
    try:
        if path.suffix.lower() != ".ipynb" and not _is_notebook(file.read()):
            return NO_NOTEBOOK
        is_untouched = published and published.is_file() and published.read_bytes() == file.read()
        return "a clone's notebook, as it was published" if is_untouched else ""
    except UnreadableError as error:
        return str(error)


def _is_notebook(content: bytes) -> bool:
    if not HAS_CELLS.search(content):
        return False
    try:
        return bool(read_submission(content).notebook["cells"])
    except (RebuildError, KeyError):
        return False


def _with_worksheet(claims: dict[PurePosixPath, Claim], worksheet: Worksheet) -> dict[PurePosixPath, Claim]:
    of_moodle = [claim for claim in claims.values() if claim.platform == "moodle"]
    if not of_moodle:
        raise CollectError("A worksheet tells of Moodle's downloads, and this is none: collect it without --worksheet.")
    if not any(map(worksheet.knows, of_moodle)):
        raise CollectError(
            f"{worksheet.name} is of another assignment: nobody in it handed in here. "
            "Download the worksheet of the assignment that you collect."
        )
    return {path: worksheet.told(claim) if claim.platform == "moodle" else claim for path, claim in claims.items()}


def _found(file: File, claim: Claim, stages: list[str]) -> Found:
    """Read the stage off the notebook, where its name, or a folder's, says another one or none."""
    called = _stage_called(file, claim, stages)
    try:
        content = file.read()
        said = {(of_metadata or of_cell).decode() for of_metadata, of_cell in SAYS_STAGE.findall(_bare(content))}
        if called and said <= {called}:
            return Found(file, claim, called)
        stage = stage_of(read_submission(content).notebook)
    except (RebuildError, UnreadableError) as error:
        why = "" if called else f"its name holds no stage, and it cannot be read. {error}"
        return Found(file, claim, called, why)
    if called and stage not in stages:
        return Found(file, claim, called)
    if stage is None:
        return Found(file, claim, "", "neither its name nor its content says which stage it is")
    if stage not in stages:
        return Found(file, claim, "", f"it is of stage {stage}, which this course does not have")
    return Found(file, claim, stage, called=called if called != stage else "")


def _stage_called(file: File, claim: Claim, stages: list[str]) -> str:
    """Return the stage that a file's name says, else a folder's; "" for none."""
    known = {re.sub("[ -]", "_", stage.lower()): stage for stage in stages}
    for name in (claim.file, file.path.name, *reversed(file.path.parts[:-1])):
        if named := stage_in(name, stages):
            return known[re.sub("[ -]", "_", named["stage"].lower())]
    return ""


def _bare(content: bytes) -> bytes:
    """Return a content without the zeros that UTF-16 has."""
    return content.replace(b"\0", b"")
