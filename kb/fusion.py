"""Which units to look at: the nearest rows, the best lexical rows and the sure matches, fused without duplicates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.dense import Among, Vectors
from kb.index import Index
from kb.units import Role

Array = NDArray[np.float64]

_NEAREST_ROWS = 160
_LEXICAL_ROWS = 40
_GROUP = 64
_RRF = 60.0
MAX_CANDIDATES = 32
_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Nearest rows, best first, hidden ones left out.

    Attributes:
        rows: (n,) row positions.
        scores: (n,) cosines.
        units, roles: (n,) of the rows.
    """

    rows: NDArray[np.int64]
    scores: Array
    units: NDArray[np.int64]
    roles: NDArray[np.int8]

    @property
    def floor(self) -> float:
        """Cosine that no row further away exceeds."""
        return float(self.scores[-1]) if len(self.scores) else 0.0

    def joined(self, other: Nearest) -> Nearest:
        """The rows of both, best first, each once."""
        more = ~np.isin(other.rows, self.rows)
        rows, scores = np.append(self.rows, other.rows[more]), np.append(self.scores, other.scores[more])
        units, roles = np.append(self.units, other.units[more]), np.append(self.roles, other.roles[more])
        order = np.argsort(-scores, kind="stable")
        return Nearest(rows[order], scores[order], units[order], roles[order])


def nearest(index: Index, vector: Vectors, hidden: Collection[int] = (), among: Among | None = None) -> Nearest:
    """Find the rows nearest to an embedding of shape (d,), of those looked ``among``, as if the hidden were absent."""
    scores, rows = index.dense.search(vector[None, :], _NEAREST_ROWS, among)
    kept = rows[0] >= 0
    if hidden:
        kept &= ~np.isin(rows[0], list(hidden))
    row, score = rows[0][kept], scores[0][kept].astype(np.float64)
    return Nearest(row, score, index.row_unit[row].astype(np.int64), index.row_role[row])


def nearest_units(index: Index, vector: Vectors, among: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Find the units, of those looked ``among``, whose centroids are nearest; ``MAX_CANDIDATES`` or all there are."""
    units = np.flatnonzero(among)
    return units[np.argsort(-(index.centroids[units] @ vector), kind="stable")[:MAX_CANDIDATES]]


def fuse(
    index: Index,
    dense: Nearest,
    lexical: NDArray[np.float32],
    sure: Sequence[int],
    units: NDArray[np.int64] = _NONE,
) -> NDArray[np.int64]:
    """Fuse dense and lexical ranks (reciprocal rank fusion, Cormack et al. 2009); units of sure rows go first.

    Args:
        index: the index.
        dense: nearest rows.
        lexical: (rows,) BM25.
        sure: rows whose units are candidates in any case.
        units: units in a further order of their own.

    Returns:
        At most ``MAX_CANDIDATES`` unit positions, best first.
    """
    score: dict[int, float] = dict.fromkeys(index.row_unit[list(sure)].tolist(), 1.0)
    by_words = index.row_unit[best_rows(lexical, _LEXICAL_ROWS)]
    for ranked in (dense.units[dense.roles != Role.NEGATIVE], by_words, units):
        for rank, unit in enumerate(dict.fromkeys(ranked.tolist())):
            score[unit] = score.get(unit, 0.0) + 1.0 / (_RRF + rank + 1)
    best = sorted(score, key=lambda unit: (-score[unit], unit))[:MAX_CANDIDATES]
    return np.array(best, dtype=np.int64)


def best_rows(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Rows of the best scores above 0, best first; of equal ones the earlier row."""
    least = _floor(scores, count)
    near = np.flatnonzero(scores >= least if least > 0 else scores > 0)
    return near[np.argsort(-scores[near], kind="stable")[:count]]


def _floor(scores: NDArray[np.float32], count: int) -> np.float32:
    """A score that at least ``count`` rows reach, and few others: the best of groups of rows are compared, not all."""
    groups = len(scores) // _GROUP
    if groups <= count:
        return np.float32(0)
    best = scores[: groups * _GROUP].reshape(_GROUP, groups).max(axis=0)
    least: np.float32 = np.partition(best, groups - count)[groups - count]
    return least
