"""Commands for the accounts of staff and editors: ``zhida user …``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.table import Table

from assistant.accounts import Accounts, new_password, role_of
from assistant.cli.console import DEFAULT_STORE, StoreOption, err, friendly_errors, out
from kb.errors import UsageError

users = typer.Typer(no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="用户名")]
RoleOption = Annotated[str, typer.Option(help="角色：staff 只能检索，editor 还能改知识库")]
StdinOption = Annotated[bool, typer.Option("--stdin", help="从标准输入读密码；不用则随机生成一个并显示出来")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(users, name="user", help="管理登录账号：添加、换密码、换角色、删除、列出")


@users.command()
def add(
    name: NameArgument, role: RoleOption = "staff", stdin: StdinOption = False, store: StoreOption = DEFAULT_STORE
) -> None:
    """添加一个账号。"""  # noqa: D400, D415 - the help text is Chinese
    with friendly_errors():
        password = _password(stdin)
        user = Accounts(store).add(name, role_of(role), password)
        out.print(f"已添加 {user.name}（{user.role}）。")
        _show(password, stdin)


@users.command()
def reset(name: NameArgument, stdin: StdinOption = False, store: StoreOption = DEFAULT_STORE) -> None:
    """换密码；这个账号现有的登录随即结束。"""  # noqa: D400, D415
    with friendly_errors():
        password = _password(stdin)
        Accounts(store).set_password(name, password)
        out.print(f"已换 {name} 的密码。")
        _show(password, stdin)


@users.command()
def role(
    name: NameArgument, role: Annotated[str, typer.Argument(help="staff 或 editor")], store: StoreOption = DEFAULT_STORE
) -> None:
    """换角色，立即生效。"""  # noqa: D400, D415
    with friendly_errors():
        Accounts(store).set_role(name, role_of(role))
        out.print(f"{name} 现在是 {role}。")


@users.command()
def remove(name: NameArgument, store: StoreOption = DEFAULT_STORE) -> None:
    """删除一个账号，立即生效。"""  # noqa: D400, D415
    with friendly_errors():
        Accounts(store).remove(name)
        out.print(f"已删除 {name}。")


@users.command("list")
def listing(store: StoreOption = DEFAULT_STORE) -> None:
    """列出所有账号。"""  # noqa: D400, D415
    with friendly_errors():
        table = Table("用户名", "角色")
        for user in Accounts(store).users():
            table.add_row(user.name, user.role)
        out.print(table)


def _password(stdin: bool) -> str:
    """Read the password or make one.

    Raises:
        UsageError: there is nothing to read.

    """
    if not stdin:
        return new_password()
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise UsageError(
            "no password", user_message="标准输入里没有密码，例如：echo 新密码 | zhida user reset 名字 --stdin"
        )
    return password


def _show(password: str, stdin: bool) -> None:
    if not stdin:
        out.print(f"密码：{password}", highlight=False)
        err.print("这个密码只显示这一次，请转告本人，登录后自己修改。", style="dim")
