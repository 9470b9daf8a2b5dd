"""An index of lists that follows a changing corpus finds what brute force over the present rows finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kb import dense, engine
from kb.dense import FaissIndex
from kb.engine import Engine, Vectors
from kb.errors import StoreError
from kb.previous import Previous, taken_over


@pytest.fixture(autouse=True)
def small_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FLAT_LIMIT", 100)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sizes of the engines that are built from scratch."""
    sizes: list[int] = []
    build = Engine.build
    monkeypatch.setattr(Engine, "build", lambda vectors: sizes.append(len(vectors)) or build(vectors))
    return sizes


def unit_vectors(count: int, seed: int = 1) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, 16))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def agrees(index: FaissIndex, vectors: Vectors, k: int = 30) -> None:
    queries = unit_vectors(25, seed=99)
    exact = queries.astype(np.float64) @ vectors.astype(np.float64).T
    wanted = np.argsort(-exact, axis=1)[:, :k]

    scores, rows = index.search(queries, k)

    np.testing.assert_array_equal(rows, wanted)
    np.testing.assert_allclose(scores, np.take_along_axis(exact, wanted, axis=1), atol=1e-5)
    np.testing.assert_array_equal(index.vectors(), vectors)
    assert index.size == len(vectors)


def edited(vectors: Vectors, gone: int, added: int, seed: int = 5) -> tuple[Vectors, NDArray[np.int64]]:
    """Vectors with some rows removed, some added in the middle and the rest in another order; what each row was."""
    rng = np.random.default_rng(seed)
    same = np.concatenate([rng.permutation(len(vectors))[gone:], np.full(added, -1)])
    same = rng.permutation(same)
    fresh = unit_vectors(len(same), seed=seed + 1000)
    return np.where((same >= 0)[:, None], vectors[same], fresh), same


def test_an_edit_builds_no_lists(builds: list[int]) -> None:
    vectors = unit_vectors(400)
    before = FaissIndex.build(vectors)
    changed, same = edited(vectors, gone=20, added=15)

    index = FaissIndex.build(changed, before, same)

    assert builds == [400]
    agrees(index, changed)
    agrees(before, vectors)


def test_edits_follow_each_other(builds: list[int]) -> None:
    vectors = unit_vectors(400)
    index = FaissIndex.build(vectors)
    for seed in range(4):
        vectors, same = edited(vectors, gone=10, added=12, seed=seed)
        index = FaissIndex.build(vectors, index, same)
        agrees(index, vectors)
    assert builds == [400]


def test_many_additions_join_the_lists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, builds: list[int]) -> None:
    monkeypatch.setattr(dense, "MOST_ADDED", 10)
    vectors = unit_vectors(400)
    FaissIndex.build(vectors).save(tmp_path / "before")
    before = FaissIndex.load(tmp_path / "before")
    changed, same = edited(vectors, gone=3, added=60)

    index = FaissIndex.build(changed, before, same)
    index.save(tmp_path / "after")

    assert builds == [400]
    agrees(index, changed)
    agrees(FaissIndex.load(tmp_path / "after"), changed)
    agrees(FaissIndex.load(tmp_path / "before"), vectors)


@pytest.mark.parametrize(
    ("gone", "added"), [(100, 0), (350, 2), (0, 4000)], ids=["much gone", "small again", "too few lists"]
)
def test_where_everything_is_built_anew(gone: int, added: int, builds: list[int]) -> None:
    vectors = unit_vectors(400)
    before = FaissIndex.build(vectors)
    changed, same = edited(vectors, gone, added)

    index = FaissIndex.build(changed, before, same)

    assert builds == [400, len(changed)]
    np.testing.assert_array_equal(index.vectors(), changed)


def test_gone_rows_do_not_crowd_out_the_rest() -> None:
    """A whole neighbourhood is deleted: the rows behind it come up."""
    vectors = unit_vectors(400)
    close = np.argsort(-(vectors @ vectors[0]))
    same = np.sort(close[70:])
    before = FaissIndex.build(vectors)

    scores, rows = FaissIndex.build(vectors[same], before, same).search(vectors[:1], 30)

    assert same[rows[0]].tolist() == close[70:100].tolist()
    assert scores[0, 0] == pytest.approx(float(vectors[close[70]] @ vectors[0]), abs=1e-5)


def test_a_row_taken_over_twice() -> None:
    vectors = unit_vectors(300)
    same = np.array([*range(300), 7, 7])

    index = FaissIndex.build(vectors[same], FaissIndex.build(vectors), same)

    assert sorted(index.search(vectors[7:8], 3)[1][0].tolist()) == [7, 300, 301]


def test_a_changed_index_comes_back_and_shares_its_file(tmp_path: Path) -> None:
    vectors = unit_vectors(400)
    FaissIndex.build(vectors).save(tmp_path / "before")
    changed, same = edited(vectors, gone=20, added=15)

    FaissIndex.build(changed, FaissIndex.load(tmp_path / "before"), same).save(tmp_path / "after")

    assert (tmp_path / "after").stat().st_ino == (tmp_path / "before").stat().st_ino
    agrees(FaissIndex.load(tmp_path / "after"), changed)
    (tmp_path / "before").unlink()
    agrees(FaissIndex.load(tmp_path / "after"), changed)


def test_where_files_cannot_be_shared_they_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    vectors = unit_vectors(200)
    FaissIndex.build(vectors).save(tmp_path / "before")

    FaissIndex.load(tmp_path / "before").save(tmp_path / "after")

    assert (tmp_path / "after").stat().st_ino != (tmp_path / "before").stat().st_ino
    agrees(FaissIndex.load(tmp_path / "after"), vectors)


@pytest.mark.parametrize("content", [b"", b"\x40\0\0\0\0\0\0\0 cut short"])
def test_damage_beside_it_is_told(tmp_path: Path, content: bytes) -> None:
    FaissIndex.build(unit_vectors(200)).save(tmp_path / "x.faiss")
    (tmp_path / "x.faiss.slots.safetensors").write_bytes(content)

    with pytest.raises(StoreError) as caught:
        FaissIndex.load(tmp_path / "x.faiss")
    assert "zhida build" in caught.value.user_message


def test_another_dimension_is_never_taken_over(builds: list[int]) -> None:
    vectors = unit_vectors(200)
    wider = np.hstack([vectors, vectors]) / np.sqrt(2)

    FaissIndex.build(wider, FaissIndex.build(vectors), np.arange(200))

    assert builds == [200, 200]


def test_each_old_row_is_taken_over_once() -> None:
    """Rows 0 and 2 of the old version hold one text, which the new one has three times; place 4 is new."""
    previous = Previous(vectors=unit_vectors(4), twins=np.array([2, 1, 2, 3]))

    same = taken_over(np.array([2, 4, 2, 1, 2]), previous)

    assert same.tolist() == [0, -1, 2, 1, -1]
    assert taken_over(np.array([0, 1]), Previous()).tolist() == [-1, -1]
