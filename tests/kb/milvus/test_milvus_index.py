"""What Milvus does beyond the contract of `VectorIndex`, against brute force in numpy."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from kb.dense import FaissIndex, Vectors
from kb.errors import StoreError, UsageError
from kb.lexical import LexicalIndex
from kb.milvus import MilvusIndex, Where
from kb.milvus import client as client_module
from kb.milvus.address import parse_address
from kb.milvus.client import Milvus
from kb.milvus.index import _DEEPEST
from kb.units import Role, UnitKind
from kb.vectors import Table

ROWS = 240
WORDS = [f"词{number}" for number in range(30)]
CATEGORIES = ["", "开通", '引"号\\斜杠']


def unit_vectors(count: int, dimension: int = 16, seed: int = 1) -> Vectors:
    vectors = np.random.default_rng(seed).standard_normal((count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def documents() -> list[list[str]]:
    draw = np.random.default_rng(2)
    return [[] if row % 7 == 0 else draw.choice(WORDS, draw.integers(1, 9)).tolist() for row in range(ROWS)]


def table(lexical: LexicalIndex) -> Table:
    rows = np.arange(ROWS)
    return Table(
        vectors=unit_vectors(ROWS),
        terms=lexical.weights(),
        roles=(rows % 3).astype(np.int8),
        kinds=(rows % 2).astype(np.int8),
        categories=[CATEGORIES[row % 3] for row in range(ROWS)],
    )


@pytest.fixture(scope="module")
def lexical() -> LexicalIndex:
    return LexicalIndex.build(documents())


@pytest.fixture(scope="module")
def index(milvus: Milvus, lexical: LexicalIndex) -> MilvusIndex:
    milvus.write("beyond", table(lexical))
    return MilvusIndex(milvus, "beyond")


def kept(lexical: LexicalIndex, where: Where) -> NDArray[np.int64]:
    """Rows that a filter keeps, by hand."""
    data = table(lexical)
    keep = np.ones(ROWS, dtype=bool)
    if where.category:
        keep &= np.array([category == where.category for category in data.categories])
    if where.kind is not None:
        keep &= data.kinds == where.kind
    if where.role is not None:
        keep &= data.roles == where.role
    return np.flatnonzero(keep)


FILTERS = [
    Where(),
    Where(category="开通"),
    Where(category=CATEGORIES[2]),
    Where(kind=UnitKind.SECTION),
    Where(role=Role.FORM),
    Where(category=CATEGORIES[2], kind=UnitKind.FAQ, role=Role.NEGATIVE),
    Where(category="没有这一类"),
]


@pytest.mark.parametrize("where", FILTERS)
def test_a_filter_leaves_the_nearest_of_what_it_keeps(index: MilvusIndex, lexical: LexicalIndex, where: Where) -> None:
    queries, rows = unit_vectors(6, seed=9), kept(lexical, where)

    scores, found = index.search(queries, 30, where=where)

    for place, query in enumerate(queries):
        cosines = table(lexical).vectors[rows] @ query
        best = rows[np.argsort(-cosines)][:30]
        assert found[place].tolist() == [*best.tolist(), *[-1] * (30 - len(best))]
        np.testing.assert_allclose(scores[place, : len(best)], np.sort(cosines)[::-1][:30], atol=1e-5)


def fused(lists: Sequence[NDArray[np.int64]]) -> dict[int, float]:
    score: dict[int, float] = {}
    for ranked in lists:
        for rank, row in enumerate(ranked.tolist()):
            score[row] = score.get(row, 0.0) + 1 / (60 + rank + 1)
    return score


@pytest.mark.parametrize("where", FILTERS)
@pytest.mark.parametrize("asked", [["词3", "词9", "词3"], ["词1", "没有的词"], ["没有的词"]])
def test_meaning_and_words_in_one_request(
    index: MilvusIndex, lexical: LexicalIndex, where: Where, asked: list[str]
) -> None:
    query, rows, k = unit_vectors(1, seed=11)[0], kept(lexical, where), 12

    scores, found = index.hybrid(query, lexical.numbers(asked), k, where)

    words = lexical.scores(asked)[rows]
    near = rows[np.argsort(-(table(lexical).vectors[rows] @ query), kind="stable")][:k]
    spoken = rows[np.argsort(-words, kind="stable")][: min(k, int((words > 0).sum()))]
    wanted = fused([near, spoken])
    # equal BM25 scores may be told apart either way, so the sums are compared, and each row that has no equal
    np.testing.assert_allclose(scores, sorted(wanted.values(), reverse=True)[:k][: len(scores)], rtol=0.02)
    tied = {row for row in spoken.tolist() if (words == words[rows.tolist().index(row)]).sum() > 1}
    for row, score in zip(found.tolist(), scores.tolist(), strict=True):
        if row not in tied and row in wanted:
            assert score == pytest.approx(wanted[row], rel=1e-4)
    assert set(found.tolist()) <= set(rows.tolist())
    assert len(found) == min(k, len(rows))


def test_the_sparse_weights_are_bm25(lexical: LexicalIndex) -> None:
    asked = ["词3", "词9", "词3", "没有的词"]
    terms, weights = lexical.numbers(asked), lexical.weights()

    dots = [sum(count * row.get(number, 0.0) for number, count in terms.items()) for row in weights]

    np.testing.assert_allclose(dots, lexical.scores(asked), rtol=1e-5)
    assert [row for row, held in enumerate(weights) if not held] == list(range(0, ROWS, 7))


def test_a_large_collection_gets_a_graph(
    milvus: Milvus, lexical: LexicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same parameters as the graph of FAISS, and the same rows from it."""
    monkeypatch.setattr(client_module, "FLAT_LIMIT", 10)
    milvus.write("graph", table(lexical))
    queries = unit_vectors(40, seed=5)

    rows = MilvusIndex(milvus, "graph").search(queries, 10)[1]

    described = milvus._client.describe_index("graph", "vector")
    assert (described["index_type"], described["metric_type"]) == ("HNSW", "IP")
    same = FaissIndex.build(unit_vectors(ROWS)).search(queries, 10)[1]
    assert np.mean([len({*one} & {*other}) / 10 for one, other in zip(rows, same, strict=True)]) >= 0.99


def test_more_than_milvus_gives_at_once(index: MilvusIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "size", _DEEPEST + 1)
    with pytest.raises(UsageError, match=str(_DEEPEST + 1)):
        index.search(unit_vectors(1), _DEEPEST + 1)


def test_no_such_collection(milvus: Milvus) -> None:
    with pytest.raises(StoreError) as caught:
        MilvusIndex(milvus, "nowhere")
    assert "zhida build" in caught.value.user_message


@pytest.mark.parametrize(
    "ask",
    [
        lambda index: index.search(unit_vectors(1), 3),
        lambda index: index.hybrid(unit_vectors(1)[0], {}, 3),
        lambda index: index.vectors(),
    ],
)
def test_a_collection_that_went_away(
    milvus: Milvus, lexical: LexicalIndex, ask: Callable[[MilvusIndex], object]
) -> None:
    milvus.write("gone", table(lexical))
    index = MilvusIndex(milvus, "gone")
    milvus.drop("gone")

    with pytest.raises(StoreError) as caught:
        ask(index)
    assert "Milvus" in caught.value.user_message


def test_nobody_replies() -> None:
    with socket.socket() as closed:  # bound and not listening: nobody else takes the port, and nobody replies
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(StoreError) as caught:
            Milvus(parse_address(f"http://root:secret@127.0.0.1:{port}")).has("x")
    assert f"127.0.0.1:{port}" in caught.value.user_message
    assert "secret" not in f"{caught.value} {caught.value.user_message}"
