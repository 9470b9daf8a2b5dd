from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from desk_fakes import ENTRIES, desk, talk
from fakes import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.records import Answer, Decision, Option, State
from assistant.reply import Assistant
from assistant.state_codec import IDLE_SECONDS, LONGEST, decode_state, encode_state
from kb.query import Analyzer
from kb.search import Searcher
from kb.snapshot import load_knowledge
from kb.store import Version

DECISIONS = frozenset(get_args(Decision))
BAD_INPUTS = {
    "empty": "",
    "blank": " \t\n\u3000",
    "10,000 characters": "月付怎么开通" * 1667,
    "10,000 of one": "啊" * 10_000,
    "emoji": "😀👍🏻👨‍👩‍👧",
    "control": "\x00\x07\x1b[31m\u200b\ufeff",
    "right to left": "\u202eמה זה月付\u202c العربية",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "sql": "'; DROP TABLE turns; -- 1=1",
    "template": "{{ 7*7 }}{% for x in y %}",
    "lone surrogate": "\ud83d月付",
    "punctuation": "？？？！！！。。。",
    "digits": "9" * 500,
    "markdown": "[点我](javascript:alert(1)) `#` **x**",
    "path": "../../etc/passwd\\..\\",
    "combining": "e" + "\u0301" * 300,
}


@pytest.fixture
def assistant() -> Assistant:
    return desk()


@pytest.fixture(scope="module")
def real_index(tiny_version: Version) -> Assistant:
    """The whole pipeline over the tiny corpus, with the fake encoder."""
    knowledge = load_knowledge(tiny_version.folder)
    return Assistant(knowledge, Searcher.open(tiny_version, Analyzer(knowledge.lexicon), FakeEmbedder()))


# --- one turn --------------------------------------------------------------------------------------------------------


def test_an_answer_names_its_entry_facts_and_source(assistant: Assistant) -> None:
    state, (answer,) = talk(assistant, "月付怎么开通")
    assert (answer.decision, answer.entries, answer.facts) == ("answer", ("open",), ("F1",))
    assert "在钱包里开通。" in answer.text
    assert [citation.entry for citation in answer.citations] == ["open"]
    assert [candidate.entry for candidate in answer.candidates] == ["open", "open-again"]
    assert (answer.confidence, answer.understood_as, answer.options) == (0.9, "", ())
    assert (state.entry, state.offered, state.history) == ("open", 2, (("月付怎么开通", "open"),))


def test_a_section_answers_too(assistant: Assistant) -> None:
    state, (answer, again) = talk(assistant, "开通有什么条件", "试过了没用")
    assert (answer.decision, answer.entries, answer.facts) == ("answer", ("art#1",), ("F8",))
    assert "满十八岁才能开通。" in answer.text
    assert answer.citations[0].quote in "满十八岁才能开通。"
    assert again.decision in DECISIONS


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


# --- many turns ------------------------------------------------------------------------------------------------------


def test_no_use_gives_the_next_causes_then_the_next_entry_then_people(assistant: Assistant) -> None:
    state, answers = talk(assistant, "月付付不了", "试过了没用", "换成零钱了还是不行", "没用")
    assert [answer.decision for answer in answers] == ["answer", "answer", "answer", "handoff"]
    assert [answer.entries for answer in answers] == [("fails",), ("fails",), ("fails-too",), ()]
    assert "原因一" in answers[0].text and "原因四" not in answers[0].text
    assert "原因四" in answers[1].text and "原因五" in answers[1].text and "原因一" not in answers[1].text
    assert "月付付不了" in answers[3].text, "the summary says what was asked"
    assert "客服" in answers[3].text


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
    _, (_, answer) = talk(assistant, "月付", "4")
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
    assert answer.entries == ("open",)


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
    assert "客服" in answers[2].text


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
    assert fourth.entries == ("loan-day",)


def test_the_same_turn_on_the_same_state_gives_the_same(assistant: Assistant) -> None:
    state, _ = talk(assistant, "月付怎么开通")
    assert assistant.reply(state, "那怎么关闭") == assistant.reply(state, "那怎么关闭")


# --- what is remembered ----------------------------------------------------------------------------------------------


def test_the_state_stays_small_however_long_people_talk(assistant: Assistant) -> None:
    state: State | None = None
    for turn in ("月付怎么开通", "那怎么关闭", "月付付不了", "入口在哪里啊", "几号还") * 20:
        state, _ = assistant.reply(state, turn)
    assert state is not None
    assert len(state.history) <= 6
    assert len(encode_state(state)) < 4000


def test_very_long_messages_do_not_cost_the_conversation(assistant: Assistant) -> None:
    state: State | None = None
    for number in range(8):
        state, answer = assistant.reply(state, f"{number}月付怎么开通" + "，我已经找了很久很久了" * 400)
        assert answer.decision == "answer"
    state, _ = assistant.reply(state, "那怎么关闭")
    assert len(encode_state(state)) < LONGEST
    assert decode_state(encode_state(state), now=0.0) == state


@pytest.mark.parametrize("offered", [-(10**9), -1, 0, 2, 4, 10**9])
@pytest.mark.parametrize("entry", ["fails", "open", "close", "art#1", "gone", ""])
@pytest.mark.parametrize("turn", ["没用", "试过了没用，换了零钱", "那怎么关闭", "不是这个意思", "1", "说回刚才那个"])
def test_a_tampered_state_harms_nothing(assistant: Assistant, offered: int, entry: str, turn: str) -> None:
    state = State(
        entry=entry,
        question="月付付不了",
        offered=offered,
        options=(Option("", ""), Option("甲", "没有这个问题")),
        misses=-5,
        role="<b>",
        undo="<script>",
        history=(("", "gone"), ("什么", "")),
    )
    after, answer = assistant.reply(state, turn)
    assert answer.decision in DECISIONS
    assert set(answer.entries) <= {one.id for one in ENTRIES} | {"art#1"}
    assert answer.text.strip()
    assert decode_state(encode_state(after), now=0.0) == after


@pytest.mark.parametrize("offered", [-(10**9), -3, -1])
def test_fewer_than_none_offered_is_none_offered(assistant: Assistant, offered: int) -> None:
    state, _ = talk(assistant, "月付付不了")
    _, fresh = assistant.reply(replace(state, offered=0), "没用")
    after, answer = assistant.reply(replace(state, offered=offered), "没用")
    assert answer.text == fresh.text
    assert after.offered == 3


@pytest.mark.parametrize("turn", ["没用", "那怎么关闭", "额度", "1", "不是这个意思", "转人工"])
def test_half_characters_in_a_tampered_state_do_not_reach_the_reply(assistant: Assistant, turn: str) -> None:
    half = "\ud83d月付"
    option = Option(half, half)
    state = State("fails", half, 5, (option,), 1, True, half, half, ((half, "fails"),) * 2)
    _, answer = assistant.reply(state, turn)
    json.dumps(answer.to_json(), ensure_ascii=False).encode()


def test_a_state_that_names_what_was_deleted_since_is_a_conversation_without_a_subject(assistant: Assistant) -> None:
    state = State(entry="deleted", question="月付怎么开通", offered=1, history=(("月付怎么开通", "deleted"),))
    assert assistant.reply(state, "没用")[1].decision in DECISIONS
    assert assistant.reply(state, "那怎么关闭")[1].entries == ("close",)


# --- any input -------------------------------------------------------------------------------------------------------


def check(answer: Answer, known: frozenset[str]) -> None:
    assert answer.decision in DECISIONS
    assert answer.text.strip()
    assert bool(answer.entries) == (answer.decision == "answer")
    assert {*answer.entries, *(candidate.entry for candidate in answer.candidates)} <= known
    assert 0.0 <= answer.confidence <= 1.0
    assert json.loads(json.dumps(answer.to_json(), allow_nan=False)) is not None
    json.dumps(answer.to_json(), ensure_ascii=False).encode()


@pytest.mark.parametrize("text", BAD_INPUTS.values(), ids=BAD_INPUTS.keys())
@pytest.mark.parametrize(
    "before", [(), ("月付怎么开通",), ("月付",)], ids=["first", "after an answer", "after asking back"]
)
def test_bad_input_gets_a_reply(real_index: Assistant, text: str, before: tuple[str, ...]) -> None:
    state = talk(real_index, *before)[0] if before else None
    after, answer = real_index.reply(state, text)
    check(answer, _known(real_index))
    assert len(answer.text) < 5000
    assert len(encode_state(after)) < LONGEST


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\u200b", "\u202e\u202c"])
def test_nothing_typed_changes_nothing(assistant: Assistant, text: str) -> None:
    state, _ = talk(assistant, "月付怎么开通")
    after, answer = assistant.reply(state, text)
    assert answer.decision == "refuse"
    assert after == state


def test_invisible_characters_and_width_do_not_hide_a_question(assistant: Assistant) -> None:
    _, (answer,) = talk(assistant, "\u202e月\u200b付\x00怎么\ufeff开通")
    assert answer.entries == ("open",)


_PHRASES = st.sampled_from(
    (
        *(form for entry in ENTRIES for form in entry.forms),
        *(
            "没用",
            "不是这个意思",
            "1",
            "第二个",
            "月付",
            "额度",
            "转人工",
            "你好",
            "不对，我是商家",
            "那花呗呢",
            "说回刚才那个",
        ),
        *BAD_INPUTS.values(),
    )
)
_TURNS = st.lists(
    st.one_of(_PHRASES, st.text(max_size=60), st.text(alphabet="月付开关闭怎么不是刚才还款1二，？", max_size=20)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150)
@given(turns=_TURNS)
def test_any_text_in_any_order_gets_an_answer(real_index: Assistant, turns: list[str]) -> None:
    _converse(real_index, turns)


@settings(max_examples=300)
@given(turns=_TURNS)
def test_any_text_in_any_order_gets_an_answer_at_the_desk(turns: list[str]) -> None:
    _converse(_DESK, turns)


_DESK = desk()
_ANYTHING = st.text(st.characters(), max_size=12)  # halves of surrogate pairs too, as JSON may bring them
_STATES = st.builds(
    State,
    entry=st.sampled_from((*(entry.id for entry in ENTRIES), "art#1", "gone", "")),
    question=_ANYTHING | _PHRASES,
    offered=st.integers(),
    options=st.lists(st.builds(Option, _ANYTHING, _ANYTHING), max_size=6).map(tuple),
    misses=st.integers(),
    asked_back=st.booleans(),
    role=_ANYTHING,
    undo=_ANYTHING,
    history=st.lists(st.tuples(_ANYTHING, _ANYTHING), max_size=9).map(tuple),
)


@settings(max_examples=300)
@given(state=_STATES, turn=_PHRASES)
def test_any_state_that_can_be_sent_in_is_answered(state: State, turn: str) -> None:
    after, answer = _DESK.reply(state, turn)
    check(answer, _known(_DESK))
    assert len(after.history) <= max(6, len(state.history))


def _converse(assistant: Assistant, turns: list[str]) -> None:
    state: State | None = None
    for turn in turns:
        state, answer = assistant.reply(state, turn)
        check(answer, _known(assistant))
        assert decode_state(encode_state(state), now=0.0) == state


def _known(assistant: Assistant) -> frozenset[str]:
    return frozenset((*assistant.knowledge.entry_by_id, *assistant.knowledge.section_by_id))


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
