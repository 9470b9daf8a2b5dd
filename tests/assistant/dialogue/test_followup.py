from __future__ import annotations

import pytest
from desk_fakes import LEXICON
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dialogue.cues import dialogue_cues
from assistant.dialogue.followup import (
    adds_nothing,
    chosen,
    corrected,
    instead_of,
    is_about_another,
    is_whole,
    returns,
    says_tried,
    says_undo,
)
from assistant.records import Option
from kb.query import Analyzer
from kb.text import normalise

ANALYZER = Analyzer(LEXICON)


OPTIONS = (
    Option("开通", "抖音月付怎么开通"),
    Option("关闭", "抖音月付怎么关闭"),
    Option("额度不足怎么办", "月付额度不足怎么办"),
)


@pytest.mark.parametrize(
    "text", ["试过了没用", "还是不行", "都试了一遍，没效果", "冇用呀", "照做了，还是付不了", "这招没用的"]
)
def test_no_use_is_heard(text: str) -> None:
    assert says_tried(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "月付怎么开通",
        "没用过月付要还吗",
        "没有用过就能关吗",
        "没用月付也逾期吗",
        "开着一直没用会不会上征信",
        "有没用完的抖币能注销抖音号吗",
        "不行吗",
        "蓝V有没有用",
        "有没有解决办法",
        "没用的机器人",
        "还是不行" + "我再说说经过" * 8,
    ],
)
def test_a_question_or_a_long_story_is_not_no_use(text: str) -> None:
    assert not says_tried(text)


def test_taking_back_what_was_understood_is_heard() -> None:
    assert says_undo("你理解错了")
    assert says_undo("我不是问这个呀")
    assert not says_undo("月付怎么开通")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("不是,我是商家", "我是商家"),
        ("不对, 我问的是关闭", "关闭"),
        ("说错了,是放心借", "放心借"),
        ("我说的是放心借", "放心借"),
        ("我意思是怎么关闭。", "怎么关闭"),
        ("月付怎么开通", ""),
        ("", ""),
        ("我昨天付款的时候它跳出来,是说不支持", ""),
        ("不对", ""),
        ("我打错了,是放心借", "放心借"),
        ("哦不对,商家的", "商家的"),
        ("应该是放心借", "放心借"),
        ("不对的话怎么办", ""),
        ("账单不对怎么办", ""),
        ("手机号打错了怎么改", ""),
        ("收货地址搞错了,能退款吗", ""),
        ("密码不对进不去", ""),
        ("还款日应该是几号", ""),
        ("错误提示是什么意思", ""),
        ("错过还款日怎么办", ""),
        ("错点了分期怎么撤", ""),
        ("我打错了账号怎么办", ""),
        ("弄错了的订单怎么退", ""),
        ("不对劲啊怎么办", ""),
        ("写错了,花呗", "花呗"),
        ("错了,是放心借", "放心借"),
    ],
)
def test_a_correction_gives_what_takes_the_place(text: str, rest: str) -> None:
    assert corrected(text) == rest


@pytest.mark.parametrize("again", ["刚", "刚才", "我", "哦,"])
def test_no_repetition_keeps_it_busy(again: str) -> None:
    assert corrected(again * 400 + "怎么还款") == ""  # this would not end if the pattern could match it in many ways


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("不是这个意思", ""),
        ("你理解错了吧", ""),
        ("不是这个意思,我问的是关闭", "我问的是关闭"),
        ("我要关闭月付,你理解错了", "我要关闭月付"),
    ],
)
def test_what_is_said_instead(text: str, instead: str) -> None:
    assert instead_of(text) == instead


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1", 0),
        ("２", 1),
        ("②", 1),
        ("3.", 2),
        ("第二个", 1),
        ("二", 1),
        ("开通", 0),
        ("「关闭」", 1),
        ("抖音月付怎么关闭？", 1),
        ("關閉", 1),
        ("额度不足咋办", 2),
        ("最后一个", 2),
    ],
)
def test_an_option_is_picked_by_number_by_label_or_by_like_words(text: str, place: int) -> None:
    assert chosen(normalise(text), OPTIONS) == OPTIONS[place]


@pytest.mark.parametrize("text", ["", "？", "4", "第四个", "0", "99999999999", "今天天气真好", "😀"])
def test_nothing_is_picked_by_anything_else(text: str) -> None:
    assert chosen(normalise(text), OPTIONS) is None


def test_a_question_of_its_own_is_an_option_only_in_its_very_words() -> None:
    alike = normalise("抖音月付怎么还款")
    assert chosen(alike, OPTIONS) == OPTIONS[0]
    assert chosen(alike, OPTIONS, whole=True) is None
    assert chosen(normalise("抖音月付怎么关闭？"), OPTIONS, whole=True) == OPTIONS[1]


def test_without_options_nothing_is_picked() -> None:
    assert chosen("1", ()) is None
    assert chosen("最后一个", ()) is None


def test_a_number_that_is_also_a_label_is_the_number() -> None:
    options = (Option("2", "甲"), Option("1", "乙"))
    assert chosen("1", options) == options[0]


@pytest.mark.parametrize("text", ["那关闭呢", "放心借呢", "为什么", "月付呢", ""])
def test_a_short_turn_without_both_product_and_action_is_a_part(text: str) -> None:
    assert not is_whole(ANALYZER.analyse(text))


@pytest.mark.parametrize("text", ["月付怎么关闭", "我昨天在超市里买东西的时候手机上跳出来一行字说这样不可以"])
def test_a_question_and_a_story_are_whole(text: str) -> None:
    assert is_whole(ANALYZER.analyse(text))


def test_going_back_is_heard() -> None:
    assert returns("说回刚才那个")
    assert not returns("那关闭呢")


@pytest.mark.parametrize(
    ("text", "silent"), [("试过了，没用", True), ("还是不行啊", True), ("试过了，换成零钱也失败", False)]
)
def test_no_use_that_says_more_is_worth_searching(text: str, silent: bool) -> None:
    assert adds_nothing(ANALYZER.analyse(text)) is silent


def test_the_word_lists_are_ones_that_normalised_text_can_hold() -> None:
    cues = dialogue_cues()
    words = (
        *cues.tried,
        *cues.undo,
        *cues.correction,
        *cues.returning,
        *cues.not_tried,
        *cues.fillers,
    )
    assert [word for word in words if normalise(word) != word.strip()] == []
    assert "" not in words


def test_no_ordinal_names_two_options() -> None:
    words = [word for group in dialogue_cues().ordinals.values() for word in group]
    assert len(words) == len(set(words))


@settings(max_examples=150)
@given(st.text(max_size=40))
def test_any_text_is_whole_or_a_part(turn: str) -> None:
    query = ANALYZER.analyse(turn)
    assert is_whole(query) in (True, False)
    assert chosen(normalise(turn), OPTIONS) in (None, *OPTIONS)
    assert isinstance(corrected(query.text), str)
    assert isinstance(adds_nothing(query), bool)


def test_words_that_one_option_alone_has_pick_it() -> None:
    options = (Option("怎么关闭月付", "怎么关闭月付"), Option("怎么注销抖音号", "怎么注销抖音号"))
    assert chosen("注销", options) == options[1]
    assert chosen("我说的是注销的那个", options) == options[1]
    assert chosen("我要第二个", options) == options[1]
    assert chosen("第二个吧", options) == options[1]
    assert chosen("怎么", options) is None
    assert chosen("销", options) is None
    assert chosen("注销", options, whole=True) is None


@pytest.mark.parametrize("text", ["企业呢", "楼下超市呢?", "美团那个呢。"])
def test_a_name_and_呢_asks_the_same_of_something_else(text: str) -> None:
    assert is_about_another(text)


@pytest.mark.parametrize("text", ["企业", "你算什么东西,凭什么这样对我呢", "呢子大衣", ""])
def test_other_turns_do_not(text: str) -> None:
    assert not is_about_another(text)
