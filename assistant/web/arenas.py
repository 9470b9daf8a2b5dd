"""Keeps the memory of a server with many threads flat. Elsewhere than on glibc nothing happens."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable

_M_ARENA_MAX = -8  # malloc.h
_ARENAS = 2
_MINUTE = 60.0


def limit_arenas() -> None:
    """Let all threads share two of glibc's arenas.

    By default every thread gets one of its own, and what is freed in one is not used by another: a server that answers
    in dozens of threads grows for as long as it runs.
    """
    _call("mallopt", _M_ARENA_MAX, _ARENAS)


def trim() -> None:
    """Give freed pages back to the system: glibc by itself gives back only those at an arena's end."""
    _call("malloc_trim", 0)


def keep_trimmed(
    *, stop: threading.Event | None = None, pause: float = _MINUTE, act: Callable[[], None] = trim
) -> threading.Thread:
    """Trim after each pause, in a thread that ends with the process, or when ``stop`` is set."""
    thread = threading.Thread(target=_trim_on, args=(stop or threading.Event(), pause, act), name="trim", daemon=True)
    thread.start()
    return thread


def _trim_on(ended: threading.Event, pause: float, act: Callable[[], None]) -> None:
    while not ended.wait(pause):
        act()


def _call(name: str, *values: int) -> None:
    try:
        getattr(ctypes.CDLL(None), name)(*values)
    except (OSError, AttributeError, TypeError):  # no C library to be had by this way, or another one
        return
