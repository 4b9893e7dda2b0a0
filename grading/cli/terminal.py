"""What is printed of other people's making: names, files, remarks. No commands for the terminal, no half characters."""

from collections.abc import Iterable

MAX_LISTED, MAX_NAMES = 4, 12  # of what is alike, and of people


def printable(text: str) -> str:
    """Return a text as a terminal can print it on one line: what is no character there is written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable_lines(text: str) -> str:
    """Return a text of several lines as a terminal can print it."""
    return "\n".join(map(printable, text.split("\n")))


def counted(number: int, what: str) -> str:
    """Return a number of things: one answer, two answers."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def listed(names: Iterable[str], most: int = MAX_LISTED) -> str:
    """Return names in a row, a few of many."""
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
