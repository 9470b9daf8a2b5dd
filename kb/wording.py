"""How typical the wording of a question is of a unit: a language model of characters for each unit.

Query likelihood with Dirichlet smoothing (Zhai & Lafferty 2001) over single characters and pairs of them. Unlike BM25,
which looks for one row that shares rare words, it asks whether all of a unit's forms together would put it that way.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.columnar.texts import Texts

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

# How many characters' worth of the language at large a unit's own wording is weighed against.
_PRIOR = 600.0
_PAIR = 21  # bits of a code point
_WHOLE = 63  # bits of a number that is not negative
_CONTINUES, _CONTINUED = 0b1100_0000, 0b1000_0000  # how a byte of UTF-8 begins that is not a character's first
# Looked up once: Python loads a codec when it is first used, which a process that may read no more files cannot.
_UTF32 = codecs.lookup("utf-32-le")
_KEPT = ("grams", "start", "units", "counts")


@dataclass(frozen=True, slots=True)
class Wording:
    """Characters and pairs (grams) of the texts of each unit, by gram.

    Attributes:
        grams: (g,) codes, ascending.
        start: (g + 1,) where each gram's units begin in ``units``.
        units: units that use the gram.
        counts: in how many of their texts.
        gains: what each of those uses adds to the score of a question with the gram.
        lengths: (units,) sum of a unit's counts.
        penalties: (units,) what each gram of a question, known or not, takes from the score for that length.
        common: (g,) share of the gram in all counts.
    """

    grams: Codes
    start: NDArray[np.int64]
    units: NDArray[np.int32]
    counts: NDArray[np.int32]
    gains: Array
    lengths: Array
    penalties: Array
    common: Array

    @classmethod
    def build(cls, texts: Texts, owners: NDArray[np.int32], size: int) -> Wording:
        """Count the grams of ``texts``, each of the unit that ``owners`` names; ``size`` units in all."""
        if np.any(owners[1:] < owners[:-1]):
            order = np.argsort(owners, kind="stable")
            texts, owners = texts.take(order), owners[order]
        codes, sources = _grams(texts)
        used = owners[sources]  # ascending within a code, for the texts stand in the order of their units
        first = np.flatnonzero(_fresh(codes) | _fresh(used))
        codes, used, counts = codes[first], used[first], np.diff(np.append(first, len(codes)))
        start = np.flatnonzero(_fresh(codes))
        return cls._of(codes[start], np.append(start, len(codes)), used, counts.astype(np.int32), size)

    @classmethod
    def load(cls, arrays: Mapping[str, NDArray[Any]], size: int) -> Wording:
        """Take what :meth:`arrays` gave.

        Raises:
            KeyError: an array is missing.
        """
        grams, start, units, counts = (arrays[f"wording_{name}"] for name in _KEPT)
        return cls._of(grams, start, units, counts, size)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What is worth keeping, by name."""
        return {f"wording_{name}": getattr(self, name) for name in _KEPT}

    @classmethod
    def _of(
        cls,
        grams: Codes,
        start: NDArray[np.int64],
        units: NDArray[np.int32],
        counts: NDArray[np.int32],
        size: int,
    ) -> Wording:
        total = np.add.reduceat(counts, start[:-1]) + 1.0 if len(grams) else np.zeros(0)
        lengths = np.bincount(units, weights=counts, minlength=size).astype(np.float64)
        common = total / max(float(total.sum()), 1.0)
        gains = np.log1p(counts / (_PRIOR * np.repeat(common, np.diff(start))))
        return cls(grams, start, units, counts, gains, lengths, np.log1p(lengths / _PRIOR), common)

    def shares(self) -> dict[str, float]:
        """Each character and pair with its share of all counts."""
        pairs, codes = self.grams >= 1 << _PAIR, self.grams
        names = [
            chr(code >> _PAIR) + chr(code & ((1 << _PAIR) - 1)) if pair else chr(code)
            for code, pair in zip(codes.tolist(), pairs.tolist(), strict=True)
        ]
        return dict(zip(names, self.common.tolist(), strict=True))

    def scores(self, text: str, hidden: Sequence[tuple[int, str]] = ()) -> tuple[Array, int]:
        """Log-likelihood of a question under each unit over that under all texts together.

        Args:
            text: the question.
            hidden: units and texts to act as if they were absent.

        Returns:
            (units,) natural logarithms, and the number of grams they are the sum over. A gram that no unit uses speaks
            against each by the length of its text.
        """
        codes = _grams_of(text)
        places = self._places(codes)
        scores = -len(codes) * self.penalties
        starts, ends = self.start[places].tolist(), self.start[places + 1].tolist()
        spans = [slice(start, end) for start, end in zip(starts, ends, strict=True)]
        if spans:
            units, gains = (np.concatenate([of[span] for span in spans]) for of in (self.units, self.gains))
            scores += np.bincount(units, weights=gains, minlength=len(scores))
        for unit in {unit for unit, _ in hidden}:
            less = np.concatenate([_grams_of(other) for owner, other in hidden if owner == unit])
            scores[unit] = self._without(unit, len(codes), places, less)
        return scores, len(codes)

    def _places(self, codes: Codes) -> NDArray[np.int64]:
        places = np.searchsorted(self.grams, codes)
        inside = places < len(self.grams)
        found: NDArray[np.int64] = places[inside][self.grams[places[inside]] == codes[inside]]
        return found

    def _without(self, unit: int, asked: int, places: NDArray[np.int64], less: Codes) -> float:
        """Score of one unit as if it lacked the grams ``less``; ``asked`` grams, of which those at ``places`` are known."""
        score = -asked * float(np.log1p((self.lengths[unit] - len(less)) / _PRIOR))
        for place in places.tolist():
            span = slice(self.start[place], self.start[place + 1])
            own = self.counts[span][self.units[span] == unit].sum() - np.count_nonzero(less == self.grams[place])
            score += float(np.log1p(own / (_PRIOR * self.common[place])))
        return score


def _grams_of(text: str) -> Codes:
    """Codes of the characters and pairs of one text, each once, ascending."""
    chars = [ord(char) for char in text]
    return np.array(sorted({*chars, *((a << _PAIR) | b for a, b in pairwise(chars))}), dtype=np.int64)


def _grams(texts: Texts) -> tuple[Codes, NDArray[np.int64]]:
    """Codes of the characters and pairs of each text, each once a text, and which text each comes from, in order."""
    utf8 = texts.utf8.values
    encoded, _ = _UTF32.encode(utf8.tobytes().decode("utf-8", "surrogatepass"), "surrogatepass")
    chars = np.frombuffer(encoded, dtype=np.uint32).astype(np.int64)
    sources = texts.utf8.owners()[(utf8 & _CONTINUES) != _CONTINUED]
    pair = sources[:-1] == sources[1:]
    codes = np.concatenate([chars, ((chars[:-1] << _PAIR) | chars[1:])[pair]])
    codes, sources = _sorted(codes, np.concatenate([sources, sources[:-1][pair]]))
    kept = _fresh(codes) | _fresh(sources)
    return codes[kept], sources[kept]


def _fresh(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value differs from the one before it."""
    fresh = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=fresh[1:])
    return fresh


def _sorted(codes: Codes, sources: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
    """By code, then by source: packed into one number each where they fit, which takes a sixth of the time."""
    bits = int(sources.max(initial=0)).bit_length()
    if 2 * _PAIR + bits > _WHOLE:
        order = np.lexsort((sources, codes))
        return codes[order], sources[order]
    packed = np.sort((codes << bits) | sources)
    return packed >> bits, packed & ((1 << bits) - 1)
