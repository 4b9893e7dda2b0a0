"""The start of every notebook: its language, quiet warnings, errors that show the student's lines and explain them."""

import importlib
import linecache
import os
import re
import site
import sys
import sysconfig
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from helpers.loop import Parts, begin
from helpers.messages import _, set_language

# Where files lie whose lines are not the student's to mend: these helpers, Python itself, and installed packages.
OTHERS = (
    str(Path(__file__).parent),
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    site.getusersitepackages(),
    "<frozen ",
    "<__array_",
)

MAX_FRAMES = 20


def start(stage: str, lang: str, parts: Parts | None = None, loop: bool = True) -> None:
    """Prepare the notebook of `stage` to speak `lang` ("en" or "fr").

    parts: what the notebook is made of; the build writes them there. With them checks run again when an answer changes,
    unless `loop` is False, and "Run All" goes on past those that fail.

    Warnings and progress bars go to the standard output: nbgrader takes points off for anything on stderr. torch works
    in one thread: for networks as small as these, several would mostly wait for one another. The axes of pictures write
    their numbers in the language. Outside IPython only the language is set.
    """
    set_language(lang)
    shell = running_shell()
    if shell is not None:
        sys.stderr = sys.stdout
        warnings.formatwarning = lambda message, category, *place, **line: f"{category.__name__}: {message}\n"
        shell.set_custom_exc((Exception,), _show_own_lines)
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(1)
        if "matplotlib.scale" in sys.modules:
            importlib.import_module("helpers.axes").speak()
        if parts and hasattr(shell, "kernel"):  # where a notebook is graded there is none
            begin(shell, parts, loop)
    print(_("{stage}: ready.").format(stage=stage))


def running_shell() -> Any:
    """Return the running IPython shell, or None."""
    ipython = sys.modules.get("IPython")
    return ipython and ipython.get_ipython()


def is_looked_at() -> bool:
    """Tell whether somebody looks at what cells show: not outside IPython, nor where nbgrader runs the notebook."""
    return running_shell() is not None and not os.environ.get("NBGRADER_EXECUTION")


def sentence_of(error: BaseException) -> str:
    """Say what an error is, where there are no lines of the student's own to show."""
    if isinstance(error, NameError) and error.name:
        return _("{name} is not defined: write its cell, run it, then run this one again.").format(name=error.name)
    return "\n".join(filter(None, (f"{type(error).__name__}: {error}", explained(error))))


def explained(error: BaseException, slips: Mapping[str, str] | None = None) -> str:
    """Say in a student's words what Python or a library says of a common slip; "" where it is none of them.

    slips: sentences by patterns of what errors say, the first that fits; groups fill their places. None: torch's.
    """
    if isinstance(error, AttributeError | IndexError | RuntimeError | TypeError | ValueError):
        with suppress(Exception):  # an exception of a student's own, that cannot be put into words
            for pattern, sentence in (slips or _slips()).items():
                if found := re.search(pattern, str(error)):
                    return sentence.format(*found.groups())
    return ""


def _slips() -> dict[str, str]:
    """Return sentences by what errors of Python and torch say."""
    return {
        "could not infer output dtype": _("torch takes no mean of True and False: .float() makes 1 and 0 of them"),
        r"shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)": _(
            "a product does not fit, ({}, {}) @ ({}, {}): the columns of the first matrix are to be as many as the "
            "rows of the second. Perhaps one of them lacks .T, or another matrix belongs there, or a product entry "
            "by entry, *."
        ),
        r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\)": _(
            "two sizes do not fit, {} and {}: entry by entry, with + - * /, they are to be equal, or one of them "
            "1. Perhaps a sum lacks keepdim=True, or a matrix is not the one that belongs there."
        ),
        r"Dimension out of range \(.*\[-\d+, (\d+)\], but got (-?\d+)\)": _(
            "the dimensions are counted from 0: the last one here is {}, and there is none with the number {}. dim=-1 "
            "is the last, in one example as in a batch."
        ),
        r"batch_size \((\d+)\) to match target batch_size \((\d+)\)": _(
            "{} outputs meet {} targets: the rows of X and Y do not belong together, pick both with the same indices"
        ),
        "values to unpack|cannot unpack": _(
            "several names get their values at once, as in a, b = …, and another number of values comes: look at what "
            "stands to the right"
        ),
        "tuple indices must|concatenate tuple|'tuple' and|and 'tuple'|'torch.Size'|not '?tuple|"
        "'tuple' object has no attribute '(?!append|extend|insert)": _(
            "a tuple, several values in one, stands where one of them belongs: unpack it, a, b = …, or take one, [0]"
        ),
        "'dict' and|and 'dict'|not '?dict|'dict' object has no attribute": _(
            'a dict stands where a number or a tensor belongs: take one value by its name, ["…"]; or are two arguments '
            "swapped?"
        ),
        "NoneType": _(
            "your code computes with None: that is what a function gives that ends without return, and .grad before "
            "backward"
        ),
    }


def own_lines(
    shell: Any, error: BaseException, traceback: TracebackType | None, hidden: tuple[str, ...] = ()
) -> list[str]:
    """Return what to show of an error that a check met: the student's own lines, else a sentence.

    hidden: starts of the names of files that are not the student's, beside those of libraries.
    """
    own, _from_check = _own_frames(traceback, hidden)
    if hasattr(error, "_render_traceback_"):
        return error._render_traceback_()
    if isinstance(error, NotImplementedError) or own is None:
        return [sentence_of(error)]
    lines = shell.InteractiveTB.structured_traceback(type(error), error, own, tb_offset=0)
    return [*lines, *filter(None, [explained(error)])]


def _show_own_lines(shell, etype, error, traceback, tb_offset=None) -> None:
    """Show an error without the lines of check cells and of libraries, which are not the student's to mend."""
    traceback = traceback.tb_next  # the first frame is IPython's
    own, from_check = _own_frames(traceback)
    if isinstance(error, NotImplementedError) or (from_check and own is None) or (own and explained(error)):
        lines = own_lines(shell, error, traceback)
        error._render_traceback_ = lambda: lines
    shell.showtraceback((etype, error, own or traceback), tb_offset=0 if own else None)
    if getattr(error, "evidence", None) and hasattr(shell, "kernel"):  # in a notebook, and not where it is graded
        with suppress(Exception):  # the sentence has been said
            importlib.import_module("helpers.evidence.markup").show(error.evidence)


def _own_frames(frame: TracebackType | None, hidden: tuple[str, ...] = ()) -> tuple[TracebackType | None, bool]:
    """Rebuild the traceback from the student's own frames; tell whether a check cell was running."""
    from_check, own = False, []
    while frame is not None:
        filename = frame.tb_frame.f_code.co_filename
        if linecache.getline(filename, 1).startswith("@check.graded("):
            from_check = True
        elif not filename.startswith((*OTHERS, *hidden)):
            own.append(frame)
        frame = frame.tb_next
    if len(own) > MAX_FRAMES:  # of a recursion without end; each takes Python long to show
        own[MAX_FRAMES // 2 : -MAX_FRAMES // 2] = []
    rebuilt = None
    for frame in reversed(own):
        rebuilt = TracebackType(rebuilt, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return rebuilt, from_check
