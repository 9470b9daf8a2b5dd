"""Builds the ``zhida`` application out of its command groups."""

from __future__ import annotations

import typer

from assistant.cli.asking import register as add_asking
from assistant.cli.console import friendly_errors
from assistant.cli.histories import register as add_histories
from assistant.cli.keys import register as add_keys
from assistant.cli.knowledge import register as add_knowledge
from assistant.cli.operating import register as add_operating
from assistant.cli.users import register as add_users

app = typer.Typer(
    name="zhida",
    help="知答：中文知识库问答助手。第一次使用请运行 zhida ask 为什么月付显示本订单暂不支持",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
add_asking(app)
add_knowledge(app)
add_operating(app)
add_users(app)
add_keys(app)
add_histories(app)


def main() -> None:
    """Run the command line; our own errors become one Chinese sentence and status 1."""
    with friendly_errors():
        app()
