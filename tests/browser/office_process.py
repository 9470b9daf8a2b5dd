"""All pages over a tiny corpus of their own, with a fake encoder and a real history: ``office_process.py FOLDER``.

Prints the port. ``/test/...`` lets a test play customers whom it does not want to type for.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import uvicorn
from fakes import FakeEmbedder, write_corpus
from fastapi import FastAPI

from assistant.accounts import Accounts
from assistant.history import History, sqlite_url
from assistant.reply import Assistant
from assistant.web.live import Live
from assistant.web.office import open_office
from assistant.web.pages import mount_pages
from assistant.web.ports import Desk
from assistant.web.security import SecurityHeaders
from assistant.web.talk import Talk
from assistant.web.visit import new_visit
from kb.workspace import Workspace

QUESTIONS = {
    "answerable": [
        {"id": "a1", "question": "抖音月付怎么开通", "facts": ["F001"], "intent": "open", "style": "plain"},
        {"id": "a2", "question": "月付怎么关掉", "facts": ["F010"], "intent": "close", "style": "short"},
    ],
    "unanswerable": [{"id": "u1", "question": "花呗怎么还款", "kind": "other_product", "expect": "refuse"}],
}


def corpus_in(folder: Path) -> Path:
    corpus = write_corpus(folder / "corpus")
    (corpus / "questions").mkdir(exist_ok=True)
    for part, rows in QUESTIONS.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (corpus / "questions" / f"{part}.jsonl").write_text(text, "utf-8")
    return corpus


def build(folder: Path) -> FastAPI:
    space = Workspace(corpus_in(folder), folder / "store")
    space._embedder = FakeEmbedder()
    space.build()
    history = History(sqlite_url(space.store.folder / "history.sqlite"), retention_days=90)
    live = Live(space, lambda opened: Assistant(opened.knowledge, opened.searcher))
    desk = Desk(
        live, space.store.folder, history, live.version, office=open_office(space, history, lambda: live().searcher)
    )
    app = FastAPI(docs_url=None, redoc_url=None)
    app.add_middleware(SecurityHeaders)
    talk = Talk(desk)

    @app.get("/test/ask")
    def ask(q: str, days: float = 0.0, then: str = "", rate: int = 0) -> str:
        """Ask as a new customer some days ago; ``then`` is asked next; rate the last reply."""
        past = Talk(Desk(desk.assistant, desk.store, history, desk.version, clock=lambda: time.time() - days * 86_400))
        visit = past.ask(new_visit(), q, "")
        visit = past.ask(visit, then, "") if then else visit
        if rate in (1, -1):
            talk.rate(visit, len(visit.turns) - 1, 1 if rate == 1 else -1)
        return visit.turns[-1].decision

    store = Accounts(space.store.folder)
    store.first_editor()
    mount_pages(app, desk)
    return app


if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(build(Path(sys.argv[1])), log_level="warning"))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])
