"""One searchable index: units, rows, and every engine and array that finds them. Immutable once built."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.columnar.arrays import map_arrays, write_arrays
from kb.columnar.ragged import Ragged
from kb.columnar.texts import Lookup, encoded
from kb.columns import Columns, slot_of, syllables, value_of
from kb.dense import FaissIndex, VectorIndex, Vectors
from kb.derived import UnitWords, row_weights, unit_means, unit_slots
from kb.errors import StoreError
from kb.lexical import LexicalIndex
from kb.plain import json_of
from kb.query import Query
from kb.units import Layout, Role, Row, Unit, UnitKind
from kb.wording import Wording

_UNITS = "units.json"
_COLUMNS = "columns.safetensors"
_ARRAYS = "arrays.safetensors"
_COMMON = 0.25
DENSE_FILE = "dense.faiss"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an index; each is made an object when it is asked for.

    Attributes:
        columns: texts and analysis.
        units, roles: (rows,) of each row.
    """

    columns: Columns
    units: NDArray[np.int32]
    roles: NDArray[np.int8]

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.units)

    def __getitem__(self, row: int) -> Row:
        """One row."""
        return Row(int(self.units[row]), Role(int(self.roles[row])), self.columns.texts[row])

    def __iter__(self) -> Iterator[Row]:
        """All rows in order."""
        for unit, role, text in zip(self.units.tolist(), self.roles.tolist(), self.columns.texts, strict=True):
            yield Row(unit, Role(role), text)


@dataclass(frozen=True, slots=True)
class Index:
    """Everything that retrieval and ranking read.

    Attributes:
        units, rows: the layout; ``columns`` has the texts and the analysis of the rows.
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
        idf: (terms,) inverse document frequency over units of each word of the vocabulary.
        unit_slots: slot values of each unit.
        slot_numbers, value_slots: a number for each slot, and that of each slot value of the vocabulary.
        by_key, by_sound: rows by exact key (forms and negatives) and by pinyin key (forms).
        arrays: those above that are written, by name.
    """

    units: tuple[Unit, ...]
    rows: Rows
    columns: Columns
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
    unit_words: UnitWords
    idf: NDArray[np.float64]
    unit_slots: Ragged
    slot_numbers: Mapping[str, int]
    value_slots: NDArray[np.int64]
    by_key: Lookup
    by_sound: Lookup
    arrays: Mapping[str, NDArray[Any]]

    def exact(self, key: str) -> list[int]:
        """Forms with this exact key, in order; none for an empty one."""
        return [row for row in self._with_key(key) if self.row_role[row] == Role.FORM] if key else []

    def vetoed(self, key: str) -> frozenset[int]:
        """Units for which a question with this exact key is a counter-example word for word."""
        return frozenset(int(self.row_unit[row]) for row in self._with_key(key) if self.row_role[row] == Role.NEGATIVE)

    def commonest(self, slot: str) -> str:
        """The value of a slot that most units of knowledge name; "" where fewer than a quarter of them do."""
        known = np.flatnonzero(self.kinds != UnitKind.BOUNDARY)
        _, values = self.unit_slots.gather(known)
        counts = np.bincount(values, minlength=len(self.value_slots))
        counts[self.value_slots != self.slot_numbers.get(slot, -1)] = 0
        if not len(counts) or counts.max() < _COMMON * len(known):
            return ""
        return value_of(self.columns.slots.vocabulary.texts[int(counts.argmax())])

    def _with_key(self, key: str) -> list[int]:
        wanted = encoded(key)
        return [row for row in self.by_key.find(wanted) if self.columns.keys.bytes_at(row) == wanted]

    def sounding(self, sound: str) -> list[int]:
        """Forms with this pinyin key, in order; none for an empty one."""
        sounds = self.columns.sounds
        ids = sounds.vocabulary.ids(syllables(sound))
        if not len(ids) or ids.min() < 0:
            return []
        return [row for row in self.by_sound.find(encoded(sound)) if np.array_equal(sounds.ids[row], ids)]


def build_index(layout: Layout, vectors: Vectors, queries: Sequence[Query]) -> Index:
    """Build every engine.

    Args:
        layout: units and rows.
        vectors: (rows, d), L2-normalised.
        queries: the analysed text of each row.
    """
    return index_columns(layout, vectors, Columns.of([row.text for row in layout.rows], queries))


def index_columns(layout: Layout, vectors: Vectors, columns: Columns, dense: VectorIndex | None = None) -> Index:
    """Build every engine over rows whose texts and analysis are columns already, in the order of the layout.

    Args:
        layout: units and rows.
        vectors: (rows, d), L2-normalised.
        columns: the texts and their analysis.
        dense: the vectors' index, where it has been built.
    """
    row_unit = np.array([row.unit for row in layout.rows], dtype=np.int32)
    row_role = np.array([row.role for row in layout.rows], dtype=np.int8)
    size = len(layout.units)
    centroids, texts = unit_means(vectors, row_unit, row_role, size)
    words = UnitWords.of(columns, row_unit, row_role, size)
    idf = words.idf(len(columns.terms.vocabulary))
    slots = unit_slots(columns.slots, row_unit, row_role, size)
    form, keyed = row_role == Role.FORM, columns.keys.utf8.lengths > 0
    by_key = np.flatnonzero((form & keyed) | (row_role == Role.NEGATIVE))
    by_sound = np.flatnonzero(form & (columns.sounds.ids.lengths > 0))
    arrays: dict[str, NDArray[Any]] = {
        "row_unit": row_unit,
        "row_role": row_role,
        "row_weight": row_weights(columns, idf),
        "unit_start": np.searchsorted(row_unit, np.arange(size + 1)),
        "centroids": centroids,
        "texts": texts,
        "unit_words": words.pairs,
        "unit_word_counts": words.counts,
        "idf": idf,
        "unit_slots": slots.values,
        "unit_slot_starts": slots.starts,
        **_wording(columns, row_unit, row_role, size).arrays(),
        **Lookup.of(columns.key_hashes[by_key], by_key).arrays("by_key"),
        **Lookup.of(columns.sound_hashes[by_sound], by_sound).arrays("by_sound"),
    }
    lexical = LexicalIndex.of(columns.terms, row_role == Role.NEGATIVE)
    return _assemble(layout.units, columns, dense or FaissIndex.build(vectors), lexical, arrays)


def _wording(columns: Columns, row_unit: NDArray[np.int32], row_role: NDArray[np.int8], size: int) -> Wording:
    rows = np.flatnonzero(row_role != Role.NEGATIVE)
    return Wording.build(columns.keys.take(rows), row_unit[rows], size)


def _assemble(
    units: tuple[Unit, ...],
    columns: Columns,
    dense: VectorIndex,
    lexical: LexicalIndex,
    arrays: Mapping[str, NDArray[Any]],
) -> Index:
    of_values = [slot_of(value) for value in columns.slots.vocabulary.texts]
    slot_numbers = {slot: number for number, slot in enumerate(dict.fromkeys(of_values))}
    return Index(
        units=units,
        rows=Rows(columns, arrays["row_unit"], arrays["row_role"]),
        columns=columns,
        dense=dense,
        lexical=lexical,
        wording=Wording.load(arrays, len(units)),
        row_unit=arrays["row_unit"],
        row_role=arrays["row_role"],
        row_weight=arrays["row_weight"],
        kinds=np.array([unit.kind for unit in units], dtype=np.int8),
        unit_start=arrays["unit_start"],
        centroids=arrays["centroids"],
        texts=arrays["texts"],
        unit_words=UnitWords(arrays["unit_words"], arrays["unit_word_counts"], len(units)),
        idf=arrays["idf"],
        unit_slots=Ragged(arrays["unit_slots"], arrays["unit_slot_starts"]),
        slot_numbers=slot_numbers,
        value_slots=np.array([slot_numbers[slot] for slot in of_values], dtype=np.int64),
        by_key=Lookup.from_arrays(arrays, "by_key"),
        by_sound=Lookup.from_arrays(arrays, "by_sound"),
        arrays=arrays,
    )


def save_index(index: Index, folder: Path) -> None:
    """Write the index as JSON, plain arrays and engine files; the vectors are kept by a ``VectorStore``."""
    index.lexical.save(folder)
    write_arrays(folder / _COLUMNS, index.columns.arrays())
    write_arrays(folder / _ARRAYS, index.arrays)
    (folder / _UNITS).write_text(json_of(index.units), encoding="utf-8")


def load_index(folder: Path, dense: VectorIndex) -> Index:
    """Open what :func:`save_index` wrote, over the vectors of the same rows.

    Raises:
        StoreError: a file is missing or damaged.
    """
    try:
        units, rows, arrays = load_units(folder), load_rows(folder), map_arrays(folder / _ARRAYS)
        lexical = LexicalIndex.load(folder, rows.columns.terms.vocabulary)
        return _assemble(units, rows.columns, dense, lexical, arrays)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"cannot open the index in {folder}: {error}", user_message="索引文件损坏或缺失，请运行 zhida build 重建。"
        ) from error


def load_units(folder: Path) -> tuple[Unit, ...]:
    """Read the units alone; errors are those of the file and its shape."""
    return tuple(_unit(row) for row in json.loads((folder / _UNITS).read_text(encoding="utf-8")))


def load_rows(folder: Path) -> Rows:
    """Open the rows and their analysis alone; errors are those of the files and their shape."""
    arrays = map_arrays(folder / _ARRAYS)
    return Rows(Columns.from_arrays(map_arrays(folder / _COLUMNS)), arrays["row_unit"], arrays["row_role"])


def _unit(row: dict[str, Any]) -> Unit:
    return Unit(**{**row, "kind": UnitKind(row["kind"]), "facts": tuple(row["facts"])})
