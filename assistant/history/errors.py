"""Errors of the conversation history.

KbError
└── HistoryError    the history database cannot be opened, read or written; replies go on without it
"""

from __future__ import annotations

from kb.errors import KbError

_HINT = "会话历史暂时读写不了（数据库打不开、被占用或磁盘已满）。回答不受影响，请检查历史数据库的地址、权限和磁盘空间。"


class HistoryError(KbError):
    """The history database failed; what was asked of it was not done."""

    def __init__(self, message: str, *, user_message: str = _HINT) -> None:
        super().__init__(message, user_message=user_message)
