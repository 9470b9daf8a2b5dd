from __future__ import annotations

import pytest
from desk_fakes import LEXICON
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.followup import (
    adds_nothing,
    chosen,
    corrected,
    dialogue_cues,
    leans,
    points,
    readings,
    returns,
    says_tried,
    says_undo,
    without_openers,
)
from assistant.records import Option
from kb.lexicon import Lexicon
from kb.query import Analyzer, Mentions
from kb.text import normalise

ANALYZER = Analyzer(LEXICON)
OPTIONS = (
    Option("开通", "抖音月付怎么开通"),
    Option("关闭", "抖音月付怎么关闭"),
    Option("额度不足怎么办", "月付额度不足怎么办"),
)


def named(question: str, analyzer: Analyzer = ANALYZER) -> Mentions:
    query = analyzer.analyse(question)
    return Mentions(query.text, query.slots)


@pytest.mark.parametrize("text", ["试过了没用", "还是不行", "都试了一遍，没效果", "冇用呀", "照做了，还是付不了"])
def test_no_use_is_heard(text: str) -> None:
    assert says_tried(text)


@pytest.mark.parametrize("text", ["", "月付怎么开通", "不行吗", "还是不行" + "我再说说经过" * 8])
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
    ],
)
def test_a_correction_gives_what_takes_the_place(text: str, rest: str) -> None:
    assert corrected(text) == rest


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
def test_a_short_turn_without_both_product_and_action_leans(text: str) -> None:
    assert leans(ANALYZER.analyse(text))


@pytest.mark.parametrize("text", ["月付怎么关闭", "我昨天在超市里买东西的时候手机上跳出来一行字说这样不可以"])
def test_a_whole_question_and_a_story_stand_alone(text: str) -> None:
    assert not leans(ANALYZER.analyse(text))


def test_going_back_is_heard() -> None:
    assert returns("说回刚才那个")
    assert not returns("那关闭呢")


@pytest.mark.parametrize(
    ("text", "silent"), [("试过了，没用", True), ("还是不行啊", True), ("试过了，换成零钱也失败", False)]
)
def test_no_use_that_says_more_is_worth_searching(text: str, silent: bool) -> None:
    assert adds_nothing(ANALYZER.analyse(text)) is silent


@pytest.mark.parametrize(
    ("turn", "question", "expected"),
    [
        ("那怎么关闭", "月付怎么开通", "抖音月付 怎么关闭"),  # an action: the product is inherited
        ("放心借呢", "月付几号还款", "放心借几号还款"),  # a product: it is put in the place of the other
        ("那放心借的呢", "月付几号还款", "放心借几号还款"),
        ("白条", "几号还款", "白条 几号还款"),  # nothing to put it in the place of
        ("入口在哪", "月付怎么开通", "抖音月付 开通 入口在哪"),  # neither: both are inherited
        ("它在哪里", "月付怎么开通", "抖音月付 开通 在哪里"),
        ("哦，放心借几号还", "月付怎么开通", "放心借几号还"),  # whole
        ("为什么", "今天天气", "为什么"),  # nothing to inherit
    ],
)
def test_the_likeliest_reading_of_a_turn(turn: str, question: str, expected: str) -> None:
    found = readings(ANALYZER.analyse(turn), named(question), question)
    assert found[0] == expected


def test_the_longest_name_in_the_question_is_the_one_replaced() -> None:
    before = named("抖音月付几号还")
    assert readings(ANALYZER.analyse("放心借呢"), before, "抖音月付几号还")[0] == "放心借几号还"


def test_of_names_as_long_as_each_other_the_last_is_replaced() -> None:
    names = ("京东", "白条", "借呗", "金条", "分付")
    analyzer = Analyzer(Lexicon(slots={"product": {name: (name,) for name in (*names, "花呗")}}))
    question = "".join(names) + "几号还"
    assert readings(analyzer.analyse("花呗呢"), named(question, analyzer), question)[0] == "京东白条借呗金条花呗几号还"


PRODUCTS = Lexicon(
    slots={
        "product": {"抖音月付": ("月付",), "美团月付": ("美团月付",), "极速付": ("极速付",), "拼多多": ("拼多多",)},
        "action": {"关闭": ("关",), "还款": ("还",), "审核": ("审核",)},
        "role": {"商家": ("商家",), "用户": ("买家",)},
    }
)


@pytest.mark.parametrize(
    ("turn", "question", "expected"),
    [
        ("它也要还钱的吗", "极速付是什么", "极速付 也要还钱的吗"),
        ("这个能用月付买吗", "极速付是什么", "极速付能用月付买吗"),  # the subject in the place of its pronoun
        ("拼多多的那个怎么关", "极速付是什么", "拼多多的极速付怎么关"),
        ("和月付一样吗", "极速付是什么", "极速付和月付一样吗"),  # what is compared keeps its subject
        ("抖音的呢", "美团月付怎么关", "抖音月付怎么关"),  # a maker's product of the same kind
        ("京东的呢", "美团月付怎么关", "美团月付 关闭 京东的呢"),  # it has none
        ("这个月还", "极速付是什么", "极速付 这个月还"),  # no pronoun
    ],
)
def test_what_a_turn_points_at(turn: str, question: str, expected: str) -> None:
    analyzer = Analyzer(PRODUCTS)
    before = named(question, analyzer)
    assert readings(analyzer.analyse(turn), before, question, (), analyzer.values("product"))[0] == expected


def test_who_asked_as_a_merchant_goes_on_as_one() -> None:
    analyzer, question = Analyzer(PRODUCTS), "商家能用月付吗"
    before = named(question, analyzer)
    assert "商家 抖音月付 审核多久" in readings(analyzer.analyse("审核多久"), before, question)
    assert not any("商家 抖音" in text for text in readings(analyzer.analyse("买家审核多久"), before, question))


def test_of_several_products_the_one_that_the_conversation_was_about_is_meant() -> None:
    analyzer, question = Analyzer(PRODUCTS), "极速付跟美团月付一样吗"
    before, earlier, standard = (named(text, analyzer) for text in (question, "美团月付怎么关", "极速付是什么"))
    for contexts, subject in (((), "极速付"), ((earlier,), "美团月付"), ((standard, earlier), "极速付")):
        assert readings(analyzer.analyse("要审核吗"), before, question, contexts)[0] == f"{subject} 要审核吗"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("那月付怎么还", "月付怎么还"),
        ("嗯嗯那怎么关", "怎么关"),
        ("哦哦,那默认先扣哪个", "默认先扣哪个"),
        ("好 谢了", "谢了"),
        ("还有,逾期呢", "逾期呢"),
        ("好的谢谢", "谢谢"),
        ("那个怎么关", "那个怎么关"),
        ("那天没还上", "那天没还上"),
        ("那么多钱怎么还", "那么多钱怎么还"),
        ("行不行", "行不行"),
        ("好几天了", "好几天了"),
        ("还有多久", "还有多久"),
        ("嗯", "嗯"),
        ("那呢", "那呢"),
    ],
)
def test_what_only_joins_a_turn_to_the_one_before_is_dropped(text: str, rest: str) -> None:
    assert without_openers(text) == rest


def test_a_turn_that_points_leans_however_much_it_names() -> None:
    analyzer = Analyzer(PRODUCTS)
    assert leans(analyzer.analyse("拼多多的那个怎么关"))
    assert not leans(analyzer.analyse("拼多多怎么关"))
    assert points(analyzer.analyse("那它要还吗"))
    assert not points(analyzer.analyse("这个月要还吗"))


def test_the_word_lists_are_ones_that_normalised_text_can_hold() -> None:
    cues = dialogue_cues()
    words = (
        *cues.tried,
        *cues.undo,
        *cues.correction,
        *cues.returning,
        *cues.pronouns,
        *cues.comparing,
        *cues.fillers,
    )
    assert [word for word in words if normalise(word) != word.strip()] == []
    assert "" not in words


def test_no_ordinal_names_two_options() -> None:
    words = [word for group in dialogue_cues().ordinals.values() for word in group]
    assert len(words) == len(set(words))


@settings(max_examples=150)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_leans_in_some_way(turn: str, before: str) -> None:
    query, last = ANALYZER.analyse(turn), named(before)
    assert all(isinstance(text, str) for text in readings(query, last, before))
    assert chosen(normalise(turn), OPTIONS) in (None, *OPTIONS)
    assert isinstance(corrected(query.text), str)
    assert isinstance(adds_nothing(query), bool)


def test_words_that_one_option_alone_has_pick_it() -> None:
    options = (Option("怎么关闭月付", "怎么关闭月付"), Option("怎么注销抖音号", "怎么注销抖音号"))
    assert chosen("注销", options) == options[1]
    assert chosen("我说的是注销的那个", options) == options[1]
    assert chosen("怎么", options) is None
    assert chosen("销", options) is None
    assert chosen("注销", options, whole=True) is None
