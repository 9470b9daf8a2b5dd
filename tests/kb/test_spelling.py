import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.spelling import Speller
from kb.tokens import Tokenizer, pinyin_key

WORDS = ("月付", "还款", "抖店", "征信", "账单日")


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(WORDS, {"yuefu": "月付", "征心": "征信"}, Tokenizer(WORDS))


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("月福怎么开通", "月付怎么开通"),  # a homophone that is no word
        ("月付怎么开通", "月付怎么开通"),
        ("yuefu怎么开通", "月付怎么开通"),  # listed
        ("会上征心吗", "会上征信吗"),
        ("月付和yuefu", "月付和yuefu"),  # the right word is there: what is left may be meant
        ("手一抖点了", "手一抖点了"),  # 抖点 crosses the end of a word
        ("看月伏低做小", "看月伏低做小"),  # 月伏 crosses the start of one
        ("yue付", "yue付"),  # only Chinese characters are heard
        ("abc 12", "abc 12"),
        ("", ""),
    ],
)
def test_mend(speller: Speller, text: str, mended: str) -> None:
    assert speller.mend(text) == mended


def test_a_real_word_is_not_mended() -> None:
    # 公示 and 公式 sound alike and both are words
    assert Speller(["公式"], {}, Tokenizer(["公式"])).mend("公示怎么看") == "公示怎么看"


def test_only_words_of_two_to_six_characters_are_heard() -> None:
    speller = Speller(["岳", "dou分期"], {}, Tokenizer())

    assert speller.mend("约") == "约"
    assert speller.mend("dou分七") == "dou分七"


@given(text=st.lists(st.sampled_from([*"月付福还款环抖店点怎么，a1 ", *WORDS]), max_size=12).map("".join))
def test_mending_keeps_the_sound(speller: Speller, text: str) -> None:
    mended = speller.mend(text)

    assert len(mended) == len(text)
    assert pinyin_key(mended) == pinyin_key(text)
