"""Requests that are too large are refused: huge ones before they are read, where their size is declared.

The web framework has such a limit for the interface alone, and answers in plain English.
"""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What a page sends with an event: a conversation of thirty turns is a tenth of it, and so is a long entry of an editor's.
LONGEST_EVENT = 2 * 2**20
# So much more is taken in, and thrown away: who is still sending when the connection closes never reads the reply.
_DISCARDED = 8 * 2**20
_REFUSAL = {"error": "too_large", "message": "请求太大，请缩短内容后再试。"}
_INTERFACE = ("/api/", "/mcp")
# Files go straight to disk there, up to a limit of its own, and only for who is logged in.
_UPLOAD = "/gradio_api/upload"


class BodyLimit:
    """ASGI middleware for everything but uploads of files.

    Args:
        app: what to wrap.
        limit: bytes of a body at most for ``/mcp`` and paths under ``/api/``; so much is held in memory.
        page_limit: the same for all other paths.

    """

    def __init__(self, app: ASGIApp, *, limit: int, page_limit: int) -> None:
        self._app = app
        self._limit = limit
        self._page_limit = page_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD") or path.endswith(_UPLOAD):
            await self._app(scope, receive, send)
            return
        limit = self._limit if path.startswith(_INTERFACE) else self._page_limit
        messages = None if _declared(scope) > limit + _DISCARDED else await _read(receive, limit)
        if messages is None:
            await JSONResponse(_REFUSAL, 413, {"Connection": "close"})(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self._app(scope, replay, send)


async def _read(receive: Receive, limit: int) -> list[Message] | None:
    """Read the whole body; None if it is too large."""
    messages: list[Message] = []
    size, more = 0, True
    while more and size <= limit + _DISCARDED:
        message = await receive()
        more = message.get("more_body", False)
        size += len(message.get("body", b""))
        if size <= limit:
            messages.append(message)
    return messages if size <= limit else None


def _declared(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length[:18]) if length.isdecimal() else 0
