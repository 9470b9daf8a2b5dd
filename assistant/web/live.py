"""The assistant that serves now: follows the store, so that what is published serves without a restart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from math import inf
from typing import Generic, TypeVar

from kb.errors import KbError, StaleError
from kb.workspace import Opened, Workspace

_log = logging.getLogger(__name__)
Made = TypeVar("Made")
# A version that did not open is left alone for a moment: a large one takes seconds, which somebody waits for.
_PAUSE_SECONDS = 30.0


class Live(Generic[Made]):
    """Gives the assistant of the store's current version; safe to share between threads.

    Args:
        workspace: where versions come from.
        make: makes an assistant of an open version.
        clock: monotonic seconds.

    """

    def __init__(
        self, workspace: Workspace, make: Callable[[Opened], Made], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workspace = workspace
        self._make = make
        self._clock = clock
        self._lock = threading.Lock()
        self._made: Made | None = None
        self._version = ""
        self._failed = ""
        self._retry_at = 0.0
        self.problem = ""

    def __call__(self) -> Made:
        """Give the assistant, opening a new version first if there is one; who asks meanwhile gets the one before.

        A version that does not open leaves the one before in service, and :attr:`problem` says so; it is tried again
        after half a minute, unless only a restart can help.

        Raises:
            KbError: there is no version that opens.

        """
        if not self._lock.acquire(blocking=self._made is None):
            # Opening a large knowledge base takes seconds, and only one of those who ask has to wait for them.
            return self._given()
        try:
            self._follow(self._workspace.store.current_id())
        except Exception as error:  # any: a version that trips over a fault of ours must not cost the one that serves
            if self._made is None:
                raise
            self._retry_at = inf if isinstance(error, StaleError) else self._clock() + _PAUSE_SECONDS
            self.problem = f"新版知识库打不开，仍在使用旧版：{_advice(error)}"
        finally:
            self._lock.release()
        return self._given()

    def _given(self) -> Made:
        if self._made is None:
            raise RuntimeError("following gave neither an assistant nor an error")
        return self._made

    def version(self) -> str:
        """Id of the version in service, "" before the first."""
        return self._version

    def _follow(self, current: str) -> None:
        if self._made is not None and current == self._version:
            self._failed = self.problem = ""  # it may have been out of reach for a moment
            return
        if self._made is not None and current == self._failed and self._clock() < self._retry_at:
            return
        self._failed = current
        self._made = self._make(self._workspace.open(current))
        self._version, self._failed, self.problem = current, "", ""
        _log.info("serving version %s", current)


def _advice(error: Exception) -> str:
    """Say what is wrong and what to do about it; a fault of our own goes to the log."""
    if isinstance(error, StaleError):  # this process keeps the model and the program that it was started with
        return "它是换了语义模型或程序以后建的，请重启服务。"
    if isinstance(error, KbError):
        return error.user_message
    _log.error("a version does not open", exc_info=error)
    return "程序出错，请看服务的日志。"
