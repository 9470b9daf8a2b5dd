"""What Gradio itself keeps of those who asked, through its own protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.web.pages import _mount  # sets Gradio's environment: before it is imported

# isort: split
import gradio as gr


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
