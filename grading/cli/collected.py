"""What `gradus collect` prints: how much came, what is open and the line that settles it, and what to do next."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grading.cli.terminal import MAX_LISTED, MAX_NAMES, counted, listed, printable
from grading.course.roster import ROSTER, Person
from grading.intake.collect import Collected
from grading.intake.whose import HIDDEN

OUTCOMES = {"new": "new", "replaced": "replaced", "unchanged": "unchanged", "earlier": "older"}
MAX_OPEN = 12


def show_collected(collected: Collected, roster: Mapping[str, Person], course: Path, console: Console) -> None:
    """Print what became of every file, alike ones on one line."""
    _Report(collected, roster, course, console).show()


class _Report:
    def __init__(self, collected: Collected, roster: Mapping[str, Person], course: Path, console: Console):
        self._collected, self._roster, self._course, self._console = collected, roster, course, console
        self._counts = Counter(one.name for one in roster.values())

    def show(self) -> None:
        self._show_table()
        self._show_changes()
        self._show_open()
        self._show_worksheet()
        self._show_left()
        self._show_next()

    def _say(self, text: str) -> None:
        self._console.print(escape(printable(text)))

    def _names(self, students: Iterable[str]) -> str:
        return listed(sorted(map(self._name, students)), MAX_NAMES)

    def _folders(self) -> list[str]:
        return sorted(path.name for path in (self._course / "submitted").glob("[!.]*/"))

    def _name(self, student: str) -> str:
        """Return a student's name, with the id where several have the name."""
        if student not in self._roster:
            return student
        name = self._roster[student].name
        return name if self._counts[name] == 1 else f"{name} ({student})"

    def _show_table(self) -> None:
        placed = self._collected.placed
        if not placed:
            self._console.print("No notebook was collected.")
            return
        table = Table("stage", "students", *OUTCOMES.values())
        for stage in sorted({one.stage for one in placed}):
            ones = [one for one in placed if one.stage == stage]
            students = {kind: {one.student for one in ones if one.outcome == kind} for kind in OUTCOMES}
            students["replaced"] |= {one.student for one in ones if one.outcome == "joined"}
            counts = (str(len(students[kind])) for kind in OUTCOMES)
            table.add_row(stage, str(len({one.student for one in ones})), *counts)
        self._console.print(table)

    def _show_changes(self) -> None:
        of_kind: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in self._collected.placed:
            of_kind[one.outcome, one.stage].add(one.student)
        for (outcome, stage), students in sorted(of_kind.items()):
            aside = f"submitted/<student>/{stage}/earlier"
            if outcome == "replaced":
                self._say(f"Replaced {stage} of {self._names(sorted(students))}; the former ones are in {aside}")
            if outcome == "joined":
                self._say(f"More {stage} of {self._names(sorted(students))} from the same time: graded together")
            if outcome == "earlier":
                self._say(f"Older than what is graded, {stage} of {self._names(sorted(students))}; kept in {aside}")
        self._show_blank()
        if self._collected.untimed:
            many = counted(len(self._collected.untimed), "notebook")
            self._say(f"Nobody says when {many} came in: counted as in time.")
        if misnamed := self._collected.misnamed:
            names = listed(f"{path} is {stage}" for path, stage in sorted(misnamed.items()))
            self._say(f"Called after one stage and holding another, so collected as what they hold: {names}")
        for stage, owners in self._collected.same.copies:
            self._say(f"The same file of {stage}, byte for byte, came from {self._names(owners)}: look at it.")
        for name, (student, other) in self._collected.contradicted.items():
            self._say(
                f"{ROSTER}: {name!r} is another name of {self._names([student])} ({student}), but the worksheet says "
                f"{self._names([other])} ({other}). If that is right, delete this alias in the line of {student}."
            )
        for student, stage, other in self._collected.same.stale:
            place, owner = f"submitted/{student}/{stage}", self._names([other])
            self._say(
                f"{place} holds the very file that {owner} has now: if it came there by mistake, delete that folder."
            )
        for alias, student in self._collected.aliases.items():
            self._say(f"{ROSTER}: {alias!r} is another name of {self._names([student])} ({student}) from now on.")

    def _show_blank(self) -> None:
        """Print whose newest notebook is blank, and how to have an earlier one graded with it."""
        blank = self._collected.blank
        for stage in sorted({stage for _, stage in blank}):
            paths = [path for (_, of), path in blank.items() if of == stage]
            names = self._names(student for student, of in blank if of == stage)
            self._say(f"The newest {stage} of {names} is blank, and an earlier one is not: ask which one counts.")
            self._say("  To have answers of the earlier one graded, put it beside the newest:")
            for path in paths[:MAX_LISTED]:
                places = path.relative_to(self._course), path.parents[1].relative_to(self._course)
                self._say(f"    cp {shlex.join(map(str, places))}")
            if len(paths) > MAX_LISTED:
                self._say(f"    and so on, for {len(paths) - MAX_LISTED} more")
            self._say("  The time stays the newest's: if the earlier one's counts, write it into timestamp.txt there.")

    def _show_open(self) -> None:
        """Print whose notebooks are not known, each owner once, with what settles it."""
        unplaced = self._collected.unplaced
        if not unplaced:
            return
        self._say(f"Open: {counted(len(unplaced), 'notebook')}, kept in unplaced/")
        by_why: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = defaultdict(dict)
        for one in unplaced:
            by_why[one.why][one.label] = one.settle, one.may_be
        shown = 0
        for why, settling in by_why.items():
            self._say(f"  {listed(settling)}: {why}")
            if why == HIDDEN:  # one line for all of them
                continue
            for line, may_be in settling.values():
                shown += bool(line)
                if line and shown <= MAX_OPEN:
                    people = " or ".join(f"{self._roster[one].name} ({one})" for one in may_be if one in self._roster)
                    self._say(f"    {line}{f'  # {people}?' if people else ''}")
        if shown > 1:
            more = f"{shown - MAX_OPEN} more are in unplaced/list.txt; " if shown > MAX_OPEN else ""
            self._say(f"  {more}one command takes several --who")

    def _show_worksheet(self) -> None:
        if self._collected.lacks_worksheet and (self._collected.untimed or self._collected.unplaced):
            self._say("Moodle's grading worksheet says whose number is whose, and when: add --worksheet FILE.csv")

    def _show_left(self) -> None:
        left = self._collected.left
        if self._collected.without:
            owners = (f"{name} ({listed(files)})" for name, files in self._collected.without.items())
            self._say(f"Handed in no notebook: {listed(owners, MAX_NAMES)}")
        if not left:
            return
        by_reason: dict[str, list[str]] = defaultdict(list)
        for one in left:
            by_reason[one.reason].append(one.file)
        self._say(f"Not collected: {counted(len(left), 'file')}")
        for reason, files in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
            if len(files) > MAX_LISTED:
                files = sorted({PurePosixPath(file).name for file in files})
            many = f"{len(by_reason[reason])} files, " if len(by_reason[reason]) > 1 else ""
            self._say(f"  {many}{reason}: {listed(files)}")

    def _show_next(self) -> None:
        stages = sorted({one.stage for one in self._collected.placed})
        for stage in stages if self._roster else ():
            missing = [one for one in self._roster if not (self._course / "submitted" / one / stage).is_dir()]
            if missing:
                who = f"{len(missing)} of {len(self._roster)}, {self._names(missing)}"
                self._say(f"Nothing of {stage} yet: {who}")
        strangers = [name for name in self._folders() if name not in self._roster] if self._roster else []
        if strangers:
            self._say(
                f"Of nobody in the roster: submitted/{listed(strangers)}; take the collecting back that brought them, "
                "or move them away."
            )
        if not self._roster and stages:
            self._say("There is no roster, so folders are called as the files are: `gradus roster FILE` makes one.")
        changed = {one.stage for one in self._collected.placed if one.outcome in ("new", "replaced", "joined")}
        if changed:
            self._say(f"Next: {'; '.join(f'gradus grade {stage}' for stage in sorted(changed))}")
