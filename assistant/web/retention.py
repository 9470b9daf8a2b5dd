"""Forgets what is older than the retention time: when the server starts, and every day while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from assistant.history import History, HistoryError

_DAY = 86_400.0


def keep_short(
    history: History, say: Callable[[str], None], *, stop: threading.Event | None = None, pause: float = _DAY
) -> threading.Thread:
    """Purge now, and again after each pause in a thread that ends with the process, or when ``stop`` is set.

    A history that is out of reach keeps nobody from starting; it is tried again the next time.
    """
    ended = stop or threading.Event()
    _purge(history, say)
    thread = threading.Thread(target=_daily, args=(history, say, ended, pause), name="retention", daemon=True)
    thread.start()
    return thread


def _daily(history: History, say: Callable[[str], None], ended: threading.Event, pause: float) -> None:
    while not ended.wait(pause):
        _purge(history, say)


def _purge(history: History, say: Callable[[str], None]) -> None:
    try:
        history.purge(time.time())
    except HistoryError as error:
        say(f"对话记录暂时用不了：{error.user_message}")
