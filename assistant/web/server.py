"""Builds what the pages and the interface share, and serves them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import uvicorn

from assistant.accounts import Accounts
from assistant.history import FILE, History, sqlite_url
from assistant.reply import Assistant
from assistant.web.api import create_app
from assistant.web.api_keys import FILE as API_KEYS
from assistant.web.api_keys import ApiKeys, keys_for
from assistant.web.arenas import keep_trimmed, limit_arenas
from assistant.web.live import Live
from assistant.web.logs import configure_logs
from assistant.web.office import Office, open_office
from assistant.web.pages import PLACES, mount_pages
from assistant.web.ports import Desk
from assistant.web.prometheus import Metrics
from assistant.web.retention import keep_short
from assistant.web.service import Backend, Service
from assistant.web.sites import sites
from kb.errors import KbError, UsageError
from kb.memory import Memory
from kb.search import Found
from kb.workspace import Opened, Workspace

# Questions whose results are remembered, some 45 kB each.
_REMEMBERED = 512


def serve(
    workspace: Workspace,
    *,
    host: str,
    port: int,
    history_url: str,
    retention_days: int,
    embed: Iterable[str],
    keys: ApiKeys | None,
    office: bool,
    say: Callable[[str], None],
) -> None:
    """Serve chat, staff search and the HTTP interface until interrupted; see :func:`assistant.web.serve`."""
    limit_arenas()
    keep_trimmed()
    ancestors = ("'self'", *sites(embed))
    listener = _listen(host, port)
    store = workspace.store.folder
    history = History(history_url or sqlite_url(store / FILE), retention_days=retention_days)
    keep_short(history, say)
    metrics = Metrics()
    live = Live(workspace, lambda opened: _assistant(opened, metrics))
    tools = open_office(workspace, history, lambda: live().searcher) if office else None
    if tools is not None:
        _recover(tools, say)
        _bring_up_to_date(workspace, say)
    service = Service(Backend(live, history, live.version, {"index": lambda: live.problem}), metrics=metrics)
    app = create_app(service, keys=keys or keys_for(host, store / API_KEYS), frame_ancestors=ancestors)
    desk = Desk(live, store, history, live.version, lambda: live.problem, metrics=metrics, office=tools)
    places = PLACES if office else ()
    mount_pages(app, desk, places)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compared, not bound
    address = f"http://{shown}:{listener.getsockname()[1]}"
    say(f"客户页面：{address}/")
    for place in places:
        say(f"{place.title}：{address}{place.home}（需要登录）")
    if office:
        _welcome(store, say)
    configure_logs()
    uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listener])


def _recover(office: Office, say: Callable[[str], None]) -> None:
    """Finish what a crash interrupted before the corpus is looked at."""
    try:
        office.publisher.recover()
    except KbError as error:
        say(f"上次没有发布完：{error.user_message}")


def _welcome(store: Path, say: Callable[[str], None]) -> None:
    """Make the first account where there is none."""
    told = Accounts(store).first_editor()
    if told is not None:
        say(f"已建立第一个编辑账号，用户名和密码在文件 {told}，请登录后修改密码。")


def _assistant(opened: Opened, metrics: Metrics) -> Assistant:
    """Answer from a version, remembering what was found in it until another one serves."""
    memory: Memory[Found] = Memory(_REMEMBERED, metrics.count_search)
    assistant = Assistant(opened.knowledge, opened.searcher.remembering(memory))
    assistant.warm()
    return assistant


def _bring_up_to_date(workspace: Workspace, say: Callable[[str], None]) -> None:
    """Build a missing or stale index; if that fails, the pages say what is wrong, or an older index serves on."""
    try:
        if workspace.stale():
            workspace.build()
    except KbError as error:
        say(f"索引没有更新成功：{error.user_message}")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"cannot listen on {host}:{port}: {error}",
            user_message=f"{host}:{port} 用不了，可能已有程序占用这个端口，请用 --port 换一个。",
        ) from error
