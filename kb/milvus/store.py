"""Versions in Milvus: each is a collection, and an alias points at the one that serves.

Workers ask a version's own collection, because a row number means nothing without the files of that version. The alias
is for other programs, which search what serves by meaning and by words at once without knowing of versions.
"""

from __future__ import annotations

from pathlib import Path

from kb.dense import VectorIndex
from kb.errors import StoreError
from kb.index import Index
from kb.milvus.address import parse_address
from kb.milvus.client import Milvus
from kb.milvus.index import MilvusIndex
from kb.vectors import FolderVectors, Place, keep_place, kept_place, table_of


class MilvusVectors:
    """:class:`kb.vectors.VectorStore` on Milvus.

    Args:
        url: see :mod:`kb.milvus.address`.

    Raises:
        UsageError: the address is none.
    """

    engine = "milvus"

    def __init__(self, url: str) -> None:
        self._milvus = Milvus(parse_address(url))
        self._alias = self._milvus.address.name

    def save(self, version: str, folder: Path, index: Index) -> Place:
        """Write a collection of the version's name; it holds every row when this returns."""
        collection = f"{self._alias}_{version.replace('-', '_')}"
        place = {"engine": self.engine, "collection": collection, "address": self._milvus.address.uri}
        keep_place(folder, place)
        self._milvus.write(collection, table_of(index))
        held = MilvusIndex(self._milvus, collection).size
        if held != len(index.rows):
            raise StoreError(
                f"{collection} holds {held} of {len(index.rows)} rows",
                user_message="Milvus 没有收下全部向量，旧索引不受影响，请再试一次。",
            )
        return place

    def open(self, folder: Path, place: Place) -> VectorIndex:
        """Open the collection, or the file of a version that was built without Milvus."""
        if place.get("engine") != self.engine:
            return FolderVectors().open(folder, place)
        return MilvusIndex(self._milvus, str(place.get("collection")))

    def serve(self, place: Place) -> None:
        """Move the alias in one step; it goes away when what serves is not in Milvus."""
        if place.get("engine") == self.engine:
            self._milvus.point(self._alias, str(place.get("collection")))
        else:
            self._milvus.unpoint(self._alias)

    def drop(self, folder: Path) -> None:
        """Drop the collection."""
        place = kept_place(folder)
        if place.get("engine") == self.engine:
            self._milvus.drop(str(place.get("collection")))

    def check(self, place: Place) -> str:
        """Say where the vectors are, and that the alias points at them."""
        if place.get("engine") != self.engine:
            return FolderVectors().check(place)
        index, serving = MilvusIndex(self._milvus, str(place.get("collection"))), self._milvus.pointed(self._alias)
        if serving != place.get("collection"):
            raise StoreError(
                f"the alias points at {serving}",
                user_message=f"别名 {self._alias} 没有指向正在服务的集合 {place.get('collection')}，"
                "再发布或换回一次版本即可更正；本程序自己的回答不受影响。",
            )
        address = self._milvus.address.uri
        return f"Milvus（{address}），集合 {serving}，{index.size} 行，别名 {self._alias} 指向它"
