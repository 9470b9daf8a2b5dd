import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.understand import MAX_PARTS, asking_sentence, asks, split_questions


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("抖音月付怎么开通？逾期了会上征信吗？", ("抖音月付怎么开通？", "逾期了会上征信吗？")),
        ("怎么关闭月付，另外额度怎么提高", ("怎么关闭月付", "额度怎么提高")),
        ("怎麼開通月付？另外會不會上徵信？", ("怎麼開通月付？", "會不會上徵信？")),
        ("月付怎么还款，还有逾期费怎么算", ("月付怎么还款", "逾期费怎么算")),
        ("我逾期了。会上征信吗？顺便问一下还款日能改吗", ("我逾期了。会上征信吗？", "还款日能改吗")),
    ],
)
def test_several_questions_are_separated(text: str, parts: tuple[str, ...]) -> None:
    assert split_questions(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "抖音月付怎么还款",
        "为什么？怎么办？",
        "能不能开通？到底能不能开通啊？",
        "我想关闭月付，还有欠款能关吗",
        "费用以及额度怎么算",
        "逾期被停了，还有没有救",
        "你好，我昨天买了个东西。月付付不了是怎么回事？",
        "凭什么别人有临时额度我没有？月付这个要怎么弄到！",
        "",
        "？？？",
    ],
)
def test_mostly_a_message_is_one_question(text: str) -> None:
    assert split_questions(text) == (text,)


def test_more_than_three_questions_stay_together_in_the_third() -> None:
    parts = split_questions("月付额度怎么提？还款日能改吗？以及抖店怎么开？还有拼多多怎么退款？")
    assert len(parts) == MAX_PARTS
    assert "抖店" in parts[-1] and "拼多多" in parts[-1]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="月付怎么还款额度吗？。，另外还有顺便问提高", max_size=60))
def test_any_string_can_be_split(text: str) -> None:
    parts = split_questions(text)
    assert 1 <= len(parts) <= MAX_PARTS
    assert all(part in text for part in parts)
    assert asking_sentence(text) in text


def test_the_asking_sentence_of_a_story() -> None:
    story = (
        "上个月刚办了小吃店的个体执照，想顺带在抖音开个店卖酱料包，除了执照还要哪些证件和卡，我好提前准备一下免得白跑"
    )
    assert asking_sentence(story) == "除了执照还要哪些证件和卡"


def test_an_asking_sentence_that_leans_takes_its_support_along() -> None:
    story = "我昨天在直播间买了一双鞋子花了三百多块钱今天又看上一件衣服，收到短信说月付扣款成功，这样正常吗"
    assert asking_sentence(story) == "收到短信说月付扣款成功，这样正常吗"


def test_short_texts_and_plain_statements_stay() -> None:
    assert asking_sentence("月付怎么还") == "月付怎么还"
    statement = "我每天都按时还款从来没有逾期过今天也已经把账单全部还清了就是这样一个情况没有别的话要说了谢谢你们的帮忙"
    assert asking_sentence(statement) == statement


def test_asks() -> None:
    assert asks("咋整") and asks("能開通嗎") and asks("a?")
    assert not asks("我还了钱")
