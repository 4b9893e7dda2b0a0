"""Checks run again when an answer changes, and "Run All" goes on past those that fail.

All that is known is the kernel's. Checks run again from the second definition of an answer on: whoever runs a notebook
once from top to bottom, as nbgrader and nbconvert do, sees nothing of it.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from helpers.loop.standing import FAILS, FORM, HOLDS, OPEN, Standing, codes_of, unwritten, used_names
from helpers.messages import _
from helpers.within import within

# Under each heading: its minutes, its answers with the steps of their hints, its checks with their points.
Parts = Mapping[str, tuple[int, Mapping[str, int], Mapping[str, float]]]

QUICK, LONGEST = 0.5, 5.0  # seconds: what took longer waits for its own cell; what takes longer now is stopped
PATIENCE = 3  # failures in a row for each step of a hint


@dataclass
class Loop:
    """What a kernel knows of its notebook.

    defined: answers, and the ids of the cells that defined them last. gone: why some are not any more.
    before: what answers were when the cell began. raised: what a check raised last. advice: below the cell, on answers.
    """

    shell: Any
    parts: Parts
    is_on: bool
    standings: dict[str, Standing] = field(default_factory=dict)
    defined: dict[str, str | None] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    raised: BaseException | None = None
    advice: dict[str, str] = field(default_factory=dict)

    @property
    def checks(self) -> dict[str, float]:
        """All checks, with their points."""
        return {name: points for _minutes, _answers, part in self.parts.values() for name, points in part.items()}

    @property
    def asked(self) -> list[str]:
        """The names of all answers."""
        return [name for _minutes, answers, _checks in self.parts.values() for name in answers]

    def standing(self, name: str) -> Standing:
        """Return what is known of a check."""
        return self.standings.setdefault(name, Standing(name))

    def answers(self) -> dict[str, Any]:
        """Return the answers that the kernel holds."""
        return {name: self.shell.user_ns[name] for name in self.asked if name in self.shell.user_ns}

    def counted(self) -> str:
        """Say how many checks hold."""
        marks = [self.standing(name).mark for name in self.checks]
        sentence = _("{n} of {all} hold").format(n=marks.count(HOLDS), all=len(marks))
        if FORM in marks:
            sentence += ", " + _("of {n} the form is right").format(n=marks.count(FORM))
        return sentence

    def before_cell(self, _info: Any) -> None:
        """Remember what the answers are."""
        self.before, self.raised, self.advice = self.answers(), None, {}

    def after_cell(self, result: Any) -> None:
        """Have "Run All" go on where it may, and tell what became of the checks of answers that the cell defined."""
        error = result.error_in_exec
        if error is not None and (error is self.raised or unwritten(error)):
            result.error_in_exec = None  # what is shown of it stays
        if self.before is None:  # the cell that started
            return
        now, before, cell = self.answers(), self.before, getattr(result.info, "cell_id", None)
        changed = {name for name, value in now.items() if value is not before.get(name)}
        gone = before.keys() - now.keys()
        gone |= {name for name, owner in self.defined.items() if owner is not None and owner == cell} - changed
        self.gone = {name: told for name, told in self.gone.items() if name not in changed}
        self.gone |= {name: _why_gone(name, result.error_before_exec is not None) for name in gone}
        self.defined |= dict.fromkeys(changed, cell)
        if self.is_on:
            lines = [*self._let_go(gone), *self._run_again(changed & before.keys())]
            for line in [*lines, *self.advice.values()]:
                print(line)

    def _let_go(self, gone: set[str]) -> Iterator[str]:
        for name in sorted(gone):
            self.defined.pop(name, None)
            waiting = [one for one in self.standings.values() if name in one.names and one.mark != OPEN]
            for one in waiting:
                one.mark, one.sentence = OPEN, self.gone[name]
            if waiting:
                yield f"{OPEN} {', '.join(one.name for one in waiting)}: {self.gone[name]}"

    def _run_again(self, names: set[str]) -> Iterator[str]:
        """Run the checks of these answers again, if they are quick; say what has changed."""
        known = [one for name in self.checks if (one := self.standing(name)).names & names]
        for one in known:
            before = one.mark
            if one.seconds < QUICK:
                with _unseen(), suppress(Exception, KeyboardInterrupt), within(LONGEST):
                    one.again()
            else:
                one.mark, one.sentence = OPEN, _("run its cell again")
            if one.mark == FAILS or one.mark != before:
                yield f"{one.mark} {one.name}" + (f": {one.sentence}" if one.sentence else "")
        if known:
            yield self.counted()

    def advise(self, one: Standing) -> None:
        """Name the step of a hint to unfold, if a check has failed often enough for the next."""
        step, rest = divmod(one.failures, PATIENCE)
        for _minutes, answers, checks in self.parts.values():
            asked = [name for name in answers if name in one.names]
            if one.name in checks and asked and not rest and 0 < step <= answers[asked[-1]]:
                told = _(
                    "{name} has failed {n} times in a row: hint {step} of {steps} below {answer} may help, unfold it."
                )
                words = {"name": one.name, "n": one.failures, "answer": asked[-1], "steps": answers[asked[-1]]}
                self.advice.setdefault(asked[-1], told.format(step=step, **words))


_loop: Loop | None = None


def begin(shell: Any, parts: Parts, is_on: bool) -> None:
    """Watch the cells of a shell. What is known of the checks stays where they are watched already."""
    global _loop
    if _loop is not None:
        _loop.parts, _loop.is_on = parts, is_on
        return
    _loop = Loop(shell, parts, is_on)
    shell.events.register("pre_run_cell", _loop.before_cell)
    shell.events.register("post_run_cell", _loop.after_cell)


def current() -> Loop | None:
    """Return what this kernel knows of its notebook; None where no cells are watched."""
    return _loop


def note(check: Any, again: Callable[[], object], seconds: float, mark: str) -> Standing | None:
    """Take note of what the function of a check gave, and of how to run it again; return what is known of it now."""
    if _loop is None:
        return None
    one = _loop.standing(check.__name__)
    one.names, one.again, one.seconds, one.mark, one.sentence = used_names(check.__code__), again, seconds, mark, ""
    answers = _loop.answers()
    tried = tuple(code for name in sorted(one.names & answers.keys()) for code in codes_of(answers[name]))
    if mark == FAILS and tried != one.tried:
        one.failures += 1
        _loop.advise(one)
    elif mark in (HOLDS, FORM):
        one.failures = 0
    one.tried = tried
    return one


def lost(check: Any) -> str:
    """Say why a check cannot tell anything, since an answer that it calls is only what an older cell left behind."""
    gone = _loop.gone if _loop is not None else {}
    return next((gone[name] for name in sorted(used_names(check.__code__) & gone.keys())), "")


def note_error(check: Any, again: Callable[[], object], seconds: float, error: Exception, sentence: str) -> None:
    """Take note of what a check raised: no failure as long as its answer is not written, or its cell did not run."""
    is_open = unwritten(error) or (isinstance(error, NameError) and error.name in used_names(check.__code__))
    is_open |= bool(lost(check))
    one = note(check, again, seconds, OPEN if is_open else FAILS)
    if _loop is not None and one is not None:
        _loop.raised = error
        one.sentence = sentence


def _why_gone(name: str, is_unread: bool) -> str:
    renamed = _("the cell of {name} does not define it any more: give it that name again, or run the cell that does")
    unread = _("Python could not read the cell of {name}, so nothing in it ran: mend it, and run it again")
    return (unread if is_unread else renamed).format(name=name)


@contextmanager
def _unseen() -> Iterator[None]:
    """Show nothing of what is run, and put back random numbers, torch's modes, and figures."""
    from IPython.utils.capture import capture_output

    from helpers.seeds import kept

    pyplot = sys.modules.get("matplotlib.pyplot")
    figures = set(pyplot.get_fignums()) if pyplot else set()
    with kept(), capture_output():
        yield
    for number in set(pyplot.get_fignums()) - figures if pyplot else ():
        pyplot.close(number)
