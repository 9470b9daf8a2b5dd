from pathlib import Path

import pytest

from assistant.citations import ENTRY_TITLE, MAX_CITATIONS, MAX_QUOTE, Citer, cite
from kb.corpus import Corpus, load_corpus
from kb.lexicon import Lexicon
from kb.paths import shipped_corpus
from kb.records import Document, FaqEntry, Section, StructuredAnswer

TEXT = """<!-- facts: F1, F2 -->
开头一句。逾期费按没还的金额每天收 0.05%，以合同为准。

1. 第一步先看账单。
2. 第二步再还款。
"""
OTHER = "别的事情。" * 3
LONG = "这一句非常长" * 20 + "，后面还有" * 10 + "。"


def _document(name: str, text: str) -> Document:
    return Document(name, f"文章{name}", text)


DOCUMENTS = (_document("a", TEXT), _document("b", OTHER), _document("c", LONG))
SECTIONS = (
    Section("b#1", "b", ("一、别的",), 0, len(OTHER), ("F1",)),
    Section("a#1", "a", ("一、费用", "（一）怎么算"), 0, len(TEXT), ("F1", "F2")),
    Section("c#1", "c", ("一、长",), 0, len(LONG), ("F3", "F9")),
)


def _entry(*facts: str, short: str = "逾期费按没还的金额每天收 0.05%。") -> FaqEntry:
    return FaqEntry("e", "逾期费怎么收", StructuredAnswer(short), facts=facts)


def test_the_section_that_covers_most_comes_first_and_alone_if_it_covers_all() -> None:
    (citation,) = cite(_entry("F1", "F2"), SECTIONS, DOCUMENTS)
    assert citation.entry == "a#1"
    assert citation.heading_path == ("文章a", "一、费用", "（一）怎么算")


def test_the_quote_is_the_span_nearest_to_the_answer() -> None:
    (citation,) = cite(_entry("F1", "F2"), SECTIONS, DOCUMENTS)
    assert "逾期费按没还的金额每天收 0.05%" in citation.quote
    assert TEXT[citation.start : citation.end] == citation.quote


def test_what_the_first_leaves_open_is_covered_next() -> None:
    assert [citation.entry for citation in cite(_entry("F1", "F2", "F3"), SECTIONS, DOCUMENTS)] == ["a#1", "c#1"]


def cited(entry: FaqEntry, sections: tuple[Section, ...] = SECTIONS) -> list[str]:
    return [citation.entry for citation in cite(entry, sections, DOCUMENTS)]


def test_of_equals_the_section_nearer_in_words_wins() -> None:
    assert cited(_entry("F1")) == ["a#1"]


def test_of_equals_in_words_the_one_with_fewer_other_facts_wins() -> None:
    busy, plain = (
        Section(f"b#{n}", "b", ("一",), 0, len(OTHER), facts) for n, facts in ((1, ("F1", "F2")), (2, ("F1",)))
    )
    assert cited(_entry("F1"), (busy, plain)) == cited(_entry("F1"), (plain, busy)) == ["b#2"]


def test_of_equals_the_one_whose_headings_speak_of_the_question_wins() -> None:
    told = Section("b#1", "b", ("一、逾期费",), 0, len(OTHER), ("F1",))
    assert cited(_entry("F1"), (told, *SECTIONS[1:])) == ["b#1"]


def test_earlier_facts_are_grounded_first() -> None:
    first, second = Section("b#1", "b", ("一",), 0, len(OTHER), ("F8",)), Section("c#1", "c", ("一",), 0, 9, ("F7",))
    assert cited(_entry("F7", "F8"), (first, second)) == ["c#1", "b#1"]
    assert cited(_entry("F8", "F7"), (first, second)) == ["b#1", "c#1"]


def test_a_long_sentence_is_cut() -> None:
    (citation,) = cite(_entry("F3"), SECTIONS, DOCUMENTS)
    assert 0 < len(citation.quote) <= MAX_QUOTE


@pytest.mark.parametrize("facts", [(), ("F404",)])
def test_without_a_section_the_entry_cites_itself(facts: tuple[str, ...]) -> None:
    (citation,) = cite(_entry(*facts), SECTIONS, DOCUMENTS)
    assert citation.entry == "e"
    assert citation.heading_path == (ENTRY_TITLE, "逾期费怎么收")
    assert citation.quote == _entry().answer.short[citation.start : citation.end] != ""


def test_citer_gives_what_cite_gives_and_knows_sections() -> None:
    entry = _entry("F1", "F2", "F3")
    corpus = Corpus(Path(), (entry,), DOCUMENTS, SECTIONS, (), (), Lexicon(), (), "")
    citer = Citer(corpus)
    assert citer.of("e") == cite(entry, SECTIONS, DOCUMENTS)
    assert citer.of("a#1")[0].quote.startswith("开头一句。")
    assert citer.of("unknown") == ()
    assert len(citer.of("e")) <= MAX_CITATIONS


def test_a_section_without_prose_has_an_empty_quote() -> None:
    section = Section("d#1", "d", ("空",), 0, 0, ("F1",))
    (citation,) = cite(_entry("F1"), (section,), (_document("d", ""),))
    assert (citation.start, citation.end, citation.quote) == (0, 0, "")


def test_every_citation_of_the_shipped_corpus_is_a_true_quote() -> None:
    corpus = load_corpus(shipped_corpus())
    citer, texts = Citer(corpus), {document.id: document.text for document in corpus.documents}
    cited = [citation for entry in corpus.entries for citation in citer.of(entry.id)]
    assert all(citer.of(entry.id) for entry in corpus.entries)
    for citation in cited:
        assert 0 < len(citation.quote) <= MAX_QUOTE
        article, mark, _ = citation.entry.partition("#")
        assert not mark or texts[article][citation.start : citation.end] == citation.quote
