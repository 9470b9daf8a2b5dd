"""What an index knows of its units and words, computed from the columns of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.columnar.coded import Coded
from kb.columnar.ragged import Places, Ragged, starts_of
from kb.columns import Columns
from kb.dense import Vectors
from kb.units import Role

# A slot value belongs to a unit when this share of its forms names it.
_SLOT_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class UnitWords:
    """How many of each unit's rows hold a word.

    Attributes:
        pairs: ``word * units + unit``, in ascending order.
        counts: of rows, one for each pair.
        units: number of units.
    """

    pairs: Places
    counts: NDArray[np.int32]
    units: int

    @classmethod
    def of(cls, columns: Columns, row_unit: NDArray[np.int32], row_role: NDArray[np.int8], units: int) -> UnitWords:
        """Count over all rows but the counter-examples."""
        heard = np.flatnonzero(row_role != Role.NEGATIVE)
        owners, words = columns.words_of(heard)
        pairs, counts = np.unique(words.astype(np.int64) * units + row_unit[heard[owners]], return_counts=True)
        return cls(pairs, counts.astype(np.int32), units)

    def of_units(self, words: Places, units: Places) -> NDArray[np.int64]:
        """Counts, shape (units, words); 0 for a word numbered -1."""
        if not len(self.pairs):
            return np.zeros((len(units), len(words)), dtype=np.int64)
        # word by word, for the pairs of a word stand together
        wanted = np.where(words >= 0, words * self.units, -self.units)[:, None] + units
        places = np.minimum(np.searchsorted(self.pairs, wanted), len(self.pairs) - 1)
        return np.where(self.pairs[places] == wanted, self.counts[places], 0).T

    def idf(self, words: int) -> NDArray[np.float64]:
        """Inverse document frequency over units of each word of the vocabulary; that of no unit's word is highest."""
        holders = np.bincount(self.pairs // max(self.units, 1), minlength=words)
        return np.asarray(np.log((self.units + 1) / (holders + 0.5)), dtype=np.float64)


def row_weights(columns: Columns, idf: NDArray[np.float64]) -> NDArray[np.float64]:
    """Summed ``idf`` of each row's words, shape (rows,)."""
    owners, words = columns.words_of(np.arange(len(columns)))
    weights = np.zeros(len(columns))
    np.add.at(weights, owners, idf[words])
    return weights


def unit_slots(slots: Coded, row_unit: NDArray[np.int32], row_role: NDArray[np.int8], units: int) -> Ragged:
    """Slot values of each unit: those that a good part of its forms names."""
    forms = np.flatnonzero(row_role == Role.FORM)
    sizes = np.bincount(row_unit[forms], minlength=units)
    kinds = max(len(slots.vocabulary), 1)
    owners, values = slots.ids.gather(forms)
    pairs, counts = np.unique(row_unit[forms[owners]].astype(np.int64) * kinds + values, return_counts=True)
    unit, value = np.divmod(pairs, kinds)
    kept = counts >= _SLOT_SHARE * sizes[unit]
    return Ragged(value[kept].astype(np.int32), starts_of(np.bincount(unit[kept], minlength=units)))


def unit_means(
    vectors: Vectors, row_unit: NDArray[np.int32], row_role: NDArray[np.int8], units: int
) -> tuple[Vectors, Vectors]:
    """Mean vector of each unit's forms, or of its texts where it has no forms, and that of its texts."""
    roles = len(Role)
    means = mean_vectors(vectors, row_unit.astype(np.int64) * roles + row_role, units * roles)
    form_means, text_means = (np.ascontiguousarray(means[role::roles]) for role in (Role.FORM, Role.TEXT))
    without_forms = ~form_means.any(axis=1)
    form_means[without_forms] = text_means[without_forms]
    return form_means, text_means


def mean_vectors(vectors: Vectors, groups: NDArray[Any], size: int) -> Vectors:
    """Mean vector of each group, L2-normalised; zeros for an empty group."""
    if np.any(groups[1:] < groups[:-1]):
        order = np.argsort(groups, kind="stable")
        vectors, groups = vectors[order], groups[order]
    sums = np.zeros((size, vectors.shape[1]), dtype=np.float32)
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    # one sum for each group that stands together: a seventh of the time that `reduceat` takes
    ends = [*starts[1:].tolist(), len(groups)]
    for group, start, end in zip(groups[starts].tolist(), starts.tolist(), ends, strict=False):
        sums[group] = vectors[start:end].sum(axis=0)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    means: Vectors = np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0)
    return means
