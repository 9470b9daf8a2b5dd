"""The interpretable numbers that say how well a unit fits a question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.dense import Vectors
from kb.fusion import Nearest, fuse, nearest
from kb.index import Index
from kb.query import Query, Slots
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
    dense = nearest(index, vector, hidden)
    lexical = index.lexical.scores(query.terms)
    lexical[list(hidden)] = 0.0
    wording, grams = index.wording.scores(query.key, _hidden_keys(index, hidden))
    units = fuse(index, query, dense, lexical, hidden)
    values = np.zeros((len(units), len(NAMES)))
    rows = _fill_dense(index, values, units, dense, vector)
    _fill_lexical(index, values, units, lexical)
    _fill_wording(values, units, wording, grams)
    _fill_words(index, values, units, rows, query, hidden)
    _fill_matches(index, values, units, rows, query, hidden)
    _fill_slots(index, values, units, query.slots)
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
    best = index.best_of_units(lexical).astype(np.float64)
    top = best.max(initial=0.0)
    if top > 0:
        values[:, _COLUMN["bm25_share"]] = best[units] / top
        values[:, _COLUMN["bm25"]] = best[units] / (best[units] + _BM25_HALF)


def _hidden_keys(index: Index, hidden: Collection[int]) -> list[tuple[int, str]]:
    """Units and keys of the hidden rows that lend wording."""
    counted = (row for row in hidden if index.row_role[row] != Role.NEGATIVE)
    return [(int(index.row_unit[row]), index.queries[row].key) for row in counted]


def _fill_wording(values: Array, units: NDArray[np.int64], wording: Array, grams: int) -> None:
    if grams:
        values[:, _COLUMN["wording"]] = wording[units] / (_NATS * math.sqrt(grams))
        values[:, _COLUMN["wording_behind"]] = (wording[units] - wording.max()) / _NATS


def _fill_words(
    index: Index,
    values: Array,
    units: NDArray[np.int64],
    rows: NDArray[np.int64],
    query: Query,
    hidden: Collection[int],
) -> None:
    weight = {word: index.idf.get(word, _unseen(index)) for word in query.words}
    total = sum(weight.values())
    hidden_rows = [(int(index.row_unit[row]), index.queries[row].words) for row in hidden]
    covered = np.zeros((len(units), 2))
    for position, (unit, row) in enumerate(zip(units.tolist(), rows.tolist(), strict=True)):
        held = _held(index, unit, hidden_rows)
        covered[position, 0] = sum([w for word, w in weight.items() if word in held]) / total if total else 0.0
        if row >= 0:
            covered[position, 1] = _covered(index, row, weight)
    values[:, _COLUMN["covered_question"]] = covered[:, 0]
    values[:, _COLUMN["covered_form"]] = covered[:, 1]


def _held(index: Index, unit: int, hidden: Sequence[tuple[int, Sequence[str]]]) -> Collection[str]:
    """Words of a unit's rows that are not hidden; ``hidden`` gives their units and words."""
    held = index.unit_words[unit]
    gone = Counter(word for owner, words in hidden if owner == unit for word in words)
    return {word for word, count in held.items() if count > gone[word]} if gone else held


def _unseen(index: Index) -> float:
    """Weight of a word that no unit holds: the rarest possible."""
    return math.log((len(index.units) + 1) / 0.5)


def _covered(index: Index, row: int, asked: Mapping[str, float]) -> float:
    total = float(index.row_weight[row])
    return sum([index.idf[word] for word in index.queries[row].words if word in asked]) / total if total else 0.0


def _fill_matches(
    index: Index,
    values: Array,
    units: NDArray[np.int64],
    rows: NDArray[np.int64],
    query: Query,
    hidden: Collection[int],
) -> None:
    exact = {int(index.row_unit[row]) for row in index.by_key.get(query.key, ()) if row not in hidden}
    sound = {int(index.row_unit[row]) for row in index.by_sound.get(query.sound, ()) if row not in hidden}
    sounds = query.sounds
    for position, (unit, row) in enumerate(zip(units.tolist(), rows.tolist(), strict=True)):
        values[position, _COLUMN["exact"]] = float(unit in exact)
        values[position, _COLUMN["same_sound"]] = float(unit in sound)
        if row >= 0:
            values[position, _COLUMN["sound_overlap"]] = _overlap(sounds, index.queries[row].sounds)


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard overlap."""
    union = len(one | other)
    return len(one & other) / union if union else 0.0


def _fill_slots(index: Index, values: Array, units: NDArray[np.int64], asked: Slots) -> None:
    for slot in _SLOTS:
        wanted = asked.get(slot)
        if not wanted:
            continue
        for position, unit in enumerate(units.tolist()):
            held = index.unit_slots[unit].get(slot)
            if held:
                values[position, _COLUMN[slot]] = 1.0 if wanted & held else -1.0


def _fill_kinds(index: Index, values: Array, units: NDArray[np.int64]) -> None:
    kinds = index.kinds[units]
    values[:, _COLUMN["is_section"]] = kinds == UnitKind.SECTION
    boundary = kinds == UnitKind.BOUNDARY
    values[:, _COLUMN["is_boundary"]] = boundary
    for name in _BOUNDARY_OWN:
        values[boundary, _COLUMN[f"boundary_{name}"]] = values[boundary, _COLUMN[name]]


__all__ = ["NAMES", "Candidates", "candidates"]
