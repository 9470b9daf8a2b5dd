import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.chunking.chunks import TARGET, cut

PIECES = st.sampled_from(
    [
        "月付",
        "。",
        "，",
        "\n",
        "\n\n",
        "1,234.56元",
        "2024-12-20",
        "12%",
        "1. 打开",
        "（一）",
        " ",
        "a1b2",
        "é",
        "👨‍👩‍👧",
    ]
)


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in cut(text, 0, len(text))]


def test_short_body_is_one_chunk() -> None:
    assert parts("  第一段。\n\n第二段。\n") == ["第一段。\n\n第二段。"]


def test_cuts_at_paragraphs_first() -> None:
    first, second = "甲" * 190 + "。", "乙" * 190 + "。"

    assert parts(f"{first}\n\n{second}") == [first, second]


def test_long_paragraph_is_cut_at_sentences() -> None:
    sentences = ["句" * 120 + "。”"] * 5

    assert parts("".join(sentences)) == ["".join(sentences[:2]), "".join(sentences[2:4]), sentences[4]]


def test_short_lead_stays_with_its_paragraph() -> None:
    assert parts("怎么办：\n" + ("句" * 120 + "。") * 4)[0].startswith("怎么办：\n句")


@pytest.mark.parametrize("number", ["1,234,567.89元", "2024-12-20", "三百二十五天", "99.5%", "iPhone16", "1. 打"])
@pytest.mark.parametrize("lead", range(TARGET - 14, TARGET + 1))
def test_no_cut_inside_a_number(number: str, lead: int) -> None:
    text = "字" * (lead - 1) + "\n" * number.startswith("1. ") + number + "尾" * 400

    assert any(number in part for part in parts(text))


def test_number_longer_than_target_stays_whole() -> None:
    assert parts("字" * 10 + "7" * 500 + "元")[1] == "7" * 500 + "元"


@settings(deadline=None)
@given(st.text(max_size=900) | st.lists(PIECES, max_size=400).map("".join))
def test_spans_cover_in_order(text: str) -> None:
    spans = cut(text, 0, len(text))
    covered = {place for start, end in spans for place in range(start, end)}

    assert all(text[place].isspace() for place in range(len(text)) if place not in covered)
    assert all(before[1] <= after[0] for before, after in zip(spans, spans[1:], strict=False))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)


@settings(deadline=None)
@given(st.lists(PIECES, max_size=400).map("".join))
def test_digits_are_never_parted(text: str) -> None:
    ends = {end for _, end in cut(text, 0, len(text))}

    assert not [
        found for found in re.finditer(r"\d[,.\-]?\d", text, re.ASCII) if found.start() + 1 in ends - {len(text)}
    ]
