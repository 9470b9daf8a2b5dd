"""What a build can take over from the version before it: vectors, word analysis, the fit."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from kb.columnar.ragged import Places
from kb.columns import Columns
from kb.dense import VectorIndex, Vectors
from kb.embedding import Embedder
from kb.errors import StoreError, UsageError
from kb.index import Rows, load_rows, load_units
from kb.lexicon import Lexicon
from kb.plain import json_of
from kb.ranking import Ranker
from kb.store import Store, Version
from kb.units import LaidOut, Role, Row

# A fit made on nearly the same rows serves on: weights and cut-offs do not move by one entry.
MOST_DRIFT = 0.02

Key = tuple[bool, str]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Previous:
    """What the version before holds; empty where there is none or it was made with another model or lexicon.

    Attributes:
        dense: the index of its rows' vectors.
        vectors: (rows, d) of its rows.
        places: row of ``vectors`` by (is passage, text).
        twins: (rows,) what ``places`` says of each row: another one where a text stands several times.
        columns: the analysis of its rows.
        analysed: row of ``columns`` by text.
        laid_out: its rows by what their units were made from; of any model and lexicon.
        ranker: its fit, None if it is not calibrated or was made with another model.
        drift: share of rows that have changed since that fit.
    """

    dense: VectorIndex | None = None
    vectors: Vectors = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    places: Mapping[Key, int] = field(default_factory=dict)
    twins: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    columns: Columns = field(default_factory=lambda: Columns.of((), ()))
    analysed: Mapping[str, int] = field(default_factory=dict)
    laid_out: LaidOut | None = None
    ranker: Ranker | None = None
    drift: float = 0.0


def key_of(row: Row) -> Key:
    """Two rows with the same key have the same vector."""
    return row.role is Role.TEXT, row.text


def load_previous(store: Store, embedder: Embedder, lexicon: Lexicon) -> Previous:
    """Read what can be taken over from the current version."""
    try:
        version = store.current()
        model, ranker = version.manifest.get("model"), version.manifest.get("ranker")
        same_model = isinstance(model, dict) and model.get("digest") == embedder.digest
        same_lexicon = version.manifest.get("lexicon") == lexicon_digest(lexicon)
        rows = load_rows(version.folder)
        texts = list(rows.columns.texts)
        passages = (rows.roles == Role.TEXT).tolist()
        previous = Previous(laid_out=_laid_out(version, rows, texts), drift=float(str(version.manifest["drift"])))
        if same_model:
            fitted = Ranker.from_json(ranker) if isinstance(ranker, dict) else None
            dense = version.dense()
            keys = list(zip(passages, texts, strict=True))
            places = {key: row for row, key in enumerate(keys)}
            previous = replace(
                previous,
                dense=dense,
                vectors=dense.vectors(),
                places=places,
                twins=np.array([places[key] for key in keys], dtype=np.int64),
                ranker=fitted if fitted is not None and fitted.calibrated else None,
            )
        if same_lexicon:
            previous = replace(previous, columns=rows.columns, analysed={text: row for row, text in enumerate(texts)})
        return previous
    except (StoreError, UsageError, OSError, ValueError, KeyError, TypeError):
        return Previous()  # nothing usable: everything is made anew


def _laid_out(version: Version, rows: Rows, texts: Sequence[str]) -> LaidOut | None:
    """What need not be normalised again; without it, no vector is lost."""
    try:
        units, roles = load_units(version.folder), list(Role)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    starts = np.searchsorted(rows.units, np.arange(len(units) + 1)).tolist()
    return LaidOut(units, starts, [roles[role] for role in rows.roles.tolist()], texts)


def plan(keys: Iterable[K], known: Mapping[K, int], size: int) -> tuple[list[K], Places]:
    """Tell what has to be made: the keys that are not known, each once, and the place of every key.

    The places are those of ``known``, and from ``size`` on those of what is made.
    """
    fresh: dict[K, int] = {}
    places = [known[key] if key in known else fresh.setdefault(key, size + len(fresh)) for key in keys]
    return list(fresh), np.array(places, dtype=np.int64)


def taken_over(places: Places, previous: Previous) -> Places:
    """Which row of the version before has the vector of each row, every old row at most once; -1 where there is none.

    Args:
        places: (rows,) of :func:`plan` over the keys of the rows and ``previous.places``.
        previous: the version before.
    """
    if not len(previous.twins):
        return np.full(len(places), -1, dtype=np.int64)
    step = max(len(places), len(previous.twins))
    old, new = _distinct(previous.twins, step), _distinct(places, step)
    order = np.argsort(old)
    found = order[np.searchsorted(old, new, sorter=order).clip(max=len(old) - 1)]
    return np.where(old[found] == new, found, -1)


def _distinct(values: Places, step: int) -> Places:
    """Number equal values: the first of them becomes ``value * step``, the second one more, and so on."""
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = np.arange(len(values)) - np.searchsorted(values[order], values[order])
    return np.asarray(values * step + ranks, dtype=np.int64)


def drift_after(previous: Previous, places: Places) -> float:
    """Share of rows that differ from those the previous fit was made on.

    Args:
        previous: the version before.
        places: (rows,) of :func:`plan` over the keys of the rows and ``previous.places``.
    """
    distinct = np.unique(places)
    stayed = int(np.searchsorted(distinct, len(previous.vectors)))
    changed = len(distinct) - stayed + len(previous.places) - stayed
    return previous.drift + changed / max(len(distinct), 1)


def lexicon_digest(lexicon: Lexicon) -> str:
    """SHA-256 of what word analysis depends on."""
    return hashlib.sha256(json_of(lexicon).encode()).hexdigest()
