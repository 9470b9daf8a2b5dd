"""A server of its own under steady load for a long time: errors, latency, memory.

Questions are asked at a fixed rate whatever the server does (an open loop), so that a slow server cannot hide behind
slow askers; a latency counts from when the question was due.
"""

from __future__ import annotations

import queue
import random
import re
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import httpx

from stress.questions import questions
from stress.records import Result

_ROOT = Path(__file__).parents[2]
_ASKERS = 64
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/")
_MOST_GROWTH_MB = 100.0
_PROBE = 60.0  # seconds; a busy host is quick in some and slow in others


@dataclass
class Load:
    """What came of the questions so far."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)

    def figures(self, rate: float, minutes: float) -> dict[str, object]:
        ordered = sorted(self.seconds) or [0.0]
        parts = {f"p{share}毫秒": round(ordered[min(int(len(ordered) * share / 100), len(ordered) - 1)] * 1000, 1)
                 for share in (50, 95, 99)}  # fmt: skip
        return {
            "每秒": rate,
            "分钟": round(minutes, 2),
            "错误": len(self.errors),
            **parts,
            "内存MB": round(self.memory[-1]) if self.memory else 0,
            "内存增长MB": round(self.growth(), 1),
        }

    def growth(self) -> float:
        """Memory at the end (the median of its last tenth) less that of the second tenth; the first fills caches."""
        if len(self.memory) < 10:
            return 0.0
        tenth = max(len(self.memory) // 10, 1)
        first, last = self.memory[tenth : 2 * tenth], self.memory[-tenth:]
        return sorted(last)[len(last) // 2] - sorted(first)[len(first) // 2]


def run(store: Path, forms: Sequence[str], *, minutes: float, rate: float, seed: int) -> Result:
    """Ask ``rate`` questions a second for some minutes; 0 takes 80% of what the server manages at once.

    Args:
        store: a store with an index of the shipped corpus; the history is kept in it.
        forms: questions to vary.
        minutes: how long.
        rate: questions a second.
        seed: of the questions.
    """
    with server(store) as (address, process):
        return measure(address, process.pid, forms, minutes=minutes, rate=rate, seed=seed)


def measure(address: str, pid: int, forms: Sequence[str], *, minutes: float, rate: float, seed: int) -> Result:
    """Put the load on a server that runs already; see :func:`run`."""
    draw = random.Random(seed)  # noqa: S311 - seeded, no secret
    asked = [text for text in islice(questions(forms, draw), 3_000) if text.strip() and _sendable(text)]
    chosen = rate or round(0.8 * _capacity(address, asked), 1)
    if not chosen:
        return Result("长时间运行", 0, ("一个问题也没有答上来",), {})
    load = _steady(address, asked, chosen, minutes * 60, pid)
    faults = [*dict.fromkeys(load.errors)][:20]
    if minutes >= 5 and load.growth() > _MOST_GROWTH_MB:
        faults.append(f"内存涨了 {load.growth():.0f} MB")
    return Result("长时间运行", len(load.seconds) + len(load.errors), tuple(faults), load.figures(chosen, minutes))


def _sendable(text: str) -> bool:
    """Whether a browser would send it: well-formed, and short as questions are."""
    return len(text) <= 200 and not any("\ud800" <= char <= "\udfff" for char in text)


@contextmanager
def server(store: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``app.py`` in a process of its own on a free port of loopback."""
    command = [sys.executable, str(_ROOT / "app.py"), "--port", "0", "--store", str(store)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)  # noqa: S603 - our own program
    try:
        yield _address(process), process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        if found := _ADDRESS.search(line):
            return f"http://127.0.0.1:{found[1]}"
    raise RuntimeError(f"the server did not start, exit code {process.wait()}")


def _steady(address: str, asked: Sequence[str], rate: float, seconds: float, pid: int) -> Load:
    load, due = Load(), queue.Queue[tuple[float, str] | None]()
    threads = [threading.Thread(target=_ask, args=(address, due, load, n)) for n in range(_ASKERS)]
    for thread in threads:
        thread.start()
    began, last_look = time.monotonic(), 0.0
    for number in range(max(int(seconds * rate), 1)):
        at = began + number / rate
        time.sleep(max(at - time.monotonic(), 0))
        due.put((at, asked[number % len(asked)]))
        if time.monotonic() - last_look > min(seconds / 40, 10):
            last_look = time.monotonic()
            load.memory.append(_memory_mb(pid))
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    return load


def _ask(address: str, due: queue.Queue[tuple[float, str] | None], load: Load, number: int) -> None:
    with _client(address, number) as client:
        visitor = _Visitor(client)
        for at, question in iter(due.get, None):
            try:
                visitor.ask(question)
                load.seconds.append(time.monotonic() - at)
            except (httpx.HTTPError, KeyError, ValueError) as error:
                load.errors.append(f"{type(error).__name__}: {error}")


class _Visitor:
    """Has conversations of five turns, one after the other."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._session: str | None = None
        self._turn = 0

    def ask(self, question: str) -> None:
        """Ask and wait for the answer; raises httpx.HTTPError, KeyError or ValueError where there is none."""
        session = self._session if self._turn % 5 else None
        self._turn += 1
        answer = self._client.post("/api/ask", json={"question": question, "session": session})
        answer.raise_for_status()
        self._session = answer.json()["session"]


def _client(address: str, number: int) -> httpx.Client:
    """A client from an address of its own on loopback, because each visitor may ask only so often."""
    transport = httpx.HTTPTransport(local_address=f"127.0.1.{number + 1}")
    return httpx.Client(base_url=address, timeout=30, transport=transport)


def _capacity(address: str, asked: Sequence[str], seconds: float = _PROBE) -> float:
    """Questions a second when everybody asks, as under the load, as fast as they are answered (and let)."""
    stop, done = time.monotonic() + seconds, []

    def ask(number: int) -> None:
        with _client(address, number + _ASKERS) as client:
            visitor = _Visitor(client)
            for question in islice(cycle(asked), number, None, _ASKERS):
                if time.monotonic() > stop:
                    return
                with suppress(httpx.HTTPError, KeyError, ValueError):  # the load that follows counts errors
                    visitor.ask(question)
                    done.append(question)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(_ASKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done) / seconds


def _memory_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1])
    return pages * resource.getpagesize() / 2**20
