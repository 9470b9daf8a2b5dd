import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.columnar import texts as texts_module
from kb.columnar.texts import Lookup, Texts, Vocabulary, encoded, hashes

STRINGS = st.lists(st.text(max_size=5), max_size=8)


@given(strings=STRINGS)
def test_strings_come_back(strings: list[str]) -> None:
    texts = Texts.of([*strings, "\ud800", ""])

    assert list(texts) == [*strings, "\ud800", ""]
    assert [texts[place] for place in range(len(texts))] == [*strings, "\ud800", ""]
    assert list(texts.take(np.array([len(strings), 0]))) == ["\ud800", texts[0]]
    assert list(texts.joined(Texts.of(["月付"])))[-2:] == ["", "月付"]


def test_a_lookup_finds_all_places_in_order() -> None:
    strings = ["月付", "额度", "月付", "", "月付"]
    whole, part = Lookup.of(hashes(strings)), Lookup.of(hashes(["额度", "月付"]), np.array([1, 4]))

    assert whole.find(encoded("月付")) == [0, 2, 4]
    assert whole.find(b"") == [3]
    assert whole.find(encoded("还款")) == []
    assert part.find(encoded("月付")) == [4]
    assert whole.in_place().tolist() == hashes(strings).tolist()


@pytest.fixture
def alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash that tells hardly anything apart, so that every search meets strangers."""
    monkeypatch.setattr(texts_module.zlib, "crc32", lambda text: len(text) % 2)


@pytest.mark.usefixtures("alike")
def test_what_only_hashes_alike_is_not_the_same() -> None:
    vocabulary = Vocabulary(Texts.of(["a", "b", "cc", "d"]))

    assert vocabulary.ids(["d", "b", "e", "cc", "dd", "a"]).tolist() == [3, 1, -1, 2, -1, 0]


@given(words=st.sets(st.text(max_size=3), max_size=9), asked=st.lists(st.text(max_size=3), max_size=9))
def test_a_vocabulary_numbers_what_it_holds(words: set[str], asked: list[str]) -> None:
    order = sorted(words)
    numbers = {word: number for number, word in enumerate(order)}
    vocabulary = Vocabulary(Texts.of(order))

    assert vocabulary.ids([*order, *asked]).tolist() == [numbers.get(word, -1) for word in [*order, *asked]]
    half = vocabulary.take(np.arange(len(order) // 2)).joined(vocabulary.take(np.arange(len(order) // 2, len(order))))
    assert half.ids(asked).tolist() == vocabulary.ids(asked).tolist()
