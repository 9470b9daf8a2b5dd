from __future__ import annotations

from typing import get_args

import pytest
from desk_fakes import desk, talk

from assistant.records import Decision
from assistant.reply import Assistant

DECISIONS = frozenset(get_args(Decision))


@pytest.fixture
def assistant() -> Assistant:
    return desk()


def test_an_answer_names_its_entry_facts_and_source(assistant: Assistant) -> None:
    state, (answer,) = talk(assistant, "月付怎么开通")
    assert (answer.decision, answer.entries, answer.facts) == ("answer", ("open",), ("F1",))
    assert "在钱包里开通。" in answer.text
    assert [citation.entry for citation in answer.citations] == ["open"]
    assert [candidate.entry for candidate in answer.candidates] == ["open", "open-again"]
    assert (answer.confidence, answer.understood_as, answer.options) == (0.9, "", ())
    assert (state.entry, state.offered, state.history) == ("open", 2, (("月付怎么开通", "open"),))


def test_a_section_answers_too(assistant: Assistant) -> None:
    _, (answer, again) = talk(assistant, "开通有什么条件", "试过了没用")
    assert (answer.decision, answer.entries, answer.facts) == ("answer", ("art#1",), ("F8",))
    assert "满十八岁才能开通。" in answer.text
    assert answer.citations[0].quote in "满十八岁才能开通。"
    assert (again.decision, again.entries) == ("handoff", ())  # a section has nothing more to try


def test_the_reply_is_in_the_script_of_the_question(assistant: Assistant) -> None:
    _, (answer,) = talk(assistant, "月付怎麼開通")
    assert "在錢包裡開通。" in answer.text
    _, (asked,) = talk(assistant, "額度")
    assert all(item == item.replace("额", "額") for item in asked.followups)


def test_near_questions_are_suggested_where_none_is_likely(assistant: Assistant) -> None:
    state, (answer,) = talk(assistant, "额度")
    assert (answer.decision, answer.entries) == ("suggest", ())
    assert answer.followups == tuple(option.question for option in answer.options)
    assert (state.options, state.asked_back) == (answer.options, True)
    assert all(option.question in answer.text for option in answer.options)


def test_a_vague_question_is_asked_back_with_numbered_readings(assistant: Assistant) -> None:
    _, (answer,) = talk(assistant, "月付")
    assert answer.decision == "clarify"
    assert [option.question for option in answer.options] == ["抖音月付怎么开通", "抖音月付怎么关闭"]
    assert "1. 抖音月付怎么开通\n2. 抖音月付怎么关闭" in answer.text


@pytest.mark.parametrize(
    ("text", "decision", "said"),
    [
        ("今天股市如何", "refuse", "没有查到"),
        ("白条怎么还", "refuse", "另一个产品"),
        ("帮我套现", "refuse", ""),
        ("转人工", "handoff", "客服"),
        ("你这傻子", "handoff", "客服"),
        ("查一下我的账单", "privacy", ""),
        ("你好", "smalltalk", ""),
        ("不想活了", "crisis", "12356"),
    ],
)
def test_what_is_not_ours_is_not_answered_as_knowledge(
    assistant: Assistant, text: str, decision: str, said: str
) -> None:
    state, (answer,) = talk(assistant, text)
    assert (answer.decision, answer.entries, answer.facts, answer.citations) == (decision, (), (), ())
    assert said in answer.text
    assert state.entry == ""


def test_related_questions_follow_a_refusal_but_not_a_cry_for_help(assistant: Assistant) -> None:
    assert talk(assistant, "白条怎么还")[1][0].followups == ("抖音月付几号还款", "抖音月付怎么开通")
    assert talk(assistant, "不想活了")[1][0].followups == ()
    assert talk(assistant, "帮我套现")[1][0].followups == ()


def test_each_of_several_questions_gets_its_answer(assistant: Assistant) -> None:
    state, (answer,) = talk(assistant, "抖音月付怎么开通？另外放心借几号还款？")
    assert (answer.decision, answer.entries, answer.facts) == ("answer", ("open", "loan-day"), ("F1", "F5"))
    assert answer.text.index("在钱包里开通。") < answer.text.index("以借据为准。")
    assert (state.entry, state.question) == ("loan-day", "放心借几号还款？")


def test_of_several_questions_one_may_have_no_answer(assistant: Assistant) -> None:
    state, (answer,) = talk(assistant, "抖音月付怎么开通？另外京东白条到底怎么还？")
    assert (answer.decision, answer.entries, answer.facts) == ("answer", ("open",), ("F1",))
    assert (
        answer.text.index("在钱包里开通。") < answer.text.index("京东白条到底怎么还") < answer.text.index("另一个产品")
    )
    assert state.entry == "open"


def test_several_questions_of_which_one_is_not_known_are_one_question(assistant: Assistant) -> None:
    _, (answer,) = talk(assistant, "抖音月付怎么开通？另外股市今天怎么样？")
    assert answer.entries == ("open",)


def test_who_tried_what_was_offered_and_says_more_is_answered_on_that(assistant: Assistant) -> None:
    _, (_, answer) = talk(assistant, "月付怎么开通", "试了没用，月付怎么关闭")
    assert (answer.decision, answer.entries) == ("answer", ("close",))


def test_who_goes_on_trying_comes_to_people_in_the_end(assistant: Assistant) -> None:
    turns = ("试了没用，月付怎么关闭", "试了没用，月付怎么开通", "试了没用，月付几号还", "试了没用，放心借几号还")
    _, answers = talk(assistant, "月付付不了", *turns)
    assert "handoff" in [answer.decision for answer in answers]


def test_a_faint_cry_in_one_of_several_questions_is_not_answered_over(assistant: Assistant) -> None:
    _, (answer,) = talk(assistant, "月付怎么关闭？我催了怎么办？")
    assert answer.decision == "crisis"
