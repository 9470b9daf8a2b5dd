from __future__ import annotations

from assistant.history import Turn
from assistant.insights.inbox import Claim, Handoff
from assistant.web.staff.inbox import inbox_view
from kb.records import FaqEntry, StructuredAnswer

NASTY = "<script>{{1}}</script>"
TURN = Turn(7, "p:0123456789", "p:c", NASTY, "handoff", (), 0.0, 1.0, "", 1.0)
BEFORE = Turn(6, "p:0123456789", "p:c", NASTY, "answer", ("open",), 0.9, 1.0, "", 0.0, rating=-1)
ENTRIES = {"open": FaqEntry("open", "怎么开通", StructuredAnswer("答。"))}


def test_a_card_says_what_was_tried_and_who_has_it() -> None:
    made = inbox_view([Handoff(TURN, (BEFORE,), Claim("claimed", NASTY, 2.0))], ENTRIES)
    assert "之前问过 1 句" in made and "「怎么开通」" in made and "没帮助" in made and "处理中" in made
    assert 'data-do="answer"' in made and 'data-do="release"' in made
    assert "<script" not in made and "{{" not in made and "0123456789" not in made


def test_what_can_be_done_follows_the_state() -> None:
    opened = inbox_view([Handoff(TURN, (), Claim("open", "", 1.0))], {})
    answered = inbox_view([Handoff(TURN, (), Claim("answered", "张三", 1.0, NASTY))], {})
    assert 'data-do="claim"' in opened
    assert "data-do" not in answered and "已处理 张三" in answered and "<script" not in answered
    assert "没有转人工的问题" in inbox_view([], {})
