"""Ends a visitor's stream of events so that no click in that moment is lost.

Gradio ends the stream when nothing of the visitor's waits, and its page opens another for the next event unless one is
open. If he clicks just then, the page may read that the event was taken before it reads that the stream ends: it opens
no other, and neither this event nor any later one on that button is ever answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import parse_qs

from gradio.queueing import Queue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVENTS = "/queue/data"
_JOIN = "/queue/join"
_LAST = b'"msg":"close_stream"'  # no text has these bytes: its quotes are escaped
# A page hangs up as soon as it reads that the stream ends; whoever has not by then is no such page.
_PATIENCE = 2.0


def session_of(scope: Scope) -> str:
    """Whose stream of events a connection asks for; "" where it does not say."""
    asked: bytes = scope["query_string"]
    return parse_qs(asked.decode("latin-1")).get("session_hash", [""])[0]


class Streams:
    """Wraps one mounted Gradio app: what a visitor asks while his stream ends is confirmed once his page has hung up.

    Args:
        app: the mounted app.
        queue: its queue.

    """

    def __init__(self, app: ASGIApp, queue: Queue) -> None:
        self._app = app
        self._asked: Mapping[str, set[str]] = queue.pending_event_ids_session
        self._ending: dict[str, asyncio.Event] = {}

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
        ended, closing = asyncio.Event(), False

        async def sent(message: Message) -> None:
            nonlocal closing
            if message["type"] == "http.response.body":
                if _LAST in message.get("body", b""):
                    self._ending[session], closing = ended, True
                elif closing and not message.get("more_body", False):
                    return  # the connection stays until the page closes it
            await send(message)

        try:
            await self._app(scope, receive, sent)
            if closing:
                await _hung_up(receive)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if self._ending.get(session) is ended:
                del self._ending[session]
            ended.set()

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.body" and self._ending:
                await self._stream_of(message.get("body", b""))
            await send(message)

        await self._app(scope, receive, sent)

    async def _stream_of(self, confirmation: bytes) -> None:
        """Wait for the end of the stream of whoever is told that his event was taken."""
        for session, ended in tuple(self._ending.items()):
            if any(event.encode() in confirmation for event in self._asked.get(session, ())):
                # no longer than for the page to hang up, though its connection may be stuck
                with suppress(TimeoutError):
                    async with asyncio.timeout(_PATIENCE):
                        await ended.wait()


async def _hung_up(receive: Receive) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            while (await receive())["type"] != "http.disconnect":
                pass
