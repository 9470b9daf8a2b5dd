from __future__ import annotations

from pathlib import Path

import pytest
from fakes import write_corpus

from assistant.editing.shelf import Shelf
from kb.errors import CorpusError


def test_the_files_are_read_again_only_when_they_change(tmp_path: Path) -> None:
    shelf = Shelf(write_corpus(tmp_path))
    first = shelf.now()
    assert shelf.now() is first
    assert list(first.entries) == ["open", "close", "repay", "limit", "bill", "early"]
    assert first.owners["抖音月付怎么开通"] == ["open"]
    assert first.articles["open.md"].id == "art-open"
    assert "激活" in first.searchable["open"]

    (tmp_path / "faq" / "b.jsonl").unlink()
    assert "early" not in shelf.now().entries


def test_a_broken_file_is_named_until_it_is_mended(tmp_path: Path) -> None:
    shelf = Shelf(write_corpus(tmp_path))
    text = (tmp_path / "faq" / "a.yaml").read_text("utf-8")
    (tmp_path / "faq" / "a.yaml").write_text("- id: [", "utf-8")
    with pytest.raises(CorpusError) as caught:
        shelf.now()
    assert "a.yaml" in caught.value.user_message
    (tmp_path / "faq" / "a.yaml").write_text(text, "utf-8")
    assert "open" in shelf.now().entries
