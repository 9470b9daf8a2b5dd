"""What every `VectorIndex` must do, against brute force."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from kb import engine, scan
from kb.dense import FaissIndex, VectorIndex, Vectors

# (rows up to which the search is exact, rows from which a scan comes first)
LIMITS = {"flat": (50_000, 50_000), "scan": (50_000, 10), "lists": (16, 50_000)}
Build = Callable[[Vectors], VectorIndex]


@pytest.fixture(params=[*sorted(LIMITS), "milvus"])
def build(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Build:
    if request.param == "milvus":
        return request.getfixturevalue("milvus_index")  # type: ignore[no-any-return]
    flat, scan_from = LIMITS[request.param]
    monkeypatch.setattr(engine, "FLAT_LIMIT", flat)
    monkeypatch.setattr(engine, "SCAN_FROM", scan_from)
    for module in (engine, scan):  # sets of hundreds of vectors
        monkeypatch.setattr(module, "MORE", 100)
    return _searched


def _searched(vectors: Vectors) -> FaissIndex:
    """The second search of an index may go another way than the first."""
    index = FaissIndex.build(vectors)
    if len(vectors):
        index.search(vectors[:1], 1)
    return index


def unit_vectors(count: int, dimension: int = 16, seed: int = 1) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def brute_force(vectors: Vectors, queries: Vectors, k: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    scores = queries.astype(np.float64) @ vectors.astype(np.float64).T
    rows = np.argsort(-scores, axis=1)[:, :k]
    return np.take_along_axis(scores, rows, axis=1), rows


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("count", "k"), [(400, 1), (400, 10), (400, 40), (20, 20)])
def test_nearest_rows_and_scores(build: Build, count: int, k: int, seed: int) -> None:
    vectors, queries = unit_vectors(count, seed=seed), unit_vectors(25, seed=seed + 100)

    scores, rows = build(vectors).search(queries, k)

    wanted_scores, wanted_rows = brute_force(vectors, queries, k)
    np.testing.assert_array_equal(rows, wanted_rows)
    np.testing.assert_allclose(scores, wanted_scores, atol=1e-5)
    assert scores.dtype == np.float32
    assert rows.dtype == np.int64


def test_a_vector_finds_itself(build: Build) -> None:
    vectors = unit_vectors(300)

    scores, rows = build(vectors).search(vectors, 1)

    assert rows[:, 0].tolist() == list(range(300))
    np.testing.assert_allclose(scores[:, 0], 1, atol=1e-5)


def test_equal_vectors_are_all_found(build: Build) -> None:
    vectors = unit_vectors(60)
    vectors[20:50] = vectors[20]

    scores, rows = build(vectors).search(vectors[20:21], 30)

    assert sorted(rows[0].tolist()) == list(range(20, 50))
    np.testing.assert_allclose(scores, 1, atol=1e-5)


def test_no_more_rows_than_there_are(build: Build) -> None:
    index = build(unit_vectors(12))
    scores, rows = index.search(unit_vectors(3), 99)

    assert scores.shape == rows.shape == (3, 12)
    assert all(sorted(row) == list(range(12)) for row in rows.tolist())
    assert index.search(unit_vectors(3), 0)[1].shape == (3, 0)
    assert index.search(unit_vectors(0), 5)[1].shape == (0, 5)


def test_nothing_indexed(build: Build) -> None:
    index = build(np.zeros((0, 16), np.float32))

    assert (index.size, index.dimension) == (0, 16)
    assert index.search(unit_vectors(2), 5)[0].shape == (2, 0)


def test_vectors_come_back_in_order(build: Build) -> None:
    vectors = unit_vectors(50)
    index = build(vectors)

    assert (index.size, index.dimension) == (50, 16)
    np.testing.assert_array_equal(index.vectors(), vectors)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_the_nearest_among_some_rows(build: Build, share: float) -> None:
    vectors, queries = unit_vectors(400), unit_vectors(10, seed=9)
    among = np.random.default_rng(3).random(400) < share

    scores, rows = build(vectors).search(queries, 10, among)

    wanted_scores, wanted_rows = brute_force(vectors[among], queries, 10)
    found = min(10, int(among.sum()))
    assert scores.shape == rows.shape == (10, 10)
    np.testing.assert_array_equal(rows[:, :found], np.flatnonzero(among)[wanted_rows])
    np.testing.assert_allclose(scores[:, :found], wanted_scores, atol=1e-5)
    assert (rows[:, found:] == -1).all()


def test_other_number_types_and_layouts(build: Build) -> None:
    vectors = unit_vectors(40)
    strided = np.asfortranarray(vectors.astype(np.float64))

    scores, rows = build(strided).search(np.asfortranarray(vectors[:5].astype(np.float64)), 3)

    np.testing.assert_array_equal(rows, brute_force(vectors, vectors[:5], 3)[1])
    np.testing.assert_allclose(scores[:, 0], 1, atol=1e-5)
