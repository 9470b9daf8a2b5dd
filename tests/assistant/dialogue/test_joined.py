from __future__ import annotations

import pytest
from desk_fakes import LEXICON
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dialogue.joined import names_only, readings, without_openers
from kb.lexicon import Lexicon
from kb.query import Analyzer, Mentions

ANALYZER = Analyzer(LEXICON)


def named(question: str, analyzer: Analyzer = ANALYZER) -> Mentions:
    query = analyzer.analyse(question)
    return Mentions(query.text, query.slots)


PRODUCTS = Lexicon(
    slots={
        "product": {
            "抖音月付": ("月付",),
            "美团月付": ("美团月付",),
            "美团": ("美团",),
            "极速付": ("极速付",),
            "拼多多": ("拼多多",),
        },
        "action": {"关闭": ("关",), "还款": ("还",), "审核": ("审核",)},
        "role": {"商家": ("商家",), "用户": ("买家",)},
    }
)


@pytest.mark.parametrize(
    ("turn", "question", "place", "expected"),
    [
        ("那怎么关闭", "月付怎么开通", 0, "抖音月付 怎么关闭"),  # an action: the product is inherited
        ("放心借呢", "月付几号还款", -1, "放心借几号还款"),  # a product: it is put in the place of the other
        ("那放心借的呢", "月付几号还款", -1, "放心借几号还款"),
        ("白条", "几号还款", -1, "白条 几号还款"),  # nothing to put it in the place of
        ("入口在哪", "月付怎么开通", 0, "抖音月付 开通 入口在哪"),  # neither: both are inherited
        ("它在哪里", "月付怎么开通", 0, "抖音月付 开通 在哪里"),
        ("哦，放心借几号还", "月付怎么开通", -1, "放心借几号还"),  # whole
        ("为什么", "今天天气", 0, "为什么"),  # nothing to inherit
    ],
)
def test_the_likeliest_reading_of_a_turn(turn: str, question: str, place: int, expected: str) -> None:
    found = readings(ANALYZER.analyse(turn), named(question), question)
    assert found[place] == expected


def test_the_longest_name_in_the_question_is_the_one_replaced() -> None:
    before = named("抖音月付几号还")
    assert readings(ANALYZER.analyse("放心借呢"), before, "抖音月付几号还")[-1] == "放心借几号还"


def test_of_names_as_long_as_each_other_the_last_is_replaced() -> None:
    names = ("京东", "白条", "借呗", "金条", "分付")
    analyzer = Analyzer(Lexicon(slots={"product": {name: (name,) for name in (*names, "花呗")}}))
    question = "".join(names) + "几号还"
    assert readings(analyzer.analyse("花呗呢"), named(question, analyzer), question)[-1] == "京东白条借呗金条花呗几号还"


@pytest.mark.parametrize(
    ("turn", "question", "place", "expected"),
    [
        ("它也要还钱的吗", "极速付是什么", 0, "极速付 也要还钱的吗"),
        ("这个能用月付买吗", "极速付是什么", -1, "极速付能用月付买吗"),  # the subject in the place of its pronoun
        ("拼多多的那个怎么关", "极速付是什么", -1, "拼多多的极速付怎么关"),
        ("和月付一样吗", "极速付是什么", -1, "极速付和月付一样吗"),  # what is compared keeps its subject
        ("抖音的呢", "美团月付怎么关", -1, "抖音月付怎么关"),  # a maker's product of the same kind
        ("京东的呢", "美团月付怎么关", 0, "美团月付 关闭 京东的呢"),  # it has none
        ("这个月还", "极速付是什么", 0, "极速付 这个月还"),  # no pronoun
        ("月付和其它的一样吗", "极速付是什么", -1, "月付和其它的一样吗是什么"),
        ("比如月付呢", "极速付是什么", -1, "比如月付是什么"),  # compares nothing
        ("美团的呢", "月付怎么关", -1, "美团月付怎么关"),  # a maker that is a product as well
        ("这个月付怎么关", "极速付是什么", -1, "这个月付怎么关"),  # the pronoun belongs to the product
        ("和月付一样吗", "月付怎么关", -1, "和月付一样吗怎么关"),  # nothing else to compare it with
    ],
)
def test_what_a_turn_points_at(turn: str, question: str, place: int, expected: str) -> None:
    analyzer = Analyzer(PRODUCTS)
    before = named(question, analyzer)
    found = readings(analyzer.analyse(turn), before, question, (), analyzer.values("product"))
    assert found[place] == expected


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
        ("还有额度为什么付不了", "还有额度为什么付不了"),
        ("另外一张卡怎么绑", "另外一张卡怎么绑"),
        ("另外,怎么关", "怎么关"),
        ("那几天逾期算吗", "那几天逾期算吗"),
        ("那时候没还", "那时候没还"),
        ("那麼怎麼關閉月付", "怎麼關閉月付"),
        ("那個功能怎麼關閉", "那個功能怎麼關閉"),
        ("那裡可以查", "那裡可以查"),
        ("OK,那怎么关", "怎么关"),
        ("嗯", "嗯"),
        ("那呢", "那呢"),
    ],
)
def test_what_only_joins_a_turn_to_the_one_before_is_dropped(text: str, rest: str) -> None:
    assert without_openers(text) == rest


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("那放心借呢", True),
        ("那放心借呢。", True),
        ("白条的呢", True),
        ("放心借几号还", False),
        ("那逾期呢", False),
        ("放心借利息多少呢", False),
    ],
)
def test_a_turn_may_name_a_product_and_say_nothing_of_it(text: str, bare: bool) -> None:
    assert names_only(Analyzer(LEXICON).analyse(text)) is bare


@settings(max_examples=150)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_joined_in_some_way(turn: str, before: str) -> None:
    assert all(isinstance(text, str) for text in readings(ANALYZER.analyse(turn), named(before), before))
