import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.lexicon import Lexicon
from kb.query import Analyzer, shorten
from kb.text import exact_key
from kb.tokens import bigrams


def test_a_question_in_full(tiny_analyzer: Analyzer) -> None:
    query = tiny_analyzer.analyse(" 請問月服怎麼激活？")

    assert query.text == "请问月付怎么激活?"
    assert query.key == "请问月付怎么激活"
    assert query.words == ("月付", "怎么", "激活", "抖音月付", "开通")  # 请问 is a stop word; standard names follow
    assert query.terms == (*query.words, "请问", "问月", "月付", "付怎", "怎么", "么激", "激活")
    assert query.sound == "qing wen yue fu zen me ji huo"
    assert query.sounds == {"qing-wen", "wen-yue", "yue-fu", "fu-zen", "zen-me", "me-ji", "ji-huo"}
    assert query.slots == {"product": {"抖音月付"}, "action": {"开通"}}


def test_a_cue_inside_a_longer_one_does_not_count() -> None:
    slots = {"product": {"月付": ("月付",), "美团": ("美团月付",)}}
    analyzer = Analyzer(Lexicon(slots=slots))

    assert analyzer.slots("美团月付怎么关") == {"product": {"美团"}}
    assert analyzer.slots("月付怎么关") == {"product": {"月付"}}
    assert analyzer.slots("怎么关") == {}


def test_two_products_are_both_named(tiny_analyzer: Analyzer) -> None:
    assert tiny_analyzer.slots("月付和花呗")["product"] == {"抖音月付", "花呗"}


@pytest.mark.parametrize("length", [0, 1, 399, 400])
def test_short_texts_stay(length: int) -> None:
    assert shorten("问" * length) == "问" * length


def test_a_long_story_keeps_its_start_and_end() -> None:
    assert shorten("始" * 250 + "中" * 300 + "末" * 250) == "始" * 200 + " " + "末" * 200


@settings(deadline=None, max_examples=60)
@given(text=st.text(st.characters()))
def test_any_text_is_analysed(tiny_analyzer: Analyzer, text: str) -> None:
    query = tiny_analyzer.analyse(text)

    assert query.key == exact_key(query.text)
    assert query.terms == (*query.words, *bigrams(query.text))
    assert len(query.text) <= 401 * 4  # a character may unfold into several
