"""The pages with the fake assistant behind them, in a process of their own: ``site_process.py STORE EMBEDDER``.

Prints the port. ``/test/...`` lets a test look behind the pages.
"""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from page_fakes import FakeAssistant

from assistant.accounts import Accounts
from assistant.web.api import create_app
from assistant.web.pages import mount_pages
from assistant.web.ports import Desk
from assistant.web.service import Backend, Service
from assistant.web.sites import sites


@dataclass
class Recorder:
    """A history that keeps what it is given."""

    turns: list[tuple[str, str]] = field(default_factory=list)
    ratings: list[tuple[int, int, str, str | None]] = field(default_factory=list)

    def record_turn(self, visitor: str, conversation: str, question: str, *_: Any, **__: Any) -> int:
        self.turns.append((visitor, question))
        return len(self.turns)

    def feedback(self, turn_id: int, value: int, reason: str = "", *, visitor: str | None = None) -> None:
        self.ratings.append((turn_id, value, reason, visitor))

    def export_visitor(self, visitor: str) -> dict[str, Any]:
        return {"turns": [{"question": question} for owner, question in self.turns if owner == visitor]}

    def erase_visitor(self, visitor: str) -> int:
        before = len(self.turns)
        self.turns = [turn for turn in self.turns if turn[0] != visitor]
        return before - len(self.turns)


def build(store: Path, embedder: str) -> FastAPI:
    assistant, history = FakeAssistant(), Recorder()
    app = create_app(Service(Backend(assistant.serve)), frame_ancestors=("'self'", *sites([embedder])))

    @app.get("/test/history")
    def kept() -> Recorder:
        return history

    @app.get("/test/broken/{broken}")
    def set_broken(broken: bool) -> None:
        assistant.broken = broken

    @app.get("/test/held/{held}")
    def set_held(held: bool) -> None:
        assistant.free.clear() if held else assistant.free.set()

    Accounts(store).first_editor()
    mount_pages(app, Desk(assistant.serve, store, history))
    return app


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(build(Path(sys.argv[1]), sys.argv[2]), log_level="warning"))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])
