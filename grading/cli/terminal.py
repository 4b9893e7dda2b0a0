"""What is printed of other people's making: names, files, remarks. No commands for the terminal, no half characters."""


def printable(text: str) -> str:
    """Return a text as a terminal can print it on one line: what is no character there is written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable_lines(text: str) -> str:
    """Return a text of several lines as a terminal can print it."""
    return "\n".join(map(printable, text.split("\n")))


def counted(number: int, what: str) -> str:
    """Return a number of things: one answer, two answers."""
    return f"{number} {what}{'' if number == 1 else 's'}"
