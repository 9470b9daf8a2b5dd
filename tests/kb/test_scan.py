"""What a scan of small copies lets through is compared exactly: the answer is that of the exact search."""

from collections.abc import Callable

import faiss
import numpy as np
import pytest

from kb.scan import Scan, Vectors

RNG = np.random.default_rng(7)


def unit(vectors: np.ndarray) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def whole(vectors: Vectors) -> faiss.Index:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def flat(count: int, of: int = 64, within: int = 12) -> Vectors:
    """Vectors near to a plane of few dimensions."""
    axes = np.linalg.qr(np.random.default_rng(1).standard_normal((of, within)))[0]
    return unit(RNG.standard_normal((count, within)) @ axes.T + 0.01 * RNG.standard_normal((count, of)))


def alike(count: int) -> Vectors:
    """Vectors that all point nearly the same way, as those of an unadapted encoder."""
    return unit(RNG.standard_normal((count, 64)) + 12.0)


def scattered(count: int) -> Vectors:
    return unit(RNG.standard_normal((count, 64)))


@pytest.mark.parametrize("made", [flat, alike, scattered])
def test_finds_what_an_exact_search_finds(made: Callable[[int], Vectors]) -> None:
    index, queries = whole(made(4000)), made(30)

    scores, rows = Scan(index).search(queries, 20)
    wanted, expected = index.search(queries, 20)

    assert np.mean([len(set(one) & set(other)) / 20 for one, other in zip(rows, expected, strict=True)]) > 0.995
    np.testing.assert_allclose(scores[:, 0], wanted[:, 0], atol=1e-5)
    assert (np.diff(scores, axis=1) <= 0).all()


def test_scans_fewer_numbers_of_rows_that_lie_near_to_a_plane() -> None:
    assert Scan(whole(flat(2000))).dimensions == 16
    assert Scan(whole(scattered(2000))).dimensions == 64


def test_equal_rows_and_a_single_one_are_no_trouble() -> None:
    same = np.tile(unit(RNG.standard_normal((1, 32))), (300, 1))
    scores, rows = Scan(whole(same)).search(same[:1], 5)
    np.testing.assert_allclose(scores, 1.0, atol=1e-5)
    assert len(set(rows[0].tolist())) == 5
