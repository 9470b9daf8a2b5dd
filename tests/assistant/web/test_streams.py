"""The end of a stream of events, as a page sees it that reads a confirmation before that end."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from stream_fakes import END, Connection, Queue, scope_of, turns

from assistant.web import streams
from assistant.web.streams import Streams


async def gradio(scope: Any, receive: Any, send: Any) -> None:
    """Answers as Gradio does: a stream that ends, or the confirmation of event ``e2``."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"].endswith("/queue/data"):
        await send({"type": "http.response.body", "body": b'data: {"msg":"process_completed"}\n\n', "more_body": True})
        await send({"type": "http.response.body", "body": END, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    else:
        await send({"type": "http.response.body", "body": b'{"event_id":"e2"}'})


class Page:
    """One visitor's browser: what it was sent, in order, and when it hangs up."""

    def __init__(self, queue: Queue, app: Any = gradio) -> None:
        self.web = Streams(app, queue)  # type: ignore[arg-type]
        self.sent: list[str] = []
        self.connection = Connection()

    async def get(self, path: str, session: str = "one") -> None:
        async def send(message: Any) -> None:
            if message["type"] == "http.response.body":
                self.sent.append(message["body"].decode() if message["body"] else f"{path} over")

        await self.web(scope_of(path, session), self.connection.receive, send)


def test_what_is_asked_while_the_stream_ends_is_confirmed_once_the_page_has_hung_up() -> None:
    async def scene() -> None:
        page = Page(Queue(one={"e2"}))
        stream = asyncio.create_task(page.get("/queue/data"))
        await turns()
        asked = asyncio.create_task(page.get("/queue/join"))
        await turns()
        assert page.sent[1:] == [END.decode()]  # neither confirmed nor over
        page.connection.hangs_up.set()
        await asyncio.gather(stream, asked)
        assert set(page.sent[2:]) == {"/queue/data over", '{"event_id":"e2"}'}
        await page.get("/queue/join")  # nothing is waited for any more
        assert page.sent[-1] == '{"event_id":"e2"}'

    asyncio.run(scene())


def test_others_do_not_wait() -> None:
    async def scene() -> None:
        page = Page(Queue(one=set(), other={"e2"}))
        stream = asyncio.create_task(page.get("/queue/data"))
        await turns()
        await page.get("/queue/join", "other")
        assert page.sent[-1] == '{"event_id":"e2"}'
        page.connection.hangs_up.set()
        await stream

    asyncio.run(scene())


def test_who_does_not_hang_up_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_PATIENCE", 0.01)

    async def scene() -> None:
        page = Page(Queue(one={"e2"}))
        await page.get("/queue/data")
        assert page.sent[-1] == "/queue/data over"
        await page.get("/queue/join")
        assert page.sent[-1] == '{"event_id":"e2"}'

    asyncio.run(scene())


def test_a_stream_that_breaks_holds_nobody_up() -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        await gradio(scope, receive, send)
        if scope["path"].endswith("/queue/data"):
            raise OSError("gone")

    async def scene() -> None:
        page = Page(Queue(one={"e2"}), breaks)
        with pytest.raises(OSError, match="gone"):
            await page.get("/queue/data")
        await page.get("/queue/join")
        assert page.sent[-1] == '{"event_id":"e2"}'

    asyncio.run(scene())


def test_a_page_that_hangs_up_early_and_a_second_stream_of_it_end_well() -> None:
    async def scene() -> None:
        page = Page(Queue(one={"e2"}))
        page.connection.hangs_up.set()
        await asyncio.gather(page.get("/queue/data"), page.get("/queue/data"))
        assert page.sent.count("/queue/data over") == 2
        await page.get("/queue/join")
        assert page.sent[-1] == '{"event_id":"e2"}'

    asyncio.run(scene())


def test_a_stream_that_is_cut_off_holds_nobody_up() -> None:
    async def scene() -> None:
        page = Page(Queue(one={"e2"}))
        stream = asyncio.create_task(page.get("/queue/data"))
        await turns()
        stream.cancel()
        await asyncio.gather(stream, return_exceptions=True)
        await page.get("/queue/join")
        assert page.sent[-1] == '{"event_id":"e2"}'

    asyncio.run(scene())
