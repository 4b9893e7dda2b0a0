"""Who needs a look: blank, stuck, late, partial, ungradable, missing, and all that there is to tell, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from grading.course.dates import Doubt
from grading.overview.gathering import Class
from grading.records.standing import Standing
from grading.results.model import Status
from grading.results.wording import reason_of, remarks_of
from helpers.messages import _, number

HALF = 0.5
MANY = 0.5  # of the answers, which is many to leave blank


@dataclass(frozen=True)
class Group:
    """Students of whom something is to be said. people: by id, with what is said of each, "" where that is nothing.

    key: what it is called in code.
    """

    key: str
    title: str
    people: Mapping[str, str]


def is_blank(group: Class, standing: Standing) -> bool:
    """Whether nothing at all was written."""
    names = {one for one in group.cells.exercises if one}
    return standing.result.has_points and bool(names) and names <= set(standing.result.unanswered)


def groups_of(group: Class) -> list[Group]:
    """Return who needs a look, and why, those groups in which somebody is."""
    everybody = group.standings
    blank = {student for student, one in everybody.items() if is_blank(group, one)}
    late = {student: _late(one) for student, one in everybody.items() if one.late.days or one.late.doubt}

    def with_status(status: Status) -> dict[str, str]:
        return {
            student: reason_of(one.result, _)
            for student, one in everybody.items()
            if one.result.status is status and not one.is_excused
        }

    found = [
        Group("stuck", _("Stuck"), {student: why for student, why in _stuck(group).items() if student not in blank}),
        Group("blank", _("Nothing written"), dict.fromkeys(sorted(blank), "")),
        Group("late", _("Late"), late),
        Group("partial", _("Did not run to the end"), with_status(Status.PARTIAL)),
        Group("ungradable", _("Cannot be graded"), with_status(Status.UNGRADABLE)),
        Group("ungraded", _("Not graded yet"), with_status(Status.UNGRADED)),
        Group("missing", _("Nothing handed in"), with_status(Status.MISSING)),
        Group("excused", _("Excused"), {student: "" for student, one in everybody.items() if one.is_excused}),
        Group("remarks", _("Remarks"), _remarks(group)),
    ]
    return [one for one in found if one.people]


def _stuck(group: Class) -> dict[str, str]:
    """Return who left many answers blank, or is below half in this stage and the last one before that they have."""
    found = {}
    stages = list(group.shares)
    for student, one in group.graded.items():
        why = []
        unanswered = len(set(one.result.unanswered) & set(group.cells.exercises))
        if unanswered >= MANY * len(group.cells.exercises):
            sentence = _("{unanswered} of {n} answers are blank")
            why.append(sentence.format(unanswered=unanswered, n=len(group.cells.exercises)))
        mine = [(stage, group.shares[stage][student]) for stage in stages if student in group.shares[stage]][-2:]
        if len(mine) == 2 and all(share < HALF for _stage, share in mine):
            shares = ", ".join(" ".join((stage, number(share, ".0%"))) for stage, share in mine)
            why.append(_("below half twice in a row: {shares}").format(shares=shares))
        if why:
            found[student] = "; ".join(why)
    return found


def _late(standing: Standing) -> str:
    if standing.late.doubt is Doubt.NO_TIME:
        return _("nothing says when it was handed in")
    if standing.late.doubt:
        return _("late, but nothing says how late")
    said = _("a day") if standing.late.days == 1 else _("{days} days").format(days=standing.late.days)
    taken = _("{points} points are taken off").format(points=number(round(standing.taken_off, 2), "g"))
    return f"{said}, {taken}" if standing.late.percent else said


def _remarks(group: Class) -> dict[str, str]:
    """Return what an instructor is told of those whose work was graded."""
    told = {student: remarks_of(one.result, _) for student, one in group.graded.items()}
    skipped = {student: (reason_of(group.standings[student].result, _),) for student in told}
    kept = {student: [line for line in lines if line not in skipped[student]] for student, lines in told.items()}
    return {student: " ".join(lines) for student, lines in kept.items() if lines}
