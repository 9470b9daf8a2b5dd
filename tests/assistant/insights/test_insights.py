from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from fakes import FakeEmbedder

from assistant.history import Turn
from assistant.insights.clicks import confirmed
from assistant.insights.clusters import clusters, gathered, group, still_open
from assistant.insights.export import csv_text
from assistant.insights.inbox import Claim, handoffs
from assistant.insights.rates import Topic, asked_most, days, slowest, topics, totals
from assistant.insights.usage import disliked, unused
from kb.query import Analyzer
from kb.records import FaqEntry, StructuredAnswer
from kb.search import Searcher
from kb.snapshot import load_knowledge
from kb.store import Version

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
_TURN = Turn(1, "p:v", "p:c", "问", "answer", ("open",), 0.9, 10.0, "v1", NOON)


def turn(number: int, question: str, decision: str = "refuse", *entries: str, **other: object) -> Turn:
    changes = {"id": number, "question": question, "decision": decision, "entries": entries, **other}
    return replace(_TURN, **changes)  # type: ignore[arg-type]


def entry(name: str, question: str, *alternates: str) -> FaqEntry:
    return FaqEntry(name, question, StructuredAnswer("答。"), alternates)


# --- rates -------------------------------------------------------------------------------------------------------


def test_every_day_is_counted_even_a_quiet_one() -> None:
    turns = [
        turn(1, "甲", "answer", "open", rating=1),
        turn(2, "乙", "refuse", at=NOON + 2 * 86_400, rating=-1),
        turn(3, "丙", "answer", "open", at=NOON + 2 * 86_400),
    ]
    found = days(turns, date(2026, 11, 20), date(2026, 11, 22), UTC)
    assert [(item.day.day, item.asked, item.liked, item.disliked) for item in found] == [
        (20, 1, 1, 0),
        (21, 0, 0, 0),
        (22, 2, 0, 1),
    ]
    whole = totals(turns)
    assert (whole.asked, whole.decisions, whole.liked, whole.disliked) == (3, {"answer": 2, "refuse": 1}, 1, 1)
    assert totals([]).p95 == 0.0


def test_what_is_asked_about_day_by_day() -> None:
    of = {"a": "还款", "b": "开通", "c": "开通", "art": "费用"}
    turns = [
        *(turn(number, "问", "answer", name, at=NOON + 86_400 * day) for number, (name, day) in enumerate(
            [("a", 0), ("b", 0), ("c", 1), ("art#2", 1), ("gone", 1)]
        )),
        turn(9, "问", "refuse"),
    ]  # fmt: skip
    first, last = date(2026, 11, 20), date(2026, 11, 21)
    assert topics(turns, of, first, last, most=2, zone=UTC) == (
        Topic("开通", (1, 1)),
        Topic("费用", (0, 1)),
        Topic("", (1, 1)),
    )
    assert topics([], of, first, last, zone=UTC) == ()


def test_slow_and_frequent() -> None:
    turns = [turn(n, str(n), "answer", "a" if n else "b", latency_ms=float(n)) for n in range(5)]
    assert [item.id for item in slowest(turns, 2)] == [4, 3]
    assert asked_most(turns) == (("a", 4), ("b", 1))


def test_usage() -> None:
    turns = [
        turn(3, "丙", "answer", "open", rating=-1, reason="答非所问"),
        turn(2, "乙", "answer", "open", rating=1),
        turn(1, "甲", "answer", "close", rating=1),
    ]
    (bad,) = disliked(turns)
    assert (bad.entry, bad.disliked, bad.liked, bad.questions, bad.reasons) == ("open", 1, 1, ("丙",), ("答非所问",))
    off = replace(entry("off", "停"), enabled=False)
    assert [item.id for item in unused([entry("open", "开"), entry("late", "晚"), off], turns)] == ["late"]


# --- clusters ----------------------------------------------------------------------------------------------------


@pytest.fixture
def searcher(tiny_version: Version) -> Searcher:
    knowledge = load_knowledge(tiny_version.folder)
    return Searcher.open(tiny_version, Analyzer(knowledge.lexicon), FakeEmbedder())


def test_same_questions_count_once() -> None:
    asked = gathered([turn(2, "能分期吗？", at=NOON + 5), turn(1, "能分期吗"), turn(3, "？！")], [("分期", NOON)])
    assert [(item.question, item.times, item.last) for item in asked] == [
        ("能分期吗？", 2, NOON + 5),
        ("分期", 1, NOON),
    ]


def test_groups_by_hand() -> None:
    rows = np.array([[1, 0], [0, 1], [0.8, 0.6], [0.6, 0.8]], dtype=np.float32)
    # the last: 0.82 to the mean of the first group, 0.80 to the second
    assert group(rows, 0.75) == [[0, 2, 3], [1]]
    assert group(rows, 0.81) == [[0], [1], [2, 3]]
    assert group(rows, 0.99) == [[0], [1], [2], [3]]
    assert group(np.zeros((0, 2), np.float32), 0.5) == []


def test_unanswered_questions_come_together(searcher: Searcher) -> None:
    asked = gathered(
        [
            turn(1, "月付为什么不能解冻呢"),
            turn(2, "月付为什么不能解冻"),
            turn(3, "月付为什么不能解冻呢"),
            turn(4, "花呗怎么关闭掉呢"),
            turn(5, "抖音月付怎么开通"),  # answered by now
        ]
    )
    first, second = clusters(asked, searcher)
    assert [(item.question, item.times) for item in first.questions] == [
        ("月付为什么不能解冻呢", 2),
        ("月付为什么不能解冻", 1),
    ]
    assert (first.times, first.boundary) == (3, "")
    assert ([item.question for item in second.questions], second.boundary) == (["花呗怎么关闭掉呢"], "other_product")
    assert still_open((first, second), {first.key}, ()) == (second,)
    assert still_open((first, second), (), {"月付为什么不能解冻呢"}) == (first, second)
    assert still_open((first, second), (), {"月付为什么不能解冻呢", "月付为什么不能解冻"}) == (second,)
    assert clusters((), searcher) == ()


# --- clicks ------------------------------------------------------------------------------------------------------


def test_a_pressed_button_and_a_mark_confirm_a_form() -> None:
    entries = {item.id: item for item in (entry("open", "怎么开通", "咋开"), entry("close", "怎么关闭"))}
    turns = [
        turn(2, "怎么开通", "answer", "open", at=NOON + 30),
        turn(1, "月付弄一下", "clarify"),
        turn(3, "月付弄一下", "suggest", conversation="x"),
        turn(4, "怎么开通", "answer", "open", conversation="x", at=NOON + 5),
        turn(5, "弄一下", "clarify", conversation="late"),
        turn(6, "怎么开通", "answer", "open", conversation="late", at=NOON + 3_600),
        turn(7, "咋开", "clarify", conversation="y"),
        turn(8, "怎么开通", "answer", "open", conversation="y", at=NOON + 5),
        turn(9, "另一句", "clarify", conversation="z"),
        turn(10, "随便问问", "answer", "open", conversation="z", at=NOON + 5),
    ]
    marks = [("不要月付了", "close"), ("不要月付了", "gone"), ("怎么关闭！", "close")]

    found = confirmed(turns, marks, entries)

    assert [(item.question, item.entry, item.times) for item in found] == [
        ("月付弄一下", "open", 2),
        ("不要月付了", "close", 1),
    ]
    assert confirmed(turns, marks, entries, {found[0].key}) == found[1:]


# --- inbox -------------------------------------------------------------------------------------------------------


def test_the_inbox_says_what_was_tried() -> None:
    turns = [
        turn(4, "转人工", "handoff", at=NOON + 40),
        turn(3, "人呢", "handoff", at=NOON + 30),
        turn(1, "怎么开通", "answer", "open", at=NOON),
        turn(5, "找人", "handoff", conversation="b", at=NOON + 1),
        turn(6, "找人啊", "handoff", conversation="c", at=NOON + 2),
    ]
    claims = {5: Claim("answered", "张三", NOON + 9, "已回电"), 6: Claim("claimed", "李四", NOON + 9)}
    first, second, third = handoffs(turns, claims)
    assert (first.turn.id, first.claim.state, [item.id for item in first.before]) == (4, "open", [1, 3])
    assert (second.turn.id, second.claim.owner) == (6, "李四")
    assert (third.turn.id, third.claim.note, third.before) == (5, "已回电", ())


def test_an_export_runs_no_formula() -> None:
    text = csv_text(("问题", "次数"), [("=HYPERLINK(1)", 2), ("@x", 1), ("平常", 3), ("-1", -1)])
    assert text.startswith("\ufeff")
    assert text[1:].split("\r\n")[1:5] == ["'=HYPERLINK(1),2", "'@x,1", "平常,3", "'-1,-1"]
