"""The Gradio pages on the FastAPI app: chat at ``/``, the closed pages behind their login."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

# Before Gradio is imported: it would look for a newer version of itself on the internet.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
# For a monitor that nobody can open it would keep ten thousand events and sum all of them up after every answer.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(sys.maxsize)

import gradio as gr  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import RedirectResponse, Response  # noqa: E402
from starlette.routing import Mount  # noqa: E402
from starlette.types import ASGIApp  # noqa: E402

from assistant.accounts import Accounts  # noqa: E402
from assistant.editing.uploads import MAX_BYTES  # noqa: E402
from assistant.web.access import Gate  # noqa: E402
from assistant.web.chat import chat_page  # noqa: E402
from assistant.web.evaluation import evaluation_page  # noqa: E402
from assistant.web.files import asset  # noqa: E402
from assistant.web.insights import insights_page  # noqa: E402
from assistant.web.knowledge import knowledge_page  # noqa: E402
from assistant.web.logins import login_routes  # noqa: E402
from assistant.web.places import Place, head_of  # noqa: E402
from assistant.web.ports import Desk  # noqa: E402
from assistant.web.queues import Queues  # noqa: E402
from assistant.web.shell import Shell  # noqa: E402
from assistant.web.staff import staff_page  # noqa: E402
from assistant.web.streams import Streams  # noqa: E402
from assistant.web.theme import theme  # noqa: E402

PLACES = (
    Place("/staff", "员工检索", "staff", staff_page, "office.css"),
    Place("/knowledge", "知识库", "editor", knowledge_page, "office.css", upload=MAX_BYTES, office=True),
    Place("/insights", "洞察", "editor", insights_page, "office.css", office=True),
    Place("/evaluation", "评测", "editor", evaluation_page, "office.css", office=True),
)
# Gradio remembers what it last showed on each opened page, 70 to 200 kB, of which it would keep ten thousand. What is
# forgotten is a page in its first state: a chat lives in its browser, and closed pages have fewer users than this.
_REMEMBERED = 250
# Seconds between two looks at a queue. Gradio looks a thousand times a second at each of the five: measured, an eighth of
# a core while nobody asks, and now a fortieth.
_POLLED = 0.02


def mount_pages(app: FastAPI, desk: Desk, places: Sequence[Place] = PLACES) -> None:
    """Mount all pages; every other route must be there already, since the chat takes all that is left.

    Args:
        app: what to mount on.
        desk: what the pages work with.
        places: the closed pages; a login leads to the first. Without any there is no login either.

    """
    places = [place for place in places if desk.office is not None or not place.office]
    if places:
        _mount_closed(app, desk, places)
    _mount(app, chat_page(desk), "/", "chat.css", lambda inner: inner)


def _mount_closed(app: FastAPI, desk: Desk, places: Sequence[Place]) -> None:
    accounts = Accounts(desk.store, desk.clock)
    app.include_router(login_routes(accounts, [place.home for place in places]))
    for place in places:
        app.add_route(place.path, _leading_to(place.home))
        page = place.build(desk, head_of(place, places))
        _mount(app, page, place.path, place.css, _gate(place, accounts), upload=place.upload)


def _leading_to(home: str) -> Callable[[Request], Response]:
    return lambda request: RedirectResponse(home)


def _gate(place: Place, accounts: Accounts) -> Callable[[ASGIApp], ASGIApp]:
    return lambda inner: Gate(inner, accounts, place.role, place.home)


def _mount(
    app: FastAPI, page: gr.Blocks, path: str, css: str, close: Callable[[ASGIApp], ASGIApp], *, upload: int = 0
) -> None:
    """Mount a page in its shell and behind its gate."""
    page.state_session_capacity = _REMEMBERED
    page._queue.sleep_when_free = page._queue.progress_update_sleep_when_free = _POLLED
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
        max_file_size=max(1, upload),
        theme=theme(),
        css=asset("common.css") + asset("tables.css") + asset(css),
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )
    base = path.rstrip("/")
    mounted = next(route for route in app.routes if isinstance(route, Mount) and route.path == base)
    streams = Streams(mounted.app, page._queue)
    mounted.app = close(Shell(Queues(streams, page._queue), {base, f"{base}/"}, files=upload > 0))
