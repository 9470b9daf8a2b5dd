from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.records import Answer, State
from assistant.web.pace import Pace
from assistant.web.ports import Desk
from assistant.web.prometheus import Metrics
from assistant.web.talk import Talk, health
from assistant.web.visit import LONGEST_QUESTION, Shown, new_visit
from kb.errors import KbError, StoreError, UsageError


class Echo:
    """Understands a bare “那呢” by the question before; takes it back when told so."""

    searcher = SimpleNamespace(ranker=SimpleNamespace(calibrated=False, note="没有相似问。"))

    def reply(self, state: State | None, text: str, *, now: float) -> tuple[State, Answer]:
        before = state or State()
        if text == "不是这个意思":
            return replace(before, undo="", at=now), Answer("refuse", "按原话：" + before.undo)
        if text == "那呢":
            return replace(before, undo=text, at=now), Answer("answer", "推断", understood_as="月付呢")
        return State(question=text, at=now), Answer("answer", text)

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        return [prefix] * limit


class Down:
    def record_turn(self, *_: Any, **__: Any) -> int:
        raise StoreError("down", user_message="坏")

    def feedback(self, *_: Any, **__: Any) -> None:
        raise StoreError("down", user_message="坏")


class Rated:
    """Remembers what was rated."""

    def __init__(self) -> None:
        self.ratings: list[Any] = []

    def feedback(self, turn: int, value: int, reason: str = "", *, visitor: str | None = None) -> None:
        self.ratings.append((turn, value, reason, visitor))


def desk(**parts: Any) -> Desk:
    return Desk(**{"assistant": Echo, "store": Path(), "clock": lambda: 100.0, **parts})


def nobody() -> Any:
    raise StoreError("none", user_message="还没有索引。")


def test_a_blank_question_changes_nothing() -> None:
    visit = new_visit()
    assert Talk(desk()).ask(visit, "  \n", "") is visit


def test_a_question_is_answered_even_while_the_history_is_down() -> None:
    visit = Talk(desk(history=Down())).ask(new_visit(), "月付", "")
    assert [(turn.text, turn.id) for turn in visit.turns] == [("月付", 0)]


def test_a_question_that_is_too_long_is_refused_as_by_the_interface() -> None:
    talk = Talk(desk())
    assert talk.ask(new_visit(), "问" * LONGEST_QUESTION, "").turns
    with pytest.raises(UsageError) as raised:
        talk.ask(new_visit(), "问" * (LONGEST_QUESTION + 1), "")
    assert f"最多 {LONGEST_QUESTION} 个字" in raised.value.user_message


def test_an_understanding_is_undone_to_the_words_themselves() -> None:
    talk = Talk(desk())
    visit, typed = talk.undo(talk.ask(talk.ask(new_visit(), "月付", ""), "那呢", ""), "")
    assert [(turn.question, turn.text) for turn in visit.turns] == [("月付", "月付"), ("那呢", "按原话：那呢")]
    assert typed == "" and visit.turns[-1].understood_as == ""


def test_what_cannot_be_undone_goes_back_into_the_box() -> None:
    talk = Talk(desk())
    visit, typed = talk.undo(talk.ask(new_visit(), "月付", ""), "")
    assert visit.turns == () and typed == "月付"
    assert talk.undo(new_visit(), "")[1] == ""


@pytest.mark.parametrize("position", [-1, 1, 99])
def test_a_rating_of_a_turn_that_is_not_there_is_not_thanked_for(position: int) -> None:
    visit = new_visit().with_turn(Shown("月付", "月付", id=1), "")
    with pytest.raises(UsageError, match="no record"):
        Talk(desk(history=Rated())).rate(visit, position, -1)


def test_a_rating_of_a_turn_that_was_not_recorded_is_not_thanked_for() -> None:
    recorded, lost = (new_visit().with_turn(Shown("月付", "月付", id=number), "") for number in (1, 0))
    for history, visit in ((Rated(), lost), (None, recorded)):
        with pytest.raises(UsageError) as raised:
            Talk(desk(history=history)).rate(visit, 0, 1)
        assert "评价没有记下来" in raised.value.user_message


def test_a_rating_while_the_history_is_down_is_to_be_tried_later() -> None:
    visit = new_visit().with_turn(Shown("月付", "月付", id=1), "")
    with pytest.raises(KbError) as raised:
        Talk(desk(history=Down())).rate(visit, 0, -1, "看不懂")
    assert raised.value.user_message == "评价没有记下来，请稍后再试。"


def test_a_rating_is_recorded_and_shown() -> None:
    history, visit = Rated(), new_visit().with_turn(Shown("月付", "月付", id=7), "")
    rated = Talk(desk(history=history)).rate(visit, 0, -1, "看不懂")
    assert history.ratings == [(7, -1, "看不懂", visit.visitor)] and rated.turns[0].rating == -1
    assert Talk(desk(history=history)).rate(rated, 0, 0).turns[0].rating == 0 and len(history.ratings) == 1


def test_without_an_index_the_fault_is_told() -> None:
    with pytest.raises(KbError):
        Talk(desk(assistant=nobody)).ask(new_visit(), "月付", "")
    assert Talk(desk(assistant=nobody)).suggest("月") == []
    assert health(desk(assistant=nobody)) == (None, "还没有索引。")


def test_what_is_degraded_is_told() -> None:
    assert health(desk(problem=lambda: "旧版。"))[1] == "旧版。 置信度尚未校准，答案可能不够准。没有相似问。"


def test_who_asks_without_end_is_told_to_wait() -> None:
    metrics, visit = Metrics(), new_visit()
    talk = Talk(desk(metrics=metrics), Pace(lambda: 0.0))
    for number in range(15):
        visit = talk.ask(visit, f"第 {number} 问", "192.0.2.1")
    with pytest.raises(UsageError, match="too fast") as raised:
        talk.ask(visit, "再问", "192.0.2.1")
    assert "秒再发送" in raised.value.user_message
    assert talk.ask(new_visit(), "别人", "192.0.2.1").turns
    assert "zhida_rate_limited_total 1" in metrics.render(sessions=0, info={})
    assert 'zhida_answers_total{decision="answer"} 16' in metrics.render(sessions=0, info={})


def test_taking_back_without_end_is_asking_without_end() -> None:
    talk = Talk(desk(), Pace(lambda: 0.0))
    visit = talk.ask(talk.ask(new_visit(), "月付", "192.0.2.1"), "那呢", "192.0.2.1")
    for _ in range(13):
        talk.undo(visit, "192.0.2.1")
    with pytest.raises(UsageError, match="too fast"):
        talk.undo(visit, "192.0.2.1")


class Kept:
    """Remembers whom it erased."""

    def __init__(self) -> None:
        self.erased: list[str] = []

    def export_visitor(self, visitor: str) -> dict[str, object]:
        return {"visitor": "p:1", "turns": [{"question": "月付"}]}

    def erase_visitor(self, visitor: str) -> int:
        self.erased.append(visitor)
        return 1


def test_a_visitor_gets_what_is_kept_and_has_it_deleted() -> None:
    history, visit = Kept(), new_visit()
    talk = Talk(desk(history=history))
    assert json.loads(talk.kept(visit)) == {"visitor": visit.visitor, "turns": [{"question": "月付"}]}
    after = talk.erase(visit)
    assert history.erased == [visit.visitor] and after.visitor != visit.visitor and not after.turns
    assert json.loads(Talk(desk()).kept(visit))["turns"] == [] and Talk(desk()).erase(visit).visitor != visit.visitor


class Slow(Echo):
    """Replies when it is let go."""

    def __init__(self) -> None:
        self.asked, self.free = Event(), Event()

    def reply(self, state: State | None, text: str, *, now: float) -> tuple[State, Answer]:
        self.asked.set()
        assert self.free.wait(10)
        return super().reply(state, text, now=now)


class Turns:
    """Keeps whose turns there are, until they are erased."""

    def __init__(self) -> None:
        self.visitors: list[str] = []

    def record_turn(self, visitor: str, *_: Any, **__: Any) -> int:
        self.visitors.append(visitor)
        return len(self.visitors)

    def erase_visitor(self, visitor: str) -> int:
        self.visitors = [other for other in self.visitors if other != visitor]
        return 0


def test_a_reply_that_is_being_made_leaves_no_record_behind_a_deletion() -> None:
    assistant, history, visit = Slow(), Turns(), new_visit()
    talk = Talk(desk(assistant=lambda: assistant, history=history))
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(talk.ask, visit, "月付", "")
        assert assistant.asked.wait(10)
        erasing = pool.submit(talk.erase, visit)
        wait([erasing], 0.2)  # it would be done by now if it did not wait for the reply
        assistant.free.set()
        assert asking.result(10).turns and erasing.result(10).visitor != visit.visitor
    assert history.visitors == []


def test_a_deletion_waits_for_a_reply_whose_assistant_is_still_being_opened() -> None:
    history, visit = Turns(), new_visit()
    opening, opened = Event(), Event()

    def slowly() -> Echo:
        opening.set()
        assert opened.wait(10)
        return Echo()

    talk = Talk(desk(assistant=slowly, history=history))
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(talk.ask, visit, "月付", "")
        assert opening.wait(10)
        erasing = pool.submit(talk.erase, visit)
        waited = not wait([erasing], 0.2).done
        opened.set()
        assert asking.result(10).turns[0].id == 1 and erasing.result(10).visitor != visit.visitor
    assert waited and history.visitors == []


def test_a_reply_that_was_asked_for_before_a_deletion_and_comes_after_is_given_to_somebody_new() -> None:
    history, other = Turns(), new_visit()
    talk = Talk(desk(history=history))
    visit = talk.ask(new_visit(), "月付", "")
    talk.erase(visit)
    after = talk.ask(visit, "年付", "")
    assert history.visitors == [] and after.visitor != visit.visitor
    assert [(turn.text, turn.id) for turn in after.turns] == [("年付", 0)]
    talk.ask(after, "月付", "")
    talk.ask(other, "月付", "")
    assert history.visitors == [after.visitor, other.visitor]


def test_taking_back_after_a_deletion_leaves_no_record_either() -> None:
    history = Turns()
    talk = Talk(desk(history=history))
    visit = talk.ask(talk.ask(new_visit(), "月付", ""), "那呢", "")
    talk.erase(visit)
    after, typed = talk.undo(visit, "")
    assert history.visitors == [] and after.visitor != visit.visitor and typed == ""
    assert [(turn.question, turn.text) for turn in after.turns] == [("那呢", "按原话：那呢")]


def test_who_could_not_be_deleted_is_recorded_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    history, visit = Turns(), new_visit()
    talk = Talk(desk(history=history))

    def down(_: str) -> int:
        raise StoreError("down", user_message="坏")

    monkeypatch.setattr(history, "erase_visitor", down)
    with pytest.raises(StoreError):
        talk.erase(visit)
    assert talk.ask(visit, "月付", "").visitor == visit.visitor and history.visitors == [visit.visitor]


def test_only_the_latest_deletions_are_remembered() -> None:
    talk = Talk(desk(history=Kept()))
    for _ in range(6000):
        talk.erase(new_visit())
    assert sum(len(share.erased) for share in talk.shares) <= 4096
