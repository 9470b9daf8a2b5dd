"""Versions whose vectors live in Milvus: what a build, a switch, a rollback and a removal do there."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder

from kb import store as store_module
from kb.build import build
from kb.corpus import Corpus
from kb.errors import StoreError, UsageError
from kb.index import Index
from kb.milvus import MilvusVectors
from kb.milvus.client import Milvus
from kb.query import Analyzer
from kb.search import Searcher
from kb.store import Store, Version
from kb.vector_stores import vector_store
from kb.vectors import FAISS, PLACE_FILE, keep_place, place_of

_names = count()
ASKED = (
    "抖音月付怎么开通",
    "月付怎么关掉",
    "提前还清",
    "查额度",
    "花呗怎么关闭",
    "转人工",
    "你好",
    "今天几号出账",
    "xyz",
)


@pytest.fixture
def alias() -> str:
    """A name of the test's own: all share one Milvus, as stores may."""
    return f"own{next(_names)}"


@pytest.fixture
def store(tmp_path: Path, milvus_url: str, alias: str) -> Store:
    return Store(tmp_path / "store", vector_store(f"{milvus_url}?name={alias}"))


@pytest.fixture
def collections(milvus: Milvus, alias: str) -> Callable[[], list[str]]:
    def named() -> list[str]:
        return sorted(name for name in milvus._client.list_collections() if name.startswith(f"{alias}_"))

    return named


@pytest.fixture
def commit(store: Store, tiny_index: Index) -> Callable[..., Version]:
    """Build a version without the steps that are the same everywhere."""

    def commit(*, switch: bool = True) -> Version:
        with store.writing() as folder:
            return store.commit(folder, {"vectors": store.keep_vectors(folder, tiny_index)}, switch=switch)

    return commit


def collection_of(version: Version) -> str:
    return str(place_of(version.manifest)["collection"])


def test_the_manifest_tells_where_the_vectors_are(
    store: Store, commit: Callable[..., Version], milvus: Milvus, alias: str, tiny_index: Index
) -> None:
    version = commit()

    place = place_of(store.current().manifest)
    name = f"{alias}_{version.id.replace('-', '_')}"
    assert place == {"engine": "milvus", "collection": name, "address": milvus.address.uri}
    assert milvus.pointed(alias) == name
    assert not (version.folder / "dense.faiss").exists()
    np.testing.assert_array_equal(version.dense().vectors(), tiny_index.dense.vectors())


def test_the_same_replies_as_from_faiss(tiny_corpus: Corpus, tiny_version: Version, store: Store) -> None:
    version, embedder = build(tiny_corpus, FakeEmbedder(), store), FakeEmbedder()
    analyzer = Analyzer(tiny_corpus.lexicon)
    here, there = (Searcher.open(item, analyzer, embedder) for item in (tiny_version, version))
    questions = [*ASKED, *list(here.index.columns.texts)[::5]]

    queries = embedder.encode_queries(questions)
    near, same = (item.index.dense.search(queries, 10)[1] for item in (here, there))
    assert np.mean([len({*one} & {*other}) / 10 for one, other in zip(near, same, strict=True)]) >= 0.99
    for one, other in zip(here.search_many(questions), there.search_many(questions), strict=True):
        assert [hit.entry for hit in one.hits] == [hit.entry for hit in other.hits]
        np.testing.assert_allclose(
            [hit.probability for hit in one.hits], [hit.probability for hit in other.hits], atol=1e-3
        )


def test_nothing_is_embedded_again(tiny_corpus: Corpus, store: Store) -> None:
    build(tiny_corpus, FakeEmbedder(), store)
    second = FakeEmbedder()
    build(tiny_corpus, second, store)

    assert (second.asked, second.told) == ([], [])


def test_vectors_move_from_the_folder_to_milvus_and_back(
    tiny_corpus: Corpus, store: Store, milvus: Milvus, alias: str
) -> None:
    old = build(tiny_corpus, FakeEmbedder(), Store(store.folder))
    moving = FakeEmbedder()
    new = build(tiny_corpus, moving, store)

    assert (moving.asked, moving.told) == ([], [])
    assert place_of(old.manifest) == FAISS != place_of(new.manifest)
    np.testing.assert_array_equal(store.open(old.id).dense().vectors(), new.dense().vectors())
    store.switch(old.id)
    assert milvus.pointed(alias) == ""
    store.switch(new.id)
    assert milvus.pointed(alias) == collection_of(new)


def test_a_switch_and_a_rollback_move_the_alias(
    store: Store, commit: Callable[..., Version], milvus: Milvus, alias: str
) -> None:
    first = commit()
    second = commit(switch=False)
    assert milvus.pointed(alias) == collection_of(first)

    store.switch(second.id)
    assert milvus.pointed(alias) == collection_of(second)
    assert store.vectors.check(place_of(second.manifest)).endswith("指向它")
    with pytest.raises(StoreError, match="points at"):
        store.vectors.check(place_of(first.manifest))

    store.switch(first.id)
    assert milvus.pointed(alias) == collection_of(first)
    assert first.dense().size == second.dense().size > 0


def test_who_reads_a_version_keeps_it(store: Store, commit: Callable[..., Version], tiny_index: Index) -> None:
    reading = commit().dense()
    commit()

    np.testing.assert_array_equal(reading.vectors(), tiny_index.dense.vectors())


def test_old_versions_take_their_collections_along(
    store: Store,
    commit: Callable[..., Version],
    collections: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_module, "_KEPT_VERSIONS", 2)
    made = [commit() for _ in range(4)]

    assert store.versions() == [version.id for version in made[-2:]]
    assert collections() == [collection_of(version) for version in made[-2:]]


def test_a_version_that_is_thrown_away(
    store: Store, commit: Callable[..., Version], collections: Callable[[], list[str]]
) -> None:
    serving = commit()
    store.discard(commit(switch=False).id)

    assert collections() == [collection_of(serving)]


def test_a_build_that_fails_leaves_no_collection(
    store: Store, collections: Callable[[], list[str]], tiny_index: Index
) -> None:
    with pytest.raises(RuntimeError, match="halfway"), store.writing() as folder:
        store.keep_vectors(folder, tiny_index)
        raise RuntimeError("halfway")

    assert collections() == []


def test_what_a_killed_build_left_is_cleared_by_the_next(
    store: Store,
    alias: str,
    milvus: Milvus,
    milvus_index: object,
    collections: Callable[[], list[str]],
    tiny_index: Index,
) -> None:
    folder = store.folder / "versions" / ".new-20260101T000000000000-dead"
    folder.mkdir(parents=True)
    store.vectors.save("20260101T000000000000-dead", folder, tiny_index)
    assert len(collections()) == 1

    with store.writing():
        assert collections() == []
    assert not folder.exists()


def test_rows_that_were_lost_on_the_way_are_noticed(
    store: Store, commit: Callable[..., Version], collections: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Milvus.write

    def lossy(self: Milvus, collection: str, table: object) -> None:
        write(self, collection, table)  # type: ignore[arg-type]  # passed on as it came
        self._client.delete(collection, filter="row == 3")

    monkeypatch.setattr(Milvus, "write", lossy)
    with pytest.raises(StoreError, match="holds"):
        commit()
    assert collections() == []
    assert store.versions() == []


def test_milvus_fails_during_a_switch(
    store: Store, commit: Callable[..., Version], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = commit(), commit(switch=False)

    def refuse(*_: object) -> None:
        raise StoreError("no reply", user_message="没有应答")

    monkeypatch.setattr(Milvus, "point", refuse)
    with pytest.raises(StoreError, match="no reply"):
        store.switch(second.id)
    assert store.current_id() == first.id


def test_a_pointer_that_cannot_be_written_takes_the_alias_back(
    store: Store, commit: Callable[..., Version], milvus: Milvus, alias: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = commit(), commit(switch=False)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module, "write_whole", full)
    with pytest.raises(StoreError, match="No space"):
        store.switch(second.id)
    assert (store.current_id(), milvus.pointed(alias)) == (first.id, collection_of(first))


def test_without_the_address(store: Store, commit: Callable[..., Version], milvus: Milvus, alias: str) -> None:
    first = commit()
    second = commit()
    blind = Store(store.folder)

    for act in (blind.current().dense, lambda: blind.switch(first.id), lambda: blind.discard(first.id)):
        with pytest.raises(UsageError) as caught:
            act()
        assert "--vectors" in caught.value.user_message
        assert milvus.address.uri in caught.value.user_message
    assert blind.versions() == [first.id, second.id]
    assert milvus.pointed(alias) == collection_of(second)


def test_without_the_address_a_removal_waits(
    store: Store,
    commit: Callable[..., Version],
    collections: Callable[[], list[str]],
    tiny_index: Index,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = commit()
    monkeypatch.setattr(store_module, "_KEPT_VERSIONS", 1)
    blind = Store(store.folder)
    with blind.writing() as folder:
        here = blind.commit(folder, {"vectors": blind.keep_vectors(folder, tiny_index)})

    assert blind.versions() == [here.id]
    assert collections() == [collection_of(version)]
    with store.writing():
        assert collections() == []


def test_the_place_is_written_before_the_collection(tmp_path: Path, milvus_url: str, tiny_index: Index) -> None:
    vectors = MilvusVectors(f"{milvus_url}?name=order")
    seen: list[bool] = []

    class Watched:
        address = vectors._milvus.address

        def write(self, *_: object) -> None:
            seen.append((tmp_path / PLACE_FILE).exists())
            raise StoreError("stop", user_message="停")

    vectors._milvus = Watched()  # type: ignore[assignment]  # stands in for what must not be reached
    with pytest.raises(StoreError, match="stop"):
        vectors.save("v", tmp_path, tiny_index)
    assert seen == [True]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("kb.milvus")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pymilvus", None)

    with pytest.raises(UsageError) as caught:
        vector_store("http://milvus:19530")
    assert "pip install 'zhida[milvus]'" in caught.value.user_message


def test_a_place_that_cannot_be_read_is_the_folder(tmp_path: Path) -> None:
    keep_place(tmp_path, {"engine": "milvus", "collection": "x"})
    (tmp_path / PLACE_FILE).write_text("[]", "utf-8")

    vector_store().drop(tmp_path)
