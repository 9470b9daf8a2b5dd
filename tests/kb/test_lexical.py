import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.columnar.coded import Coded
from kb.errors import StoreError
from kb.lexical import LexicalIndex

TERMS = st.lists(st.sampled_from(["月付", "额度", "还款", "怎么", "a", "b"]), max_size=7)
DOCUMENTS = st.lists(TERMS, min_size=1, max_size=8)


def naive_bm25(
    documents: Sequence[Sequence[str]], query: Sequence[str], k1: float = 1.5, b: float = 0.75
) -> list[float]:
    """Lucene's BM25; an empty document counts as one of length 1."""
    lengths = [max(len(document), 1) for document in documents]
    mean = sum(lengths) / len(lengths)
    scores = []
    for document, length in zip(documents, lengths, strict=True):
        counts, score = Counter(document), 0.0
        for term in query:
            holders = sum(term in other for other in documents)
            idf = math.log(1 + (len(documents) - holders + 0.5) / (holders + 0.5))
            score += idf * counts[term] / (counts[term] + k1 * (1 - b + b * length / mean))
        scores.append(score)
    return scores


def test_by_hand() -> None:
    # two documents of two terms: idf(额度) = ln(1 + 1.5/1.5) = ln 2, tf part = 1 / (1 + 1.5)
    scores = LexicalIndex.build([["月付", "额度"], ["月付", "还款"]]).scores(["额度"])

    np.testing.assert_allclose(scores, [math.log(2) / 2.5, 0], rtol=1e-6)


@settings(deadline=None)
@given(documents=DOCUMENTS, query=TERMS)
def test_agrees_with_the_naive_version(documents: list[list[str]], query: list[str]) -> None:
    scores = LexicalIndex.build(documents).scores(query)

    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, naive_bm25(documents, query), atol=1e-5)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(documents=st.lists(TERMS, max_size=6), query=TERMS)
def test_a_loaded_index_scores_the_same(tmp_path: Path, documents: list[list[str]], query: list[str]) -> None:
    built = LexicalIndex.build(documents)
    built.save(tmp_path)

    loaded = LexicalIndex.load(tmp_path, Coded.of(documents).vocabulary)
    np.testing.assert_array_equal(loaded.scores(query), built.scores(query))


def test_nothing_shared_is_zero() -> None:
    index = LexicalIndex.build([["月付"], []])

    assert index.scores(["花呗"]).tolist() == index.scores([]).tolist() == [0, 0]
    assert index.scores(["月付"])[1] == 0
    assert LexicalIndex.build([]).scores(["月付"]).shape == (0,)


def test_scores_may_be_changed() -> None:
    index = LexicalIndex.build([["月付"], ["额度"]])
    first = index.scores(["月付"])
    first[:] = 9

    assert index.scores(["月付"])[1] == 0


def test_a_silent_row_is_an_empty_document() -> None:
    documents = [["月付", "额度"], ["月付"], ["还款", "月付"]]
    emptied = [["月付", "额度"], [], ["还款", "月付"]]

    index = LexicalIndex.of(Coded.of(documents), np.array([False, True, False]))

    np.testing.assert_allclose(index.scores(["月付", "额度"]), naive_bm25(emptied, ["月付", "额度"]), atol=1e-6)


def test_common_and_rare_terms_score_alike() -> None:
    """A term of a quarter of the rows is kept in another way than one of less; neither way shows."""
    documents = [["a"] * (row % 3) + ["b"] * (row % 5 == 0) + [f"c{row}"] for row in range(40)]
    query = ["a", "b", "a", "c5", "nowhere"]

    np.testing.assert_allclose(LexicalIndex.build(documents).scores(query), naive_bm25(documents, query), atol=1e-5)


@pytest.mark.parametrize("damage", ["missing", "empty", "half", "other"])
def test_damage_is_told(tmp_path: Path, damage: str) -> None:
    documents = [["月付", "额度"]]
    LexicalIndex.build(documents).save(tmp_path)
    path = tmp_path / "bm25.safetensors"
    whole = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes({"empty": b"", "half": whole[: len(whole) // 2], "other": b"not an index"}[damage])

    with pytest.raises(StoreError) as caught:
        LexicalIndex.load(tmp_path, Coded.of(documents).vocabulary)
    assert "zhida build" in caught.value.user_message
