"""What a message may hold, and the error for what holds more, or is no value at all."""

from helpers.messages import _

# What a message may hold: bytes of text, bytes of numbers, values within values, values.
MAX_TEXT, MAX_NUMBERS, MAX_DEPTH, MAX_VALUES = 8 * 2**20, 64 * 2**20, 40, 200_000


class WireError(Exception):
    """What a student's function gave cannot be sent, or what came is no value; the sentence says why.

    It is none of the errors that a check may expect of a student's function.
    """

    def _render_traceback_(self) -> list[str]:
        return [_("What your function returned cannot be read. {why}").format(why=self)]


def malformed() -> WireError:
    """Return the error for what nobody who means well sends."""
    return WireError(_("It is not well-formed."))


def too_large() -> WireError:
    """Return the error for more than a message may hold."""
    sentence = _("It is too large: more than {numbers} MiB of numbers, or {text} of text.")
    return WireError(sentence.format(numbers=MAX_NUMBERS // 2**20, text=MAX_TEXT // 2**20))
