import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEmbedder, embed_rows, index_of
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.dense import Among, Vectors
from kb.features import NAMES, Candidates, candidates
from kb.fusion import MAX_CANDIDATES
from kb.index import Index
from kb.query import Analyzer, Query
from kb.units import Layout, Role, Row, Unit, UnitKind

A, B, S, X = range(4)
UNITS = (
    Unit("a", UnitKind.FAQ, "开通"),
    Unit("b", UnitKind.FAQ, "关闭"),
    Unit("s", UnitKind.SECTION, "还款"),
    Unit("x", UnitKind.BOUNDARY, "other", expect="refuse"),
)
# each row with the cosine that the question, at (1, 0), has to it
ROWS = (
    (Row(A, Role.FORM, "月付怎么开通"), 0.9),
    (Row(A, Role.FORM, "如何激活月付"), 0.8),
    (Row(A, Role.TEXT, "打开钱包"), 0.6),
    (Row(A, Role.NEGATIVE, "花呗怎么开通"), 0.95),
    (Row(B, Role.FORM, "月付怎么关闭"), 0.85),
    (Row(B, Role.TEXT, "点右上角"), 0.5),
    (Row(S, Role.TEXT, "还款入口"), 0.7),
    (Row(X, Role.FORM, "花呗怎么关掉"), 0.4),
)
COSINES = np.array([cosine for _, cosine in ROWS])
VECTORS = np.stack([COSINES, np.sqrt(1 - COSINES**2)], axis=1).astype(np.float32)
QUESTION = np.array([1, 0], dtype=np.float32)


@pytest.fixture(scope="module")
def index(tiny_analyzer: Analyzer) -> Index:
    return index_of(Layout(UNITS, tuple(row for row, _ in ROWS)), VECTORS, tiny_analyzer)


@pytest.fixture(scope="module")
def found(index: Index, tiny_analyzer: Analyzer) -> Mapping[int, Mapping[str, float]]:
    return by_unit(candidates(index, tiny_analyzer.analyse("月付怎么开通"), QUESTION))


def by_unit(found: Candidates) -> dict[int, dict[str, float]]:
    return {
        unit: dict(zip(NAMES, values, strict=True))
        for unit, values in zip(found.units.tolist(), found.values.tolist(), strict=True)
    }


def column(found: Mapping[int, Mapping[str, float]], name: str) -> list[float]:
    return [found[unit][name] for unit in (A, B, S, X)]


def test_cosines(found: Mapping[int, Mapping[str, float]]) -> None:
    assert column(found, "cosine") == pytest.approx([0.9, 0.85, 0.7, 0.4])
    # what a unit lacks of three rows counts as the farthest row seen, 0.4
    assert column(found, "cosine_top3") == pytest.approx([2.3 / 3, 1.75 / 3, 1.5 / 3, 1.2 / 3])
    assert column(found, "cosine_text") == pytest.approx([0.6, 0.5, 0.7, 0])


def test_centroids(found: Mapping[int, Mapping[str, float]]) -> None:
    # the mean of two unit vectors lies halfway between their angles; a section has its texts' mean
    halfway = math.cos((math.acos(0.9) + math.acos(0.8)) / 2)

    assert column(found, "cosine_centroid") == pytest.approx([halfway, 0.85, 0.7, 0.4], abs=1e-6)


def test_margins(found: Mapping[int, Mapping[str, float]]) -> None:
    assert column(found, "margin") == pytest.approx([0.05, -0.05, -0.2, -0.5])


def test_votes(found: Mapping[int, Mapping[str, float]]) -> None:
    # forms at 0.9, 0.85, 0.8 and 0.4 weigh exp(-distance / 0.05) from the nearest
    weights = [1, math.exp(-1), math.exp(-2), math.exp(-10)]
    votes = np.array([weights[0] + weights[2], weights[1], 0, weights[3]]) / sum(weights)

    assert column(found, "votes") == pytest.approx(votes, abs=1e-5)
    assert sum(column(found, "votes")) == pytest.approx(1)


def test_counter_examples(found: Mapping[int, Mapping[str, float]]) -> None:
    assert column(found, "negative") == pytest.approx([0.05, -0.1, -0.1, -0.1])


def test_lexical(found: Mapping[int, Mapping[str, float]], index: Index, tiny_analyzer: Analyzer) -> None:
    scores = index.lexical.scores(tiny_analyzer.analyse("月付怎么开通").terms)
    best = np.array([scores[[0, 1, 2]].max(), scores[[4, 5]].max(), scores[6], scores[7]], dtype=float)

    assert scores[3] == 0  # a counter-example is no document
    assert best.argmax() == A
    assert column(found, "bm25_share") == pytest.approx(best / best[A], rel=1e-6)
    assert column(found, "bm25") == pytest.approx(best / (best + 12), rel=1e-6)


def test_rare_words(found: Mapping[int, Mapping[str, float]]) -> None:
    # 月付, 怎么, 开通 and the standard name 抖音月付, in 2, 3, 1 and 2 of the four units
    month, how, opening, full = (math.log(5 / (held + 0.5)) for held in (2, 3, 1, 2))
    total = month + how + opening + full

    assert column(found, "covered_question") == pytest.approx([1, (month + how + full) / total, 0, how / total])
    # the best form of b has 关闭 instead of 开通; both it and 关掉 belong to one group, so two units hold 关闭
    closing = math.log(5 / 2.5)
    assert found[A]["covered_form"] == pytest.approx(1)
    assert found[B]["covered_form"] == pytest.approx((month + how + full) / (month + how + full + closing))
    assert found[S]["covered_form"] == 0


def test_exact_and_sound(found: Mapping[int, Mapping[str, float]], index: Index, tiny_analyzer: Analyzer) -> None:
    assert column(found, "exact") == [1, 0, 0, 0]
    assert column(found, "same_sound") == [1, 0, 0, 0]
    # yue-fu, fu-zen, zen-me, me-kai, kai-tong against yue-fu, fu-zen, zen-me, me-guan, guan-bi
    assert found[A]["sound_overlap"] == 1
    assert found[B]["sound_overlap"] == pytest.approx(3 / 7)

    heard = by_unit(candidates(index, tiny_analyzer.analyse("月付怎么官毕"), QUESTION))
    assert column(heard, "exact") == [0, 0, 0, 0]
    assert column(heard, "same_sound") == [0, 1, 0, 0]


def test_slots(found: Mapping[int, Mapping[str, float]], index: Index, tiny_analyzer: Analyzer) -> None:
    assert column(found, "product") == [1, 1, 0, -1]
    assert column(found, "action") == [1, -1, 0, -1]
    assert column(found, "role") == [0, 0, 0, 0]

    silent = by_unit(candidates(index, tiny_analyzer.analyse("在哪里"), QUESTION))
    assert column(silent, "product") == [0, 0, 0, 0]


def test_kinds_and_boundary_columns(found: Mapping[int, Mapping[str, float]]) -> None:
    assert column(found, "is_section") == [0, 0, 1, 0]
    assert column(found, "is_boundary") == [0, 0, 0, 1]
    assert column(found, "boundary_cosine") == pytest.approx([0, 0, 0, 0.4])
    for name in ("cosine_centroid", "votes", "bm25_share", "covered_form"):
        assert column(found, f"boundary_{name}") == [0, 0, 0, found[X][name]]


def test_the_best_row_is_no_counter_example(index: Index, tiny_analyzer: Analyzer) -> None:
    found = candidates(index, tiny_analyzer.analyse("随便"), QUESTION)

    assert dict(zip(found.units.tolist(), found.rows.tolist(), strict=True)) == {A: 0, B: 4, S: 6, X: 7}


def test_one_unit_has_no_margin(tiny_analyzer: Analyzer) -> None:
    index = index_of(Layout(UNITS[:1], tuple(row for row, _ in ROWS[:2])), VECTORS[:2], tiny_analyzer)

    found = candidates(index, tiny_analyzer.analyse("月付"), QUESTION)

    assert found.values[:, NAMES.index("margin")].tolist() == [0]


def test_a_graph_that_finds_too_few_rows(index: Index, tiny_analyzer: Analyzer) -> None:
    class Short:
        size, dimension = index.dense.size, index.dense.dimension

        def search(self, queries: Vectors, k: int, among: Among | None = None) -> tuple[Vectors, np.ndarray]:
            scores, rows = index.dense.search(queries, k, among)
            scores[:, 2:], rows[:, 2:] = -3.4e38, -1
            return scores, rows

    found = candidates(replace(index, dense=Short()), tiny_analyzer.analyse("月付怎么开通"), QUESTION)

    assert by_unit(found)[A]["cosine"] == pytest.approx(0.9)
    assert np.abs(found.values).max() < 10


def absent(layout: Layout, vectors: Vectors, hidden: set[int], analyzer: Analyzer) -> Index:
    kept = [row for row in range(len(layout.rows)) if row not in hidden]
    return index_of(Layout(layout.units, tuple(layout.rows[row] for row in kept)), vectors[kept], analyzer)


# these look at the unit as a whole (centroid, slots) or at how rare words and characters are in the whole index
_OF_THE_WHOLE = ("centroid", "bm25", "wording", "covered", "product", "action")
_ROW_LEVEL = [place for place, name in enumerate(NAMES) if not any(part in name for part in _OF_THE_WHOLE)]


@settings(max_examples=12)
@given(data=st.data())
def test_hidden_rows_act_as_absent(
    data: st.DataObject, tiny_layout: Layout, tiny_vectors: Vectors, tiny_index: Index, tiny_analyzer: Analyzer
) -> None:
    forms = [place for place, row in enumerate(tiny_layout.rows) if row.role is Role.FORM]
    hidden = data.draw(st.sets(st.sampled_from(forms), min_size=1, max_size=8))
    asked = data.draw(st.sampled_from(sorted(hidden)))
    query = tiny_analyzer.analyse(tiny_layout.rows[asked].text)

    found = candidates(tiny_index, query, tiny_vectors[asked], hidden)
    other = absent(tiny_layout, tiny_vectors, hidden, tiny_analyzer)
    wanted = candidates(other, query, tiny_vectors[asked])

    # each index has its own idf, so units may enter in another order
    assert set(found.units.tolist()) == set(wanted.units.tolist())
    one, two = np.argsort(found.units), np.argsort(wanted.units)
    np.testing.assert_allclose(found.values[one][:, _ROW_LEVEL], wanted.values[two][:, _ROW_LEVEL], atol=1e-6)
    assert [tiny_layout.rows[row].text for row in found.rows[one]] == [other.rows[row].text for row in wanted.rows[two]]


def test_hidden_words_do_not_cover(index: Index, tiny_analyzer: Analyzer) -> None:
    query = tiny_analyzer.analyse("激活")  # and 开通, the name of its group
    of_a = {hidden: by_unit(candidates(index, query, QUESTION, hidden))[A] for hidden in ((), (1,), (0, 1))}

    assert of_a[()]["covered_question"] == 1
    # 激活 is gone with row 1, 开通 still stands in row 0
    activate, opening = math.log(5 / 1.5), math.log(5 / 1.5)
    assert of_a[(1,)]["covered_question"] == pytest.approx(opening / (activate + opening))
    assert of_a[(0, 1)]["covered_question"] == 0
    assert of_a[(0, 1)]["exact"] == 0


def test_hidden_rows_have_no_bm25(index: Index, tiny_analyzer: Analyzer) -> None:
    query = tiny_analyzer.analyse("激活")
    scores = index.lexical.scores(query.terms).astype(float)

    found = by_unit(candidates(index, query, QUESTION, (1,)))

    assert scores[1] > scores[0] > 0
    assert found[A]["bm25"] == pytest.approx(scores[0] / (scores[0] + 12))
    assert found[A]["bm25_share"] == 1
    assert by_unit(candidates(index, query, QUESTION, (0, 1)))[A]["bm25"] == 0


def test_wording_tells_whose_characters_they_are(index: Index, tiny_analyzer: Analyzer) -> None:
    found = by_unit(candidates(index, tiny_analyzer.analyse("关闭"), QUESTION))
    nothing = by_unit(candidates(index, tiny_analyzer.analyse("zzz"), QUESTION))

    # 关, 闭 and 关闭 stand in b's form, 关 alone in the boundary's
    assert found[B]["wording"] > 0 > found[A]["wording"]
    assert (found[B]["wording_behind"], found[A]["wording_behind"] < 0) == (0, True)
    assert found[X]["boundary_wording"] == found[X]["wording"] != 0
    assert found[B]["boundary_wording"] == 0
    assert all(of_unit["wording"] < 0 for of_unit in nothing.values())


def test_hidden_rows_lend_no_wording(index: Index, tiny_analyzer: Analyzer) -> None:
    query = tiny_analyzer.analyse("激活")
    seen, hidden = (by_unit(candidates(index, query, QUESTION, rows))[A]["wording"] for rows in ((), (1,)))

    assert seen > 0 > hidden


@settings(max_examples=40)
@given(text=st.text(st.sampled_from("月付花呗怎么开通关闭还款额度abc？ \ud800"), max_size=12))
def test_features_of_any_question(tiny_index: Index, tiny_analyzer: Analyzer, text: str) -> None:
    query: Query = tiny_analyzer.analyse(text)
    found = candidates(tiny_index, query, FakeEmbedder().encode_queries([query.text])[0])
    votes = found.values[:, NAMES.index("votes")]

    assert np.isfinite(found.values).all()
    assert len(set(found.units.tolist())) == len(found.units) <= MAX_CANDIDATES
    assert votes.sum() == pytest.approx(1)
    for name in ("votes", "bm25_share", "bm25", "covered_question", "covered_form", "exact", "sound_overlap"):
        values = found.values[:, NAMES.index(name)]
        assert values.min() >= 0, name
        assert values.max() <= 1 + 1e-9, name


def test_no_more_candidates_than_allowed(tiny_analyzer: Analyzer) -> None:
    units = tuple(Unit(str(n), UnitKind.FAQ, "") for n in range(60))
    layout = Layout(units, tuple(Row(n, Role.FORM, f"月付问题{n}") for n in range(60)))
    index = index_of(layout, embed_rows(layout), tiny_analyzer)

    found = candidates(index, tiny_analyzer.analyse("月付问题59"), FakeEmbedder().encode_queries(["别的"])[0])

    assert len(found.units) == MAX_CANDIDATES
    assert found.units[0] == 59  # an exact match comes first however far it is

    # hidden, it is as far as the rest, and comes after them all
    hidden = candidates(index, tiny_analyzer.analyse("月付问题59"), FakeEmbedder().encode_queries(["别的"])[0], {59})
    assert 59 not in hidden.units
