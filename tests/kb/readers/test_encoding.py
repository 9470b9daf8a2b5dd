import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.readers.encoding import decode
from kb.readers.faults import ReaderFault

TEXT = "抖音月付怎么开通？\n打开抖音 APP，点击“我”，进入“我的钱包”。\n2024年12月20日"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("gbk"),
        TEXT.encode("gb18030"),
        TEXT.replace("\n", "\r\n").encode("gbk"),
        TEXT.replace("\n", "\r").encode("utf-8"),
    ],
)
def test_decodes(data: bytes) -> None:
    assert decode(data) == TEXT


def test_short_and_traditional() -> None:
    assert decode("月付".encode("gbk")) == "月付"
    assert decode("月付".encode("utf-16-le")) == "月付"
    traditional = "抖音月付怎麼開通？請點擊我的錢包，確認還款日與額度。"
    assert decode(traditional.encode("big5")) == traditional
    assert decode(traditional.encode("gb18030")) == traditional


def test_binary_is_not_text() -> None:
    with pytest.raises(ReaderFault, match="mislabelled"):
        decode(b"\x00\x01\x02\xff\xfe\x00\x00" * 40)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_a_named_fault(data: bytes) -> None:
    try:
        assert "\x00" not in decode(data)
    except ReaderFault as fault:
        assert fault.code in {"encoding", "mislabelled"}


def test_damaged_utf8_is_refused_or_marked() -> None:
    data = TEXT.removesuffix("日").encode()

    with pytest.raises(ReaderFault, match="encoding"):
        decode(data + b"\xe6")
    assert decode(data + b"\xe6", lenient=True).endswith("20\ufffd")
