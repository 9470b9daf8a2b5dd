"""The interpretable numbers that say how well a unit fits a question."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.columns import slot_values, syllables
from kb.dense import Vectors
from kb.fusion import Nearest, fuse, nearest, nearest_units
from kb.index import Index
from kb.matched import Matched, matched_in
from kb.query import Query
from kb.ragged import spread, starts_of
from kb.units import Role, UnitKind

Array = NDArray[np.float64]

SHARED = (
    "cosine",  # best form (best chunk for a section)
    "cosine_top3",  # mean of the three best forms
    "cosine_centroid",  # mean vector of the forms
    "cosine_text",  # the answer, or the section's text
    "margin",  # best form less the best of any other unit
    "votes",  # share of the nearest forms, weighted by nearness
    "bm25_share",  # BM25 relative to the best unit
    "bm25",  # saturated BM25
    "wording",  # how typical the question's characters are of the unit
    "wording_behind",  # how far behind the unit they are most typical of
    "covered_question",  # rare-word weight of the question found in the unit
    "covered_form",  # rare-word weight of the best form found in the question
    "exact",  # the question is one of the forms
    "same_sound",  # the question sounds like one of the forms
    "sound_overlap",  # shared pinyin pairs with the best form
    "product",  # slot agreement: 1 same, -1 different, 0 not said
    "action",
    "role",
    "polarity",
    "negative",  # how much nearer a counter-example is than the best form
)
# What a boundary's forms mean for its probability is learned apart from what an entry's do.
_BOUNDARY_OWN = ("cosine", "cosine_centroid", "votes", "bm25_share", "wording", "wording_behind", "covered_form")
NAMES = (*SHARED, "is_section", "is_boundary", *(f"boundary_{name}" for name in _BOUNDARY_OWN))
_SLOTS = ("product", "action", "role", "polarity")
_COLUMN = {name: column for column, name in enumerate(NAMES)}

_VOTING_ROWS = 30
_VOTE_SCALE = 0.05
_BM25_HALF = 12.0
# Logarithms of likelihoods are large numbers; the model wants features of the size of the others.
_NATS = 10.0


@dataclass(frozen=True, slots=True)
class Candidates:
    """Candidate units of one question, unordered.

    Attributes:
        units: (c,) unit positions.
        values: (c, len(NAMES)) features.
        rows: (c,) the row that matched best.
    """

    units: NDArray[np.int64]
    values: Array
    rows: NDArray[np.int64]


def candidates(index: Index, query: Query, vector: Vectors, hidden: Collection[int] = ()) -> Candidates:
    """Collect candidate units from dense, lexical, exact and sound matches and compute their features.

    Args:
        index: the index.
        query: the analysed question.
        vector: (d,) its embedding.
        hidden: rows to act as if absent; how a question that stands in the index is judged as if it did not.
    """
    matched = matched_in(index, query, vector, hidden)
    return _described(index, query, vector, matched, fuse(index, matched.dense, matched.lexical, matched.sure), hidden)


def candidates_within(
    index: Index, query: Query, vector: Vectors, wanted: NDArray[np.bool_]
) -> tuple[Candidates, Candidates]:
    """Collect candidates as :func:`candidates` does, and beside them the best of the wanted units that are none of them.

    Args:
        index: the index.
        query: the analysed question.
        vector: (d,) its embedding.
        wanted: (units,) which units are wanted.
    """
    matched = matched_in(index, query, vector, ())
    found = _described(index, query, vector, matched, fuse(index, matched.dense, matched.lexical, matched.sure), ())
    among = wanted[index.row_unit]
    dense, sure = nearest(index, vector, among=among), [row for row in matched.sure if among[row]]
    # The forms of a few units may be all of the nearest rows: others that are wanted are to be found as well.
    close = nearest_units(index, vector, wanted)
    units = fuse(index, dense, np.where(among, matched.lexical, np.float32(0)), sure, close)
    # They are described with the first ones among them, whose forms are what theirs are compared with.
    units = np.concatenate([found.units, units[~_among(units, found.units)]])
    both = _described(index, query, vector, replace(matched, dense=matched.dense.joined(dense)), units, ())
    more = slice(len(found.units), None)
    return found, Candidates(units[more], both.values[more], both.rows[more])


def _described(
    index: Index,
    query: Query,
    vector: Vectors,
    matched: Matched,
    units: NDArray[np.int64],
    hidden: Collection[int],
) -> Candidates:
    """Compute the features of units."""
    values = np.zeros((len(units), len(NAMES)))
    rows = _fill_dense(index, values, units, matched.dense, vector)
    _fill_lexical(index, values, units, matched.lexical)
    _fill_wording(values, units, matched.wording, matched.grams)
    _fill_words(index, values, units, rows, matched.words, hidden)
    _fill_sounds(index, values, rows, query)
    values[:, _COLUMN["exact"]] = _among(units, index.row_unit[matched.exact])
    values[:, _COLUMN["same_sound"]] = _among(units, index.row_unit[matched.sound])
    _fill_slots(index, values, units, query)
    _fill_kinds(index, values, units)
    return Candidates(units, values, rows)


def _fill_dense(
    index: Index, values: Array, units: NDArray[np.int64], dense: Nearest, vector: Vectors
) -> NDArray[np.int64]:
    """Fill the cosine features; return the best row of each unit, -1 where none is among the nearest."""
    own = units[:, None] == dense.units
    counts = own & (dense.roles != Role.NEGATIVE)
    # rows are in order of nearness, so a unit's first row is its best
    order = counts.cumsum(axis=1)
    three = counts & (order <= 3)
    found = counts.any(axis=1)
    first = counts.argmax(axis=1) if counts.size else np.zeros(len(units), dtype=np.int64)
    best = np.full(len(units), dense.floor)
    best[found] = dense.scores[first[found]]
    values[:, _COLUMN["cosine"]] = best
    values[:, _COLUMN["cosine_top3"]] = (
        np.where(three, dense.scores, 0.0).sum(axis=1) + dense.floor * (3 - three.sum(axis=1))
    ) / 3
    values[:, _COLUMN["cosine_centroid"]] = index.centroids[units] @ vector
    values[:, _COLUMN["cosine_text"]] = index.texts[units] @ vector
    values[:, _COLUMN["margin"]] = _margins(best)
    values[:, _COLUMN["votes"]] = _votes(own, dense)
    values[:, _COLUMN["negative"]] = _negatives(best, own, dense)
    rows = np.full(len(units), -1, dtype=np.int64)
    rows[found] = dense.rows[first[found]]
    return rows


def _margins(best: Array) -> Array:
    """Lead of each value over the best of the others."""
    if len(best) < 2:
        return np.zeros_like(best)
    order = np.argsort(-best)
    others = np.full(len(best), best[order[0]])
    others[order[0]] = best[order[1]]
    margins: Array = best - others
    return margins


def _votes(own: NDArray[np.bool_], dense: Nearest) -> Array:
    forms = np.flatnonzero(dense.roles == Role.FORM)[:_VOTING_ROWS]
    if not len(forms):
        return np.zeros(len(own))
    weights = np.exp((dense.scores[forms] - dense.scores[forms[0]]) / _VOTE_SCALE)
    return np.asarray(own[:, forms] @ weights / weights.sum(), dtype=np.float64)


def _negatives(best: Array, own: NDArray[np.bool_], dense: Nearest) -> Array:
    """How much nearer the nearest counter-example is than the best form; at most 0 when the form is nearer."""
    counter = np.where(own & (dense.roles == Role.NEGATIVE), dense.scores, -np.inf)
    lead: Array = np.clip(counter.max(axis=1, initial=-np.inf) - best, -0.1, 0.1)
    return lead


def _fill_lexical(index: Index, values: Array, units: NDArray[np.int64], lexical: NDArray[np.float32]) -> None:
    top = float(lexical.max(initial=0.0))
    if top > 0:
        best = _best_of_units(index, units, lexical)
        values[:, _COLUMN["bm25_share"]] = best / top
        values[:, _COLUMN["bm25"]] = best / (best + _BM25_HALF)


def _best_of_units(index: Index, units: NDArray[np.int64], scores: NDArray[np.float32]) -> Array:
    """Best of each unit's row scores, shape (units,); 0 for a unit without rows."""
    starts = index.unit_start[units]
    lengths = index.unit_start[units + 1] - starts
    held = lengths > 0
    _, own = spread(scores, starts, lengths)
    best = np.zeros(len(units))
    if len(own):
        best[held] = np.maximum.reduceat(own, starts_of(lengths[held])[:-1])
    return best


def _fill_wording(values: Array, units: NDArray[np.int64], wording: Array, grams: int) -> None:
    if grams:
        values[:, _COLUMN["wording"]] = wording[units] / (_NATS * math.sqrt(grams))
        values[:, _COLUMN["wording_behind"]] = (wording[units] - wording.max()) / _NATS


def _fill_words(
    index: Index,
    values: Array,
    units: NDArray[np.int64],
    rows: NDArray[np.int64],
    words: NDArray[np.int64],
    hidden: Collection[int],
) -> None:
    # a word that no unit holds weighs as much as the rarest possible
    weights = np.where(words >= 0, index.idf[words], math.log((len(index.units) + 1) / 0.5)) if len(words) else words
    total = weights.sum()
    counts = index.unit_words.of_units(words, units)
    if hidden:
        counts -= _hidden_counts(index, units, words, np.array(sorted(hidden)))
    if total:
        values[:, _COLUMN["covered_question"]] = (counts > 0) @ weights / total
    found = np.flatnonzero(rows >= 0)
    owners, held = index.columns.words_of(rows[found])
    asked = _among(held, words)
    covered = np.bincount(owners[asked], weights=index.idf[held[asked]], minlength=len(found))
    whole = index.row_weight[rows[found]]
    values[found, _COLUMN["covered_form"]] = np.divide(covered, whole, out=np.zeros(len(found)), where=whole > 0)


def _hidden_counts(
    index: Index, units: NDArray[np.int64], words: NDArray[np.int64], hidden: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many hidden rows of each unit hold each word, shape (units, words)."""
    owners, held = index.columns.words_of(hidden)
    units_of_hidden = index.row_unit[hidden[owners]]
    own = units[:, None] == units_of_hidden
    return np.asarray(own.astype(np.int64) @ (held[:, None] == words), dtype=np.int64)


def _among(values: NDArray[Any], few: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell which values are among a few; faster than sorting for them."""
    return np.asarray((values[:, None] == few).any(axis=1))


def _fill_sounds(index: Index, values: Array, rows: NDArray[np.int64], query: Query) -> None:
    """Jaccard overlap of the pinyin pairs of the question and of the best row."""
    sounds = index.columns.sounds
    kinds = len(sounds.vocabulary)
    asked = sounds.vocabulary.ids(syllables(query.sound))
    # a pair with an unknown syllable is no row's pair
    pairs = np.where((asked[:-1] >= 0) & (asked[1:] >= 0), asked[:-1] * kinds + asked[1:], -1)
    found = np.flatnonzero(rows >= 0)
    owners, held = sounds.ids.gather(rows[found])
    within = owners[:-1] == owners[1:]
    theirs = ((owners[:-1] * kinds + held[:-1]) * kinds + held[1:])[within]
    theirs.sort()
    # a row's pair counts once however often it stands there
    theirs = theirs[np.append(theirs[:-1] != theirs[1:], True)] if len(theirs) else theirs
    owner, pair = np.divmod(theirs, max(kinds * kinds, 1))
    sizes = np.bincount(owner, minlength=len(found))
    shared = np.bincount(owner[_among(pair, pairs)], minlength=len(found))
    union = np.maximum(sizes + len(query.sounds) - shared, 1)
    values[found, _COLUMN["sound_overlap"]] = shared / union


def _fill_slots(index: Index, values: Array, units: NDArray[np.int64], query: Query) -> None:
    """1 where the unit names a value that the question names, -1 where it names others of the same slot."""
    slots = [slot for slot in _SLOTS if query.slots.get(slot)]
    if not slots:
        return
    vocabulary = index.columns.slots.vocabulary
    wanted = vocabulary.ids(slot_values(query, slots))
    owners, held = index.unit_slots.gather(units)
    agreed = _among(held, wanted)
    for slot in slots:
        of_slot = index.value_slots[held] == index.slot_numbers.get(slot, -1)
        column = values[:, _COLUMN[slot]]
        column[owners[of_slot]] = -1.0
        column[owners[of_slot & agreed]] = 1.0


def _fill_kinds(index: Index, values: Array, units: NDArray[np.int64]) -> None:
    kinds = index.kinds[units]
    values[:, _COLUMN["is_section"]] = kinds == UnitKind.SECTION
    boundary = kinds == UnitKind.BOUNDARY
    values[:, _COLUMN["is_boundary"]] = boundary
    for name in _BOUNDARY_OWN:
        values[boundary, _COLUMN[f"boundary_{name}"]] = values[boundary, _COLUMN[name]]


__all__ = ["NAMES", "Candidates", "candidates", "candidates_within"]
