"""Which answers are equal or nearly so, and how alike: they come together."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process, utils

from grading.marking.answers import MAX_COMPARED, Answer

ALIKE = 90  # percent, from which on they come together
SHORT = 40  # characters below which only equal answers do: "yes" and "yet" are not alike
PLACES = 512  # in which triples of letters are counted
# Triples of letters that a letter more or less changes: five where it stands alone, fewer where others stand beside it.
CHANGED = 3


@dataclass
class _Firsts:
    """The first answers of all groups, in one language: texts, and how often triples of letters are in each."""

    answers: dict[str, Answer] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    profiles: NDArray[np.int16] = field(default_factory=lambda: np.zeros((64, PLACES), np.int16))

    def add(self, text: str, answer: Answer) -> None:
        if len(self.texts) == len(self.profiles):
            self.profiles = np.concatenate([self.profiles, np.zeros_like(self.profiles)])
        self.profiles[len(self.texts)] = _profile(text)
        self.texts.append(text)
        self.answers[text] = answer

    def nearest(self, text: str) -> Answer | None:
        """Return the answer to which a text is alike, if any. Texts whose triples differ need no comparison."""
        if text in self.answers:
            return self.answers[text]
        if len(text) < SHORT or not self.texts:
            return None
        differ = np.abs(self.profiles[: len(self.texts)] - _profile(text)).sum(1, dtype=np.int64)
        lengths = np.array([len(other) for other in self.texts]) + len(text)
        near = np.flatnonzero(differ <= CHANGED * lengths * (100 - ALIKE) / 100)
        texts = [self.texts[index] for index in near]
        found = process.extractOne(text, texts, scorer=fuzz.ratio, score_cutoff=ALIKE)
        return self.answers[found[0]] if found else None


def grouped(answers: Iterable[Answer]) -> dict[Answer, Answer]:
    """Return the first of each answer's group, for answers to one question, in their order."""
    places: dict[Answer, Answer] = {}
    by_language: dict[str, _Firsts] = {}
    for answer in answers:
        text = utils.default_process(answer.text[:MAX_COMPARED]) or answer.text[:MAX_COMPARED]
        firsts = by_language.setdefault(answer.lang, _Firsts())
        first = firsts.nearest(text)
        if first is None:
            firsts.add(text, answer)
        places[answer] = first or answer
    return places


def alike(one: Answer, other: Answer) -> int:
    """Return how alike two answers are, in percent: 100 where they are equal."""
    if one.text == other.text:
        return 100
    texts = (utils.default_process(answer.text[:MAX_COMPARED]) for answer in (one, other))
    return min(int(fuzz.ratio(*texts)), 99)


def _profile(text: str) -> NDArray[np.int16]:
    letters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    triples = (letters[:-2] * 961 + letters[1:-1] * 31 + letters[2:]) % PLACES
    return np.bincount(triples.astype(np.int64), minlength=PLACES).astype(np.int16)
