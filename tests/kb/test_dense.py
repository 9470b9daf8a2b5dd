import gc
from pathlib import Path

import numpy as np
import pytest

from kb import engine, scan
from kb.dense import FaissIndex, Vectors
from kb.errors import StoreError

# (rows up to which the search is exact, rows from which a scan comes first)
LIMITS = {"flat": (50_000, 50_000), "scan": (50_000, 10), "lists": (16, 50_000)}


@pytest.fixture(params=sorted(LIMITS), autouse=True)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    flat, scan_from = LIMITS[request.param]
    monkeypatch.setattr(engine, "FLAT_LIMIT", flat)
    monkeypatch.setattr(engine, "SCAN_FROM", scan_from)
    for module in (engine, scan):  # sets of hundreds of vectors
        monkeypatch.setattr(module, "MORE", 100)
    return str(request.param)


def unit_vectors(count: int, dimension: int = 16, seed: int = 1) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def test_the_limit_chooses_the_engine(kind: str) -> None:
    assert engine.Engine.build(unit_vectors(16)).exact
    assert engine.Engine.build(unit_vectors(17)).exact is (kind != "lists")


def test_a_loaded_index_is_the_same(tmp_path: Path) -> None:
    built = FaissIndex.build(unit_vectors(200))
    built.save(tmp_path / "x.faiss")
    loaded = FaissIndex.load(tmp_path / "x.faiss")
    queries = unit_vectors(20, seed=7)

    for one, other in zip(built.search(queries, 15), loaded.search(queries, 15), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(built.vectors(), loaded.vectors())
    assert (loaded.size, loaded.dimension) == (200, 16)


@pytest.mark.parametrize("mapped_from", [engine.MAPPED_FROM, 0])
def test_a_mapped_index_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapped_from: int) -> None:
    monkeypatch.setattr(engine, "MAPPED_FROM", mapped_from)
    FaissIndex.build(unit_vectors(200)).save(tmp_path / "x.faiss")
    loaded = FaissIndex.load(tmp_path / "x.faiss")

    np.testing.assert_array_equal(loaded.vectors(), unit_vectors(200))


def test_vectors_are_read_where_the_index_has_them_and_outlive_it() -> None:
    index = FaissIndex.build(unit_vectors(300))
    vectors = index.vectors()
    exact = index._engine.exact
    assert np.shares_memory(vectors, index.vectors()) is exact
    assert vectors.flags.writeable is not exact

    del index
    gc.collect()
    filler = [FaissIndex.build(unit_vectors(300, seed=seed)) for seed in range(2, 5)]  # would take the memory over

    assert len(filler) == 3
    np.testing.assert_array_equal(vectors, unit_vectors(300))


def test_an_open_index_outlives_its_file(tmp_path: Path) -> None:
    FaissIndex.build(unit_vectors(2_000)).save(tmp_path / "x.faiss")
    loaded = FaissIndex.load(tmp_path / "x.faiss")
    (tmp_path / "x.faiss").write_bytes(b"")

    np.testing.assert_array_equal(loaded.search(unit_vectors(5), 1)[1].ravel(), range(5))


@pytest.mark.parametrize("content", [None, b"", b"not an index", b"IxFI\x00\x00"])
def test_damage_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.faiss"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(StoreError) as caught:
        FaissIndex.load(path)
    assert "zhida build" in caught.value.user_message


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        FaissIndex.build(unit_vectors(3)).save(tmp_path / "none" / "x.faiss")
    assert "写不了向量索引" in caught.value.user_message
