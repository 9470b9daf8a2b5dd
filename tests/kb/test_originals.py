from pathlib import Path

import pytest
from fakes import FakeEmbedder, write_corpus

from kb.build import build
from kb.corpus import corpus_digest, load_corpus
from kb.errors import CorpusError, StoreError
from kb.originals import read_originals, restore_originals, save_originals
from kb.store import Store


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


def test_a_version_brings_its_corpus_back(corpus: Path, tmp_path: Path) -> None:
    version = build(load_corpus(corpus), FakeEmbedder(), Store(tmp_path / "store"))
    before = corpus_digest(corpus)
    (corpus / "questions").mkdir()
    (corpus / "questions" / "answerable.jsonl").write_text("{}\n", "utf-8")
    (corpus / "faq" / "a.yaml").write_text("[]\n", "utf-8")
    (corpus / "faq" / "b.jsonl").unlink()
    (corpus / "articles" / "new.md").write_text("# 新\n\n新的一篇。\n", "utf-8")

    changed = restore_originals(corpus, read_originals(version.folder))

    assert changed == 3
    assert corpus_digest(corpus) == before == version.manifest["corpus"]["digest"]  # type: ignore[index]
    assert (corpus / "questions" / "answerable.jsonl").exists()
    assert restore_originals(corpus, read_originals(version.folder)) == 0


def test_bytes_come_back_as_they_were(corpus: Path, tmp_path: Path) -> None:
    (corpus / "articles" / "scan.png").write_bytes(b"\x89PNG\r\n\x00\xff")
    save_originals(corpus, tmp_path)
    (corpus / "articles" / "scan.png").unlink()

    restore_originals(corpus, read_originals(tmp_path))

    assert (corpus / "articles" / "scan.png").read_bytes() == b"\x89PNG\r\n\x00\xff"


def test_a_file_that_cannot_be_read_is_named(corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.originals.source_files", lambda folder: [folder / "faq" / "gone.yaml"])
    with pytest.raises(CorpusError) as caught:
        save_originals(corpus, tmp_path)
    assert "gone.yaml" in caught.value.user_message
    assert not (tmp_path / "source.zip").exists()


def test_a_version_without_its_files_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        read_originals(tmp_path)
    assert "没有保存当时的知识库文件" in caught.value.user_message
    (tmp_path / "source.zip").write_bytes(b"PK no")
    with pytest.raises(StoreError):
        read_originals(tmp_path)
