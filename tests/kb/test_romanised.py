from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.columnar.texts import Texts
from kb.lexicon import Lexicon
from kb.query import Analyzer, Mentions
from kb.romanised import Listener, Romanised, heard
from kb.wording import Wording

TEXTS = (
    "月付怎么开通",
    "怎么关闭月付",
    "先用后付和月付有什么区别",
    "还款日能改吗",
    "dou+怎么投",
    "西安能用吗",
    "先还款",
) * 3
NAMES = ("dou+", "dou分期", "yuefu", "月付")


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording.build(Texts.of(TEXTS), np.zeros(len(TEXTS), dtype=np.int32), 1)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yuefu zenme kaitong", "月付怎么开通"),
        ("yuefuzenmekaitong", "月付怎么开通"),
        ("yue fu zen me guan bi", "月付怎么关闭"),
        ("huankuanri neng gai ma", "还款日能改吗"),  # 还 is also read hai
        ("yuefu怎么kai通", "月付怎么开通"),
        ("xi'an neng yong ma", "西安能用吗"),
        ("yuefu 3 yue kaitong", "月付3月开通"),
    ],
)
def test_pinyin_is_read_as_the_corpus_would_write_it(wording: Wording, typed: str, meant: str) -> None:
    assert Romanised(wording, NAMES).read(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "月付怎么开通",
        "hello world",
        "dou+怎么投",
        "dou分期怎么关",
        "vip",
        "de",
        "app怎么用",
        "zhuangbei chongwu",
        "123",
        "",
    ],
)
def test_what_is_no_pinyin_stays(wording: Wording, typed: str) -> None:
    assert Romanised(wording, NAMES).read(typed) == ""


@given(text=st.text("abeinouvgzhyufkt' 月付怎+3", max_size=30))
def test_any_text_keeps_what_is_no_pinyin_in_its_order(text: str) -> None:
    wording = Wording.build(Texts.of(TEXTS), np.zeros(len(TEXTS), dtype=np.int32), 1)
    read = Romanised(wording, NAMES).read(text)

    left = iter(read)
    assert not read or all(char in left for char in text if char in "+3付怎")


def test_a_corpus_without_words_reads_nothing() -> None:
    assert Romanised(Wording.build(Texts.of([]), np.zeros(0, dtype=np.int32), 0)).read("yuefu zenme kaitong") == ""


def test_questions_are_analysed_as_heard(wording: Wording) -> None:
    listener = Listener(Analyzer(Lexicon(words=("月付",))), wording)

    assert listener.analyse("YueFu zenme kaitong?").key == "月付怎么开通"
    assert listener.analyse("月付怎么开通").key == "月付怎么开通"
    assert listener.analyse("hello").key == "hello"


def test_what_a_question_names_is_read_from_what_was_heard(wording: Wording) -> None:
    lexicon = Lexicon(words=("月付",), slots={"action": {"开通": ("开通",)}})
    listener = Listener(Analyzer(lexicon), wording)

    assert listener.mentions("yuefu zenme kaitong") == Mentions("月付怎么开通", {"action": frozenset({"开通"})})
    assert listener.mentions("月付", "怎么 開通") == Mentions("月付 怎么 开通", {"action": frozenset({"开通"})})
    assert listener.mentions("月付", "") == Mentions("月付", {})


def test_what_was_heard_is_told(wording: Wording) -> None:
    listener = Listener(Analyzer(Lexicon()), wording)

    assert heard("YueFu zenme kaitong", listener.analyse("YueFu zenme kaitong")) == "月付怎么开通"
    assert heard("VIP 月付怎么开通", listener.analyse("VIP 月付怎么开通")) == ""
