"""Questions a second: many threads in one process, a process for each core, questions again, and ``POST /api/ask``."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np

from assistant.reply import Assistant
from benchmarks.records import Figure, Settings, sample_questions
from kb.memory import Memory
from kb.search import Found
from kb.workspace import Opened, Workspace

_SAMPLE, _QUICK_SAMPLE = 1200, 60
_MS = 1000.0
_CROWDS = (1, 16, 64)
_CALLERS = 16
_REMEMBERED = 2000
_WITHIN = 120.0  # seconds

Ask = Callable[[str], object]


def run(settings: Settings) -> list[Figure]:
    """Measure with every question asked once, so that nothing is remembered but where the figure says so."""
    opened = settings.workspace(os.cpu_count() or 1).open_fresh()
    questions = sample_questions(settings.corpus, _QUICK_SAMPLE if settings.quick else _SAMPLE)
    figures = []
    for threads in _CROWDS:
        settings.say(f"{threads} 个线程")
        seconds, waits = crowd(_asking(opened), questions, threads)
        figures += [
            Figure(f"{threads} 线程", len(questions) / seconds, "题/s", f"{len(questions)} 个不同的问题，无缓存"),
            Figure(f"{threads} 线程 p99", float(np.percentile(waits, 99)) * _MS, "ms"),
        ]
    return [*figures, _apart(settings, questions), _again(opened, questions), _over_http(settings, questions)]


def crowd(ask: Ask, questions: Sequence[str], threads: int) -> tuple[float, list[float]]:
    """Ask all questions from so many threads, each its next as soon as it has an answer; seconds in all and of each."""
    ready = threading.Barrier(threads + 1)
    shared, lock = iter(questions), threading.Lock()

    def caller() -> list[float]:
        waits = []
        ready.wait()
        while True:
            with lock:
                question = next(shared, None)
            if question is None:
                return waits
            started = time.perf_counter()
            ask(question)
            waits.append(time.perf_counter() - started)

    with ThreadPoolExecutor(threads) as pool:
        callers = [pool.submit(caller) for _ in range(threads)]
        ready.wait()
        started = time.perf_counter()
        waits = list(itertools.chain.from_iterable(item.result() for item in callers))
        return time.perf_counter() - started, waits


def _asking(opened: Opened, memory: Memory[Found] | None = None) -> Ask:
    searcher = opened.searcher if memory is None else opened.searcher.remembering(memory)
    assistant_ = Assistant(opened.knowledge, searcher)
    for number in range(20):
        assistant_.reply(None, f"月付怎么关闭{number}")  # the first calls pay for what is loaded lazily
    return lambda question: assistant_.reply(None, question)


def _apart(settings: Settings, questions: Sequence[str]) -> Figure:
    """Ask in a process for each core, each with its share of the questions, as web workers behind a proxy do."""
    count = os.cpu_count() or 1
    settings.say(f"{count} 个进程")
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(count + 1)
    workers = [
        context.Process(target=_share, args=(settings.corpus, settings.store, questions[number::count], gate))
        for number in range(count)
    ]
    for worker in workers:
        worker.start()
    try:  # who waits for a worker that failed gets a BrokenBarrierError in the end
        gate.wait(_WITHIN)
        started = time.perf_counter()
        gate.wait(_WITHIN)
        seconds = time.perf_counter() - started
    finally:
        for worker in workers:
            worker.join(1.0)
            worker.kill()
    note = f"{count} 个进程，各编码用 1 核，各问一份"
    return Figure("每核一个进程", len(questions) / seconds, "题/s", note)


def _share(corpus: Path, store: Path, questions: Sequence[str], gate: Barrier) -> None:
    ask = _asking(Workspace(corpus, store).open())
    gate.wait(_WITHIN)
    for question in questions:
        ask(question)
    gate.wait(_WITHIN)


def _again(opened: Opened, questions: Sequence[str]) -> Figure:
    ask = _asking(opened, Memory[Found](_REMEMBERED))
    crowd(ask, questions, _CALLERS)
    seconds, _ = crowd(ask, questions, _CALLERS)
    return Figure("重复的问题", len(questions) / seconds, "题/s", f"{_CALLERS} 线程，检索结果取自记忆")


def _over_http(settings: Settings, questions: Sequence[str]) -> Figure:
    settings.say("HTTP")
    with _served(settings) as port:
        local = threading.local()

        def ask(question: str) -> None:
            connection = getattr(local, "connection", None)
            if connection is None:
                connection = local.connection = HTTPConnection("127.0.0.1", port, timeout=60)
            body = json.dumps({"question": question}).encode()
            connection.request("POST", "/api/ask", body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            said = reply.read()
            if reply.status != 200:
                raise RuntimeError(f"HTTP {reply.status}: {said[:200]!r}")

        crowd(ask, [f"月付怎么关闭{number}" for number in range(20)], _CALLERS)
        seconds, _ = crowd(ask, questions, _CALLERS)
    note = f"{_CALLERS} 个连接，提问的客户端占用同一台机器"
    return Figure("POST /api/ask", len(questions) / seconds, "题/s", note)


@contextmanager
def _served(settings: Settings) -> Iterator[int]:
    """Serve the interface in a process of its own; give its port."""
    command = [sys.executable, "-m", "benchmarks.throughput", str(settings.corpus), str(settings.store)]
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        try:
            if process.stdout is None:
                raise RuntimeError("no pipe")
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def main(corpus: Path, store: Path) -> None:
    """Serve ``/api/ask`` without a limit of calls, with no memory but each searcher's own small one; print the port."""
    import socket

    import uvicorn

    from assistant.web.api import Limits, create_app
    from assistant.web.service import Backend, Service

    opened = Workspace(corpus, store, threads=os.cpu_count() or 1).open()
    assistant_ = Assistant(opened.knowledge, opened.searcher)
    app = create_app(Service(Backend(lambda: assistant_)), limits=Limits(1e9, 10**9))
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None)).run(sockets=[listener])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
