"""FAISS: exact inner product while small, inverted lists above. faiss is imported here and in :mod:`kb.scan` only."""

from __future__ import annotations

import os
import shutil
from functools import cached_property
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from kb.columnar.arrays import MAPPED_FROM
from kb.errors import StoreError
from kb.scan import MORE, Scan

Vectors = NDArray[np.float32]
# Measured over 51,762 vectors of the shipped forms: a scan takes 0.35 ms and finds 0.9998 of the 160 nearest, lists 0.43 ms
# and 0.9986. Over 100,000, lists 1.2 ms at recall@10 0.99 and 4 s to build; an HNSW graph 0.76 ms at 0.9997, but 60 s to
# build, a file to be written anew for every edit, and no way to remove a row.
FLAT_LIMIT = 80_000
# From how many rows on a scan of small copies comes first; below, exact search takes no longer.
SCAN_FROM = 5_000
# Lists: how many are looked at, and how many of the rows that their codes put first are compared exactly. Measured over a
# million vectors, 2,048 lists, processor time: 128 and 800 find 0.976 of the ten nearest in 1.3 ms, 256 and 800 0.987 in
# 1.9 ms, 384 and 1,600 0.993 in 3 ms (and 0.973 of the 160 nearest); of real held-out questions 0.986, 0.995, 0.998.
_PROBES = 128
_PROBED_SHARE = 3 / 16
_AGAIN = 10
_AGAIN_AT_LEAST = 1_600
# Numbers to a code of four bits; vectors to a list, and rounds, that the lists are trained with.
_PARTS = (4, 2, 1)
_LIST_SAMPLE = 64
_ROUNDS = 10
_SEED = 20261123


class Engine:
    """Nearest vectors by inner product, of a set that only grows; rows are numbered from 0 in the order they came."""

    def __init__(self, index: faiss.Index, path: Path | None = None) -> None:
        self._index = index
        self._path = path
        self._searched = False

    @classmethod
    def build(cls, vectors: Vectors) -> Engine:
        """Index L2-normalised vectors of shape (n, dimension); the kind of index follows the size."""
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        faiss.omp_set_num_threads(2)
        index = faiss.IndexFlatIP(vectors.shape[1]) if len(vectors) <= FLAT_LIMIT else _lists(vectors)
        index.add(vectors)
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> Engine:
        """Open a written index: read whole, memory-mapped from ``MAPPED_FROM`` bytes on.

        Raises:
            StoreError: the file is missing or damaged.
        """
        try:
            flags = faiss.IO_FLAG_MMAP_IFC if path.stat().st_size >= MAPPED_FROM else 0
            return cls(faiss.read_index(str(path), flags), path)
        except (RuntimeError, OSError) as error:
            raise StoreError(
                f"cannot open {path}: {error}", user_message="向量索引文件损坏或缺失，请运行 zhida build 重建。"
            ) from error

    def save(self, path: Path) -> None:
        """Write the index to one file; what was loaded is not written again, the file is shared where it can be.

        Raises:
            StoreError: the disk does not take it.
        """
        try:
            if self._path is None:
                faiss.write_index(self._index, str(path))
            else:
                _share(self._path, path)
        except (RuntimeError, OSError) as error:
            raise StoreError(
                f"cannot write {path}: {error}",
                user_message=f"写不了向量索引 {path}，请检查磁盘空间和权限。旧索引不受影响。",
            ) from error

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def exact(self) -> bool:
        """Whether every row is compared."""
        return not isinstance(self._index, faiss.IndexRefine)

    def suits(self, size: int) -> bool:
        """Whether an index built for ``size`` vectors would have as many lists, give or take a half."""
        if self.exact:
            return size <= FLAT_LIMIT
        lists = faiss.extract_index_ivf(self._index).nlist
        return size > FLAT_LIMIT and lists // 2 <= lists_for(size) <= 2 * lists

    def vectors(self) -> Vectors:
        """All indexed vectors, shape (size, dimension), in the order they were added; not to be written to."""
        if self.exact and self.size:
            return np.asarray(_Held(self._index))
        return np.asarray(self._whole.reconstruct_n(0, self.size), dtype=np.float32)

    def extended(self, vectors: Vectors) -> Engine:
        """The same lists with more rows behind their own, which stay as they are; mapped ones are read into memory.

        Not for an exact index: its vectors are read where FAISS has them, and they move when it grows.
        """
        if self.exact:
            raise ValueError("an exact index is built anew")
        index = self._index if self._path is None else faiss.read_index(str(self._path))
        faiss.omp_set_num_threads(2)
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return Engine(index)

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, NDArray[np.int64]]:
        """Return scores and row numbers, each (n, k), best first, k ≤ size; row -1 where the lists looked at end."""
        _alone()
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        if not self.exact:
            again = max(_AGAIN, _AGAIN_AT_LEAST / k)
            depth = faiss.IndexRefineSearchParameters(k_factor=again)  # type: ignore[call-arg]  # not in its stubs
            return self._index.search(queries, k, params=depth)
        scan = self._scan if self._searched and SCAN_FROM <= self.size > k + MORE else None
        self._searched = True
        return self._index.search(queries, k) if scan is None else scan.search(queries, k)

    def search_among(self, queries: Vectors, k: int, among: NDArray[np.bool_]) -> tuple[Vectors, NDArray[np.int64]]:
        """Compare just the rows that ``among``, of shape (size,), names, all of them; row -1 where there are fewer.

        Measured over 20,000 vectors, half of them looked at: 2 ms.
        """
        _alone()
        bits = np.packbits(among, bitorder="little")
        selector = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]  # its stubs are of the C++ call
        queries = np.ascontiguousarray(queries, dtype=np.float32)
        within = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]  # not in its stubs
        return self._whole.search(queries, k, params=within)

    @property
    def _whole(self) -> faiss.Index:
        """The index of the whole vectors."""
        return self._index if self.exact else faiss.downcast_index(self._index.refine_index)  # type: ignore[attr-defined]

    @cached_property
    def _scan(self) -> Scan:
        """Made for the second search: making it takes as long as searching exactly seventy times."""
        return Scan(self.vectors())


class _Held:
    """The memory of an exact index as numpy takes it: the array keeps this object, and so the index, alive."""

    def __init__(self, index: faiss.Index) -> None:
        self.index = index
        place = int(index.get_xb())  # type: ignore[attr-defined]  # not in its stubs
        shape = (index.ntotal, index.d)
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": "<f4", "data": (place, True)}


def _alone() -> None:
    """Search in the calling thread only: helpers take more processor time, waiting, than a search is long.

    OpenMP keeps this number for each thread, so it is said where the search is, not where the index is opened.
    """
    faiss.omp_set_num_threads(1)


def _lists(vectors: Vectors) -> faiss.Index:
    """Inverted lists of product-quantised codes (Jégou et al. 2011); whole vectors decide between the best of them."""
    dimension, count = vectors.shape[1], lists_for(len(vectors))
    part = next(size for size in _PARTS if dimension % size == 0)
    coarse = faiss.IndexFlatIP(dimension)
    codes = faiss.IndexIVFPQFastScan(coarse, dimension, count, dimension // part, 4, faiss.METRIC_INNER_PRODUCT)
    codes.by_residual = False  # one table of distances serves all lists of a question
    codes.nprobe = min(max(_PROBES, round(count * _PROBED_SHARE)), count)
    codes.cp.niter, codes.cp.seed, codes.cp.max_points_per_centroid = _ROUNDS, _SEED, _LIST_SAMPLE
    codes.cp.min_points_per_centroid = codes.pq.cp.min_points_per_centroid = 1  # small indexes: no advice wanted
    sample = np.random.default_rng(_SEED).choice(len(vectors), min(len(vectors), count * _LIST_SAMPLE), replace=False)
    codes.train(vectors[np.sort(sample)])
    return faiss.IndexRefine(codes, faiss.IndexFlatIP(dimension))


def lists_for(size: int) -> int:
    """How many lists an index of this size is given: the power of two nearest to twice the root."""
    return int(2 ** round(np.log2(max(size, 1)) / 2 + 1))


def _share(source: Path, target: Path) -> None:
    """Let two versions share one file, which nobody writes again; copy it where the file system cannot."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
