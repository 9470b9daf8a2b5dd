"""What stands around Gradio's pages: Chinese from the first byte, and no door open that we do not use."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.files import asset
from assistant.web.plain import plain_page

# Gradio serves these to everybody: its proxy, its monitor, its profiler and its editor.
_CLOSED = re.compile(
    r"/(proxy=|stream|component_server|deep_link|reset|monitoring|profiling|run-history|runs|vibe-|"
    r"undo-vibe|dev|reload|custom_component|process_recording)"
)
_FILES = re.compile(r"/(upload|upload_progress|file=|file/)")  # files in and out
_FOREIGN = re.compile(r'<meta[^>]*(?:githubusercontent|gradio\.app|@Gradio|@teamGradio|"Gradio")[^>]*>')


class Shell:
    """Wraps one mounted Gradio app.

    Args:
        app: the mounted app.
        pages: paths below the mount that give the page itself.
        files: whether the page takes or gives files.

    """

    def __init__(self, app: ASGIApp, pages: Iterable[str], *, files: bool = False) -> None:
        self._app = app
        self._closed = (_CLOSED,) if files else (_CLOSED, _FILES)
        self._pages = frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        path = scope.get("path", "")
        if scope["type"] == "http" and any(door.search(path) for door in self._closed):
            await JSONResponse({"error": "没有这个地址"}, 404)(scope, receive, send)
        elif scope["type"] == "http" and path in self._pages:
            plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            await self._app({**scope, "headers": plain}, receive, _Localised(send))
        elif scope["type"] == "http" and path.startswith("/api/"):
            raise HTTPException(404)  # in our words: every path of the interface is served before this mount
        elif scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", ""):
            await self._app_or_notice(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _app_or_notice(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve whoever opens an address; one that is none leads back to the chat."""
        missing = False

        async def sent(message: Message) -> None:
            nonlocal missing
            missing = missing or (message["type"] == "http.response.start" and message["status"] == 404)
            if not missing:
                await send(message)

        await self._app(scope, receive, sent)
        if missing:
            await plain_page("missing.html", 404)(scope, receive, send)


class _Localised:
    """Collects a page, puts our words into it and sends it on."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        """Take one part of the reply."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._finish()

    async def _finish(self) -> None:
        headers = MutableHeaders(scope=self._start)
        if headers.get("content-type", "").startswith("text/html"):
            self._body = localised(self._body.decode("utf-8")).encode("utf-8") if self._body else b""
            headers["content-length"] = str(len(self._body))
            headers["cache-control"] = "no-store"
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def localised(page: str) -> str:
    """Make Gradio's page Chinese and rid it of addresses elsewhere."""
    script = asset("boot.js").replace("__LABELS__", asset("labels.json"))
    page = _FOREIGN.sub("", page).replace('lang="en"', 'lang="zh-CN"', 1)
    return page.replace("<head>", f"<head><script>{script}</script>", 1)
