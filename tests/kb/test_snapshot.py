from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.corpus import Corpus
from kb.errors import StoreError
from kb.faq import FORMULAS, KINDS
from kb.lexicon import Lexicon
from kb.records import Cause, Document, FaqEntry, Formula, Section, StructuredAnswer
from kb.snapshot import Knowledge, knowledge_of, load_knowledge, save_knowledge

# what a corpus file can hold: no white space at the ends, nothing twice in a list
WORD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5).map(str.strip).filter(bool)
LINE = WORD | st.just("")
WORDS = st.lists(WORD, unique=True, max_size=3).map(tuple)
DAY = st.none() | st.dates()
CAUSES = st.lists(st.builds(Cause, WORD, LINE, WORDS), max_size=2).map(tuple)
PARAMS = st.dictionaries(WORD, st.integers() | st.floats(allow_nan=False) | st.booleans() | WORD, max_size=2)
FORMULA = st.none() | st.builds(Formula, st.sampled_from(FORMULAS), PARAMS)
ANSWER = st.builds(StructuredAnswer, WORD, LINE, WORDS, CAUSES, FORMULA) | st.just(StructuredAnswer(""))
ENTRY = st.builds(
    FaqEntry,
    WORD,
    WORD,
    ANSWER,
    alternates=WORDS,
    negatives=WORDS,
    kind=st.sampled_from(KINDS),
    category=LINE,
    facts=WORDS,
    checked_on=DAY,
    valid_until=DAY,
    enabled=st.booleans(),
)
SECTION = st.builds(Section, WORD, WORD, WORDS, st.integers(0), st.integers(0), WORDS)
DOCUMENT = st.builds(Document, WORD, WORD, st.text(st.characters(exclude_categories=["Cs"])), LINE, DAY, LINE)
TABLE = st.dictionaries(WORD, WORD, max_size=3)
LEXICON = st.builds(
    Lexicon,
    WORDS,
    WORDS.map(frozenset),
    TABLE,
    TABLE,
    TABLE,
    st.dictionaries(WORD, st.dictionaries(WORD, WORDS, max_size=2)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        Knowledge,
        st.lists(ENTRY, max_size=2).map(tuple),
        st.lists(DOCUMENT, max_size=2).map(tuple),
        st.lists(SECTION, max_size=2).map(tuple),
        LEXICON,
    )
)
def test_round_trip(tmp_path: Path, knowledge: Knowledge) -> None:
    save_knowledge(knowledge, tmp_path)

    assert load_knowledge(tmp_path) == knowledge


def test_the_tiny_corpus(tiny_corpus: Corpus, tmp_path: Path) -> None:
    save_knowledge(knowledge_of(tiny_corpus), tmp_path)
    knowledge = load_knowledge(tmp_path)

    assert knowledge == Knowledge(tiny_corpus.entries, tiny_corpus.documents, tiny_corpus.sections, tiny_corpus.lexicon)
    assert knowledge.entry_by_id["early"].answer.short.startswith("抖音月付可以提前还款吗")
    assert knowledge.document_by_id["art-open"].checked_on == date(2026, 11, 23)
    assert knowledge.section_by_id[tiny_corpus.sections[0].id] == tiny_corpus.sections[0]
    # the order of aliases decides which one wins
    assert list(knowledge.lexicon.aliases) == list(tiny_corpus.lexicon.aliases)


def test_disabled_entries_are_left_out(tiny_corpus: Corpus) -> None:
    off = replace(tiny_corpus.entries[0], enabled=False)

    knowledge = knowledge_of(replace(tiny_corpus, entries=(off, *tiny_corpus.entries[1:])))

    assert knowledge.entries == tiny_corpus.entries[1:]


@pytest.mark.parametrize("text", [None, "", "{}", "[]", '{"entries": [{}]}', '{"entries": 3}'])
def test_damage_is_told(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "knowledge.json").write_text(text, "utf-8")

    with pytest.raises(StoreError) as caught:
        load_knowledge(tmp_path)
    assert "zhida build" in caught.value.user_message
