"""Dense vectors: the contract of an index of them, and the embedded one, which follows a changing corpus.

Lists over a million vectors take minutes to make and a gigabyte to write; an edit changes a handful of vectors. So a
new version shares the engine's file with the one before and keeps beside it which *slot* of the engine each row stands
in, and the vectors that stand in none yet, which are compared exactly. When these are many they are added to the
lists; when much is gone, or there are too few lists for what there is, everything is built anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.columnar.arrays import map_arrays, write_arrays
from kb.engine import Engine, Vectors
from kb.errors import StoreError

# Comparing five thousand vectors takes half a millisecond.
MOST_ADDED = 5_000
MOST_GONE = 0.2
_SPARE = 64
_BESIDE = ".slots.safetensors"
Rows = NDArray[np.int64]
Among = NDArray[np.bool_]


class VectorIndex(Protocol):
    """Nearest vectors by inner product; rows are numbered from 0 in the order they were added; not to be written to."""

    @property
    def size(self) -> int:
        """Number of rows."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def search(self, queries: Vectors, k: int, among: Among | None = None) -> tuple[Vectors, Rows]:
        """Return scores and row numbers, each (n, min(k, size)), best first.

        An index that is asked for more rows than it looks at fills up with row -1.

        Args:
            queries: (n, dimension).
            k: how many rows.
            among: (size,) which rows to look at; None for all.
        """

    def vectors(self) -> Vectors:
        """All indexed vectors, shape (size, dimension), in the order they were added; not to be written to."""


class FaissIndex:
    """:class:`VectorIndex` on FAISS.

    Args:
        engine: what was built; None slots mean that it holds just the rows.
        slots: (rows,) where each row stands: below ``engine.size`` in the engine, else in ``added``; each at most once.
        added: (n, d) the vectors of slots ``engine.size`` and up.
    """

    def __init__(self, engine: Engine, slots: Rows | None = None, added: Vectors | None = None) -> None:
        self._engine = engine
        self._slots = slots
        self._added = np.zeros((0, engine.dimension), np.float32) if added is None else added
        places = engine.size + len(self._added)
        self._rows = np.full(places, -1, dtype=np.int64)
        self._rows[np.arange(places) if slots is None else slots] = np.arange(places if slots is None else len(slots))
        self._gone = places - self.size

    @classmethod
    def build(cls, vectors: Vectors, before: object = None, same: Rows | None = None) -> FaissIndex:
        """Index L2-normalised vectors of shape (n, dimension), taking over what was built before where that is worth it.

        Args:
            vectors: of all rows.
            before: the index of the version before; taken over from if it is one of ours.
            same: (n,) the row of ``before`` that holds the very vector of each row, -1 where there is none.
        """
        if isinstance(before, FaissIndex) and same is not None and before.dimension == vectors.shape[1]:
            grown = before._grown(vectors, same)
            if grown is not None:
                return grown
        return cls(Engine.build(vectors))

    def _grown(self, vectors: Vectors, same: Rows) -> FaissIndex | None:
        """What this index becomes; None where building anew is better."""
        engine, size = self._engine, self._engine.size
        if engine.exact or not engine.suits(len(vectors)):
            return None
        kept = np.zeros(len(same), dtype=bool)
        kept[np.unique(same, return_index=True)[1]] = True  # a slot holds one row: a second of equal text gets its own
        kept &= same >= 0
        taken = np.where(kept, same, 0)
        slots = np.where(kept, taken if self._slots is None else self._slots[taken], size)
        new = slots >= size
        if size - int((~new).sum()) > MOST_GONE * size:
            return None
        slots[new] = size + np.arange(int(new.sum()))
        added = np.ascontiguousarray(vectors[new], dtype=np.float32)
        if len(added) > MOST_ADDED:
            engine, added = engine.extended(added), added[:0]
        return FaissIndex(engine, slots, added)

    @classmethod
    def load(cls, path: Path) -> FaissIndex:
        """Open a written index.

        Raises:
            StoreError: a file is missing or damaged.
        """
        engine, beside = Engine.load(path), path.with_name(path.name + _BESIDE)
        if not beside.exists():
            return cls(engine)
        try:
            kept = map_arrays(beside)
            return cls(engine, kept["slots"], kept["added"])
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise StoreError(
                f"cannot open {beside}: {error}", user_message="向量索引文件损坏或缺失，请运行 zhida build 重建。"
            ) from error

    def save(self, path: Path) -> None:
        """Write the index to ``path`` and, where it has changed since it was built, a file beside it.

        Raises:
            StoreError: the disk does not take it.
        """
        self._engine.save(path)
        if self._slots is None:
            return
        try:
            write_arrays(path.with_name(path.name + _BESIDE), {"slots": self._slots, "added": self._added})
        except OSError as error:
            raise StoreError(
                f"cannot write beside {path}: {error}",
                user_message=f"写不了向量索引 {path}，请检查磁盘空间和权限。旧索引不受影响。",
            ) from error

    @property
    def size(self) -> int:
        """Number of rows."""
        return self._engine.size if self._slots is None else len(self._slots)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._engine.dimension

    def vectors(self) -> Vectors:
        """All indexed vectors, shape (size, dimension), in the order of the rows; not to be written to."""
        held = self._engine.vectors()
        return held if self._slots is None else np.vstack([held, self._added])[self._slots]

    def search(self, queries: Vectors, k: int, among: Among | None = None) -> tuple[Vectors, Rows]:
        """Return scores and row numbers, each (n, min(k, size)), best first.

        Lists that are asked for more rows than they hold fill up with row -1; so does a search among fewer.
        """
        k = min(k, self.size)
        if k == 0 or not len(queries):
            return np.zeros((len(queries), k), np.float32), np.zeros((len(queries), k), np.int64)
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if among is not None:
            return self._among(queries, k, among)
        if self._slots is None:
            return self._engine.search(queries, k)
        return self._with_added(queries, k, *self._living(queries, k), self._rows)

    def _among(self, queries: Vectors, k: int, among: Among) -> tuple[Vectors, Rows]:
        """Compare every row that is wanted: lists would have to be searched to the end to miss none of a few."""
        wanted = np.where((self._rows >= 0) & among[self._rows], self._rows, -1)
        size = self._engine.size
        scores, slots = self._engine.search_among(queries, min(k, size), wanted[:size] >= 0)
        rows = np.where(slots >= 0, wanted[slots], -1)
        scores, rows = self._with_added(queries, k, scores, rows, wanted)
        return np.where(rows >= 0, scores, -np.inf).astype(np.float32), rows

    def _with_added(self, queries: Vectors, k: int, scores: Vectors, rows: Rows, row_of: Rows) -> tuple[Vectors, Rows]:
        """Put what stands beside the engine among what the engine found; ``row_of`` each slot, -1 for one not wanted."""
        new = row_of[self._engine.size :]
        beside = np.where(new >= 0, queries @ self._added.T, -np.inf).astype(np.float32)
        scores = np.hstack([scores, beside])
        rows = np.hstack([rows, np.broadcast_to(new, (len(queries), len(new)))])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(scores, order, axis=1), np.take_along_axis(rows, order, axis=1)

    def _living(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Search the engine deep enough that k rows are left when those that are gone have been passed over."""
        wanted = min(k + min(self._gone, _SPARE), self._engine.size)
        while True:
            scores, slots = self._engine.search(queries, wanted)
            rows = np.where(slots >= 0, self._rows[slots], -1)
            short = (rows >= 0).sum(axis=1) < min(k, self.size - len(self._added))
            if wanted == self._engine.size or not (short & (slots[:, -1] >= 0)).any():
                return np.where(rows >= 0, scores, -np.inf).astype(np.float32), rows
            wanted = min(2 * wanted, self._engine.size)


__all__ = ["Among", "FaissIndex", "VectorIndex", "Vectors"]
