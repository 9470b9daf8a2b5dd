"""An assistant that answers by a table, with real records around it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from threading import Event

import numpy as np

from assistant.records import Answer, Candidate, Citation, Option, State
from kb.choice import Choice
from kb.errors import StoreError
from kb.features import NAMES
from kb.lexicon import Lexicon
from kb.query import Query
from kb.ranking import Ranker
from kb.records import Document, FaqEntry, Hit, Section, StructuredAnswer
from kb.search import Found
from kb.snapshot import Knowledge

ASKED = "为什么月付显示本订单暂不支持"
QUOTE = "没接入的店，谁来付都不行，与你的额度无关。"
_BODY = "\n\n".join(f"第 {number} 段：付款页会列出可以用的方式，以页面为准。" for number in range(30))
_TEXT = f"""---
id: art-x
---
# 提示“本订单暂不支持”的原因与排查办法

{_BODY}

## 一、商家的原因
<!-- facts: F010 -->
月付不是每家店都收。{QUOTE}

<img src=x onerror="window.hacked = true"> 怎么办：换一种付款方式。
"""
_START = _TEXT.index(QUOTE)
_PATH = ("提示“本订单暂不支持”的原因与排查办法", "一、商家的原因")


DETAIL = (
    "先看付款方式里有没有月付：没有，多半是店没接；有但付不出去，多半是额度或风控。换手机、换网络、异地登录之后，"
    "都可能多核实一次，等一会儿再付就好。"
)


def knowledge() -> Knowledge:
    entry = FaqEntry(
        "x-why",
        ASKED,
        StructuredAnswer(
            "这笔订单暂时不能用月付，常见原因有三类：商家、系统、自己。",
            detail=DETAIL,
            steps=("换一种付款方式", "刷新页面再付一次", "仍不行就联系客服"),
        ),
        facts=("F010",),
        checked_on=date(2026, 11, 23),
    )
    document = Document("art-x", _PATH[0], _TEXT, checked_on=date(2026, 11, 23))
    section = Section("art-x#1", "art-x", _PATH, _START, _START + len(QUOTE), ("F010",))
    return Knowledge((entry,), (document,), (section,), Lexicon())


class FakeSearcher:
    def __init__(self) -> None:
        self.ranker = Ranker(Choice(np.linspace(1.0, 0.1, len(NAMES)), 0.0), calibrated=True)

    def search(self, question: str, k: int = 10) -> Found:
        features = {name: 0.0 for name in NAMES} | {"cosine": 0.9, "bm25": 0.5, "product": 1.0, "polarity": -1.0}
        hits = (
            Hit("x-why", 0.93, ("F010",), "月付 本订单 暂不支持", features),
            Hit("art-x#1", 0.41, ("F010",), question, features),
        )
        query = Query(question, question, (), "", {})
        return Found(query, hits[:k], 0.95, {"none": 0.03, "refuse": 0.02}, {"refuse": "其他产品"})

    def search_within(self, question: str, wanted: Collection[str], k: int = 10) -> Found:
        found = self.search(question, k)
        return replace(found, hits=tuple(hit for hit in found.hits if hit.entry in wanted))

    def search_anew(self, question: str, k: int = 10) -> Found:
        return self.search(question, k)


class FakeAssistant:
    """Knows a handful of questions; repeats others back, markup and all."""

    examples = (ASKED, "抖音月付怎么关闭", "月付逾期会怎样")

    def __init__(self) -> None:
        self.knowledge = knowledge()
        self.searcher = FakeSearcher()
        self.broken = False
        self.free = Event()
        self.free.set()

    def serve(self) -> FakeAssistant:
        if self.broken:
            raise StoreError("no index", user_message="还没有索引，请先运行 zhida build。")
        return self

    def reply(self, state: State | None, text: str, *, now: float) -> tuple[State, Answer]:
        self.free.wait(30)
        before = state or State()
        return replace(before, question=text, at=now), _ANSWERS.get(text, Answer("refuse", f"没有找到：{text}"))

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        known = (ASKED, "为什么月付额度变少了", "抖音月付怎么关闭")
        return [question for question in known if prefix and prefix in question][:limit]


_CITATION = Citation("art-x#1", _PATH, _START, _START + len(QUOTE), QUOTE)
_ANSWERS = {
    ASKED: Answer(
        "answer",
        f"这笔订单暂时**不能用月付**，常见原因有三类：\n\n1. 商家没接入\n2. 系统判为有风险\n3. 自己的额度不够"
        f"\n\n{DETAIL}\n\n依据：[1] {_PATH[0]} › {_PATH[1]}；[2] {ASKED}",
        entries=("x-why",),
        citations=(_CITATION, Citation("x-why", (ASKED,), 0, 4, "换一种付款方式")),
        confidence=0.93,
        candidates=(Candidate("x-why", ("F010",), 0.93),),
        followups=("怎么申诉", "抖音月付怎么关闭"),
    ),
    "不能用": Answer(
        "clarify",
        "您说的是哪一种？",
        options=(Option("付款页没有月付", "付款页没有月付怎么办"), Option("点了付不出去", ASKED)),
    ),
    "那要多久": Answer("answer", "一般当天处理完。", entries=("x-why",), understood_as="申诉要多久"),
    "转人工": Answer("handoff", "好的，这个问题请联系人工客服。"),
}
