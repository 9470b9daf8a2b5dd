"""From candidates to the one probability: choice shares, pooled over shared facts, calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.choice import Choice
from kb.features import NAMES, Candidates
from kb.units import Unit, UnitKind

Array = NDArray[np.float64]
_TINY = 1e-6
# Decimals to which probabilities are told apart: units that state the same facts differ by the order of a sum.
_SAME = 12
# Units whose pooled share is at least this part of the surest one's answer a question about as surely.
_AS_SURE = 0.87
# Of held-out texts that would be told that they are about something illegal, 9 of 78 are not; of the 5 below this mass, 3.
_TOLD_FROM = 0.3


@dataclass(frozen=True, slots=True)
class Cutoffs:
    """Probabilities from which a decision pays, given what mistakes cost.

    ``answerable``: mass of all knowledge from which the question is taken for one of ours; ``answer``: probability of
    the best entry from which it is answered outright.
    """

    answerable: float = 0.5
    answer: float = 0.5


@dataclass(frozen=True, slots=True)
class Ranker:
    """The fitted ranking model.

    Attributes:
        choice: conditional logit over candidates.
        slope, intercept: Platt (1999) calibration on the log-odds of the pooled share.
        cutoffs: where answering and suggesting pay.
        calibrated: False when a default fit serves because the corpus could not support one.
        note: why it is not calibrated, in Chinese; empty otherwise.
    """

    choice: Choice
    slope: float = 1.0
    intercept: float = 0.0
    cutoffs: Cutoffs = Cutoffs()
    calibrated: bool = False
    note: str = ""

    def to_json(self) -> dict[str, object]:
        """Plain data for the manifest."""
        return {
            "weights": dict(zip(NAMES, np.round(self.choice.weights, 6).tolist(), strict=True)),
            "outside": round(self.choice.outside, 6),
            "slope": self.slope,
            "intercept": self.intercept,
            "cutoffs": {"answerable": self.cutoffs.answerable, "answer": self.cutoffs.answer},
            "calibrated": self.calibrated,
            "note": self.note,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Ranker:
        """Read what :meth:`to_json` wrote; a feature that the data does not know weighs nothing."""
        weights, cutoffs = data["weights"], data["cutoffs"]
        if not isinstance(weights, Mapping) or not isinstance(cutoffs, Mapping):
            raise TypeError("weights and cutoffs must be mappings")
        return cls(
            choice=Choice(np.array([float(weights.get(name, 0.0)) for name in NAMES]), _number(data["outside"])),
            slope=_number(data["slope"]),
            intercept=_number(data["intercept"]),
            cutoffs=Cutoffs(_number(cutoffs["answerable"]), _number(cutoffs["answer"])),
            calibrated=bool(data["calibrated"]),
            note=str(data["note"]),
        )


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates of one question, the one to answer with first.

    Attributes:
        units: (c,) knowledge units; the first is the one to answer with, the others follow by probability.
        probabilities: (c,) calibrated probability that the unit answers the question.
        rows: (c,) best matching row of each.
        values: (c, features).
        answerable: probability that some knowledge unit is meant.
        boundaries: expected decision → probability that it is called for; with "none" for the outside option.
        kinds: expected decision → its likeliest kind; "" where no kind is likely.
    """

    units: NDArray[np.int64]
    probabilities: Array
    rows: NDArray[np.int64]
    values: Array
    answerable: float
    boundaries: Mapping[str, float]
    kinds: Mapping[str, str]


def logistic(value: Array) -> Array:
    """1 / (1 + e⁻ˣ) without overflow; scipy has it too, and takes longer to import than a question to answer."""
    return np.exp(-np.logaddexp(0.0, -value))


def rank(ranker: Ranker, units: Sequence[Unit], found: Candidates, vetoed: frozenset[int] = frozenset()) -> Ranked:
    """Order the candidates of one question.

    Args:
        ranker: the fitted model.
        units: all units of the index.
        found: the candidates.
        vetoed: units for which the question is a counter-example word for word.
    """
    shares = ranker.choice.shares(found.values)
    candidates = [units[unit] for unit in found.units.tolist()]
    kinds = np.array([unit.kind for unit in candidates], dtype=np.int8)
    knowledge = kinds != UnitKind.BOUNDARY
    if vetoed:
        knowledge &= ~np.isin(found.units, list(vetoed))
    pooled = pool(shares, candidates)
    probabilities = calibrate(pooled, ranker.slope, ranker.intercept)
    order = np.flatnonzero(knowledge)
    order = order[np.lexsort((-shares[order], -np.round(probabilities[order], _SAME)))]
    if len(order):
        first = leading(pooled, shares, order.tolist())
        order = np.append(first, order[order != first])
    masses, likeliest = _boundaries(shares, candidates)
    return Ranked(
        units=found.units[order],
        probabilities=probabilities[order],
        rows=found.rows[order],
        values=found.values[order],
        answerable=float(shares[knowledge].sum()),
        boundaries=masses,
        kinds=likeliest,
    )


class States(Protocol):
    """What states facts."""

    @property
    def facts(self) -> tuple[str, ...]:
        """Ids of facts."""
        ...


def pool(shares: Array, units: Sequence[States]) -> Array:
    """Add to each unit's share what it would answer of the others' questions.

    A question meant for another unit asks about one of that unit's facts; this unit answers it if it states that fact
    too, so the other's share counts by the part of its facts that are shared.
    """
    own, stated = shares.tolist(), [dict.fromkeys(unit.facts) for unit in units]
    masses: dict[str, float] = {}
    for share, facts in zip(own, stated, strict=True):
        for fact in facts:
            masses[fact] = masses.get(fact, 0.0) + share / len(facts)
    # what a unit's facts collect holds its own share, whole
    pooled = [
        sum([masses[fact] for fact in facts]) if facts else share for share, facts in zip(own, stated, strict=True)
    ]
    return np.minimum(pooled, 1.0)


def leading(pooled: Array, shares: Array, places: Sequence[int], as_sure: float = _AS_SURE) -> int:
    """Of the places that answer about as surely as the surest, the one that the question is likeliest meant for.

    A unit that states much besides collects the shares of all that it overlaps with; the one whose own question was
    asked says the same with its first sentence.
    """
    sure, own = pooled.tolist(), shares.tolist()
    least = max(sure[place] for place in places) * as_sure
    return max((place for place in places if sure[place] >= least), key=own.__getitem__)


def calibrate(shares: Array, slope: float, intercept: float) -> Array:
    """Map shares to probabilities by a line in log-odds."""
    return np.asarray(logistic(slope * log_odds(shares) + intercept), dtype=np.float64)


def log_odds(shares: Array) -> Array:
    """Natural log-odds, bounded where a share is 0 or 1."""
    clipped = np.clip(shares, _TINY, 1 - _TINY)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float64)


def _boundaries(shares: Array, units: Sequence[Unit]) -> tuple[dict[str, float], dict[str, str]]:
    """Mass of each expected decision, and its likeliest kind."""
    masses: dict[str, float] = {"none": float(1.0 - shares.sum())}
    of_kinds: dict[str, dict[str, float]] = {}
    for share, unit in zip(shares.tolist(), units, strict=True):
        if unit.expect:
            masses[unit.expect] = masses.get(unit.expect, 0.0) + share
            kinds = of_kinds.setdefault(unit.expect, {})
            kinds[unit.label] = kinds.get(unit.label, 0.0) + share
    return masses, {expect: _likely(kinds) for expect, kinds in of_kinds.items()}


def _likely(kinds: Mapping[str, float]) -> str:
    """The kind of the greatest mass, if that is enough to be told to somebody's face."""
    likeliest = max(kinds, key=kinds.__getitem__)
    return likeliest if kinds[likeliest] >= _TOLD_FROM else ""


def _number(value: object) -> float:
    return float(str(value))
