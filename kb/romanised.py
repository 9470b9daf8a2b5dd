"""Reads pinyin that was typed without an input method (yuefu zenme guan) as the characters it most likely stands for.

A Viterbi search over characters with the sounds typed, by how often the corpus itself uses each character and pair: its
subject is narrow enough that the likeliest reading is nearly always the one meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kb.memory import Memory
from kb.query import Analyzer, Mentions, Query
from kb.text import is_han, normalise
from kb.tokens import readings
from kb.wording import Wording

_PIECE = r"[a-z']+|."
_MIXED = re.compile(r"[a-z][^a-z ]|[^a-z ][a-z]")
_LETTERS = re.compile(r"[a-z][a-z']*")
_LONGEST_SYLLABLE = 6
_CHOICES = 16
_BEAM = 12
# Of the chance of a character, this part is that of the character alone, whatever stands before it.
_ALONE = 0.1
# Below this mean a reading is no Chinese that the corpus would use: English words, product names, noise.
_LEAST_MEAN = -5.5
# Syllables that a text without a single character must have.
_FEWEST_ALONE = 2
SEVERAL_LETTERS = re.compile(r"[a-z]{2}")
# Turns, and the standard questions of the entries that answered them; some 2 kB each.
_ANALYSED = 1024


def heard(typed: str, query: Query) -> str:
    """The text that was searched for where pinyin of what was typed was read; "" where none was."""
    return query.text if _letters(query.text) < _letters(normalise(typed)) else ""


def _letters(text: str) -> int:
    return sum(char.isascii() and char.isalpha() for char in text)


class Listener:
    """Analyses questions as an :class:`~kb.query.Analyzer` does, with their pinyin read first.

    Args:
        analyzer: for the text.
        wording: of the index that is searched.
    """

    def __init__(self, analyzer: Analyzer, wording: Wording) -> None:
        self._analyzer = analyzer
        self._wording = wording
        self._analysed: Memory[Query] = Memory(_ANALYSED)

    def analyse(self, text: str) -> Query:
        """Analyse any Unicode string; a turn of a dialogue is asked for more than once."""
        return self._analysed.get(text, lambda: self._analyse(text))

    def _analyse(self, text: str) -> Query:
        query = self._analyzer.analyse(text)
        heard = self._heard(query.text)
        return self._analyzer.analyse(heard) if heard else query

    def mentions(self, *texts: str) -> Mentions:
        """Read what texts of any Unicode name together; each was mostly analysed before."""
        text = " ".join(filter(None, (self.analyse(text).text for text in texts)))
        return Mentions(text, self._analyzer.slots(text))

    def values(self, slot: str) -> tuple[str, ...]:
        """All values of a slot by their full names."""
        return self._analyzer.values(slot)

    def _heard(self, text: str) -> str:
        """What the pinyin of a normal form stands for; "" where there is none."""
        return self._romanised.read(text) if SEVERAL_LETTERS.search(text) else ""

    @cached_property
    def _romanised(self) -> Romanised:
        """Made for the first question that may need it: it takes a tenth of a second."""
        return Romanised(self._wording, self._analyzer.names)


@dataclass(frozen=True, slots=True)
class _Path:
    """A reading so far; ``heard`` of its characters were read from pinyin, at the summed logarithm ``heard_score``."""

    score: float
    text: str
    heard: int = 0
    heard_score: float = 0.0


class Romanised:
    """Reads pinyin as the characters of one corpus.

    Args:
        wording: whose characters and pairs tell what is likely.
        names: words of the corpus; those that mix letters with others (dou+, dou分期) stay as they are.
    """

    def __init__(self, wording: Wording, names: Iterable[str] = ()) -> None:
        mixed = sorted({name for name in names if _MIXED.search(name)}, key=len, reverse=True)
        self._piece = re.compile("|".join([*map(re.escape, mixed), _PIECE]), re.DOTALL)
        self._common: Mapping[str, float] = wording.shares()
        self._singles = sum(share for gram, share in self._common.items() if len(gram) == 1) or 1.0
        self._by_syllable = _by_syllable(self._common)

    def read(self, text: str) -> str:
        """Return normalised text with its pinyin read; "" where there is none, or it makes no sense."""
        pieces = self._piece.findall(text)
        paths = [_Path(0.0, "")]
        for piece in pieces:
            if piece != " ":
                paths = (self._heard(paths, piece) if _LETTERS.fullmatch(piece) else []) or self._kept(paths, piece)
        best = max(paths, key=lambda path: path.score)
        enough = 1 if any(is_han(char) for char in text) else _FEWEST_ALONE
        return best.text if best.heard >= enough and best.heard_score >= _LEAST_MEAN * best.heard else ""

    def _kept(self, paths: list[_Path], piece: str) -> list[_Path]:
        best = max(paths, key=lambda path: path.score)
        apart = " " if best.text[-1:].isascii() and best.text[-1:].isalnum() and piece[0].isalnum() else ""
        return [_Path(best.score, f"{best.text}{apart}{piece}", best.heard, best.heard_score)]

    def _heard(self, paths: list[_Path], piece: str) -> list[_Path]:
        """Readings of the piece as syllables; none if it cannot be cut into syllables."""
        layers: list[list[_Path]] = [paths, *([] for _ in piece)]
        for start in range(len(piece)):
            layers[start] = sorted(layers[start], key=lambda path: -path.score)[:_BEAM]
            for end, char in self._next(piece, start) if layers[start] else ():
                layers[end].append(max((self._add(path, char) for path in layers[start]), key=lambda path: path.score))
        return sorted(layers[-1], key=lambda path: -path.score)[:_BEAM]

    def _next(self, piece: str, start: int) -> Iterator[tuple[int, str]]:
        start += piece[start] == "'"
        for end in range(start + 1, min(start + _LONGEST_SYLLABLE, len(piece)) + 1):
            for char in self._by_syllable.get(piece[start:end], ()):
                yield end, char

    def _add(self, path: _Path, char: str) -> _Path:
        chance = _ALONE * self._common[char] / self._singles
        before = path.text[-1:]
        if before in self._common:
            chance += (1 - _ALONE) * min(self._common.get(before + char, 0.0) / self._common[before], 1.0)
        gain = math.log(chance)
        return _Path(path.score + gain, path.text + char, path.heard + 1, path.heard_score + gain)


def _by_syllable(common: Mapping[str, float]) -> dict[str, list[str]]:
    """The commonest characters of each sound, commonest first."""
    groups: dict[str, list[str]] = {}
    for char in sorted((gram for gram in common if len(gram) == 1 and is_han(gram)), key=lambda gram: -common[gram]):
        for sound in readings(char):
            groups.setdefault(sound, []).append(char)
    return {sound: chars[:_CHOICES] for sound, chars in groups.items()}
