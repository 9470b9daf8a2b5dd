from __future__ import annotations

from assistant.compose import render_answer, render_decision
from assistant.records import Citation, Option
from assistant.web.trim import trim
from assistant.web.visit import Shown
from kb.corpus import load_corpus
from kb.paths import shipped_corpus
from kb.records import FaqEntry, StructuredAnswer

DETAIL = "很长的说明。" * 12
CITATIONS = (Citation("a#1", ("文章", "小节"), 0, 2, "引"), Citation("a#2", ("文章", "别节"), 3, 5, "文"))
ENTRY = FaqEntry("e", "怎么关闭", StructuredAnswer("这样关。", DETAIL, ("第一步", "第二步")), kind="steps")


def test_sources_and_detail_leave_the_text_of_a_real_template() -> None:
    parts = trim(Shown("怎么关", render_answer(ENTRY, CITATIONS, "怎么关"), citations=CITATIONS), DETAIL)
    assert parts.detail == DETAIL and DETAIL not in parts.text
    assert "依据" not in parts.text and "第二步" in parts.text


def test_a_text_without_citations_is_left_alone() -> None:
    text = "依据：[1] 写在正文里"
    assert trim(Shown("问", text), "").text == text


def test_a_short_detail_stays_in_the_text() -> None:
    assert trim(Shown("问", "答。\n\n短说明。"), "短说明。").text == "答。\n\n短说明。"


def test_the_summary_of_a_real_handoff_goes_to_its_card() -> None:
    text = render_decision(
        "handoff", "human", question="转人工", summary="我问过：月付；最后一句：转人工", channels=["电话：95152"]
    )
    parts = trim(Shown("转人工", text, "handoff"), "")
    assert parts.summary == "我问过：月付；最后一句：转人工"
    assert "```" not in parts.text and "95152" in parts.text


def test_choices_shown_as_buttons_leave_the_text() -> None:
    options = (Option("付款页没有月付", "q1"), Option("点了付不出去", "q2"))
    parts = trim(Shown("不能用", "您说的是哪一种？\n\n1. 付款页没有月付\n2. 点了付不出去\n", options=options), "")
    assert parts.text == "您说的是哪一种？"


def test_every_shipped_entry_loses_its_sources_and_nothing_else() -> None:
    for entry in load_corpus(shipped_corpus()).active:
        text = render_answer(entry, CITATIONS, entry.question)
        parts = trim(Shown("问", text, citations=CITATIONS), entry.answer.detail)
        assert entry.answer.short[:4] in parts.text.replace("**", "") and "依据：[1]" not in parts.text
