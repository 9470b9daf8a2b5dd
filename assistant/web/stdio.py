"""The tools for agents over standard input and output: for a program that starts the knowledge base as its own."""

from __future__ import annotations

import anyio

from assistant.history import FILE, History, sqlite_url
from assistant.reply import Assistant
from assistant.web.live import Live
from assistant.web.logs import configure_logs
from assistant.web.mcp_server import mcp_server
from assistant.web.service import Backend, Service
from kb.workspace import Workspace


def serve_stdio(workspace: Workspace, *, history_url: str = "", retention_days: int = 90) -> None:
    """Serve one agent until it closes the pipe; standard output belongs to the protocol, logs go to standard error.

    Args:
        workspace: what to answer from, its index built already.
        history_url: SQLAlchemy URL of the history; "" keeps it in a file of the store.
        retention_days: how long the history is to be kept; a server purges it.

    """
    configure_logs()
    history = History(history_url or sqlite_url(workspace.store.folder / FILE), retention_days=retention_days)
    live = Live(workspace, lambda opened: Assistant(opened.knowledge, opened.searcher))
    service = Service(Backend(live, history, live.version, {"index": lambda: live.problem}))
    try:
        anyio.run(mcp_server(service, local=True).run_stdio_async)
    finally:
        history.close()
