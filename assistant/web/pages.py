"""The Gradio pages on the FastAPI app: chat at ``/``, staff behind their login at ``/staff``."""

from __future__ import annotations

import os
from collections.abc import Callable

# Before Gradio is imported: it would look for a newer version of itself on the internet.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from starlette.routing import Mount  # noqa: E402
from starlette.types import ASGIApp  # noqa: E402

from assistant.web.access import Access, Gate, access_code, login_routes  # noqa: E402
from assistant.web.chat import chat_page  # noqa: E402
from assistant.web.files import asset  # noqa: E402
from assistant.web.ports import Desk  # noqa: E402
from assistant.web.shell import Shell  # noqa: E402
from assistant.web.staff import staff_page  # noqa: E402
from assistant.web.theme import theme  # noqa: E402

STAFF = "/staff"


def mount_pages(app: FastAPI, desk: Desk) -> None:
    """Mount both pages; every other route must be there already, since the chat takes all that is left.

    Raises:
        StoreError: the staff access code cannot be kept.

    """
    access = Access(access_code(desk.store), desk.clock)
    app.include_router(login_routes(access, STAFF))
    _mount(app, staff_page(desk, STAFF), STAFF, "staff.css", lambda inner: Gate(inner, access, f"{STAFF}/login"))
    _mount(app, chat_page(desk), "/", "chat.css", lambda inner: inner)


def _mount(app: FastAPI, page: gr.Blocks, path: str, css: str, close: Callable[[ASGIApp], ASGIApp]) -> None:
    """Mount a page in its shell and behind its gate."""
    gr.mount_gradio_app(
        app,
        page,
        path,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        max_file_size=1,
        theme=theme(),
        css=asset("common.css") + asset(css),
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )
    base = path.rstrip("/")
    mounted = next(route for route in app.routes if isinstance(route, Mount) and route.path == base)
    mounted.app = close(Shell(mounted.app, {base, f"{base}/"}))
