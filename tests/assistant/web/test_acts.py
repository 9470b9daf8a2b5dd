from __future__ import annotations

import gradio as gr
import pytest

from assistant.web.acts import act, chip, copy_button, folded, lines, pressed, progress_of, table, told
from kb.errors import UsageError

NASTY = '"><script>{{x}}</script>'


def test_everything_that_is_put_in_is_escaped() -> None:
    made = (
        act("open", NASTY, ask=NASTY, id=NASTY)
        + copy_button(NASTY, NASTY, key=NASTY)
        + chip(NASTY)
        + folded(NASTY, "")
        + lines([NASTY])
        + table([NASTY], [["x"]])
        + table([NASTY], [], empty=NASTY)
    )
    assert "<script" not in made and "{{" not in made


def test_a_button_carries_its_data() -> None:
    assert 'data-do="open"' in act("open", "编辑", id="a b") and 'data-id="a b"' in act("open", "编辑", id="a b")


def test_what_is_pressed_may_be_forged() -> None:
    assert pressed(gr.EventData(None, {"do": "open", "n": 3})) == {"do": "open", "n": "3"}
    assert pressed(gr.EventData(None, ["x"])) == {}


def test_our_errors_are_told_in_their_own_words() -> None:
    with pytest.raises(gr.Error) as caught, told():
        raise UsageError("english", user_message="请再选一次。")
    assert caught.value.message == "请再选一次。"
    with pytest.raises(ValueError), told():
        raise ValueError


def test_progress_is_passed_on() -> None:
    seen: list[tuple[float, str]] = []
    progress_of(lambda share, desc: seen.append((share, desc)))("建立索引", 1.5)
    assert seen == [(1.0, "建立索引")]
