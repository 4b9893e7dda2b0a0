"""The shell of a guest: IPython's, which shows things on the guest's screen and has neither person nor front end."""

import builtins
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from grading.guest.screen import Screen, Stream
from helpers.messages import _

# What IPython might read otherwise than Python: a command, a question, a prompt, space before it all.
SPECIAL = re.compile(r"\A\s|\?|^\s*(?:[%!,;/]|>>>|\.\.\.|In \[)|=\s*[%!]", re.MULTILINE)


class Hook(DisplayHook):
    """Shows the value of a cell."""

    shell: "Shell"

    def write_output_prompt(self) -> None:
        """Write none: the message holds the number."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Show the value, in all the forms that it has."""
        content = {"data": format_dict, "metadata": md_dict or {}, "execution_count": self.prompt_count}
        self.shell.screen.show("execute_result", **content)

    def finish_displayhook(self) -> None:
        """Write no line break."""


class Publisher(DisplayPublisher):
    """Shows what cells display."""

    shell: "Shell"

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: str | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        """Show something, or change what was shown under its display_id. source: nobody looks at it."""
        kind = "update_display_data" if update else "display_data"
        self.shell.screen.show(kind, data=data, metadata=metadata or {}, transient=transient or {})

    def clear_output(self, wait: bool = False) -> None:
        """Have what is shown so far disappear, at once or when something else is shown."""
        self.shell.screen.show("clear_output", wait=wait)


class Shell(InteractiveShell):
    """A shell that neither `exit()` nor code that Python cannot compile ends: the cells below are graded too."""

    displayhook_class = Type(Hook)
    display_pub_class = Type(Publisher)
    screen: Screen
    last_traceback: list[str]

    def init_hooks(self) -> None:
        """Have no pager, which would wait for keys."""
        super().init_hooks()  # type: ignore[no-untyped-call]  # IPython has no types here
        self.set_hook("show_in_pager", lambda *_args, **_options: None, 0)

    def transform_cell(self, raw_cell: str) -> str:
        """Return a cell as Python: IPython looks at every word of it for its own, mostly in vain."""
        is_line = len(raw_cell.splitlines()) < 2  # which IPython may take for a call
        if is_line or SPECIAL.search(raw_cell) or self.input_transformers_post:
            return str(super().transform_cell(raw_cell))  # type: ignore[no-untyped-call]  # IPython has no types here
        return raw_cell if raw_cell.endswith("\n") else f"{raw_cell}\n"

    def should_run_async(self, *args: Any, **kwargs: Any) -> bool:
        """Return whether a cell awaits anything. One that nests too deep to tell is run, and fails with an error."""
        try:
            return super().should_run_async(*args, **kwargs)
        except RecursionError:
            return False

    def ask_exit(self) -> None:
        """Stay."""

    def enable_gui(self, gui: str | None = None) -> None:
        """Have figures shown below their cells: there are no windows."""

    def debugger(self, force: bool = False) -> None:
        """Refuse."""
        refuse()

    @property
    def kernel(self) -> NoReturn:
        """Say that there is none."""
        raise AttributeError(_("When a notebook is graded, no kernel runs it: do without get_ipython().kernel."))

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.last_traceback = stb
        self.screen.show("error", ename=etype.__name__, evalue=str(evalue), traceback=stb)

    @contextmanager
    def own_streams(self) -> Iterator[None]:
        """Put back the streams if a cell replaces them."""
        out, err = sys.stdout, sys.stderr
        try:
            yield
        finally:
            for name, stream in (("stdout", out), ("stderr", err)):
                if not isinstance(getattr(sys, name, None), Stream):
                    setattr(sys, name, stream)


# By which libraries tell a notebook from a terminal.
Shell.__name__ = "ZMQInteractiveShell"


def new_shell() -> Shell:
    """Make the shell of this process. It shows nothing before `connect`."""
    config = Config({"HistoryManager": {"enabled": False}, "IPKernelApp": {}})
    shell = Shell.instance(config=config)
    shell.magics_manager.register_function(lambda _line: None, magic_name="autosave")
    return shell


def connect(shell: Shell, screen: Screen) -> None:
    """Have a shell, and this process, show things on a screen, and ask nobody for input."""
    shell.screen = screen
    sys.stdout, sys.stderr = Stream(screen, "stdout"), Stream(screen, "stderr")
    builtins.input = sys.breakpointhook = refuse


def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
    """Refuse to wait for a person."""
    raise RuntimeError(_("Nobody is there to answer when a notebook is graded: do without input() and debuggers."))
