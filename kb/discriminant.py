"""A linear discriminant of the units on their forms' vectors: which directions of meaning tell entries apart.

Ridge regression of one-hot unit labels on the embedding (Hastie, Tibshirani & Friedman, *Elements of Statistical
Learning*, 4.2 and 3.4.1), each unit weighted alike. Closed form, so it is refitted with every build.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
_RIDGE = 0.3


def fit_discriminant(vectors: Matrix, labels: NDArray[np.int32], units: int, ridge: float = _RIDGE) -> Matrix:
    """Fit on form vectors.

    Args:
        vectors: (n, d), L2-normalised.
        labels: (n,) unit of each vector.
        units: number of units; a unit without forms scores 0 everywhere.
        ridge: penalty in units of one form's squared length.

    Returns:
        (d + 1, units); :func:`discriminate` reads it. Scores lie near 1 for the unit meant and near 0 for others.
    """
    design = _with_bias(vectors.astype(np.float64))
    targets = np.zeros((len(labels), units))
    targets[np.arange(len(labels)), labels] = 1.0
    gram = design.T @ design + ridge * np.eye(design.shape[1])
    return np.linalg.solve(gram, design.T @ targets).astype(np.float32)


def discriminate(weights: Matrix, vectors: Matrix) -> Matrix:
    """Scores of all units, shape (n, units)."""
    return vectors @ weights[:-1] + weights[-1]


def _with_bias(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.hstack([vectors, np.ones((len(vectors), 1))])
