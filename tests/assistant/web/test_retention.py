from __future__ import annotations

import threading
from typing import Any, cast

from assistant.history import History, HistoryError
from assistant.web.retention import keep_short


class Kept:
    """Fails at first, then says when it was purged often enough."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.enough = threading.Event()

    def purge(self, now: float) -> int:
        self.times.append(now)
        if len(self.times) == 1:
            raise HistoryError("down", user_message="连不上数据库。")
        if len(self.times) == 3:
            self.enough.set()
        return 0


def test_old_turns_are_purged_again_and_again_whatever_happens_once() -> None:
    kept, said, stop = Kept(), list[Any](), threading.Event()
    thread = keep_short(cast(History, kept), said.append, stop=stop, pause=0.001)
    assert said == ["对话记录暂时用不了：连不上数据库。"]
    assert kept.enough.wait(30)
    stop.set()
    thread.join(30)
    assert not thread.is_alive() and said[1:] == []
