"""What `deploy/` sets up, on one machine: Milvus (Lite), PostgreSQL, two workers, and a proxy in front of them."""

from __future__ import annotations

import json
import queue
import socket
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from fakes import FakeEmbedder, write_corpus

from kb.workspace import Workspace

_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Server:
    """A process of ours and what it says."""

    process: subprocess.Popen[str]
    url: str = ""
    said: queue.Queue[str] = field(default_factory=queue.Queue)

    def wait_for(self, beginning: str) -> str:
        """The rest of the next line that begins so."""
        while not (line := self.said.get(timeout=300)).startswith(beginning):
            assert line, "the process has ended"
        return line.removeprefix(beginning).strip()

    def publish(self) -> str:
        """Let the worker's editor publish what has changed; the version."""
        assert self.process.stdin is not None
        self.process.stdin.write("publish\n")
        self.process.stdin.flush()
        return self.wait_for("published ")


@dataclass(frozen=True)
class Site:
    """Everything that runs."""

    proxy: str
    workers: list[Server]
    corpus: Path
    store: Path
    history: str
    vectors: str
    served: Counter[str]


def post(url: str, data: dict[str, Any], conversation: str = "") -> dict[str, Any]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=60)
    try:
        headers = {"Content-Type": "application/json", **({"X-Conversation": conversation} if conversation else {})}
        connection.request("POST" if data else "GET", parts.path, json.dumps(data) if data else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status in (200, 204), text
        return dict(json.loads(text)) if text else {}
    finally:
        connection.close()


@contextmanager
def _process(*command: str) -> Iterator[Server]:
    process = subprocess.Popen(  # noqa: S603 - our own programs
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    server = Server(process)

    def listen() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            server.said.put(line)
        server.said.put("")

    Thread(target=listen, daemon=True).start()
    try:
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def _proxy(workers: list[str], served: Counter[str]) -> Iterator[str]:
    """What `deploy/nginx.conf` does: who comes from one address with one X-Conversation goes to one worker."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            key = f"{self.client_address[0]}{self.headers.get('X-Conversation', '')}"
            worker = workers[zlib.crc32(key.encode()) % len(workers)]
            served[worker] += 1
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            behind = HTTPConnection(urlsplit(worker).netloc, timeout=60)
            behind.request(self.command, self.path, body, dict(self.headers.items()))
            answer = behind.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            behind.close()

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _milvus(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with _process("-m", "milvus_lite", "server", "--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port)):
        until(lambda: _listens(port))
        yield f"http://127.0.0.1:{port}?name=shared"


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(folder: Path, history: str) -> Iterator[Site]:
    """Start everything over a tiny corpus."""
    served: Counter[str] = Counter()
    corpus = write_corpus(folder / "corpus")
    (corpus / "questions").mkdir()
    asked = {"id": "a1", "question": "月付怎么开通", "entries": ["open"]}
    (corpus / "questions" / "answerable.jsonl").write_text(json.dumps(asked) + "\n", "utf-8")
    with ExitStack() as stack:
        vectors = stack.enter_context(_milvus(folder / "milvus"))
        space = Workspace(corpus, folder / "store", vectors=vectors)
        space._embedder = FakeEmbedder()
        space.build()
        command = [str(Path(__file__).with_name("worker_process.py")), str(corpus), str(folder / "store")]
        workers = [stack.enter_context(_process(*command, history, vectors)) for _ in range(2)]
        for worker in workers:
            worker.url = worker.wait_for("客户页面：").rstrip("/")
        until(lambda: all(_answers(worker.url) for worker in workers))
        proxy = stack.enter_context(_proxy([worker.url for worker in workers], served))
        yield Site(proxy, workers, corpus, folder / "store", history, vectors, served)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def _answers(url: str) -> bool:
    try:
        return bool(post(f"{url}/api/health", {}))
    except OSError:
        return False
