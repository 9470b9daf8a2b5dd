from __future__ import annotations

import pytest
from desk_fakes import desk, talk

from assistant.dialogue.state_codec import IDLE_SECONDS
from assistant.reply import Assistant
from kb.text import normalise, traditional


@pytest.fixture
def assistant() -> Assistant:
    return desk()


def test_no_use_gives_the_next_causes_then_the_next_entry_then_people(assistant: Assistant) -> None:
    state, answers = talk(assistant, "月付付不了", "试过了没用", "换成零钱了还是不行", "没用")
    assert [answer.decision for answer in answers] == ["answer", "answer", "answer", "handoff"]
    assert [answer.entries for answer in answers] == [("fails",), ("fails",), ("fails-too",), ()]
    assert "原因一" in answers[0].text and "原因四" not in answers[0].text
    assert "原因四" in answers[1].text and "原因五" in answers[1].text and "原因一" not in answers[1].text
    assert "月付付不了" in answers[3].text, "the summary says what was asked"
    assert "客服" in answers[3].text and "能试的办法就这些" in answers[3].text


def test_no_use_and_nothing_else_said_goes_to_people_once_all_is_offered(assistant: Assistant) -> None:
    _, answers = talk(assistant, "月付付不了", "没用", "没用")
    assert [answer.decision for answer in answers] == ["answer", "answer", "handoff"]


def test_no_use_before_any_answer_is_a_question_like_any(assistant: Assistant) -> None:
    _, (answer,) = talk(assistant, "试过了没用")
    assert answer.decision == "refuse"


@pytest.mark.parametrize("pick", ["2", "第二个", "关闭", "抖音月付怎么关闭", "最后一个"])
def test_an_option_is_taken_by_number_label_or_words(assistant: Assistant, pick: str) -> None:
    state, (_, answer) = talk(assistant, "月付", pick)
    assert (answer.decision, answer.entries) == ("answer", ("close",))
    assert (state.options, state.asked_back) == ((), False)


def test_an_option_that_does_not_exist_is_not_taken(assistant: Assistant) -> None:
    _, (_, answer) = talk(assistant, "月付", "9")
    assert answer.decision != "answer"


def test_options_are_forgotten_once_answered(assistant: Assistant) -> None:
    state, answers = talk(assistant, "月付", "2", "1")
    assert answers[1].entries == ("close",)
    assert answers[2].entries != ("open",)


def test_a_whole_question_after_asking_back_is_not_taken_for_an_option_like_it(assistant: Assistant) -> None:
    _, (_, answer) = talk(assistant, "月付", "抖音月付怎么付不了")  # six of eight characters of 抖音月付怎么开通
    assert (answer.decision, answer.entries) == ("answer", ("fails",))


def test_the_last_subject_is_said_as_people_say_it_when_the_product_is_swapped(assistant: Assistant) -> None:
    _, (_, answer) = talk(assistant, "月付几号还款", "放心借呢")
    assert answer.understood_as == "放心借几号还款"


def test_a_follow_up_says_how_it_was_understood_and_can_be_taken_back(assistant: Assistant) -> None:
    state, (_, answer) = talk(assistant, "月付怎么开通", "那怎么关闭")
    assert (answer.entries, answer.understood_as) == (("close",), "抖音月付 怎么关闭")
    assert "抖音月付怎么关闭" in answer.text
    assert state.undo == "那怎么关闭"
    after, (undone,) = talk(assistant, "不是这个意思", state=state)
    assert (undone.decision, undone.understood_as) == ("refuse", "")
    assert (after.undo, after.entry) == ("", "")


def test_nothing_is_taken_back_where_nothing_was_understood_beyond_the_words(assistant: Assistant) -> None:
    state, (answer, _) = talk(assistant, "月付怎么开通", "不是这个意思")
    assert (answer.entries, answer.understood_as) == (("open",), "")
    assert state.history[0] == ("月付怎么开通", "open")


@pytest.mark.parametrize("turns", [("换手机后月付", "付不了"), ("月付", "换手机后付不了"), ("换手机后付不了",)])
def test_no_cause_comes_twice_and_the_likely_one_first(assistant: Assistant, turns: tuple[str, ...]) -> None:
    _, answers = talk(assistant, *turns, "没用")
    shown = [[name for name in "一二三四五" if f"原因{name}" in answer.text] for answer in answers[-2:]]
    assert shown == [["一", "二", "五"], ["三", "四"]]


def test_what_was_asked_back_about_is_taken_back_too(assistant: Assistant) -> None:
    state, (_, answer) = talk(assistant, "月付怎么开通", "反过来")
    assert (answer.decision, answer.understood_as) == ("suggest", "抖音月付 开通 反过来")
    assert state.undo == "反过来"
    _, (undone,) = talk(assistant, "不是这个意思", state=state)
    assert (undone.decision, undone.understood_as) == ("suggest", "")  # faint words alone are no cry for help


@pytest.mark.parametrize(
    "said", ["我不是问这个，我问的是怎么关闭月付", "你理解错了，我要关闭月付", "不是这个意思，怎么关闭"]
)
def test_what_is_said_in_place_of_an_understanding_is_read(assistant: Assistant, said: str) -> None:
    _, answers = talk(assistant, "月付怎么开通", "反过来", said)
    assert answers[-1].entries == ("close",)


def test_of_several_questions_the_last_keeps_its_causes_in_order(assistant: Assistant) -> None:
    _, (first, rest) = talk(assistant, "换手机以后放心借几号还款？另外直播间里付不了到底是什么原因？", "没用")
    assert first.entries == ("loan-day", "fails")
    shown = [[name for name in "一二三四五" if f"原因{name}" in answer.text] for answer in (first, rest)]
    assert shown == [["一", "二", "三"], ["四", "五"]]


def test_what_is_taken_back_leaves_the_history(assistant: Assistant) -> None:
    _, answers = talk(assistant, "月付怎么开通", "那怎么关闭", "不是这个意思", "转人工")
    assert "我问过：月付怎么开通；" in answers[-1].text


def test_after_people_nothing_is_left_to_choose(assistant: Assistant) -> None:
    state, answers = talk(assistant, "月付", "哪个额度", "哪个额度")
    assert (answers[-1].decision, state.options) == ("handoff", ())


def test_options_are_in_the_script_of_the_question_and_so_is_what_a_number_picks(assistant: Assistant) -> None:
    state, (asked, picked) = talk(assistant, "額度", "1")
    assert [option.question for option in asked.options] == list(asked.followups)
    assert any(traditional(option.label) == option.label != normalise(option.label) for option in asked.options)
    assert picked.text == traditional(picked.text) != normalise(picked.text)


def test_a_role_is_corrected(assistant: Assistant) -> None:
    _, answers = talk(assistant, "怎么开通月付", "不对，我是商家")
    assert [answer.entries for answer in answers] == [("open",), ("shop",)]


def test_a_product_is_swapped(assistant: Assistant) -> None:
    _, answers = talk(assistant, "月付几号还款", "放心借呢", "那白条呢")
    assert [answer.entries for answer in answers] == [("day",), ("loan-day",), ()]
    assert answers[2].decision == "refuse"


def test_an_earlier_subject_is_returned_to(assistant: Assistant) -> None:
    _, answers = talk(assistant, "月付怎么开通", "放心借几号还", "说回刚才那个，怎么关闭")
    assert [answer.entries for answer in answers] == [("open",), ("loan-day",), ("close",)]


def test_what_may_well_be_meant_is_offered_instead_of_denied(assistant: Assistant) -> None:
    state, (near, picked) = talk(assistant, "月付有年费吗", "2")
    assert (near.decision, near.followups) == ("handoff", ("抖音月付怎么开通", "抖音月付怎么关闭"))
    assert "1. 抖音月付怎么开通\n2. 抖音月付怎么关闭" in near.text
    assert "客服" in near.text
    assert "资料里没有" not in near.text
    assert (picked.decision, picked.entries, state.options) == ("answer", ("close",), ())


def test_asking_back_in_vain_ends_with_people(assistant: Assistant) -> None:
    state, answers = talk(assistant, "月付", "哪个额度", "哪个额度", "哪个额度")
    assert [answer.decision for answer in answers] == ["clarify", "suggest", "handoff", "handoff"]
    assert "客服" in answers[2].text and "没答到点上" in answers[2].text


def test_an_answer_ends_the_misses(assistant: Assistant) -> None:
    state, _ = talk(assistant, "月付", "额度")
    assert state.misses == 1
    state, _ = talk(assistant, "月付怎么关闭", state=state)
    assert (state.misses, state.asked_back) == (0, False)


def test_pleasantries_keep_the_subject(assistant: Assistant) -> None:
    _, answers = talk(assistant, "月付怎么开通", "你好", "那怎么关闭")
    assert [answer.entries for answer in answers] == [("open",), (), ("close",)]


def test_an_idle_conversation_begins_afresh(assistant: Assistant) -> None:
    state, _ = assistant.reply(None, "放心借几号还", now=1000.0)
    assert assistant.reply(state, "那几号还呢", now=1000.0 + IDLE_SECONDS)[1].entries == ("loan-day",)
    assert assistant.reply(state, "那几号还呢", now=1001.0 + IDLE_SECONDS)[1].entries == ("day",)
    assert state.at == 1000.0


def test_two_conversations_never_see_each_other(assistant: Assistant) -> None:
    apart = [talk(desk(), *turns)[1] for turns in (("月付怎么开通", "那怎么关闭"), ("放心借几号还", "那怎么关闭"))]
    one, (first,) = talk(assistant, "月付怎么开通")
    other, (second,) = talk(assistant, "放心借几号还")
    _, (third,) = talk(assistant, "那怎么关闭", state=one)
    _, (fourth,) = talk(assistant, "那怎么关闭", state=other)
    assert [[first, third], [second, fourth]] == apart
    assert third.entries == ("close",)
    assert fourth.entries == ()


def test_the_same_turn_on_the_same_state_gives_the_same(assistant: Assistant) -> None:
    state, _ = talk(assistant, "月付怎么开通")
    assert assistant.reply(state, "那怎么关闭") == assistant.reply(state, "那怎么关闭")


def test_what_follows_a_question_about_another_product_is_about_that_question(assistant: Assistant) -> None:
    _, answers = talk(assistant, "月付怎么关闭", "白条几号还", "那月付呢")
    assert [answer.decision for answer in answers] == ["answer", "refuse", "answer"]
    assert answers[-1].entries == ("day",)


def test_a_cry_for_help_is_heard_in_whatever_answers_us(assistant: Assistant) -> None:
    for turns in (
        ("月付怎么开通", "还是不行，不想活了"),
        ("月付", "第一个，不想活了"),
        ("月付怎么开通", "那怎么关闭", "你理解错了，不想活了"),
    ):
        _, answers = talk(assistant, *turns)
        assert answers[-1].decision == "crisis", turns


@pytest.mark.parametrize("said", ["试过了没用，转人工", "没用，你真傻"])
def test_who_wants_a_human_is_not_told_the_next_cause(assistant: Assistant, said: str) -> None:
    _, (first, second) = talk(assistant, "月付为什么付不了", said)
    assert (first.decision, second.decision) == ("answer", "handoff")
    assert "原因" not in second.text
