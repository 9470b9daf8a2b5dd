"""Measures against hand-computed numbers, brute force, and other people's programs."""

from __future__ import annotations

import math

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import Success
from scipy.stats import binomtest

from kb import metrics

RANKS = [1, 0, 3, 11]
unit = st.floats(0, 1, allow_nan=False)


def test_first_rank_is_the_place_of_the_first_relevant_item() -> None:
    rows = [[True, True], [False, False], [False, False, True], []]
    assert metrics.first_ranks(rows).tolist() == [1, 0, 3, 0]


def test_hit_and_reciprocal_rank_by_hand() -> None:
    assert metrics.hit_at(RANKS, 1).tolist() == [1, 0, 0, 0]
    assert metrics.hit_at(RANKS, 3).tolist() == [1, 0, 1, 0]
    assert metrics.reciprocal_rank_at(RANKS, 10) == pytest.approx([1, 0, 1 / 3, 0])
    assert metrics.hit_at([], 1).tolist() == []


def test_hit_and_reciprocal_rank_agree_with_trec_eval() -> None:
    rng = np.random.default_rng(1)
    relevance = rng.random((60, 10)) < 0.15
    qrels = [
        ir_measures.Qrel(f"q{q}", f"d{d}", int(right)) for q, row in enumerate(relevance) for d, right in enumerate(row)
    ]
    run = [ir_measures.ScoredDoc(f"q{q}", f"d{d}", 1 - d / 10) for q in range(60) for d in range(10)]
    wanted = [Success @ 1, Success @ 3, Success @ 10, ir_measures.RR]
    found = ir_measures.pytrec_eval.calc_aggregate(wanted, qrels, run)
    ranks = metrics.first_ranks(relevance.tolist())
    for k in (1, 3, 10):
        assert metrics.mean(metrics.hit_at(ranks, k)) == pytest.approx(found[Success @ k])
    assert metrics.mean(metrics.reciprocal_rank_at(ranks, 10)) == pytest.approx(found[ir_measures.RR])


def test_mean_of_nothing_is_undefined() -> None:
    assert math.isnan(metrics.mean([]))
    assert metrics.mean([True, False]) == 0.5


def test_auroc_by_hand() -> None:
    assert metrics.auroc([0.9, 0.8], [0.1]) == 1.0
    assert metrics.auroc([0.5], [0.5]) == 0.5
    assert metrics.auroc([0.2, 0.6], [0.4, 0.6]) == pytest.approx((0 + 0 + 1 + 0.5) / 4)
    assert math.isnan(metrics.auroc([], [0.5]))


@given(st.lists(unit, min_size=1, max_size=30), st.lists(unit, min_size=1, max_size=30))
def test_auroc_counts_pairs(positive: list[float], negative: list[float]) -> None:
    pairs = [1.0 if p > n else 0.5 if p == n else 0.0 for p in positive for n in negative]
    assert metrics.auroc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))


def test_reliability_bins_hold_equal_mass() -> None:
    bins = metrics.reliability(np.linspace(0, 1, 23), np.ones(23), bins=10)
    assert sorted({part.n for part in bins}) == [2, 3]
    assert sum(part.n for part in bins) == 23
    assert [part.confidence for part in bins] == sorted(part.confidence for part in bins)


def test_calibration_error_by_hand() -> None:
    # Two bins: (0.2, 0.4) with one of two right, (0.8, 1.0) with both right.
    found = metrics.expected_calibration_error([0.2, 0.8, 0.4, 1.0], [1, 1, 0, 1], bins=2)
    assert found == pytest.approx((abs(0.3 - 0.5) + abs(0.9 - 1.0)) / 2)
    assert metrics.expected_calibration_error([0.75], [1]) == pytest.approx(0.25)
    assert math.isnan(metrics.expected_calibration_error([], []))


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.3, 0.7, 1.0]), st.booleans()), min_size=1), st.randoms())
def test_calibration_error_does_not_depend_on_order(rows: list[tuple[float, bool]], random: object) -> None:
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, two = (metrics.expected_calibration_error(*zip(*part, strict=True)) for part in (rows, mixed))
    assert one == pytest.approx(two)
    assert 0 <= one <= 1


def test_precision_coverage_by_hand() -> None:
    curve = metrics.precision_coverage([0.5, 0.9, 0.5, 0.1], [0, 1, 1, 0])
    assert curve.threshold.tolist() == [0.9, 0.5, 0.1]
    assert curve.coverage.tolist() == [0.25, 0.75, 1.0]
    assert curve.precision == pytest.approx([1.0, 2 / 3, 0.5])
    assert metrics.precision_coverage([], []).coverage.tolist() == []


@given(st.lists(st.tuples(unit, st.booleans()), min_size=1, max_size=40))
def test_precision_coverage_matches_counting(rows: list[tuple[float, bool]]) -> None:
    curve = metrics.precision_coverage(*zip(*rows, strict=True))
    for threshold, coverage, precision in zip(curve.threshold, curve.coverage, curve.precision, strict=True):
        answered = [right for chance, right in rows if chance >= threshold]
        assert coverage == pytest.approx(len(answered) / len(rows))
        assert precision == pytest.approx(sum(answered) / len(answered))


def test_bootstrap_interval_of_a_mean_is_near_the_normal_one() -> None:
    values = np.repeat([0.0, 1.0], [300, 700])
    found = metrics.bootstrap_mean(values, samples=2000)
    spread = 1.96 * math.sqrt(0.7 * 0.3 / 1000)
    assert found.low == pytest.approx(0.7 - spread, abs=0.005)
    assert found.high == pytest.approx(0.7 + spread, abs=0.005)


def test_bootstrap_is_seeded_and_undefined_of_nothing() -> None:
    assert metrics.bootstrap_mean([0, 1, 1]) == metrics.bootstrap_mean([0, 1, 1])
    assert metrics.bootstrap_mean([0.5, 0.5]) == metrics.Interval(0.5, 0.5)
    assert math.isnan(metrics.bootstrap_mean([]).low)


def test_mcnemar_by_hand() -> None:
    assert metrics.mcnemar_exact(0, 0) == 1.0
    assert metrics.mcnemar_exact(5, 0) == pytest.approx(2 / 32)
    assert metrics.mcnemar_exact(3, 3) == 1.0


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_a_sign_test(gained: int, lost: int) -> None:
    if gained + lost:
        assert metrics.mcnemar_exact(gained, lost) == pytest.approx(binomtest(gained, gained + lost, 0.5).pvalue)
    assert metrics.mcnemar_exact(gained, lost) == metrics.mcnemar_exact(lost, gained)


def test_mcnemar_stands_large_counts() -> None:
    assert metrics.mcnemar_exact(3000, 3000) == 1.0
    assert metrics.mcnemar_exact(3000, 0) == 0.0


def test_paired_bootstrap_tells_a_gain_from_noise() -> None:
    before = np.zeros(100)
    clear = metrics.paired_bootstrap(before, np.repeat([1.0, 0.0], [30, 70]), samples=500)
    assert clear.mean == pytest.approx(0.3)
    assert 0 < clear.interval.low < 0.3 < clear.interval.high
    assert clear.p == pytest.approx(2 / 501)
    same = metrics.paired_bootstrap(before, before, samples=500)
    assert (same.mean, same.p) == (0.0, 1.0)
    assert math.isnan(metrics.paired_bootstrap([], []).p)
