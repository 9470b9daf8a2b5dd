from __future__ import annotations

from pathlib import Path

import pytest
from fakes import write_corpus

from assistant.history import History, HistoryError, Turn, sqlite_url
from assistant.records import Answer
from assistant.web.office import _asked, open_office
from assistant.web.ports import Desk, office_of
from kb.errors import StoreError
from kb.search import Searcher
from kb.workspace import Workspace


def no_searcher() -> Searcher:
    raise StoreError("none", user_message="没有")


def test_nothing_is_made_before_it_is_used(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    history = History(sqlite_url(tmp_path / "store" / "h.sqlite"), retention_days=1)
    office = open_office(Workspace(corpus, tmp_path / "store"), history, no_searcher)
    assert not (tmp_path / "store").exists()
    assert office.corpus == corpus
    assert office.drafts.all() == ()
    assert (tmp_path / "store" / "desk.sqlite").exists()


def test_the_most_recent_different_questions_are_replayed(tmp_path: Path) -> None:
    history = History(sqlite_url(tmp_path / "h.sqlite"), retention_days=1)
    for at, question in enumerate(("甲", "乙", "甲")):
        history.record_turn("v", "c", question, Answer("refuse", "无"), at=float(at), latency_ms=1.0)
    assert _asked(history) == ["甲", "乙"]


def test_a_history_out_of_reach_gives_none() -> None:
    class Broken:
        def recent(self, limit: int = 100) -> list[Turn]:
            raise HistoryError("down")

        def since(self, at: float, limit: int = 1) -> list[Turn]:
            raise HistoryError("down")

    assert _asked(Broken()) == ()


def test_a_page_without_an_office_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        office_of(Desk(lambda: None, tmp_path))  # type: ignore[arg-type,return-value]
