"""What a text of the index would find if it did not stand there: its own row, and what it gave to its unit, are hidden."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from kb.dense import Vectors
from kb.features import NAMES, Candidates, candidates
from kb.index import Index
from kb.query import Query
from kb.units import Role

_CENTROID = NAMES.index("cosine_centroid")


def unseen(index: Index, query: Query, vector: Vectors, row: int, also: Collection[int] = ()) -> Candidates:
    """Collect the candidates for the text of a row as if a stranger had asked it.

    Args:
        index: the index.
        query: the analysed text of the row.
        vector: (d,) its embedding.
        row: the row, a form or an exemplar.
        also: further rows to hide.
    """
    found = candidates(index, query, vector, {row, *also})
    unit = int(index.row_unit[row])
    own = np.flatnonzero(found.units == unit)
    if not len(own):
        return found
    values = found.values.copy()
    values[own, _CENTROID] = _centroid_without(index, unit, vector)
    return Candidates(found.units, values, found.rows)


def _centroid_without(index: Index, unit: int, vector: Vectors) -> float:
    """Cosine to the mean of the unit's other forms (the sum of all has length near their number)."""
    forms = np.count_nonzero((index.row_unit == unit) & (index.row_role == Role.FORM))
    # a unit's only form leaves what a unit without forms is known by: its text
    only = forms < 2
    rest = index.texts[unit].astype(np.float64) if only else index.centroids[unit].astype(np.float64) * forms - vector
    return float(rest @ vector) / max(float(np.linalg.norm(rest)), 1e-9)
