"""Which unit is meant, as a conditional logit with an outside option.

McFadden (1974): each candidate's utility is linear in its features, and so is that of meaning none of them; the
probability of a candidate is its share of the exponentiated utilities. One model ranks, tells near misses apart and
leaves room for "none of these", so that its number can be read as a probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """Fitted weights: one for each feature, and the utility of the outside option."""

    weights: Array
    outside: float

    def shares(self, values: Array) -> Array:
        """Probabilities of the candidates, shape (c,); what is missing to 1 is the outside option's."""
        utility = values @ self.weights
        top = max(float(utility.max(initial=self.outside)), self.outside)
        scaled = np.exp(utility - top)
        return np.asarray(scaled / (scaled.sum() + np.exp(self.outside - top)), dtype=np.float64)

    def shares_joining(self, values: Array, more: Array) -> Array:
        """Probabilities of further candidates, shape (m,): of each, if it alone had joined those of ``values``."""
        utility, further = values @ self.weights, more @ self.weights
        top = max(float(utility.max(initial=self.outside)), float(further.max(initial=self.outside)))
        others = np.exp(utility - top).sum() + np.exp(self.outside - top)
        scaled = np.exp(further - top)
        return np.asarray(scaled / (scaled + others), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Example:
    """One judged question.

    Attributes:
        values: (c, features) of its candidates.
        right: (c,) how right each candidate is, 0..1; all zero when none is.
        none_right: whether meaning none of the candidates is right.
        weight: how much the example counts.
    """

    values: Array
    right: Array
    none_right: bool
    weight: float = 1.0


def fit_choice(examples: Sequence[Example], *, penalty: float = 1e-3) -> Choice:
    """Maximise the likelihood that a right option is chosen, with an L2 penalty on standardised weights.

    Args:
        examples: at least one with a right candidate and one without.
        penalty: weight of the squared norm, relative to the mean log-likelihood.
    """
    values, right, present, weight = padded(examples)
    flat = values[present]
    centre, spread = flat.mean(axis=0), flat.std(axis=0)
    spread[spread < 1e-9] = 1.0
    scaled = np.where(present[..., None], (values - centre) / spread, 0.0)

    def loss(theta: Array) -> tuple[float, Array]:
        return _loss(theta, scaled, right, present, weight, penalty)

    from scipy.optimize import minimize  # only where something is fitted: it takes a while to import

    found = minimize(loss, np.zeros(values.shape[2] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 400})
    weights = found.x[:-1] / spread
    return Choice(weights, float(found.x[-1] + weights @ centre))


def padded(examples: Sequence[Example]) -> tuple[Array, Array, NDArray[np.bool_], Array]:
    """Examples side by side, n of at most c candidates.

    Returns:
        Their values, (n, c, features); how right each candidate and the outside option is, (n, c + 1); which candidates
        there are, (n, c); the weight of each example, (n,).
    """
    width = max(len(example.values) for example in examples)
    features = examples[0].values.shape[1]
    values = np.zeros((len(examples), width, features))
    right = np.zeros((len(examples), width + 1))
    present = np.zeros((len(examples), width), dtype=bool)
    for row, example in enumerate(examples):
        count = len(example.values)
        values[row, :count] = example.values
        right[row, :count] = example.right
        right[row, -1] = float(example.none_right)
        present[row, :count] = True
    # An example without a right option says nothing: its likelihood is constant, so it must not pull at the weights.
    weight = np.array([example.weight for example in examples]) * right.any(axis=1)
    return values, right, present, weight


def _loss(
    theta: Array, values: Array, right: Array, present: NDArray[np.bool_], weight: Array, penalty: float
) -> tuple[float, Array]:
    """The loss with its L2 penalty, and its gradient."""
    value, slope = judged(values @ theta[:-1], theta[-1], right, present, weight)
    gradient = np.concatenate([np.einsum("nc,ncf->f", slope[:, :-1], values), [slope[:, -1].sum()]])
    return value + penalty * float(theta @ theta), gradient + 2 * penalty * theta


def judged(
    utility: Array, outside: float, right: Array, present: NDArray[np.bool_], weight: Array
) -> tuple[float, Array]:
    """Weighted mean negative log of the probability mass on right options, and its slope by each option's utility.

    Args:
        utility: (n, c) of the candidates.
        outside: of the outside option.
        right: (n, c + 1) as :func:`padded` gives it, and so the next two.
        present: (n, c) which candidates there are.
        weight: (n,) of each example.

    Returns:
        The loss, and (n, c + 1) slopes, the outside option's last.
    """
    utility = np.hstack([np.where(present, utility, -np.inf), np.full((len(utility), 1), outside)])
    share = np.exp(utility - utility.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    mass = np.maximum((share * right).sum(axis=1), 1e-12)
    total = weight.sum()
    slope = share - share * right / mass[:, None]
    slope *= (weight / total)[:, None]
    return float(-(weight * np.log(mass)).sum() / total), slope
