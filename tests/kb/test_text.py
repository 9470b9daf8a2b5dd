import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text import (
    clean,
    exact_key,
    exact_keys,
    han_count,
    is_han,
    is_traditional,
    normalise,
    normalise_all,
    traditional,
)

# What people type: Chinese of both scripts, letters, digits, punctuation, spaces, and what sticks to pasted text.
TYPED = st.text(
    st.sampled_from("月付怎么开通額度臺灣點樣ABcＤ１2，。？！ \t\n\u3000\u200b\ufeff\u00a0😀-_#"), max_size=30
)


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("\u200b月\u00a0\u3000付\n\n怎么 ", "月 付 怎么"),
        ("a\x00\u202eb\ufeff", "ab"),
        ("\ud800月\ue000付", "月付"),
        ("Ａ１ 額度", "Ａ１ 額度"),
        (" \t\r\n", ""),
    ],
)
def test_clean(raw: str, wanted: str) -> None:
    assert clean(raw) == wanted


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("ＤＯＵ分期　Ａ１", "dou分期 a1"),
        ("抖音月付額度", "抖音月付额度"),
        ("用網路買軟體", "用网络买软件"),
        ("ﬁ①", "fi1"),
        ("月\u200b付", "月付"),
        ("iPhone\t15", "iphone 15"),
    ],
)
def test_normalise(raw: str, wanted: str) -> None:
    assert normalise(raw) == wanted


@given(st.text(st.characters()))
def test_normalise_takes_any_text(text: str) -> None:
    found = normalise(text)

    assert found == found.strip()
    assert "  " not in found
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn"} for char in found)


@given(TYPED)
def test_normalise_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_exact_key_leaves_only_words() -> None:
    assert exact_key("月付，怎么  開通？_") == "月付怎么开通"
    assert exact_key("？！…") == ""


@given(TYPED, TYPED)
def test_exact_key_does_not_see_punctuation(one: str, other: str) -> None:
    assert exact_key(f"{one}，？ {other}") == exact_key(one) + exact_key(other)
    assert exact_key(exact_key(one)) == exact_key(one)


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("點樣開通月付", True),
        ("抖音月付額度要去哪裡查", True),
        ("怎么开通月付", False),
        ("月付", False),  # the same in both scripts
        ("停用月付", False),  # a Taiwan phrase as well, which converting to Simplified would replace
        ("dou+ 123", False),
        ("", False),
        ("\ud800", False),
    ],
)
def test_is_traditional(text: str, is_it: bool) -> None:
    assert is_traditional(text) is is_it


def test_scripts_both_ways() -> None:
    assert normalise("額度與軟體") == "额度与软件"
    assert traditional("额度与软件") == "額度與軟體"
    assert traditional("注销账号后软件里的项目，解绑再绑定") == "註銷賬號後軟體裡的項目，解綁再綁定"
    assert normalise("abc") == "abc"


def test_han() -> None:
    assert han_count("月付 ok，12。㐀") == 3
    assert [is_han(char) for char in "月a，。１"] == [True, False, False, False, False]


@given(st.lists(st.one_of(st.text(max_size=30), TYPED), max_size=6))
def test_keys_of_several_texts_are_those_of_each(texts: list[str]) -> None:
    assert exact_keys(texts) == [exact_key(text) for text in texts]


def test_keys_of_several_texts_keep_the_script_of_each_apart() -> None:
    assert exact_keys(["滑鼠", "怎麼關閉\n月付？", "", "Ａ b"]) == ["鼠标", "怎么关闭月付", "", "ab"]


@given(
    texts=st.lists(
        st.text(max_size=12) | st.text(st.sampled_from("停用門戶網站資料ΑΣ σ\n\r\u2028\u0301\x1cA，Ａ"), max_size=9),
        max_size=5,
    )
)
def test_many_at_once_are_each_alone(texts: list[str]) -> None:
    assert normalise_all(texts) == [normalise(text) for text in texts]
