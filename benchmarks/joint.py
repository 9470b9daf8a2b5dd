"""Fits a conditional logit together with bilinear forms of vectors, over the same choices.

Both maximise one likelihood with L2 penalties, from the same start in as many rounds: the same examples give the same
fit. The forms come out as full matrices and are cut to their strongest directions afterwards, which hardly changes what
they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.products import NAMES, Bilinear, Products, Senses
from kb.choice import Array, Choice, Example

# Of 2,100 turns of conversations that no fold had seen, right from the threshold on and wrong: without the forms 0.834
# and 0.112; penalty 1e-3 0.847 and 0.103, 3e-4 0.857 and 0.091, 1e-4 0.867 and 0.085, 2e-5 0.870 and 0.091 (``asked``
# alone). Cut to 32 directions 0.866 and 0.086, to 16 0.862 and 0.089.
_PENALTY_FORMS, _PENALTY = 5e-5, 1e-3
_RANK = 32
_ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Joint:
    """One judged turn: its candidates' numbers and their vectors."""

    example: Example
    senses: Senses


@dataclass(frozen=True, slots=True)
class _Stack:
    """All examples side by side, padded: n turns of at most c candidates."""

    values: Array  # (n, c, features), standardised
    right: Array  # (n, c + 1), the last that none is right
    present: NDArray[np.bool_]  # (n, c)
    entries: NDArray[np.float32]  # (n, c, d)
    sides: tuple[NDArray[np.float32], ...]  # one (n, d) for each form


def fit_joint(turns: Sequence[Joint]) -> tuple[Choice, Products]:
    """Fit the weights, those of the products (1) last, and the products."""
    flat = np.concatenate([turn.example.values for turn in turns])
    centre, spread = flat.mean(axis=0), flat.std(axis=0)
    spread[spread < 1e-9] = 1.0
    stack = _stacked(turns, centre, spread)
    features, width = flat.shape[1], stack.entries.shape[2]
    start = np.zeros(features + 1 + len(NAMES) * width * width)
    found = minimize(_loss, start, args=(stack,), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}).x
    weights = found[:features] / spread
    choice = Choice(np.append(weights, np.ones(len(NAMES))), float(found[features] + weights @ centre))
    asked, follows = (_cut(form) for form in _forms(found, features, width))
    return choice, Products(asked, follows)


def _stacked(turns: Sequence[Joint], centre: Array, spread: Array) -> _Stack:
    count, most = len(turns), max(len(turn.example.values) for turn in turns)
    width = len(turns[0].senses.words)
    values = np.zeros((count, most, len(centre)))
    right, present = np.zeros((count, most + 1)), np.zeros((count, most), dtype=bool)
    entries = np.zeros((count, most, width), dtype=np.float32)
    for row, turn in enumerate(turns):
        size = len(turn.example.values)
        values[row, :size] = (turn.example.values - centre) / spread
        right[row, :size], right[row, -1] = turn.example.right, float(turn.example.none_right)
        present[row, :size] = True
        entries[row, :size] = turn.senses.entries
    sides = (np.array([turn.senses.words for turn in turns]), np.array([turn.senses.before for turn in turns]))
    return _Stack(values, right, present, entries, sides)


def _forms(theta: Array, features: int, width: int) -> list[Array]:
    return list(theta[features + 1 :].reshape(len(NAMES), width, width))


def _loss(theta: Array, stack: _Stack) -> tuple[float, Array]:
    """Mean negative log of the probability mass on right options, with the penalties, and its gradient."""
    count, _, features = stack.values.shape
    weights, outside = theta[:features], theta[features]
    forms = _forms(theta, features, stack.entries.shape[2])
    utility = stack.values @ weights
    for side, form in zip(stack.sides, forms, strict=True):
        utility += np.einsum("ncd,nd->nc", stack.entries, side @ form.astype(np.float32), optimize=True)
    utility = np.hstack([np.where(stack.present, utility, -np.inf), np.full((count, 1), outside)])
    share = np.exp(utility - utility.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    mass = np.maximum((share * stack.right).sum(axis=1), 1e-12)
    slope = (share - share * stack.right / mass[:, None]) / count
    pull = np.einsum("nc,ncd->nd", slope[:, :-1].astype(np.float32), stack.entries, optimize=True)
    gradients = [side.T @ pull + 2 * _PENALTY_FORMS * form for side, form in zip(stack.sides, forms, strict=True)]
    value = -np.log(mass).mean() + _PENALTY * float(weights @ weights)
    value += _PENALTY_FORMS * sum(float((form * form).sum()) for form in forms)
    of_weights = np.einsum("nc,ncf->f", slope[:, :-1], stack.values) + 2 * _PENALTY * weights
    return float(value), np.concatenate([of_weights, [slope[:, -1].sum()], *(form.ravel() for form in gradients)])


def _cut(form: Array) -> Bilinear:
    left, strength, right = np.linalg.svd(form)
    root = np.sqrt(strength[:_RANK])
    return Bilinear((left[:, :_RANK] * root).astype(np.float32), (right[:_RANK].T * root).astype(np.float32))
