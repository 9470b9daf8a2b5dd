"""One searchable index: units, rows, and every engine and array that finds them. Immutable once built."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.arrays import read_arrays
from kb.collector import paused
from kb.dense import FaissIndex, VectorIndex, Vectors
from kb.errors import StoreError
from kb.lexical import LexicalIndex
from kb.query import Query, Slots
from kb.units import Layout, Role, Row, Unit, UnitKind
from kb.wording import Wording

_ROWS = "rows.json"
_ARRAYS = "arrays.npz"
DENSE_FILE = "dense.faiss"
_NO_SLOTS: Slots = {}
# A slot value belongs to a unit when this share of its forms names it.
_SLOT_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that retrieval and ranking read.

    Attributes:
        units, rows: the layout; ``queries`` has the analysed text of each row.
        dense: vectors of all rows, same order.
        lexical: BM25 over all rows, same order (negatives are empty documents).
        wording: language models of the units, from all rows but negatives.
        row_unit, row_role: arrays of shape (rows,).
        row_weight: (rows,) summed ``idf`` of a row's words.
        kinds: (units,) kind of each unit.
        unit_start: (units + 1,) where each unit's rows begin; rows stand in the order of their units.
        centroids: (units, d) mean of a unit's forms (of its texts for sections), L2-normalised.
        texts: (units, d) mean of a unit's texts, L2-normalised; zeros where it has none.
        unit_words: how many of a unit's rows hold each word.
        idf: inverse document frequency of each word over units.
        unit_slots: slots of each unit.
        by_key, by_sound: rows by exact key and pinyin key; ``negatives`` units vetoed by exact key.
    """

    units: tuple[Unit, ...]
    rows: tuple[Row, ...]
    queries: tuple[Query, ...]
    dense: VectorIndex
    lexical: LexicalIndex
    wording: Wording
    row_unit: NDArray[np.int32]
    row_role: NDArray[np.int8]
    row_weight: NDArray[np.float64]
    kinds: NDArray[np.int8]
    unit_start: NDArray[np.int64]
    centroids: Vectors
    texts: Vectors
    unit_words: tuple[Mapping[str, int], ...]
    idf: Mapping[str, float]
    unit_slots: tuple[Slots, ...]
    by_key: Mapping[str, tuple[int, ...]]
    by_sound: Mapping[str, tuple[int, ...]]
    negatives: Mapping[str, frozenset[int]]

    def best_of_units(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Best of each unit's row scores, (rows,) → (units,); 0 for a unit without rows."""
        best = np.zeros(len(self.units), dtype=np.float32)
        held = self.unit_start[:-1] < self.unit_start[1:]
        if held.any():
            best[held] = np.maximum.reduceat(scores, self.unit_start[:-1][held])
        return best


def build_index(layout: Layout, vectors: Vectors, queries: Sequence[Query]) -> Index:
    """Build every engine.

    Args:
        layout: units and rows.
        vectors: (rows, d), L2-normalised.
        queries: the analysed text of each row.
    """
    documents = [
        () if row.role is Role.NEGATIVE else query.terms for row, query in zip(layout.rows, queries, strict=True)
    ]
    row_unit = np.array([row.unit for row in layout.rows], dtype=np.int32)
    row_role = np.array([row.role for row in layout.rows], dtype=np.int8)
    return _assemble(
        layout,
        tuple(queries),
        FaissIndex.build(vectors),
        LexicalIndex.build(documents),
        {
            "row_unit": row_unit,
            "row_role": row_role,
            **_unit_arrays(layout, vectors, row_unit, row_role),
            **_wording(queries, row_unit, row_role, len(layout.units)).arrays(),
        },
        _unit_slots(layout, queries),
    )


def save_index(index: Index, folder: Path) -> None:
    """Write the index as JSON, plain arrays and engine files."""
    index.dense.save(folder / DENSE_FILE)  # type: ignore[attr-defined]  # only file-based indexes are saved in a folder
    index.lexical.save(folder)
    arrays: dict[str, Any] = {
        "row_unit": index.row_unit,
        "row_role": index.row_role,
        "centroids": index.centroids,
        "texts": index.texts,
        **index.wording.arrays(),
    }
    np.savez(folder / _ARRAYS, **arrays)
    data = {
        "units": [asdict(unit) for unit in index.units],
        "rows": [_row_json(row, query) for row, query in zip(index.rows, index.queries, strict=True)],
        "slots": [_slots_json(slots) for slots in index.unit_slots],
    }
    (folder / _ROWS).write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def load_index(folder: Path) -> Index:
    """Open what :func:`save_index` wrote.

    Raises:
        StoreError: a file is missing or damaged.
    """
    with paused():
        return _load(folder)


def _load(folder: Path) -> Index:
    try:
        data, kept = _read(folder)
        units = tuple(_unit(row) for row in data["units"])
        rows, queries = _rows(data, kept)
        unit_slots = tuple(_slots(slots) for slots in data["slots"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"cannot open the index in {folder}: {error}", user_message="索引文件损坏或缺失，请运行 zhida build 重建。"
        ) from error
    dense, lexical = FaissIndex.load(folder / DENSE_FILE), LexicalIndex.load(folder)
    return _assemble(Layout(units, rows), queries, dense, lexical, kept, unit_slots)


def load_rows(folder: Path) -> tuple[tuple[Row, ...], tuple[Query, ...]]:
    """Read the rows and their analysis alone; errors are those of the files and their shape."""
    return _rows(*_read(folder))


def _read(folder: Path) -> tuple[dict[str, Any], Mapping[str, NDArray[np.generic]]]:
    return json.loads((folder / _ROWS).read_text(encoding="utf-8")), read_arrays(folder / _ARRAYS)


def _rows(
    data: Mapping[str, Any], kept: Mapping[str, NDArray[np.generic]]
) -> tuple[tuple[Row, ...], tuple[Query, ...]]:
    rows = tuple(
        Row(int(unit), Role(int(role)), row[0])
        for unit, role, row in zip(kept["row_unit"], kept["row_role"], data["rows"], strict=True)
    )
    return rows, tuple(_query(*row) for row in data["rows"])


def _row_json(row: Row, query: Query) -> list[object]:
    mended = "" if query.text == row.text else query.text
    return [row.text, mended, query.key, query.words, query.sound, _slots_json(query.slots)]


def _query(text: str, mended: str, key: str, words: list[str], sound: str, slots: dict[str, list[str]]) -> Query:
    return Query(mended or text, key, tuple(words), sound, _slots(slots) if slots else _NO_SLOTS)


def _slots_json(slots: Slots) -> dict[str, list[str]]:
    return {slot: sorted(values) for slot, values in slots.items()}


def _slots(slots: Mapping[str, Iterable[str]]) -> Slots:
    return {slot: frozenset(values) for slot, values in slots.items()}


def _unit(row: dict[str, object]) -> Unit:
    facts = row["facts"]
    return Unit(
        id=str(row["id"]),
        kind=UnitKind(int(str(row["kind"]))),
        label=str(row["label"]),
        facts=tuple(str(fact) for fact in facts) if isinstance(facts, list) else (),
        category=str(row["category"]),
        expect=str(row["expect"]),
    )


def _assemble(
    layout: Layout,
    queries: tuple[Query, ...],
    dense: VectorIndex,
    lexical: LexicalIndex,
    arrays: Mapping[str, NDArray[np.generic]],
    unit_slots: tuple[Slots, ...],
) -> Index:
    unit_words = _unit_words(layout, queries)
    idf = _idf(unit_words)
    row_unit = arrays["row_unit"].astype(np.int32)
    return Index(
        units=layout.units,
        rows=layout.rows,
        queries=queries,
        dense=dense,
        lexical=lexical,
        wording=Wording.load(arrays, len(layout.units)),
        row_unit=row_unit,
        row_role=arrays["row_role"].astype(np.int8),
        row_weight=np.array([sum(idf[word] for word in item.words if word in idf) for item in queries]),
        kinds=np.array([unit.kind for unit in layout.units], dtype=np.int8),
        unit_start=np.searchsorted(row_unit, np.arange(len(layout.units) + 1)),
        centroids=arrays["centroids"].astype(np.float32),
        texts=arrays["texts"].astype(np.float32),
        unit_words=unit_words,
        idf=idf,
        unit_slots=unit_slots,
        by_key=_groups((item.key, row) for row, item in enumerate(queries) if _is_form(layout.rows[row])),
        by_sound=_groups((item.sound, row) for row, item in enumerate(queries) if _is_form(layout.rows[row])),
        negatives=_vetoes(layout.rows, queries),
    )


def _is_form(row: Row) -> bool:
    return row.role is Role.FORM


def _groups(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    grouped: dict[str, list[int]] = {}
    for key, row in pairs:
        if key:
            grouped.setdefault(key, []).append(row)
    return {key: tuple(rows) for key, rows in grouped.items()}


def _vetoes(rows: Sequence[Row], queries: Sequence[Query]) -> dict[str, frozenset[int]]:
    vetoes: dict[str, set[int]] = {}
    for row, item in zip(rows, queries, strict=True):
        if row.role is Role.NEGATIVE:
            vetoes.setdefault(item.key, set()).add(row.unit)
    return {key: frozenset(units) for key, units in vetoes.items()}


def _unit_words(layout: Layout, queries: Sequence[Query]) -> tuple[Counter[str], ...]:
    counts: tuple[Counter[str], ...] = tuple(Counter() for _ in layout.units)
    for row, item in zip(layout.rows, queries, strict=True):
        if row.role is not Role.NEGATIVE:
            counts[row.unit].update(item.words)
    return counts


def _idf(unit_words: Sequence[Mapping[str, int]]) -> dict[str, float]:
    frequency: Counter[str] = Counter()
    for words in unit_words:
        frequency.update(words.keys())
    total = len(unit_words)
    return {word: math.log((total + 1) / (count + 0.5)) for word, count in frequency.items()}


def _unit_slots(layout: Layout, queries: Sequence[Query]) -> tuple[Slots, ...]:
    forms: list[list[Query]] = [[] for _ in layout.units]
    for row, query in zip(layout.rows, queries, strict=True):
        if row.role is Role.FORM:
            forms[row.unit].append(query)
    return tuple(_common_slots(queries_of_unit) for queries_of_unit in forms)


def _common_slots(queries: Sequence[Query]) -> Slots:
    counts: Counter[tuple[str, str]] = Counter(
        (slot, value) for query in queries for slot, values in query.slots.items() for value in values
    )
    slots: dict[str, set[str]] = {}
    for (slot, value), count in counts.items():
        if count >= _SLOT_SHARE * len(queries):
            slots.setdefault(slot, set()).add(value)
    return {slot: frozenset(values) for slot, values in slots.items()}


def _unit_arrays(
    layout: Layout, vectors: Vectors, row_unit: NDArray[np.int32], row_role: NDArray[np.int8]
) -> dict[str, NDArray[np.generic]]:
    forms, texts = row_role == Role.FORM, row_role == Role.TEXT
    text_means = mean_vectors(vectors[texts], row_unit[texts], len(layout.units))
    form_means = mean_vectors(vectors[forms], row_unit[forms], len(layout.units))
    without_forms = ~form_means.any(axis=1)
    form_means[without_forms] = text_means[without_forms]
    return {
        "centroids": form_means,
        "texts": text_means,
    }


def _wording(queries: Sequence[Query], row_unit: NDArray[np.int32], row_role: NDArray[np.int8], size: int) -> Wording:
    rows = np.flatnonzero(row_role != Role.NEGATIVE)
    return Wording.build([queries[row].key for row in rows.tolist()], row_unit[rows], size)


def mean_vectors(vectors: Vectors, groups: NDArray[np.int32], size: int) -> Vectors:
    """Mean vector of each group, L2-normalised; zeros for an empty group."""
    sums = np.zeros((size, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, groups, vectors)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    means: Vectors = np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0)
    return means
