"""Texts that are almost the same, among tens of thousands: only pairs that share a signature are compared.

Short texts: at similarity t two texts lie at most (1 - t)(a + b) insertions and deletions apart. The shorter one is cut
into one part more than that, so one of its parts stands in the other unchanged, and nearly where it stood (Pass-Join,
Li et al. 2011); sets of bigrams are cut in the same way. Such parts are rare even where thousands of texts differ in
little but a number. Long texts have too many parts; they share one of their rarest bigrams (prefix filtering, Chaudhuri
et al. 2006): they differ in at most 4 (1 - t) / t bigrams for each character, hence among so many of the rarest bigrams
of either, and one more, they share one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import ceil, inf

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import cdist

_SHORT = 40  # characters; where both ways take about as long
_ROUNDING = 1e-9
Grams = frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Positions of two texts, ``first < second``, and their similarity in [0, 1]."""

    first: int
    second: int
    similarity: float


def near_pairs(keys: Sequence[str], owners: Sequence[str], least: float) -> list[Pair]:
    """Pairs of texts of two owners whose rapidfuzz ratio or bigram Jaccard is at least ``least``, nearest first.

    Texts that share no bigram are left out, hence those of one character.

    Args:
        keys: the texts.
        owners: of each text.
        least: more than 2/3.
    """
    grams = [frozenset(key[at : at + 2] for at in range(len(key) - 1)) for key in keys]
    cut, sets, rare = _Cut(least), _Sets(grams, least), _Rare(grams, least)
    # Each edit that makes a long text a near one takes at most two of its bigrams away.
    longs = [(len(own), len(key)) for key, own in zip(keys, grams, strict=True) if len(key) > _SHORT]
    fewest = min((min(least * held, held - 4 * (1 - least) * size) for held, size in longs), default=inf)
    pairs = []
    # In order of length, so that a text is looked for among those that are no longer than it.
    for place in sorted(range(len(keys)), key=lambda place: len(keys[place])):
        key, own = keys[place], grams[place]
        near = _close(key, cut.near(key), keys, least) | sets.near(own) if len(key) <= _SHORT else rare.near(key, own)
        for other in near:
            if owners[other] != owners[place] and not own.isdisjoint(grams[other]):
                score = similarity(key, keys[other], own, grams[other], least)
                if score >= least:
                    pairs.append(Pair(min(place, other), max(place, other), score))
        if len(key) <= _SHORT:
            cut.add(key, place)
            sets.add(own, place)
        if len(own) >= fewest:
            rare.add(key, own, place)
    return sorted(pairs, key=lambda pair: (-pair.similarity, pair.first, pair.second))


def similarity(one: str, other: str, grams: Grams, others: Grams, least: float) -> float:
    """Take the larger of rapidfuzz ratio and bigram Jaccard, in [0, 1]; below ``least`` it may be 0."""
    close = ratio(one, other, score_cutoff=100 * least) / 100
    if min(len(grams), len(others)) < least * max(len(grams), len(others)):
        return close
    return max(close, len(grams & others) / len(grams | others))


def _close(key: str, places: Iterable[int], keys: Sequence[str], least: float) -> set[int]:
    """Those of the texts whose rapidfuzz ratio to one is high enough: all at once, a tenth of the time of one by one."""
    others = list(places)
    scores = cdist([key], [keys[place] for place in others], scorer=ratio, score_cutoff=100 * least)[0]
    return {others[at] for at in scores.nonzero()[0].tolist()}


class _Cut:
    """Texts by the parts they are cut into."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._held: defaultdict[tuple[int, int, int, str], list[int]] = defaultdict(list)

    def add(self, key: str, place: int) -> None:
        """Keep a text."""
        for edits, number, start, end in _cuts(len(key), self._least):
            self._held[len(key), edits, number, key[start:end]].append(place)

    def near(self, key: str) -> set[int]:
        """Of the texts kept, none of them longer, all whose ratio to this one is high enough, and others."""
        found: set[int] = set()
        for length, edits, number, start, end in _windows(len(key), self._least):
            found.update(self._held.get((length, edits, number, key[start:end]), ()))
        return found


def _most_edits(length: int, longer: int, least: float) -> int:
    """How far apart a text and one that is so much longer may lie, negative for never: as odd or even as ``longer``."""
    edits = int((1 - least) * (2 * length + longer) + _ROUNDING)
    return edits - (edits - longer) % 2 if edits >= longer else -1


@lru_cache(maxsize=256)
def _spans(length: int, edits: int) -> tuple[tuple[int, int], ...]:
    """Parts of a text, one more than edits, each as long as the others or one longer."""
    ends = [number * length // (edits + 1) for number in range(edits + 2)]
    return tuple(zip(ends, ends[1:], strict=False))


@lru_cache(maxsize=256)
def _cuts(length: int, least: float) -> tuple[tuple[int, int, int, int], ...]:
    """The parts that a text must be known by: edits, number, start, end; for all edits that a longer one may be away."""
    longest = int(2 * length * (1 - least) / least + _ROUNDING)
    away = {_most_edits(length, longer, least) for longer in range(longest + 1)} - {-1}
    return tuple(
        (edits, number, start, end) for edits in away for number, (start, end) in enumerate(_spans(length, edits))
    )


@lru_cache(maxsize=256)
def _windows(size: int, least: float) -> tuple[tuple[int, int, int, int, int], ...]:
    """Where to look in a text for the parts of those no longer: their length, edits, the part, start and end here.

    Some part ``n`` is unchanged and has exactly ``n`` edits before it, so that it is moved by -n, -n + 2, …, n; what
    edits are left behind it must make up for the rest of the difference in length.
    """
    found = []
    for length in range(size + 1):
        longer = size - length
        edits = _most_edits(length, longer, least)
        for number, (start, end) in enumerate(_spans(length, edits) if edits >= 0 else ()):
            moves = (move for move in range(-number, number + 1, 2) if abs(longer - move) <= edits - number)
            places = ((start + move, end + move) for move in moves)
            found += [(length, edits, number, left, right) for left, right in places if left >= 0 and right <= size]
    return tuple(found)


class _Sets:
    """Sets of bigrams by the parts they are cut into, each bigram always into the same part of so many."""

    def __init__(self, grams: Sequence[Grams], least: float) -> None:
        self._least = least
        self._numbers = {gram: number for number, gram in enumerate(dict.fromkeys(chain.from_iterable(grams)))}
        self._held: defaultdict[tuple[int, int, Grams], list[int]] = defaultdict(list)

    def add(self, own: Grams, place: int) -> None:
        """Keep a set."""
        for number, part in enumerate(self._parts(own, len(own))):
            self._held[len(own), number, part].append(place)

    def near(self, own: Grams) -> set[int]:
        """Of the sets kept, all whose Jaccard with this one is high enough, and others."""
        found: set[int] = set()
        least, most = len(own) * self._least - _ROUNDING, len(own) / self._least + _ROUNDING
        for size in range(ceil(least), int(most) + 1):
            for number, part in enumerate(self._parts(own, size)):
                found.update(self._held.get((size, number, part), ()))
        return found

    def _parts(self, own: Grams, size: int) -> list[Grams]:
        """As many as there are bigrams that a set of this size and one near it do not share, and one more."""
        parts = int(size * (1 - self._least) / self._least + _ROUNDING) + 1
        if parts == 1:
            return [own]
        return [frozenset(gram for gram in own if self._numbers[gram] % parts == part) for part in range(parts)]


class _Rare:
    """Texts by their rarest bigrams, as many of them as must hold one of any near text's."""

    def __init__(self, grams: Sequence[Grams], least: float) -> None:
        self._share = 4 * (1 - least) / least
        self._often = Counter(chain.from_iterable(grams))
        self._held: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, key: str, own: Grams, place: int) -> None:
        """Keep a text."""
        for gram in self._rarest(key, own):
            self._held[gram].append(place)

    def near(self, key: str, own: Grams) -> set[int]:
        """Of the texts kept, all that are near this one, and others."""
        return {place for gram in self._rarest(key, own) for place in self._held.get(gram, ())}

    def _rarest(self, key: str, own: Grams) -> Iterable[str]:
        return sorted(own, key=lambda gram: (self._often[gram], gram))[: int(self._share * len(key)) + 1]
