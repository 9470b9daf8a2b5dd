"""Commands for the conversation history: ``zhida history …``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.console import DEFAULT_STORE, StoreOption, friendly_errors, out, print_json

if TYPE_CHECKING:
    from assistant.history import History

histories = typer.Typer(no_args_is_help=True)

VisitorArgument = Annotated[str, typer.Argument(help="访客的会话号，或导出里的化名（p: 开头）")]
UrlOption = Annotated[
    str,
    typer.Option("--history", help="对话记录的 SQLAlchemy 地址；默认存在索引文件夹的 SQLite", envvar="ZHIDA_HISTORY"),
]
DaysOption = Annotated[int, typer.Option(help="只留最近多少天", envvar="ZHIDA_RETENTION_DAYS")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(histories, name="history", help="对话记录：导出或删除一位访客的，清除过期的")


@histories.command()
def export(visitor: VisitorArgument, history: UrlOption = "", store: StoreOption = DEFAULT_STORE) -> None:
    """以 JSON 导出一位访客的全部记录。"""  # noqa: D400, D415 - the help text is Chinese
    with _opened(history, store) as kept:
        print_json(kept.export_visitor(visitor))


@histories.command()
def erase(visitor: VisitorArgument, history: UrlOption = "", store: StoreOption = DEFAULT_STORE) -> None:
    """删除一位访客的全部记录，不能恢复。"""  # noqa: D400, D415
    with _opened(history, store) as kept:
        out.print(f"已删除 {kept.erase_visitor(visitor)} 问。")


@histories.command()
def purge(retention_days: DaysOption = 90, history: UrlOption = "", store: StoreOption = DEFAULT_STORE) -> None:
    """删除过期的记录；服务运行时每天自动做。"""  # noqa: D400, D415
    with _opened(history, store, retention_days) as kept:
        out.print(f"已删除 {kept.purge(time.time())} 问。")


@contextmanager
def _opened(url: str, store: Path, days: int = 90) -> Iterator[History]:
    from assistant.history import FILE, History, sqlite_url  # SQLAlchemy: only for who asks for records

    with friendly_errors():
        kept = History(url or sqlite_url(store / FILE), retention_days=days)
        try:
            yield kept
        finally:
            kept.close()
