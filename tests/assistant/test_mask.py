import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.mask import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我手机13800138000", "我手机【手机号】"),
        ("138 0013 8000", "【手机号】"),
        ("１３８００１３８０００", "【手机号】"),
        ("1 3 8 0 0 1 3 8 0 0 0", "【手机号】"),
        ("①③⑧００１３８０００", "【手机号】"),
        ("138\u200b0013\u200b8000", "【手机号】"),
        ("+86 138-0013-8000", "【手机号】"),
        ("95152 13800138000", "95152 【手机号】"),
        ("2 13800138000", "2 【手机号】"),
        ("010-12345678", "【手机号】"),
        ("0912-345-678", "【手机号】"),
        ("11010519491231002X", "【证件号】"),
        ("110105 19491231 002x", "【证件号】"),
        ("130503670401001", "【证件号】"),
        ("6222 0212 3456 7890 123", "【卡号】"),
        ("6222-0212-3456-7890", "【卡号】"),
        ("订单号：6921234567890123456", "订单号：【单号】"),
        ("單號SF1234567890", "單號【单号】"),
        ("账号12345678", "账号【号码】"),
        ("a.b+c@qq.com", "【邮箱】"),
        ("一三八零零一三八零零零", "【号码】"),
        ("1000元 13800138000 2000元", "1000元 【手机号】 2000元"),
    ],
)
def test_personal_numbers_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "打95152或12315、96110、12378、12356，急事110、120",
        "我的电话是 95152",
        "2026-11-23 2026-11-24",
        "2026年11月23日 10:20",
        "欠1000元逾期30天",
        "1234567890.12元",
        "¥1234567890",
        "额度 5000 3000 2000",
        "尾号1234",
        "7月20号买的 300块",
        "",
        "还款@我",
    ],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert mask(text) == text


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet="我的手机号是，。 啊", max_size=8),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True) | st.from_regex(r"[1-9][0-9]{12,18}", fullmatch=True),
    st.sampled_from(["", " ", "-", "\u3000", "\u200b"]),
    st.booleans(),
)
def test_no_number_survives_its_disguise(before: str, number: str, gap: str, wide: bool) -> None:
    typed = gap.join(chr(ord(digit) + 0xFEE0) if wide else digit for digit in number)
    assert not re.search(r"\d", mask(f"{before}{typed}。"))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=50) | st.text(alphabet="0123456789 -.X@a年元号订单", max_size=40))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text)
    assert mask(once) == once
    assert not re.search(r"[0-9]{13}", once)
