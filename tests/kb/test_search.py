from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.corpus import Corpus
from kb.errors import StaleError, StoreError
from kb.features import NAMES, candidates
from kb.memory import Memory
from kb.query import Analyzer
from kb.search import Searcher
from kb.store import Version

QUESTIONS = st.text(
    st.sampled_from("抖音月付花呗怎么开通关闭还款额度账单日提前客服你好abc１？。 \n\u200b\ud800😀"), max_size=15
)


@pytest.fixture(scope="module")
def searcher(tiny_version: Version, tiny_analyzer: Analyzer) -> Searcher:
    return Searcher.open(tiny_version, tiny_analyzer, FakeEmbedder())


def test_standard_questions_find_their_entries(searcher: Searcher, tiny_corpus: Corpus) -> None:
    for entry in tiny_corpus.entries:
        found = searcher.search(entry.question)
        hit = found.hits[0]
        assert (hit.entry, hit.facts) == (entry.id, entry.facts)
        assert hit.features["exact"] == 1.0
        assert hit.probability > 0.5
        assert found.answerable > 0.5


def test_forms_in_other_dress(searcher: Searcher) -> None:
    plain, other = searcher.search("抖音月付怎么还款"), searcher.search("　抖音月付怎麼環款？？")

    assert (other.hits[0].entry, other.query.text) == ("repay", "抖音月付怎么还款??")
    assert other.hits[0].features["exact"] == 1.0
    assert plain.hits[0].form == other.hits[0].form == "抖音月付怎么还款"


def test_exemplars_call_for_their_decision(searcher: Searcher, tiny_corpus: Corpus) -> None:
    for boundary in tiny_corpus.boundaries:
        found = searcher.search(boundary.exemplars[0])
        assert max(found.boundaries, key=lambda expect: found.boundaries[expect]) == boundary.expect
        assert found.kinds[boundary.expect] == boundary.kind
        assert found.answerable < 0.5


def test_a_counter_example_is_not_answered_by_its_entry(searcher: Searcher) -> None:
    assert "open" in [hit.entry for hit in searcher.search("花呗怎样开通").hits]
    assert "open" not in [hit.entry for hit in searcher.search("花呗，怎么开通！").hits]


def test_a_remembered_question_gets_the_identical_answer(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    embedder, noted = FakeEmbedder(), list[bool]()
    plain = Searcher.open(tiny_version, tiny_analyzer, embedder)
    searcher = plain.remembering(Memory(8, noted.append))
    first = searcher.search("抖音月付怎么还款")

    assert first == plain.search("抖音月付怎么还款")
    assert searcher.search(" 抖音月付怎麼还款　") is first  # the same in its normal form
    assert searcher.search("抖音月付怎么还款", 1).hits == first.hits[:1]  # fewer hits are another result
    assert noted == [False, True, False]
    assert searcher.search_anew("抖音月付怎么还款") == first
    assert embedder.asked == ["抖音月付怎么还款"] * 4
    assert plain.search("抖音月付怎么还款?") != first
    assert plain.search("抖音月付怎么还款") == first  # it has a small memory of its own
    assert embedder.asked == [*["抖音月付怎么还款"] * 4, "抖音月付怎么还款?"]


def test_a_memory_belongs_to_one_version(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    searcher = Searcher.open(tiny_version, tiny_analyzer, FakeEmbedder())
    noted: list[bool] = []
    for _ in range(2):
        searcher.remembering(Memory(8, noted.append)).search("月付怎么开通")
    assert noted == [False, False]


def test_many_at_once_are_the_same(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.search._BATCH", 2)
    questions = ["月付怎么开通", "你好", "", "花呗怎么关闭", "还款"]

    assert searcher.search_many(questions) == [searcher.search(question) for question in questions]
    assert searcher.search_many([]) == []


def test_one_text_is_embedded_as_it_was_understood(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    embedder = FakeEmbedder()

    Searcher.open(tiny_version, tiny_analyzer, embedder).search(" 月服怎么開通 ")

    assert (embedder.asked, embedder.told) == (["月付怎么开通"], [])


@settings(max_examples=60)
@given(text=QUESTIONS)
def test_any_text_is_searched(searcher: Searcher, text: str) -> None:
    found = searcher.search(text, k=4)
    chances = [hit.probability for hit in found.hits]

    assert len(found.hits) <= 4
    assert chances[1:] == sorted(chances[1:], reverse=True)  # the first is the one meant of those about as sure
    assert all(0 <= chance <= 1 for chance in chances)
    assert found.answerable + sum(found.boundaries.values()) == pytest.approx(1)
    assert len({hit.entry for hit in found.hits}) == len(found.hits)
    assert not {hit.entry for hit in found.hits} & {"bd-other", "bd-human", "bd-chat"}
    assert all(tuple(hit.features) == NAMES for hit in found.hits)


def test_fewer_hits_are_the_first_ones(searcher: Searcher) -> None:
    assert searcher.search("月付", k=2).hits == searcher.search("月付", k=10).hits[:2]


def test_some_of_the_knowledge_with_the_probabilities_among_all(searcher: Searcher) -> None:
    for question in ("月付怎么开通", "怎么还", "你好", "花呗怎么开通", ""):
        every = searcher.search(question, k=50)
        chances = {hit.entry: hit for hit in every.hits}
        for names in ({"bill"}, {"open", "limit", "art-open#1"}, set(chances), {"bd-other", "nobody"}, set[str]()):
            within = searcher.search_within(question, names, k=50)

            assert [hit for hit in within.hits if hit.entry in chances] == [
                hit for hit in every.hits if hit.entry in names
            ]
            assert (within.answerable, within.boundaries) == (every.answerable, every.boundaries)
            assert len(searcher.search_within(question, names, k=1).hits) == min(1, len(within.hits))


@pytest.mark.parametrize("most", [1, 3])
def test_what_is_wanted_is_found_however_much_else_fits_better(
    searcher: Searcher, tiny_corpus: Corpus, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("kb.fusion.MAX_CANDIDATES", most)
    monkeypatch.setattr("kb.fusion._NEAREST_ROWS", 5)
    for entry in tiny_corpus.entries:
        other = "还款入口在哪" if entry.id != "repay" else "账单日是几号"
        seen = {hit.entry: hit.probability for hit in searcher.search(other).hits}
        hits = searcher.search_within(other, {entry.id}).hits

        assert [hit.entry for hit in hits] == [entry.id]
        assert hits[0].form in entry.forms or hits[0].entry in seen
        assert hits[0].probability == seen.get(entry.id, hits[0].probability)
    assert searcher.search_within("花呗，怎么开通！", {"open"}).hits == ()


def test_all_that_is_wanted_is_found_where_the_nearest_forms_are_of_one_entry(
    searcher: Searcher, tiny_corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.fusion._NEAREST_ROWS", 2)
    monkeypatch.setattr("kb.fusion._LEXICAL_ROWS", 2)
    names = {entry.id for entry in tiny_corpus.entries}

    assert {hit.entry for hit in searcher.search_within("抖音月付怎么还款", names).hits} == names


def test_candidates_are_the_features_of_the_hits(searcher: Searcher) -> None:
    query = searcher.analyzer.analyse("月付怎么开通")
    found = candidates(searcher.index, query, FakeEmbedder().encode_queries([query.text])[0])
    hit = searcher.search("月付怎么开通").hits[0]

    place = [searcher.index.units[unit].id for unit in found.units.tolist()].index("open")
    np.testing.assert_allclose(found.values[place], list(hit.features.values()))


def test_another_model_is_stale(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    with pytest.raises(StaleError) as caught:
        Searcher.open(tiny_version, tiny_analyzer, FakeEmbedder("other"))
    assert "zhida build" in caught.value.user_message


@pytest.mark.parametrize("ranker", [None, {}, {"weights": {}, "cutoffs": {}}, {"weights": 1, "cutoffs": 2}])
def test_a_manifest_without_a_usable_ranker(tiny_version: Version, tiny_analyzer: Analyzer, ranker: object) -> None:
    broken = replace(tiny_version, manifest={**tiny_version.manifest, "ranker": ranker})

    with pytest.raises(StoreError) as caught:
        Searcher.open(broken, tiny_analyzer, FakeEmbedder())
    assert "zhida build" in caught.value.user_message


@pytest.mark.parametrize(
    "name", ["dense.faiss", "arrays.safetensors", "columns.safetensors", "units.json", "bm25.safetensors"]
)
@pytest.mark.parametrize("damage", ["missing", "empty", "half"])
def test_damaged_index_files(
    tiny_version: Version, tiny_analyzer: Analyzer, tmp_path: Path, name: str, damage: str
) -> None:
    for path in tiny_version.folder.iterdir():
        whole = path.read_bytes()
        if path.name != name or damage != "missing":
            cut = {"empty": 0, "half": len(whole) // 2}[damage] if path.name == name else len(whole)
            (tmp_path / path.name).write_bytes(whole[:cut])

    with pytest.raises(StoreError) as caught:
        Searcher.open(replace(tiny_version, folder=tmp_path), tiny_analyzer, FakeEmbedder())
    assert "zhida build" in caught.value.user_message


def test_vectors_of_questions_are_those_they_are_searched_by(tiny_version: Version, tiny_analyzer: Analyzer) -> None:
    embedder = FakeEmbedder()
    searcher = Searcher.open(tiny_version, tiny_analyzer, embedder)
    vectors = searcher.vectors(["月服怎么開通", "月付怎么开通"])
    assert np.allclose(vectors[0], vectors[1]) and np.allclose(np.linalg.norm(vectors, axis=1), 1.0)
    searcher.search("月服怎么開通")
    assert embedder.asked[-1] == embedder.asked[0]


def test_the_subject_is_what_most_of_the_knowledge_is_about(searcher: Searcher) -> None:
    assert searcher.subject == "抖音月付"
    assert searcher.index.commonest("no such slot") == ""
