"""Times as platforms write them for people, in English, French and German."""

import re
import unicodedata
from datetime import datetime

# The first letters that tell a month, in English, French and German, without accents.
MONTHS = (
    ("jan",), ("feb", "fev"), ("mar",), ("apr", "avr"), ("may", "mai"), ("jun", "juin"), ("jul", "juil"),
    ("aug", "aou"), ("sep",), ("oct", "okt"), ("nov",), ("dec", "dez"),
)  # fmt: skip
ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*")
DIGITS = re.compile(r"(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)")
YEAR, DAY = re.compile(r"\b(?:19|20)\d\d\b"), re.compile(r"\b\d{1,2}(?=\b|er\b)")
CLOCK = re.compile(r"\b(\d{1,2})[:h. ]?(\d{2})(?:[:.](\d{2}))?\s*([ap])?\.?m?", re.IGNORECASE)


def read_time(text: str) -> datetime | None:
    """Read a time, with its zone if it names one by numbers; None for what is none, or may be two.

    "Friday, 15 March 2024, 11:02 AM", "vendredi 15 mars 2024, 11:02", "Mar 15, 2024 1102 AM", "2024-03-15 11:02:33".
    """
    text = text.strip()
    try:
        if together := DIGITS.fullmatch(text):
            year, month, day, hour, minute, second = map(int, together.groups())
            return datetime(year, month, day, hour, minute, second)
        if ISO.fullmatch(text):
            return datetime.fromisoformat(text.replace(" UTC", "+00:00").replace(" Z", "+00:00"))
        return _spoken(unicodedata.normalize("NFKD", text.casefold()))
    except ValueError:
        return None


def _spoken(text: str) -> datetime | None:
    letters = "".join(letter for letter in text if not unicodedata.combining(letter))
    names = [word for word in re.findall(r"[a-z]+", letters) if len(word) > 2]
    months = [number for word in names for number, starts in enumerate(MONTHS, 1) if word.startswith(starts)]
    year = YEAR.search(letters)
    if not months or not year:
        return None
    day = DAY.search(letters[: year.start()])
    clock = CLOCK.search(letters[year.end() :].lstrip(" ,"))
    if not day or not clock:
        return None
    hour, half = int(clock[1]), clock[4]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return datetime(int(year[0]), months[-1], int(day[0]), hour, int(clock[2]), int(clock[3] or 0))
