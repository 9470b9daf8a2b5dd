import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.choice import Choice, Example, _loss, fit_choice, padded

FINITE = st.floats(-50, 50)


def example(values: list[list[float]], right: list[float], *, none: bool = False, weight: float = 1.0) -> Example:
    return Example(np.array(values, dtype=float).reshape(len(values), -1), np.array(right), none, weight)


def simulated(weights: np.ndarray, outside: float, count: int, seed: int = 3) -> list[Example]:
    """Choices drawn from the model itself, among one to five candidates."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        values = rng.standard_normal((rng.integers(1, 6), len(weights))) * [1.0, 3.0, 0.2] + [0, 5, 0]
        chance = np.exp([*(values @ weights), outside])
        chosen = rng.choice(len(chance), p=chance / chance.sum())
        drawn.append(Example(values, (np.arange(len(values)) == chosen).astype(float), chosen == len(values)))
    return drawn


def test_shares_by_hand() -> None:
    # exp(ln 2), exp(ln 3) against exp(0): two, three and one sixth
    choice = Choice(np.array([math.log(2), math.log(3)]), 0.0)

    np.testing.assert_allclose(choice.shares(np.eye(2)), [2 / 6, 3 / 6])
    assert choice.shares(np.zeros((0, 2))).shape == (0,)


@given(st.lists(FINITE, max_size=6), st.floats(-50, 50))
def test_shares_leave_room_for_none(utilities: list[float], outside: float) -> None:
    shares = Choice(np.array([40.0]), outside * 40).shares(np.array(utilities).reshape(-1, 1))

    assert ((shares >= 0) & (shares <= 1)).all()
    assert shares.sum() <= 1 + 1e-9
    assert (np.argsort(shares, kind="stable")[-1:] == np.argsort(utilities, kind="stable")[-1:]).all() or (
        math.isclose(shares.max(), shares[int(np.argmax(utilities))])
    )


def test_only_differences_of_utility_count() -> None:
    values = np.array([[1.0], [2.0]])
    np.testing.assert_allclose(
        Choice(np.array([1.0]), 0.5).shares(values), Choice(np.array([1.0]), 700.5).shares(values + 700)
    )


@pytest.mark.parametrize("seed", range(4))
def test_gradient_agrees_with_finite_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    examples = [
        Example(
            rng.standard_normal((count, 3)), (rng.random(count) < 0.4).astype(float), bool(rng.random() < 0.5), weight
        )
        for count, weight in zip(rng.integers(1, 6, 12), rng.random(12) + 0.1, strict=True)
    ]
    examples.append(Example(rng.standard_normal((2, 3)), np.zeros(2), none_right=False))  # no right option at all
    batch = padded(examples)
    theta, step = rng.standard_normal(4), 1e-6

    _, gradient = _loss(theta, *batch, 0.01)

    for axis in np.eye(4):
        ahead, behind = (_loss(theta + sign * step * axis, *batch, 0.01)[0] for sign in (1, -1))
        assert gradient @ axis == pytest.approx((ahead - behind) / (2 * step), abs=1e-6)


def test_loss_by_hand() -> None:
    # one candidate at utility ln 3, outside at 0: its share is 3/4
    batch = padded([example([[1.0]], [1.0])])

    assert _loss(np.array([math.log(3), 0.0]), *batch, 0.0)[0] == pytest.approx(-math.log(0.75))
    assert _loss(np.array([2.0, 1.0]), *batch, 0.1)[0] == pytest.approx(-math.log(math.e / (1 + math.e)) + 0.5)


def test_known_weights_are_recovered() -> None:
    weights, outside = np.array([1.2, -0.5, 4.0]), -2.0

    found = fit_choice(simulated(weights, outside, 4000), penalty=0.0)

    np.testing.assert_allclose(found.weights, weights, rtol=0.12)
    assert found.outside == pytest.approx(outside, abs=0.35)


def test_the_fit_matches_how_often_each_option_was_chosen() -> None:
    # at the maximum of the likelihood the mean mass outside equals the share of questions that meant none
    examples = simulated(np.array([0.4, 0.3, 0.0]), 2.0, 800)

    found = fit_choice(examples, penalty=0.0)

    outside = np.mean([1 - found.shares(item.values).sum() for item in examples])
    assert outside == pytest.approx(np.mean([item.none_right for item in examples]), abs=1e-3)


def test_the_outside_option_is_learned() -> None:
    near, far = [[1.0], [0.0]], [[0.1], [0.0]]
    examples = [example(near, [1.0, 0.0]), example(far, [0.0, 0.0], none=True)] * 20

    found = fit_choice(examples)

    assert found.shares(np.array(near))[0] > 0.9
    assert found.shares(np.array(far)).sum() < 0.1


def test_weights_count_examples() -> None:
    one, other = example([[1.0], [0.3]], [1.0, 0.0]), example([[0.5]], [0.0], none=True)
    theta = np.array([0.7, -0.2])

    thrice = _loss(theta, *padded([one, one, one, other]), 0.1)
    weighted = _loss(theta, *padded([example([[1.0], [0.3]], [1.0, 0.0], weight=3.0), other]), 0.1)

    assert thrice[0] == pytest.approx(weighted[0])
    np.testing.assert_allclose(thrice[1], weighted[1])


def test_an_example_without_a_right_option_changes_nothing() -> None:
    examples = [example([[1.0], [0.2]], [1.0, 0.0]), example([[0.5], [0.4]], [0.0, 0.0], none=True)]
    silent = example([[0.5], [0.4]], [0.0, 0.0])

    # the same values, so that the standardisation is the same
    spoken = fit_choice([*examples, example([[0.5], [0.4]], [0.0, 0.0], none=True, weight=0.0)])
    found = fit_choice([*examples, silent])

    np.testing.assert_allclose(found.weights, spoken.weights)
    assert found.outside == pytest.approx(spoken.outside)


def test_a_feature_that_never_changes_weighs_nothing() -> None:
    examples = [example([[1.0, 7.0], [0.0, 7.0]], [1.0, 0.0]), example([[0.2, 7.0]], [0.0], none=True)]

    assert fit_choice(examples).weights[1] == pytest.approx(0, abs=1e-6)
