"""Keeps a visitor's stream of events whole: every event of his reaches his page, over one stream, to its end.

Gradio ends the stream when nothing of the visitor's waits, and its page opens another for the next event unless one is
open. Three things can go wrong in that moment, and the visitor then waits for an answer for ever:

- He clicks just then, and his page reads that the event was taken before it reads that the stream ends: it opens no
  other. So whoever is told that his event was taken is told once his page has hung up.
- His page opens a stream, drops it and opens another. Gradio would serve both from one queue, each message to one of
  them. So the first serves all of them, over whichever connection of the visitor's is the newest.
- Chromium reads on from a connection that its page has dropped, for five seconds, to use it again: nobody can tell that
  nobody listens. So no connection of a stream may be used again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qs

from gradio.queueing import Queue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVENTS = "/queue/data"
_OK = 200
_JOIN = "/queue/join"
_LAST = b'"msg":"close_stream"'  # no text has these bytes: its quotes are escaped
_HEADERS = ((b"connection", b"close"), (b"cache-control", b"no-store"))
# A page hangs up as soon as it reads that the stream ends; whoever has not by then is no such page.
_PATIENCE = 2.0
# What a page has dropped it opens again at once; whoever has not by then has gone.
_RETURN = 2.0


def session_of(scope: Scope) -> str:
    """Whose stream of events a connection asks for; "" where it does not say."""
    asked: bytes = scope["query_string"]
    return parse_qs(asked.decode("latin-1")).get("session_hash", [""])[0]


class Streams:
    """Wraps one mounted Gradio app.

    Args:
        app: the mounted app.
        queue: its queue.

    """

    def __init__(self, app: ASGIApp, queue: Queue) -> None:
        self._app = app
        self._asked: Mapping[str, set[str]] = queue.pending_event_ids_session
        self._streams: dict[str, _Stream] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.endswith(EVENTS):
            await self._stream(scope, receive, send)
        elif path.endswith(_JOIN):
            await self._join(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = session_of(scope)
        if not session or scope["method"] != "GET":
            await self._app(scope, receive, send)  # nobody's stream
            return
        running = self._streams.get(session)
        if running and not running.ending:
            await running.also_over(_Connection(receive, send))
            return
        stream = self._streams[session] = _Stream(_Connection(receive, send))
        try:
            await self._app(scope, stream.receive, stream.send)
            await stream.finish()
        finally:
            if self._streams.get(session) is stream:
                del self._streams[session]
            stream.ending = True
            stream.over.set()

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.body":
                await self._stream_of(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, sent)

    async def _stream_of(self, confirmation: bytes) -> None:
        """Wait for the end of the ending stream of whoever is told that his event was taken."""
        for session, stream in tuple(self._streams.items()):
            if stream.ending and any(event.encode() in confirmation for event in self._asked.get(session, ())):
                # no longer than for the page to hang up, though its connection may be stuck
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PATIENCE):
                        await stream.over.wait()


class _Connection:
    """One connection of a visitor's page; all that it says is that it hangs up."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send

    async def hung_up(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def start(self, message: Message) -> None:
        await self._send({**message, "headers": [*message.get("headers", ()), *_HEADERS]})

    async def tell(self, body: bytes) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def end(self) -> None:
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


class _Stream:
    """What Gradio serves as one connection; it is the newest of those that the visitor's page has open.

    Attributes:
        ending: it has no more messages: its page was told so, or has gone.
        over: it has ended, and the page has hung up.

    """

    def __init__(self, first: _Connection) -> None:
        self.ending = False
        self.over = asyncio.Event()
        self._told: _Connection | None = None
        self._gone = False
        self._first = first
        self._open: list[_Connection] = []
        self._some_open, self._none_open = asyncio.Event(), asyncio.Event()
        self._start: Message | None = None
        self._opened(first)

    async def receive(self) -> Message:
        """Tell Gradio that its visitor has gone, once no connection of his is left and none has come."""
        await self._left(self._first)
        while not self._gone:
            await self._none_open.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(_RETURN):
                    await self._some_open.wait()
            if not self._open:
                self._gone = self.ending = True
                self._some_open.set()  # nothing waits for a connection any more
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take what Gradio sends; while no connection is open, it waits for one, or until the visitor has gone."""
        if message["type"] == "http.response.start":
            self._start = message
            for connection in tuple(self._open):
                await connection.start(message)
        elif message["type"] == "http.response.body" and (body := message.get("body", b"")):
            while not (self._open or self._gone):
                await self._some_open.wait()
            if self._open and _LAST in body:
                self._told, self.ending = self._open[-1], True
            for connection in self._listeners():
                await connection.tell(body)

    async def also_over(self, connection: _Connection) -> None:
        """Serve one more connection of the same page until it hangs up or the stream is over."""
        self._opened(connection)
        if self._start:
            await connection.start(self._start)
        waited = [asyncio.ensure_future(event) for event in (self._left(connection), self.over.wait())]
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for future in waited:
                future.cancel()
            self._closed(connection)
        if self._start:
            await connection.end()

    async def finish(self) -> None:
        """End the first connection, after Gradio has ended what it serves and the page that was told so has hung up."""
        self.ending = True
        if self._told:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._told.hung_up()
        if self._start:
            await self._first.end()

    def _listeners(self) -> list[_Connection]:
        """Who hears what is said: the newest connection, and a refusal every one."""
        refused = self._start is not None and self._start["status"] != _OK
        return self._open[:] if refused else self._open[-1:]

    async def _left(self, connection: _Connection) -> None:
        await connection.hung_up()
        self._closed(connection)

    def _opened(self, connection: _Connection) -> None:
        self._open.append(connection)
        self._some_open.set()
        self._none_open.clear()

    def _closed(self, connection: _Connection) -> None:
        if connection in self._open:
            self._open.remove(connection)
        if not self._open and not self._gone:
            self._some_open.clear()
            self._none_open.set()
