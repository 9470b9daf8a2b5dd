"""What the encoder learns from: every question form, exemplar and passage of the corpus, labelled with its unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.held_out import HOLD_OUT, held_out
from kb.tokens import pinyin
from kb.units import Layout, Role, Unit, UnitKind

NOBODYS = -1  # the unit of a text that belongs to none
_OVERLAP = 0.5
_NOISED = 0.15
_CLEAR = 0.8
_REHEARSED = 0.15


@dataclass(frozen=True, slots=True)
class Sample:
    """One text of one unit, or ``NOBODYS``; ``passage`` says with which prompt it is encoded."""

    text: str
    unit: int
    passage: bool


def samples(layout: Layout, share: float = HOLD_OUT) -> tuple[list[Sample], list[Sample]]:
    """Split a layout's texts into training and held-out samples; answers and chunks are always trained on."""
    seen: list[Sample] = []
    unseen: list[Sample] = []
    for row in layout.rows:
        if row.role is Role.NEGATIVE:
            continue
        sample = Sample(row.text, row.unit, row.role is Role.TEXT)
        (unseen if row.role is Role.FORM and held_out(row.text, share) else seen).append(sample)
    return seen, unseen


def alike(units: Sequence[Unit]) -> NDArray[np.bool_]:
    """Pairs of units that must not be pushed apart, shape (units, units): they answer the same thing.

    Units that share half of their facts, and boundaries that call for the same decision.
    """
    facts = [frozenset(unit.facts) for unit in units]
    matrix = np.zeros((len(units), len(units)), dtype=bool)
    for one, unit in enumerate(units):
        for other, second in enumerate(units):
            if one != other:
                matrix[one, other] = _answer_alike(unit, second, facts[one], facts[other])
    return matrix


def _answer_alike(one: Unit, other: Unit, own: frozenset[str], theirs: frozenset[str]) -> bool:
    if one.kind is UnitKind.BOUNDARY or other.kind is UnitKind.BOUNDARY:
        return one.kind is other.kind and one.expect == other.expect
    return bool(own) and len(own & theirs) >= _OVERLAP * min(len(own), len(theirs) or 1)


def worth_learning(
    vectors: NDArray[np.float32],
    labels: NDArray[np.int32],
    prototypes: NDArray[np.float32],
    together: NDArray[np.bool_],
    scale: float,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Positions of the samples that weights which know the corpus still have something to learn from.

    Those are the samples whose unit is not clearly the likeliest, and a share of all others so that nothing is
    forgotten: a further run then takes a third of the time.

    Args:
        vectors: (n, d) of the samples, by those weights.
        labels: (n,) their units.
        prototypes: (units, d) mean vectors of the units.
        together: (units, units) pairs that are not told apart; see :func:`alike`.
        scale: of cosines in the softmax, as in training.
        rng: chooses the others.
    """
    scores = np.where(together[labels], -np.inf, scale * (vectors @ prototypes.T))
    scores -= scores.max(axis=1, keepdims=True)
    shares = np.exp(scores)
    own = shares[np.arange(len(labels)), labels] / shares.sum(axis=1)
    return np.flatnonzero((own < _CLEAR) | (rng.random(len(labels)) < _REHEARSED))


class Noise:
    """Mistypes texts as people do: homophone characters, dropped and swapped characters, other names of a thing."""

    def __init__(self, texts: Sequence[str], aliases: Mapping[str, str], rng: np.random.Generator) -> None:
        self._rng = rng
        self._names = _names(aliases)
        self._homophones = _homophones(texts)

    def apply(self, text: str) -> str:
        """Return the text, mistyped in about one case of seven."""
        if len(text) < 4 or self._rng.random() > _NOISED:
            return text
        kind = self._rng.integers(4)
        place = int(self._rng.integers(len(text) - 1))
        if kind == 0:
            return text[:place] + text[place + 1 :]
        if kind == 1:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        if kind == 2:
            return self._renamed(text)
        return self._misheard(text, place)

    def _misheard(self, text: str, place: int) -> str:
        same = self._homophones.get(text[place], ())
        return text[:place] + str(self._rng.choice(same)) + text[place + 1 :] if same else text

    def _renamed(self, text: str) -> str:
        for name, others in self._names.items():
            if name in text:
                return text.replace(name, str(self._rng.choice(others)), 1)
        return text


def _names(aliases: Mapping[str, str]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for other, standard in aliases.items():
        names.setdefault(standard, []).append(other)
    return names


def _homophones(texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Characters of the corpus by character of the same sound."""
    by_sound: dict[str, set[str]] = {}
    for char in {char for text in texts for char in text if not char.isascii()}:
        for sound in pinyin(char):
            by_sound.setdefault(sound, set()).add(char)
    return {char: tuple(sorted(group - {char})) for group in by_sound.values() if len(group) > 1 for char in group}


def passes(seen: Sequence[Sample], noise: Noise, count: int) -> Iterator[list[Sample]]:
    """Yield the training samples once a pass: clean first, noised afresh in each later one."""
    for number in range(count):
        if number == 0:
            yield list(seen)
        else:
            yield [
                sample if sample.passage else Sample(noise.apply(sample.text), sample.unit, False) for sample in seen
            ]
