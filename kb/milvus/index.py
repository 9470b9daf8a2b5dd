"""The vectors of one version, searched in Milvus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.dense import Among, Vectors
from kb.errors import StoreError, UsageError
from kb.milvus.client import Milvus
from kb.units import Role, UnitKind

_DEEPEST = 16_384  # Milvus gives no more at once


@dataclass(frozen=True, slots=True)
class Where:
    """Which rows to look at; None and "" take all."""

    category: str = ""
    kind: UnitKind | None = None
    role: Role | None = None

    def expression(self) -> str:
        """Write it as Milvus reads it, "" for all rows."""
        parts = [f"category == {json.dumps(self.category, ensure_ascii=False)}"] if self.category else []
        parts += [f"kind == {int(self.kind)}"] if self.kind is not None else []
        parts += [f"role == {int(self.role)}"] if self.role is not None else []
        return " and ".join(parts)


EVERYWHERE = Where()


class MilvusIndex:
    """:class:`kb.dense.VectorIndex` on one collection.

    Args:
        milvus: where it is.
        collection: its name, or an alias.

    Raises:
        StoreError: there is no such collection, or no reply.
    """

    def __init__(self, milvus: Milvus, collection: str) -> None:
        if not milvus.has(collection):
            raise StoreError(
                f"no collection {collection}",
                user_message=f"Milvus（{milvus.address.uri}）里没有集合 {collection}，请运行 zhida build 重建。",
            )
        self._milvus = milvus
        self._collection = collection
        self.size, self.dimension = milvus.shape(collection)

    def search(
        self, queries: Vectors, k: int, among: Among | None = None, where: Where = EVERYWHERE
    ) -> tuple[Vectors, NDArray[np.int64]]:
        """Return scores and row numbers, each (n, min(k, size)), best first; equal scores by row.

        Where a filter or a graph leaves fewer rows than were asked for, row -1 fills up.

        Args:
            queries: (n, dimension).
            k: how many rows.
            among: (size,) which rows to look at; None for all.
            where: which of them, by what Milvus knows of them.

        Raises:
            StoreError: Milvus does not reply.
            UsageError: k is over 16,384.
        """
        k = self._at_most(k)
        if k == 0 or not len(queries):
            return np.zeros((len(queries), k), np.float32), np.zeros((len(queries), k), np.int64)
        parts = [where.expression()]
        if among is not None:
            parts.append(f"row in {np.flatnonzero(among).tolist()}")
        return self._milvus.nearest(self._collection, queries, k, " and ".join(filter(None, parts)), self.size)

    def hybrid(
        self, query: Vectors, terms: Mapping[int, float], k: int, where: Where = EVERYWHERE
    ) -> tuple[Vectors, NDArray[np.int64]]:
        """Search by meaning and by words in one request, fused by reciprocal rank (Cormack et al. 2009, k = 60).

        Args:
            query: (d,), L2-normalised.
            terms: counts of the question's terms by their numbers, see :meth:`kb.lexical.LexicalIndex.numbers`.
            k: how many rows of each kind to look at, and at most to return.
            where: which rows.

        Returns:
            Fused scores and row numbers, each (at most k,), best first.

        Raises:
            StoreError: Milvus does not reply.
            UsageError: k is over 16,384.
        """
        k = self._at_most(k)
        if k == 0:
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        scores, rows = self._milvus.hybrid(self._collection, query, terms, k, where.expression(), self.size)
        found = rows[0] >= 0
        return scores[0][found], rows[0][found]

    def vectors(self) -> Vectors:
        """All vectors, shape (size, dimension), in the order of their rows.

        Raises:
            StoreError: Milvus does not reply.
        """
        return self._milvus.read(self._collection, self.size, self.dimension)

    def _at_most(self, k: int) -> int:
        k = min(k, self.size)
        if k > _DEEPEST:
            raise UsageError(f"k = {k}", user_message=f"Milvus 一次最多给出 {_DEEPEST} 行。")
        return k
