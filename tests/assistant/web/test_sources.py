from __future__ import annotations

from datetime import date

from assistant.records import Citation
from assistant.web.sources import checked_on, source_panel
from kb.lexicon import Lexicon
from kb.records import Document, FaqEntry, StructuredAnswer
from kb.snapshot import Knowledge

TEXT = "---\nid: a\n---\n# 标<题>\n\n## 一、节\n<!-- facts: F1 -->\n第一句。第二句。\n第三句。\n"
DAY = date(2026, 11, 23)
KNOWLEDGE = Knowledge(
    (FaqEntry("e", "问<题>", StructuredAnswer("短答。", steps=("第一步", "第二步")), checked_on=DAY),),
    (Document("a", "标<题>", TEXT, checked_on=DAY),),
    (),
    Lexicon(),
)


def cited(quote: str, start: int | None = None) -> str:
    at = TEXT.index(quote) if start is None else start
    return source_panel(Citation("a#1", ("标<题>", "一、节"), at, at + len(quote), quote), 2, KNOWLEDGE)


def test_the_passage_is_marked_where_it_stands() -> None:
    panel = cited("第二句。")
    assert '<p class="zd-line">第一句。<mark>第二句。</mark></p>' in panel
    assert "[2] 标&lt;题&gt;" in panel and "核对于 2026-11-23" in panel
    assert "facts" not in panel and "id: a" not in panel and "##" not in panel


def test_a_passage_over_two_lines_is_marked_in_both() -> None:
    panel = cited("第二句。\n第三句。")
    assert "<mark>第二句。</mark>" in panel and "<mark>第三句。</mark>" in panel


def test_a_passage_that_has_moved_is_found_again() -> None:
    assert "<mark>第二句。</mark>" in cited("第二句。", start=0)


def test_a_passage_that_is_gone_marks_nothing() -> None:
    assert "<mark>" not in cited("没有的话", start=0)


def test_an_entry_is_shown_with_what_was_quoted() -> None:
    panel = source_panel(Citation("e", (), 0, 3, "第一步"), 1, KNOWLEDGE)
    assert "<mark>第一步</mark>" in panel and "<mark>第二步" not in panel and "问&lt;题&gt;" in panel


def test_a_source_that_was_removed_is_said_to_be() -> None:
    assert "已不在当前的知识库里" in source_panel(Citation("gone", (), 0, 0, ""), 1, KNOWLEDGE)


def test_the_usual_day_of_checking_is_told() -> None:
    assert checked_on(KNOWLEDGE) == DAY
    assert checked_on(Knowledge((), (), (), Lexicon())) is None
