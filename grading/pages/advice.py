"""What a page says first: where to look, where to start, what was graded again and why, with what, and when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from markupsafe import Markup
from nbformat import NotebookNode

from grading.pages.sections import Item, Section
from grading.records.history import Change, Entry, Why
from grading.records.standing import Standing, on_clock
from grading.results.model import Failure, Note, Result
from helpers.messages import _, language

MAX_STEPS = 3
# Changes of one reason that are named one by one.
MAX_NAMED = 4


@dataclass(frozen=True)
class Step:
    """An exercise to look at again: the points that its checks lost, the check that lost most."""

    exercise: str
    lost: float
    check: Item


@dataclass(frozen=True)
class Blank:
    """Work in which nothing was answered: whether something else was written, and the exercise to start with."""

    has_other: bool
    heading: Markup
    exercise: str
    has_hint: bool


@dataclass(frozen=True)
class Again:
    """What was graded again at some time, and why: what changed, in words, or "" where nothing did."""

    time: str
    why: str
    what: str = ""


def steps_of(sections: Iterable[Section], result: Result) -> list[Step]:
    """Return the answered exercises that lost points in their checks, those that lost most first."""
    unwritten = {check.name for check in result.checks if check.failure is Failure.UNWRITTEN}
    lost: dict[str, list[Item]] = {}
    for item in _items(sections, "check"):
        is_answered = item.exercise not in result.unanswered and item.name not in unwritten
        if is_answered and item.points is not None and item.points < item.maximum:
            lost.setdefault(item.exercise, []).append(item)
    steps = [Step(name, sum(map(_lost, items)), max(items, key=_lost)) for name, items in lost.items()]
    return sorted(steps, key=lambda step: -step.lost)[:MAX_STEPS]


def left_blank(sections: Iterable[Section], result: Result) -> list[str]:
    """Return the exercises and open questions that were not answered and have no points."""
    items = list(_items(sections, "check", "open"))
    earned = {item.exercise or item.name for item in items if item.points}
    names = dict.fromkeys(item.exercise or item.name for item in items)
    return [name for name in names if name in result.unanswered and name not in earned]


def blank_of(sections: Iterable[Section], standing: Standing, instructor: NotebookNode) -> Blank | None:
    """Return where to start if nothing was answered and nothing given by hand, else None."""
    sections = list(sections)
    answers = list(_items(sections, "answer", "open"))
    has_more = standing.points or standing.waiting  # given by hand, or written where the marker must look
    if not answers or has_more or any(item.shown is not None or item.comment for item in answers):
        return None
    first = next((section, item) for section in sections for item in section.items if item is answers[0])
    roles = [cell.metadata.gradus.role for cell in instructor.cells]
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in instructor.cells]
    following = roles[names.index(first[1].name) + 1 :] if first[1].name in names else []
    has_other = any(remark.code is Note.NO_ANSWER for remark in standing.result.remarks)
    return Blank(has_other, first[0].heading, first[1].name, following[:1] == ["hint"])


def again_of(entries: Iterable[Entry], has_points: bool, zone: tzinfo | None) -> Iterator[Again]:
    """Yield what was graded again, and why, the oldest first; marks that were given for the first time are nothing."""
    for entry in entries:
        time = written(on_clock(entry.time, zone))
        by_reason: dict[tuple[Why, ...], list[Change]] = {}
        for change in entry.changes:
            if change.before is not None or change.why != (Why.HAND,):
                by_reason.setdefault(change.why, []).append(change)
        reasons = _reasons()
        for why, changed in by_reason.items():
            yield Again(time, ", ".join(reasons[one] for one in why), _changed(changed, has_points))
        if entry.is_declined:
            yield Again(time, _("it was graded again; the earlier result is better, and counts"))


def code_of(stage: str, name: str, student: str) -> str:
    """Return the code to quote in a question on a check: 02-loss_value-p2300107."""
    return "-".join((stage.partition("_")[0], name, student))


def environment_of(result: Result) -> str:
    """Say in one line what graders have and lack, as far as the result knows it."""
    names = {"python": "Python", "torch": "torch"}
    had = [f"{names[name]} {_short(name, result.versions[name])}" for name in names if result.versions.get(name)]
    has_nothing = result.sandboxed and had
    return _("no GPU, no network; {versions}").format(versions=", ".join(had)) if has_nothing else ", ".join(had)


def graded_at(result: Result, zone: tzinfo | None) -> str:
    """Say when it was graded, "" where nobody knows."""
    try:
        time = datetime.fromisoformat(result.started)
    except ValueError:
        return ""
    return written(on_clock(time if time.tzinfo else time.replace(tzinfo=UTC), zone))


def written(time: datetime | None) -> str:
    """Write a time as the language does, with its zone."""
    if time is None:
        return ""
    return f"{format_datetime(time, 'd MMMM y, HH:mm', locale=language())} {time.tzname() or ''}".rstrip()


def _items(sections: Iterable[Section], *kinds: str) -> Iterator[Item]:
    return (item for section in sections for item in section.items if item.kind in kinds)


def _lost(item: Item) -> float:
    return item.maximum - (item.points or 0.0)


def _short(name: str, version: str) -> str:
    """Return a version without what nobody asks for: 3.11 of Python's, no build of torch's."""
    return ".".join(version.split(".")[:2]) if name == "python" else version.partition("+")[0]


def _changed(changed: list[Change], has_points: bool) -> str:
    """Say which checks changed, and from how many points to how many, one by one or all together."""
    if len(changed) > MAX_NAMED:
        before, after = (
            sum(points or 0.0 for points in column)
            for column in zip(*((c.before, c.after) for c in changed), strict=True)
        )
        what = _("{number} checks and questions").format(number=len(changed))
        return f"{what}, {_points(before)} → {_points(after)}" if has_points else what
    said = []
    for change in changed:
        name = change.name or _("all together")
        said.append(f"{name} {_points(change.before)} → {_points(change.after)}" if has_points else name)
    return ", ".join(said)


def _points(points: float | None) -> str:
    return "–" if points is None else str(format_decimal(points, locale=language()))


def _reasons() -> Mapping[Why, str]:
    """Say why points are not what they were."""
    return {
        Why.WORK: _("you handed in another version"),
        Why.CHECK: _("the check was changed"),
        Why.STAGE: _("the notebook of the stage was changed"),
        Why.SECRET: _("the hidden tests try other inputs"),
        Why.ENGINE: _("the grader was changed"),
        Why.HAND: _("your teacher gave other points"),
        Why.AGAIN: _("it was graded again, and came out differently"),
    }
