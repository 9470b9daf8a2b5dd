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

from assistant.dialogue.products import NAMES, Bilinear, Products, Senses
from kb.choice import Array, Choice, Example, judged, padded

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
    """All examples side by side, as :func:`~kb.choice.padded` lays them, with standardised values, and their vectors."""

    values: Array
    right: Array
    present: NDArray[np.bool_]
    weight: Array
    entries: NDArray[np.float32]  # (n, c, d)
    sides: tuple[NDArray[np.float32], ...]  # one (n, d) for each form


def fit_joint(turns: Sequence[Joint]) -> tuple[Choice, Products]:
    """Fit the weights, those of the products (1) last, and the products."""
    stack, centre, spread = _stacked(turns)
    features, width = stack.values.shape[2], stack.entries.shape[2]
    start = np.zeros(features + 1 + len(NAMES) * width * width)
    found = minimize(_loss, start, args=(stack,), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}).x
    weights = found[:features] / spread
    choice = Choice(np.append(weights, np.ones(len(NAMES))), float(found[features] + weights @ centre))
    asked, follows = (_cut(form) for form in _forms(found, features, width))
    return choice, Products(asked, follows)


def _stacked(turns: Sequence[Joint]) -> tuple[_Stack, Array, Array]:
    """Return the examples, and what their values were standardised by: mean and spread."""
    values, right, present, weight = padded([turn.example for turn in turns])
    flat = values[present]
    centre, spread = flat.mean(axis=0), flat.std(axis=0)
    spread[spread < 1e-9] = 1.0
    scaled = np.where(present[..., None], (values - centre) / spread, 0.0)
    entries = np.zeros((*present.shape, len(turns[0].senses.words)), dtype=np.float32)
    entries[present] = np.concatenate([turn.senses.entries for turn in turns])
    sides = (np.array([turn.senses.words for turn in turns]), np.array([turn.senses.before for turn in turns]))
    return _Stack(scaled, right, present, weight, entries, sides), centre, spread


def _forms(theta: Array, features: int, width: int) -> list[Array]:
    return list(theta[features + 1 :].reshape(len(NAMES), width, width))


def _loss(theta: Array, stack: _Stack) -> tuple[float, Array]:
    """The loss with the penalties, and its gradient."""
    features = stack.values.shape[2]
    weights, outside = theta[:features], theta[features]
    forms = _forms(theta, features, stack.entries.shape[2])
    utility = stack.values @ weights
    for side, form in zip(stack.sides, forms, strict=True):
        utility += np.einsum("ncd,nd->nc", stack.entries, side @ form.astype(np.float32), optimize=True)
    value, slope = judged(utility, outside, stack.right, stack.present, stack.weight)
    pull = np.einsum("nc,ncd->nd", slope[:, :-1].astype(np.float32), stack.entries, optimize=True)
    gradients = [side.T @ pull + 2 * _PENALTY_FORMS * form for side, form in zip(stack.sides, forms, strict=True)]
    value += _PENALTY * float(weights @ weights)
    value += _PENALTY_FORMS * sum(float((form * form).sum()) for form in forms)
    of_weights = np.einsum("nc,ncf->f", slope[:, :-1], stack.values) + 2 * _PENALTY * weights
    return value, np.concatenate([of_weights, [slope[:, -1].sum()], *(form.ravel() for form in gradients)])


def _cut(form: Array) -> Bilinear:
    left, strength, right = np.linalg.svd(form)
    root = np.sqrt(strength[:_RANK])
    return Bilinear((left[:, :_RANK] * root).astype(np.float32), (right[:_RANK].T * root).astype(np.float32))
