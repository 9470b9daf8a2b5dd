"""Keeps the memory of a server with many threads flat."""

from __future__ import annotations

import ctypes

_M_ARENA_MAX = -8  # malloc.h
_ARENAS = 2


def limit_arenas() -> None:
    """Let all threads share two of glibc's arenas.

    By default every thread gets one of its own, and what is freed in one is not used by another: a server that answers
    in dozens of threads grows for as long as it runs. Elsewhere than on glibc nothing happens.
    """
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
    except (OSError, AttributeError, TypeError):  # no C library to be had by this way, or another one
        return
