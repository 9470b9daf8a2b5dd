from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.web.knowledge.form import FIELDS, empty_texts, entry_of, texts_of
from kb.errors import CorpusError
from kb.records import Cause, FaqEntry, Formula, StructuredAnswer

ENTRY = FaqEntry(
    "a-1",
    "月付为什么付不了",
    StructuredAnswer(
        "有三种原因。",
        "细节",
        ("一步", "二步"),
        (Cause("店没接", "换一种", ("店", "商家")),),
        Formula("overdue_fee", {"rate": 1}),
    ),
    ("咋付不了", "=SUM(1)"),
    ("花呗付不了",),
    "cause",
    "支付",
    ("F001", "F002"),
    date(2026, 11, 23),
    date(2027, 1, 1),
    False,
)


def test_an_entry_comes_back_from_the_form_as_it_was() -> None:
    texts = texts_of(ENTRY)
    assert entry_of(texts) == ENTRY
    assert texts[FIELDS.index("facts")] == "F001 F002"
    assert texts[FIELDS.index("kind")] == "原因" and texts[FIELDS.index("enabled")] == "否"


def test_a_new_entry_needs_a_question() -> None:
    texts = empty_texts("new")
    with pytest.raises(CorpusError) as caught:
        entry_of(texts)
    assert "「new」：缺少「标准问」" in caught.value.user_message
    texts[FIELDS.index("question")] = "能分期吗"
    assert entry_of(texts) == FaqEntry("new", "能分期吗", StructuredAnswer(""))


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("kind", "胡说", "类型"),
        ("checked_on", "2026-13-45", "日期"),
        ("formula", "{", "JSON"),
        ("formula", '{"name": "x"}', "公式"),
        ("facts", " ".join(f"F{n:03}" for n in range(9)), "最多 8 条"),
        ("id", "", "缺少「id」"),
        ("short", "", "答案"),
    ],
)
def test_what_cannot_be_read_is_named(field: str, text: str, said: str) -> None:
    texts = texts_of(replace(ENTRY))
    texts[FIELDS.index(field)] = text
    with pytest.raises(CorpusError) as caught:
        entry_of(texts)
    assert said in caught.value.user_message
