"""Where the vectors of a version live: in its folder, or in a vector database that many machines share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.dense import FaissIndex, VectorIndex, Vectors
from kb.errors import UsageError
from kb.index import DENSE_FILE, Index

Place = Mapping[str, object]
FAISS: Place = {"engine": "faiss"}
# Written before anything else of a version lies elsewhere, so that even a build that was killed can be cleared away.
PLACE_FILE = "vectors.json"


@dataclass(frozen=True, slots=True)
class Table:
    """What a vector engine is given of an index, one row for each of its rows.

    Attributes:
        vectors: (rows, d), L2-normalised.
        terms: BM25 weight of each term, by the term's number; empty for a row that words cannot find.
        roles, kinds: (rows,) the row's role and its unit's kind.
        categories: category of the row's unit, "" where it has none.
    """

    vectors: Vectors
    terms: Sequence[Mapping[int, float]]
    roles: NDArray[np.int8]
    kinds: NDArray[np.int8]
    categories: Sequence[str]


class VectorStore(Protocol):
    """Keeps the vectors of versions; a version's manifest tells its place."""

    engine: str

    def save(self, version: str, folder: Path, index: Index) -> Place:
        """Keep the vectors of a version that is being built in ``folder``; tell where.

        Raises:
            StoreError: they could not be written.
        """

    def open(self, folder: Path, place: Place) -> VectorIndex:
        """Open the vectors of a version.

        Raises:
            StoreError: they are missing, damaged or out of reach.
            UsageError: they lie in a database whose address was not given.
        """

    def serve(self, place: Place) -> None:
        """Tell other programs that this version serves from now on.

        Raises:
            StoreError: it could not be done; what served before serves on.
        """

    def drop(self, folder: Path) -> None:
        """Remove what a version, or a build that broke off, keeps outside of its folder.

        Raises:
            StoreError: it is out of reach.
        """

    def check(self, place: Place) -> str:
        """Say in Chinese where the vectors of the version that serves are.

        Raises:
            StoreError: something is wrong with them.
        """


class FolderVectors:
    """FAISS, in the version's own folder."""

    engine = "faiss"

    def save(self, version: str, folder: Path, index: Index) -> Place:
        """Write the index that the build has made anyway."""
        dense = index.dense if isinstance(index.dense, FaissIndex) else FaissIndex.build(index.dense.vectors())
        dense.save(folder / DENSE_FILE)
        return FAISS

    def open(self, folder: Path, place: Place) -> VectorIndex:
        """Open the file."""
        self.require(place)
        return FaissIndex.load(folder / DENSE_FILE)

    def serve(self, place: Place) -> None:
        """Nothing to do: who reads the store's pointer knows."""
        self.require(place)

    def drop(self, folder: Path) -> None:
        """Nothing lies outside of the folder, unless it was put there when an address was given."""
        self.require(kept_place(folder))

    def require(self, place: Place) -> None:
        """Make sure that vectors are here.

        Raises:
            UsageError: they lie in a database whose address was not given.
        """
        if place.get("engine") != self.engine:
            raise UsageError(
                f"vectors are at {place}, no address given",
                user_message=f"这个版本的向量在 Milvus（{place.get('address')}）里，请用 --vectors 或环境变量 "
                "ZHIDA_VECTORS 写上它的地址；要搬回本机，运行 zhida build。",
            )

    def check(self, place: Place) -> str:
        """Say that they are here."""
        self.require(place)
        return "FAISS，在索引文件夹里"


def place_of(manifest: Mapping[str, object]) -> Place:
    """Where a version's vectors are, by its manifest."""
    place = manifest.get("vectors")
    return place if isinstance(place, dict) else FAISS


def keep_place(folder: Path, place: Place) -> None:
    """Write down where vectors are about to be put."""
    (folder / PLACE_FILE).write_text(json.dumps(place), encoding="utf-8")


def kept_place(folder: Path) -> Place:
    """Where vectors were about to be put; in the folder where nothing else was written down."""
    try:
        place = json.loads((folder / PLACE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return FAISS
    return place if isinstance(place, dict) else FAISS


def table_of(index: Index) -> Table:
    """Lay an index out for a vector engine."""
    units = index.row_unit.tolist()
    return Table(
        vectors=index.dense.vectors(),
        terms=index.lexical.weights(),
        roles=index.row_role,
        kinds=index.kinds[index.row_unit],
        categories=[index.units[unit].category for unit in units],
    )


__all__ = [
    "FAISS",
    "FolderVectors",
    "Place",
    "Table",
    "VectorStore",
    "keep_place",
    "kept_place",
    "place_of",
    "table_of",
]
