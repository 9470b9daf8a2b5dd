"""Response headers that keep a page from being framed, sniffed or made to load what is not ours.

What Gradio 6.31's page needs, read from its ``index.html`` and tried in Chromium:

- inline scripts: the configuration is written into the page (it differs for each request, so that no hash can name it),
  and blocks pass their own ``js=`` and ``head=``;
- ``unsafe-eval``: event handlers given as ``js=`` are compiled with ``AsyncFunction``, charts with Vega's ``Function``;
  ``on…=`` attributes never run, which is how markup that slips through would start a script;
- inline styles, ``data:`` images and fonts, ``blob:`` images, media and workers (uploads, downloads, charts);
- connections to its own origin only: events are server-sent.

Nothing outside of our own origin is allowed, so that a missing setting (fonts, analytics) cannot reach the network.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGE = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "script-src-attr": "'none'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_DATA = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
_DATA_PATHS = ("/api/", "/metrics", "/mcp", "/openapi.json")
# The chat page: the only one that another site may show.
_EMBEDDED = "/"


def page_policy(frame_ancestors: Iterable[str]) -> str:
    """Write the Content-Security-Policy of pages.

    Args:
        frame_ancestors: sources that may embed the page, e.g. ``https://help.example.com``; none at all means nobody.

    """
    ancestors = " ".join(frame_ancestors) or "'none'"
    return "; ".join([*(f"{name} {value}" for name, value in _PAGE.items()), f"frame-ancestors {ancestors}"])


class SecurityHeaders:
    """ASGI middleware that adds the headers; what a response sets itself stays.

    Plain ASGI, since a wrapper around whole responses would hold back server-sent events.

    Args:
        app: what to wrap.
        frame_ancestors: who may embed the chat page; the own origin by default, which alone may embed all others.

    """

    def __init__(self, app: ASGIApp, *, frame_ancestors: Iterable[str] = ("'self'",)) -> None:
        self._app = app
        self._embedded = _page_headers(tuple(frame_ancestors))
        self._page = _page_headers(("'self'",))
        self._data = {**_ALWAYS, **_DATA}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        page = self._embedded if path == _EMBEDDED else self._page
        wanted = self._data if path.startswith(_DATA_PATHS) else page

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in wanted.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _page_headers(ancestors: tuple[str, ...]) -> dict[str, str]:
    headers = {**_ALWAYS, "Content-Security-Policy": page_policy(ancestors)}
    if set(ancestors) <= {"'self'"}:  # the older header cannot name other sites
        headers["X-Frame-Options"] = "SAMEORIGIN" if ancestors else "DENY"
    return headers
