import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.build import default_ranker
from kb.choice import Choice
from kb.features import NAMES, Candidates
from kb.ranking import Cutoffs, Ranker, calibrate, log_odds, pool, rank
from kb.units import Unit, UnitKind

SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=6)


def unit(name: str, facts: str = "", kind: UnitKind = UnitKind.FAQ, expect: str = "") -> Unit:
    return Unit(name, kind, f"{name}?", tuple(facts.split()), expect=expect)


UNITS = (
    unit("a", "F1 F2"),
    unit("b", "F2"),
    unit("s", "", UnitKind.SECTION),
    unit("x", "", UnitKind.BOUNDARY, "refuse"),
    unit("y", "", UnitKind.BOUNDARY, "handoff"),
    unit("z", "", UnitKind.BOUNDARY, "refuse"),
)


def candidates(utilities: dict[int, float]) -> Candidates:
    """Candidates whose first feature is their utility."""
    values = np.zeros((len(utilities), len(NAMES)))
    values[:, 0] = list(utilities.values())
    return Candidates(np.array(list(utilities)), values, np.array(list(utilities)) + 100)


def ranker(**change: object) -> Ranker:
    return Ranker(Choice(np.eye(len(NAMES))[0], 0.0), **change)  # type: ignore[arg-type]


def test_pool_by_hand() -> None:
    pooled = pool(np.array([0.5, 0.2, 0.1]), [unit("a", "F1 F2"), unit("b", "F2"), unit("c", "F9")])

    # a answers all of what is meant for b (F2); b answers half of what is meant for a; c shares nothing
    np.testing.assert_allclose(pooled, [0.5 + 0.2, 0.2 + 0.5 / 2, 0.1])


def test_pool_stops_at_one_and_needs_facts() -> None:
    np.testing.assert_allclose(pool(np.array([0.7, 0.6]), [unit("a", "F1"), unit("b", "F1")]), [1, 1])
    np.testing.assert_allclose(pool(np.array([0.7, 0.6]), [unit("a"), unit("b")]), [0.7, 0.6])


@given(st.lists(st.tuples(st.floats(0, 1), st.sets(st.sampled_from(["F1", "F2", "F3"]))), min_size=1, max_size=6))
def test_pooling_only_adds(items: list[tuple[float, set[str]]]) -> None:
    total = sum(share for share, _ in items) or 1.0
    shares = np.array([share / total for share, _ in items])
    before = shares.copy()

    pooled = pool(shares, [unit(str(n), " ".join(sorted(facts))) for n, (_, facts) in enumerate(items)])

    np.testing.assert_array_equal(shares, before)
    assert (pooled >= np.minimum(shares, 1) - 1e-12).all()
    assert (pooled <= 1).all()


def test_calibrate_by_hand() -> None:
    # log-odds of 0.8 is ln 4; twice that less ln 2 is ln 8, whose probability is 8/9
    np.testing.assert_allclose(calibrate(np.array([0.8]), 2.0, -np.log(2)), [8 / 9])
    np.testing.assert_allclose(log_odds(np.array([0.5, 0.75])), [0, np.log(3)])


@given(SHARES, st.floats(0.1, 60), st.floats(-60, 60))
def test_calibrate_keeps_order_and_range(shares: list[float], slope: float, intercept: float) -> None:
    found = calibrate(np.sort(shares), slope, intercept)

    assert ((found >= 0) & (found <= 1)).all()
    assert (np.diff(found) >= 0).all()


@given(st.lists(st.floats(0.001, 0.999), min_size=1))
def test_calibrate_with_the_identity(shares: list[float]) -> None:
    np.testing.assert_allclose(calibrate(np.array(shares), 1.0, 0.0), shares, atol=1e-9)


def test_rank_by_hand() -> None:
    # exponentiated utilities 4, 2, 1, 1 and 1 outside: ninths
    found = candidates({3: np.log(2), 1: np.log(4), 2: 0.0, 4: 0.0})

    ranked = rank(ranker(), UNITS, found)

    assert ranked.units.tolist() == [1, 2]
    assert ranked.rows.tolist() == [101, 102]
    np.testing.assert_allclose(ranked.probabilities, [4 / 9, 1 / 9])
    np.testing.assert_allclose(ranked.values[:, 0], [np.log(4), 0])
    assert ranked.answerable == pytest.approx(5 / 9)
    assert ranked.boundaries == pytest.approx({"none": 1 / 9, "refuse": 2 / 9, "handoff": 1 / 9})
    assert ranked.kinds == {"refuse": "", "handoff": ""}  # too little to name a kind


def test_boundaries_of_a_kind_add_up() -> None:
    same = replace(UNITS[5], label="x?")
    ranked = rank(ranker(), (*UNITS[:5], same), candidates({3: 0.0, 4: 0.5, 5: 0.0, 0: 0.0}))

    assert ranked.kinds == {"refuse": "x?", "handoff": ""}


def test_the_likeliest_boundary_names_the_kind() -> None:
    ranked = rank(ranker(), UNITS, candidates({3: 0.0, 5: 1.0}))

    assert ranked.kinds == {"refuse": "z?"}
    assert ranked.boundaries["refuse"] == pytest.approx((1 + np.e) / (2 + np.e))
    assert (len(ranked.units), ranked.answerable) == (0, 0.0)


def test_a_vetoed_unit_is_left_out() -> None:
    ranked = rank(ranker(), UNITS, candidates({0: 3.0, 1: 1.0}), frozenset({0}))

    assert ranked.units.tolist() == [1]


def test_calibration_applies_to_the_pooled_share() -> None:
    ranked = rank(ranker(slope=2.0, intercept=0.5), UNITS, candidates({0: 0.0, 1: 0.0}))

    # thirds: a pools 2/3, b 1/3 + 1/6
    np.testing.assert_allclose(ranked.probabilities, calibrate(np.array([2 / 3, 1 / 2]), 2.0, 0.5))
    assert ranked.units.tolist() == [0, 1]


def test_shares_break_ties_of_probability() -> None:
    twins = (unit("a", "F1"), unit("b", "F1"))

    assert rank(ranker(), twins, candidates({0: 1.0, 1: 2.0})).units.tolist() == [1, 0]


@given(st.permutations(["F1", "F2", "F3", "F4", "F5"]), st.lists(st.floats(-2, 0), min_size=5, max_size=5))
def test_shares_break_ties_whatever_the_order_of_the_facts(facts: list[str], others: list[float]) -> None:
    twins = (unit("a", "F1 F2 F3 F4 F5"), unit("b", " ".join(facts)))
    units = (*twins, *(unit(fact, fact) for fact in sorted(facts)), unit("first", "F9"))
    utilities = {0: -3.0, 1: -2.9, **dict(enumerate(others, 2)), 7: 4.0}

    ranked = rank(ranker(), units, candidates(utilities)).units.tolist()

    assert ranked.index(1) < ranked.index(0)


def test_nothing_found() -> None:
    ranked = rank(ranker(), UNITS, candidates({}))

    assert (len(ranked.units), ranked.answerable, ranked.boundaries) == (0, 0.0, {"none": 1.0})


@given(st.dictionaries(st.integers(0, 5), st.floats(-30, 30), max_size=6))
def test_every_probability_is_accounted_for(utilities: dict[int, float]) -> None:
    ranked = rank(ranker(), UNITS, candidates(utilities))

    assert ranked.answerable + sum(ranked.boundaries.values()) == pytest.approx(1)
    assert (np.diff(ranked.probabilities[1:]) <= 1e-12).all()
    if len(ranked.units):
        # slope 1, intercept 0: probabilities are the pooled shares
        assert ranked.probabilities[0] >= 0.87 * ranked.probabilities.max() - 1e-5


def test_the_one_meant_goes_before_one_that_states_much_besides() -> None:
    units = (unit("meant", "F1"), unit("broad", "F1 F2 F3"), unit("other", "F2"))

    # broad collects the shares of both others beside its own, but meant is as good as certain too
    sure = rank(ranker(), units, candidates({0: 8.0, 1: 3.0, 2: 0.0}))
    assert sure.units.tolist() == [0, 1, 2]
    assert sure.probabilities[1] > sure.probabilities[0] > sure.probabilities[2]

    # where the broad one is clearly the surer, it stays first
    assert rank(ranker(), units, candidates({0: 1.0, 1: 0.5, 2: 1.0})).units.tolist()[0] == 1


@given(st.integers(0, 10_000), st.floats(-1000, 1000), st.floats(-60, 60), st.booleans(), st.text())
def test_json_round_trip(seed: int, outside: float, slope: float, calibrated: bool, note: str) -> None:
    weights = np.random.default_rng(seed).normal(0, 30, len(NAMES))
    ranker = Ranker(Choice(weights, outside), slope, -slope / 3, Cutoffs(0.3, 0.62), calibrated, note)

    back = Ranker.from_json(json.loads(json.dumps(ranker.to_json())))

    np.testing.assert_allclose(back.choice.weights, weights, atol=1e-6)
    assert back.choice.outside == pytest.approx(outside, abs=1e-6)
    assert (back.slope, back.intercept, back.cutoffs) == (slope, -slope / 3, Cutoffs(0.3, 0.62))
    assert (back.calibrated, back.note) == (calibrated, note)
    assert back.to_json() == ranker.to_json()


def test_json_of_another_release() -> None:
    data = ranker().to_json()
    data["weights"] = {"cosine": 2.0, "forgotten_feature": 9.0}

    weights = Ranker.from_json(data).choice.weights

    assert dict(zip(NAMES, weights, strict=True)) == {name: 2.0 * (name == "cosine") for name in NAMES}


@pytest.mark.parametrize("change", [{"weights": [1.0]}, {"cutoffs": 0.5}])
def test_json_of_the_wrong_shape(change: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Ranker.from_json({**ranker().to_json(), **change})


def test_the_shipped_default_is_not_calibrated() -> None:
    default = default_ranker()

    assert not default.calibrated
    assert set(default.to_json()["weights"]) == set(NAMES)  # type: ignore[call-overload]
    assert default.choice.weights[NAMES.index("cosine")] > 0
