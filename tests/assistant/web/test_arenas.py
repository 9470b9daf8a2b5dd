from __future__ import annotations

import ctypes
import platform
import re
import threading
from pathlib import Path

import pytest

from assistant.web.arenas import keep_trimmed, trim


def _resident() -> float:
    """MB of this process."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))[0]) / 1024


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone keeps freed pages and can be told")
def test_freed_pages_between_others_are_given_back() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = (
        ctypes.c_void_p,
        (ctypes.c_size_t,),
        (ctypes.c_void_p,),
    )
    blocks = [libc.malloc(64 * 1024) for _ in range(1024)]
    for block in blocks:
        ctypes.memset(block, 1, 64 * 1024)
    for number, block in enumerate(blocks):
        if number % 16:
            libc.free(block)
    before = _resident()
    trim()
    assert before - _resident() > 30
    for block in blocks[::16]:
        libc.free(block)


def test_it_goes_on_until_it_is_stopped() -> None:
    stop, twice, seen = threading.Event(), threading.Event(), list[int]()

    def act() -> None:
        seen.append(len(seen))
        if len(seen) == 2:
            twice.set()

    thread = keep_trimmed(stop=stop, pause=0.001, act=act)
    assert twice.wait(30)
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def test_without_a_c_library_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.web.arenas.ctypes.CDLL", lambda _name: object())
    trim()
