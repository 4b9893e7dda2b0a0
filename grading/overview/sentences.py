"""What checks said, taken apart: which sentence of the catalogue, in any language, about what, with which values."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter

from babel.messages.mofile import read_mo

from helpers.messages import LANGUAGES, LOCALE, _

MAX_TEXT = 800  # characters of what was said that are looked at
MAX_PLACES = 12  # at which it may come apart
MIN_LETTERS = 6  # that a sentence has beside its placeholders: what has fewer would be found in anything
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+\b")
NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:[.,\u00a0\u202f]\d+)*(?:[eE][-+]?\d+)?(?![\w])(?:[\u00a0 ]?%)?")
ROW = re.compile(r"…(?:, …){3,}")
COLON = re.compile(r"[\u00a0\u202f ]?: ")
MASK = "…"
INDEXED = 4  # letters by which sentences are found


@dataclass(frozen=True)
class Said:
    """One thing that a check said.

    sentence: in English, as the catalogue has it; where it has none, what was said. what: the code that it is about.
    values: by placeholder. after: further sentences that stood behind it.
    """

    sentence: str
    is_known: bool = False
    what: str = ""
    values: tuple[tuple[str, str], ...] = ()
    after: tuple[str, ...] = ()

    def value(self, name: str) -> str:
        """Return one of the values, "" where there is none of this name."""
        return dict(self.values).get(name, "")

    @property
    def subject(self) -> str:
        """What it is about, without the numbers that a function was given; those in brackets stay, as in f(x)[0]."""
        return re.sub(rf"\[\d+\]|{NUMBER.pattern}", lambda one: one[0] if one[0][0] == "[" else MASK, self.what)

    def masked(self, say: Callable[[str], str] = _) -> str:
        """Say it in the chosen language, without the numbers that it was filled in with.

        say: translates; `str` leaves it in English, in which what is the same reads the same.
        """
        if not self.is_known:
            return masked(self.sentence)
        values = {name: masked(translated(value, say)) for name, value in self.values}
        said = " ".join([_filled(say(self.sentence), values), *map(say, self.after)])
        return _filled(say("{what}: {sentence}"), {"what": say(self.subject), "sentence": said}) if self.what else said


def masked(text: str) -> str:
    """Return a text without its numbers: a mistake is the same, whatever numbers it gave."""
    return ROW.sub(MASK, NUMBER.sub(MASK, ADDRESS.sub(MASK, text)))


def read_sentences(message: str) -> list[Said]:
    """Take apart what a check said. Of a choice each line is something of its own."""
    lines = [" ".join(line.split(" ")).strip() for line in message.splitlines() if line.strip()]
    if len(lines) > 1:
        parts = [read_sentence(line) for line in lines[:MAX_PLACES]]
        if all(part.is_known for part in parts):
            return parts
    return [read_sentence(" ".join(lines))]


@cache
def read_sentence(text: str) -> Said:
    """Take apart one line: the sentence of the catalogue that explains most of it, in any language."""
    text = text[:MAX_TEXT]
    found = [(0, 0, Said(COLON.sub(": ", text)))]
    for what, rest in _splits(text):
        subject = _english().get(what, what)
        for head, after in _tails(rest):
            length = sum(map(len, after))
            if head in _english():
                found.append((length + len(head), 0, Said(_english()[head], True, subject, after=after)))
                continue
            for one in (*_patterns().get(head[:INDEXED], ()), *_patterns()[""]):
                values = one.match(head)
                if values is not None:
                    filled = sum(len(value) for _name, value in values)
                    found.append((length + one.size, -filled, Said(one.sentence, True, subject, values, after)))
    return max(found, key=lambda one: one[:2])[2]


@dataclass(frozen=True)
class _Pattern:
    """A sentence with placeholders. literals: what stands before, between and after these, in one language."""

    sentence: str
    literals: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def size(self) -> int:
        """How much of a text it explains, in letters."""
        return sum(map(len, self.literals))

    def match(self, text: str) -> tuple[tuple[str, str], ...] | None:
        """Return the values that make the sentence this text, None if none do; in time that grows as the text does."""
        first, *middle, last = self.literals
        if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
            return None
        place, end, values = len(first), len(text) - len(last), []
        for literal in middle:
            found = text.find(literal, place, end)
            if found < 0:
                return None
            values.append(text[place:found])
            place = found + len(literal)
        return tuple(zip(self.names, [*values, text[place:end]], strict=True))


@cache
def _catalogues() -> Mapping[str, list[str]]:
    """Return each English sentence with what it is in each language."""
    sentences: dict[str, list[str]] = {}
    for lang in LANGUAGES[1:]:
        with (LOCALE / lang / "LC_MESSAGES" / "gradus.mo").open("rb") as file:
            for message in read_mo(file):
                if isinstance(message.id, str) and message.id:
                    sentences.setdefault(message.id, [message.id]).append(str(message.string))
    return sentences


@cache
def _english() -> Mapping[str, str]:
    """Return the English of each sentence that has no placeholder."""
    plain = ((one, written) for one, all_ in _catalogues().items() for written in all_)
    return {written: one for one, written in plain if not any(name is not None for _, name in _parts(written))}


@cache
def _patterns() -> Mapping[str, list[_Pattern]]:
    """Return the sentences with placeholders by their first letters, under "" those that begin with fewer."""
    found = set()
    for sentence, written in _catalogues().items():
        for one in written:
            parts = _parts(one)
            names = tuple(name for _, name in parts if name is not None)
            literals = tuple(literal for literal, _ in parts)
            if names and sum(map(str.isalpha, "".join(literals))) >= MIN_LETTERS:
                found.add(_Pattern(sentence, literals if parts[-1][1] is None else (*literals, ""), names))
    by_start: dict[str, list[_Pattern]] = {"": []}
    for pattern in sorted(found, key=lambda one: (one.sentence, one.literals)):
        start = pattern.literals[0][:INDEXED]
        by_start.setdefault(start if len(start) == INDEXED else "", []).append(pattern)
    return by_start


def _parts(sentence: str) -> list[tuple[str, str | None]]:
    """Return what stands in a sentence, each part with the placeholder after it; one without a name has its number."""
    try:
        parsed = list(Formatter().parse(sentence))
    except ValueError:  # a brace that opens nothing
        return [(sentence, None)]
    parts: list[tuple[str, str | None]] = []
    text = ""
    for literal, name, _spec, _conversion in parsed:
        text += literal
        if name is not None:
            parts.append((text, name or str(len(parts))))
            text = ""
    return [*parts, (text, None)] if text or not parts else parts


def _filled(sentence: str, values: Mapping[str, str]) -> str:
    """Put values in the places of a sentence, as they are."""
    return "".join(literal + ("" if name is None else values.get(name, MASK)) for literal, name in _parts(sentence))


def translated(value: str, say: Callable[[str], str] = str) -> str:
    """Return a value that may be a piece of a sentence, in English or what `say` makes of that."""
    one = read_sentence(value)
    return _filled(say(one.sentence), dict(one.values)) if one.is_known and not one.what else value


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """Yield in which ways a text may be what is spoken of, and what is said of it."""
    yield "", text
    for found, _number in zip(COLON.finditer(text), range(MAX_PLACES), strict=False):
        yield text[: found.start()], text[found.end() :]


def _tails(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield in which ways a text may be a sentence and known ones behind it."""
    yield text, ()
    for found, _number in zip(re.finditer(r"(?<=[.?!]) ", text), range(MAX_PLACES), strict=False):
        if text[found.end() :] in _english():
            yield text[: found.start()], (_english()[text[found.end() :]],)
