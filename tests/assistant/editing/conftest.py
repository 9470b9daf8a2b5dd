from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import FakeEmbedder, write_corpus

from assistant.editing.drafts import Drafts
from assistant.editing.ledger import Ledger
from assistant.editing.publishing import Publisher
from assistant.editing.shelf import Shelf
from kb.workspace import Workspace

QUESTIONS = [
    {"id": "a1", "question": "抖音月付怎么开通", "facts": ["F001"]},
    {"id": "a2", "question": "抖音月付怎么关闭", "facts": ["F010"]},
]


class Bench:
    """A corpus, a store with a version that serves, and an editor's tools over them."""

    def __init__(self, folder: Path) -> None:
        self.corpus = write_corpus(folder / "corpus")
        (self.corpus / "questions").mkdir()
        rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in QUESTIONS)
        (self.corpus / "questions" / "answerable.jsonl").write_text(rows, "utf-8")
        self.space = Workspace(self.corpus, folder / "store")
        self.space._embedder = FakeEmbedder()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.ledger = Ledger(folder / "store" / "desk.sqlite")
        self.shelf = Shelf(self.corpus)
        self.drafts = Drafts(self.ledger, self.shelf)
        self.first = self.space.build().id

    @property
    def publisher(self) -> Publisher:
        """A new one each time, as another process would have."""
        return Publisher(self.space, self.ledger, self.drafts, self.shelf, lambda: self.asked)

    @property
    def serving(self) -> str:
        return self.space.store.current_id()

    def say(self, phrase: str, share: float) -> None:
        self.said.append(phrase)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
