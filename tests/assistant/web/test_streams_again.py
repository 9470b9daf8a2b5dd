"""A visitor's stream of events that his page opens again while another of his is open, or leaves for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse
from stream_fakes import END, Connection, Queue, scope_of, turns

from assistant.web import streams
from assistant.web.streams import Streams

# Whoever adds a header adds it once to each connection, and none of them may be used again.
_START = "start x connection cache-control added"


class Line:
    """Gradio serving one stream: says what it is told to until it is told to end; notes when its visitor is gone."""

    def __init__(self) -> None:
        self.says: asyncio.Queue[bytes] = asyncio.Queue()
        self.served = 0
        self.gone = False

    async def say(self, *words: bytes) -> None:
        for word in words:
            await self.says.put(word)
            await turns()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.served += 1
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"1")]})
        leaving = asyncio.create_task(receive())
        while True:
            saying = asyncio.create_task(self.says.get())
            await asyncio.wait({leaving, saying}, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                self.gone = leaving.result()["type"] == "http.disconnect"
                saying.cancel()
                return
            await send({"type": "http.response.body", "body": saying.result(), "more_body": True})
            if saying.result() == END:
                break
        leaving.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Browser:
    """A page that opens streams, each a connection of its own."""

    def __init__(self, line: Line) -> None:
        self.web = Streams(line, Queue())  # type: ignore[arg-type]
        self.heard: list[list[str]] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.hangs_up: list[asyncio.Event] = []

    async def open(self, session: str = "one", method: str = "GET") -> None:
        heard: list[str] = []
        connection = Connection()

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"added", b"once"))
                heard.append(f"start {' '.join(name.decode() for name, _ in message['headers'])}")
            else:
                heard.append(message["body"].decode() or "over")

        self.tasks.append(
            asyncio.create_task(self.web(scope_of("/queue/data", session, method), connection.receive, send))
        )
        self.heard.append(heard)
        self.hangs_up.append(connection.hangs_up)
        await turns()

    async def leave(self) -> None:
        for hangs_up in self.hangs_up:
            hangs_up.set()
        await asyncio.gather(*self.tasks)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_RETURN", 0.05)


def test_a_page_that_opens_two_streams_hears_everything_over_the_newer() -> None:
    async def scene() -> None:
        line = Line()
        page = Browser(line)
        await page.open()
        await line.say(b"one")
        await page.open()
        await line.say(b"two", b"three", END)
        assert line.served == 1
        assert page.heard == [[_START, "one"], [_START, "two", "three", END.decode()]]

        page.hangs_up[1].set()  # the page hangs up where it was told so; the other connection is ended for it
        await asyncio.gather(*page.tasks)
        assert page.heard[0][-1] == page.heard[1][-1] == "over"
        await page.open()
        assert (line.served, page.heard[2]) == (2, [_START])
        page.hangs_up[2].set()
        await page.tasks[2]

    asyncio.run(scene())


def test_who_opens_another_stream_soon_after_closing_one_misses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_RETURN", 60.0)

    async def scene() -> None:
        line = Line()
        page = Browser(line)
        await page.open()
        page.hangs_up[0].set()
        await line.say(b"one", b"two")  # nobody listens
        await page.open()
        await line.say(b"three")
        assert (line.served, line.gone) == (1, False)
        assert page.heard == [[_START], [_START, "one", "two", "three"]]
        monkeypatch.setattr(streams, "_RETURN", 0.05)
        page.hangs_up[1].set()
        await asyncio.gather(*page.tasks)

    asyncio.run(scene())


@pytest.mark.parametrize("leaves", [0, 1])
def test_who_closes_one_of_two_streams_hears_the_rest_over_the_other(leaves: int) -> None:
    async def scene() -> None:
        line = Line()
        page = Browser(line)
        await page.open()
        await page.open()
        page.hangs_up[leaves].set()
        await turns()
        await line.say(b"one")
        assert page.heard[1 - leaves][-1] == "one"
        assert not line.gone
        page.hangs_up[1 - leaves].set()
        await asyncio.gather(*page.tasks)
        assert line.gone

    asyncio.run(scene())


def test_two_visitors_have_two_streams() -> None:
    async def scene() -> None:
        line = Line()
        page = Browser(line)
        await page.open("one")
        await page.open("two")
        assert line.served == 2
        await page.leave()

    asyncio.run(scene())


def test_a_second_stream_while_the_first_ends_is_one_of_its_own() -> None:
    async def scene() -> None:
        line = Line()
        page = Browser(line)
        await page.open()
        await line.say(END)
        await page.open()
        assert line.served == 2
        await line.say(b"new")
        assert page.heard[1] == [_START, "new"]
        page.hangs_up[0].set()
        await turns()
        await page.open()  # over the second stream, which the end of the first has not taken away
        assert line.served == 2
        await page.leave()

    asyncio.run(scene())


def test_a_second_stream_of_one_that_breaks_ends_too() -> None:
    async def scene() -> None:
        broken = asyncio.Event()

        async def breaks(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await broken.wait()
            raise OSError("gone")

        page = Browser(breaks)  # type: ignore[arg-type]
        await page.open()
        await page.open()
        broken.set()
        with pytest.raises(OSError, match="gone"):
            await page.tasks[0]
        await page.tasks[1]
        assert page.heard[1][-1] == "over"

    asyncio.run(scene())


def test_a_refusal_is_passed_on_whole_to_everybody() -> None:
    async def scene() -> None:
        refused = asyncio.Event()

        async def refuses(scope: Any, receive: Any, send: Any) -> None:
            await refused.wait()
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})

        page = Browser(refuses)  # type: ignore[arg-type]
        await page.open()
        await page.open()
        refused.set()
        await asyncio.gather(*page.tasks)
        assert page.heard == [[_START.replace(" x", ""), "no", "over"]] * 2

    asyncio.run(scene())


@pytest.mark.parametrize(("session", "method"), [("", "GET"), ("one", "HEAD")])
def test_what_is_nobodys_stream_is_left_as_it_is(session: str, method: str) -> None:
    async def scene() -> None:
        line = Line()
        page = Browser(line)
        await page.open()
        await page.open(session, method)
        await page.open(session, method)
        assert line.served == 3
        assert page.heard[1] == page.heard[2] == ["start x added"]
        await page.leave()

    asyncio.run(scene())


@pytest.mark.parametrize("speaks", [True, False])
def test_who_leaves_for_good_is_cleared_away(speaks: bool) -> None:
    """As Gradio does it: a generator in a streaming response, which looks whether its visitor is still there."""

    async def scene() -> None:
        cleared: list[str] = []

        async def events(request: Request) -> AsyncIterator[bytes]:
            try:
                while not await request.is_disconnected():
                    if speaks:
                        yield b"word"
                    await asyncio.sleep(0.005)
                cleared.append("seen to be gone")
            except BaseException as error:
                cleared.append(type(error).__name__)
                raise

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await StreamingResponse(events(Request(scope, receive)))(scope, receive, send)

        page = Browser(app)  # type: ignore[arg-type]
        await page.open()
        await page.open()
        await page.leave()
        assert cleared in (["seen to be gone"], ["CancelledError"])
        assert page.web._streams == {}
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scene())


def test_who_comes_back_while_he_is_cleared_away_has_a_stream_of_his_own() -> None:
    async def scene() -> None:
        leaving = asyncio.Event()
        served = 0

        async def app(scope: Any, receive: Any, send: Any) -> None:
            nonlocal served
            served += 1
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"1")]})
            await receive()
            await leaving.wait()  # Gradio clears away

        page = Browser(app)  # type: ignore[arg-type]
        await page.open()
        page.hangs_up[0].set()
        while not page.web._streams["one"].ending:
            await asyncio.sleep(0.01)
        await page.open()
        assert served == 2
        leaving.set()
        page.hangs_up[1].set()
        await asyncio.gather(*page.tasks)

    asyncio.run(scene())
