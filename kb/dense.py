"""Dense vectors in FAISS: exact inner product while small, an HNSW graph above. faiss is imported here and nowhere else."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from kb.errors import StoreError

Vectors = NDArray[np.float32]
# Measured on two cores: exact search takes 0.8 ms over 10k vectors and 12 ms over 100k; the graph 0.15 ms.
FLAT_LIMIT = 50_000
HNSW_LINKS = 32
HNSW_BUILD = 200
HNSW_SEARCH = 128
# Exact search is bound by memory: a scan of int8 copies, a quarter of the bytes, finds which rows to compare exactly.
# Measured over 20,378 form vectors: the 160 nearest were all among the 240 of the scan, in half the time.
SCAN_FROM = 5_000
_SCAN_MORE = 80
_INT8 = 127.0


class VectorIndex(Protocol):
    """Nearest vectors by inner product; rows are numbered from 0 in the order they were added."""

    @property
    def size(self) -> int:
        """Number of rows."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, NDArray[np.int64]]:
        """Return scores and row numbers, each (n, min(k, size)), best first.

        A graph that is asked for more rows than it reaches fills up with row -1.
        """

    def vectors(self) -> Vectors:
        """All indexed vectors, shape (size, dimension), in the order they were added."""


class FaissIndex:
    """:class:`VectorIndex` on FAISS."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index
        # One thread serves more questions a second than two fighting over two cores.
        faiss.omp_set_num_threads(1)

    @classmethod
    def build(cls, vectors: Vectors) -> FaissIndex:
        """Index L2-normalised vectors of shape (n, dimension); the kind of index follows the size."""
        dimension = vectors.shape[1]
        index = faiss.IndexFlatIP(dimension) if len(vectors) <= FLAT_LIMIT else _hnsw(dimension)
        faiss.omp_set_num_threads(2)
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> FaissIndex:
        """Open a written index, memory-mapped.

        Raises:
            StoreError: the file is missing or damaged.
        """
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:
            raise StoreError(
                f"cannot open {path}: {error}", user_message="向量索引文件损坏或缺失，请运行 zhida build 重建。"
            ) from error

    def save(self, path: Path) -> None:
        """Write the index to one file.

        Raises:
            StoreError: the disk does not take it.
        """
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise StoreError(
                f"cannot write {path}: {error}",
                user_message=f"写不了向量索引 {path}，请检查磁盘空间和权限。旧索引不受影响。",
            ) from error

    @cached_property
    def _scan(self) -> _Scan | None:
        """Made by the first search: a build that takes over the fit reads vectors and writes them, and searches none."""
        flat = isinstance(self._index, faiss.IndexFlat) and self.size >= SCAN_FROM
        return _Scan(self.vectors()) if flat else None

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def vectors(self) -> Vectors:
        """All indexed vectors, shape (size, dimension), in the order they were added."""
        return np.asarray(self._index.reconstruct_n(0, self.size), dtype=np.float32)

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, NDArray[np.int64]]:
        """Return scores and row numbers, each (n, min(k, size)), best first.

        A graph that is asked for more rows than it reaches fills up with row -1.
        """
        k = min(k, self.size)
        if k == 0:
            return np.zeros((len(queries), 0), np.float32), np.zeros((len(queries), 0), np.int64)
        if self._scan is not None and k + _SCAN_MORE < self.size:
            return self._scan.search(queries, k)
        scores, rows = self._index.search(np.ascontiguousarray(queries, dtype=np.float32), k)
        return scores, rows


class _Scan:
    """Exact scores of the rows that a scan of int8 copies finds nearest.

    Args:
        vectors: (n, dimension), L2-normalised.
    """

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._step = _INT8 / max(float(np.abs(vectors).max(initial=0.0)), 1e-9)
        quantizer = faiss.ScalarQuantizer.QT_8bit_direct_signed
        self._index = faiss.IndexScalarQuantizer(vectors.shape[1], quantizer, faiss.METRIC_INNER_PRODUCT)
        self._index.add(self._rounded(vectors))

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, NDArray[np.int64]]:
        """Return exact scores and row numbers, each (n, k), best first."""
        _, near = self._index.search(self._rounded(queries), k + _SCAN_MORE)
        scores = np.stack([self._vectors[rows] @ query for rows, query in zip(near, queries, strict=True)])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(scores, order, axis=1), np.take_along_axis(near, order, axis=1)

    def _rounded(self, vectors: Vectors) -> Vectors:
        return np.asarray(np.clip(np.rint(vectors * self._step), -_INT8, _INT8), dtype=np.float32)


def _hnsw(dimension: int) -> faiss.Index:
    index = faiss.IndexHNSWFlat(dimension, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = HNSW_BUILD
    index.hnsw.efSearch = HNSW_SEARCH
    return index
