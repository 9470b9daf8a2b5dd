"""The pages over a knowledge base each of whose texts is an attack: ``hostile_process.py STORE``; prints the port."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import uvicorn
from page_fakes import FakeAssistant, FakeSearcher
from payloads import PAYLOADS

from assistant.accounts import Accounts
from assistant.records import Answer, Citation, Option, State
from assistant.web.api import create_app
from assistant.web.pages import mount_pages
from assistant.web.ports import Desk
from assistant.web.service import Backend, Service
from kb.lexicon import Lexicon
from kb.query import Query
from kb.records import Document, FaqEntry, Hit, Section, StructuredAnswer
from kb.search import Found
from kb.snapshot import Knowledge

ALL = "\n".join(PAYLOADS)
FILE = PAYLOADS[6]  # an article's id is its file's name
ENTRIES = tuple(
    FaqEntry(f"x-{number}{text}", text, StructuredAnswer(text, detail=ALL, steps=PAYLOADS), facts=(text,))
    for number, text in enumerate(PAYLOADS)
)
ARTICLE = Document(FILE, PAYLOADS[0], ALL)
SECTION = Section(f"{FILE}#1", FILE, PAYLOADS[:3], 0, len(ALL), ("F1",))
KNOWLEDGE = Knowledge(ENTRIES, (ARTICLE,), (SECTION,), Lexicon())
ANSWER = Answer(
    "answer",
    f"{ALL}\n\n{ALL}",
    entries=(ENTRIES[0].id,),
    citations=(
        Citation(SECTION.id, SECTION.heading_path, 0, len(PAYLOADS[0]), PAYLOADS[0]),
        Citation(ENTRIES[1].id, (ENTRIES[1].question,), 0, 1, PAYLOADS[1]),
    ),
    understood_as=PAYLOADS[7],
    options=tuple(Option(text, text) for text in PAYLOADS),
)


class HostileSearcher(FakeSearcher):
    def search(self, question: str, k: int = 10) -> Found:
        features = super().search(question).hits[0].features
        hits = tuple(Hit(entry.id, 0.1, entry.facts, entry.question, features) for entry in ENTRIES)
        query = Query(question, ALL, (), "", {})
        return Found(query, hits[:k], 0.9, {"refuse": 0.1}, {"refuse": PAYLOADS[6]})


class HostileAssistant(FakeAssistant):
    examples = PAYLOADS

    def __init__(self) -> None:
        super().__init__()
        self.knowledge = KNOWLEDGE
        self.searcher = HostileSearcher()

    def reply(self, state: State | None, text: str, *, now: float) -> tuple[State, Answer]:
        return State(at=now), ANSWER

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        return list(PAYLOADS)


if __name__ == "__main__":
    store, assistant = Path(sys.argv[1]), HostileAssistant()
    Accounts(store).first_editor()
    app = create_app(Service(Backend(assistant.serve)))
    mount_pages(app, Desk(assistant.serve, store, problem=lambda: ALL))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])
