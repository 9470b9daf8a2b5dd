"""One log line and one count for each request to the interface: route, status, time; never what was asked."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.web.prometheus import Metrics

_log = logging.getLogger(__name__)
_OTHER = "other"


class AccessLog:
    """ASGI middleware for ``/mcp`` and paths under ``/api/``; others pass untouched.

    Args:
        app: what to wrap.
        metrics: where requests are counted.

    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or not str(scope["path"]).startswith(("/api/", "/mcp")):
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # A path nobody serves is the caller's own text: naming it would let anyone grow the metrics.
        route = getattr(scope.get("route"), "path", _OTHER)
        self._metrics.count("zhida_requests_total", route=route, status=str(status))
        fields = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 2)}
        _log.info("request", extra=fields)
