"""What of an index matches a question in each of its ways, before anything is chosen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.dense import Vectors
from kb.fusion import Nearest, nearest
from kb.index import Index
from kb.query import Query
from kb.units import Role


@dataclass(frozen=True, slots=True)
class Matched:
    """Matches of one question.

    Attributes:
        dense: the nearest rows.
        lexical: (rows,) BM25.
        wording: (units,) log-odds of the question's wording, summed over ``grams`` characters and pairs.
        grams: see there.
        words: numbers of the question's words, -1 for one that no row holds.
        exact, sound: rows that are the question, and rows that sound like it.
    """

    dense: Nearest
    lexical: NDArray[np.float32]
    wording: NDArray[np.float64]
    grams: int
    words: NDArray[np.int64]
    exact: list[int]
    sound: list[int]

    @property
    def sure(self) -> list[int]:
        """Rows whose units are candidates whatever else there is."""
        return [*self.exact, *self.sound]


def matched_in(index: Index, query: Query, vector: Vectors, hidden: Collection[int] = ()) -> Matched:
    """Match a question of embedding (d,) with an index, as if the hidden rows were absent."""
    terms = index.columns.terms.vocabulary.ids(query.terms)
    lexical = index.lexical.scores_of(terms)
    if hidden:
        lexical[list(hidden)] = 0.0
    wording, grams = index.wording.scores(query.key, _hidden_keys(index, hidden))
    return Matched(
        dense=nearest(index, vector, hidden),
        lexical=lexical,
        wording=wording,
        grams=grams,
        words=terms[: len(query.words)],
        exact=[row for row in index.exact(query.key) if row not in hidden],
        sound=[row for row in index.sounding(query.sound) if row not in hidden],
    )


def _hidden_keys(index: Index, hidden: Collection[int]) -> list[tuple[int, str]]:
    """Units and keys of the hidden rows that lend wording."""
    counted = (row for row in hidden if index.row_role[row] != Role.NEGATIVE)
    return [(int(index.row_unit[row]), index.columns.keys[row]) for row in counted]
