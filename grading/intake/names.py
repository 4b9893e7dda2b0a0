"""Names of people and of files: folded to be compared, freed of what tells of nobody, made safe for folders."""

import re
import unicodedata
from pathlib import PurePosixPath

from grading.course.roster import MAX_NAME, is_harmless

ACCENTS = range(0x300, 0x370)  # marks of other scripts are letters: they stay
UNACCENTED = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th"})
SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
APOSTROPHES = "'’ʼ`´‘"

# What a file's name says apart from person and stage. No letter or digit stands before or behind.
LIMITS = r"(?<![^\W_]){}(?![^\W_])"
COPIES = re.compile(
    LIMITS.format(r"(?i:(?:cop(?:y|ie|ia|ies)|cópia|kopie)(?:[ _-]+(?:of|de|di|do|von|van))?)") + r"|\(\d+\)"
)
VERSIONS = re.compile(LIMITS.format(r"(?i:(?:v|ver|version|rev)[ ._-]?\d+(?:\.\d+)*|finale?|checkpoint)"))
# Names of files that are nobody's.
NOBODY = re.compile(
    r"(?i:(?:untitled|sans[ _-]titre|notebook|homework|hw|devoir|assignments?|submissions?|exports?|downloads?|solution"
    r"|answers|tp|td|lab)[ _-]*\d*[ _-]*)+"
)
YEAR, MONTH, DAY = r"(?:19|20)\d\d", r"(?:0?[1-9]|1[0-2])", r"(?:0?[1-9]|[12]\d|3[01])"
DATES = re.compile(
    rf"(?<!\d)(?:{YEAR}(?P<sep>[-_. ]){MONTH}(?P=sep){DAY}|{DAY}(?P<end>[-_. ]){MONTH}(?P=end){YEAR})"
    r"(?:[T _.-]+\d{1,2}[-_.:h]\d{2}(?:[-_.:]\d{2})?)?(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[T_-]\d{4}(?:\d\d)?(?!\d)"
)

# In names of files only: folders may be called after a number that looks like these.
MONTHS = (
    r"(?:jan(?:uary|vier)?|f[eé]v(?:rier)?|feb(?:ruary)?|mar(?:ch|s)?|apr(?:il)?|avr(?:il)?|ma[yi]|june?|juin|july?"
    r"|juil(?:let)?|aug(?:ust)?|ao[uû]t|sept?(?:embre|ember)?|oct(?:obre|ober)?|nov(?:embre|ember)?|d[eé]c(?:embre|ember)?)"
)
CLOCK = r"[T _-]*(?:\d{4}(?:\d\d)?|\d{1,2}[-_.:h]\d\d(?:[-_.:m]\d\d)?)"
STAMPS = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){YEAR}|{DAY}[ _.-]?(?i:{MONTHS})[ _.,-]*{YEAR})(?:{CLOCK})?(?!\d)"
    rf"|(?<![^\W_])(?i:{MONTHS})[ _.-]?{DAY}[ _.,-]+{YEAR}(?!\d)"
)


def fold(text: str) -> str:
    """Return a text without case, accents and ways of writing the same letter."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold().translate(UNACCENTED))
    return unicodedata.normalize("NFKC", "".join(letter for letter in letters if ord(letter) not in ACCENTS))


def exact(text: str) -> str:
    """Return a text without case and extra spaces, with its accents."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def without_zeros(account: str) -> str:
    """Return an id as `exact` does, and if it is a number without the zeros in front of it, which spreadsheets drop."""
    return (account.lstrip("0") or "0") if account.isdecimal() else exact(account)


def words(text: str) -> list[str]:
    """Return the words of a name, folded; apostrophes stand for nothing, as platforms leave them out."""
    return "".join(_part(letter) for letter in fold(text)).split()


def _part(letter: str) -> str:
    if unicodedata.category(letter)[0] in "LMN":
        return letter
    return "" if letter in APOSTROPHES or unicodedata.category(letter) == "Cf" else " "


def joined(text: str) -> str:
    """Return the words of a name as one."""
    return "".join(words(text))


def spellings(name: str) -> set[str]:
    """Return the ways in which a full name may be joined: beginning with each of its words, ü written as u or ue."""
    found = set()
    for text in (name, unicodedata.normalize("NFC", name).casefold().translate(SPELT_OUT)):
        parts = words(text)
        found |= {"".join(parts[start:] + parts[:start]) for start in range(len(parts))}
    return found


def stage_in(name: str, stages: list[str]) -> re.Match[str] | None:
    """Find a stage in a name, with the number of a copy behind it; its group `stage` is as it is written there."""
    for stage in sorted(stages, key=len, reverse=True):
        pattern = re.escape(stage).replace("_", "[ _-]")
        if found := re.search(rf"(?i)(?<![a-z0-9])(?P<stage>{pattern})([ _-]\d{{1,2}})?(?![a-z0-9])", name):
            return found
    return None


def bare(name: str, stages: list[str]) -> str:
    """Return what a file's or folder's name says apart from stage, date, version and marks of copies."""
    name = DATES.sub(" ", COPIES.sub(" ", without_ending(name)))
    named = stage_in(name, stages)
    name = VERSIONS.sub(" ", name.replace(named[0], " ") if named else name)
    name = " ".join(name.split()).strip(" _-.,;()[]")
    return "" if NOBODY.fullmatch(name) else name


def called(name: str, stages: list[str]) -> str:
    """Return what a file's name says of its owner: `bare`, and no dates and times however they are written."""
    return bare(STAMPS.sub(" ", without_ending(name)), stages)


def has_letters(text: str) -> bool:
    """Whether a text may be a name: numbers, dates and times are none."""
    return any(map(str.isalpha, text))


def without_ending(name: str) -> str:
    """Return a name without the endings of notebooks and archives."""
    return re.sub(r"(?i)(\.ipynb|\.json|\.txt|\.zip)+$", "", PurePosixPath(name).name)


def safe(name: str) -> str:
    """Return a name as a folder's: letters and marks of every script stay, what paths and patterns read goes."""
    letters = "".join(letter if is_harmless(letter) else "_" for letter in unicodedata.normalize("NFC", name))
    return cut(" ".join(letters.split())).strip(". ")


def cut(name: str, size: int = MAX_NAME) -> str:
    """Return as much of a name as has room in so many bytes."""
    return name.encode("utf-8", "replace")[:size].decode(errors="ignore")
