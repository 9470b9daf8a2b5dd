"""An assistant that answers at once and remembers, for tests of the HTTP interface."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.history import History, sqlite_url
from assistant.records import Answer, Candidate, Citation, State
from kb.lexicon import Lexicon
from kb.query import Query
from kb.records import FaqEntry, Hit, StructuredAnswer
from kb.search import Found
from kb.snapshot import Knowledge


class FakeAssistant:
    """Answers with what it remembers; raises ``fault`` where one is set."""

    def __init__(self) -> None:
        self.fault: Exception | None = None

    @property
    def searcher(self) -> "FakeAssistant":
        return self

    @property
    def knowledge(self) -> Knowledge:
        entry = FaqEntry("e0", "怎么开通", StructuredAnswer("打开钱包。", steps=("点月付",)), facts=("F001",))
        return Knowledge((entry,), (), (), Lexicon())

    def reply(self, state: State | None, text: str, *, now: float) -> tuple[State, Answer]:
        self._fail()
        before = state or State()
        answer = Answer(
            "refuse" if "火星" in text else "answer",
            f"上一问：{before.question}",
            entries=("yf-open",),
            facts=("F053",),
            citations=(Citation("yuefu#1", ("一、开通",), 3, 9, "可以开通。"),),
            confidence=0.93,
            candidates=(Candidate("yf-open", ("F053",), 0.93),),
            trace={"step": 1},
        )
        return replace(before, question=text, at=now), answer

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        self._fail()
        return [f"{prefix}{number}" for number in range(20)][:limit]

    def search(self, question: str, k: int = 10) -> Found:
        self._fail()
        query = Query(question, question, (), "", {})
        hits = tuple(
            Hit(f"e{rank}", 0.9 - rank / 10, ("F001",), "怎么开通", {"cosine": 0.8}) for rank in range(min(k, 3))
        )
        return Found(query, hits, 0.9, {"refuse": 0.1}, {"refuse": "other"})

    def search_within(self, question: str, wanted: Collection[str], k: int = 10) -> Found:
        found = self.search(question, k)
        return replace(found, hits=tuple(hit for hit in found.hits if hit.entry in wanted))

    def search_anew(self, question: str, k: int = 10) -> Found:
        return self.search(question, k)

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault


@contextmanager
def history_in(folder: Path) -> Iterator[History]:
    history = History(sqlite_url(folder / "history.sqlite3"), retention_days=30)
    yield history
    history.close()


def client_of(app: FastAPI, host: str = "192.0.2.1") -> TestClient:
    return TestClient(app, raise_server_exceptions=False, client=(host, 5000))
