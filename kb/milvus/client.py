"""What we ask of Milvus. pymilvus is imported here and nowhere else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from pymilvus import AnnSearchRequest, DataType, MilvusClient, MilvusException, RRFRanker

from kb.dense import Vectors
from kb.engine import FLAT_LIMIT
from kb.errors import StoreError
from kb.milvus.address import Address
from kb.vectors import Table

_BATCH = 1_000
_SEARCH_SECONDS = 3.0
_WRITE_SECONDS = 600.0
_RRF = 60
_HNSW_LINKS = 32
_HNSW_BUILD = 200
_HNSW_SEARCH = 128
# What a row that words cannot find holds instead of nothing, which Milvus does not take; no term has this number.
_NOTHING = 2**32 - 2
_UNKNOWN = _NOTHING - 1  # asked for where no term is known; no row holds it

# What goes wrong is told by our own errors; the library would print its call stack as well.
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)

Found = tuple[Vectors, NDArray[np.int64]]
_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


def _told(call: Callable[_Args, _Result]) -> Callable[_Args, _Result]:
    """Turn the library's errors into ours, for a method of :class:`Milvus`."""

    @wraps(call)
    def told(*args: _Args.args, **options: _Args.kwargs) -> _Result:
        try:
            return call(*args, **options)
        except MilvusException as error:
            where = args[0].address.uri  # type: ignore[attr-defined]  # the object that the method belongs to
            raise StoreError(
                f"Milvus at {where}: {error}",
                user_message=f"向量库 Milvus（{where}）没有应答或出错，请检查它是否在运行、地址对不对。",
            ) from error

    return told


class Milvus:
    """One Milvus; connects when it is first asked. Every method raises StoreError when it does not reply or refuses."""

    def __init__(self, address: Address) -> None:
        self.address = address

    @cached_property
    def _client(self) -> MilvusClient:
        address = self.address
        return MilvusClient(
            address.uri,
            token=address.token,
            db_name=address.database,
            timeout=_SEARCH_SECONDS,
            # Its own default pings an idle connection every ten seconds, and a server may hang up on who does.
            grpc_options={"grpc.keepalive_permit_without_calls": 0},
        )

    @_told
    def has(self, collection: str) -> bool:
        """Whether there is such a collection."""
        return bool(self._client.has_collection(collection, timeout=_SEARCH_SECONDS))

    @_told
    def shape(self, collection: str) -> tuple[int, int]:
        """Rows of a collection, all that were ever written, and the length of its vectors."""
        fields = self._client.describe_collection(collection, timeout=_SEARCH_SECONDS)["fields"]
        count = self._client.query(
            collection, output_fields=["count(*)"], consistency_level="Strong", timeout=_SEARCH_SECONDS
        )
        return int(count[0]["count(*)"]), next(int(it["params"]["dim"]) for it in fields if it["name"] == "vector")

    @_told
    def write(self, collection: str, table: Table) -> None:
        """Make a collection: load first, index then, so that each index is built once, over everything."""
        client = self._client
        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("row", DataType.INT64, is_primary=True)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=table.vectors.shape[1])
        schema.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
        schema.add_field("role", DataType.INT8)
        schema.add_field("kind", DataType.INT8)
        schema.add_field("category", DataType.VARCHAR, max_length=65_535)
        client.create_collection(collection, schema=schema, timeout=_WRITE_SECONDS)
        for start in range(0, len(table.vectors), _BATCH):
            client.insert(collection, list(_rows(table, start)), timeout=_WRITE_SECONDS)
        client.flush(collection, timeout=_WRITE_SECONDS)
        client.create_index(collection, _indexes(client, len(table.vectors)), timeout=_WRITE_SECONDS)
        client.load_collection(collection, timeout=_WRITE_SECONDS)

    @_told
    def read(self, collection: str, rows: int, dimension: int) -> Vectors:
        """All vectors of a collection, (rows, dimension), by row."""
        held = np.zeros((rows, dimension), dtype=np.float32)
        for start in range(0, rows, _BATCH):
            part = self._client.query(
                collection,
                filter=f"row >= {start} and row < {start + _BATCH}",
                output_fields=["row", "vector"],
                timeout=_WRITE_SECONDS,
            )
            held[[item["row"] for item in part]] = [item["vector"] for item in part]
        return held

    @_told
    def nearest(self, collection: str, queries: Vectors, k: int, only: str, rows: int) -> Found:
        """Nearest rows by inner product, (n, k) each, best first; ``rows`` is the size of the collection."""
        found = self._client.search(
            collection,
            data=np.asarray(queries, dtype=np.float32).tolist(),
            anns_field="vector",
            limit=k,
            filter=only,
            search_params=_depth(k, rows),
            output_fields=["row"],
            consistency_level="Eventually",  # a collection is whole before anybody is told of it
            timeout=_SEARCH_SECONDS,
        )
        return _arrays(found, k)

    @_told
    def hybrid(
        self, collection: str, query: Vectors, terms: Mapping[int, float], k: int, only: str, rows: int
    ) -> Found:
        """Nearest rows and best rows by words, fused by reciprocal rank: (1, k) each, best first."""
        words = dict(terms) or {_UNKNOWN: 1.0}
        vector = np.asarray(query, dtype=np.float32).tolist()
        found = self._client.hybrid_search(
            collection,
            [
                AnnSearchRequest([vector], "vector", _depth(k, rows), k, expr=only or None),
                AnnSearchRequest([words], "terms", {"metric_type": "IP"}, k, expr=only or None),
            ],
            RRFRanker(_RRF),
            limit=k,
            output_fields=["row"],
            consistency_level="Eventually",
            timeout=_SEARCH_SECONDS,
        )
        return _arrays(found, k)

    @_told
    def point(self, alias: str, collection: str) -> None:
        """Let an alias point at a collection, in one step."""
        try:
            self._client.alter_alias(collection, alias, timeout=_SEARCH_SECONDS)
        except MilvusException:  # there is none yet; where anything else is wrong, this does not work either
            self._client.create_alias(collection, alias, timeout=_SEARCH_SECONDS)

    @_told
    def pointed(self, alias: str) -> str:
        """Collection that an alias points at, "" where there is no such alias."""
        for collection in self._client.list_collections(timeout=_SEARCH_SECONDS):
            if alias in self._aliases(collection):
                return str(collection)
        return ""

    @_told
    def unpoint(self, alias: str) -> None:
        """Take an alias away."""
        if self.pointed(alias):
            self._client.drop_alias(alias, timeout=_SEARCH_SECONDS)

    @_told
    def drop(self, collection: str) -> None:
        """Remove a collection, if it is there, with the aliases that point at it."""
        if self.has(collection):
            for alias in self._aliases(collection):
                self._client.drop_alias(alias, timeout=_SEARCH_SECONDS)
            self._client.drop_collection(collection, timeout=_WRITE_SECONDS)

    def _aliases(self, collection: str) -> Sequence[str]:
        found: Sequence[str] = self._client.list_aliases(collection, timeout=_SEARCH_SECONDS).get("aliases", ())
        return found


def _indexes(client: MilvusClient, rows: int) -> Any:  # noqa: ANN401 - the library's own, untyped
    """Choose by size."""
    graph = {"index_type": "HNSW", "params": {"M": _HNSW_LINKS, "efConstruction": _HNSW_BUILD}}
    # Exact up to the size that FAISS is; above, the graph that Milvus is best at.
    kind: dict[str, Any] = graph if rows > FLAT_LIMIT else {"index_type": "FLAT"}
    params = client.prepare_index_params()
    params.add_index("vector", metric_type="IP", **kind)
    params.add_index("terms", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    return params


def _depth(k: int, rows: int) -> dict[str, Any]:
    return {"metric_type": "IP", "params": {"ef": max(k, _HNSW_SEARCH)} if rows > FLAT_LIMIT else {}}


def _rows(table: Table, start: int) -> Iterator[dict[str, Any]]:
    for row in range(start, min(start + _BATCH, len(table.vectors))):
        yield {
            "row": row,
            "vector": table.vectors[row],
            "terms": table.terms[row] or {_NOTHING: 1.0},
            "role": int(table.roles[row]),
            "kind": int(table.kinds[row]),
            "category": table.categories[row],
        }


def _arrays(found: Sequence[Sequence[Mapping[str, Any]]], k: int) -> Found:
    """Scores and rows, (n, k) each; equal scores by row, and row -1 where there are fewer."""
    scores = np.zeros((len(found), k), dtype=np.float32)
    rows = np.full((len(found), k), -1, dtype=np.int64)
    for place, hits in enumerate(found):
        best = sorted((-float(hit["distance"]), int(hit["row"])) for hit in hits)[:k]
        scores[place, : len(best)] = [-score for score, _ in best]
        rows[place, : len(best)] = [row for _, row in best]
    return scores, rows
