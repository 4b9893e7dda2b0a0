"""What a page has room for: longer texts are cut, so that pages stay readable, and quick to make."""

import re
from dataclasses import dataclass

from markupsafe import Markup

from helpers.messages import _

MAX_TAGS, MAX_PICTURE = 20_000, 6_000_000
# A word longer than this is cut in two.
MAX_WORD = 200


@dataclass
class Room:
    """What a page has room for, of all that its student made: pieces, work to make them, their tags, their pictures.

    work: in characters that are copied. tags: in their squares, by which the time grows that cleaning them takes.
    pictures: in characters of base64.
    """

    pieces: int = 1_000
    work: int = 3_000_000
    tags: int = MAX_TAGS**2
    pictures: int = 24_000_000

    def take(self, work: int) -> bool:
        """Take the room for one more piece; False if there is not enough."""
        self.pieces -= 1
        if work > self.work or self.is_used_up:
            return False
        self.work -= work
        return True

    @property
    def is_used_up(self) -> bool:
        """Whether nothing more is shown."""
        return self.pieces < 0

    def take_tags(self, html: str) -> bool:
        """Take the room for the tags of some HTML; False if there is not enough."""
        tags = html.count("<")
        if tags > MAX_TAGS or tags**2 > self.tags:
            return False
        self.tags -= tags**2
        return True

    def take_picture(self, data: str) -> bool:
        """Take the room for a picture; False if there is not enough."""
        if len(data) > min(MAX_PICTURE, self.pictures):
            return False
        self.pictures -= len(data)
        return True


def cut(text: str, length: int) -> str:
    """Return a text, or its beginning and a note if it is longer than that, cut between two words."""
    if len(text) <= length:
        return text
    kept = text[:length]
    ends = re.search(rf"\s\S{{0,{MAX_WORD}}}\Z", kept)
    note = _("[Cut off here: too long.]")
    return f"{kept[: ends.start()] if ends else kept}\n\n{note}"


def cut_off() -> Markup:
    """Return what stands in the place of what there is no room for."""
    return Markup("<p>{}</p>").format(_("[Cut off here: too long.]"))
