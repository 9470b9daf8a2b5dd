"""What the chat page says where nothing was done: it thanks for no rating that was lost, and answers no blank."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.web.chat import _Chat
from assistant.web.ports import Desk
from assistant.web.visit import LONGEST_QUESTION, Shown, Visit, new_visit
from kb.errors import StoreError

# isort: split
import gradio as gr


class Ratings:
    """A history that fails while it is down."""

    def __init__(self) -> None:
        self.down = False
        self.kept: list[tuple[int, int, str]] = []

    def feedback(self, turn: int, value: int, reason: str = "", *, visitor: str | None = None) -> None:
        if self.down:
            raise StoreError("down", user_message="坏")
        self.kept.append((turn, value, reason))


@pytest.fixture
def history() -> Ratings:
    return Ratings()


@pytest.fixture
def chat(history: Ratings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Chat:
    monkeypatch.setattr(gr, "Info", lambda message, title: _said.append(message))
    _said.clear()
    return asyncio.run(_laid_out(Desk(_none, tmp_path, history)))  # type: ignore[arg-type]


_said: list[str] = []


def _none() -> Any:
    raise StoreError("none", user_message="还没有索引。")


async def _laid_out(desk: Desk) -> _Chat:  # where no loop runs, Gradio makes one and leaves it open
    page: gr.Blocks
    with gr.Blocks(analytics_enabled=False) as page:
        return _Chat(desk, page)


def visit(turn: int = 7) -> Visit:
    return new_visit().with_turn(Shown("月付", "月付", id=turn), "")


def like(liked: bool | None, message: int = 2) -> Any:
    return SimpleNamespace(index=message, liked=liked)


@pytest.mark.parametrize("blank", ["", " \n", None])
def test_a_blank_question_of_a_program_is_refused(chat: _Chat, blank: Any) -> None:
    with pytest.raises(gr.Error) as raised:
        chat.on_program(blank, visit().to_json(), SimpleNamespace(client=None))  # type: ignore[arg-type]
    assert raised.value.message == "问题不能为空，请输入问题。"


def test_a_question_of_a_program_that_is_too_long_is_refused(chat: _Chat) -> None:
    with pytest.raises(gr.Error) as raised:
        chat.on_program("问" * (LONGEST_QUESTION + 1), None, SimpleNamespace(client=None))  # type: ignore[arg-type]
    assert f"最多 {LONGEST_QUESTION} 个字" in str(raised.value.message)


def test_a_rating_that_is_kept_is_marked_and_thanked_for(chat: _Chat, history: Ratings) -> None:
    stored, _, notice, position, form = chat.on_rate(like(False), visit().to_json())
    assert (stored["turns"][0]["rating"], position, form["visible"]) == (-1, 0, True)
    assert "没有记下来" not in notice
    chat.on_reason(stored, position, "看不懂", "第二步")
    assert history.kept == [(7, -1, ""), (7, -1, "看不懂：第二步")] and len(_said) == 1


@pytest.mark.parametrize(("turn", "message", "down"), [(7, 2, True), (0, 2, False), (7, 0, False)])
def test_a_rating_that_is_not_kept_is_neither_marked_nor_thanked_for(
    chat: _Chat, history: Ratings, turn: int, message: int, down: bool
) -> None:
    history.down = down
    stored, shown, notice, position, form = chat.on_rate(like(False, message), visit(turn).to_json())
    assert "评价没有记下来" in notice and (position, form["visible"]) == (-1, False)
    assert stored["turns"][0]["rating"] == 0 and shown["feedback_value"] == [None, None]


@pytest.mark.parametrize(("position", "down"), [(0, True), (-1, False)])
def test_words_about_a_rating_that_are_not_kept_stay_on_the_page(
    chat: _Chat, history: Ratings, position: int, down: bool
) -> None:
    history.down = down
    with pytest.raises(gr.Error) as raised:
        chat.on_reason(visit().to_json(), position, "看不懂", "第二步")
    assert "评价没有记下来" in str(raised.value.message) and _said == []
