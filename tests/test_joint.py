from __future__ import annotations

import numpy as np
import pytest

from assistant.dialogue.products import Senses
from benchmarks import joint
from benchmarks.joint import Joint, fit_joint
from kb.choice import Example

# Words point at an axis; the entry of the next axis is meant, which no number says.
AXES = 4


def turns(count: int, seed: int) -> list[Joint]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        asked = int(rng.integers(AXES))
        words = np.eye(AXES)[asked] + rng.normal(scale=0.05, size=AXES)
        order = rng.permutation(AXES)
        right = (order == (asked + 1) % AXES).astype(float)
        senses = Senses(words.astype(np.float32), np.zeros(AXES, np.float32), np.eye(AXES, dtype=np.float32)[order])
        found.append(Joint(Example(rng.normal(size=(AXES, 1)), right, none_right=False), senses))
    return found


def test_what_only_the_vectors_tell_is_learned() -> None:
    choice, products = fit_joint(turns(200, seed=1))

    assert choice.weights[1:].tolist() == [1, 1]
    right = 0
    for turn in turns(100, seed=2):
        values = np.hstack([turn.example.values, products.values(turn.senses)])
        right += int(turn.example.right[choice.shares(values).argmax()])
    assert right == 100


def test_the_gradient_is_that_of_the_loss() -> None:
    some = turns(20, seed=3)
    stack, _, _ = joint._stacked(some)
    theta = np.random.default_rng(4).normal(scale=0.3, size=2 + 2 * AXES * AXES)
    _, gradient = joint._loss(theta, stack)

    for place in (0, 1, 2, 9, 2 + AXES * AXES, len(theta) - 1):
        step = np.zeros_like(theta)
        step[place] = 1e-3
        slope = (joint._loss(theta + step, stack)[0] - joint._loss(theta - step, stack)[0]) / 2e-3
        assert slope == pytest.approx(gradient[place], abs=2e-4)


def test_a_form_is_cut_to_its_strongest_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "_RANK", 2)
    form = np.diag([3.0, 0.1, 2.0])
    cut = joint._cut(form)

    np.testing.assert_allclose(cut.left @ cut.right.T, np.diag([3.0, 0.0, 2.0]), atol=1e-6)
