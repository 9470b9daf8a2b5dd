"""Commands for the keys of the HTTP interface: ``zhida key …``."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.console import DEFAULT_STORE, StoreOption, err, friendly_errors, out
from assistant.web.api_keys import FILE, ApiKeys

keys = typer.Typer(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="密钥的名字，例如调用方的系统名")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(keys, name="key", help="管理 HTTP 接口的密钥：添加、收回、列出")


@keys.command()
def add(name: NameArgument, store: StoreOption = DEFAULT_STORE) -> None:
    """添加一把密钥，显示一次；有了第一把，本机调用也要带密钥（重启服务后生效）。"""  # noqa: D400, D415 - the help text is Chinese
    with friendly_errors():
        out.print(ApiKeys(store / FILE).create(name), highlight=False, soft_wrap=True)
        err.print("这把密钥只显示这一次，请求头里写 Authorization: Bearer 密钥。", style="dim")


@keys.command()
def remove(name: NameArgument, store: StoreOption = DEFAULT_STORE) -> None:
    """收回一把密钥，立即生效。"""  # noqa: D400, D415
    with friendly_errors():
        ApiKeys(store / FILE).revoke(name)
        out.print(f"已收回 {name}。")


@keys.command("list")
def listing(store: StoreOption = DEFAULT_STORE) -> None:
    """列出密钥的名字。"""  # noqa: D400, D415
    with friendly_errors():
        for name in ApiKeys(store / FILE).names():
            out.print(name)
