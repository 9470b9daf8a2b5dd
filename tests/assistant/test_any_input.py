from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest
from desk_fakes import ENTRIES, desk, talk
from fakes import FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dialogue.state_codec import LONGEST, decode_state, encode_state
from assistant.records import Answer, Decision, Option, State
from assistant.reply import Assistant
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
        typed="<b>",
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
    state = State("fails", half, 5, (option,), 1, True, half, half, 1, ((half, "fails"),) * 2)
    _, answer = assistant.reply(state, turn)
    json.dumps(answer.to_json(), ensure_ascii=False).encode()


def test_a_state_that_names_what_was_deleted_since_is_a_conversation_without_a_subject(assistant: Assistant) -> None:
    state = State(entry="deleted", question="月付怎么开通", offered=1, history=(("月付怎么开通", "deleted"),))
    assert assistant.reply(state, "没用")[1].decision in DECISIONS
    assert assistant.reply(state, "那怎么关闭")[1].entries == ("close",)


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
    typed=_ANYTHING,
    undo=_ANYTHING,
    kept=st.integers(),
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
