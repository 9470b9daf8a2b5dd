"""Measures of ranking, separation, calibration and significance. Pure functions of arrays; NaN where undefined.

Ranking measures agree with trec_eval (a test compares them through ir-measures); they are computed here because the
evaluation wants them for every question, and importing and feeding trec_eval takes longer than the sums themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEED = 20261123
BINS = 10


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval; both ends NaN where the statistic is undefined."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """One bin of a reliability diagram: ``confidence`` and ``accuracy`` are means over ``n`` predictions."""

    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """A precision–coverage curve, one point for each distinct probability, highest first.

    Attributes:
        threshold: (t,) answer from this probability on.
        coverage: (t,) share of questions answered then, rising to 1.
        precision: (t,) share of those answered that are right.

    """

    threshold: Floats
    coverage: Floats
    precision: Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of b less mean of a over the same questions, its interval, and the two-sided p-value."""

    mean: float
    interval: Interval
    p: float


def first_ranks(relevance: Iterable[Sequence[bool]]) -> Ints:
    """Rank (from 1) of the first relevant item of each ranking, 0 where none is."""
    return np.array([next((n for n, right in enumerate(row, 1) if right), 0) for row in relevance], dtype=np.int64)


def hit_at(ranks: ArrayLike, k: int) -> Floats:
    """hit@k (trec_eval's ``success_k``) for each question: 1.0 if a relevant item is among the first k, else 0.0.

    Args:
        ranks: (n,) from :func:`first_ranks`.
        k: at least 1.

    """
    values = np.asarray(ranks, dtype=np.int64)
    return np.asarray((values > 0) & (values <= k), dtype=np.float64)


def reciprocal_rank_at(ranks: ArrayLike, k: int) -> Floats:
    """Reciprocal rank of the first relevant item for each question, 0..1; 0 beyond rank k (Voorhees 1999)."""
    values = np.asarray(ranks, dtype=np.int64)
    return hit_at(values, k) / np.maximum(values, 1)


def mean(values: ArrayLike) -> float:
    """Arithmetic mean; NaN of nothing, without a warning."""
    array = np.asarray(values, dtype=np.float64)
    return float(array.mean()) if array.size else math.nan


def auroc(positive: ArrayLike, negative: ArrayLike) -> float:
    """Area under the ROC curve, 0..1: the chance that a positive scores above a negative, ties counting half.

    The Mann–Whitney U statistic over mid-ranks (Hanley & McNeil 1982). NaN where either side is empty.
    """
    ours, theirs = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if not ours.size or not theirs.size:
        return math.nan
    ranks = _mid_ranks(np.concatenate([ours, theirs]))
    above = ranks[: ours.size].sum() - ours.size * (ours.size + 1) / 2
    return float(above / (ours.size * theirs.size))


def _mid_ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = counts.cumsum() - (counts - 1) / 2
    return np.asarray(middle[group], dtype=np.float64)


def reliability(probability: ArrayLike, correct: ArrayLike, bins: int = BINS) -> tuple[Bin, ...]:
    """Sort predictions into bins of equal mass (sizes differ by at most one), lowest probability first.

    Equal probabilities share their mean accuracy, so that the order of the questions cannot change a bin.

    Args:
        probability: (n,) in 0..1.
        correct: (n,) truth as 0 or 1.
        bins: number of bins; fewer come back where n is smaller.

    """
    chance, truth = np.asarray(probability, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    _, group, counts = np.unique(chance, return_inverse=True, return_counts=True)
    shared = (np.bincount(group, weights=truth) / counts)[group] if chance.size else truth
    parts = np.array_split(np.argsort(chance, kind="stable"), bins)
    return tuple(Bin(len(part), mean(chance[part]), mean(shared[part])) for part in parts if len(part))


def expected_calibration_error(probability: ArrayLike, correct: ArrayLike, bins: int = BINS) -> float:
    """ECE over equal-mass bins, 0..1 (Naeini et al. 2015; equal mass: Nguyen & O'Connor 2015). NaN of nothing."""
    found = reliability(probability, correct, bins)
    total = sum(part.n for part in found)
    return sum(part.n * abs(part.confidence - part.accuracy) for part in found) / total if total else math.nan


def precision_coverage(probability: ArrayLike, correct: ArrayLike) -> Coverage:
    """Trace what share is right among the questions answered, for every threshold (El-Yaniv & Wiener 2010).

    Args:
        probability: (n,) scores.
        correct: (n,) truth as 0 or 1.

    """
    chance, truth = np.asarray(probability, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    order = np.argsort(-chance, kind="stable")
    falling = chance[order]
    # Equal probabilities are answered together: keep the last of each run of them.
    last = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)[: len(falling)])
    answered = last + 1.0
    return Coverage(falling[last], answered / max(len(falling), 1), truth[order].cumsum()[last] / answered)


def bootstrap(
    statistic: Callable[[Ints], float], n: int, *, samples: int = 1000, confidence: float = 0.95, seed: int = SEED
) -> Interval:
    """Percentile bootstrap interval (Efron 1979).

    Args:
        statistic: value of the resampled positions, (n,) integers below n; samples where it is NaN are left out.
        n: number of things resampled.
        samples: number of resamplings.
        confidence: mass between the ends, 0..1.
        seed: equal seeds give equal intervals.

    """
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(rng.integers(0, n, n)) for _ in range(samples if n else 0)])
    return _percentiles(drawn, confidence)


def bootstrap_mean(values: ArrayLike, *, samples: int = 1000, confidence: float = 0.95, seed: int = SEED) -> Interval:
    """Percentile bootstrap interval of a mean; see :func:`bootstrap`."""
    array = np.asarray(values, dtype=np.float64)

    def resampled(drawn: Ints) -> float:
        return float(array[drawn].mean())

    return bootstrap(resampled, len(array), samples=samples, confidence=confidence, seed=seed)


def _percentiles(drawn: Floats, confidence: float) -> Interval:
    defined = drawn[~np.isnan(drawn)]
    if not defined.size:
        return Interval(math.nan, math.nan)
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(float(low), float(high))


def mcnemar_exact(gained: int, lost: int) -> float:
    """Two-sided exact McNemar test (1947), as a sign test over the questions whose outcome changed.

    Args:
        gained: wrong before, right after.
        lost: right before, wrong after.

    Returns:
        p in 0..1; 1.0 where nothing changed.

    """
    n = gained + lost
    term = tail = 1
    for i in range(min(gained, lost)):
        term = term * (n - i) // (i + 1)  # C(n, i + 1); math.comb anew for each is slow for thousands
        tail += term
    return min(1.0, 2 * tail / (1 << n))


def paired_bootstrap(
    before: ArrayLike, after: ArrayLike, *, samples: int = 2000, confidence: float = 0.95, seed: int = SEED
) -> Difference:
    """Difference of two runs over the same questions, resampling questions (Koehn 2004).

    Args:
        before: (n,) values of the first run.
        after: (n,) values of the second run, in the same order of questions.
        samples: number of resamplings.
        confidence: mass between the ends of the interval, 0..1.
        seed: equal seeds give equal results.

    Returns:
        The p-value is twice the smaller share of resamplings on either side of zero, at least 1/(samples + 1);
        NaN of nothing.

    """
    change = np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)
    if not change.size:
        return Difference(math.nan, Interval(math.nan, math.nan), math.nan)
    rng = np.random.default_rng(seed)
    drawn = np.array([change[rng.integers(0, change.size, change.size)].mean() for _ in range(samples)])
    rarer = min(int((drawn <= 0).sum()), int((drawn >= 0).sum()))
    return Difference(mean(change), _percentiles(drawn, confidence), min(1.0, 2 * (rarer + 1) / (samples + 1)))
