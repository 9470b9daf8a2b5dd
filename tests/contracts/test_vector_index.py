"""What every `VectorIndex` must do, against brute force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kb import engine
from kb.dense import FaissIndex
from kb.engine import Vectors
from kb.errors import StoreError

# (rows up to which the search is exact, rows from which a scan comes first)
LIMITS = {"flat": (50_000, 50_000), "scan": (50_000, 10), "lists": (16, 50_000)}


@pytest.fixture(params=sorted(LIMITS), autouse=True)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    flat, scan = LIMITS[request.param]
    monkeypatch.setattr(engine, "FLAT_LIMIT", flat)
    monkeypatch.setattr(engine, "SCAN_FROM", scan)
    return str(request.param)


def unit_vectors(count: int, dimension: int = 16, seed: int = 1) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def brute_force(vectors: Vectors, queries: Vectors, k: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    scores = queries.astype(np.float64) @ vectors.astype(np.float64).T
    rows = np.argsort(-scores, axis=1)[:, :k]
    return np.take_along_axis(scores, rows, axis=1), rows


def test_the_limit_chooses_the_engine(kind: str) -> None:
    assert engine.Engine.build(unit_vectors(16)).exact
    assert engine.Engine.build(unit_vectors(17)).exact is (kind != "lists")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("count", "k"), [(400, 1), (400, 10), (400, 40), (20, 20)])
def test_nearest_rows_and_scores(count: int, k: int, seed: int) -> None:
    vectors, queries = unit_vectors(count, seed=seed), unit_vectors(25, seed=seed + 100)

    scores, rows = FaissIndex.build(vectors).search(queries, k)

    wanted_scores, wanted_rows = brute_force(vectors, queries, k)
    np.testing.assert_array_equal(rows, wanted_rows)
    np.testing.assert_allclose(scores, wanted_scores, atol=1e-5)
    assert scores.dtype == np.float32
    assert rows.dtype == np.int64


def test_a_vector_finds_itself() -> None:
    vectors = unit_vectors(300)

    scores, rows = FaissIndex.build(vectors).search(vectors, 1)

    assert rows[:, 0].tolist() == list(range(300))
    np.testing.assert_allclose(scores[:, 0], 1, atol=1e-5)


def test_equal_vectors_are_all_found() -> None:
    vectors = unit_vectors(60)
    vectors[20:50] = vectors[20]

    scores, rows = FaissIndex.build(vectors).search(vectors[20:21], 30)

    assert sorted(rows[0].tolist()) == list(range(20, 50))
    np.testing.assert_allclose(scores, 1, atol=1e-5)


def test_no_more_rows_than_there_are() -> None:
    index = FaissIndex.build(unit_vectors(12))
    scores, rows = index.search(unit_vectors(3), 99)

    assert scores.shape == rows.shape == (3, 12)
    assert all(sorted(row) == list(range(12)) for row in rows.tolist())
    assert index.search(unit_vectors(3), 0)[1].shape == (3, 0)
    assert index.search(unit_vectors(0), 5)[1].shape == (0, 5)


def test_nothing_indexed() -> None:
    index = FaissIndex.build(np.zeros((0, 16), np.float32))

    assert (index.size, index.dimension) == (0, 16)
    assert index.search(unit_vectors(2), 5)[0].shape == (2, 0)


def test_vectors_come_back_in_order() -> None:
    vectors = unit_vectors(50)
    index = FaissIndex.build(vectors)

    assert (index.size, index.dimension) == (50, 16)
    np.testing.assert_array_equal(index.vectors(), vectors)


def test_other_number_types_and_layouts() -> None:
    vectors = unit_vectors(40)
    strided = np.asfortranarray(vectors.astype(np.float64))

    scores, rows = FaissIndex.build(strided).search(np.asfortranarray(vectors[:5].astype(np.float64)), 3)

    np.testing.assert_array_equal(rows, brute_force(vectors, vectors[:5], 3)[1])
    np.testing.assert_allclose(scores[:, 0], 1, atol=1e-5)


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
