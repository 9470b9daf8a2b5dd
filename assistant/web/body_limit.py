"""Requests to the interface that are too large are refused, before they are read where their size is declared.

The web framework has such a limit, but answers in plain English.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_REFUSAL = {"error": "too_large", "message": "请求太大，请缩短问题后再试。"}


class BodyLimit:
    """ASGI middleware for ``/mcp`` and paths under ``/api/``; others pass untouched.

    Args:
        app: what to wrap.
        limit: bytes of a body at most; so much is held in memory.

    """

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not str(scope["path"]).startswith(("/api/", "/mcp")):
            await self._app(scope, receive, send)
            return
        messages = None if _declared(scope) > self._limit else await self._read(receive)
        if messages is None:
            await JSONResponse(_REFUSAL, 413, {"Connection": "close"})(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)

    async def _read(self, receive: Receive) -> list[Message] | None:
        """Read the whole body; None if it is too large."""
        messages: list[Message] = []
        size = 0
        while not messages or messages[-1].get("more_body", False):
            messages.append(await receive())
            size += len(messages[-1].get("body", b""))
            if size > self._limit:
                return None
        return messages


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length[:18]) if length.isdecimal() else 0
