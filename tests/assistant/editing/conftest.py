from __future__ import annotations

import json
import shutil
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


def space_in(folder: Path) -> Workspace:
    space = Workspace(folder / "corpus", folder / "store")
    space._embedder = FakeEmbedder()
    return space


class Bench:
    """A corpus, a store with a version that serves, and an editor's tools over them."""

    def __init__(self, folder: Path) -> None:
        self.corpus = folder / "corpus"
        self.space = space_in(folder)
        self.asked: list[str] = []
        self.said: list[str] = []
        self.ledger = Ledger(folder / "store" / "desk.sqlite")
        self.shelf = Shelf(self.corpus)
        self.drafts = Drafts(self.ledger, self.shelf)
        self.first = self.serving

    @property
    def publisher(self) -> Publisher:
        """A new one each time, as another process would have."""
        return Publisher(self.space, self.ledger, self.drafts, self.shelf, lambda: self.asked)

    @property
    def serving(self) -> str:
        return self.space.store.current_id()

    def say(self, phrase: str, share: float) -> None:
        self.said.append(phrase)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus with a version built of it, for copying: the fit takes its time."""
    folder = tmp_path_factory.mktemp("built")
    corpus = write_corpus(folder / "corpus")
    (corpus / "questions").mkdir()
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in QUESTIONS)
    (corpus / "questions" / "answerable.jsonl").write_text(rows, "utf-8")
    space_in(folder).build()
    return folder


@pytest.fixture
def bench(built: Path, tmp_path: Path) -> Bench:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return Bench(tmp_path)


@pytest.fixture
def late_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever gets the lock of the corpus had to wait for an import, which has just written an article."""

    def recovered(folder: Path) -> None:
        (folder / "articles" / "big.md").write_text("# 大\n\n刚导入的一篇。\n", "utf-8")

    monkeypatch.setattr("kb.atomic._recovered", recovered)
