import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.tokens import Tokenizer, bigrams, pinyin, pinyin_key, sound_pairs

TEXTS = st.text(st.sampled_from("抖音月付怎么开通还款额度abc12，。 "), max_size=20)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(["抖音月付", "月付", "放心借"], ["的", "吗"])


def test_user_words_are_not_cut(tokenizer: Tokenizer) -> None:
    # search mode gives a long word's parts as well; 的 and 吗 are stop words
    assert tokenizer.words("抖音月付的额度，有吗？") == ["月付", "抖音月付", "额度", "有"]


def test_a_dictionary_belongs_to_one_tokenizer(tokenizer: Tokenizer) -> None:
    other = Tokenizer(["付额"])

    assert (tokenizer.known("放心借"), other.known("放心借")) == (True, False)
    assert "月付" in tokenizer.words("月付额度")
    assert other.words("月付额度") == ["月", "付额", "度"]


def test_an_empty_user_word_is_no_word() -> None:
    assert Tokenizer(["", "月付"]).words("月付") == ["月付"]


@given(text=TEXTS)
def test_edges_are_word_ends(tokenizer: Tokenizer, text: str) -> None:
    edges = tokenizer.edges(text)

    assert edges <= set(range(len(text) + 1))
    assert not text or {0, len(text)} <= edges
    assert "".join(text[a:b] for a, b in pairwise(sorted(edges))) == text


@given(text=TEXTS | st.text(max_size=30))
def test_words_and_edges_are_those_of_jieba(tokenizer: Tokenizer, text: str) -> None:
    own = tokenizer._jieba  # that it cuts as jieba itself does: test_dictionary.py
    edges = {edge for _, start, end in own.tokenize(text) for edge in (start, end)}
    wanted = [word for word in own.cut_for_search(text) if word not in {"的", "吗"} and re.search(r"\w", word)]

    assert (tokenizer.edges(text), tokenizer.words(text)) == (edges, wanted)


@given(text=TEXTS)
def test_terms_are_words_then_bigrams(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.terms(text) == tokenizer.words(text) + bigrams(text)
    assert all(word in text and word not in {"的", "吗", "，", " "} for word in tokenizer.words(text))


def test_bigrams_do_not_cross_what_is_not_chinese() -> None:
    assert bigrams("月付额 度a还款") == ["月付", "付额", "还款"]
    assert bigrams("月") == bigrams("") == bigrams("abc") == []


def test_pinyin() -> None:
    assert pinyin("月付，a1") == ("yue", "fu", "a", "1")
    assert pinyin_key("月付？") == pinyin_key("月服") == "yue fu"
    assert sound_pairs(pinyin_key("还月付")) == {"hai-yue", "yue-fu"}
    assert sound_pairs(pinyin_key("还")) == sound_pairs("") == frozenset()
    assert pinyin_key("，。") == ""
