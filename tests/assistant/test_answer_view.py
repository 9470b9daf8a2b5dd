import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer_view import likely_first, loosely_at, offered_after, view_of
from kb.records import Cause, FaqEntry, Formula, StructuredAnswer

CAUSES = (
    Cause("有逾期", "先还清", ("逾期", "欠着")),
    Cause("换了设备", "用常用手机", ("换手机",)),
    Cause("额度不够", "先还一部分", ("额度",)),
    Cause("风控", "等系统评估", ()),
    Cause("其他", "找客服", ()),
)


def _entry(causes: tuple[Cause, ...] = CAUSES, steps: tuple[str, ...] = (), formula: Formula | None = None) -> FaqEntry:
    return FaqEntry(
        "e",
        "额度为什么被降",
        StructuredAnswer("有几种原因。", causes=causes, steps=steps, formula=formula),
        kind="cause",
    )


def _texts(question: str) -> tuple[list[str], str]:
    causes, cue = likely_first(_entry(), question)
    return [cause.text for cause in causes][:2], cue


def test_a_named_cause_comes_first() -> None:
    assert _texts("我换手机以后降的") == (["换了设备", "有逾期"], "换手机")


def test_a_cue_may_be_stretched_a_little_and_traditional() -> None:
    assert _texts("我換了新手機")[1] == "换手机"


@given(st.text("甲乙丙", max_size=12), st.text("甲乙丙", min_size=1, max_size=5))
def test_a_cue_stands_where_a_pattern_of_all_its_stretches_finds_it(text: str, cue: str) -> None:
    gaps = [f"{cue[:i]}.{{1,2}}{cue[i:]}" for i in range(1, len(cue))] if len(cue) > 2 else []
    found = re.search("|".join((cue, *gaps)), text)

    assert loosely_at(text, cue) == (found.start() if found else -1)


@pytest.mark.parametrize("question", ["我没逾期", "不是逾期", "额度降了"])
def test_denied_cues_and_words_of_the_entry_itself_tell_nothing(question: str) -> None:
    assert _texts(question) == (["有逾期", "换了设备"], "")


def test_causes_come_three_at_a_time_and_none_is_left_alone() -> None:
    assert offered_after(_entry()) == 3
    assert offered_after(_entry(), 3) == 5
    assert offered_after(_entry(CAUSES[:4])) == 4
    assert offered_after(_entry((), ("一", "二", "三", "四", "五"))) == 5
    assert offered_after(_entry(()), 0) == 0


def test_skip_shows_the_others_in_the_same_order() -> None:
    first, second = (view_of(_entry(), (), "换手机了", skip=skip) for skip in (0, 3))
    assert {*first.causes, *second.causes} == set(CAUSES)
    assert (first.first, first.left, second.first, second.left) == (1, 2, 4, 0)
    assert view_of(_entry(), (), "", skip=5).causes == ()


def test_numbers_go_into_the_formula() -> None:
    entry = _entry((), formula=Formula("overdue_fee", {"daily_rate": 0.0005}))
    assert view_of(entry, (), "欠1000逾期30天").worked == ("1000 元 × 0.05% × 30 天 = 15 元",)
    assert view_of(entry, (), "怎么收").missing == ("没还的金额", "逾期天数")
    assert "100 万" in view_of(entry, (), "欠99999999元逾期30天").problem


def test_what_the_answer_says_already_is_not_said_twice() -> None:
    answer = StructuredAnswer(
        "约 15 元：1000 元 × 0.05% × 30 天。", formula=Formula("overdue_fee", {"daily_rate": 0.0005})
    )
    view = view_of(FaqEntry("e", "q", answer), (), "欠1000逾期30天")
    assert (view.worked, view.missing, view.problem) == ((), (), "")


def test_a_broken_formula_is_logged_and_the_answer_stays(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        view = view_of(_entry((), formula=Formula("overdue_fee")), (), "欠1000逾期30天")
    assert (view.worked, view.missing) == ((), ())
    assert "entry e" in caplog.text


@pytest.mark.parametrize(
    ("question", "restated"),
    [
        ("为什么我的钱包里没有入口", True),
        ("条件够了咋还没入口", True),
        ("条件够了，逐渐开放中", True),
        ("条件够了为什么还没入口，是不是不让开", False),
        ("条件够了就能开吗", False),
    ],
)
def test_a_yes_or_no_says_to_what(question: str, restated: bool) -> None:
    entry = FaqEntry("e", "条件都符合就一定能开吗", StructuredAnswer("不一定。"), kind="yes_no")

    assert view_of(entry, (), question).understood_as == (entry.question if restated else "")
    assert view_of(_entry(), (), question).understood_as == ""
    assert view_of(entry, (), question, understood_as="别的").understood_as == "别的"


@pytest.mark.parametrize(
    ("short", "question", "despite"),
    [
        ("可以，直播间购物也能用。", "直播间买衣服为什么不能用月付", True),
        ("一般可以。说的是买东西。", "直播间咋付不了", True),
        ("可以，直播间购物也能用。", "直播间能不能用月付", False),
        ("不能，打赏不算购物。", "打赏为什么不能用月付", False),
    ],
)
def test_who_asks_why_something_fails_is_not_left_with_that_it_works(short: str, question: str, despite: bool) -> None:
    entry = FaqEntry("e", "直播间可以用月付吗", StructuredAnswer(short), kind="yes_no")
    assert view_of(entry, (), question).despite is despite
