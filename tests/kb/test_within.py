import numpy as np
from numpy.typing import NDArray

from kb.choice import Choice
from kb.features import NAMES, Candidates
from kb.ranking import Ranker, calibrate, rank
from kb.units import Unit, UnitKind
from kb.within import rank_within

UNITS = (
    Unit("a", UnitKind.FAQ, "a?", ("F1", "F2")),
    Unit("b", UnitKind.FAQ, "b?", ("F2",)),
    Unit("x", UnitKind.BOUNDARY, "x", expect="refuse"),
    Unit("c", UnitKind.FAQ, "c?", ("F1",)),
    Unit("d", UnitKind.FAQ, "d?"),
)
RANKER = Ranker(Choice(np.eye(len(NAMES))[0], 0.0), slope=1.5, intercept=0.2)


def candidates(utilities: dict[int, float]) -> Candidates:
    """Candidates whose first feature is their utility."""
    values = np.zeros((len(utilities), len(NAMES)))
    values[:, 0] = list(utilities.values())
    return Candidates(np.array(list(utilities), dtype=np.int64), values, np.array(list(utilities)) + 100)


def wanted(*units: int) -> NDArray[np.bool_]:
    return np.isin(np.arange(len(UNITS)), units)


FOUND = candidates({0: 2.0, 1: 1.0, 2: 1.5})


def test_the_wanted_keep_the_probabilities_they_have_among_all() -> None:
    every = rank(RANKER, UNITS, FOUND)
    within = rank_within(RANKER, UNITS, FOUND, candidates({3: 0.5}), wanted(1, 3))

    assert within.units.tolist() == [1, 3]
    assert within.rows.tolist() == [101, 103]
    assert within.probabilities[0] == every.probabilities[every.units.tolist().index(1)]
    assert (within.answerable, within.boundaries) == (every.answerable, every.boundaries)


def test_one_that_joins_has_what_it_would_have_as_one_candidate_more() -> None:
    within = rank_within(RANKER, UNITS, FOUND, candidates({3: 0.5, 4: 0.1}), wanted(3, 4))
    weights = np.exp([2.0, 1.0, 1.5, 0.0, 0.5])
    share = weights / weights.sum()
    # c answers its own questions and half of what is meant for a (F1 of F1 and F2)
    by_hand = calibrate(share[[4]] + share[0] / 2, 1.5, 0.2)

    np.testing.assert_allclose(within.probabilities[0], by_hand[0])
    joined = rank(RANKER, UNITS, candidates({0: 2.0, 1: 1.0, 2: 1.5, 4: 0.1}))
    np.testing.assert_allclose(within.probabilities[1], joined.probabilities[joined.units.tolist().index(4)])


def test_a_likelier_one_that_joins_comes_first_unless_the_one_to_answer_with_is_wanted() -> None:
    more = candidates({3: 3.0})

    assert rank_within(RANKER, UNITS, FOUND, more, wanted(1, 3)).units.tolist() == [3, 1]
    assert rank_within(RANKER, UNITS, FOUND, more, wanted(0, 3)).units.tolist() == [0, 3]


def test_counter_examples_and_nothing_wanted() -> None:
    none = candidates({})

    assert rank_within(RANKER, UNITS, FOUND, candidates({3: 0.5}), wanted(0, 3), frozenset({0, 3})).units.tolist() == []
    assert rank_within(RANKER, UNITS, FOUND, none, wanted()).units.tolist() == []
    assert rank_within(RANKER, UNITS, none, candidates({3: 0.5}), wanted(3)).units.tolist() == [3]
