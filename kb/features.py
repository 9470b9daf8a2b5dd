"""The interpretable numbers that say how well a unit fits a question."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.columnar.ragged import spread, starts_of
from kb.columns import slot_values, syllables
from kb.dense import Vectors
from kb.fusion import Nearest, fuse, nearest, nearest_units
from kb.index import Index
from kb.matched import Matched, matched_in
from kb.query import Query
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

_OWN_COLUMNS = [_COLUMN[name] for name in _BOUNDARY_OWN]
_BOUNDARY_COLUMNS = [_COLUMN[f"boundary_{name}"] for name in _BOUNDARY_OWN]
# IntEnum members are slow to look up within a loop.
_NEGATIVE = int(Role.NEGATIVE)

_VOTING_ROWS = 30
_VOTE_SCALE = 0.05
_BM25_HALF = 12.0
# How far a counter-example is heeded that is nearer, or further, than the best form.
_LEAD = 0.1
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
    rows = _fill_dense(values, units, matched.dense)
    _fill_means(index, values, units, vector)
    _fill_lexical(index, values, units, matched.lexical)
    _fill_wording(values, units, matched.wording, matched.grams)
    _fill_words(index, values, units, rows, matched.words, hidden)
    _fill_sounds(index, values, rows, query)
    for name, sure in (("exact", matched.exact), ("same_sound", matched.sound)):
        if sure:
            values[:, _COLUMN[name]] = _among(units, index.row_unit[sure])
    _fill_slots(index, values, units, query)
    _fill_kinds(index, values, units)
    return Candidates(units, values, rows)


def _fill_dense(values: Array, units: NDArray[np.int64], dense: Nearest) -> NDArray[np.int64]:
    """Fill the cosine features of rows; return the best row of each unit, -1 where none is among the nearest.

    Lists of Python: dozens of units with a few rows each are done before numpy has set out.
    """
    scores, floor = dense.scores.tolist(), dense.floor
    own: dict[int, list[int]] = {unit: [] for unit in units.tolist()}
    counter: dict[int, float] = {}
    # rows are in order of nearness, so a unit's first row is its best
    for place, (unit, role) in enumerate(zip(dense.units.tolist(), dense.roles.tolist(), strict=True)):
        if role == _NEGATIVE:
            counter.setdefault(unit, scores[place])
        elif unit in own:
            own[unit].append(place)
    best = [scores[places[0]] if places else floor for places in own.values()]
    values[:, _COLUMN["cosine"]] = best
    values[:, _COLUMN["cosine_top3"]] = [_top3(scores, places, floor) for places in own.values()]
    values[:, _COLUMN["margin"]] = _margins(best)
    votes = _votes(dense, scores)
    values[:, _COLUMN["votes"]] = [votes.get(unit, 0.0) for unit in own]
    leads = (counter.get(unit, -math.inf) - score for unit, score in zip(own, best, strict=True))
    values[:, _COLUMN["negative"]] = [max(-_LEAD, min(lead, _LEAD)) for lead in leads]
    first = [places[0] if places else -1 for places in own.values()]
    return np.append(dense.rows, -1)[first]


def _top3(scores: list[float], places: list[int], floor: float) -> float:
    """Mean of a unit's three best scores; a row that is not among the nearest counts as the furthest of them."""
    return sum([*(scores[place] for place in places[:3]), floor, floor, floor][:3]) / 3


def _margins(best: list[float]) -> list[float]:
    """Lead of each value over the best of the others."""
    if len(best) < 2:
        return [0.0] * len(best)
    first, second = sorted(best, reverse=True)[:2]
    # of equal firsts each is the other's best
    return [score - (second if score == first else first) for score in best]


def _votes(dense: Nearest, scores: list[float]) -> dict[int, float]:
    """Share of the nearest forms that are a unit's, the nearer the weightier."""
    forms = np.flatnonzero(dense.roles == Role.FORM)[:_VOTING_ROWS].tolist()
    weights = [math.exp((scores[place] - scores[forms[0]]) / _VOTE_SCALE) for place in forms]
    total = sum(weights)
    votes: dict[int, float] = {}
    for unit, weight in zip(dense.units[forms].tolist(), weights, strict=True):
        votes[unit] = votes.get(unit, 0.0) + weight / total
    return votes


def _fill_means(index: Index, values: Array, units: NDArray[np.int64], vector: Vectors) -> None:
    values[:, _COLUMN["cosine_centroid"]] = index.centroids[units] @ vector
    values[:, _COLUMN["cosine_text"]] = index.texts[units] @ vector


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
    asked = dict(zip(words.tolist(), weights.tolist(), strict=True))
    found = np.flatnonzero(rows >= 0)
    forms = index.columns.word_lists(rows[found])
    covered = np.array([sum([asked[word] for word in form if word in asked]) for form in forms])
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
    # a pair with an unknown syllable, -1, is no row's pair
    asked, size = set(pairwise(sounds.vocabulary.ids(syllables(query.sound)).tolist())), len(query.sounds)
    found = np.flatnonzero(rows >= 0)
    for place, held in zip(found.tolist(), sounds.ids.lists(rows[found]), strict=True):
        pairs = set(pairwise(held))
        shared = len(pairs & asked)
        values[place, _COLUMN["sound_overlap"]] = shared / max(len(pairs) + size - shared, 1)


def _fill_slots(index: Index, values: Array, units: NDArray[np.int64], query: Query) -> None:
    """1 where the unit names a value that the question names, -1 where it names others of the same slot."""
    slots = [slot for slot in _SLOTS if query.slots.get(slot)]
    if not slots:
        return
    wanted = set(index.columns.slots.vocabulary.ids(slot_values(query, slots)).tolist())
    columns = {index.slot_numbers.get(slot, -1): _COLUMN[slot] for slot in slots}
    column_of = [columns.get(slot) for slot in index.value_slots.tolist()]
    for place, held in enumerate(index.unit_slots.lists(units)):
        for value in sorted(held, key=wanted.__contains__):  # one that agrees comes last and has the last word
            if (column := column_of[value]) is not None:
                values[place, column] = 1.0 if value in wanted else -1.0


def _fill_kinds(index: Index, values: Array, units: NDArray[np.int64]) -> None:
    kinds = index.kinds[units]
    values[:, _COLUMN["is_section"]] = kinds == UnitKind.SECTION
    boundary = kinds == UnitKind.BOUNDARY
    values[:, _COLUMN["is_boundary"]] = boundary
    values[:, _BOUNDARY_COLUMNS] = np.where(boundary[:, None], values[:, _OWN_COLUMNS], 0.0)


__all__ = ["NAMES", "Candidates", "candidates", "candidates_within"]
