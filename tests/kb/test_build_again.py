"""A build takes over what has not changed, and leaves what one from nothing would."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, embed_rows, entries
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import Shop, index_vectors

from kb import build as build_module
from kb import engine, previous
from kb.build import build, default_ranker
from kb.corpus import load_corpus
from kb.index import load_index
from kb.query import Analyzer
from kb.search import Searcher
from kb.snapshot import load_knowledge
from kb.store import Version
from kb.units import lay_out


def test_nothing_changed_nothing_embedded(shop: Shop) -> None:
    before = shop.store.current()
    embedder = FakeEmbedder()

    version = shop.build(embedder)

    assert embedder.asked + embedder.told == []
    assert version.id != before.id
    np.testing.assert_array_equal(index_vectors(version), index_vectors(before))
    assert load_knowledge(version.folder) == load_knowledge(before.folder)
    assert version.manifest["ranker"] == before.manifest["ranker"]


def test_a_change_keeps_the_lists_of_a_large_index(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FLAT_LIMIT", 20)
    first = shop.build(FakeEmbedder())  # what was exact becomes lists
    monkeypatch.setattr(engine, "_lists", None)  # building them once more would fail
    shop.rows[1]["alternates"] = [*shop.rows[1]["alternates"], "怎样把月付停掉"]  # type: ignore[misc]

    changed = shop.build(FakeEmbedder())

    layout = lay_out(load_corpus(shop.folder))
    np.testing.assert_array_equal(index_vectors(changed), embed_rows(layout))
    assert (changed.folder / "dense.faiss").stat().st_ino == (first.folder / "dense.faiss").stat().st_ino


def test_units_that_cannot_be_read_cost_no_vector(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_folder: Path) -> None:
        raise TypeError("another release's units")

    monkeypatch.setattr(previous, "load_units", broken)
    embedder = FakeEmbedder()

    shop.build(embedder)

    assert embedder.asked + embedder.told == []


def test_one_new_form_is_one_text(shop: Shop) -> None:
    shop.rows[1]["alternates"] = [*shop.rows[1]["alternates"], "怎样把月付停掉"]  # type: ignore[misc]
    embedder = FakeEmbedder()

    version = shop.build(embedder)

    assert (embedder.asked, embedder.told) == (["怎样把月付停掉"], [])
    np.testing.assert_array_equal(index_vectors(version), embed_rows(lay_out(load_corpus(shop.folder))))


def test_one_changed_answer_is_one_text(shop: Shop) -> None:
    shop.rows[1]["answer"] = "在设置里关。"
    embedder = FakeEmbedder()

    version = shop.build(embedder)

    assert (embedder.asked, embedder.told) == ([], ["在设置里关。"])
    assert load_knowledge(version.folder).entry_by_id["close"].answer.short == "在设置里关。"


def test_a_question_is_not_taken_for_an_answer(shop: Shop) -> None:
    question = str(shop.rows[1]["question"])
    shop.rows[1]["answer"] = question
    embedder = FakeEmbedder()

    shop.build(embedder)

    assert (embedder.asked, embedder.told) == ([], [question])


def test_a_new_order_embeds_nothing_and_finds_the_same(shop: Shop) -> None:
    shop.rows.reverse()
    embedder = FakeEmbedder()

    version = shop.build(embedder)

    assert embedder.asked + embedder.told == []
    np.testing.assert_array_equal(index_vectors(version), embed_rows(lay_out(load_corpus(shop.folder))))


def test_what_is_taken_out_is_not_found(shop: Shop) -> None:
    shop.rows = [row for row in shop.rows if row["id"] != "close"]
    version = shop.build(FakeEmbedder())

    assert "close" not in [unit.id for unit in load_index(version.folder, version.dense()).units]
    assert "close" not in load_knowledge(version.folder).entry_by_id


def test_another_model_embeds_everything(shop: Shop) -> None:
    embedder = FakeEmbedder("other")

    version = shop.build(embedder)

    assert len(embedder.asked) == len(set(embedder.asked)) > 80
    np.testing.assert_array_equal(
        index_vectors(version), embed_rows(lay_out(load_corpus(shop.folder)), FakeEmbedder("other"))
    )


def test_a_new_lexicon_is_analysed_but_not_embedded(shop: Shop) -> None:
    corpus = load_corpus(shop.folder)
    lexicon = replace(corpus.lexicon, synonyms={"还款": "还钱", "还钱": "还钱"})
    embedder = FakeEmbedder()

    version = build(replace(corpus, lexicon=lexicon), embedder, shop.store)

    assert embedder.asked + embedder.told == []
    index, fresh = load_index(version.folder, version.dense()), Analyzer(lexicon)
    terms = [index.columns.query(row) for row in range(len(index.rows))]
    assert terms == [fresh.analyse(row.text) for row in index.rows]
    assert any("还钱" in item.words and "还款" in item.words for item in terms)


def queries(rows: list[dict[str, object]]) -> list[str]:
    return ["月付怎么开通", "月服怎么关", *(str(row["question"]) for row in rows), "花呗怎么开通", "转人工", "在哪里"]


def found(version: Version) -> list[object]:
    searcher = Searcher.open(version, Analyzer(load_knowledge(version.folder).lexicon), FakeEmbedder())
    return [(item.hits, item.boundaries) for item in searcher.search_many(queries(entries()))]


EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "change", "answer", "delete", "move"]), st.integers(0, 99)),
    min_size=1,
    max_size=4,
)


def edit(rows: list[dict[str, object]], what: str, number: int) -> None:
    """Change a corpus as an editor might; some new forms hold new words, some are other entries' forms."""
    row = rows[number % len(rows)]
    said = ["怎样把月付停掉", "花呗怎么关闭", f"第{number}个新词", str(rows[-1]["question"])][number % 4]
    if what == "add":
        rows.insert(number % len(rows), {"id": f"new-{len(rows)}-{number}", "question": said, "answer": "新的答案。"})
    elif what == "change":
        row["alternates"] = [*row.get("alternates", [])[number % 2 :], said]  # type: ignore[index]
    elif what == "answer":
        row["answer"] = f"{said}，答案{number}。"
    elif what == "delete" and len(rows) > 2:
        rows.remove(row)
    else:
        rows.reverse()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=st.lists(EDITS, min_size=1, max_size=3))
def test_what_is_taken_over_is_what_would_be_made_anew(
    tiny_version: Version,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    rounds: list[list[tuple[str, int]]],
) -> None:
    """Builds on builds leave the very files that one build from nothing writes, apart from the fit."""
    monkeypatch.setattr(build_module, "fit_ranker", lambda *_args, **_options: default_ranker())
    shop, anew = (Shop(tmp_path_factory.mktemp("edited")) for _ in range(2))
    shutil.copytree(tiny_version.folder.parent.parent, shop.store.folder)
    for edits in rounds:
        for what, number in edits:
            edit(shop.rows, what, number)
        version = shop.build(FakeEmbedder(), refit=True)
    anew.rows = shop.rows
    fresh = anew.build(FakeEmbedder())

    files = version.manifest["files"]
    assert isinstance(files, Mapping)
    assert files == fresh.manifest["files"]
    assert found(version) == found(fresh)


def test_nothing_new_reads_no_dictionary(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_module, "Analyzer", lambda _lexicon: pytest.fail("nothing is new"))
    shop.rows.reverse()

    shop.build(FakeEmbedder())


def test_a_damaged_version_is_not_taken_over(shop: Shop) -> None:
    (shop.store.current().folder / "dense.faiss").write_bytes(b"")
    embedder = FakeEmbedder()

    version = shop.build(embedder)

    assert len(embedder.asked) > 80
    assert shop.store.current() == version
