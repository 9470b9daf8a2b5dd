import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.dialogue.state_codec import IDLE_SECONDS, LONGEST, decode_state, encode_state
from assistant.records import Option, State

STATES = st.builds(State, at=st.floats(0, 1e10))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [*State.__dataclass_fields__, "unknown"]


@given(STATES)
@settings(deadline=None)
def test_round_trip(state: State) -> None:
    text = encode_state(state)

    assert text.isascii()
    if len(text) <= LONGEST:
        assert decode_state(text, now=state.at) == state


def test_compact_and_versioned() -> None:
    assert encode_state(State()) == '{"v":1,"s":{}}'
    state = State(entry="yf-open", options=(Option("商家", "商家怎么开通"),), history=(("怎么开", "yf-open"),), at=5)
    assert json.loads(encode_state(state))["s"] == {
        "entry": "yf-open",
        "options": [{"label": "商家", "question": "商家怎么开通"}],
        "history": [["怎么开", "yf-open"]],
        "at": 5,
    }


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "不是 JSON",
        "[" * 20_000,
        '{"v":2,"s":{"entry":"a","at":100}}',
        '{"v":1}',
        '{"v":1,"s":[]}',
        '{"v":1,"s":{"entry":7,"at":100}}',
        '{"v":1,"s":{"misses":true,"at":100}}',
        '{"v":1,"s":{"at":NaN}}',
        '{"v":1,"s":{"at":1e999}}',
        '{"v":1,"s":{"at":' + "9" * 400 + "}}",
        '{"v":1,"s":{"newer":1,"at":100}}',
        '{"v":1,"s":{"history":[["only one"]],"at":100}}',
        '{"v":1,"s":{"options":[{"label":"x"}],"at":100}}',
        '{"v":1,"s":{"entry":"' + "x" * LONGEST + '","at":100}}',
    ],
)
def test_what_does_not_fit_gives_a_fresh_state(text: str | None) -> None:
    assert decode_state(text, now=100) == State()


@given(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=3))
@settings(deadline=None)
def test_forged_text_never_raises_and_keeps_types(fields: dict[str, object]) -> None:
    state = decode_state(json.dumps({"v": 1, "s": fields}), now=0)

    assert decode_state(encode_state(state), now=0) == state
    assert isinstance(state.entry, str)
    assert type(state.misses) is int


def test_expires_after_half_an_hour_idle() -> None:
    text = encode_state(replace(State(entry="a"), at=1_000.0))

    assert decode_state(text, now=1_000 + IDLE_SECONDS).entry == "a"
    assert decode_state(text, now=1_001 + IDLE_SECONDS) == State()
