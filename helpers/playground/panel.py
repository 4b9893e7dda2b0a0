"""The playground as widgets: controls, the picture, a sentence.

Playing is a widget of ipywidgets, `Play`, that ticks in the browser: each tick is a message, and the picture is part of
the answer to it. So the kernel works on one epoch at a time and serves cells and other controls between two of them,
a slow one gets fewer ticks (the page waits for an answer before it sends the next), and nothing runs on when the page
is closed. A thread or a task of the kernel's own would do without messages, but Colab does not show what widgets change
while no cell and no message is being handled. JupyterLab hands widgets' messages to a thread beside the one that runs
cells (a subshell), where a student's function would draw the random numbers of a cell and swallow its prints: what runs
it is handed on to the cells' thread.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from helpers.messages import _, number
from helpers.playground.page import picture
from helpers.playground.settings import Setting, Value, read, written
from helpers.playground.trial import Trial, TroubleError
from helpers.plots import ORANGE

INTERVAL = 60  # milliseconds between two ticks, at least
AS_WIDE, LABELLED = {"description_width": "initial"}, {"description_width": "90px"}
CONTROL = {"width": "300px", "max_width": "100%"}
WRAPPED = {"display": "flex", "flex_flow": "row wrap", "align_items": "center", "width": "100%"}
MIME = "application/vnd.jupyter.widget-view+json"
# What changes while a training goes on; with any other setting it starts anew.
LIVE = ("eta", "batch")


class Panel:
    """The controls, the picture and the sentence. new: makes a trial from settings. values: those to begin with."""

    _last: "Panel | None" = None  # that was shown

    def __init__(self, settings: tuple[Setting, ...], new: Callable[[Mapping[str, Value]], Trial], values: Mapping):
        self._settings, self._new, self._values = settings, new, dict(values)
        self._trial: Trial | None = None
        self._cells: asyncio.AbstractEventLoop | None = None  # of the thread that runs cells
        self._is_due = False
        self.controls = {setting.name: _control(setting, values[setting.name]) for setting in settings}
        self.play = widgets.Play(interval=INTERVAL, max=10**9, show_repeat=False)
        self._playing = "playing" if self.play.has_trait("playing") else "_playing"  # before ipywidgets 8
        self.toggle = widgets.Button(icon="play", description=_("Play"))
        self.one_epoch = widgets.Button(icon="step-forward", description=_("One epoch"))
        self.reset = widgets.Button(icon="undo", description=_("Reset"))
        self.line = widgets.Text(
            written(values), description=_("settings"), continuous_update=False, layout={"width": "100%"}, style=AS_WIDE
        )
        self.image, self.message = widgets.HTML(), widgets.HTML()
        self._listen()

    def _listen(self) -> None:
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self._in_turn(self._change, {name: change["new"]}), "value")
        self.line.observe(lambda change: self._in_turn(self._paste, change["new"]), "value")
        self.play.observe(lambda change: self._tick(change["new"]), "value")
        self.play.observe(lambda change: self._show_playing(change["new"]), self._playing)
        self.toggle.on_click(lambda _button: self._in_turn(self._toggle))
        self.one_epoch.on_click(lambda _button: self._in_turn(self._attempt, self._advance))
        self.reset.on_click(lambda _button: self._in_turn(self._restart))

    def show(self) -> None:
        """Draw the network as it starts and show all below the cell. NotImplementedError of an unwritten answer."""
        if Panel._last:
            Panel._last._pause()  # the cell may run again: then its clock ticks on in the page, but nobody sees it
        with contextlib.suppress(RuntimeError):  # no notebook: nothing comes from elsewhere
            self._cells = asyncio.get_running_loop()
        try:
            self._begin()
            self._draw()
        except TroubleError as trouble:
            self._say(str(trouble))
        Panel._last = self
        if self._playing == "playing":  # it can be started from here, by a button that has a name
            self.play.layout.display = "none"
            buttons = [self.toggle, self.play, self.one_epoch, self.reset]
        else:
            buttons = [self.play, self.one_epoch, self.reset]
        rows = [buttons, list(self.controls.values()), [self.message], [self.image], [self.line]]
        whole = widgets.VBox([widgets.Box(row, layout=WRAPPED) for row in rows])
        model = {"version_major": 2, "version_minor": 0, "model_id": whole.model_id}
        display({MIME: model, "text/plain": _("The playground: run this cell to play.")}, raw=True)

    @property
    def is_playing(self) -> bool:
        """Whether the browser ticks."""
        return getattr(self.play, self._playing)

    def _toggle(self) -> None:
        setattr(self.play, self._playing, not self.is_playing)

    def _pause(self) -> None:
        setattr(self.play, self._playing, False)

    def _show_playing(self, is_playing: bool) -> None:
        self.toggle.icon, self.toggle.description = ("pause", _("Pause")) if is_playing else ("play", _("Play"))

    def _in_turn(self, action: Callable[..., None], *arguments: Any) -> None:
        """Do it, from another thread when no cell is running."""
        if self._cells and threading.current_thread() is not threading.main_thread():
            self._cells.call_soon_threadsafe(action, *arguments)
        else:
            action(*arguments)

    def _tick(self, value: int) -> None:
        """Go on by an epoch: the browser ticks, which counts once however long a cell runs. 0 is of a stop button."""
        if value == 0:
            self._in_turn(self._restart)
        elif not self._is_due:
            self._is_due = True
            self._in_turn(self._play_on)

    def _play_on(self) -> None:
        self._is_due = False
        if self.is_playing:  # not paused since the tick
            self._attempt(self._advance)

    def _restart(self) -> None:
        self._pause()
        self._attempt(self._begin)

    def _change(self, values: Mapping[str, Value]) -> None:
        """Take new settings over, into all controls and the line; most begin a new training."""
        changed = {name: value for name, value in values.items() if value != self._values[name]}
        if not changed:
            return
        self._values |= changed
        for name, value in changed.items():
            self.controls[name].value = value
        self.line.value = written(self._values)
        if self._trial and set(changed) <= set(LIVE):
            self._trial.settings = dict(self._values)
        else:
            self._attempt(self._begin)

    def _paste(self, line: str) -> None:
        try:
            values = read(line, self._settings)
        except ValueError as error:
            self._say(str(error))
            return
        self._say("")
        self._change(values)
        self.line.value = written(self._values)  # in full, if it left settings out

    def _begin(self) -> None:
        self._trial = None  # where it fails, the next tick tries again
        self._trial = self._new(dict(self._values))

    def _advance(self) -> None:
        if self._trial:
            self._trial.epoch()
        else:
            self._begin()

    def _attempt(self, action: Callable[[], None]) -> None:
        """Do it and draw; where the student's functions fail, pause and say why, below the last good picture."""
        try:
            action()
        except (TroubleError, NotImplementedError) as trouble:
            self._pause()
            self._say(str(trouble))
        else:
            self._draw()

    def _draw(self) -> None:
        self._say("")
        self.image.value = picture(self._trial)

    def _say(self, sentence: str) -> None:
        frame = f'<div role="alert" style="border-left: 4px solid {ORANGE}; padding-left: 8px">{escape(sentence)}</div>'
        self.message.value = frame if sentence else ""


def _control(setting: Setting, value: Value) -> Any:
    """Return a slider for numbers, a list for words."""
    is_words = any(isinstance(one, str) for one in setting.values)
    kind = widgets.Dropdown if is_words else widgets.SelectionSlider
    options = [(str(one) if is_words else number(one, "g"), one) for one in setting.values]
    return kind(options=options, value=value, description=setting.label, layout=CONTROL, style=LABELLED)
