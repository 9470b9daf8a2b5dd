"""How many of the truly nearest rows a search finds, against exact inner products."""

from __future__ import annotations

import numpy as np

from kb.dense import VectorIndex, Vectors

_DEPTHS = (10, 160)
_BLOCK = 50_000
_TIE = 1e-5


def exact(vectors: Vectors, queries: Vectors, k: int) -> Vectors:
    """The k largest inner products of each query, (n, k), best first."""
    best = np.zeros((len(queries), 0), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        best = np.hstack([best, queries @ vectors[start : start + _BLOCK].T])
        best = -np.sort(-best, axis=1)[:, :k]
    return best


def recall(index: VectorIndex, queries: Vectors, vectors: Vectors) -> dict[str, float]:
    """Mean recall@10 and, as deep as ranking looks, @160; one query at a time, as when serving.

    A row counts as found when its exact score reaches that of the k-th: equal vectors stand for each other.

    Args:
        index: what is judged.
        queries: (n, d).
        vectors: (rows, d) what it holds.
    """
    wanted = exact(vectors, queries, max(_DEPTHS))
    found = {k: 0.0 for k in _DEPTHS}
    for query, scores in zip(queries, wanted, strict=True):
        rows = index.search(query[None, :], max(_DEPTHS))[1][0]
        reached = vectors[rows] @ query
        for k in _DEPTHS:
            found[k] += float((reached[:k][rows[:k] >= 0] >= scores[k - 1] - _TIE).sum()) / k
    return {f"@{k}": total / len(queries) for k, total in found.items()}
