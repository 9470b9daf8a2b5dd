"""What Gradio itself keeps of those who asked, through its own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.web.pages import _mount  # sets Gradio's environment: before it is imported
from assistant.web.queues import Queues

# isort: split
import gradio as gr


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """This client does not hang up by itself."""
    monkeypatch.setattr("assistant.web.streams._PATIENCE", 0.0)


@pytest.fixture
def page() -> gr.Blocks:
    return asyncio.run(_page())  # where no loop runs, Gradio makes one and leaves it open


async def _page() -> gr.Blocks:
    page: gr.Blocks
    with gr.Blocks(analytics_enabled=False) as page:
        box, shown = gr.Textbox(), gr.Textbox()
        box.submit(str.upper, box, shown)
    page.queue(api_open=False)
    return page


@pytest.fixture
def web(page: gr.Blocks) -> Iterator[TestClient]:
    with TestClient(asyncio.run(_mounted(page))) as client:
        yield client


async def _mounted(page: gr.Blocks) -> FastAPI:
    app = FastAPI()
    _mount(app, page, "/", "chat.css", lambda inner: inner)
    return app


def ask(web: TestClient, session: str) -> None:
    body = {"data": ["a"], "fn_index": 0, "session_hash": session}
    assert web.post("/gradio_api/queue/join", json=body).status_code == 200


def fetch(web: TestClient, session: str) -> str:
    return web.get("/gradio_api/queue/data", params={"session_hash": session}).text


def test_of_answered_questions_no_statistics_are_kept(web: TestClient, page: gr.Blocks) -> None:
    for number in range(5):
        ask(web, f"visitor {number}")
        assert '"data":["A"]' in fetch(web, f"visitor {number}")
    assert len(page._queue.event_analytics) == 1
    assert page._queue.cached_event_analytics_summary == {"functions": {}}


def test_who_was_answered_leaves_nothing_and_may_ask_again(
    web: TestClient, page: gr.Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.web.queues._PAUSE", 0.0)
    for session in ("one", "two", "one", "one"):
        ask(web, session)
        assert '"data":["A"]' in fetch(web, session)
        assert not page._queue.pending_messages_per_session
        assert not page._queue.pending_event_ids_session


def test_of_pages_that_were_opened_the_last_few_are_remembered(
    page: gr.Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.web.pages._REMEMBERED", 3)
    with TestClient(asyncio.run(_mounted(page))) as web:
        for number in (0, 1, 2, 3, 4, 0):
            ask(web, f"visitor {number}")
            assert '"data":["A"]' in fetch(web, f"visitor {number}")
    assert list(page.state_holder.session_data) == ["visitor 3", "visitor 4", "visitor 0"]


class Held:
    """The parts of Gradio's queue that are cleared."""

    def __init__(self) -> None:
        self.pending_messages_per_session: dict[str, object] = {}
        self.pending_event_ids_session: dict[str, set[str]] = {}
        self.event_ids_to_events: dict[str, object] = {}

    def asked(self, session: str, *events: str) -> None:
        self.pending_messages_per_session[session] = object()
        self.pending_event_ids_session[session] = set(events)

    def kept(self) -> set[str]:
        return {*self.pending_messages_per_session, *self.pending_event_ids_session}


def stream(queues: Queues, session: str) -> None:
    scope: Any = {"type": "http", "path": "/gradio_api/queue/data", "query_string": f"session_hash={session}".encode()}
    asyncio.run(queues(scope, None, None))  # type: ignore[arg-type]


async def _served(*_: Any) -> None:
    """A stream that ends at once."""


def test_an_answer_that_nobody_fetches_goes_after_ten_minutes() -> None:
    held, now = Held(), 0.0
    queues = Queues(_served, held, lambda: now)  # type: ignore[arg-type]
    held.asked("left", "1")
    held.asked("waits", "2")
    held.event_ids_to_events["2"] = object()
    held.asked("asks again", "3")
    held.asked("answered")
    held.pending_event_ids_session["without messages"] = set()
    now = 59.0
    stream(queues, "somebody")
    assert len(held.kept()) == 5  # not so soon
    now = 60.0
    stream(queues, "somebody")
    assert held.kept() == {"left", "waits", "asks again"}
    held.asked("asks again", "3", "4")
    now = 659.0
    stream(queues, "somebody")
    assert held.kept() == {"left", "waits", "asks again"}
    now = 719.0
    stream(queues, "somebody")
    assert held.kept() == {"waits", "asks again"}
    del held.event_ids_to_events["2"]
    now = 1258.0
    stream(queues, "somebody")
    assert held.kept() == {"waits", "asks again"}
    now = 1319.0
    stream(queues, "somebody")
    assert held.kept() == set()


def test_an_open_stream_keeps_its_queue() -> None:
    held, now = Held(), 0.0
    held.asked("reads")

    async def serve(scope: Any, *_: Any) -> None:
        if scope["query_string"] == b"session_hash=reads":
            await queues({**scope, "query_string": b"session_hash=other"}, None, None)  # type: ignore[arg-type]
            assert held.kept() == {"reads"}

    queues = Queues(serve, held, lambda: now)  # type: ignore[arg-type]
    now = 60.0
    stream(queues, "reads")
    now = 120.0
    stream(queues, "other")
    assert held.kept() == set()
