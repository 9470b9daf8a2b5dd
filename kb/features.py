"""The interpretable numbers that say how well a unit fits a question."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.dense import Vectors
from kb.index import Index
from kb.query import Query, Slots
from kb.tokens import sound_pairs
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
_BOUNDARY_OWN = ("cosine", "cosine_centroid", "votes", "bm25_share", "covered_form")
NAMES = (*SHARED, "is_section", "is_boundary", *(f"boundary_{name}" for name in _BOUNDARY_OWN))
_SLOTS = ("product", "action", "role", "polarity")
_COLUMN = {name: column for column, name in enumerate(NAMES)}

_NEAREST_ROWS = 160
_LEXICAL_ROWS = 40
_VOTING_ROWS = 30
_VOTE_SCALE = 0.05
_BM25_HALF = 12.0
_RRF = 60.0
MAX_CANDIDATES = 32


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
    dense = _nearest(index, vector, hidden)
    lexical = index.lexical.scores(query.terms)
    lexical[list(hidden)] = 0.0
    units = _candidate_units(index, query, dense, lexical, hidden)
    values = np.zeros((len(units), len(NAMES)))
    rows = _fill_dense(index, values, units, dense, vector)
    _fill_lexical(index, values, units, lexical)
    _fill_words(index, values, units, rows, query, hidden)
    _fill_matches(index, values, units, rows, query, hidden)
    _fill_slots(index, values, units, query.slots)
    _fill_kinds(index, values, units)
    return Candidates(units, values, rows)


@dataclass(frozen=True, slots=True)
class _Nearest:
    """Nearest rows, best first, hidden ones left out."""

    rows: NDArray[np.int64]
    scores: Array
    units: NDArray[np.int64]
    roles: NDArray[np.int8]


def _nearest(index: Index, vector: Vectors, hidden: Collection[int]) -> _Nearest:
    scores, rows = index.dense.search(vector[None, :], _NEAREST_ROWS)
    kept = (rows[0] >= 0) & ~np.isin(rows[0], list(hidden))
    row, score = rows[0][kept], scores[0][kept].astype(np.float64)
    return _Nearest(row, score, index.row_unit[row].astype(np.int64), index.row_role[row])


def _candidate_units(
    index: Index, query: Query, dense: _Nearest, lexical: NDArray[np.float32], hidden: Collection[int]
) -> NDArray[np.int64]:
    """Fuse dense and lexical ranks (reciprocal rank fusion, Cormack et al. 2009); exact and sound matches go first."""
    sure = [
        row for row in (*index.by_key.get(query.key, ()), *index.by_sound.get(query.sound, ())) if row not in hidden
    ]
    score: dict[int, float] = {int(index.row_unit[row]): 1.0 for row in sure}
    top = np.argpartition(-lexical, min(_LEXICAL_ROWS, len(lexical) - 1))[:_LEXICAL_ROWS]
    top = top[np.argsort(-lexical[top], kind="stable")]
    for ranked in (dense.units[dense.roles != Role.NEGATIVE], index.row_unit[top[lexical[top] > 0]]):
        for rank, unit in enumerate(dict.fromkeys(ranked.tolist())):
            score[unit] = score.get(unit, 0.0) + 1.0 / (_RRF + rank + 1)
    best = sorted(score, key=lambda unit: (-score[unit], unit))[:MAX_CANDIDATES]
    return np.array(best, dtype=np.int64)


def _fill_dense(
    index: Index, values: Array, units: NDArray[np.int64], dense: _Nearest, vector: Vectors
) -> NDArray[np.int64]:
    """Fill the cosine features; return the best row of each unit."""
    floor = float(dense.scores[-1]) if len(dense.scores) else 0.0
    best_rows = np.full(len(units), -1, dtype=np.int64)
    counts = dense.roles != Role.NEGATIVE
    for position, unit in enumerate(units):
        own = np.flatnonzero((dense.units == unit) & counts)
        top = dense.scores[own[:3]]
        values[position, _COLUMN["cosine"]] = top[0] if len(top) else floor
        values[position, _COLUMN["cosine_top3"]] = (top.sum() + floor * (3 - len(top))) / 3
        best_rows[position] = dense.rows[own[0]] if len(own) else -1
    values[:, _COLUMN["cosine_centroid"]] = index.centroids[units] @ vector
    values[:, _COLUMN["cosine_text"]] = index.texts[units] @ vector
    values[:, _COLUMN["margin"]] = _margins(values[:, _COLUMN["cosine"]])
    values[:, _COLUMN["votes"]] = _votes(units, dense)
    values[:, _COLUMN["negative"]] = _negatives(values[:, _COLUMN["cosine"]], units, dense)
    return best_rows


def _margins(best: Array) -> Array:
    """Lead of each value over the best of the others."""
    if len(best) < 2:
        return np.zeros_like(best)
    order = np.argsort(-best)
    others = np.full(len(best), best[order[0]])
    others[order[0]] = best[order[1]]
    margins: Array = best - others
    return margins


def _votes(units: NDArray[np.int64], dense: _Nearest) -> Array:
    forms = np.flatnonzero(dense.roles == Role.FORM)[:_VOTING_ROWS]
    if not len(forms):
        return np.zeros(len(units))
    weights = np.exp((dense.scores[forms] - dense.scores[forms[0]]) / _VOTE_SCALE)
    shares = np.array([weights[dense.units[forms] == unit].sum() for unit in units])
    return np.asarray(shares / weights.sum(), dtype=np.float64)


def _negatives(best: Array, units: NDArray[np.int64], dense: _Nearest) -> Array:
    """How much nearer the nearest counter-example is than the best form; at most 0 when the form is nearer."""
    lead = np.full(len(units), -0.1)
    for row in np.flatnonzero(dense.roles == Role.NEGATIVE):
        for position in np.flatnonzero(units == dense.units[row]):
            lead[position] = max(lead[position], dense.scores[row] - best[position])
    clipped: Array = np.clip(lead, -0.1, 0.1)
    return clipped


def _fill_lexical(index: Index, values: Array, units: NDArray[np.int64], lexical: NDArray[np.float32]) -> None:
    best = np.zeros(len(index.units))
    found = np.flatnonzero(lexical)
    np.maximum.at(best, index.row_unit[found], lexical[found])
    top = best.max() if len(best) else 0.0
    if top > 0:
        values[:, _COLUMN["bm25_share"]] = best[units] / top
        values[:, _COLUMN["bm25"]] = best[units] / (best[units] + _BM25_HALF)


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
    hidden_rows = [(int(index.row_unit[row]), index.terms[row].words) for row in hidden]
    for position, (unit, row) in enumerate(zip(units.tolist(), rows.tolist(), strict=True)):
        own = [words for owner, words in hidden_rows if owner == unit]
        held = index.unit_words[unit]
        shared = sum(w for word, w in weight.items() if held.get(word, 0) > sum(word in words for words in own))
        values[position, _COLUMN["covered_question"]] = shared / total if total else 0.0
        if row >= 0:
            values[position, _COLUMN["covered_form"]] = _covered(index, index.terms[row].words, weight)


def _unseen(index: Index) -> float:
    """Weight of a word that no unit holds: the rarest possible."""
    return float(np.log((len(index.units) + 1) / 0.5))


def _covered(index: Index, words: Sequence[str], weight: Collection[str]) -> float:
    total = sum(index.idf[word] for word in words)
    return sum(index.idf[word] for word in words if word in weight) / total if total else 0.0


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
    for position, (unit, row) in enumerate(zip(units.tolist(), rows.tolist(), strict=True)):
        values[position, _COLUMN["exact"]] = float(unit in exact)
        values[position, _COLUMN["same_sound"]] = float(unit in sound)
        if row >= 0:
            values[position, _COLUMN["sound_overlap"]] = _overlap(query.sounds, sound_pairs(index.terms[row].sound))


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
    kinds = np.array([index.units[unit].kind for unit in units.tolist()])
    values[:, _COLUMN["is_section"]] = kinds == UnitKind.SECTION
    boundary = kinds == UnitKind.BOUNDARY
    values[:, _COLUMN["is_boundary"]] = boundary
    for name in _BOUNDARY_OWN:
        values[boundary, _COLUMN[f"boundary_{name}"]] = values[boundary, _COLUMN[name]]


__all__ = ["MAX_CANDIDATES", "NAMES", "Candidates", "candidates"]
