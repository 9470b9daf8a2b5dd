"""What a scan of small copies lets through is compared exactly: the answer is that of the exact search."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np
import pytest

from kb.engine import SCAN_FROM, Engine
from kb.scan import Scan, Vectors

RNG = np.random.default_rng(7)


def unit(vectors: np.ndarray) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def flat(count: int, of: int = 64, within: int = 12) -> Vectors:
    """Vectors near to a plane of few dimensions."""
    axes = np.linalg.qr(np.random.default_rng(1).standard_normal((of, within)))[0]
    return unit(RNG.standard_normal((count, within)) @ axes.T + 0.003 * RNG.standard_normal((count, of)))


def alike(count: int) -> Vectors:
    """Vectors that all point nearly the same way, as those of an unadapted encoder."""
    return unit(RNG.standard_normal((count, 64)) + 12.0)


def scattered(count: int) -> Vectors:
    return unit(RNG.standard_normal((count, 64)))


@pytest.mark.parametrize("made", [flat, alike, scattered])
def test_finds_what_an_exact_search_finds(made: Callable[[int], Vectors]) -> None:
    vectors, queries = made(4000), made(30)
    expected = np.argsort(-(queries @ vectors.T), axis=1)[:, :20]

    scores, rows = Scan(vectors).search(queries, 20)

    assert np.mean([len(set(one) & set(other)) / 20 for one, other in zip(rows, expected, strict=True)]) > 0.995
    np.testing.assert_allclose(scores, np.einsum("qd,qkd->qk", queries, vectors[rows]), atol=1e-5)
    assert (rows[:, 0] == expected[:, 0]).all()
    assert (np.diff(scores, axis=1) <= 0).all()


def test_scans_fewer_numbers_of_rows_that_lie_near_to_a_plane() -> None:
    assert Scan(flat(2000)).dimensions == 16
    assert Scan(scattered(2000)).dimensions == 64


def test_finds_the_far_ones_of_many_in_a_small_plane() -> None:
    vectors, queries = flat(12_000, of=384, within=32), flat(20, of=384, within=32)
    expected = np.argsort(-(queries @ vectors.T), axis=1)[:, :160]

    scan = Scan(vectors)
    _, rows = scan.search(queries, 160)

    assert scan.dimensions == 32
    assert np.mean([len(set(one) & set(other)) / 160 for one, other in zip(rows, expected, strict=True)]) > 0.99


def test_a_question_of_zeros_finds_something() -> None:
    _, rows = Scan(scattered(3000)).search(np.zeros((1, 64), np.float32), 5)
    assert len(set(rows[0].tolist())) == 5
    assert (rows >= 0).all()


def test_equal_rows_and_a_single_one_are_no_trouble() -> None:
    same = np.tile(unit(RNG.standard_normal((1, 32))), (300, 1))
    scores, rows = Scan(same).search(same[:1], 5)
    np.testing.assert_allclose(scores, 1.0, atol=1e-5)
    assert len(set(rows[0].tolist())) == 5


def allowed_threads(search: Callable[[], object]) -> int:
    """How many threads FAISS may take after two searches."""
    search()
    search()
    return int(faiss.omp_get_max_threads())


def test_the_second_search_is_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned: list[int] = []
    search = Scan.search
    monkeypatch.setattr(Scan, "search", lambda scan, queries, k: (scanned.append(k), search(scan, queries, k))[1])
    vectors = scattered(SCAN_FROM)
    engine = Engine.build(vectors)

    one, other = (engine.search(vectors[:1], k) for k in (3, 3))
    engine.search(vectors[:1], SCAN_FROM)

    assert scanned == [3]
    assert [rows.tolist() for _, rows in (one, other)] == [one[1].tolist()] * 2


def test_an_exact_index_does_not_grow_under_its_scan() -> None:
    with pytest.raises(ValueError, match="anew"):
        Engine.build(scattered(100)).extended(scattered(1))


@pytest.mark.parametrize("count", [SCAN_FROM - 1, SCAN_FROM + 1])
def test_a_search_keeps_to_the_thread_that_asks(count: int) -> None:
    engine = Engine.build(scattered(count))
    wanted = np.ones(count, dtype=bool)

    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:  # they have said nothing to OpenMP yet
        searched = one.submit(allowed_threads, lambda: engine.search(scattered(1), 3))
        searched_among = other.submit(allowed_threads, lambda: engine.search_among(scattered(1), 3, wanted))

    assert searched.result() == searched_among.result() == 1
