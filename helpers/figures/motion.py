"""Time as pictures: frames that one plays or steps through under the cell, where scripts run.

matplotlib's `to_jshtml` draws the whole figure again for each frame, and what it makes has no alt text, buttons in
English alone, and a font from the web on them.
"""

import html
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from helpers.messages import _
from helpers.setup import is_looked_at
from helpers.words import Picture

if TYPE_CHECKING:
    from PIL.Image import Image as PILImage

MAX_FRAMES, MAX_BYTES = 20, 1_000_000
COLOURS = 64  # of one frame; `MAXCOVERAGE` keeps the rare ones

PLAYER = """
(place => {
  if (!place || place.firstChild) return;
  const [frames, names, words] = %s;
  const make = (tag, more) => place.appendChild(Object.assign(document.createElement(tag), more));
  const image = make("img", {width: words.width});
  image.style.cssText = "display: block; max-width: 100%%; height: auto";
  const button = make("button", {type: "button"});
  const slider = make("input", {type: "range", min: 0, max: frames.length - 1, value: 0});
  const name = make("output");
  slider.setAttribute("aria-label", words.slider);
  let timer = 0;
  const show = k => {
    slider.value = k;
    image.src = frames[k];
    image.alt = `${words.alt} ${names[k]}`;
    slider.setAttribute("aria-valuetext", name.textContent = names[k]);
  };
  const stop = () => { timer = clearInterval(timer); button.textContent = words.play; };
  const next = () => +slider.value < frames.length - 1 ? show(+slider.value + 1) : stop();
  button.onclick = () => {
    if (timer) return stop();
    if (+slider.value === frames.length - 1) show(0);
    button.textContent = words.pause;
    timer = setInterval(next, 400);
  };
  slider.oninput = () => { stop(); show(+slider.value); };
  stop();
  show(0);
})(document.getElementById("%s"));
"""


@dataclass(frozen=True)
class Motion:
    """Frames under a cell: the first and the last as pictures, which stay where no script runs, then all to be played.

    frames: at least one. names: of each. alt: what moves.
    """

    frames: Sequence[Picture]
    names: Sequence[str]
    alt: str

    def __repr__(self) -> str:
        return " ".join([self.alt, self.frames[0].alt, self.frames[-1].alt])

    def _repr_html_(self) -> str:
        ends = {self.names[k]: self.frames[k] for k in (0, -1)}
        shown = (
            f'<figure style="display: inline-block; margin: 0 1em 1em 0">{frame._repr_html_()}'
            f"<figcaption>{html.escape(name)}</figcaption></figure>"
            for name, frame in ends.items()
        )
        words = {"play": _("▶ play"), "pause": _("⏸ pause"), "slider": _("which picture"), "alt": self.alt}
        words |= {"width": self.frames[0].width}
        told = json.dumps([[frame.source for frame in self.frames], self.names, words]).replace("</", "<\\/")
        place = f"motion-{uuid4().hex}"
        return f'{"".join(shown)}<div id="{place}"></div><script>{PLAYER % (told, place)}</script>'


def motion(draw: Callable[[int], np.ndarray], names: Sequence[str], alt: str, ends: tuple[str, str]) -> None:
    """Show at most 20 of the frames `draw(0)`, `draw(1)`, …, evenly chosen, the first and the last among them.

    draw: function from the number of a frame to its colours, (height, width, 3) of uint8, shown at two thirds of their
    size, and in less detail where all would be more than 1 MB. names: of the frames, "epoch 3". alt: a sentence that
    says what moves; ends: what is to be seen in the first and in the last. When nbgrader runs the notebook, nothing is
    drawn: nobody looks.
    """
    if not is_looked_at():
        return
    from IPython.display import display
    from PIL import Image

    chosen = np.unique(np.linspace(0, len(names) - 1, MAX_FRAMES).round().astype(int)).tolist()
    images = [Image.fromarray(draw(k)) for k in chosen]
    width = round(images[0].width / 1.5)
    words = {chosen[0]: ends[0], chosen[-1]: ends[1]}
    while True:
        frames = [Picture(_png(image), width, words.get(k, "")) for k, image in zip(chosen, images, strict=True)]
        shown = Motion(frames, [names[k] for k in chosen], alt)
        if len(shown._repr_html_()) <= MAX_BYTES:
            break
        images = [image.reduce(2) for image in images]
    display(shown)


def _png(image: "PILImage") -> bytes:
    from PIL import Image

    file = io.BytesIO()
    image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(file, "png")
    return file.getvalue()
